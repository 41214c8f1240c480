-- name: lock_agent
-- One agent's state, held until the transaction ends.
SELECT s.*, a.name, a.slug, a.carrier, coalesce(a.address, a.id::text) AS address,
    (SELECT count(*)::int FROM chat_interaction c WHERE c.business = s.business AND c.agent = s.agent AND c.state = 'taken') AS chats
FROM agent_state s JOIN agent a ON a.business = s.business AND a.id = s.agent
WHERE s.business = :business AND s.agent = :agent
FOR NO KEY UPDATE OF s;

-- name: lock_agents
-- Several agents' states, held in the order of their ids: two queues that share agents never wait in a circle.
SELECT s.*, a.name, a.slug, a.carrier, coalesce(a.address, a.id::text) AS address,
    (SELECT count(*)::int FROM chat_interaction c WHERE c.business = s.business AND c.agent = s.agent AND c.state = 'taken') AS chats
FROM agent_state s JOIN agent a ON a.business = s.business AND a.id = s.agent
WHERE s.business = :business AND s.agent = ANY (:agents::uuid[])
ORDER BY s.agent
FOR NO KEY UPDATE OF s;

-- name: save_agent_state
-- A compare-and-set on the epoch that was read.
UPDATE agent_state
SET state = :state, since = :since, reason = :reason, idle_since = :idle_since, callback = :callback, attempt = :attempt, until = :until,
    more_time = :more_time, then_state = :then_state, epoch = epoch + 1
WHERE business = :business AND agent = :agent AND epoch = :epoch;

-- name: close_agent_time
-- One finished stretch of an agent's time.
INSERT INTO agent_time (business, agent, state, began_at, ended_at) VALUES (:business, :agent, :state, :began_at, :ended_at)
ON CONFLICT DO NOTHING;

-- name: held_for
-- The agent held for a callback, before it was directed.
SELECT s.agent FROM agent_state s
WHERE s.business = :business AND s.state = 'held' AND s.callback = :callback AND s.attempt IS NULL;

-- name: queues_of_agent
-- The queues an agent serves.
SELECT aq.queue FROM agent_queue aq WHERE aq.business = :business AND aq.agent = :agent ORDER BY aq.queue;

-- name: agent_serves
-- The name of an agent, if they serve the queue.
SELECT a.name FROM agent_queue aq JOIN agent a ON a.business = aq.business AND a.id = aq.agent
WHERE aq.business = :business AND aq.agent = :agent AND aq.queue = :queue AND a.retired_at IS NULL;

-- name: gone_agents
-- Agents who reach us through a page, are not offline or on the telephone, and whose pages have not been heard of since,
-- although somebody listened all the time: our own restart takes nobody off duty.
SELECT s.agent
FROM agent_state s JOIN agent a ON a.business = s.business AND a.id = s.agent
WHERE s.business = :business AND a.carrier = 'browser' AND s.state IN ('available', 'in_chats', 'held', 'paused', 'not_responding')
  AND s.since < :seen_after AND pages_heard_since() < :seen_after
  AND NOT EXISTS (SELECT 1 FROM presence p WHERE p.business = s.business AND p.subject = s.agent AND p.seen_at >= :seen_after)
ORDER BY s.agent;

-- name: agent_is_present
-- Whether a page of the agent was heard of since; agents with a telephone need none.
SELECT a.carrier <> 'browser'
    OR EXISTS (
        SELECT 1 FROM presence p
        WHERE p.business = a.business AND p.subject = a.id AND p.seen_at >= :seen_after AND p.left_at IS NULL
    )
FROM agent a WHERE a.business = :business AND a.id = :agent;
