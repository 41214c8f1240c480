-- name: load_account
-- An account with what its kind needs.
SELECT c.id, c.kind, c.public_key, c.credentials, c.options, c.settings, b.zone, b.language, b.name AS business_name
FROM channel c JOIN business b ON b.id = c.business
WHERE c.business = :business AND c.id = :id AND c.retired_at IS NULL;

-- name: insert_event
-- Take an event in, once in its account.
INSERT INTO channel_event (business, channel, event, kind, chat, token, at)
VALUES (:business, :channel, :event, :kind, :chat, :token, :now)
ON CONFLICT (business, channel, event) DO NOTHING RETURNING event;

-- name: note_message
-- Which message it became.
UPDATE channel_event SET seq = :seq WHERE business = :business AND channel = :channel AND event = :event;

-- name: hold_conversation
-- One at a time makes the chat of a conversation.
SELECT pg_advisory_xact_lock(hashtextextended((:channel::uuid)::text || :address, 0));

-- name: find_conversation
-- The chat of a conversation.
SELECT chat, number, number_proved FROM channel_conversation WHERE business = :business AND channel = :channel AND address = :address;

-- name: insert_conversation
-- A new one.
INSERT INTO channel_conversation (business, chat, channel, address, number, number_proved)
VALUES (:business, :chat, :channel, :address, :number, :proved);

-- name: set_number
-- Where this customer wants to be called.
UPDATE channel_conversation SET number = :number, number_proved = :proved WHERE business = :business AND chat = :chat;

-- name: insert_person_of_number
-- The person a proved number names; the one there is when it is known.
INSERT INTO person (business, id, name, number, created_at) VALUES (:business, :id, :name, :number, :now)
ON CONFLICT (business, number) WHERE number IS NOT NULL DO UPDATE SET name = coalesce(excluded.name, person.name)
RETURNING id;

-- name: arrival
-- How a message came in.
SELECT kind, token FROM channel_event WHERE business = :business AND chat = :chat AND seq = :seq;

-- name: stop_conversation
-- After this message nothing more is sent.
UPDATE channel_conversation SET stop_seq = :seq WHERE business = :business AND chat = :chat AND stop_seq IS NULL;

-- name: resume_conversation
-- They asked for us again: what was held back meanwhile is not sent.
UPDATE channel_conversation SET stop_seq = NULL, delivered_seq = greatest(delivered_seq, :seq) WHERE business = :business AND chat = :chat;

-- name: resume_person
-- Contact is wanted again.
UPDATE person SET stopped_at = NULL WHERE business = :business AND id = :id;

-- name: conversation_to_send
-- How far a conversation has been delivered. Its chat's row is held.
SELECT channel, address, delivered_seq, stop_seq, tries, retry_at, sender, sending_until
FROM channel_conversation WHERE business = :business AND chat = :chat FOR UPDATE;

-- name: claim_conversation
-- One process hands over at a time.
UPDATE channel_conversation SET sender = :sender, sending_until = :until WHERE business = :business AND chat = :chat;

-- name: release_conversation
-- Nothing more to hand over now.
UPDATE channel_conversation SET sender = NULL, sending_until = NULL WHERE business = :business AND chat = :chat;

-- name: next_to_send
-- The next message for the customer, with its prompt if that can still be answered.
SELECT m.seq, m.text, m.status, m.expires_at, p.id AS prompt, p.content
FROM chat_message m
LEFT JOIN prompt p ON p.business = m.business AND p.id = m.prompt AND p.answered_at IS NULL AND NOT p.superseded AND p.expires_at > :now
WHERE m.business = :business AND m.chat = :chat AND m.seq > :after AND m.author <> 'customer' AND m.purged_at IS NULL
  AND (:stop::bigint IS NULL OR m.seq <= :stop)
ORDER BY m.seq LIMIT 1;

-- name: note_delivered
-- Everything up to here is settled.
UPDATE channel_conversation SET delivered_seq = :seq, tries = 0, retry_at = NULL WHERE business = :business AND chat = :chat AND delivered_seq < :seq;

-- name: note_try
-- It was not taken: not before then again.
UPDATE channel_conversation SET tries = tries + 1, retry_at = :at, sender = NULL, sending_until = NULL WHERE business = :business AND chat = :chat;

-- name: save_delivery
-- What became of a message.
INSERT INTO channel_delivery (business, chat, seq, state, reference, error, at)
VALUES (:business, :chat, :seq, :state, :reference, :error, :now)
ON CONFLICT (business, chat, seq) DO UPDATE SET state = excluded.state, reference = coalesce(excluded.reference, channel_delivery.reference),
    error = excluded.error, at = excluded.at;

-- name: note_receipt
-- What the provider says became of it; states only move forward.
UPDATE channel_delivery d SET state = :state, error = :error, at = :now
FROM channel_conversation v
WHERE v.business = d.business AND v.chat = d.chat AND v.channel = :channel AND d.business = :business AND d.reference = :reference
  AND array_position(ARRAY['handed_over', 'sent', 'delivered', 'read'], d.state)
      < coalesce(array_position(ARRAY['handed_over', 'sent', 'delivered', 'read'], :state), 9);

-- name: deliveries
-- What became of the messages of a chat.
SELECT seq, state, reference, error FROM channel_delivery WHERE business = :business AND chat = :chat ORDER BY seq;

-- name: forget_conversations
-- Who wrote from where, and the providers' names of messages.
DELETE FROM channel_conversation WHERE business = :business AND chat = ANY (:chats);
