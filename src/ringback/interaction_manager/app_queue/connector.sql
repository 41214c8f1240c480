-- name: find_business
-- Across businesses: one by its short name.
SELECT id FROM business WHERE slug = :slug;

-- name: claim_source
-- Become, or stay, the one process that follows a source; nothing when another one does.
UPDATE outside_source SET owner = :process, owned_until = :now::timestamptz + make_interval(secs => :lease)
WHERE business = :business AND slug = :slug AND (owner IS NOT DISTINCT FROM :process OR owned_until IS NULL OR owned_until < :now)
RETURNING id;

-- name: keep_source
-- Still the one process that follows it; nothing when another one took over.
UPDATE outside_source SET owned_until = :now::timestamptz + make_interval(secs => :lease)
WHERE business = :business AND slug = :slug AND owner = :process
RETURNING id;

-- name: let_source_go
-- Another process may follow it at once.
UPDATE outside_source SET owned_until = :now WHERE business = :business AND slug = :slug AND owner = :process;

-- name: notes
-- What an agent who answers should know of the callback a caller waits for.
SELECT person_name, topic FROM callback WHERE business = :business AND id = :callback;
