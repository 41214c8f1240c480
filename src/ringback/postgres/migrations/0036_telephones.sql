-- Telephones: picking up is not yet answering, a talk can be held, muted, recorded and handed over, a machine gets a message.

ALTER TABLE attempt ADD COLUMN wishes jsonb NOT NULL DEFAULT '{}';   -- for the talk: hold, mute, recording
ALTER TABLE attempt ADD COLUMN transferred_at timestamptz;           -- since then the customer waits for another agent

ALTER TABLE leg DROP CONSTRAINT leg_phase_check;
ALTER TABLE leg ADD CONSTRAINT leg_phase_check CHECK (phase IN
    ('new', 'prepared', 'dialling', 'ringing', 'picked_up', 'answered', 'joined', 'unresolved', 'ended'));
ALTER TABLE leg ADD COLUMN picked_up_at timestamptz;                 -- where more than picking up is needed
ALTER TABLE leg ADD COLUMN screened_at timestamptz;                  -- told to be a person

-- One recording of a talk: expected from its join on, fetched from the carrier when the attempt is over, deleted by its day.
CREATE TABLE recording (
    business     uuid NOT NULL,
    id           uuid NOT NULL,                   -- the customer's leg, by which the carrier knows it
    attempt      uuid NOT NULL,
    callback     uuid NOT NULL,
    carrier      text NOT NULL,
    state        text NOT NULL DEFAULT 'expected' CHECK (state IN ('expected', 'stored', 'missing')),
    began_at     timestamptz NOT NULL,
    keep_days    int NOT NULL,
    stored_at    timestamptz,
    seconds      double precision,
    size         bigint,                          -- bytes of the sound
    tries        int NOT NULL DEFAULT 0,
    PRIMARY KEY (business, id),
    FOREIGN KEY (business, attempt) REFERENCES attempt
);
CREATE INDEX recording_expected ON recording (began_at) WHERE state = 'expected';
CREATE INDEX recording_callback ON recording (business, callback);
CALL protect('recording');

CREATE TABLE recording_sound (                    -- WAV, in pieces
    business     uuid NOT NULL,
    recording    uuid NOT NULL,
    n            int NOT NULL,
    sound        bytea NOT NULL,
    PRIMARY KEY (business, recording, n),
    FOREIGN KEY (business, recording) REFERENCES recording ON DELETE CASCADE
);
ALTER TABLE recording_sound ALTER COLUMN sound SET STORAGE EXTERNAL;
CALL protect('recording_sound');

GRANT SELECT, INSERT, UPDATE, DELETE ON recording, recording_sound TO ringback_sessions;
GRANT SELECT ON recording, recording_sound TO ringback_read;
CREATE POLICY dispatch ON recording TO ringback_dispatcher USING (true);
GRANT SELECT (business, id, attempt, state, began_at) ON recording TO ringback_dispatcher;
