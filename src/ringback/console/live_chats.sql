-- name: chats_of_desk
-- The live chats of an agent, and those that wait in the queues they serve.
SELECT c.chat, c.state, c.came_at, c.taken_at, q.name AS queue_name, h.topic, p.name AS person_name
FROM chat_interaction c
JOIN queue q ON q.business = c.business AND q.id = c.queue
JOIN chat h ON h.business = c.business AND h.id = c.chat
JOIN person p ON p.business = h.business AND p.id = h.person
WHERE c.business = :business
  AND (c.state = 'taken' AND c.agent = :agent
       OR c.state = 'waiting' AND EXISTS (
           SELECT 1 FROM agent_queue aq WHERE aq.business = c.business AND aq.queue = c.queue AND aq.agent = :agent))
ORDER BY c.came_at, c.chat
LIMIT 50;

-- name: messages_of_live_chat
-- The newest messages of a live chat of this agent, oldest first.
SELECT * FROM (
    SELECT m.seq, m.author, m.author_name, m.text, m.status, m.at
    FROM chat_message m
    JOIN chat_interaction c ON c.business = m.business AND c.chat = m.chat AND c.state = 'taken' AND c.agent = :agent
    WHERE m.business = :business AND m.chat = :chat ORDER BY m.seq DESC LIMIT 200
) newest ORDER BY seq;

-- name: own_agent_name
-- What customers see as the writer of the agent of a live chat; nothing where the chat is not theirs.
SELECT a.name FROM chat_interaction c JOIN agent a ON a.business = c.business AND a.id = c.agent
WHERE c.business = :business AND c.chat = :chat AND c.agent = :agent AND c.state = 'taken';
