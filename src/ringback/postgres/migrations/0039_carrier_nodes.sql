-- Several machines behind one carrier: which are drained, how many calls each may begin, and which of them has a leg.

CREATE TABLE carrier_node (                       -- of the installation, not of a business
    carrier      text NOT NULL,
    node         text NOT NULL,                   -- as named in the settings
    drained_at   timestamptz,                     -- begins no new calls; those it has go on
    drained_by   text,
    tokens       float8 NOT NULL DEFAULT 1,       -- calls that may begin, at filled_at
    filled_at    timestamptz NOT NULL DEFAULT clock_timestamp(),
    PRIMARY KEY (carrier, node)
) WITH (fillfactor = 50);
GRANT SELECT, INSERT, UPDATE ON carrier_node TO ringback_sessions;
GRANT SELECT ON carrier_node TO ringback_read, ringback_dispatcher, ringback_interactions, ringback_application;

CREATE TABLE carrier_placement (                  -- written before a machine hears of the leg
    business     uuid NOT NULL,
    leg          uuid NOT NULL,
    carrier      text NOT NULL,
    node         text NOT NULL,
    placed_at    timestamptz NOT NULL DEFAULT clock_timestamp(),
    PRIMARY KEY (business, leg)
);
CREATE INDEX carrier_placement_age ON carrier_placement (placed_at);
CALL protect('carrier_placement');
GRANT SELECT, INSERT, UPDATE, DELETE ON carrier_placement TO ringback_sessions;
