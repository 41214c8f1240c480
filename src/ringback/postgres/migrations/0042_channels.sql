-- Message channels: accounts, who writes from where, what arrived, and how far what we say has been delivered.

DO $$
DECLARE
    found name;
BEGIN
    FOR found IN
        SELECT conname FROM pg_constraint
        WHERE conrelid = 'channel'::regclass AND contype = 'c' AND pg_get_constraintdef(oid) LIKE '%kind%'
    LOOP
        EXECUTE format('ALTER TABLE channel DROP CONSTRAINT %I', found);
    END LOOP;
END $$;
ALTER TABLE channel
    ADD COLUMN credentials jsonb NOT NULL DEFAULT '{}', -- tokens and signing secrets; not granted to the role that reads
    ADD COLUMN options     jsonb NOT NULL DEFAULT '{}', -- the kind's own: addresses, senders
    ADD CONSTRAINT channel_kind CHECK (kind ~ '^[a-z][a-z0-9-]{1,30}$');
GRANT SELECT (options) ON channel TO ringback_read;

CREATE TABLE channel_conversation (
    business      uuid NOT NULL,
    chat          uuid NOT NULL,
    channel       uuid NOT NULL,
    address       text NOT NULL CHECK (length(address) <= 300), -- the provider's name of the conversation
    number        text,                            -- where this customer wants to be called
    number_proved boolean NOT NULL DEFAULT false,  -- the channel itself shows that it is theirs
    delivered_seq bigint NOT NULL DEFAULT 0,       -- everything up to here has been handed over, given up, or was the customer's own
    stop_seq      bigint,                          -- after STOP nothing beyond this message is sent
    tries         int NOT NULL DEFAULT 0,          -- at the message after delivered_seq
    retry_at      timestamptz,                     -- the provider took it not: nothing is tried before
    sender        uuid,                            -- who hands over now
    sending_until timestamptz,                     -- and how long nobody else does
    PRIMARY KEY (business, chat),
    UNIQUE (business, channel, address),
    CHECK ((sender IS NULL) = (sending_until IS NULL)),
    FOREIGN KEY (business, chat) REFERENCES chat ON DELETE CASCADE,
    FOREIGN KEY (business, channel) REFERENCES channel
) WITH (fillfactor = 70);
CALL protect('channel_conversation');

-- One row for each event that was taken in, for as long as the channel is there: a replay is known however late it comes.
CREATE TABLE channel_event (
    business     uuid NOT NULL,
    channel      uuid NOT NULL,
    event        text NOT NULL CHECK (length(event) <= 300),
    kind         text NOT NULL CHECK (kind IN ('text', 'choice', 'greeting')),
    chat         uuid NOT NULL,
    seq          bigint,                           -- the message it became
    token        text CHECK (length(token) <= 64), -- the option that was pressed
    at           timestamptz NOT NULL,
    PRIMARY KEY (business, channel, event),
    FOREIGN KEY (business, channel) REFERENCES channel
);
CREATE INDEX channel_event_message ON channel_event (business, chat, seq);
CALL protect('channel_event');

CREATE TABLE channel_delivery (
    business     uuid NOT NULL,
    chat         uuid NOT NULL,
    seq          bigint NOT NULL,
    state        text NOT NULL CHECK (state IN ('handed_over', 'sent', 'delivered', 'read', 'failed', 'expired')),
    reference    text,                             -- the provider's id
    error        text,
    at           timestamptz NOT NULL,
    PRIMARY KEY (business, chat, seq),
    FOREIGN KEY (business, chat) REFERENCES channel_conversation ON DELETE CASCADE
);
CREATE INDEX channel_delivery_reference ON channel_delivery (business, reference) WHERE reference IS NOT NULL;
CALL protect('channel_delivery');

GRANT SELECT, INSERT, UPDATE, DELETE ON channel_conversation, channel_event, channel_delivery TO ringback_application;
GRANT SELECT ON channel_delivery TO ringback_read;
