-- name: fingerprint
-- What tells whether anything of a business's settings was written since they were read.
SELECT b.xmin::text || ' ' || coalesce((SELECT v.version FROM settings_version v WHERE v.business = b.id), 0)::text
FROM business b WHERE b.id = :business;

-- name: read_business
-- One business.
SELECT id, slug, name, zone, language, policy, version FROM business WHERE id = :business;

-- name: lock_business
-- One business, held: two configurations are never applied at once.
SELECT id, slug, name, zone, language, policy, version FROM business WHERE id = :business FOR NO KEY UPDATE;

-- name: read_queues
-- The queues of a business, retired ones too.
SELECT id, slug, name, is_default, skills, topics, hours, policy, retired_at,
       offering, dialling, backlog_cap, wait_cap, waitlist, shut_from, shut_until, shut_why, incident, incident_at
FROM queue WHERE business = :business ORDER BY id;

-- name: lock_queues
-- Some queues, held in the order of their ids: bookings and assignments in them wait.
SELECT id, retired_at, offering, dialling, backlog_cap, wait_cap, waitlist, shut_from, shut_until, shut_why, incident, incident_at FROM queue
WHERE business = :business AND id = ANY (:queues::uuid[]) ORDER BY id FOR NO KEY UPDATE;

-- name: read_agents
-- The agents of a business, retired ones too, with the queues they serve.
SELECT a.id, a.slug, a.name, a.home_queue, a.skills, a.shifts, a.chat_capacity, a.carrier, a.address, a.retired_at, a.away_from, a.away_until,
       coalesce(s.queues, '{}') AS queues
FROM agent a
LEFT JOIN (SELECT agent, array_agg(queue ORDER BY queue) AS queues FROM agent_queue WHERE business = :business GROUP BY agent) AS s
       ON s.agent = a.id
WHERE a.business = :business ORDER BY a.id;

-- name: read_agent_states
-- What the agents of a business are doing.
SELECT agent, state, since, until FROM agent_state WHERE business = :business;

-- name: read_states_of
-- What some agents of a business are doing.
SELECT agent, state, since, until FROM agent_state WHERE business = :business AND agent = ANY (:agents::uuid[]);

-- name: insert_business
-- A new business.
INSERT INTO business (id, slug, name, zone, language, policy) VALUES (:business, :slug, :name, :zone, :language, :policy);

-- name: save_business
-- A business as its document says; the version tells readers.
UPDATE business SET name = :name, zone = :zone, language = :language, policy = :policy, version = version + 1
WHERE id = :business;

-- name: clear_default
-- No queue is the default: another one becomes it.
UPDATE queue SET is_default = false, version = version + 1 WHERE business = :business AND is_default AND id <> :queue;

-- name: save_queue
-- A queue as its document says; its levers are the operators'.
INSERT INTO queue (business, id, slug, name, is_default, skills, topics, hours, policy)
VALUES (:business, :id, :slug, :name, :is_default, :skills::text[], :topics::text[], :hours, :policy)
ON CONFLICT (business, id) DO UPDATE
SET name = excluded.name, is_default = excluded.is_default, skills = excluded.skills, topics = excluded.topics, hours = excluded.hours,
    policy = excluded.policy, retired_at = NULL, version = queue.version + 1;

-- name: retire_queue
-- A queue that takes nothing any more; its history stays.
UPDATE queue SET retired_at = :now, is_default = false, version = version + 1 WHERE business = :business AND id = :id;

-- name: save_agent
-- An agent as their document says.
INSERT INTO agent (business, id, slug, name, home_queue, skills, shifts, chat_capacity, carrier, address)
VALUES (:business, :id, :slug, :name, :home_queue, :skills, :shifts, :chat_capacity, :carrier, :address)
ON CONFLICT (business, id) DO UPDATE
SET name = excluded.name, home_queue = excluded.home_queue, skills = excluded.skills, shifts = excluded.shifts,
    chat_capacity = excluded.chat_capacity, carrier = excluded.carrier, address = excluded.address, retired_at = NULL;

-- name: make_agent_state
-- A new agent is offline until they say otherwise.
INSERT INTO agent_state (business, agent, since) VALUES (:business, :agent, :now) ON CONFLICT DO NOTHING;

-- name: remove_agent_queues
-- The agent does not serve these any more.
DELETE FROM agent_queue WHERE business = :business AND agent = :agent AND NOT queue = ANY (:queues::uuid[]);

-- name: add_agent_queues
-- The agent serves these.
INSERT INTO agent_queue (business, agent, queue) SELECT :business, :agent, unnest(:queues::uuid[]) ON CONFLICT DO NOTHING;

-- name: retire_agent
-- An agent who works here no longer; what they did stays.
UPDATE agent SET retired_at = :now WHERE business = :business AND id = :id;

-- name: sign_off
-- Nobody rings a retired agent.
UPDATE agent_state SET state = 'offline', since = :now, reason = 'retired', idle_since = NULL, then_state = NULL, epoch = epoch + 1
WHERE business = :business AND agent = :agent AND state NOT IN ('offline', 'held', 'reserved', 'on_a_call', 'wrap_up');

-- name: open_by_queue
-- How many callbacks are open in each queue.
SELECT queue, count(*)::int AS count FROM callback
WHERE business = :business AND state NOT IN ('done', 'cancelled', 'closed') GROUP BY queue;

-- name: open_by_agent
-- How many open callbacks need each agent: named for them, or in their hands.
SELECT agent, count(*)::int AS count
FROM (SELECT named_agent AS agent FROM callback
      WHERE business = :business AND named_agent IS NOT NULL AND state NOT IN ('done', 'cancelled', 'closed')
      UNION ALL
      SELECT agent FROM assignment WHERE business = :business AND state = 'live') AS needed
GROUP BY agent;

-- name: lock_levers
-- A queue by its short name with its levers, held.
SELECT id, name, hours, offering, dialling, backlog_cap, wait_cap, waitlist, shut_from, shut_until, shut_why, incident, incident_at
FROM queue WHERE business = :business AND slug = :slug AND retired_at IS NULL FOR NO KEY UPDATE;

-- name: save_levers
-- The operators' levers as they are now.
UPDATE queue
SET offering = :offering, dialling = :dialling, backlog_cap = :backlog_cap, wait_cap = :wait_cap, waitlist = :waitlist,
    shut_from = :shut_from, shut_until = :shut_until, shut_why = :shut_why, incident = :incident, incident_at = :incident_at,
    version = version + 1
WHERE business = :business AND id = :queue;
