-- name: desk_agent
-- The agent whose desk it is, what they are doing, and their business.
SELECT a.id, a.name, a.carrier, a.shifts, b.name AS business_name, b.slug AS business_slug, b.zone, b.policy AS business_policy, b.version AS business_version,
       coalesce(s.state, 'offline') AS state, coalesce(s.since, b.created_at) AS since, s.reason, s.until,
       s.callback, s.attempt, coalesce(s.more_time, false) AS more_time, s.then_state
FROM agent a JOIN business b ON b.id = a.business LEFT JOIN agent_state s ON s.business = a.business AND s.agent = a.id
WHERE a.business = :business AND a.id = :agent AND a.retired_at IS NULL;

-- name: desk_queues
-- The queues an agent serves, the home queue first.
SELECT q.id, q.slug, q.name, q.hours, q.policy, q.version, q.dialling
FROM queue q JOIN agent_queue aq ON aq.business = q.business AND aq.queue = q.id
JOIN agent a ON a.business = aq.business AND a.id = aq.agent
WHERE q.business = :business AND aq.agent = :agent AND q.retired_at IS NULL
ORDER BY (q.id = a.home_queue) DESC, q.name, q.id;

-- name: desk_current
-- The callback an agent is rung for, talks in or wraps up, with the attempt's legs and the reasons of the choice.
SELECT c.id, c.queue, q.name AS queue_name, q.policy AS queue_policy, q.version AS queue_version, c.chat, c.person, c.person_name,
       c.destination, right(c.address, 3) AS ending, c.proved, c.language, c.topic, c.zone, c.window_start, c.window_end, c.early_is_fine,
       t.id AS attempt, t.state AS attempt_state, t.joined_at AS attempt_joined_at, t.ended_at AS attempt_ended_at,
       t.wishes, t.direction->'handling' AS handling,
       mine.phase AS agent_phase, mine.dialled_at AS agent_dialled_at, mine.ringing_at AS agent_ringing_at,
       mine.answered_at AS agent_answered_at, mine.rings_until AS agent_rings_until,
       theirs.phase AS customer_phase, theirs.dialled_at AS customer_dialled_at, theirs.ringing_at AS customer_ringing_at,
       theirs.joined_at AS customer_joined_at, theirs.ended_at AS customer_ended_at,
       a.reasons, con.at AS consent_at, con.answer AS consent_answer
FROM callback c
JOIN queue q ON q.business = c.business AND q.id = c.queue
JOIN attempt t ON t.business = c.business AND t.id = :attempt AND t.callback = c.id
LEFT JOIN LATERAL (SELECT * FROM leg l WHERE l.business = t.business AND l.attempt = t.id AND l.party = 'agent' AND l.agent = :agent
                   ORDER BY l.n DESC LIMIT 1) mine ON true
LEFT JOIN leg theirs ON theirs.business = t.business AND theirs.attempt = t.id AND theirs.party = 'customer'
LEFT JOIN LATERAL (SELECT s.reasons FROM assignment s WHERE s.business = c.business AND s.callback = c.id AND s.agent = :agent
                   AND s.attempt = t.id ORDER BY s.made_at DESC LIMIT 1) a ON true
LEFT JOIN consent con ON con.business = c.business AND con.id = c.consent
WHERE c.business = :business AND c.id = :callback;

-- name: last_talk
-- When somebody of the business last talked with this person, and who.
SELECT h.joined_at, h.talk_ended_at, a.id AS agent, a.name AS agent_name, c.disposition, q.policy AS queue_policy, q.id AS queue,
       q.version AS queue_version
FROM callback c
JOIN handled h ON h.business = c.business AND h.callback = c.id
JOIN agent a ON a.business = h.business AND a.id = h.agent
JOIN queue q ON q.business = c.business AND q.id = c.queue
WHERE c.business = :business AND c.person = :person AND h.joined_at IS NOT NULL AND h.attempt IS DISTINCT FROM :attempt
ORDER BY h.joined_at DESC LIMIT 1;

-- name: transcript
-- The last words of a chat, oldest first; what was only true for a moment is left out after it.
SELECT * FROM (
    SELECT m.seq, m.author, m.author_name, m.text, m.at, m.status FROM chat_message m
    WHERE m.business = :business AND m.chat = :chat AND m.purged_at IS NULL AND (m.expires_at IS NULL OR m.expires_at > :now)
    ORDER BY m.seq DESC LIMIT 100
) AS latest ORDER BY seq;

-- name: desk_next
-- What comes for an agent: held for them, asked for them, or next in their queues.
SELECT c.id, c.person_name, c.destination, right(c.address, 3) AS ending, c.topic, c.window_start, c.window_end, c.early_is_fine,
       c.estimate_p50, c.ready_at, c.accepted_at, c.named_agent, c.state, q.name AS queue_name, q.dialling,
       (c.id IS NOT DISTINCT FROM :held) AS is_held,
       (SELECT d.detail ->> 'agent' FROM decision d WHERE d.business = c.business AND d.callback = c.id AND d.kind = 'reassigned'
        ORDER BY d.at DESC LIMIT 1) AS given_to
FROM callback c JOIN queue q ON q.business = c.business AND q.id = c.queue
WHERE c.business = :business AND c.state IN ('waiting', 'calling') AND (c.state = 'waiting' OR c.id = :held)
  AND (c.id = :held OR c.named_agent = :agent
       OR (c.named_agent IS NULL AND c.queue = ANY (:queues::uuid[]) AND NOT :agent = ANY (c.declined_by)))
ORDER BY (c.id IS NOT DISTINCT FROM :held) DESC, greatest(c.ready_at, c.window_start), c.accepted_at, c.id
LIMIT 12;

-- name: desk_done
-- The attempts an agent took today, newest first, with how the promise they were for ended.
SELECT c.id, s.ended_at, c.person_name, c.destination, right(c.address, 3) AS ending, c.topic, c.disposition, c.queue,
       q.policy AS queue_policy, q.version AS queue_version, t.outcome, t.number, h.joined_at, h.talk_ended_at,
       p.id AS promise, p.window_start, p.window_end, p.early_is_fine, p.result, p.cause, p.first_ring_at
FROM assignment s
JOIN callback c ON c.business = s.business AND c.id = s.callback
JOIN queue q ON q.business = c.business AND q.id = c.queue
JOIN attempt t ON t.business = s.business AND t.id = s.attempt
LEFT JOIN handled h ON h.business = s.business AND h.attempt = s.attempt
LEFT JOIN LATERAL (SELECT * FROM promise p WHERE p.business = s.business AND p.callback = s.callback AND p.made_at <= s.made_at
                   ORDER BY p.n DESC LIMIT 1) p ON true
WHERE s.business = :business AND s.agent = :agent AND s.made_at > :day_start AND s.accepted_at IS NOT NULL AND s.ended_at >= :day_start
ORDER BY s.ended_at DESC LIMIT 200;

-- name: console_business
-- Whose console it is, and whether this installation dials at all.
SELECT name, zone, slug, policy, version, (SELECT allowed FROM dialling_permit) AS may_dial FROM business WHERE id = :business;

-- name: console_queues
-- Queues with their levers, and how many wait and are promised.
SELECT q.id, q.slug, q.name, q.offering, q.dialling, q.backlog_cap, q.wait_cap, q.waitlist, q.shut_from, q.shut_until, q.shut_why,
       q.incident, (SELECT count(*)::int FROM waitlist w WHERE w.business = q.business AND w.queue = q.id AND w.left_at IS NULL) AS listed, q.hours, q.policy, q.version, q.is_default,
       coalesce(n.waiting, 0) AS waiting, coalesce(n.promised, 0) AS promised
FROM queue q LEFT JOIN (
    SELECT queue, count(*) FILTER (WHERE state = 'waiting' AND ready_at <= :now) AS waiting, count(*) AS promised
    FROM callback WHERE business = :business AND state NOT IN ('done', 'cancelled', 'closed') GROUP BY queue
) n ON n.queue = q.id
WHERE q.business = :business AND q.retired_at IS NULL ORDER BY q.is_default DESC, q.name, q.id;

-- name: console_agents
-- Agents, what they do, and for whom.
SELECT a.id, a.slug, a.name, a.home_queue, coalesce(s.state, 'offline') AS state, coalesce(s.since, :now) AS since, s.reason, s.until,
       a.away_from, a.away_until, a.away_why, c.person_name, c.destination, right(c.address, 3) AS ending, c.window_start,
       ARRAY(SELECT aq.queue FROM agent_queue aq WHERE aq.business = a.business AND aq.agent = a.id) AS queues
FROM agent a
LEFT JOIN agent_state s ON s.business = a.business AND s.agent = a.id
LEFT JOIN callback c ON c.business = s.business AND c.id = s.callback
WHERE a.business = :business AND a.retired_at IS NULL ORDER BY a.name, a.id;

-- name: console_open
-- Every open callback with who calls it and how far that is, in the order of the lines.
SELECT c.id, c.queue, q.name AS queue_name, c.person_name, c.destination, right(c.address, 3) AS ending, c.topic, c.state, c.reason,
       c.priority, c.accepted_at, c.ready_at, c.window_start, c.window_end, c.early_is_fine, c.estimate_p10, c.estimate_p50, c.estimate_p90,
       c.slot_start, c.notices, c.places_gained, c.places_lost, c.customer_attempts, c.attempts,
       named.name AS named_agent_name, live.agent AS live_agent, caller.name AS live_agent_name,
       mine.phase AS agent_phase, mine.ringing_at AS agent_ringing_at, theirs.phase AS customer_phase, theirs.ringing_at AS customer_ringing_at,
       t.state AS attempt_state, t.joined_at, last.outcome AS last_outcome, last.ended_at AS last_ended_at, held.name AS held_agent_name,
       s.capacity, s.booked
FROM callback c
JOIN queue q ON q.business = c.business AND q.id = c.queue
LEFT JOIN agent named ON named.business = c.business AND named.id = c.named_agent
LEFT JOIN assignment live ON live.business = c.business AND live.callback = c.id AND live.state = 'live'
LEFT JOIN agent caller ON caller.business = live.business AND caller.id = live.agent
LEFT JOIN attempt t ON t.business = c.business AND t.callback = c.id AND t.state <> 'ended'
LEFT JOIN LATERAL (SELECT l.phase, l.ringing_at FROM leg l WHERE l.business = t.business AND l.attempt = t.id AND l.party = 'agent'
                   AND l.agent = live.agent ORDER BY l.n DESC LIMIT 1) mine ON true
LEFT JOIN leg theirs ON theirs.business = t.business AND theirs.attempt = t.id AND theirs.party = 'customer'
LEFT JOIN LATERAL (SELECT e.outcome, e.ended_at FROM attempt e WHERE e.business = c.business AND e.callback = c.id AND e.state = 'ended'
                   ORDER BY e.number DESC LIMIT 1) last ON true
LEFT JOIN agent_state hs ON hs.business = c.business AND hs.callback = c.id AND hs.state = 'held'
LEFT JOIN agent held ON held.business = hs.business AND held.id = hs.agent
LEFT JOIN slot s ON s.business = c.business AND s.queue = c.queue AND s.starts_at = c.slot_start
WHERE c.business = :business AND c.state NOT IN ('done', 'cancelled', 'closed')
ORDER BY c.priority DESC, c.ready_at, c.accepted_at, c.id LIMIT 1000;

-- name: console_done
-- What was finished today, newest first, with how its first promise ended.
SELECT c.id, c.queue, q.name AS queue_name, c.person_name, c.destination, right(c.address, 3) AS ending, c.topic, c.state, c.reason,
       c.window_start, c.window_end, c.early_is_fine, c.finished_at, c.outcome, p.result, p.cause, p.first_ring_at,
       p.window_start AS promised_start, p.window_end AS promised_end, p.early_is_fine AS promised_early, h.name AS agent_name
FROM callback c
JOIN queue q ON q.business = c.business AND q.id = c.queue
LEFT JOIN promise p ON p.business = c.business AND p.callback = c.id AND p.n = 1
LEFT JOIN LATERAL (SELECT a.name FROM handled h JOIN agent a ON a.business = h.business AND a.id = h.agent
                   WHERE h.business = c.business AND h.callback = c.id ORDER BY h.accepted_at DESC LIMIT 1) h ON true
WHERE c.business = :business AND c.finished_at >= :day_start ORDER BY c.finished_at DESC, c.id LIMIT 200;

-- name: console_promises
-- First promises whose window ended today: the base of the day's score, by queue and hour.
SELECT p.queue, date_trunc('hour', p.window_end AT TIME ZONE :zone) AS hour, p.result, count(*)::int AS count
FROM promise p
WHERE p.business = :business AND p.kind = 'first' AND p.window_end >= :day_start AND p.window_end <= :now AND p.result <> 'open'
GROUP BY 1, 2, 3;

-- name: console_staffing
-- What is promised and what there is room for, slot by slot.
SELECT s.queue, s.starts_at, s.ends_at, s.capacity, s.booked FROM slot s
WHERE s.business = :business AND s.ends_at > :now AND s.starts_at < :until ORDER BY s.starts_at;

-- name: console_callback
-- One callback, for its opened row.
SELECT c.id, c.queue, c.chat, c.state, c.reason, c.routed_why, c.provider, c.named_agent, n.name AS named_agent_name, c.accepted_at,
       c.ready_at, c.window_start, c.window_end, c.early_is_fine, c.attempt, c.attempts, c.customer_attempts, c.created_by, c.person_name,
       c.destination, right(c.address, 3) AS ending, b.zone, r.rating
FROM callback c JOIN business b ON b.id = c.business LEFT JOIN agent n ON n.business = c.business AND n.id = c.named_agent
LEFT JOIN callback_request r ON r.business = c.business AND r.id = c.id
WHERE c.business = :business AND c.id = :callback;

-- name: callback_decisions
-- Every decision about a callback, in order.
SELECT d.kind, d.at, d.by, d.verdict, d.detail FROM decision d WHERE d.business = :business AND d.callback = :callback ORDER BY d.at, d.id LIMIT 300;

-- name: callback_assignments
-- Who was chosen for a callback, with the reasons.
SELECT s.agent, a.name, s.state, s.reasons, s.made_at, s.accepted_at, s.ended_at, s.ended_why
FROM assignment s JOIN agent a ON a.business = s.business AND a.id = s.agent
WHERE s.business = :business AND s.callback = :callback ORDER BY s.made_at, s.id;

-- name: callback_attempts
-- What happened at the customer's end.
SELECT t.number, t.state, t.outcome, t.began_at, t.joined_at, t.ended_at, l.dialled_at, l.ringing_at, l.answered_at, l.ended_at AS leg_ended_at
FROM attempt t LEFT JOIN leg l ON l.business = t.business AND l.attempt = t.id AND l.party = 'customer'
WHERE t.business = :business AND t.callback = :callback ORDER BY t.number;

-- name: console_alerts
-- What needs a person, the oldest first.
SELECT id, kind, queue, verdict, raised_at FROM alert WHERE business = :business AND resolved_at IS NULL ORDER BY raised_at, id;
