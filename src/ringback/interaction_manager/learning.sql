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
-- Waits that ended after `since`: reached by an agent, or given up; with the range that was told, for those who were told one.
SELECT queue, made_at AS began_at, coalesce(agent_ready_at, settled_at) AS at, agent_ready_at IS NOT NULL AS reached,
       estimate_p10, estimate_p50, estimate_p90
FROM promise
WHERE business = :business AND queue = ANY (:queues::uuid[]) AND window_end > :since::timestamptz - interval '1 day' AND early_is_fine
  AND coalesce(agent_ready_at, CASE WHEN result = 'withdrawn' THEN settled_at END) > :since
  AND coalesce(agent_ready_at, settled_at) <= :until
UNION ALL
SELECT queue, arrived_at, coalesce(answered_at, ended_at), answered_at IS NOT NULL, NULL, NULL, NULL
FROM outside_interaction
WHERE business = :business AND queue = ANY (:queues::uuid[]) AND coalesce(answered_at, ended_at) > :since AND coalesce(answered_at, ended_at) <= :until
  AND coalesce(ended_why, 'talked') <> 'lost'
ORDER BY 3;
