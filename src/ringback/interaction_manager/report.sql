-- name: business_zone
-- The zone of a business, and its policy.
SELECT zone, policy FROM business WHERE id = :business;

-- name: promises_ended
-- Every promise whose window ended in the interval, with queue, channel and provider at acceptance.
SELECT p.*, q.slug AS queue_slug
FROM promise p JOIN queue q ON q.business = p.business AND q.id = p.queue
WHERE p.business = :business AND p.window_end >= :begins AND p.window_end < :ends AND (:queue::text IS NULL OR q.slug = :queue)
ORDER BY p.window_end, p.id;

-- name: handlings
-- Attempts that an agent accepted and that were over in the interval: to the end of the wrap-up, or of the attempt where nobody joined.
SELECT q.slug AS queue_slug, c.channel, c.provider, a.accepted_at, h.joined_at, coalesce(h.wrapped_at, a.ended_at) AS over_at
FROM assignment a
JOIN callback c ON c.business = a.business AND c.id = a.callback
JOIN queue q ON q.business = c.business AND q.id = c.queue
LEFT JOIN handled h ON h.business = a.business AND h.attempt = a.attempt AND h.agent = a.agent
WHERE a.business = :business AND a.accepted_at IS NOT NULL AND a.state = 'ended' AND (h.attempt IS NULL OR h.wrapped_at IS NOT NULL)
  AND coalesce(h.wrapped_at, a.ended_at) >= :begins AND coalesce(h.wrapped_at, a.ended_at) < :ends
  AND (:queue::text IS NULL OR q.slug = :queue);

-- name: agent_stretches
-- Agents' time in the interval, the stretch under way included.
SELECT q.slug AS queue_slug, t.state, greatest(t.began_at, :begins) AS begins, least(t.ended_at, :ends) AS ends, a.chat_capacity
FROM (SELECT business, agent, state, began_at, ended_at FROM agent_time WHERE business = :business
      UNION ALL
      SELECT business, agent, state, since, :now FROM agent_state WHERE business = :business) AS t
JOIN agent a ON a.business = t.business AND a.id = t.agent
JOIN queue q ON q.business = a.business AND q.id = a.home_queue
WHERE t.began_at < :ends AND t.ended_at > :begins AND (:queue::text IS NULL OR q.slug = :queue);

-- name: customer_legs
-- Customer legs that were let through the gate in the interval, with the attempt's outcome.
SELECT l.callback, l.attempt, l.dialled_at, l.ringing_at, l.answered_at, l.joined_at, l.ended_at, l.outcome, l.phase, t.outcome AS attempt_outcome,
       q.policy AS queue_policy
FROM leg l
JOIN attempt t ON t.business = l.business AND t.id = l.attempt
JOIN callback c ON c.business = l.business AND c.id = l.callback
JOIN queue q ON q.business = c.business AND q.id = c.queue
WHERE l.business = :business AND l.party = 'customer' AND l.dialled_at >= :begins AND l.dialled_at < :ends
  AND (:queue::text IS NULL OR q.slug = :queue);

-- name: yes_without_callback
-- Requests whose customer was shown yes, and that no callback stands for.
SELECT r.id FROM callback_request r
WHERE r.business = :business AND r.made_at >= :begins AND r.made_at < :ends AND r.state IN ('accepted', 'finished')
  AND NOT EXISTS (SELECT 1 FROM callback c WHERE c.business = r.business AND c.id = r.id);

-- name: open_and_forgotten
-- Open callbacks that nothing will wake, 60 s after their next due time.
SELECT c.id
FROM callback c LEFT JOIN gate g ON g.business = c.business AND g.callback = c.id
WHERE c.business = :business AND c.state NOT IN ('done', 'cancelled', 'closed') AND c.ready_at < :now::timestamptz - interval '60 s'
  AND g.attempt IS NULL
  AND NOT EXISTS (SELECT 1 FROM due d WHERE d.business = c.business AND d.subject = c.id AND d.server = 'interactions')
  AND NOT (c.state = 'waiting' AND EXISTS (SELECT 1 FROM due d WHERE d.business = c.business AND d.subject = c.queue AND d.kind = 'work'));
