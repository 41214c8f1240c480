-- name: ask_about_incident
-- Those who wait and came by a chat, not asked since the incident was announced: the next to be called first.
WITH next AS MATERIALIZED (
    SELECT id FROM callback
    WHERE business = :business AND queue = :queue AND state IN ('waiting', 'asking') AND chat IS NOT NULL
      AND coalesce(asked_need_at < :since, true)
    ORDER BY ready_at, accepted_at, id LIMIT :most FOR NO KEY UPDATE)
UPDATE callback SET asked_need_at = :now WHERE business = :business AND id IN (SELECT id FROM next)
RETURNING id;

-- name: waitlist_for
-- How many others wait for room in some queues, how many of them are invited, and whether a person is.
SELECT queue, count(*) FILTER (WHERE person IS DISTINCT FROM :person::uuid)::int AS others,
       count(*) FILTER (WHERE person IS DISTINCT FROM :person::uuid AND invited_until > :now)::int AS others_invited,
       coalesce(bool_or(invited_until > :now) FILTER (WHERE person = :person::uuid), false) AS invited
FROM waitlist
WHERE business = :business AND queue = ANY (:queues::uuid[]) AND left_at IS NULL AND (invited_until IS NULL OR invited_until > :now)
GROUP BY queue;

-- name: join_waitlist
-- A place on the waitlist; the one there is, if the person has one.
INSERT INTO waitlist (business, id, queue, provider, chat, person, joined_at)
VALUES (:business, :id, :queue, :provider, :chat, :person, :now)
ON CONFLICT (business, queue, person) WHERE left_at IS NULL DO UPDATE SET chat = excluded.chat, provider = excluded.provider
RETURNING id;

-- name: place_on_waitlist
-- How many are on it up to an entry.
SELECT count(*)::int FROM waitlist w JOIN waitlist mine ON mine.business = w.business AND mine.id = :id AND mine.queue = w.queue
WHERE w.business = :business AND w.left_at IS NULL AND (w.joined_at, w.id) <= (mine.joined_at, mine.id);

-- name: open_waitlists
-- The queues in which somebody waits for room.
SELECT DISTINCT queue FROM waitlist WHERE business = :business AND left_at IS NULL ORDER BY queue;

-- name: expire_invitations
-- Invited, and did not come: their room is the next one's.
UPDATE waitlist SET left_at = :now, left_why = 'expired'
WHERE business = :business AND queue = :queue AND left_at IS NULL AND invited_until <= :now RETURNING id, chat;

-- name: standing_invitations
-- How many rooms are kept for invited people.
SELECT count(*)::int FROM waitlist WHERE business = :business AND queue = :queue AND left_at IS NULL AND invited_until > :now;

-- name: invite
-- The first of the list are told of room, which is kept for them a while.
WITH first AS MATERIALIZED (
    SELECT id FROM waitlist WHERE business = :business AND queue = :queue AND left_at IS NULL AND invited_at IS NULL
    ORDER BY joined_at, id LIMIT :most FOR NO KEY UPDATE)
UPDATE waitlist SET invited_at = :now, invited_until = :until WHERE business = :business AND id IN (SELECT id FROM first)
RETURNING id, chat, provider, person, joined_at;

-- name: leave_waitlist
-- Booked, or stopped: no longer on it.
UPDATE waitlist SET left_at = :now, left_why = :why
WHERE business = :business AND person = :person AND left_at IS NULL AND (:queue::uuid IS NULL OR queue = :queue::uuid);

-- name: stop_waitlist
-- The lever is off: everybody leaves, and hears it.
UPDATE waitlist SET left_at = :now, left_why = 'stopped'
WHERE business = :business AND queue = :queue AND left_at IS NULL RETURNING id, chat;

-- name: read_callbacks
-- Some callbacks as they stand, in the order in which they were accepted.
SELECT * FROM callback WHERE business = :business AND id = ANY (:callbacks::uuid[]) ORDER BY accepted_at, id;

-- name: callbacks_for_agent
-- The open callbacks whose customers wait for one agent in a stretch of time, in the order in which they were accepted.
SELECT * FROM callback
WHERE business = :business AND named_agent = :agent AND state NOT IN ('done', 'cancelled', 'closed')
  AND window_start < :until AND window_end > :now
ORDER BY accepted_at, id;

-- name: lock_away
-- An agent, held, with when they are away.
SELECT id, name, away_from, away_until FROM agent WHERE business = :business AND id = :agent AND retired_at IS NULL FOR NO KEY UPDATE;

-- name: save_away
-- When an agent is away, and why.
UPDATE agent SET away_from = :away_from, away_until = :away_until, away_why = :away_why WHERE business = :business AND id = :agent;

-- name: ask_about_away
-- Whose time comes soon and whom they asked for is not there: marked as asked, once.
WITH alone AS MATERIALIZED (
    SELECT c.id, c.queue, c.window_start, c.window_end, a.name
    FROM callback c JOIN agent a ON a.business = c.business AND a.id = c.named_agent
    JOIN agent_state s ON s.business = a.business AND s.agent = a.id
    WHERE c.business = :business AND c.state = 'waiting' AND c.named_agent IS NOT NULL AND c.chat IS NOT NULL
      AND c.asked_need_at IS NULL AND c.window_start <= :soon AND c.window_end > :now AND NOT s.state = ANY (:serving::text[])
    ORDER BY c.window_start, c.id LIMIT :most FOR NO KEY UPDATE OF c)
UPDATE callback c SET asked_need_at = :now FROM alone
WHERE c.business = :business AND c.id = alone.id
RETURNING c.id, alone.queue, alone.window_start, alone.window_end, alone.name;

-- name: promised_later
-- When those who are promised a time to come begin, sorted.
SELECT window_start FROM callback
WHERE business = :business AND queue = :queue AND state = 'waiting' AND window_start > :now
ORDER BY window_start LIMIT 10000;
