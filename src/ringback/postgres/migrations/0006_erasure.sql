-- What forgetting needs: which chats were emptied, where a person's rows are, and a number that may be gone once a callback is over.

ALTER TABLE chat ADD COLUMN purged_at timestamptz;
CREATE INDEX chat_unpurged ON chat (business, last_at) WHERE purged_at IS NULL;
CREATE INDEX person_unerased ON person (business, created_at) WHERE erased_at IS NULL;
CREATE INDEX callback_request_person ON callback_request (business, person);
CREATE INDEX consent_person ON consent (business, person, at);

-- An open callback to a phone has a number in E.164; a finished one may have been forgotten.
DO $$
DECLARE
    found name;
BEGIN
    FOR found IN
        SELECT conname FROM pg_constraint
        WHERE conrelid = 'callback'::regclass AND contype = 'c' AND pg_get_constraintdef(oid) LIKE '%destination%address%~%'
    LOOP
        EXECUTE format('ALTER TABLE callback DROP CONSTRAINT %I', found);
    END LOOP;
END $$;
ALTER TABLE callback ADD CONSTRAINT callback_number CHECK (
    destination <> 'phone' OR address ~ '^\+[1-9][0-9]{3,14}$' OR (address = '' AND finished_at IS NOT NULL));
