-- name: one_look
-- One process looks at a business's day at a time; the other one's look is as good.
SELECT pg_try_advisory_xact_lock(hashtextextended(:key, 2));

-- name: look_at_queues
-- Each queue as it stands: how many wait, whose time has come or comes soon, and who is there.
WITH waiting AS (
    SELECT queue, count(*)::int AS count FROM callback WHERE business = :business AND state = 'waiting' AND ready_at <= :now GROUP BY queue
),
duty AS (
    SELECT aq.queue, count(*)::int AS count
    FROM agent_state s JOIN agent a ON a.business = s.business AND a.id = s.agent AND a.retired_at IS NULL
    JOIN agent_queue aq ON aq.business = s.business AND aq.agent = s.agent
    WHERE s.business = :business AND s.state = ANY (:serving::text[])
    GROUP BY aq.queue
)
SELECT q.id, q.slug, q.name, q.policy, b.policy AS business_policy, q.backlog_cap,
       coalesce(w.count, 0) AS waiting, coalesce(d.count, 0) AS on_duty
FROM queue q JOIN business b ON b.id = q.business LEFT JOIN waiting w ON w.queue = q.id LEFT JOIN duty d ON d.queue = q.id
WHERE q.business = :business AND q.retired_at IS NULL ORDER BY q.id;

-- name: due_soon
-- Whose time has come, or comes before then, the next first.
SELECT queue, id FROM callback
WHERE business = :business AND state = 'waiting' AND window_start <= :soon
ORDER BY window_end, accepted_at, id LIMIT 1000;

-- name: at_risk
-- Whose customers were told that their promise may be missed, and wait on; latest booked first.
SELECT queue, id FROM callback
WHERE business = :business AND state = 'waiting' AND notices > 0
ORDER BY accepted_at DESC, id LIMIT 1000;

-- name: short_slots
-- Slots to come with more booked than they can carry.
SELECT queue, starts_at, ends_at, capacity, booked FROM slot
WHERE business = :business AND booked > capacity AND ends_at > :now AND starts_at < :until ORDER BY queue, starts_at;

-- name: booked_in
-- Who waits for a slot, latest booked first.
SELECT id FROM callback
WHERE business = :business AND queue = :queue AND slot_start = :slot_start AND state = 'waiting'
ORDER BY accepted_at DESC, id DESC LIMIT :most;

-- name: open_alerts
-- What was raised and is not over, held.
SELECT id, kind, queue, verdict, detail, raised_at, seen_at, told_at FROM alert
WHERE business = :business AND resolved_at IS NULL ORDER BY raised_at, id FOR NO KEY UPDATE;

-- name: raise_alert
-- Something new is wrong.
INSERT INTO alert (business, id, kind, queue, verdict, detail, raised_at, seen_at)
VALUES (:business, :id, :kind, :queue, :verdict, :detail, :now, :now);

-- name: see_alert
-- It goes on.
UPDATE alert SET verdict = :verdict, detail = :detail, seen_at = :now WHERE business = :business AND id = :id;

-- name: tell_alert
-- It is sent out with this transaction.
UPDATE alert SET told_at = :now WHERE business = :business AND id = :id;

-- name: resolve_alert
-- It is over.
UPDATE alert SET resolved_at = :now WHERE business = :business AND id = :id;

-- name: told_since
-- How many were sent out lately, by queue.
SELECT queue, count(*)::int AS count FROM alert WHERE business = :business AND told_at > :since GROUP BY queue;

-- name: forget_alerts
-- Alerts that were over long ago.
DELETE FROM alert WHERE business = :business AND resolved_at < :before;
