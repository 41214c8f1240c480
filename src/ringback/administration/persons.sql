-- name: find_persons
-- Persons of one id, signed identity, or number: proved, or called.
SELECT p.id, p.created_at, (SELECT count(*) FROM callback c WHERE c.business = p.business AND c.person = p.id) AS callbacks
FROM person p
WHERE p.business = :business AND p.erased_at IS NULL
  AND (p.id = :id OR lower(p.identity) = lower(:identity) OR p.number = :number
       OR p.id IN (SELECT c.person FROM callback c WHERE c.business = :business AND c.address = :number))
ORDER BY p.created_at, p.id LIMIT 20;
