-- name: list_callbacks
-- Callbacks, the latest accepted first, a page after a given one.
SELECT c.*, right(c.address, 3) AS ending, q.slug AS queue_slug, q.name AS queue_name, coalesce(caller.name, named.name) AS agent_name, r.rating
FROM callback c
LEFT JOIN callback_request r ON r.business = c.business AND r.id = c.id
JOIN queue q ON q.business = c.business AND q.id = c.queue
LEFT JOIN agent named ON named.business = c.business AND named.id = c.named_agent
LEFT JOIN LATERAL (SELECT a.name FROM assignment s JOIN agent a ON a.business = s.business AND a.id = s.agent
                   WHERE s.business = c.business AND s.callback = c.id ORDER BY (s.state = 'live') DESC, s.made_at DESC LIMIT 1) caller ON true
WHERE c.business = :business
  AND (:after::timestamptz IS NULL OR (c.accepted_at, c.id) < (:after::timestamptz, :after_id::uuid))
  AND (:state::text IS NULL OR c.state = :state) AND (:queue::text IS NULL OR q.slug = :queue)
  AND (:person::uuid IS NULL OR c.person = :person) AND (:seen::uuid[] IS NULL OR c.queue = ANY (:seen::uuid[]))
  AND (:since::timestamptz IS NULL OR c.accepted_at >= :since) AND (:until::timestamptz IS NULL OR c.accepted_at < :until)
ORDER BY c.accepted_at DESC, c.id DESC LIMIT :size;

-- name: get_callback
-- One callback.
SELECT c.*, right(c.address, 3) AS ending, q.slug AS queue_slug, q.name AS queue_name, coalesce(caller.name, named.name) AS agent_name, r.rating
FROM callback c
LEFT JOIN callback_request r ON r.business = c.business AND r.id = c.id
JOIN queue q ON q.business = c.business AND q.id = c.queue
LEFT JOIN agent named ON named.business = c.business AND named.id = c.named_agent
LEFT JOIN LATERAL (SELECT a.name FROM assignment s JOIN agent a ON a.business = s.business AND a.id = s.agent
                   WHERE s.business = c.business AND s.callback = c.id ORDER BY (s.state = 'live') DESC, s.made_at DESC LIMIT 1) caller ON true
WHERE c.business = :business AND c.id = :id;

-- name: calendar_entry
-- A callback as a calendar shows it: each promise after the first is a change of its time.
SELECT c.id, c.queue, c.state, c.early_is_fine, c.window_start, c.window_end, c.topic, q.name AS queue_name, a.name AS agent_name,
       b.name AS business_name, coalesce(p.promises, 1) AS promises, coalesce(c.finished_at, p.made_at, c.accepted_at) AS changed_at
FROM callback c
JOIN business b ON b.id = c.business
JOIN queue q ON q.business = c.business AND q.id = c.queue
LEFT JOIN agent a ON a.business = c.business AND a.id = c.named_agent
LEFT JOIN LATERAL (SELECT count(*)::int AS promises, max(made_at) AS made_at FROM promise
                   WHERE business = c.business AND callback = c.id) p ON true
WHERE c.business = :business AND c.id = :id;

-- name: get_request
-- A request that is no callback yet, or was refused.
SELECT r.id, r.state, r.problem, r.provider, r.principal, r.person, r.request, r.public, r.rating FROM callback_request r
WHERE r.business = :business AND r.id = :id;

-- name: callback_queue
-- Which queue a callback is in.
SELECT queue FROM callback WHERE business = :business AND id = :id;

-- name: refused_queue
-- Which queue refused a request.
SELECT queue FROM decision WHERE business = :business AND callback = :id AND kind = 'refused' ORDER BY at DESC LIMIT 1;

-- name: callback_number
-- The number a callback calls; nothing for a browser.
SELECT address, queue FROM callback WHERE business = :business AND id = :id AND destination = 'phone';

-- name: is_callback_of
-- Whether an agent has, or had within the day, this callback.
SELECT EXISTS (SELECT 1 FROM assignment WHERE business = :business AND callback = :callback AND agent = :agent AND made_at > :since)
    OR EXISTS (SELECT 1 FROM callback WHERE business = :business AND id = :callback AND named_agent = :agent);

-- name: affected_callbacks
-- Open callbacks that a filter names, the latest booked first.
SELECT c.id, c.queue, c.person_name, c.destination, right(c.address, 3) AS ending, c.state, c.window_start, c.window_end, c.early_is_fine,
       c.attempt, c.ready_at, c.chat IS NOT NULL AS has_chat, q.name AS queue_name, b.zone
FROM callback c JOIN queue q ON q.business = c.business AND q.id = c.queue JOIN business b ON b.id = c.business
WHERE c.business = :business AND c.state NOT IN ('done', 'cancelled', 'closed')
  AND (:callbacks::uuid[] IS NULL OR c.id = ANY (:callbacks::uuid[])) AND (:queue::text IS NULL OR q.slug = :queue)
  AND (:agent::uuid IS NULL OR c.named_agent = :agent)
  AND (:channel::text IS NULL OR c.channel = :channel)
  AND (:language::text IS NULL OR c.language = :language OR split_part(c.language, '-', 1) = :language)
  AND (NOT :at_risk::boolean OR c.notices > 0)
  AND (NOT :short::boolean OR EXISTS (SELECT 1 FROM slot s WHERE s.business = c.business AND s.queue = c.queue
      AND s.starts_at = c.slot_start AND s.booked > s.capacity))
  AND (:promised_from::timestamptz IS NULL OR c.window_start >= :promised_from)
  AND (:promised_until::timestamptz IS NULL OR c.window_start < :promised_until)
  AND (:seen::uuid[] IS NULL OR c.queue = ANY (:seen::uuid[]))
ORDER BY c.accepted_at DESC, c.id LIMIT 1001;

-- name: find_queue
-- A queue by its short name.
SELECT q.id, q.slug, q.name, b.zone FROM queue q JOIN business b ON b.id = q.business
WHERE q.business = :business AND q.slug = :slug AND q.retired_at IS NULL;

-- name: queue_backlog
-- How many a queue has promised.
SELECT count(*)::int FROM callback WHERE business = :business AND queue = :queue AND state NOT IN ('done', 'cancelled', 'closed');

-- name: find_agent
-- An agent, and whether they serve one of these queues.
SELECT a.id, a.name, (:seen::uuid[] IS NULL OR EXISTS (SELECT 1 FROM agent_queue aq
    WHERE aq.business = a.business AND aq.agent = a.id AND aq.queue = ANY (:seen::uuid[]))) AS seen
FROM agent a WHERE a.business = :business AND a.id = :id AND a.retired_at IS NULL;

-- name: alerts
-- Alerts of some queues, the newest first, a page after a given one; those that are over only when asked for.
SELECT t.id, t.kind, t.queue, q.slug, q.name, t.verdict, t.detail, t.raised_at, t.seen_at, t.told_at, t.resolved_at
FROM alert t JOIN queue q ON q.business = t.business AND q.id = t.queue
WHERE t.business = :business AND (:resolved::boolean OR t.resolved_at IS NULL) AND (:seen::uuid[] IS NULL OR t.queue = ANY (:seen::uuid[]))
  AND (:after::timestamptz IS NULL OR (t.raised_at, t.id) < (:after::timestamptz, :after_id::uuid))
ORDER BY t.raised_at DESC, t.id DESC LIMIT :size;
