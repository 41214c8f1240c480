-- What all three servers share: the tenant rule, messages, timers, the gate, replies, presence.
-- Run as ringback_owner in an empty schema `ringback`; the roles exist already (roles.sql).

CREATE FUNCTION tenants() RETURNS uuid[]
    LANGUAGE sql STABLE PARALLEL SAFE
    RETURN coalesce(nullif(current_setting('ringback.tenants', true), ''), '{}')::uuid[];

-- Row-level security for one table: the business must be one the transaction named (NULL and '' both mean none).
CREATE PROCEDURE protect(target regclass, key text DEFAULT 'business')
    LANGUAGE plpgsql AS $$
BEGIN
    EXECUTE format('ALTER TABLE %s ENABLE ROW LEVEL SECURITY', target);
    EXECUTE format('ALTER TABLE %s FORCE ROW LEVEL SECURITY', target);
    EXECUTE format(
        'CREATE POLICY tenant ON %s USING (%I = ANY ((SELECT tenants())::uuid[])) WITH CHECK (%I = ANY ((SELECT tenants())::uuid[]))',
        target, key, key);
END $$;

-- ---------------------------------------------------------------- businesses (every key begins with one)
CREATE TABLE business (
    id          uuid PRIMARY KEY,
    slug        text NOT NULL UNIQUE CHECK (slug ~ '^[a-z0-9][a-z0-9-]{0,62}$'),
    name        text NOT NULL,
    zone        text NOT NULL,
    language    text NOT NULL DEFAULT 'en',
    policy      jsonb NOT NULL DEFAULT '{}',      -- interaction_manager/rules/policy.py
    version     bigint NOT NULL DEFAULT 1,
    created_at  timestamptz NOT NULL DEFAULT now()
);
CALL protect('business', 'id');

-- ---------------------------------------------------------------- messages: (recipient, aggregate, seq)
-- Senders lock the head, last of all their locks; receivers lock the cursor, first of all theirs. Two rows, so that
-- a receiver working on an aggregate and a sender adding to it never wait for each other in a circle.
CREATE TABLE message_head (
    business    uuid NOT NULL,
    recipient   text NOT NULL CHECK (recipient IN ('application', 'interactions', 'sessions')),
    aggregate   uuid NOT NULL,
    last_seq    bigint NOT NULL DEFAULT 0,
    PRIMARY KEY (business, recipient, aggregate)
) WITH (fillfactor = 70);
CALL protect('message_head');

CREATE TABLE message_cursor (
    business    uuid NOT NULL,
    recipient   text NOT NULL,
    aggregate   uuid NOT NULL,
    applied_seq bigint NOT NULL DEFAULT 0,
    failures    int NOT NULL DEFAULT 0,
    next_try_at timestamptz,
    parked_at   timestamptz,                      -- five failures: visible to doctor and the console, nothing behind it is applied
    error       text,
    PRIMARY KEY (business, recipient, aggregate)
) WITH (fillfactor = 70);
CALL protect('message_cursor');

CREATE TABLE message (
    business    uuid NOT NULL,
    recipient   text NOT NULL,
    aggregate   uuid NOT NULL,
    seq         bigint NOT NULL,
    kind        text NOT NULL,
    version     int NOT NULL DEFAULT 1,
    payload     jsonb NOT NULL,
    sent_at     timestamptz NOT NULL DEFAULT clock_timestamp(),
    PRIMARY KEY (recipient, business, aggregate, seq)
) WITH (autovacuum_vacuum_scale_factor = 0.01);
CALL protect('message');

-- The durable reply to a command that answers; read by whoever asked, purged after a day.
CREATE TABLE command_answer (
    business    uuid NOT NULL,
    command     uuid NOT NULL,
    problem     text,                             -- NULL: done; else a problem id
    body        jsonb NOT NULL DEFAULT '{}',
    answered_at timestamptz NOT NULL DEFAULT clock_timestamp(),
    PRIMARY KEY (business, command)
);
CALL protect('command_answer');
CREATE INDEX command_answer_age ON command_answer (answered_at);

-- ---------------------------------------------------------------- timers
CREATE TABLE due (
    business    uuid NOT NULL,
    server      text NOT NULL CHECK (server IN ('application', 'interactions', 'sessions')),
    kind        text NOT NULL,
    subject     uuid NOT NULL,                    -- the callback, leg, agent, queue … the timer is about
    n           int NOT NULL DEFAULT 0,
    due_at      timestamptz NOT NULL,
    epoch       bigint NOT NULL DEFAULT 0,        -- every claim and every move increments it
    lease_by    uuid,                             -- the process that holds it in memory
    lease_until timestamptz,
    failures    int NOT NULL DEFAULT 0,
    error       text,
    PRIMARY KEY (business, subject, kind, n)
) WITH (fillfactor = 60, autovacuum_vacuum_scale_factor = 0.01);
CALL protect('due');
CREATE INDEX due_by_time ON due (server, due_at);

-- ---------------------------------------------------------------- the gate: one row a callback, compare-and-set only
CREATE TABLE gate (
    business    uuid NOT NULL,
    callback    uuid NOT NULL,
    epoch       bigint NOT NULL DEFAULT 1,
    state       text NOT NULL DEFAULT 'open' CHECK (state IN ('open', 'dialling', 'joined', 'closed')),
    attempt     uuid,
    due_version int NOT NULL DEFAULT 1,
    token       uuid,                             -- of the last fence: read back after a commit whose answer was lost
    fenced_at   timestamptz,
    PRIMARY KEY (business, callback),
    CHECK (state NOT IN ('dialling', 'joined') OR attempt IS NOT NULL)
) WITH (fillfactor = 70);
CALL protect('gate');

-- ---------------------------------------------------------------- idempotency: in the transaction of the effect
CREATE TABLE idempotency (
    business    uuid NOT NULL,
    principal   text NOT NULL,
    key         text NOT NULL CHECK (length(key) BETWEEN 1 AND 200),
    body_hash   bytea NOT NULL,
    status      int,
    answer      jsonb,
    made_at     timestamptz NOT NULL DEFAULT now(),
    PRIMARY KEY (business, principal, key)
);
CALL protect('idempotency');
CREATE INDEX idempotency_age ON idempotency (made_at);

-- ---------------------------------------------------------------- presence: which pages are there (written by the application server's process)
CREATE TABLE presence (
    business    uuid NOT NULL,
    subject     uuid NOT NULL,                    -- an agent or a chat
    page        uuid NOT NULL,
    seen_at     timestamptz NOT NULL,
    PRIMARY KEY (business, subject, page)
) WITH (fillfactor = 50);
CALL protect('presence');

-- ---------------------------------------------------------------- the process register: who is alive, and how far its clock is off
CREATE TABLE process (
    id          uuid PRIMARY KEY,
    server      text NOT NULL,
    host        text NOT NULL,
    pid         int NOT NULL,
    started_at  timestamptz NOT NULL,
    seen_at     timestamptz NOT NULL
);

-- One row: the switch that a restore leaves off until `ringback doctor --resume`, and the cluster it last saw.
CREATE TABLE dialling_permit (
    only_row          boolean PRIMARY KEY DEFAULT true CHECK (only_row),
    allowed           boolean NOT NULL DEFAULT true,
    reason            text,
    system_identifier text,
    timeline_id       int,
    changed_at        timestamptz NOT NULL DEFAULT now()
);
INSERT INTO dialling_permit DEFAULT VALUES;

GRANT SELECT ON business TO ringback_application, ringback_interactions, ringback_sessions, ringback_identity, ringback_read, ringback_dispatcher;
GRANT INSERT, UPDATE ON business TO ringback_interactions;
GRANT SELECT, INSERT, UPDATE ON message_head TO ringback_application, ringback_interactions, ringback_sessions;
GRANT SELECT, INSERT, UPDATE ON message_cursor TO ringback_application, ringback_interactions, ringback_sessions;
GRANT SELECT, INSERT, DELETE ON message TO ringback_application, ringback_interactions, ringback_sessions;
GRANT SELECT, INSERT, DELETE ON command_answer TO ringback_application, ringback_interactions, ringback_sessions;
GRANT SELECT, INSERT, UPDATE, DELETE ON due TO ringback_application, ringback_interactions, ringback_sessions;
GRANT SELECT, INSERT, UPDATE ON gate TO ringback_application, ringback_interactions, ringback_sessions;
GRANT SELECT, INSERT, UPDATE, DELETE ON idempotency TO ringback_application, ringback_interactions, ringback_identity;
GRANT SELECT, INSERT, UPDATE, DELETE ON presence TO ringback_application;
GRANT SELECT ON presence TO ringback_interactions, ringback_sessions, ringback_read;
GRANT SELECT ON message, message_head, message_cursor, due, gate, command_answer TO ringback_read;
GRANT SELECT, INSERT, UPDATE, DELETE ON process TO ringback_dispatcher;
GRANT SELECT ON process, dialling_permit TO ringback_application, ringback_interactions, ringback_sessions, ringback_read, ringback_dispatcher;
GRANT UPDATE ON dialling_permit TO ringback_dispatcher;

-- The dispatcher sees every business's headers, and only headers: ids and times.
CREATE POLICY dispatch ON due TO ringback_dispatcher USING (true) WITH CHECK (true);
CREATE POLICY dispatch ON message TO ringback_dispatcher USING (true);
CREATE POLICY dispatch ON message_cursor TO ringback_dispatcher USING (true);
CREATE POLICY dispatch ON business TO ringback_dispatcher USING (true);
GRANT SELECT (business, server, kind, subject, n, due_at, epoch, lease_by, lease_until), UPDATE (lease_by, lease_until, epoch) ON due TO ringback_dispatcher;
GRANT SELECT (business, recipient, aggregate, seq, sent_at) ON message TO ringback_dispatcher;
GRANT SELECT (business, recipient, aggregate, applied_seq, failures, next_try_at, parked_at) ON message_cursor TO ringback_dispatcher;
REVOKE SELECT ON business FROM ringback_dispatcher;
GRANT SELECT (id, slug) ON business TO ringback_dispatcher;
