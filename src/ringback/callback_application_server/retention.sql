-- name: businesses
-- Across businesses: all of them.
SELECT id FROM business;

-- name: chat_days
-- How many days the text of a chat is kept.
SELECT coalesce((policy ->> 'chat_days')::int, :standard::int) FROM business WHERE id = :business;

-- name: ledger_days
-- How many days consents are kept.
SELECT coalesce((policy ->> 'ledger_days')::int, :standard::int) FROM business WHERE id = :business;

-- name: old_chats
-- Chats in which nothing happened for long and nothing is open, held; whoever works on one already keeps it.
SELECT id FROM chat
WHERE business = :business AND purged_at IS NULL AND last_at < :before AND callback IS NULL
ORDER BY last_at LIMIT :most FOR UPDATE SKIP LOCKED;

-- name: chats_of_person
-- Every chat of a person, held.
SELECT id FROM chat WHERE business = :business AND person = :person ORDER BY id FOR UPDATE;

-- name: empty_messages
-- Take the text of these chats away; that something was said, by whom and when, stays.
UPDATE chat_message SET text = '', author_name = NULL, key = NULL, prompt = NULL, purged_at = :now
WHERE business = :business AND chat = ANY (:chats) AND purged_at IS NULL;

-- name: delete_prompts
-- Prompts repeat what the customer wrote.
DELETE FROM prompt WHERE business = :business AND chat = ANY (:chats);

-- name: empty_chats
-- Nothing of these chats can be read or opened any more.
UPDATE chat SET topic = NULL, page_url = NULL, draft = '{}', card = NULL, purged_at = :now, token_hash = sha256(uuid_send(gen_random_uuid()))
WHERE business = :business AND id = ANY (:chats);

-- name: finished_persons
-- Persons of whom nothing is open, nothing is recent, and nothing must be remembered (STOP is), held.
SELECT p.id FROM person p
WHERE p.business = :business AND p.erased_at IS NULL AND p.stopped_at IS NULL AND p.created_at < :before
  AND NOT EXISTS (SELECT FROM chat h WHERE h.business = p.business AND h.person = p.id AND h.last_at >= :before)
  AND NOT EXISTS (
      SELECT FROM callback_request r
      WHERE r.business = p.business AND r.person = p.id
        AND (r.state IN ('sent', 'accepted') OR coalesce(r.finished_at, r.answered_at, r.made_at) >= :before))
ORDER BY p.created_at LIMIT :most FOR UPDATE OF p SKIP LOCKED;

-- name: lock_person
-- A person, held.
SELECT id, erased_at FROM person WHERE business = :business AND id = :person FOR UPDATE;

-- name: has_open_request
-- Whether something was asked for that is not over.
SELECT EXISTS (
    SELECT FROM callback_request WHERE business = :business AND person = :person AND state IN ('sent', 'accepted'));

-- name: erase_person
-- The row stays, because consents and promises point at it; who it was does not.
UPDATE person SET name = NULL, identity = NULL, number = NULL, erased_at = :now WHERE business = :business AND id = :person;

-- name: erase_requests
-- What was asked for keeps its provider and its times, and loses name and topic.
UPDATE callback_request SET request = request || '{"person_name": null, "topic": null}'::jsonb
WHERE business = :business AND person = :person
RETURNING id;

-- name: kept_consents
-- Evidence that must stay, and until when the latest of it does.
SELECT count(*) AS count, max(at) AS latest FROM consent WHERE business = :business AND person = :person;

-- name: delete_consents
-- Consents nobody can ask us for any more.
DELETE FROM consent WHERE business = :business AND at < :before;

-- name: delete_signals
-- What two pages said to each other to find a way.
DELETE FROM page_signal WHERE business = :business AND at < :before;

-- name: delete_signal_heads
-- Counters of legs that have no signals any more.
DELETE FROM page_signal_head h
WHERE h.business = :business AND NOT EXISTS (SELECT FROM page_signal s WHERE s.business = h.business AND s.leg = h.leg)
  AND EXISTS (SELECT FROM browser_leg b WHERE b.business = h.business AND b.id = h.leg AND b.ended_at < :before);

-- name: delete_inputs
-- What pages said about legs, once it was applied or can not be any more.
DELETE FROM page_input WHERE business = :business AND at < :before;

-- name: delete_presence
-- Pages that went without saying so.
DELETE FROM presence WHERE business = :business AND seen_at < :before;

-- name: delete_answers
-- Replies to commands nobody waits for.
DELETE FROM command_answer WHERE business = :business AND answered_at < :before;
