-- name: outside_sources
-- What each contact centre outside was heard of, and how much there is of it now.
SELECT s.id, s.slug, s.seq, s.snapshot_at, s.gap_at, s.heard_at,
       ARRAY(SELECT q.slug FROM outside_queue oq JOIN queue q ON q.business = oq.business AND q.id = oq.queue
             WHERE oq.business = s.business AND oq.source = s.id ORDER BY q.slug) AS queues,
       (SELECT count(*) FROM outside_interaction i WHERE i.business = s.business AND i.source = s.id AND i.state = 'waiting') AS waiting,
       (SELECT count(*) FROM outside_interaction i WHERE i.business = s.business AND i.source = s.id AND i.state = 'talking') AS talking,
       (SELECT count(*) FROM outside_agent a WHERE a.business = s.business AND a.source = s.id AND a.state <> 'offline') AS agents
FROM outside_source s WHERE s.business = :business ORDER BY s.slug;

-- name: outside_interaction
-- One interaction, and the callback its person waits for.
SELECT i.ref, i.media, i.state, i.arrived_at, i.answered_at, i.ended_at, i.ended_why, q.id AS queue, q.slug AS queue_slug, a.slug AS agent_slug,
       c.id AS callback, c.person_name, c.topic, c.window_start, c.window_end, c.chat, c.state AS callback_state
FROM outside_interaction i
JOIN outside_source s ON s.business = i.business AND s.id = i.source
JOIN queue q ON q.business = i.business AND q.id = i.queue
LEFT JOIN agent a ON a.business = i.business AND a.id = i.agent
LEFT JOIN callback c ON c.business = i.business AND c.id = i.callback
WHERE i.business = :business AND s.slug = :source AND i.ref = :ref;

-- name: queue_status
-- For each queue that a source speaks for: how old its news is (of several the oldest), and who waits there.
SELECT DISTINCT ON (oq.queue) oq.queue, s.slug AS source, s.heard_at, s.gap_at,
       (SELECT count(*)::int FROM outside_interaction i WHERE i.business = oq.business AND i.queue = oq.queue AND i.state = 'waiting') AS waiting
FROM outside_queue oq JOIN outside_source s ON s.business = oq.business AND s.id = oq.source
WHERE oq.business = :business ORDER BY oq.queue, s.gap_at NULLS LAST, s.heard_at NULLS FIRST;

-- name: with_you
-- Whom an agent talks with outside, and the callback that person waits for.
SELECT c.id, c.queue, q.name AS queue_name, c.chat, c.person_name, c.destination, right(c.address, 3) AS ending, c.topic,
       c.window_start, c.window_end, c.early_is_fine, i.answered_at
FROM outside_interaction i
JOIN outside_source s ON s.business = i.business AND s.id = i.source AND s.heard_at > now() - interval '5 minutes'
JOIN callback c ON c.business = i.business AND c.id = i.callback
JOIN queue q ON q.business = c.business AND q.id = c.queue
WHERE i.business = :business AND i.agent = :agent AND i.state = 'talking' ORDER BY i.answered_at DESC LIMIT 1;
