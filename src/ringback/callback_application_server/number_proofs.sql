-- name: note_address
-- From where a chat was opened.
INSERT INTO chat_address (business, chat, address, at) VALUES (:business, :chat, target_of(:address), :now);

-- name: is_proved
-- Whether this person has shown that the number is theirs.
SELECT EXISTS (SELECT FROM number_proof WHERE business = :business AND person = :person AND number = :number);

-- name: prove
-- The number is theirs.
INSERT INTO number_proof (business, person, number, at) VALUES (:business, :person, :number, :now)
ON CONFLICT (business, person, number) DO UPDATE SET at = excluded.at;

-- name: prove_conversation
-- The number that a conversation is called on is theirs.
UPDATE channel_conversation SET number_proved = true WHERE business = :business AND chat = :chat AND number = :number;

-- name: hold_codes
-- One code of a business is judged at a time, until the commit.
SELECT pg_advisory_xact_lock(hashtextextended('codes:' || (:business::uuid)::text, 5));

-- name: count_codes
-- How many codes went out: to this number, for this chat, from its address, and of the business.
SELECT (SELECT count(*) FROM number_code WHERE business = :business AND number = :number
            AND made_at > :now::timestamptz - interval '10 minutes')::int AS number_soon,
       (SELECT count(*) FROM number_code WHERE business = :business AND number = :number
            AND made_at > :now::timestamptz - interval '1 day')::int AS number_day,
       (SELECT count(*) FROM number_code WHERE business = :business AND chat = :chat
            AND made_at > :now::timestamptz - interval '1 day')::int AS chat_day,
       (SELECT count(*) FROM number_code n JOIN chat_address a ON a.business = n.business AND a.address = n.address
            WHERE n.business = :business AND a.chat = :chat AND n.made_at > :now::timestamptz - interval '1 hour')::int AS address_hour,
       (SELECT count(*) FROM number_code WHERE business = :business
            AND made_at > :now::timestamptz - interval '1 hour')::int AS business_hour;

-- name: insert_code
-- A code to send.
INSERT INTO number_code (business, id, chat, callback, number, address, made_at, expires_at)
VALUES (:business, :id, :chat, :callback, :number,
        (SELECT address FROM chat_address WHERE business = :business AND chat = :chat), :now, :expires_at);

-- name: latest_code
-- The newest code of a chat: older ones count no more.
SELECT id, callback, number, key, state, tries, expires_at FROM number_code
WHERE business = :business AND chat = :chat ORDER BY made_at DESC, id DESC LIMIT 1 FOR UPDATE;

-- name: give_key
-- The key that a code follows from: the one it was given first.
UPDATE number_code SET key = coalesce(key, :key) WHERE business = :business AND id = :id RETURNING key;

-- name: code_to_send
-- A code, and whose chat it is for.
SELECT n.id, n.chat, n.number, n.state, n.expires_at, h.language
FROM number_code n JOIN chat h ON h.business = n.business AND h.id = n.chat
WHERE n.business = :business AND n.id = :id;

-- name: note_code
-- What became of a code that was being sent.
UPDATE number_code SET state = :state WHERE business = :business AND id = :id AND state = 'sending' RETURNING id;

-- name: note_wrong_try
-- Another code than this was written.
UPDATE number_code SET tries = tries + 1 WHERE business = :business AND id = :id;

-- name: note_right_try
-- It was written, and is worth nothing from now on.
UPDATE number_code SET state = 'proved' WHERE business = :business AND id = :id;

-- name: mask_message
-- What a customer wrote as a code is not kept.
UPDATE chat_message SET text = :text WHERE business = :business AND chat = :chat AND seq = :seq;

-- name: message_account
-- The account that short messages are sent from.
SELECT id FROM channel WHERE business = :business AND kind = :kind AND retired_at IS NULL ORDER BY name LIMIT 1;

-- name: forget_codes
-- No limit looks so far back.
DELETE FROM number_code WHERE business = :business AND made_at < :before;

-- name: forget_addresses
-- Nor here, once no code can be asked for from the chat's page as it was opened.
DELETE FROM chat_address WHERE business = :business AND at < :before;

-- name: forget_proofs
-- Numbers change hands.
DELETE FROM number_proof WHERE business = :business AND at < :before;

-- name: forget_proofs_of_person
-- Erased with the person.
DELETE FROM number_proof WHERE business = :business AND person = :person;

-- name: forget_codes_of_chats
-- Erased with what was said in these chats.
DELETE FROM number_code WHERE business = :business AND chat = ANY (:chats);
