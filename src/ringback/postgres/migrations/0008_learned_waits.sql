-- What each queue has learned about its waits: handling times, patience, and how far told ranges held. Kept, so that a restart forgets nothing.

CREATE TABLE learned_wait (
    business      uuid NOT NULL,
    queue         uuid NOT NULL,
    model         jsonb NOT NULL,                 -- rules/estimates/model.py
    learned_until timestamptz NOT NULL,           -- events up to here are in it
    updated_at    timestamptz NOT NULL,
    PRIMARY KEY (business, queue),
    FOREIGN KEY (business, queue) REFERENCES queue ON DELETE CASCADE
) WITH (fillfactor = 50);
CALL protect('learned_wait');
GRANT SELECT, INSERT, UPDATE, DELETE ON learned_wait TO ringback_interactions;
GRANT SELECT ON learned_wait TO ringback_read;
