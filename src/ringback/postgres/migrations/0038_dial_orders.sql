-- Customer first and on-deck: the customer may be rung while no agent is (rules/attempt_states.py).

ALTER TABLE attempt DROP CONSTRAINT attempt_state_check;
ALTER TABLE attempt ADD CONSTRAINT attempt_state_check CHECK (state IN
    ('directed', 'calling_customer', 'ringing_agent', 'seeking_agent', 'ringing_customer', 'joined', 'withdrawing', 'ended'));

-- Each customer who was dialled before an agent: what became of them bounds how many more are, and in which order (rules/on_deck.py).
CREATE TABLE dialled_first (
    business     uuid NOT NULL,
    attempt      uuid NOT NULL,
    callback     uuid NOT NULL,
    queue        uuid NOT NULL,
    day          date NOT NULL,                   -- in the business's zone, when they were dialled
    dialled_at   timestamptz NOT NULL,
    agent        uuid,                            -- who is kept for them; on-deck once somebody is free
    ready_at     timestamptz,                     -- answered
    joined_at    timestamptz,
    over_at      timestamptz,
    PRIMARY KEY (business, attempt),
    FOREIGN KEY (business, queue) REFERENCES queue
);
CREATE INDEX dialled_first_day ON dialled_first (business, queue, day);
CREATE INDEX dialled_first_waits ON dialled_first (business, queue) WHERE agent IS NULL AND over_at IS NULL;
CALL protect('dialled_first');
GRANT SELECT, INSERT, UPDATE, DELETE ON dialled_first TO ringback_interactions;
