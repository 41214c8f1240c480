-- name: known_callbacks
-- Which of these callbacks are there.
SELECT id FROM callback WHERE business = :business AND id = ANY (:callbacks::uuid[]);

-- name: lock_callback
-- One callback, held until the transaction ends.
SELECT * FROM callback WHERE business = :business AND id = :callback FOR NO KEY UPDATE;

-- name: read_callback
-- One callback as it stands.
SELECT * FROM callback WHERE business = :business AND id = :callback;

-- name: lock_callbacks
-- Several callbacks, held in the order of their ids.
SELECT * FROM callback WHERE business = :business AND id = ANY (:callbacks::uuid[]) ORDER BY id FOR NO KEY UPDATE;

-- name: save_callback
-- Everything about a callback that can change after it was accepted.
UPDATE callback
SET queue = :queue, named_agent = :named_agent, state = :state, reason = :reason, priority = :priority, ready_at = :ready_at,
    window_start = :window_start, window_end = :window_end, early_is_fine = :early_is_fine,
    estimate_p10 = :estimate_p10, estimate_p50 = :estimate_p50, estimate_p90 = :estimate_p90,
    slot_start = :slot_start, named_time = :named_time, due_version = :due_version, customer_attempts = :customer_attempts, attempts = :attempts,
    attempt = :attempt, declined_by = :declined_by::uuid[], notices = :notices, pending = :pending, outcome = :outcome,
    finished_at = :finished_at
WHERE business = :business AND id = :callback;

-- name: change_places
-- Add what taking others out of turn did to the places of these.
UPDATE callback c
SET places_gained = c.places_gained + p.gained, places_lost = c.places_lost + p.lost
FROM unnest(:callbacks::uuid[], :gained::int[], :lost::int[]) AS p (id, gained, lost)
WHERE c.business = :business AND c.id = p.id;

-- name: say_why
-- The one line that says why a waiting callback waits; unchanged ones are left alone.
UPDATE callback c SET reason = w.reason
FROM unnest(:callbacks::uuid[], :reasons::text[]) AS w (id, reason)
WHERE c.business = :business AND c.id = w.id AND c.reason IS DISTINCT FROM w.reason;

-- name: keep_disposition
-- The agent's last word, and their note.
UPDATE callback SET disposition = :disposition, note = :note WHERE business = :business AND id = :callback;

-- name: count_outcome
-- How many attempts of a callback ended so; each left a decision.
SELECT count(*) FROM decision
WHERE business = :business AND callback = :callback AND kind = 'attempt_ended' AND detail ->> 'outcome' = :outcome;

-- name: lock_slot
-- One slot, held until the transaction ends.
SELECT 1 FROM slot WHERE business = :business AND queue = :queue AND starts_at = :starts_at FOR NO KEY UPDATE;

-- name: give_slot_back
-- A place in a slot is free again. Locked before the callback (queue, slots, callback).
UPDATE slot SET booked = booked - 1
WHERE business = :business AND queue = :queue AND starts_at = :starts_at AND booked > 0;

-- name: forget_customers
-- Who was called about what, taken from callbacks that are over.
UPDATE callback SET person_name = NULL, topic = NULL, note = NULL, address = CASE WHEN destination = 'phone' THEN '' ELSE address END
WHERE business = :business AND id = ANY (:callbacks) AND finished_at IS NOT NULL;

-- name: page_is_there
-- Whether a page of the chat that a callback came from was seen since, and did not close.
SELECT EXISTS (SELECT FROM presence WHERE business = :business AND subject = :chat AND seen_at > :since AND left_at IS NULL);
