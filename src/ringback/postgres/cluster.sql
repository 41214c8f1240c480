-- name: clock
-- The database's clock.
SELECT clock_timestamp();

-- name: identity_of_cluster
-- Which cluster this is: another one means a fail-over or a restore.
SELECT s.system_identifier::text AS system_identifier, c.timeline_id
FROM pg_control_system() s, pg_control_checkpoint() c;

-- name: permit
-- Whether dialling is allowed, and on which cluster it last was.
SELECT allowed, reason, system_identifier, timeline_id FROM dialling_permit;

-- name: remember_cluster
-- Note the cluster the first time it is seen.
UPDATE dialling_permit SET system_identifier = :system_identifier, timeline_id = :timeline_id, changed_at = clock_timestamp()
WHERE system_identifier IS NULL;

-- name: stop_dialling
-- The cluster is another one: nothing is dialled until an operator has looked.
UPDATE dialling_permit SET allowed = false, reason = :reason, changed_at = clock_timestamp() WHERE allowed;

-- name: resume_dialling
-- An operator has looked.
UPDATE dialling_permit
SET allowed = true, reason = NULL, system_identifier = :system_identifier, timeline_id = :timeline_id, changed_at = clock_timestamp();

-- name: register_process
-- Say that this process is alive; after five seconds without a word (a stall, a lost database) it is steady from now on only.
INSERT INTO process AS p (id, server, host, pid, started_at, seen_at)
VALUES (:id, :server, :host, :pid, clock_timestamp(), clock_timestamp())
ON CONFLICT (id) DO UPDATE
SET seen_at = clock_timestamp(),
    steady_since = CASE WHEN p.seen_at > clock_timestamp() - interval '5 seconds' THEN p.steady_since ELSE clock_timestamp() END;

-- name: forget_process
-- This process stops in good order.
DELETE FROM process WHERE id = :id;

-- name: forget_dead_processes
-- Those not seen for an hour are gone.
DELETE FROM process WHERE seen_at < clock_timestamp() - interval '1 hour';

-- name: processes
-- Who is alive.
SELECT id, server, host, pid, started_at, seen_at, extract(epoch FROM clock_timestamp() - seen_at)::float8 AS silent_for
FROM process ORDER BY server, started_at;
