-- What operators do to a day: more levers of a queue, agents who are away, the waitlist, alerts, and the mail they are told by.

ALTER TABLE queue
    ADD COLUMN wait_cap       int CHECK (wait_cap > 0),       -- seconds: nothing "as soon as possible" while nine of ten may wait longer
    ADD COLUMN waitlist       boolean NOT NULL DEFAULT false, -- who is refused for want of room may wait to be told of room
    ADD COLUMN shut_from      timestamptz,                    -- closed by an operator, whatever the hours say
    ADD COLUMN shut_until     timestamptz,
    ADD COLUMN shut_why       text,
    ADD COLUMN incident       text CHECK (length(incident) BETWEEN 1 AND 500), -- stands instead of offers
    ADD COLUMN incident_at    timestamptz,
    ADD CHECK ((shut_from IS NULL) = (shut_until IS NULL) AND shut_from < shut_until),
    ADD CHECK ((incident IS NULL) = (incident_at IS NULL));

ALTER TABLE agent
    ADD COLUMN away_from      timestamptz,                    -- sick, or away for another reason, whatever the shifts say
    ADD COLUMN away_until     timestamptz,
    ADD COLUMN away_why       text,
    ADD CHECK ((away_from IS NULL) = (away_until IS NULL) AND away_from < away_until);

ALTER TABLE callback
    ADD COLUMN asked_need_at  timestamptz,                    -- when the customer was asked whether they still need the call
    ADD COLUMN repeat_of      uuid;                           -- the callback of the same person and queue that ended within the week before

CREATE TABLE waitlist (
    business    uuid NOT NULL,
    id          uuid NOT NULL,
    queue       uuid NOT NULL,
    provider    text NOT NULL,
    chat        uuid NOT NULL,
    person      uuid NOT NULL,
    joined_at   timestamptz NOT NULL,
    invited_at  timestamptz,
    invited_until timestamptz,                    -- the room is kept for them until then
    left_at     timestamptz,
    left_why    text CHECK (left_why IN ('booked', 'expired', 'stopped')),
    PRIMARY KEY (business, id),
    FOREIGN KEY (business, queue) REFERENCES queue ON DELETE CASCADE,
    CHECK ((invited_at IS NULL) = (invited_until IS NULL)),
    CHECK ((left_at IS NULL) = (left_why IS NULL))
);
CREATE UNIQUE INDEX waitlist_open ON waitlist (business, queue, person) WHERE left_at IS NULL;
CREATE INDEX waitlist_line ON waitlist (business, queue, joined_at, id) WHERE left_at IS NULL;
CALL protect('waitlist');

CREATE TABLE alert (
    business    uuid NOT NULL,
    id          uuid NOT NULL,
    kind        text NOT NULL,                    -- rules/alerts.py
    queue       uuid NOT NULL,
    verdict     text NOT NULL,                    -- one line, as of seen_at
    detail      jsonb NOT NULL DEFAULT '{}',
    raised_at   timestamptz NOT NULL,
    seen_at     timestamptz NOT NULL,             -- the cause was there when it was last looked for
    told_at     timestamptz,                      -- sent out; later than raised where too many were
    resolved_at timestamptz,
    PRIMARY KEY (business, id),
    FOREIGN KEY (business, queue) REFERENCES queue ON DELETE CASCADE
);
CREATE UNIQUE INDEX alert_open ON alert (business, queue, kind) WHERE resolved_at IS NULL;
CREATE INDEX alert_told ON alert (business, told_at) WHERE told_at IS NOT NULL;
CALL protect('alert');

CREATE TABLE mail (
    business     uuid NOT NULL REFERENCES business,
    id           uuid NOT NULL,                   -- in the Message-ID: the same over all tries
    recipients   text[] NOT NULL,
    subject      text NOT NULL,
    body         text NOT NULL,
    made_at      timestamptz NOT NULL,
    tries        int NOT NULL DEFAULT 0,
    delivered_at timestamptz,
    failed_at    timestamptz,
    last_error   text,
    PRIMARY KEY (business, id)
);
CREATE INDEX mail_age ON mail (made_at);
CALL protect('mail');

GRANT SELECT, INSERT, UPDATE, DELETE ON waitlist, alert TO ringback_interactions;
GRANT SELECT ON waitlist, alert TO ringback_read;
GRANT SELECT, INSERT, UPDATE, DELETE ON mail TO ringback_application;
