-- name: insert_dialled_first
-- A customer is dialled before an agent is: `agent` is who is kept for them, nobody on-deck.
INSERT INTO dialled_first (business, attempt, callback, queue, day, dialled_at, agent)
VALUES (:business, :attempt, :callback, :queue, :day, :dialled_at, :agent);

-- name: give_agent
-- Somebody is free for them now; or, with nobody, they wait again.
UPDATE dialled_first SET agent = :agent
WHERE business = :business AND attempt = :attempt AND over_at IS NULL
RETURNING queue;

-- name: note_ready
-- The customer answered; the first word stays.
UPDATE dialled_first SET ready_at = coalesce(ready_at, :at) WHERE business = :business AND attempt = :attempt RETURNING queue, agent;

-- name: note_joined
-- An agent is with them.
UPDATE dialled_first SET joined_at = coalesce(joined_at, :at) WHERE business = :business AND attempt = :attempt;

-- name: note_over
-- The attempt is over; a machine that answered was nobody who could be left alone.
UPDATE dialled_first
SET over_at = coalesce(over_at, :at), joined_at = coalesce(joined_at, :joined_at),
    ready_at = CASE WHEN :machine THEN NULL ELSE coalesce(ready_at, :ready_at) END
WHERE business = :business AND attempt = :attempt;

-- name: without_agent
-- Customers of a queue who ring or wait on the line and have nobody: who answered first comes first.
SELECT attempt, callback, dialled_at, ready_at FROM dialled_first
WHERE business = :business AND queue = :queue AND agent IS NULL AND over_at IS NULL
ORDER BY ready_at NULLS LAST, dialled_at, attempt;

-- name: day
-- What became of those dialled on a day: how many were ready, and how many of them had no agent within so many seconds.
SELECT count(*) FILTER (WHERE ready_at IS NOT NULL) AS ready,
       count(*) FILTER (WHERE coalesce(joined_at, over_at, :now) > ready_at + make_interval(secs => :within)) AS alone
FROM dialled_first WHERE business = :business AND queue = :queue AND day = :day;

-- name: answered_after
-- The mean time from dialling to answering of the last fifty who answered, seconds.
SELECT avg(extract(epoch FROM ready_at - dialled_at))::float8 AS seconds, count(*) AS seen
FROM (SELECT ready_at, dialled_at FROM dialled_first
      WHERE business = :business AND queue = :queue AND day >= :since AND ready_at IS NOT NULL
      ORDER BY dialled_at DESC LIMIT 50) AS latest;

-- name: busy_agents
-- Those who serve a queue and talk or wrap up, without those who will be away afterwards.
SELECT s.agent, s.state, s.since, s.until
FROM agent_queue q
JOIN agent a ON a.business = q.business AND a.id = q.agent AND a.retired_at IS NULL
JOIN agent_state s ON s.business = q.business AND s.agent = q.agent
WHERE q.business = :business AND q.queue = :queue AND s.state IN ('on_a_call', 'wrap_up') AND s.then_state IS NULL
ORDER BY s.until NULLS LAST, s.since, s.agent;

-- name: mean_handling
-- The mean handling time of the last fifty callbacks of a queue, seconds.
SELECT avg(extract(epoch FROM wrapped_at - accepted_at))::float8 AS seconds, count(*) AS seen
FROM (SELECT wrapped_at, accepted_at FROM handled
      WHERE business = :business AND queue = :queue AND wrapped_at > :since
      ORDER BY wrapped_at DESC LIMIT 50) AS latest;

-- name: forget_dialled_first
-- What is older than a week teaches nothing any more.
DELETE FROM dialled_first WHERE business = :business AND queue = :queue AND day < :before AND over_at IS NOT NULL;
