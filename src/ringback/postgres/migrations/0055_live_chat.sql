-- A chat that waits for a person is an interaction of its queue; an agent takes it and writes in the same chat.

CREATE TABLE chat_interaction (
    business    uuid NOT NULL,
    id          uuid NOT NULL,
    chat        uuid NOT NULL,
    queue       uuid NOT NULL,
    seq         bigint NOT NULL,                  -- the customer's message that asked for a person
    state       text NOT NULL CHECK (state IN ('waiting', 'taken', 'ended')),
    agent       uuid,                             -- who has it, or had it last
    wait        double precision NOT NULL,        -- seconds that it may wait until a call is offered instead
    came_at     timestamptz NOT NULL,
    taken_at    timestamptz,
    ended_at    timestamptz,
    PRIMARY KEY (business, id),
    FOREIGN KEY (business, chat) REFERENCES chat ON DELETE CASCADE,
    FOREIGN KEY (business, queue) REFERENCES queue,
    FOREIGN KEY (business, agent) REFERENCES agent,
    CHECK (state <> 'taken' OR (agent IS NOT NULL AND taken_at IS NOT NULL)),
    CHECK ((state = 'ended') = (ended_at IS NOT NULL))
) WITH (fillfactor = 80);
CREATE UNIQUE INDEX chat_interaction_open ON chat_interaction (business, chat) WHERE state <> 'ended';
CREATE INDEX chat_interaction_of_chat ON chat_interaction (business, chat, came_at);
CREATE INDEX chat_interaction_of_agent ON chat_interaction (business, agent) WHERE state = 'taken';
CREATE INDEX chat_interaction_waiting ON chat_interaction (business, queue, came_at) WHERE state = 'waiting';
CALL protect('chat_interaction');

GRANT SELECT, INSERT, UPDATE ON chat_interaction TO ringback_interactions;
GRANT SELECT ON chat_interaction TO ringback_application, ringback_read;
