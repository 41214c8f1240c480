-- name: durability
-- What a promise rests on: all three must be on.
SELECT current_setting('fsync') AS fsync, current_setting('synchronous_commit') AS synchronous_commit,
       current_setting('full_page_writes') AS full_page_writes, current_setting('server_version') AS version,
       current_setting('server_version_num')::int AS version_number;

-- name: replicas
-- Standbys, and whether commits wait for one.
SELECT count(*) AS standbys, coalesce(bool_or(sync_state IN ('sync', 'quorum')), false) AS synchronous FROM pg_stat_replication;

-- name: parked
-- Aggregates whose message failed five times.
SELECT recipient, aggregate, failures FROM message_cursor WHERE parked_at IS NOT NULL LIMIT 20;

-- name: waiting_messages
-- Messages nobody applied, and how old the oldest is.
SELECT recipient, count(*) AS waiting, extract(epoch FROM clock_timestamp() - min(sent_at))::float8 AS oldest
FROM message GROUP BY recipient;

-- name: overdue_timers
-- Timers that should have fired.
SELECT server, count(*) AS overdue, extract(epoch FROM clock_timestamp() - min(due_at))::float8 AS oldest
FROM due WHERE due_at < clock_timestamp() - interval '15 seconds' GROUP BY server;
