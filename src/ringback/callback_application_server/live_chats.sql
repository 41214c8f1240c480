-- name: latest_live_chat
-- Whether a chat is with a person, or waits for one, and which message asked last.
SELECT state, agent, seq FROM chat_interaction WHERE business = :business AND chat = :chat ORDER BY came_at DESC LIMIT 1;
