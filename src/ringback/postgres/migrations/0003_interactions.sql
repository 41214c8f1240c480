-- The interaction manager's tables: queues, agents, slots, callbacks, promises, decisions, assignments.

CREATE TABLE queue (
    business    uuid NOT NULL REFERENCES business,
    id          uuid NOT NULL,
    slug        text NOT NULL CHECK (slug ~ '^[a-z0-9][a-z0-9-]{0,62}$'),
    name        text NOT NULL,
    is_default  boolean NOT NULL DEFAULT false,
    skills      text[] NOT NULL DEFAULT '{}',     -- required
    topics      text[] NOT NULL DEFAULT '{}',     -- words that lead a callback for the business here
    hours       jsonb NOT NULL,                   -- rules/hours.py: weekly hours, closed days, zone
    policy      jsonb NOT NULL DEFAULT '{}',      -- rules/policy.py: what differs from the business's
    offering    boolean NOT NULL DEFAULT true,
    dialling    boolean NOT NULL DEFAULT true,
    backlog_cap int CHECK (backlog_cap >= 0),
    retired_at  timestamptz,
    version     bigint NOT NULL DEFAULT 1,
    PRIMARY KEY (business, id),
    UNIQUE (business, slug)
);
CREATE UNIQUE INDEX queue_default ON queue (business) WHERE is_default;
CALL protect('queue');

CREATE TABLE agent (
    business      uuid NOT NULL REFERENCES business,
    id            uuid NOT NULL,
    slug          text NOT NULL CHECK (slug ~ '^[a-z0-9][a-z0-9-]{0,62}$'),
    name          text NOT NULL,
    home_queue    uuid NOT NULL,
    skills        jsonb NOT NULL DEFAULT '{}',    -- {"billing": 3, "lang:en": 5}: level 1 to 5
    shifts        jsonb NOT NULL DEFAULT '{}',    -- rules/shifts.py
    chat_capacity int NOT NULL DEFAULT 3,
    carrier       text NOT NULL DEFAULT 'browser',
    address       text,                           -- NULL: the agent's own id (browser)
    retired_at    timestamptz,
    PRIMARY KEY (business, id),
    UNIQUE (business, slug),
    FOREIGN KEY (business, home_queue) REFERENCES queue
);
CALL protect('agent');

CREATE TABLE agent_queue (
    business    uuid NOT NULL,
    agent       uuid NOT NULL,
    queue       uuid NOT NULL,
    PRIMARY KEY (business, agent, queue),
    FOREIGN KEY (business, agent) REFERENCES agent ON DELETE CASCADE,
    FOREIGN KEY (business, queue) REFERENCES queue ON DELETE CASCADE
);
CREATE INDEX agent_queue_by_queue ON agent_queue (business, queue);
CALL protect('agent_queue');

CREATE TABLE agent_state (                        -- rules/agent_states.py
    business    uuid NOT NULL,
    agent       uuid NOT NULL,
    state       text NOT NULL DEFAULT 'offline' CHECK (state IN
                ('offline', 'available', 'in_chats', 'held', 'reserved', 'on_a_call', 'wrap_up', 'paused', 'not_responding')),
    since       timestamptz NOT NULL,
    reason      text,
    idle_since  timestamptz,                      -- for longest idle
    callback    uuid,                             -- held, reserved, on a call or in wrap-up for it
    attempt     uuid,
    until       timestamptz,                      -- end of the wrap-up or of the hold
    more_time   boolean NOT NULL DEFAULT false,
    then_state  text,                             -- asked for while busy: taken when the wrap-up ends
    epoch       bigint NOT NULL DEFAULT 1,
    PRIMARY KEY (business, agent),
    FOREIGN KEY (business, agent) REFERENCES agent ON DELETE CASCADE,
    CHECK ((state IN ('held', 'reserved', 'on_a_call', 'wrap_up')) = (callback IS NOT NULL))
) WITH (fillfactor = 60);
CALL protect('agent_state');

CREATE TABLE agent_time (                         -- closed intervals of agent states: occupancy, and the day on the desk
    business    uuid NOT NULL,
    agent       uuid NOT NULL,
    state       text NOT NULL,
    began_at    timestamptz NOT NULL,
    ended_at    timestamptz NOT NULL,
    PRIMARY KEY (business, agent, began_at, state)
);
CALL protect('agent_time');

CREATE TABLE slot (
    business    uuid NOT NULL,
    queue       uuid NOT NULL,
    starts_at   timestamptz NOT NULL,
    ends_at     timestamptz NOT NULL,
    capacity    int NOT NULL CHECK (capacity >= 0),
    booked      int NOT NULL DEFAULT 0 CHECK (booked >= 0),   -- booked > capacity is a shortfall: visible, alerted
    PRIMARY KEY (business, queue, starts_at),
    FOREIGN KEY (business, queue) REFERENCES queue ON DELETE CASCADE
) WITH (fillfactor = 60);
CALL protect('slot');

CREATE TABLE callback (                           -- rules/callback_states.py
    business      uuid NOT NULL REFERENCES business,
    id            uuid NOT NULL,
    queue         uuid NOT NULL,
    provider      text NOT NULL,                  -- as asked
    named_agent   uuid,                           -- asked for, or given by a reassignment
    routed_why    text NOT NULL,                  -- why this queue
    chat          uuid,
    channel       text NOT NULL,
    person        uuid NOT NULL,
    person_name   text,
    destination   text NOT NULL CHECK (destination IN ('browser', 'phone')),
    address       text NOT NULL,                  -- chat id, or E.164
    proved        boolean NOT NULL DEFAULT false,
    language      text NOT NULL DEFAULT 'en',
    topic         text,
    consent       uuid,
    created_by    text NOT NULL DEFAULT 'customer',
    when_kind     text NOT NULL CHECK (when_kind IN ('asap', 'slot', 'instant', 'window')),
    zone          text NOT NULL,
    named_time    boolean NOT NULL DEFAULT false,
    state         text NOT NULL DEFAULT 'waiting' CHECK (state IN
                  ('waiting', 'calling', 'talking', 'asking', 'cancelling', 'done', 'cancelled', 'closed')),
    reason        text,                           -- one line: why it is in this state
    priority      int NOT NULL DEFAULT 0,
    accepted_at   timestamptz NOT NULL,
    ready_at      timestamptz NOT NULL,           -- order: (priority, ready_at, accepted_at, id)
    window_start  timestamptz NOT NULL,           -- of the current promise
    window_end    timestamptz NOT NULL,
    early_is_fine boolean NOT NULL,
    estimate_p10  timestamptz,
    estimate_p50  timestamptz,
    estimate_p90  timestamptz,
    slot_start    timestamptz,                    -- the slot whose count it holds
    due_version   int NOT NULL DEFAULT 1,
    customer_attempts int NOT NULL DEFAULT 0,     -- those in which the customer may have been rung
    attempts      int NOT NULL DEFAULT 0,
    attempt       uuid,                           -- the open one
    declined_by   uuid[] NOT NULL DEFAULT '{}',   -- agents not offered it again
    notices       int NOT NULL DEFAULT 0,
    places_gained int NOT NULL DEFAULT 0,
    places_lost   int NOT NULL DEFAULT 0,
    disposition   text,
    note          text,
    pending       jsonb,                          -- what follows when the attempt has ended: a cancel or a move, with its command
    outcome       text,
    finished_at   timestamptz,
    PRIMARY KEY (business, id),
    FOREIGN KEY (business, queue) REFERENCES queue,
    FOREIGN KEY (business, named_agent) REFERENCES agent,
    CHECK (window_start <= window_end),
    CHECK ((state IN ('done', 'cancelled', 'closed')) = (finished_at IS NOT NULL)),
    CHECK (destination <> 'phone' OR address ~ '^\+[1-9][0-9]{3,14}$')
) WITH (fillfactor = 60);
CALL protect('callback');
-- Invariant 2: one open callback per person, and per number, and queue.
CREATE UNIQUE INDEX callback_open_person ON callback (business, queue, person) WHERE state NOT IN ('done', 'cancelled', 'closed');
CREATE UNIQUE INDEX callback_open_number ON callback (business, queue, address)
    WHERE state NOT IN ('done', 'cancelled', 'closed') AND destination = 'phone';
-- Invariant 6: the line of one queue, in order.
CREATE INDEX callback_line ON callback (business, queue, priority DESC, ready_at, accepted_at, id) WHERE state = 'waiting';
CREATE INDEX callback_open ON callback (business, window_end) WHERE state NOT IN ('done', 'cancelled', 'closed');
CREATE INDEX callback_slots ON callback (business, queue, slot_start) WHERE slot_start IS NOT NULL AND state NOT IN ('done', 'cancelled', 'closed');
CREATE INDEX callback_finished ON callback (business, finished_at DESC, id) WHERE finished_at IS NOT NULL;
CREATE INDEX callback_person ON callback (business, person, accepted_at DESC);
CREATE INDEX callback_agent ON callback (business, named_agent) WHERE state NOT IN ('done', 'cancelled', 'closed');

CREATE TABLE promise (                            -- the ledger: rules/ledger.py holds the definitions
    business      uuid NOT NULL,
    id            uuid NOT NULL,
    callback      uuid NOT NULL,
    n             int NOT NULL,                   -- 1, 2, 3 … of the callback
    kind          text NOT NULL CHECK (kind IN ('first', 'retry', 'moved')),
    queue         uuid NOT NULL,                  -- queue, channel and provider at acceptance
    channel       text NOT NULL,
    provider      text NOT NULL,
    made_at       timestamptz NOT NULL,
    window_start  timestamptz NOT NULL,
    window_end    timestamptz NOT NULL,
    early_is_fine boolean NOT NULL,
    estimate_p10  timestamptz,
    estimate_p50  timestamptz,
    estimate_p90  timestamptz,
    agent_ready_at timestamptz,                   -- first moment a qualified agent was ready for that place
    notice_at     timestamptz,                    -- our first word that it will be late
    dialled_at    timestamptz,
    first_ring_at timestamptz,
    answered_at   timestamptz,
    joined_at     timestamptz,
    result        text NOT NULL DEFAULT 'open' CHECK (result IN ('open', 'kept', 'broken', 'withdrawn')),
    cause         text,
    settled_at    timestamptz,
    PRIMARY KEY (business, id),
    UNIQUE (business, callback, n),
    FOREIGN KEY (business, callback) REFERENCES callback,
    CHECK ((result = 'broken') = (cause IS NOT NULL)),
    CHECK ((result = 'open') = (settled_at IS NULL))
);
CREATE UNIQUE INDEX promise_open ON promise (business, callback) WHERE result = 'open';
CREATE INDEX promise_by_end ON promise (business, window_end);
CALL protect('promise');

CREATE TABLE assignment (
    business    uuid NOT NULL,
    id          uuid NOT NULL,
    callback    uuid NOT NULL,
    attempt     uuid NOT NULL,
    agent       uuid NOT NULL,
    state       text NOT NULL DEFAULT 'live' CHECK (state IN ('live', 'ended')),
    reasons     jsonb NOT NULL,                   -- rules/selection.py: the verdict, the detail behind it
    made_at     timestamptz NOT NULL,
    accepted_at timestamptz,
    ended_at    timestamptz,
    ended_why   text,                             -- declined, no_answer, talked, withdrawn …
    PRIMARY KEY (business, id),
    FOREIGN KEY (business, callback) REFERENCES callback,
    FOREIGN KEY (business, agent) REFERENCES agent
);
-- Invariant 3: one live assignment per agent, and one per callback.
CREATE UNIQUE INDEX assignment_live_agent ON assignment (business, agent) WHERE state = 'live';
CREATE UNIQUE INDEX assignment_live_callback ON assignment (business, callback) WHERE state = 'live';
CREATE INDEX assignment_callback ON assignment (business, callback, made_at);
CREATE INDEX assignment_agent ON assignment (business, agent, made_at DESC);
CALL protect('assignment');

CREATE TABLE decision (                           -- why: every offer, refusal and choice, one line and the detail
    business    uuid NOT NULL,
    id          uuid NOT NULL,
    callback    uuid,
    queue       uuid,
    kind        text NOT NULL,                    -- offered, accepted, refused, chosen, held, passed_over, retried, moved, cancelled, levers …
    at          timestamptz NOT NULL,
    by          text NOT NULL DEFAULT 'interaction_manager',
    verdict     text NOT NULL,
    detail      jsonb NOT NULL DEFAULT '{}',
    PRIMARY KEY (business, id)
);
CREATE INDEX decision_callback ON decision (business, callback, at);
CALL protect('decision');

CREATE TABLE handled (                            -- one row a finished attempt that joined: rates for the estimate
    business    uuid NOT NULL,
    queue       uuid NOT NULL,
    callback    uuid NOT NULL,
    attempt     uuid NOT NULL,
    agent       uuid NOT NULL,
    accepted_at timestamptz NOT NULL,
    joined_at   timestamptz,
    talk_ended_at timestamptz,
    wrapped_at  timestamptz,                      -- NULL while in wrap-up
    PRIMARY KEY (business, attempt)
);
CREATE INDEX handled_recent ON handled (business, queue, wrapped_at DESC);
CALL protect('handled');

GRANT SELECT, INSERT, UPDATE, DELETE ON queue, agent, agent_queue, agent_state, agent_time, slot, callback, promise, assignment, decision, handled
    TO ringback_interactions;
GRANT SELECT ON queue, agent, agent_queue, agent_state, agent_time, slot, callback, promise, assignment, decision, handled TO ringback_read;
