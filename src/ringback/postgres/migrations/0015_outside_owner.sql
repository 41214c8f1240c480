-- One process follows a contact centre outside: a process that stalled and goes on reports nothing any more.
ALTER TABLE outside_source ADD COLUMN owner uuid, ADD COLUMN owned_until timestamptz;
