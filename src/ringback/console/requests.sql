-- name: find_person
-- A person of this business who was not erased.
SELECT id, name, stopped_at FROM person WHERE business = :business AND id = :id AND erased_at IS NULL;

-- name: insert_person
-- A person; with an identity of the business's own, the one there is.
INSERT INTO person (business, id, name, identity, created_at) VALUES (:business, :id, :name, :identity, :now)
ON CONFLICT (business, identity) WHERE identity IS NOT NULL DO UPDATE SET name = coalesce(excluded.name, person.name)
RETURNING id, name, stopped_at;

-- name: person_of_number
-- The person a proved number belongs to.
SELECT id, name, stopped_at FROM person WHERE business = :business AND number = :number AND erased_at IS NULL;

-- name: prove_number
-- A proved number makes the person, unless they have one or another has it.
UPDATE person SET number = :number WHERE business = :business AND id = :id AND number IS NULL
  AND NOT EXISTS (SELECT 1 FROM person other WHERE other.business = :business AND other.number = :number);

-- name: find_chat
-- A chat and its person.
SELECT h.id, h.person, h.zone, h.language, p.name, p.stopped_at FROM chat h JOIN person p ON p.business = h.business AND p.id = h.person
WHERE h.business = :business AND h.id = :id AND p.erased_at IS NULL;

-- name: insert_request
-- What is asked of the interaction manager; the number is masked.
INSERT INTO callback_request (business, id, chat, person, principal, provider, request, state, made_at)
VALUES (:business, :id, :chat, :person, :principal, :provider, :request, 'sent', :now);

-- name: read_request
-- How a request stands.
SELECT id, state, problem, public, provider, principal, person, chat, request, made_at, answered_at FROM callback_request
WHERE business = :business AND id = :id;
