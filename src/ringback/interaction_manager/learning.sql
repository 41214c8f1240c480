-- name: learned_since
-- What queues learned, of those that learned since it was last read.
SELECT queue, model FROM learned_wait WHERE business = :business AND queue = ANY (:queues::uuid[]) AND updated_at > :since;

-- name: lock_learned
-- What queues learned, to go on from there; whoever else learns just now is left alone.
SELECT queue, model, learned_until FROM learned_wait WHERE business = :business AND queue = ANY (:queues::uuid[]) ORDER BY queue FOR UPDATE SKIP LOCKED;

-- name: begin_learning
-- Queues that learn for the first time begin with nothing.
INSERT INTO learned_wait (business, queue, model, learned_until, updated_at)
SELECT :business, id, '{}'::jsonb, :since, :now FROM unnest(:queues::uuid[]) AS id ON CONFLICT DO NOTHING;

-- name: save_learned
-- What a queue learned, and until when.
UPDATE learned_wait SET model = :model, learned_until = :until, updated_at = CASE WHEN :changed THEN :now ELSE updated_at END
WHERE business = :business AND queue = :queue;

-- name: handled_between
-- Handling times of callbacks and of outside interactions that ended after `since`.
SELECT queue, accepted_at AS began_at, wrapped_at AS at FROM handled
WHERE business = :business AND queue = ANY (:queues::uuid[]) AND wrapped_at > :since AND wrapped_at <= :until
UNION ALL
SELECT queue, answered_at, ended_at FROM outside_interaction
WHERE business = :business AND queue = ANY (:queues::uuid[]) AND state = 'ended' AND ended_at > :since AND ended_at <= :until
  AND answered_at IS NOT NULL AND ended_why <> 'lost'
ORDER BY 3;

-- name: waits_between
-- Waits that ended after `since`: reached by an agent, or given up; with what was predicted, for those it was predicted to.
SELECT queue, made_at AS began_at, coalesce(agent_ready_at, settled_at) AS at, agent_ready_at IS NOT NULL AS reached,
       basis
FROM promise
WHERE business = :business AND queue = ANY (:queues::uuid[]) AND window_end > :since::timestamptz - interval '1 day' AND early_is_fine
  AND coalesce(agent_ready_at, CASE WHEN result = 'withdrawn' THEN settled_at END) > :since
  AND coalesce(agent_ready_at, settled_at) <= :until
UNION ALL
SELECT queue, arrived_at, coalesce(answered_at, ended_at), answered_at IS NOT NULL, NULL
FROM outside_interaction
WHERE business = :business AND queue = ANY (:queues::uuid[]) AND coalesce(answered_at, ended_at) > :since AND coalesce(answered_at, ended_at) <= :until
  AND coalesce(ended_why, 'talked') <> 'lost'
ORDER BY 3;

-- name: tries_between
-- How tries to call somebody back ended that an agent had taken on.
SELECT c.queue, a.ended_at AS at, a.ended_why IN ('talked', 'dropped') AS talked
FROM assignment a JOIN callback c ON c.business = a.business AND c.id = a.callback
WHERE a.business = :business AND a.state = 'ended' AND a.accepted_at IS NOT NULL AND a.ended_at > :since AND a.ended_at <= :until
  AND a.ended_why NOT IN ('withdrawn', 'not_permitted', 'agent_unavailable') AND c.queue = ANY (:queues::uuid[])
ORDER BY 2;

-- name: taken_between
-- Which line agents took somebody from, and when: of ours, and outside.
SELECT c.queue, a.agent, a.made_at AS at
FROM assignment a JOIN callback c ON c.business = a.business AND c.id = a.callback
WHERE a.business = :business AND a.made_at > :since AND a.made_at <= :until AND c.queue = ANY (:queues::uuid[])
UNION ALL
SELECT queue, agent, answered_at FROM outside_interaction
WHERE business = :business AND queue = ANY (:queues::uuid[]) AND agent IS NOT NULL AND answered_at > :since AND answered_at <= :until
  AND (state = 'talking' OR state = 'ended' AND ended_at > :since)
ORDER BY 3;

-- name: still_waiting
-- Since when the first in each line waits.
SELECT queue, min(ready_at) AS since FROM callback
WHERE business = :business AND queue = ANY (:queues::uuid[]) AND state = 'waiting' AND ready_at <= :until GROUP BY queue
UNION ALL
SELECT queue, min(arrived_at) FROM outside_interaction
WHERE business = :business AND queue = ANY (:queues::uuid[]) AND state = 'waiting' GROUP BY queue;
