-- name: own_leg
-- The live leg of this agent in an attempt of theirs, and its callback.
SELECT l.id, l.callback FROM leg l
WHERE l.business = :business AND l.attempt = :attempt AND l.agent = :agent AND l.party = 'agent' AND l.phase <> 'ended'
ORDER BY l.n DESC LIMIT 1;

-- name: transfer_targets
-- Who of the business a customer can be handed to now: agents with a telephone who are free, and queues.
SELECT 'agent' AS kind, a.id, a.name, s.state IN ('available', 'in_chats') AS free
FROM agent a JOIN agent_state s ON s.business = a.business AND s.agent = a.id
WHERE a.business = :business AND a.retired_at IS NULL AND a.id <> :agent AND a.carrier = (SELECT carrier FROM agent WHERE business = :business AND id = :agent)
UNION ALL
SELECT 'queue', q.id, q.name, true FROM queue q WHERE q.business = :business AND q.retired_at IS NULL
ORDER BY kind, name LIMIT 200;

-- name: callback_of_attempt
-- The callback of an attempt that an agent has or had.
SELECT s.callback FROM assignment s WHERE s.business = :business AND s.attempt = :attempt AND s.agent = :agent LIMIT 1;

-- name: is_next_for
-- A waiting callback that an agent may take.
SELECT q.dialling FROM callback c
JOIN queue q ON q.business = c.business AND q.id = c.queue
JOIN agent_queue aq ON aq.business = c.business AND aq.queue = c.queue AND aq.agent = :agent
WHERE c.business = :business AND c.id = :callback AND c.state NOT IN ('done', 'cancelled', 'closed')
  AND (c.named_agent IS NULL OR c.named_agent = :agent);

-- name: zone_of_business
-- Where the desk's clock times are.
SELECT zone FROM business WHERE id = :business;
