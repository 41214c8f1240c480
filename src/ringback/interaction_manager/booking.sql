-- name: waiting
-- Who waits in some queues: the ready ones (no more than matter) by kind, and those whose time comes soon.
SELECT queue, priority, named_agent, NOT early_is_fine AS booked, min(ready_at) AS ready_at, count(*)::int AS count
FROM (SELECT queue, priority, named_agent, early_is_fine, ready_at FROM callback
      WHERE business = :business AND queue = ANY (:queues::uuid[]) AND state = 'waiting' AND ready_at <= :now
        AND id IS DISTINCT FROM :moving::uuid
      LIMIT 5000) AS ready
GROUP BY queue, priority, named_agent, early_is_fine
UNION ALL
SELECT queue, priority, named_agent, NOT early_is_fine, ready_at, count(*)::int FROM callback
WHERE business = :business AND queue = ANY (:queues::uuid[]) AND state = 'waiting' AND ready_at > :now AND ready_at <= :soon
  AND id IS DISTINCT FROM :moving::uuid
GROUP BY queue, priority, named_agent, early_is_fine, ready_at;

-- name: places
-- What is taken of slots around some times that do not overlap: booked, booked for a named agent, kept for other chats; and what is kept for those that ask.
WITH times AS (
    SELECT * FROM unnest(:queues::uuid[], :begins::timestamptz[], :ends::timestamptz[]) AS t (queue, begins, ends)
),
near AS (
    SELECT t.queue, s.starts_at, s.ends_at, s.booked
    FROM times t CROSS JOIN LATERAL (
        SELECT starts_at, ends_at, booked FROM slot
        WHERE business = :business AND queue = t.queue AND starts_at >= t.begins AND starts_at < t.ends AND booked > 0
        OFFSET 0
    ) AS s
),
named AS (
    SELECT n.queue, n.starts_at, n.ends_at, c.named_agent, count(*) AS count
    FROM near n CROSS JOIN LATERAL (
        SELECT id, named_agent FROM callback
        WHERE business = :business AND queue = n.queue AND slot_start = n.starts_at
          AND named_agent IS NOT NULL AND state NOT IN ('done', 'cancelled', 'closed') AND id IS DISTINCT FROM :moving::uuid
        OFFSET 0
    ) AS c
    GROUP BY n.queue, n.starts_at, n.ends_at, c.named_agent
),
moving AS (
    SELECT queue, slot_start FROM callback
    WHERE business = :business AND id = :moving::uuid AND state NOT IN ('done', 'cancelled', 'closed')
)
SELECT n.queue, n.starts_at, n.ends_at, NULL::uuid AS named_agent, false AS held, NULL::uuid AS chat, NULL::timestamptz AS until,
       (n.booked - coalesce((SELECT sum(m.count) FROM named m WHERE m.queue = n.queue AND m.starts_at = n.starts_at), 0)
                 - (SELECT count(*) FROM moving v WHERE v.queue = n.queue AND v.slot_start = n.starts_at))::int AS count
FROM near n
UNION ALL
SELECT queue, starts_at, ends_at, named_agent, false, NULL, NULL, count::int FROM named
UNION ALL
SELECT t.queue, h.starts_at, h.ends_at, h.named_agent, true, NULL, NULL, h.count
FROM times t CROSS JOIN LATERAL (
    SELECT starts_at, ends_at, named_agent, count(*)::int AS count FROM slot_hold
    WHERE business = :business AND queue = t.queue AND starts_at >= t.begins AND starts_at < t.ends
      AND until > :now AND NOT chat = ANY (:chats::uuid[])
    GROUP BY starts_at, ends_at, named_agent
) AS h
UNION ALL
SELECT h.queue, h.starts_at, h.ends_at, h.named_agent, true, c.chat, h.until, 1
FROM unnest(:chats::uuid[]) AS c (chat) CROSS JOIN LATERAL (
    SELECT queue, starts_at, ends_at, named_agent, until FROM slot_hold
    WHERE business = :business AND chat = c.chat AND until > :now
    OFFSET 0
) AS h;

-- name: longest_slot
-- How many seconds the longest slot has that somebody has booked in.
SELECT coalesce(extract(epoch FROM max(ends_at - starts_at)), 0)::float8 FROM slot
WHERE business = :business AND queue = ANY (:queues::uuid[]) AND booked > 0 AND starts_at > :now::timestamptz - interval '1 day';

-- name: count_holds
-- How many places are kept in some queues.
SELECT queue, count(*)::int AS count FROM slot_hold
WHERE business = :business AND queue = ANY (:queues::uuid[]) AND until > :now GROUP BY queue;

-- name: keep_places
-- Keep a place for each of these chats; the one a chat had is free again.
INSERT INTO slot_hold (business, chat, queue, starts_at, ends_at, named_agent, until)
SELECT :business, * FROM unnest(:chats::uuid[], :queues::uuid[], :begins::timestamptz[], :ends::timestamptz[], :agents::uuid[], :untils::timestamptz[])
ON CONFLICT (business, chat) DO UPDATE
SET queue = excluded.queue, starts_at = excluded.starts_at, ends_at = excluded.ends_at, named_agent = excluded.named_agent, until = excluded.until;

-- name: free_places
-- The places kept for these chats are free again.
DELETE FROM slot_hold WHERE business = :business AND chat = ANY (:chats::uuid[]);

-- name: forget_holds
-- Places kept until long ago: nobody counts them any more.
DELETE FROM slot_hold WHERE business = :business AND until < :before;

-- name: take_places
-- More bookings of slots, if no more are booked than the allocation saw: no row for a slot where there are. `capacity` is kept for the console.
INSERT INTO slot (business, queue, starts_at, ends_at, capacity, booked)
SELECT :business, t.queue, t.starts_at, t.ends_at, t.capacity, t.count
FROM unnest(:queues::uuid[], :begins::timestamptz[], :ends::timestamptz[], :capacities::int[], :counts::int[])
     AS t (queue, starts_at, ends_at, capacity, count)
ON CONFLICT (business, queue, starts_at) DO UPDATE
SET booked = slot.booked + excluded.booked, capacity = excluded.capacity
WHERE slot.booked + excluded.booked
      <= (SELECT m.most FROM unnest(:queues::uuid[], :begins::timestamptz[], :mosts::int[]) AS m (queue, starts_at, most)
          WHERE m.queue = excluded.queue AND m.starts_at = excluded.starts_at)
RETURNING queue, starts_at;

-- name: insert_callback
-- An accepted callback; no row when it was accepted before.
INSERT INTO callback (business, id, queue, provider, named_agent, routed_why, chat, channel, person, person_name, destination, address,
                      proved, language, topic, consent, created_by, when_kind, zone, named_time, reason, priority, accepted_at, ready_at,
                      window_start, window_end, early_is_fine, estimate_p10, estimate_p50, estimate_p90, slot_start)
VALUES (:business, :id, :queue, :provider, :named_agent, :routed_why, :chat, :channel, :person, :person_name, :destination, :address,
        :proved, :language, :topic, :consent, :created_by, :when_kind, :zone, :named_time, :reason, :priority, :now, :ready_at,
        :window_start, :window_end, :early_is_fine, :estimate_p10, :estimate_p50, :estimate_p90, :slot_start)
RETURNING id;

-- name: retime_callback
-- What was asked for, after a move; the rest is saved with the callback.
UPDATE callback
SET provider = :provider, routed_why = :routed_why, when_kind = :when_kind, zone = :zone, named_time = :named_time
WHERE business = :business AND id = :callback;

-- name: slot_rows
-- The slots of some queues in a stretch of time, as they were last counted.
SELECT queue, starts_at, ends_at, capacity, booked FROM slot
WHERE business = :business AND queue = ANY (:queues::uuid[]) AND starts_at >= :begins AND starts_at < :ends;

-- name: affected
-- Who holds places of one slot, latest booked first.
SELECT id FROM callback
WHERE business = :business AND queue = :queue AND slot_start = :slot_start AND state NOT IN ('done', 'cancelled', 'closed')
ORDER BY accepted_at DESC, id DESC;

-- name: save_capacity
-- What a slot can carry now, by who is really there.
INSERT INTO slot (business, queue, starts_at, ends_at, capacity) VALUES (:business, :queue, :starts_at, :ends_at, :capacity)
ON CONFLICT (business, queue, starts_at) DO UPDATE SET capacity = excluded.capacity WHERE slot.capacity <> excluded.capacity;

-- name: forget_slots
-- Slots long past that nobody booked.
DELETE FROM slot WHERE business = :business AND ends_at < :before AND booked = 0;
