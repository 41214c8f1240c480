-- name: strays
-- Open callbacks that nothing will wake: no timer, no live attempt, no question.
SELECT c.id, c.queue, c.state
FROM callback c LEFT JOIN gate g ON g.business = c.business AND g.callback = c.id
WHERE c.business = :business AND c.state NOT IN ('done', 'cancelled', 'closed')
  AND CASE c.state
      WHEN 'asking' THEN NOT EXISTS (SELECT 1 FROM due d WHERE d.business = c.business AND d.subject = c.id AND d.kind = 'asking')
      WHEN 'waiting' THEN g.attempt IS NULL
           AND NOT EXISTS (SELECT 1 FROM due d WHERE d.business = c.business AND d.subject = c.queue AND d.kind = 'work')
           AND NOT EXISTS (SELECT 1 FROM due d WHERE d.business = c.business AND d.subject = c.id AND d.kind = 'through')
      ELSE g.attempt IS NULL
      END
ORDER BY c.id
LIMIT 100;

-- name: lone_wrap_ups
-- Agents in a wrap-up that no timer ends.
SELECT s.agent FROM agent_state s
WHERE s.business = :business AND s.state = 'wrap_up'
  AND NOT EXISTS (SELECT 1 FROM due d WHERE d.business = s.business AND d.subject = s.agent AND d.kind = 'wrap_up')
ORDER BY s.agent;

-- name: lone_holds
-- Agents kept for a callback that has no use for them: it is over, or the attempt they were kept for is.
SELECT s.agent
FROM agent_state s
WHERE s.business = :business AND s.state IN ('held', 'reserved', 'on_a_call')
  AND NOT EXISTS (
      SELECT 1 FROM callback c LEFT JOIN gate g ON g.business = c.business AND g.callback = c.id
      WHERE c.business = s.business AND c.id = s.callback
        AND CASE WHEN s.attempt IS NULL THEN c.state = 'waiting' ELSE g.attempt = s.attempt END)
ORDER BY s.agent;
