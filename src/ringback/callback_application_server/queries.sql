-- name: find_channel
-- A channel by the key a page shows, before its business is known.
SELECT business, id FROM find_channel(:key);

-- name: find_chat
-- A chat by the hash of its token, before its business is known.
SELECT business, id FROM find_chat(:token_hash);

-- name: load_channel
-- A channel with its business.
SELECT c.id, c.name, c.public_key, c.allowed_origins, c.identity_secret, c.settings,
       b.slug AS business_slug, b.name AS business_name, b.zone AS business_zone, b.language
FROM channel c JOIN business b ON b.id = c.business
WHERE c.business = :business AND c.id = :id AND c.retired_at IS NULL;

-- name: channels
-- The channels of a business.
SELECT id, kind, name, public_key, allowed_origins, identity_secret, settings, credentials, options, retired_at FROM channel WHERE business = :business ORDER BY name;

-- name: channel_owner
-- Whose a widget's key is, in the whole installation.
SELECT find_channel_owner(:key);

-- name: save_channel
-- Make or change a channel by its public key; secrets that are not said stay.
INSERT INTO channel (business, id, kind, name, public_key, allowed_origins, identity_secret, settings, credentials, options)
VALUES (:business, :id, :kind, :name, :public_key, :allowed_origins, :identity_secret, :settings, :credentials, :options)
ON CONFLICT (public_key) DO UPDATE SET name = excluded.name, allowed_origins = excluded.allowed_origins, settings = excluded.settings,
    credentials = channel.credentials || excluded.credentials, options = excluded.options,
    identity_secret = coalesce(excluded.identity_secret, channel.identity_secret), retired_at = NULL;

-- name: person_by_identity
-- The person a signed identity names.
SELECT id FROM person WHERE business = :business AND identity = :identity;

-- name: insert_person
-- A new person; the one there is when the identity is known.
INSERT INTO person (business, id, name, identity, created_at) VALUES (:business, :id, :name, :identity, :now)
ON CONFLICT (business, identity) WHERE identity IS NOT NULL DO UPDATE SET name = coalesce(excluded.name, person.name)
RETURNING id;

-- name: name_person
-- What the customer is called.
UPDATE person SET name = :name WHERE business = :business AND id = :id;

-- name: stop_person
-- STOP: no contact any more.
UPDATE person SET stopped_at = :now WHERE business = :business AND id = :id AND stopped_at IS NULL;

-- name: insert_chat
-- A new chat.
INSERT INTO chat (business, id, channel, person, token_hash, zone, language, page_url, priority, created_at, last_at)
VALUES (:business, :id, :channel, :person, :token_hash, :zone, :language, :page_url, :priority, :now, :now);

-- name: load_chat
-- A chat with its person, channel and business.
SELECT h.id, h.channel, h.person, h.zone, h.language, h.last_seq, h.topic, h.draft, h.callback, h.card, h.priority, h.bot, h.bot_failures, h.emergency_at,
       p.name AS person_name, p.stopped_at, c.settings, c.allowed_origins, c.retired_at IS NOT NULL AS channel_retired,
       b.slug AS business_slug, b.name AS business_name, b.zone AS business_zone, c.kind AS channel_kind, v.number, v.number_proved
FROM chat h
JOIN person p ON p.business = h.business AND p.id = h.person
JOIN channel c ON c.business = h.business AND c.id = h.channel
JOIN business b ON b.id = h.business
LEFT JOIN channel_conversation v ON v.business = h.business AND v.chat = h.id
WHERE h.business = :business AND h.id = :id;

-- name: lock_chat
-- Hold the chat until the transaction ends: its messages are numbered under this lock.
SELECT last_seq FROM chat WHERE business = :business AND id = :id FOR UPDATE;

-- name: chat_of_callback
-- The chat a callback came from.
SELECT chat FROM callback_request WHERE business = :business AND id = :callback;

-- name: save_chat
-- What the conversation stands at.
UPDATE chat SET topic = :topic, draft = :draft, callback = :callback, card = :card, last_at = :now WHERE business = :business AND id = :id;

-- name: share_card
-- The same callback shown in the person's other chats.
UPDATE chat SET card = :card, callback = :callback WHERE business = :business AND callback = :about AND id <> :chat RETURNING id;

-- name: card_of_person
-- How a chat of the same person shows a callback.
SELECT h.card FROM chat h WHERE h.business = :business AND h.callback = :callback AND h.person = :person AND h.card IS NOT NULL LIMIT 1;

-- name: add_message
-- The next message of a chat whose row is held.
WITH numbered AS (
    UPDATE chat SET last_seq = last_seq + 1, last_at = :now WHERE business = :business AND id = :chat RETURNING last_seq
)
INSERT INTO chat_message (business, chat, seq, author, author_name, text, status, prompt, key, expires_at, at)
SELECT :business, :chat, last_seq, :author, :author_name, :text, :status, :prompt, :key, :expires_at, :now FROM numbered
RETURNING seq;

-- name: message_by_key
-- A message the customer sent before with this key.
SELECT seq, author, author_name, text, status, prompt, key, at FROM chat_message WHERE business = :business AND chat = :chat AND key = :key;

-- name: messages_after
-- The newest messages after one, oldest first; at-most-once ones are left out when their time is over.
SELECT * FROM (
    SELECT m.seq, m.author, m.author_name, m.text, m.status, m.key, m.at, m.prompt, p.content, p.expires_at, p.answered, p.superseded
    FROM chat_message m
    LEFT JOIN prompt p ON p.business = m.business AND p.id = m.prompt
    WHERE m.business = :business AND m.chat = :chat AND m.seq > :after AND (m.expires_at IS NULL OR m.expires_at > :now)
    ORDER BY m.seq DESC
    LIMIT 200
) newest ORDER BY seq;

-- name: messages_with_prompts
-- The latest messages that carry a prompt, with its state: pages are sent those that changed.
SELECT m.seq, m.author, m.author_name, m.text, m.status, m.key, m.at, m.prompt, p.content, p.expires_at, p.answered, p.superseded
FROM chat_message m
JOIN prompt p ON p.business = m.business AND p.id = m.prompt
WHERE m.business = :business AND m.chat = :chat AND m.seq <= :upto
ORDER BY m.seq DESC LIMIT 12;

-- name: replace_prompt_of_message
-- The same message with another prompt under it: that day's times.
UPDATE chat_message SET prompt = :prompt, text = :text WHERE business = :business AND chat = :chat AND seq = :seq;

-- name: supersede_prompt
-- A prompt that another has replaced under the same message.
UPDATE prompt SET superseded = true, answered_option = :option
WHERE business = :business AND id = :id AND answered_at IS NULL AND NOT superseded RETURNING id;

-- name: claim_reply
-- Whoever answers a message of the customer's takes its reminder away; only one does, and none while an earlier one waits.
DELETE FROM due WHERE business = :business AND subject = :chat AND kind = 'reply' AND n = :n
  AND NOT EXISTS (SELECT FROM due d WHERE d.business = :business AND d.subject = :chat AND d.kind = 'reply' AND d.n < :n) RETURNING n;

-- name: request_provider
-- Whom the open callback was asked from.
SELECT provider FROM callback_request WHERE business = :business AND id = :id;

-- name: load_request
-- What was asked for.
SELECT request FROM callback_request WHERE business = :business AND id = :id;

-- name: next_of_chat
-- The newest callback asked for in a chat that is neither refused nor over.
SELECT id, state, public FROM callback_request
WHERE business = :business AND chat = :chat AND state IN ('sent', 'accepted') ORDER BY made_at DESC LIMIT 1;

-- name: insert_prompt
-- A prompt under a message.
INSERT INTO prompt (business, id, chat, seq, kind, content, made_at, expires_at)
VALUES (:business, :id, :chat, :seq, :kind, :content, :now, :expires_at);

-- name: supersede_prompts
-- One prompt is live at a time.
UPDATE prompt SET superseded = true WHERE business = :business AND chat = :chat AND answered_at IS NULL AND NOT superseded;

-- name: load_prompt
-- A prompt of this chat.
SELECT id, seq, kind, content, expires_at, answered_at, answered, answered_option, superseded
FROM prompt WHERE business = :business AND chat = :chat AND id = :id;

-- name: live_prompt
-- The prompt that is live, if any.
SELECT id, seq, kind, content, expires_at, answered_at, answered, answered_option, superseded
FROM prompt WHERE business = :business AND chat = :chat AND answered_at IS NULL AND NOT superseded AND expires_at > :now
ORDER BY seq DESC LIMIT 1;

-- name: last_asked
-- The newest prompt of a chat, whether it waits for its answer, and when anything happened last.
SELECT p.kind, p.answered_at IS NULL AND NOT p.superseded AS is_open, c.offered_again_at, greatest(p.made_at, said.at) AS active_at
FROM chat c
JOIN LATERAL (SELECT kind, answered_at, superseded, made_at FROM prompt
              WHERE business = c.business AND chat = c.id ORDER BY seq DESC, made_at DESC LIMIT 1) p ON true
LEFT JOIN LATERAL (SELECT max(at) AS at FROM chat_message WHERE business = c.business AND chat = c.id AND author = 'customer') said ON true
WHERE c.business = :business AND c.id = :chat;

-- name: mark_offered_again
-- Who fell silent is offered a call once.
UPDATE chat SET offered_again_at = :now WHERE business = :business AND id = :chat;

-- name: answer_prompt
-- Answer a prompt, once.
UPDATE prompt SET answered_at = :now, answered = :answered, answered_option = :option
WHERE business = :business AND id = :id AND answered_at IS NULL AND NOT superseded
RETURNING id;

-- name: insert_consent
-- The words shown, the answer, the time.
INSERT INTO consent (business, id, person, chat, channel, words, answer, number, at)
VALUES (:business, :id, :person, :chat, :channel, :words, true, :number, :now);

-- name: insert_request
-- What is asked of the interaction manager.
INSERT INTO callback_request (business, id, chat, person, principal, provider, request, state, made_at)
VALUES (:business, :id, :chat, :person, :principal, :provider, :request, 'sent', :now);

-- name: answer_request
-- The interaction manager accepted or refused.
UPDATE callback_request SET state = :state, problem = :problem, public = :public, answered_at = :now
WHERE business = :business AND id = :id AND state = 'sent';

-- name: publish_request
-- What was last told about it.
UPDATE callback_request SET public = public || :public WHERE business = :business AND id = :id;

-- name: finish_request
-- It is over.
UPDATE callback_request SET state = 'finished', public = public || :public, finished_at = :now WHERE business = :business AND id = :id;

-- name: keep_rating
-- What the customer said of their call.
UPDATE callback_request SET rating = :rating WHERE business = :business AND id = :callback;

-- name: message_at
-- One message of a chat.
SELECT seq, text FROM chat_message WHERE business = :business AND chat = :chat AND seq = :seq;

-- name: last_agent
-- Whom a person spoke to last.
SELECT public->>'agent' FROM callback_request
WHERE business = :business AND person = :person AND state = 'finished' AND public->>'state' = 'done' AND public->>'agent' IS NOT NULL
ORDER BY finished_at DESC LIMIT 1;
