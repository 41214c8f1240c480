-- name: request_head
-- What was asked for, where, and what became of it; the zone is the business's.
SELECT r.made_at, r.provider, r.principal, r.state, r.problem, r.request, b.zone, c.created_by, c.routed_why, c.when_kind, c.channel,
       q.name AS queue_name, c.state AS callback_state, c.places_gained, c.places_lost, c.reason, c.accepted_at
FROM business b
LEFT JOIN callback_request r ON r.business = b.id AND r.id = :callback
LEFT JOIN callback c ON c.business = b.id AND c.id = :callback
LEFT JOIN queue q ON q.business = c.business AND q.id = c.queue
WHERE b.id = :business;

-- name: decisions
-- Every decision about it, in order.
SELECT kind, at, by, verdict, detail FROM decision WHERE business = :business AND callback = :callback ORDER BY at, id LIMIT 1000;

-- name: promises
-- Every promise made for it.
SELECT * FROM promise WHERE business = :business AND callback = :callback ORDER BY n;

-- name: attempts
-- Every attempt, with what happened at the customer's end.
SELECT t.id, t.number, t.state, t.outcome, t.detail, t.began_at, t.not_before, t.ended_at, l.carrier, l.dialled_at, l.ringing_at, l.answered_at,
       l.joined_at, l.ended_at AS leg_ended_at, l.evidence
FROM attempt t LEFT JOIN leg l ON l.business = t.business AND l.attempt = t.id AND l.party = 'customer'
WHERE t.business = :business AND t.callback = :callback ORDER BY t.number;

-- name: agents
-- Who was asked in each attempt, and what they did.
SELECT s.attempt, a.name, s.made_at, s.accepted_at, s.ended_at, s.ended_why
FROM assignment s JOIN agent a ON a.business = s.business AND a.id = s.agent
WHERE s.business = :business AND s.callback = :callback ORDER BY s.made_at, s.id;
