-- The carrier twilio: its legs are rows, because Twilio has no object that exists before it rings (carriers/twilio/).

CREATE TABLE twilio_leg (
    business     uuid NOT NULL,
    id           uuid NOT NULL,                   -- the leg
    party        text NOT NULL CHECK (party IN ('agent', 'customer')),
    number       text NOT NULL,                   -- forgotten when it is over
    caller_id    text,
    state        text NOT NULL CHECK (state IN ('prepared', 'dialling', 'answered', 'joined', 'ended')),
    call         text,                            -- Twilio's CallSid, once it is known
    key          text,                            -- the API key whose holder was let through to create the call
    dialled_at   timestamptz,
    rang_at      timestamptz,
    answered_at  timestamptz,
    joined_at    timestamptz,
    ended_at     timestamptz,
    ended_reason text,                            -- an EndCause; NULL on an ended leg: nobody can know
    released     boolean NOT NULL DEFAULT false,  -- we asked for its end
    peer         uuid,
    room         text,                            -- the conference of the talk
    version      bigint NOT NULL DEFAULT 1,
    PRIMARY KEY (business, id)
) WITH (fillfactor = 60);
CREATE UNIQUE INDEX twilio_leg_call ON twilio_leg (call) WHERE call IS NOT NULL;
CREATE INDEX twilio_leg_open ON twilio_leg (id) WHERE state <> 'ended';
CALL protect('twilio_leg');

CREATE TABLE twilio_event (                       -- what no column of the leg says: keys pressed, sounds that ended, holds
    business     uuid NOT NULL,
    leg          uuid NOT NULL,
    event        text NOT NULL,
    kind         text NOT NULL,
    detail       text,
    at           timestamptz NOT NULL,
    PRIMARY KEY (business, leg, event),
    FOREIGN KEY (business, leg) REFERENCES twilio_leg ON DELETE CASCADE
);
CALL protect('twilio_event');

-- One API key a process: taking it away is what makes a create that is late fail. No business's data is in it.
CREATE TABLE twilio_key (
    sid          text PRIMARY KEY,
    made_at      timestamptz NOT NULL,
    seen_at      timestamptz NOT NULL,
    revoked_at   timestamptz
);

GRANT SELECT, INSERT, UPDATE, DELETE ON twilio_leg, twilio_event, twilio_key TO ringback_sessions;
GRANT SELECT ON twilio_leg TO ringback_read;
CREATE POLICY dispatch ON twilio_leg TO ringback_dispatcher USING (true);
GRANT SELECT (business, id, state, call) ON twilio_leg TO ringback_dispatcher;
