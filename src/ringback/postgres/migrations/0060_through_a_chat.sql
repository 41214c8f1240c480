-- Who writes with an agent while a callback of theirs is open is with us: the two are joined, as calls at an outside contact centre are.

ALTER TABLE chat_interaction
    ADD COLUMN person      uuid,          -- who writes
    ADD COLUMN callback    uuid,          -- the open one of the same person when an agent took the chat
    ADD COLUMN settled_at  timestamptz,   -- what follows for that callback is done
    ADD FOREIGN KEY (business, callback) REFERENCES callback;
CREATE INDEX chat_interaction_joined ON chat_interaction (business, callback) WHERE callback IS NOT NULL AND settled_at IS NULL;
