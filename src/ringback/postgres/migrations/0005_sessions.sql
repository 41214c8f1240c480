-- The session management server's tables: attempts, legs, what carriers said, and the browser carrier's own legs.

CREATE TABLE attempt (                            -- rules/attempt_states.py
    business     uuid NOT NULL,
    id           uuid NOT NULL,
    callback     uuid NOT NULL,
    number       int NOT NULL,
    state        text NOT NULL CHECK (state IN
                 ('directed', 'ringing_agent', 'seeking_agent', 'ringing_customer', 'joined', 'withdrawing', 'ended')),
    direction    jsonb NOT NULL,                  -- PerformCallback as received; the customer's address is in customer_address
    customer_address text NOT NULL,
    agent        uuid NOT NULL,
    not_before   timestamptz NOT NULL,
    not_after    timestamptz NOT NULL,
    epoch        bigint NOT NULL,                 -- the gate's, as last claimed by a controller
    due_version  int NOT NULL,
    controller   uuid,                            -- the process that drives it, by lease
    lease_until  timestamptz,
    withdraw_reason text,
    found        text,                            -- voicemail, wrong_person: said by the agent
    outcome      text,
    detail       text,
    began_at     timestamptz NOT NULL,
    joined_at    timestamptz,
    ended_at     timestamptz,
    version      bigint NOT NULL DEFAULT 1,       -- each change: a controller that missed every hint still sees it
    PRIMARY KEY (business, id),
    UNIQUE (business, callback, number),
    CHECK ((state = 'ended') = (outcome IS NOT NULL))
) WITH (fillfactor = 60);
-- Invariant 3: one open attempt per callback.
CREATE UNIQUE INDEX attempt_open ON attempt (business, callback) WHERE state <> 'ended';
CREATE INDEX attempt_lease ON attempt (lease_until) WHERE state <> 'ended';
CALL protect('attempt');

CREATE TABLE leg (                                -- rules/leg_states.py: phases only move forward, final ones stick
    business     uuid NOT NULL,
    id           uuid NOT NULL,
    attempt      uuid NOT NULL,
    callback     uuid NOT NULL,
    party        text NOT NULL CHECK (party IN ('agent', 'customer')),
    agent        uuid,                            -- for an agent's leg
    n            int NOT NULL,                    -- of its party in the attempt
    carrier      text NOT NULL,
    account      text NOT NULL DEFAULT '',        -- carrier account: events are unique in it
    phase        text NOT NULL CHECK (phase IN
                 ('new', 'prepared', 'dialling', 'ringing', 'answered', 'joined', 'unresolved', 'ended')),
    fence_token  uuid,                            -- set with phase dialling: the gate let it through
    dialled_at   timestamptz,
    ringing_at   timestamptz,
    answered_at  timestamptz,
    joined_at    timestamptz,
    ended_at     timestamptz,
    rings_until  timestamptz,
    release_why  text,                            -- we want it over, and why; from then on it is only revoked or hung up
    outcome      text,
    evidence     text,                            -- what proves that it is over: end event, confirmed revoke, carrier restarted
    detail       text,
    PRIMARY KEY (business, id),
    UNIQUE (business, attempt, party, n),
    FOREIGN KEY (business, attempt) REFERENCES attempt,
    CHECK ((party = 'agent') = (agent IS NOT NULL)),
    CHECK (phase <> 'ended' OR (outcome IS NOT NULL AND evidence IS NOT NULL))
) WITH (fillfactor = 60);
-- At most one customer leg per attempt; one live leg per agent.
CREATE UNIQUE INDEX leg_one_customer ON leg (business, attempt) WHERE party = 'customer';
CREATE UNIQUE INDEX leg_live_agent ON leg (business, agent) WHERE party = 'agent' AND phase <> 'ended';
CREATE INDEX leg_open ON leg (business, attempt) WHERE phase <> 'ended';
CALL protect('leg');

CREATE TABLE carrier_event (                      -- each applied once
    business     uuid NOT NULL,
    carrier      text NOT NULL,
    account      text NOT NULL,
    event        text NOT NULL,
    leg          uuid NOT NULL,
    at           timestamptz NOT NULL DEFAULT clock_timestamp(),
    PRIMARY KEY (business, carrier, account, event)
);
CREATE INDEX carrier_event_age ON carrier_event (at);
CALL protect('carrier_event');

-- The browser carrier's "channels": what a page shows is this row, never an event.
CREATE TABLE browser_leg (
    business     uuid NOT NULL,
    id           uuid NOT NULL,                   -- the leg
    callback     uuid NOT NULL,
    party        text NOT NULL CHECK (party IN ('agent', 'customer')),
    subject      uuid NOT NULL,                   -- agent or chat
    state        text NOT NULL CHECK (state IN ('prepared', 'ringing', 'accepted', 'joined', 'held', 'ended')),
    page         uuid,                            -- the page that holds it, by compare-and-set
    peer         uuid,                            -- the leg it is joined with
    round        int NOT NULL DEFAULT 1,
    alerted_at   timestamptz,                     -- a page showed it
    accepted_at  timestamptz,
    sound_at     timestamptz,                     -- a page heard the other
    rings_until  timestamptz,
    joined_at    timestamptz,
    ended_at     timestamptz,
    ended_reason text,                            -- an EndCause of carriers/protocol.py
    ended_words  text,                            -- what the person said when declining
    show         jsonb NOT NULL DEFAULT '{}',     -- peer_name, peer_detail, about
    version      bigint NOT NULL DEFAULT 1,
    PRIMARY KEY (business, id)
) WITH (fillfactor = 60);
CREATE INDEX browser_leg_subject ON browser_leg (business, subject) WHERE state <> 'ended';
CREATE INDEX browser_leg_open ON browser_leg (id) WHERE state <> 'ended';
CALL protect('browser_leg');

GRANT SELECT, INSERT, UPDATE, DELETE ON attempt, leg, carrier_event, browser_leg TO ringback_sessions;
GRANT SELECT ON browser_leg TO ringback_application;
GRANT SELECT ON attempt, leg, browser_leg TO ringback_read;
CREATE POLICY dispatch ON attempt TO ringback_dispatcher USING (true);
GRANT SELECT (business, id, state, controller, lease_until) ON attempt TO ringback_dispatcher;
CREATE POLICY dispatch ON browser_leg TO ringback_dispatcher USING (true);
GRANT SELECT (business, id, state, rings_until, version) ON browser_leg TO ringback_dispatcher;
