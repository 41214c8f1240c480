-- Shifts as the business's own planning has them: named ones, and headcounts by skill and interval.

CREATE TABLE imported_shift (                     -- one agent's day: stands instead of their weekly plan
    business    uuid NOT NULL,
    agent       uuid NOT NULL,
    day         date NOT NULL,                    -- in the zone of their plan
    spans       text[] NOT NULL,                  -- 09:00-12:30; none: off
    PRIMARY KEY (business, agent, day),
    FOREIGN KEY (business, agent) REFERENCES agent ON DELETE CASCADE
);
CALL protect('imported_shift');

CREATE TABLE headcount (                          -- no more people of a skill than this are planned meanwhile
    business    uuid NOT NULL REFERENCES business,
    skill       text NOT NULL,                    -- a skill, or queue:<short name>
    starts_at   timestamptz NOT NULL,
    ends_at     timestamptz NOT NULL,
    agents      int NOT NULL CHECK (agents >= 0),
    PRIMARY KEY (business, skill, starts_at),
    CHECK (starts_at < ends_at)
);
CALL protect('headcount');

DO $$
DECLARE
    watched text;
BEGIN
    FOREACH watched IN ARRAY ARRAY['imported_shift', 'headcount'] LOOP
        EXECUTE format('CREATE TRIGGER %I AFTER INSERT ON %I REFERENCING NEW TABLE AS changed FOR EACH STATEMENT EXECUTE FUNCTION settings_changed()',
                       watched || '_added', watched);
        EXECUTE format('CREATE TRIGGER %I AFTER UPDATE ON %I REFERENCING NEW TABLE AS changed FOR EACH STATEMENT EXECUTE FUNCTION settings_changed()',
                       watched || '_changed', watched);
        EXECUTE format('CREATE TRIGGER %I AFTER DELETE ON %I REFERENCING OLD TABLE AS changed FOR EACH STATEMENT EXECUTE FUNCTION settings_changed()',
                       watched || '_removed', watched);
    END LOOP;
END $$;

GRANT SELECT, INSERT, UPDATE, DELETE ON imported_shift, headcount TO ringback_interactions;
GRANT SELECT ON imported_shift, headcount TO ringback_read;
