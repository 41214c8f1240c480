-- Guards before any telephone rings: the do-not-call list, what was rung, and what it cost (domain/guards/).

CREATE TABLE do_not_call (
    business    uuid NOT NULL REFERENCES business,
    number      text NOT NULL CHECK (number ~ '^\+[1-9][0-9]{6,14}$'),
    source      text NOT NULL CHECK (source IN ('added', 'import', 'stop', 'agent')),
    note        text,
    added_by    text NOT NULL,
    added_at    timestamptz NOT NULL,
    PRIMARY KEY (business, number)
);
CALL protect('do_not_call');
CREATE INDEX do_not_call_newest ON do_not_call (business, added_at DESC, number);

-- Numbers of what was rung are kept as keyed hashes only: nobody can list them, and one is found by who has it.
CREATE TABLE guard_key (only_row boolean PRIMARY KEY DEFAULT true CHECK (only_row), key bytea NOT NULL);
INSERT INTO guard_key (key) VALUES (sha256(convert_to(gen_random_uuid()::text || gen_random_uuid()::text, 'UTF8')));
CREATE FUNCTION target_of(number text) RETURNS bytea
    LANGUAGE sql STABLE SECURITY DEFINER SET search_path FROM CURRENT
    AS $$ SELECT sha256(key || convert_to(number, 'UTF8')) FROM guard_key $$;
REVOKE ALL ON FUNCTION target_of(text) FROM PUBLIC;

CREATE TABLE phone_ring (                         -- one row for each telephone that the gate let through
    business    uuid NOT NULL,
    leg         uuid NOT NULL,
    party       text NOT NULL CHECK (party IN ('agent', 'customer')),
    target      bytea NOT NULL,
    block       text NOT NULL,                    -- the number without its last four digits
    at          timestamptz NOT NULL,
    day         date NOT NULL,                    -- in the business's zone: whose spending it counts for
    per_minute  float8 NOT NULL,
    cost        float8 NOT NULL,                  -- the estimate, until it is over
    settled_at  timestamptz,
    PRIMARY KEY (business, leg)
) WITH (fillfactor = 80);
CREATE INDEX phone_ring_target ON phone_ring (business, target, at);
CREATE INDEX phone_ring_block ON phone_ring (business, block, at);
CREATE INDEX phone_ring_at ON phone_ring (business, at);
CALL protect('phone_ring');

CREATE TABLE phone_spending (                     -- its row lock lets one ring of a business be judged at a time
    business    uuid NOT NULL,
    day         date NOT NULL,
    rings       int NOT NULL DEFAULT 0,
    cost        float8 NOT NULL DEFAULT 0,
    PRIMARY KEY (business, day)
) WITH (fillfactor = 50);
CALL protect('phone_spending');

-- Across businesses: how often a target was rung. No business's name, and no number, is in it.
CREATE TABLE target_ring (target bytea NOT NULL, at timestamptz NOT NULL);
CREATE INDEX target_ring_recent ON target_ring (target, at);

GRANT EXECUTE ON FUNCTION target_of(text) TO ringback_sessions, ringback_interactions;
GRANT SELECT, INSERT, UPDATE, DELETE ON do_not_call TO ringback_application;
-- An agent's "do not call again", in the transaction that records it.
GRANT SELECT, INSERT ON do_not_call TO ringback_interactions;
GRANT SELECT ON do_not_call TO ringback_sessions, ringback_read;
GRANT SELECT, INSERT, UPDATE, DELETE ON phone_ring, phone_spending TO ringback_sessions;
GRANT SELECT ON phone_ring, phone_spending TO ringback_interactions, ringback_read;
GRANT SELECT, INSERT, DELETE ON target_ring TO ringback_sessions;
GRANT SELECT ON target_ring TO ringback_interactions;
