-- name: lock_queue
-- A queue with its business, held: whoever assigns or books in it waits here.
SELECT q.*, b.slug AS business_slug, b.zone AS business_zone, b.language AS business_language, b.policy AS business_policy
FROM queue q JOIN business b ON b.id = q.business
WHERE q.business = :business AND q.id = :queue
FOR NO KEY UPDATE OF q;

-- name: read_queue
-- A queue with its business, as it stands.
SELECT q.*, b.slug AS business_slug, b.zone AS business_zone, b.language AS business_language, b.policy AS business_policy
FROM queue q JOIN business b ON b.id = q.business
WHERE q.business = :business AND q.id = :queue;

-- name: dialling_permit
-- Whether this installation may dial at all: off after a restore, until somebody looked.
SELECT allowed FROM dialling_permit;

-- name: head_of_line
-- The waiting callbacks of a queue up to a horizon, first those whose latest safe start has come, then by aged priority (rules/line.py).
SELECT *
FROM callback
WHERE business = :business AND queue = :queue AND state = 'waiting' AND attempt IS NULL AND ready_at <= :horizon
  AND through_since IS NULL
ORDER BY (NOT early_is_fine AND ready_at <= :now AND window_end - make_interval(secs => :lead) <= :now) DESC,
         priority + greatest(0, floor(extract(epoch FROM :now::timestamptz - ready_at) / :ages_every)) DESC,
         ready_at, accepted_at, id
LIMIT :most;

-- name: next_ready
-- When the next waiting callback beyond the horizon is ready.
SELECT min(ready_at) FROM callback
WHERE business = :business AND queue = :queue AND state = 'waiting' AND attempt IS NULL AND ready_at > :horizon
  AND through_since IS NULL;

-- name: candidates
-- The agents who serve a queue, as they are now.
SELECT s.agent, a.name, s.state, a.skills, a.chat_capacity, s.idle_since, s.callback,
       (SELECT count(*)::int FROM chat_interaction c WHERE c.business = s.business AND c.agent = s.agent AND c.state = 'taken') AS chats,
       a.carrier <> 'browser'
       OR EXISTS (
           SELECT 1 FROM presence p
           WHERE p.business = s.business AND p.subject = s.agent AND p.seen_at >= :seen_after AND p.left_at IS NULL
       ) AS present,
       (SELECT o.state FROM outside_agent o JOIN outside_source x ON x.business = o.business AND x.id = o.source
        WHERE o.business = s.business AND o.agent = s.agent AND x.heard_at > :believed
        ORDER BY (o.state IN ('busy', 'wrap_up')) DESC, o.since DESC LIMIT 1) AS outside
FROM agent_queue aq
JOIN agent a ON a.business = aq.business AND a.id = aq.agent AND a.retired_at IS NULL
JOIN agent_state s ON s.business = aq.business AND s.agent = aq.agent
WHERE aq.business = :business AND aq.queue = :queue
ORDER BY s.agent;

-- name: last_spoke
-- For each person, the agent of their last talk.
SELECT DISTINCT ON (c.person) c.person, a.agent
FROM callback c JOIN assignment a ON a.business = c.business AND a.callback = c.id AND a.ended_why IN ('talked', 'dropped')
WHERE c.business = :business AND c.person = ANY (:persons::uuid[])
ORDER BY c.person, a.ended_at DESC;

-- name: repeats
-- Which of some callbacks are of a person who was called about the same queue within the week before.
SELECT id FROM callback WHERE business = :business AND id = ANY (:callbacks::uuid[]) AND repeat_of IS NOT NULL;

-- name: find_repeats
-- New callbacks whose person had one in the same queue that was talked about and ended since then, with the last such one.
SELECT new.callback, earlier.id AS earlier
FROM unnest(:callbacks::uuid[], :persons::uuid[], :queues::uuid[], :sinces::timestamptz[]) AS new (callback, person, queue, since)
CROSS JOIN LATERAL (
    SELECT id FROM (SELECT id, finished_at FROM callback
                    WHERE business = :business AND person = new.person AND queue = new.queue AND finished_at > new.since AND state = 'done'
                    OFFSET 0) AS done  -- by the person, never down the list of all that ended
    ORDER BY finished_at DESC LIMIT 1
) AS earlier;

-- name: mark_repeats
-- Flag callbacks as asked for again.
UPDATE callback c SET repeat_of = r.earlier
FROM unnest(:callbacks::uuid[], :earlier::uuid[]) AS r (callback, earlier)
WHERE c.business = :business AND c.id = r.callback;

-- name: refusals
-- When agents last did not take a callback they were offered.
SELECT callback, agent, max(ended_at) AS at
FROM assignment
WHERE business = :business AND callback = ANY (:callbacks::uuid[]) AND ended_why IN ('declined', 'no_answer', 'unreachable')
GROUP BY callback, agent;

-- name: insert_assignment
-- An agent is given a callback: unique indexes allow one live assignment per agent and per callback.
INSERT INTO assignment (business, id, callback, attempt, agent, reasons, made_at)
VALUES (:business, :id, :callback, :attempt, :agent, :reasons, :made_at);

-- name: live_assignment
-- The live assignment of a callback.
SELECT id, callback, attempt, agent, made_at, accepted_at FROM assignment WHERE business = :business AND callback = :callback AND state = 'live';

-- name: accept_assignment
-- The agent took it; the first word stays.
UPDATE assignment SET accepted_at = coalesce(accepted_at, :at)
WHERE business = :business AND callback = :callback AND attempt = :attempt AND agent = :agent AND state = 'live';

-- name: end_assignment
-- It is over, once.
UPDATE assignment SET state = 'ended', ended_at = :at, ended_why = :why
WHERE business = :business AND callback = :callback AND attempt = :attempt AND agent = :agent AND state = 'live';

-- name: agents_tried
-- Whom one attempt was offered to.
SELECT DISTINCT agent FROM assignment WHERE business = :business AND callback = :callback AND attempt = :attempt;

-- name: queues_with_work
-- The queues of a business in which something waits, and whether anything will wake them.
SELECT q.id AS queue,
       EXISTS (SELECT 1 FROM due d WHERE d.business = q.business AND d.subject = q.id AND d.kind = 'work') AS has_timer
FROM queue q
WHERE q.business = :business
  AND EXISTS (SELECT 1 FROM callback c WHERE c.business = q.business AND c.queue = q.id AND c.state = 'waiting')
ORDER BY q.id;
