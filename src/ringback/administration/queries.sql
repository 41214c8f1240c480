-- name: find_business
-- Across businesses: one by its short name.
SELECT id FROM business WHERE slug = :slug;

-- name: list_businesses
-- Across businesses: every short name.
SELECT slug FROM business ORDER BY slug;

-- name: find_agent
-- An agent by short name.
SELECT id FROM agent WHERE business = :business AND slug = :slug AND retired_at IS NULL;

-- name: find_queue
-- A queue by short name.
SELECT id FROM queue WHERE business = :business AND slug = :slug AND retired_at IS NULL;
