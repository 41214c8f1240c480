-- One-time codes for numbers nobody vouches for. The code itself is stored nowhere: it follows from a row's id and the installation's secret.

CREATE TABLE chat_address (                       -- from which network address a chat was opened, under a keyed hash, for a day
    business    uuid NOT NULL,
    chat        uuid NOT NULL,
    address     bytea NOT NULL,
    at          timestamptz NOT NULL,
    PRIMARY KEY (business, chat),
    FOREIGN KEY (business, chat) REFERENCES chat ON DELETE CASCADE
);
CREATE INDEX chat_address_old ON chat_address (business, at);
CALL protect('chat_address');

CREATE TABLE number_code (
    business    uuid NOT NULL,
    id          uuid NOT NULL,
    chat        uuid NOT NULL,
    callback    uuid NOT NULL,                    -- the request that was refused for it, and is made again once the number is proved
    number      text NOT NULL CHECK (number ~ '^\+[1-9][0-9]{6,14}$'),
    address     bytea,                            -- of the chat, when it asked
    key         smallint,                         -- which of the installation's keys the code follows from, once it is being sent
    state       text NOT NULL DEFAULT 'sending' CHECK (state IN ('sending', 'sent', 'failed', 'proved')),
    tries       int NOT NULL DEFAULT 0 CHECK (tries BETWEEN 0 AND 5),
    made_at     timestamptz NOT NULL,
    expires_at  timestamptz NOT NULL,
    PRIMARY KEY (business, id),
    FOREIGN KEY (business, chat) REFERENCES chat ON DELETE CASCADE
) WITH (fillfactor = 80);
CREATE INDEX number_code_of_chat ON number_code (business, chat, made_at);
CREATE INDEX number_code_of_number ON number_code (business, number, made_at);
CREATE INDEX number_code_of_address ON number_code (business, address, made_at) WHERE address IS NOT NULL;
CREATE INDEX number_code_old ON number_code (business, made_at);
CALL protect('number_code');

CREATE TABLE number_proof (                       -- this person has shown that the number is theirs
    business    uuid NOT NULL,
    person      uuid NOT NULL,
    number      text NOT NULL,
    at          timestamptz NOT NULL,
    PRIMARY KEY (business, person, number),
    FOREIGN KEY (business, person) REFERENCES person ON DELETE CASCADE
);
CREATE INDEX number_proof_old ON number_proof (business, at);
CALL protect('number_proof');

GRANT SELECT, INSERT, UPDATE, DELETE ON chat_address, number_code, number_proof TO ringback_application;
GRANT EXECUTE ON FUNCTION target_of(text) TO ringback_application;
