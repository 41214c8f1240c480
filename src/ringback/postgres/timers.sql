-- name: set_timer
-- Set a timer, or move the one there is: whoever leased it finds another epoch.
INSERT INTO due AS d (business, server, kind, subject, n, due_at)
VALUES (:business, :server, :kind, :subject, :n, :at)
ON CONFLICT (business, subject, kind, n)
    DO UPDATE SET due_at = excluded.due_at, epoch = d.epoch + 1, lease_by = NULL, lease_until = NULL, failures = 0, error = NULL;

-- name: set_sooner
-- Set a timer, or move the one there is, if that is later.
INSERT INTO due AS d (business, server, kind, subject, n, due_at)
VALUES (:business, :server, :kind, :subject, :n, :at)
ON CONFLICT (business, subject, kind, n)
    DO UPDATE SET due_at = excluded.due_at, epoch = d.epoch + 1, lease_by = NULL, lease_until = NULL, failures = 0, error = NULL
    WHERE excluded.due_at < d.due_at;

-- name: cancel_timer
-- Remove one timer.
DELETE FROM due WHERE business = :business AND subject = :subject AND kind = :kind AND n = :n;

-- name: cancel_timers
-- Remove every timer of a kind that a subject has.
DELETE FROM due WHERE business = :business AND subject = :subject AND kind = :kind;

-- name: lease_due
-- Across businesses: lease what falls due within the horizon, earliest first. The lower bound keeps dead index entries out of the way.
WITH c AS MATERIALIZED (
    SELECT business, subject, kind, n
    FROM due
    WHERE server = :server
      AND due_at >= :watermark
      AND due_at <= clock_timestamp() + make_interval(secs => :horizon)
      AND (lease_until IS NULL OR lease_until < clock_timestamp())
    ORDER BY due_at
    LIMIT :most
    FOR UPDATE SKIP LOCKED
)
UPDATE due d
SET lease_by = :process, lease_until = clock_timestamp() + make_interval(secs => :lease), epoch = d.epoch + 1
FROM c
WHERE d.business = c.business AND d.subject = c.subject AND d.kind = c.kind AND d.n = c.n
RETURNING d.business, d.server, d.kind, d.subject, d.n, d.due_at, d.epoch, extract(epoch FROM d.due_at - clock_timestamp())::float8 AS due_in;

-- name: oldest_due
-- Across businesses: before this no timer of a server is due, nor will be that a transaction now under way sets for its own moment.
SELECT least(min(due_at), clock_timestamp() - interval '10 seconds') FROM due WHERE server = :server;

-- name: finish_timer
-- Remove a fired timer, if it is still the one that was leased.
DELETE FROM due WHERE business = :business AND subject = :subject AND kind = :kind AND n = :n AND epoch = :epoch AND lease_by = :process;

-- name: timer_is_mine
-- Tell whether a leased timer is still the one it was, or was set anew by its own handler.
SELECT epoch, lease_by FROM due WHERE business = :business AND subject = :subject AND kind = :kind AND n = :n;

-- name: put_timer_off
-- A handler failed: try again later, longer each time.
UPDATE due
SET due_at = clock_timestamp() + make_interval(secs => least(60, 0.5 * power(2, least(failures, 10)))), failures = failures + 1, error = :error,
    lease_by = NULL, lease_until = NULL, epoch = epoch + 1
WHERE business = :business AND subject = :subject AND kind = :kind AND n = :n AND epoch = :epoch AND lease_by = :process;
