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

-- name: businesses
-- Every business, to look at what is theirs.
SELECT id FROM business;

-- name: outside_sources
-- Contact centres outside, and for how long they have been silent; after how long that is stale is the business's policy.
SELECT b.slug AS business, s.slug, s.snapshot_at IS NULL AS never, s.gap_at IS NOT NULL AS gap,
       extract(epoch FROM clock_timestamp() - s.heard_at)::float8 AS silent_for,
       coalesce((b.policy ->> 'outside_stale_after')::float8, 30) AS stale_after
FROM outside_source s JOIN business b ON b.id = s.business ORDER BY b.slug, s.slug;

-- name: webhooks
-- Targets of webhooks, since when they fail, and what the last failure was.
SELECT b.slug AS business, w.url, w.failing_since, w.disabled_at IS NOT NULL AS disabled,
       (SELECT d.last_error FROM webhook_delivery d WHERE d.business = w.business AND d.endpoint = w.id AND d.last_error IS NOT NULL
        ORDER BY d.made_at DESC LIMIT 1) AS last_error
FROM webhook_endpoint w JOIN business b ON b.id = w.business WHERE w.disabled_at IS NULL OR w.failing_since IS NOT NULL ORDER BY b.slug, w.url;
