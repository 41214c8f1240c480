-- Places kept for chats, settings that tell readers when they change, and what booking reads among very many callbacks.

CREATE TABLE slot_hold (                          -- a place of a slot kept for a chat that has not said yes: one a chat, over by time alone
    business    uuid NOT NULL,
    chat        uuid NOT NULL,
    queue       uuid NOT NULL,
    starts_at   timestamptz NOT NULL,
    ends_at     timestamptz NOT NULL,
    named_agent uuid,
    until       timestamptz NOT NULL,             -- every reader compares: nothing has to remove it then
    PRIMARY KEY (business, chat),
    FOREIGN KEY (business, queue) REFERENCES queue ON DELETE CASCADE,
    FOREIGN KEY (business, named_agent) REFERENCES agent ON DELETE CASCADE,
    CHECK (starts_at < ends_at)
) WITH (fillfactor = 60);
CREATE INDEX slot_hold_places ON slot_hold (business, queue, starts_at);
CALL protect('slot_hold');
GRANT SELECT, INSERT, UPDATE, DELETE ON slot_hold TO ringback_interactions;
GRANT SELECT ON slot_hold TO ringback_read;

-- One number says whether the queues and agents of a business are still what somebody read, however many there are.
CREATE TABLE settings_version (
    business    uuid PRIMARY KEY REFERENCES business ON DELETE CASCADE,
    version     bigint NOT NULL DEFAULT 1
) WITH (fillfactor = 50);
CALL protect('settings_version');
GRANT SELECT, INSERT, UPDATE ON settings_version TO ringback_interactions;
GRANT SELECT ON settings_version TO ringback_read, ringback_application;

CREATE FUNCTION settings_changed() RETURNS trigger
    LANGUAGE plpgsql AS $$
BEGIN
    INSERT INTO settings_version AS v (business)
    SELECT DISTINCT business FROM changed ORDER BY business
    ON CONFLICT (business) DO UPDATE SET version = v.version + 1;
    RETURN NULL;
END $$;

DO $$
DECLARE
    watched text;
BEGIN
    FOREACH watched IN ARRAY ARRAY['queue', 'agent', 'agent_queue'] LOOP
        EXECUTE format('CREATE TRIGGER %I AFTER INSERT ON %I REFERENCING NEW TABLE AS changed FOR EACH STATEMENT EXECUTE FUNCTION settings_changed()',
                       watched || '_added', watched);
        EXECUTE format('CREATE TRIGGER %I AFTER UPDATE ON %I REFERENCING NEW TABLE AS changed FOR EACH STATEMENT EXECUTE FUNCTION settings_changed()',
                       watched || '_changed', watched);
        EXECUTE format('CREATE TRIGGER %I AFTER DELETE ON %I REFERENCING OLD TABLE AS changed FOR EACH STATEMENT EXECUTE FUNCTION settings_changed()',
                       watched || '_removed', watched);
    END LOOP;
END $$;

-- Read at every offer and booking, whatever the size of the business and of its past.
CREATE INDEX promise_by_queue ON promise (business, queue, window_end);
CREATE INDEX callback_open_address ON callback (business, address)
    WHERE destination = 'phone' AND state NOT IN ('done', 'cancelled', 'closed');
CREATE INDEX callback_named_slots ON callback (business, queue, slot_start, named_agent)
    WHERE named_agent IS NOT NULL AND state NOT IN ('done', 'cancelled', 'closed');
