-- Bots that answer before people do, the words that are an emergency, and chats that somebody at the business has to look at.

CREATE TABLE bot (
    business     uuid NOT NULL REFERENCES business,
    id           uuid NOT NULL,
    slug         text NOT NULL,
    name         text NOT NULL,
    kind         text NOT NULL CHECK (kind IN ('faq', 'webhook')),
    about        text[] NOT NULL DEFAULT '{}',    -- what it is for, in words a customer may write
    is_default   boolean NOT NULL DEFAULT false,  -- takes what no bot fits
    questions    jsonb NOT NULL DEFAULT '[]',     -- faq: question, also, answer
    url          text,                            -- webhook: the business's own program
    secret       text,                            -- whsec_…, Standard Webhooks
    changed_at   timestamptz NOT NULL,
    PRIMARY KEY (business, id),
    UNIQUE (business, slug),
    CHECK ((kind = 'webhook') = (url IS NOT NULL AND secret IS NOT NULL))
);
CREATE UNIQUE INDEX bot_default ON bot (business) WHERE is_default;
CALL protect('bot');

CREATE TABLE emergency (
    business     uuid PRIMARY KEY REFERENCES business,
    words        text[] NOT NULL,
    text         text NOT NULL CHECK (length(text) BETWEEN 1 AND 2000) -- said at once when one of the words is heard
);
CALL protect('emergency');

ALTER TABLE chat
    ADD COLUMN bot          uuid,                 -- whose conversation it is
    ADD COLUMN bot_failures int NOT NULL DEFAULT 0,
    ADD COLUMN emergency_at timestamptz,          -- from then on no place in time is offered, only a person
    ADD COLUMN flagged_at   timestamptz,          -- somebody at the business has to look
    ADD COLUMN flagged_why  text CHECK (flagged_why IN ('emergency', 'stopped')),
    ADD CHECK ((flagged_at IS NULL) = (flagged_why IS NULL));
CREATE INDEX chat_flagged ON chat (business, flagged_at) WHERE flagged_at IS NOT NULL;

GRANT SELECT, INSERT, UPDATE, DELETE ON bot, emergency TO ringback_application;
GRANT SELECT ON emergency TO ringback_read;
