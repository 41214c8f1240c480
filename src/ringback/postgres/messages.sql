-- name: send_messages
-- Leave messages: each aggregate's take its next numbers, in the order given, under its head's lock. The first one makes the cursor.
WITH given AS (
    SELECT *, row_number() OVER (PARTITION BY business, recipient, aggregate ORDER BY nth) AS k,
           count(*) OVER (PARTITION BY business, recipient, aggregate) AS of
    FROM unnest(:business::uuid[], :recipient::text[], :aggregate::uuid[], :kind::text[], :version::int[], :payload::text[])
         WITH ORDINALITY AS g (business, recipient, aggregate, kind, version, payload, nth)
),
head AS (
    INSERT INTO message_head AS h (business, recipient, aggregate, last_seq)
    SELECT business, recipient, aggregate, of FROM given WHERE k = 1 ORDER BY business, recipient, aggregate
    ON CONFLICT (business, recipient, aggregate) DO UPDATE SET last_seq = h.last_seq + excluded.last_seq
    RETURNING business, recipient, aggregate, last_seq
),
cursor AS (
    INSERT INTO message_cursor (business, recipient, aggregate)
    SELECT business, recipient, aggregate FROM given JOIN head USING (business, recipient, aggregate)
    WHERE k = 1 AND last_seq = of ORDER BY business, recipient, aggregate
    ON CONFLICT DO NOTHING
)
INSERT INTO message (business, recipient, aggregate, seq, kind, version, payload)
SELECT business, recipient, aggregate, last_seq - of + k, kind, version, payload::jsonb
FROM given JOIN head USING (business, recipient, aggregate) ORDER BY nth;

-- name: pending_aggregates
-- Across businesses: aggregates with a message to apply, oldest first; those that wait for another try or are parked are left out.
SELECT m.business, m.aggregate
FROM message m
LEFT JOIN message_cursor c USING (business, recipient, aggregate)
WHERE m.recipient = :recipient
  AND m.seq = coalesce(c.applied_seq, 0) + 1
  AND c.parked_at IS NULL
  AND (c.next_try_at IS NULL OR c.next_try_at <= clock_timestamp())
ORDER BY m.sent_at
LIMIT :most;

-- name: make_cursor
-- A cursor for an aggregate whose first message made none: it was left by a version before.
INSERT INTO message_cursor (business, recipient, aggregate) VALUES (:business, :recipient, :aggregate) ON CONFLICT DO NOTHING;

-- name: lock_cursor
-- Claim the aggregate for this transaction; nothing when another process works on it.
SELECT applied_seq, failures FROM message_cursor
WHERE business = :business AND recipient = :recipient AND aggregate = :aggregate AND parked_at IS NULL
FOR UPDATE SKIP LOCKED;

-- name: next_two
-- The message that may be applied now, and the one behind it.
SELECT seq, kind, version, payload FROM message
WHERE business = :business AND recipient = :recipient AND aggregate = :aggregate AND seq BETWEEN :seq AND :seq + 1 ORDER BY seq;

-- name: delete_message
-- Remove an applied message.
DELETE FROM message WHERE business = :business AND recipient = :recipient AND aggregate = :aggregate AND seq = :seq;

-- name: advance_cursor
-- Remember how far the aggregate is applied.
UPDATE message_cursor SET applied_seq = :seq, failures = 0, next_try_at = NULL, error = NULL
WHERE business = :business AND recipient = :recipient AND aggregate = :aggregate AND applied_seq = :seq - 1;

-- name: batchable
-- Which aggregates have a message of these kinds next.
SELECT m.aggregate
FROM message m
JOIN message_cursor c USING (business, recipient, aggregate)
WHERE m.business = :business AND m.recipient = :recipient AND m.aggregate = ANY (:aggregates::uuid[])
  AND m.seq = c.applied_seq + 1 AND m.kind = ANY (:kinds::text[]);

-- name: lock_cursors
-- Claim aggregates for this transaction; those that another process works on are left out.
SELECT aggregate, applied_seq FROM message_cursor
WHERE business = :business AND recipient = :recipient AND aggregate = ANY (:aggregates::uuid[]) AND parked_at IS NULL
ORDER BY aggregate
FOR UPDATE SKIP LOCKED;

-- name: next_messages
-- The messages of these kinds that may be applied now, in the order in which they were sent.
SELECT m.aggregate, m.seq, m.kind, m.payload
FROM unnest(:aggregates::uuid[], :seqs::bigint[]) AS next (aggregate, seq)
JOIN message m ON m.business = :business AND m.recipient = :recipient AND m.aggregate = next.aggregate AND m.seq = next.seq
WHERE m.kind = ANY (:kinds::text[])
ORDER BY m.sent_at, m.aggregate;

-- name: delete_messages
-- Remove applied messages.
DELETE FROM message m USING unnest(:aggregates::uuid[], :seqs::bigint[]) AS done (aggregate, seq)
WHERE m.business = :business AND m.recipient = :recipient AND m.aggregate = done.aggregate AND m.seq = done.seq;

-- name: advance_cursors
-- Remember how far these aggregates are applied.
UPDATE message_cursor c SET applied_seq = done.seq, failures = 0, next_try_at = NULL, error = NULL
FROM unnest(:aggregates::uuid[], :seqs::bigint[]) AS done (aggregate, seq)
WHERE c.business = :business AND c.recipient = :recipient AND c.aggregate = done.aggregate AND c.applied_seq = done.seq - 1;

-- name: count_failure
-- Note a failure: later tries wait longer, the fifth parks the aggregate.
UPDATE message_cursor
SET failures = failures + 1,
    next_try_at = clock_timestamp() + make_interval(secs => least(30, 0.2 * power(4, failures))),
    parked_at = CASE WHEN failures + 1 >= :most THEN clock_timestamp() END,
    error = :error
WHERE business = :business AND recipient = :recipient AND aggregate = :aggregate
RETURNING parked_at IS NOT NULL AS parked;

-- name: unpark
-- Let a parked aggregate be tried again.
UPDATE message_cursor SET parked_at = NULL, failures = 0, next_try_at = NULL
WHERE business = :business AND recipient = :recipient AND aggregate = :aggregate;

-- name: leave_answer
-- The durable reply to a command; the first one stays.
INSERT INTO command_answer (business, command, problem, body) VALUES (:business, :command, :problem, :body) ON CONFLICT DO NOTHING;

-- name: read_answer
-- The reply to a command, if it is there.
SELECT problem, body FROM command_answer WHERE business = :business AND command = :command;

-- name: parked
-- Across businesses: the aggregates that are parked.
SELECT business, recipient, aggregate FROM message_cursor WHERE parked_at IS NOT NULL;
