-- name: make_source
-- A source heard for the first time.
INSERT INTO outside_source (business, id, slug) VALUES (:business, :id, :slug) ON CONFLICT (business, slug) DO NOTHING;

-- name: lock_source
-- A source, held: its events are applied one report at a time.
SELECT id, seq, snapshot_at, gap_at, last_at, heard_at FROM outside_source WHERE business = :business AND slug = :slug FOR UPDATE;

-- name: save_source
-- How far a source was heard.
UPDATE outside_source SET seq = :seq, snapshot_at = :snapshot_at, gap_at = :gap_at, last_at = :last_at, heard_at = :now
WHERE business = :business AND id = :source;

-- name: names
-- Queues and agents by their short names.
SELECT 'queue' AS kind, slug, id FROM queue WHERE business = :business AND retired_at IS NULL AND slug = ANY (:slugs::text[])
UNION ALL
SELECT 'agent', slug, id FROM agent WHERE business = :business AND retired_at IS NULL AND slug = ANY (:slugs::text[]);

-- name: speak_for
-- The queues a source speaks for, from now on.
INSERT INTO outside_queue (business, source, queue) SELECT :business, :source, unnest(:queues::uuid[]) ON CONFLICT DO NOTHING;

-- name: speak_no_more_for
-- The queues it does not report any more.
DELETE FROM outside_queue WHERE business = :business AND source = :source AND NOT queue = ANY (:queues::uuid[]);

-- name: interactions
-- Some interactions of a source.
SELECT * FROM outside_interaction WHERE business = :business AND source = :source AND ref = ANY (:refs::text[]);

-- name: live_interactions
-- The interactions of a source that are not over.
SELECT * FROM outside_interaction WHERE business = :business AND source = :source AND state <> 'ended' ORDER BY ref;

-- name: save_interaction
-- An interaction as it stands.
INSERT INTO outside_interaction (business, source, ref, queue, media, state, priority, arrived_at, answered_at, ended_at, ended_why, agent, callback)
VALUES (:business, :source, :ref, :queue, :media, :state, :priority, :arrived_at, :answered_at, :ended_at, :ended_why, :agent, :callback)
ON CONFLICT (business, source, ref) DO UPDATE
SET queue = excluded.queue, media = excluded.media, state = excluded.state, priority = excluded.priority, arrived_at = excluded.arrived_at,
    answered_at = excluded.answered_at, ended_at = excluded.ended_at, ended_why = excluded.ended_why, agent = excluded.agent,
    callback = excluded.callback,
    settled_at = CASE WHEN outside_interaction.state = 'ended' AND excluded.state <> 'ended' THEN NULL ELSE outside_interaction.settled_at END;

-- name: save_agent
-- What an agent does there.
INSERT INTO outside_agent (business, source, agent, state, since) VALUES (:business, :source, :agent, :state, :since)
ON CONFLICT (business, source, agent) DO UPDATE SET state = excluded.state, since = excluded.since
WHERE (outside_agent.state, outside_agent.since) IS DISTINCT FROM (excluded.state, excluded.since);

-- name: forget_agents
-- Agents who are not there any more.
DELETE FROM outside_agent WHERE business = :business AND source = :source AND NOT agent = ANY (:agents::uuid[]);

-- name: caller_callbacks
-- The open callbacks of whoever has this proved number, or this identity.
SELECT c.id AS callback, c.queue, c.ready_at FROM callback c
WHERE c.business = :business AND c.state IN ('waiting', 'calling', 'asking')
  AND (c.destination = 'phone' AND c.proved AND c.address = :number
       OR c.person IN (SELECT p.id FROM person p WHERE p.business = :business AND p.erased_at IS NULL
                       AND (p.number = :number OR p.identity = :identity)));

-- name: trusts_caller_id
-- What a queue and its business say about their telephone network.
SELECT q.policy, b.policy AS business_policy FROM queue q JOIN business b ON b.id = q.business WHERE q.business = :business AND q.id = :queue;

-- name: feeds
-- When the sources of queues were last heard.
SELECT oq.queue, s.heard_at, s.gap_at FROM outside_queue oq JOIN outside_source s ON s.business = oq.business AND s.id = oq.source
WHERE oq.business = :business AND s.heard_at IS NOT NULL;

-- name: callers
-- Who waits there, as far as that is believed still.
SELECT i.queue, i.arrived_at, i.priority
FROM outside_interaction i JOIN outside_source s ON s.business = i.business AND s.id = i.source
WHERE i.business = :business AND i.queue = ANY (:queues::uuid[]) AND i.state = 'waiting' AND s.heard_at > :believed
ORDER BY i.arrived_at LIMIT 5000;

-- name: strangers
-- How many talk there with agents who are not ours: at least so many take callers of these queues.
SELECT i.queue, count(*)::int AS talking
FROM outside_interaction i JOIN outside_source s ON s.business = i.business AND s.id = i.source
WHERE i.business = :business AND i.queue = ANY (:queues::uuid[]) AND i.state = 'talking' AND i.agent IS NULL AND s.heard_at > :believed
GROUP BY i.queue;

-- name: agents_there
-- What agents do there, as far as that is believed still; of several sources the one that keeps them busy.
SELECT DISTINCT ON (a.agent) a.agent, a.state, a.since
FROM outside_agent a JOIN outside_source s ON s.business = a.business AND s.id = a.source
WHERE a.business = :business AND s.heard_at > :believed
ORDER BY a.agent, (a.state IN ('busy', 'wrap_up')) DESC, a.since DESC;

-- name: joined_interactions
-- What a callback's person is with us for by another way, and what follows is not done yet: over there, or in a live chat of ours.
SELECT i.ref, i.queue, i.media, i.state, i.priority, i.arrived_at, i.answered_at, i.ended_at, i.ended_why, i.agent, i.callback, s.heard_at
FROM outside_interaction i JOIN outside_source s ON s.business = i.business AND s.id = i.source
WHERE i.business = :business AND i.callback = :callback AND i.settled_at IS NULL
UNION ALL
SELECT c.id::text, c.queue, 'chat', CASE c.state WHEN 'taken' THEN 'talking' ELSE c.state END, 0, c.came_at, c.taken_at, c.ended_at,
       CASE WHEN c.ended_at IS NULL THEN NULL WHEN c.taken_at IS NULL THEN 'abandoned' ELSE 'talked' END, c.agent, c.callback, :now::timestamptz
FROM chat_interaction c
WHERE c.business = :business AND c.callback = :callback AND c.settled_at IS NULL
ORDER BY arrived_at, ref;

-- name: settle_interactions
-- What follows for the callback is done.
WITH there AS (
    UPDATE outside_interaction SET settled_at = :now WHERE business = :business AND callback = :callback AND settled_at IS NULL
)
UPDATE chat_interaction SET settled_at = :now WHERE business = :business AND callback = :callback AND settled_at IS NULL;

-- name: set_through
-- Since when the person is with us by another way; NULL: not any more.
UPDATE callback SET through_since = :since WHERE business = :business AND id = :callback;

-- name: forget_interactions
-- Interactions long over: rates do not remember so far back.
DELETE FROM outside_interaction WHERE business = :business AND state = 'ended' AND ended_at < :before;
