-- name: businesses
-- Across businesses: every one there is.
SELECT id FROM business ORDER BY id;

-- name: presence_timeout
-- After how many seconds without a word from a business's page somebody is gone, where it says so.
SELECT (policy ->> 'presence_timeout')::float8 FROM business WHERE id = :business;
