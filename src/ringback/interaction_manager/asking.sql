-- name: lock_person
-- One booking at a time for a person and for a number, first of all locks: rules across queues hold.
SELECT pg_advisory_xact_lock(hashtextextended(key, 1)) FROM unnest(:keys::text[]) AS key;

-- name: open_callbacks
-- What some people have open already.
SELECT person, id, queue, window_start, window_end FROM callback
WHERE business = :business AND person = ANY (:persons::uuid[]) AND state NOT IN ('done', 'cancelled', 'closed');

-- name: open_of_numbers
-- What whoever has these numbers has open already.
SELECT address AS number, id, queue, window_start, window_end FROM callback
WHERE business = :business AND address = ANY (:numbers::text[]) AND destination = 'phone' AND state NOT IN ('done', 'cancelled', 'closed');

-- name: blocked
-- Whom of these people an agent's last word was not to call again.
SELECT DISTINCT c.person FROM decision d JOIN callback c ON c.business = d.business AND c.id = d.callback
WHERE c.business = :business AND c.person = ANY (:persons::uuid[]) AND d.kind = 'disposition' AND d.detail ->> 'block' = 'true';
