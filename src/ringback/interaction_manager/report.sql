-- name: business_zone
-- The zone of a business, and its policy.
SELECT slug, zone, policy FROM business WHERE id = :business;

-- name: queue_policies
-- What each queue's policy differs in, retired ones too: their promises stay in the score.
SELECT q.slug, q.policy, b.policy AS business_policy FROM queue q JOIN business b ON b.id = q.business WHERE q.business = :business;

-- name: promises_ended
-- Every promise whose window ended in the interval, with queue, channel and provider at acceptance.
SELECT p.*, q.slug AS queue_slug
FROM promise p JOIN queue q ON q.business = p.business AND q.id = p.queue
WHERE p.business = :business AND p.window_end >= :begins AND p.window_end < :ends AND (:queue::text IS NULL OR q.slug = :queue)
ORDER BY p.window_end, p.id;

-- name: handlings
-- Attempts that an agent accepted and that were over in the interval: to the end of the wrap-up, or of the attempt where nobody joined.
SELECT a.callback, q.slug AS queue_slug, c.channel, c.provider, a.accepted_at, h.joined_at, coalesce(h.wrapped_at, a.ended_at) AS over_at
FROM assignment a
JOIN callback c ON c.business = a.business AND c.id = a.callback
JOIN queue q ON q.business = c.business AND q.id = c.queue
LEFT JOIN handled h ON h.business = a.business AND h.attempt = a.attempt AND h.agent = a.agent
WHERE a.business = :business AND a.accepted_at IS NOT NULL AND a.state = 'ended' AND (h.attempt IS NULL OR h.wrapped_at IS NOT NULL)
  AND coalesce(h.wrapped_at, a.ended_at) >= :begins AND coalesce(h.wrapped_at, a.ended_at) < :ends
  AND a.ended_at > :begins::timestamptz - interval '1 day' AND a.ended_at < :ends  -- no wrap-up lasts a day
  AND (:queue::text IS NULL OR q.slug = :queue)
ORDER BY over_at, a.id;

-- name: agent_stretches
-- Agents' time in the interval, the stretch under way included.
SELECT q.slug AS queue_slug, t.state, greatest(t.began_at, :begins) AS begins, least(t.ended_at, :ends) AS ends, a.chat_capacity
FROM (SELECT business, agent, state, began_at, ended_at FROM agent_time WHERE business = :business
      UNION ALL
      SELECT business, agent, state, since, :now FROM agent_state WHERE business = :business) AS t
JOIN agent a ON a.business = t.business AND a.id = t.agent
JOIN queue q ON q.business = a.business AND q.id = a.home_queue
WHERE t.began_at < :ends AND t.ended_at > :begins AND (:queue::text IS NULL OR q.slug = :queue)
ORDER BY t.began_at, a.id;

-- name: customer_legs
-- Customer legs that were let through the gate, of callbacks that had one in the interval: also the earlier ones, which they may follow too soon.
-- `repeated`: only where there was more than one attempt.
SELECT l.callback, l.attempt, l.dialled_at, l.ringing_at, l.answered_at, l.joined_at, l.ended_at, l.outcome, t.outcome AS attempt_outcome,
       q.slug AS queue_slug, c.channel, c.provider,
       (SELECT max(p.made_at) FROM promise p
        WHERE p.business = l.business AND p.callback = l.callback AND p.kind = 'moved' AND p.made_at <= l.dialled_at) AS moved_at
FROM attempt t
JOIN leg l ON l.business = t.business AND l.attempt = t.id AND l.party = 'customer'
JOIN callback c ON c.business = t.business AND c.id = t.callback
JOIN queue q ON q.business = c.business AND q.id = c.queue
WHERE t.business = :business AND l.dialled_at < :ends AND (:queue::text IS NULL OR q.slug = :queue)
  AND t.callback IN (SELECT r.callback FROM leg r
                     WHERE r.business = :business AND r.party = 'customer' AND r.dialled_at >= :begins AND r.dialled_at < :ends)
  AND (NOT :repeated OR EXISTS (SELECT FROM attempt o WHERE o.business = t.business AND o.callback = t.callback AND o.id <> t.id))
ORDER BY l.dialled_at, l.id;

-- name: callbacks_ended
-- Callbacks whose first promise ended in the interval, that are over: what became of their place.
SELECT c.id, q.slug AS queue_slug, c.channel, c.provider, c.accepted_at, true AS exists, true AS shown_yes, false AS is_open,
       NULL::timestamptz AS due_at, false AS wakes, c.places_gained, c.places_lost
FROM promise p
JOIN callback c ON c.business = p.business AND c.id = p.callback
JOIN queue q ON q.business = c.business AND q.id = c.queue
WHERE p.business = :business AND p.kind = 'first' AND p.window_end >= :begins AND p.window_end < :ends
  AND c.state IN ('done', 'cancelled', 'closed') AND (:queue::text IS NULL OR q.slug = :queue)
ORDER BY c.accepted_at, c.id;

-- name: callbacks_open
-- Open callbacks that were due before the interval's end, and those whose first promise ended in it: what wakes them.
SELECT c.id, q.slug AS queue_slug, c.channel, c.provider, c.accepted_at, true AS exists, true AS shown_yes, true AS is_open, c.ready_at AS due_at,
       g.attempt IS NOT NULL
       OR EXISTS (SELECT 1 FROM due d WHERE d.business = c.business AND d.subject = c.id AND d.server = 'interactions')
       OR (c.state = 'waiting' AND EXISTS (SELECT 1 FROM due d WHERE d.business = c.business AND d.subject = c.queue AND d.kind = 'work'))
       AS wakes, c.places_gained, c.places_lost
FROM callback c
JOIN queue q ON q.business = c.business AND q.id = c.queue
LEFT JOIN gate g ON g.business = c.business AND g.callback = c.id
WHERE c.business = :business AND c.state NOT IN ('done', 'cancelled', 'closed')
  AND (c.ready_at < :ends OR EXISTS (SELECT FROM promise p WHERE p.business = c.business AND p.callback = c.id AND p.n = 1
                                     AND p.window_end >= :begins AND p.window_end < :ends))
  AND (:queue::text IS NULL OR q.slug = :queue)
ORDER BY c.accepted_at, c.id;

-- name: yes_without_callback
-- Requests whose customer was shown yes in the interval, and that no callback stands for; of which queue, nobody knows.
SELECT r.id, NULL AS queue_slug, coalesce(r.request ->> 'channel', '') AS channel, r.provider, r.made_at AS accepted_at, false AS exists,
       true AS shown_yes, false AS is_open, NULL::timestamptz AS due_at, false AS wakes, 0 AS places_gained, 0 AS places_lost
FROM callback_request r
WHERE r.business = :business AND r.made_at >= :begins AND r.made_at < :ends AND r.state IN ('accepted', 'finished')
  AND NOT EXISTS (SELECT 1 FROM callback c WHERE c.business = r.business AND c.id = r.id)
ORDER BY r.made_at, r.id;
