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
