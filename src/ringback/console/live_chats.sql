-- name: chats_of_desk
-- The live chats of an agent, and those that wait in the queues they serve: first those whose customer waits for a callback too.
SELECT c.chat, c.state, c.came_at, c.taken_at, q.name AS queue_name, h.topic, p.name AS person_name, w.window_start, w.window_end, w.early_is_fine
FROM chat_interaction c
JOIN queue q ON q.business = c.business AND q.id = c.queue
JOIN chat h ON h.business = c.business AND h.id = c.chat
JOIN person p ON p.business = h.business AND p.id = h.person
LEFT JOIN LATERAL (
    SELECT b.window_start, b.window_end, b.early_is_fine FROM callback b
    WHERE b.business = c.business AND b.person = h.person AND b.state IN ('waiting', 'calling', 'asking')
    ORDER BY b.queue <> c.queue, b.ready_at, b.id LIMIT 1
) w ON true
WHERE c.business = :business
  AND (c.state = 'taken' AND c.agent = :agent
       OR c.state = 'waiting' AND EXISTS (
           SELECT 1 FROM agent_queue aq WHERE aq.business = c.business AND aq.queue = c.queue AND aq.agent = :agent))
ORDER BY c.state = 'waiting' AND w.window_start IS NOT NULL DESC, c.came_at, c.chat
LIMIT 50;

-- name: messages_of_live_chat
-- The newest messages of a live chat of this agent, oldest first.
SELECT * FROM (
    SELECT m.seq, m.author, m.author_name, m.text, m.status, m.at
    FROM chat_message m
    JOIN chat_interaction c ON c.business = m.business AND c.chat = m.chat AND c.state = 'taken' AND c.agent = :agent
    WHERE m.business = :business AND m.chat = :chat ORDER BY m.seq DESC LIMIT 200
) newest ORDER BY seq;

-- name: chat_targets
-- Who of the business a live chat can be handed to now: agents with room for one more, and queues.
SELECT 'agent' AS kind, a.id, a.name, s.state IN ('available', 'in_chats') AND a.chat_capacity > (
    SELECT count(*) FROM chat_interaction c WHERE c.business = a.business AND c.agent = a.id AND c.state = 'taken') AS free
FROM agent a JOIN agent_state s ON s.business = a.business AND s.agent = a.id
WHERE a.business = :business AND a.retired_at IS NULL AND a.id <> :agent
UNION ALL
SELECT 'queue', q.id, q.name, true FROM queue q WHERE q.business = :business AND q.retired_at IS NULL
ORDER BY kind, name LIMIT 200;

-- name: own_agent_name
-- What customers see as the writer of the agent of a live chat; nothing where the chat is not theirs.
SELECT a.name FROM chat_interaction c JOIN agent a ON a.business = c.business AND a.id = c.agent
WHERE c.business = :business AND c.chat = :chat AND c.agent = :agent AND c.state = 'taken';
