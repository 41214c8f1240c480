-- name: queue_for_chat
-- The queue that is asked for a person, by its slug or its id, and whether anybody is on duty there.
SELECT q.id, q.name, b.slug AS business_slug, q.slug,
    EXISTS (
        SELECT 1 FROM agent_queue aq
        JOIN agent a ON a.business = aq.business AND a.id = aq.agent AND a.retired_at IS NULL
        JOIN agent_state s ON s.business = aq.business AND s.agent = aq.agent AND s.state <> 'offline'
        WHERE aq.business = q.business AND aq.queue = q.id
    ) AS on_duty
FROM queue q JOIN business b ON b.id = q.business
WHERE q.business = :business AND (q.slug = :slug OR q.id = :id) AND q.retired_at IS NULL;

-- name: insert_live_chat
-- A chat comes to wait for a person; one that is open already stays as it is.
INSERT INTO chat_interaction (business, id, chat, queue, seq, person, state, wait, came_at, ended_at)
VALUES (:business, :id, :chat, :queue, :seq, :person, :state, :wait, :now, :ended_at)
ON CONFLICT (business, chat) WHERE state <> 'ended' DO NOTHING
RETURNING id;

-- name: open_live_chat
-- The open interaction of a chat, held until the transaction ends.
SELECT c.id, c.chat, c.queue, c.seq, c.state, c.agent, c.person, c.callback, q.slug AS queue_slug, b.slug AS business_slug
FROM chat_interaction c
JOIN queue q ON q.business = c.business AND q.id = c.queue
JOIN business b ON b.id = c.business
WHERE c.business = :business AND c.chat = :chat AND c.state <> 'ended'
FOR NO KEY UPDATE OF c;

-- name: agent_of_live_chat
-- Who has the open interaction of a chat.
SELECT agent FROM chat_interaction WHERE business = :business AND chat = :chat AND state <> 'ended';

-- name: agent_room
-- How many live chats an agent may have.
SELECT chat_capacity FROM agent WHERE business = :business AND id = :agent;

-- name: take_live_chat
-- It is this agent's.
UPDATE chat_interaction SET state = 'taken', agent = :agent, taken_at = :now, callback = :callback, settled_at = NULL
WHERE business = :business AND id = :id AND state = 'waiting' RETURNING id;

-- name: pass_live_chat
-- It is another agent's, or waits in another queue.
UPDATE chat_interaction SET state = :state, queue = :queue, agent = :agent, taken_at = :taken_at
WHERE business = :business AND id = :id AND state = 'taken' RETURNING id;

-- name: end_live_chat
-- It is over; only once.
UPDATE chat_interaction SET state = 'ended', ended_at = :now
WHERE business = :business AND id = :id AND state <> 'ended' RETURNING id;

-- name: give_back_live_chats
-- The chats of an agent who leaves wait again, with their places by when they came.
UPDATE chat_interaction SET state = 'waiting', agent = NULL, taken_at = NULL
WHERE business = :business AND agent = :agent AND state = 'taken' RETURNING chat, queue, wait, callback;

-- name: open_callbacks_of
-- A person's callbacks that somebody is to call for.
SELECT id AS callback, queue, ready_at FROM callback
WHERE business = :business AND person = :person AND state IN ('waiting', 'calling', 'asking');

-- name: desks_of_queue
-- Whose desks show what waits in a queue.
SELECT agent FROM agent_queue WHERE business = :business AND queue = :queue ORDER BY agent;
