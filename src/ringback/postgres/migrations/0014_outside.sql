-- The contact centre that is already there, as it reports itself: who waits and talks at it, what its agents do, who got through to it.

CREATE TABLE outside_source (
    business    uuid NOT NULL REFERENCES business,
    id          uuid NOT NULL,
    slug        text NOT NULL CHECK (slug ~ '^[a-z0-9][a-z0-9-]{0,62}$'),
    seq         bigint NOT NULL DEFAULT 0,        -- the last event applied
    snapshot_at timestamptz,                      -- NULL: never; nothing is known of it
    gap_at      timestamptz,                      -- an event is missing since: what is known has a hole until it comes, or the next snapshot
    last_at     timestamptz,                      -- the newest event or snapshot, by the source's own clock
    heard_at    timestamptz,                      -- by the database's clock
    PRIMARY KEY (business, id),
    UNIQUE (business, slug)
) WITH (fillfactor = 60);
CALL protect('outside_source');

CREATE TABLE outside_queue (                      -- the queues a source speaks for
    business    uuid NOT NULL,
    source      uuid NOT NULL,
    queue       uuid NOT NULL,
    PRIMARY KEY (business, queue, source),
    FOREIGN KEY (business, source) REFERENCES outside_source ON DELETE CASCADE,
    FOREIGN KEY (business, queue) REFERENCES queue ON DELETE CASCADE
);
CALL protect('outside_queue');

CREATE TABLE outside_interaction (                -- rules/outside.py; no number or name of a caller is kept
    business    uuid NOT NULL,
    source      uuid NOT NULL,
    ref         text NOT NULL CHECK (length(ref) BETWEEN 1 AND 200),  -- its id there
    queue       uuid NOT NULL,
    media       text NOT NULL DEFAULT 'call' CHECK (media IN ('call', 'chat')),
    state       text NOT NULL CHECK (state IN ('waiting', 'talking', 'ended')),
    priority    int NOT NULL DEFAULT 0,
    arrived_at  timestamptz NOT NULL,             -- its ready_at in the order of the line
    answered_at timestamptz,
    ended_at    timestamptz,
    ended_why   text CHECK (ended_why IN ('talked', 'abandoned', 'transferred', 'left', 'lost')),
    agent       uuid,
    callback    uuid,                             -- the open one of the same person
    settled_at  timestamptz,                      -- what follows for that callback is done
    PRIMARY KEY (business, source, ref),
    FOREIGN KEY (business, source) REFERENCES outside_source ON DELETE CASCADE,
    FOREIGN KEY (business, queue) REFERENCES queue ON DELETE CASCADE,
    FOREIGN KEY (business, callback) REFERENCES callback,
    CHECK ((state = 'ended') = (ended_at IS NOT NULL AND ended_why IS NOT NULL)),
    CHECK (state <> 'talking' OR answered_at IS NOT NULL)
) WITH (fillfactor = 60);
CREATE INDEX outside_line ON outside_interaction (business, queue, arrived_at) WHERE state = 'waiting';
CREATE INDEX outside_live ON outside_interaction (business, source) WHERE state <> 'ended';
CREATE INDEX outside_joined ON outside_interaction (business, callback) WHERE callback IS NOT NULL AND settled_at IS NULL;
CREATE INDEX outside_ended ON outside_interaction (business, queue, ended_at DESC) WHERE state = 'ended';
CALL protect('outside_interaction');

CREATE TABLE outside_agent (
    business    uuid NOT NULL,
    source      uuid NOT NULL,
    agent       uuid NOT NULL,
    state       text NOT NULL CHECK (state IN ('available', 'busy', 'wrap_up', 'paused', 'offline')),
    since       timestamptz NOT NULL,
    PRIMARY KEY (business, source, agent),
    FOREIGN KEY (business, source) REFERENCES outside_source ON DELETE CASCADE,
    FOREIGN KEY (business, agent) REFERENCES agent ON DELETE CASCADE
) WITH (fillfactor = 60);
CALL protect('outside_agent');

-- The person is with us by another way: not dialled until that is over, or until its source has been silent for too long.
ALTER TABLE callback ADD COLUMN through_since timestamptz;

GRANT SELECT, INSERT, UPDATE, DELETE ON outside_source, outside_queue, outside_interaction, outside_agent TO ringback_interactions;
GRANT SELECT ON outside_source, outside_queue, outside_interaction, outside_agent TO ringback_read;
-- Who a caller is, to find the callback they wait for.
GRANT SELECT (business, id, identity, number, erased_at) ON person TO ringback_interactions;
