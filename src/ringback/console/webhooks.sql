-- name: insert_endpoint
-- An endpoint, with its secret.
INSERT INTO webhook_endpoint (business, id, url, secret, events, created_at) VALUES (:business, :id, :url, :secret, :events, :now);

-- name: list_endpoints
-- Every endpoint of a business.
SELECT id, url, events, created_at, disabled_at, failing_since FROM webhook_endpoint WHERE business = :business ORDER BY created_at, id;

-- name: get_endpoint
-- One endpoint.
SELECT id, url, events, created_at, disabled_at, failing_since FROM webhook_endpoint WHERE business = :business AND id = :id;

-- name: get_secret
-- What signs to an endpoint.
SELECT secret FROM webhook_endpoint WHERE business = :business AND id = :id;

-- name: update_endpoint
-- NULL leaves a member as it is; enabling forgets past failures.
UPDATE webhook_endpoint SET url = coalesce(:url, url), events = coalesce(:events, events),
    disabled_at = CASE :enabled::boolean WHEN true THEN NULL WHEN false THEN coalesce(disabled_at, :now) ELSE disabled_at END,
    failing_since = CASE :enabled::boolean WHEN true THEN NULL ELSE failing_since END
WHERE business = :business AND id = :id;

-- name: replace_secret
-- A new secret; the old one signs nothing more.
UPDATE webhook_endpoint SET secret = :secret WHERE business = :business AND id = :id;

-- name: delete_endpoint
-- The endpoint, with its deliveries.
DELETE FROM webhook_endpoint WHERE business = :business AND id = :id;

-- name: list_deliveries
-- What was sent to an endpoint, newest first, a page after a given one.
SELECT id, event, made_at, tries, delivered_at, failed_at, last_error FROM webhook_delivery
WHERE business = :business AND endpoint = :endpoint
  AND (:after::timestamptz IS NULL OR (made_at, id) < (:after::timestamptz, :after_id::uuid))
ORDER BY made_at DESC, id DESC LIMIT :size;

-- name: reopen_delivery
-- Send it once more, with the same id.
UPDATE webhook_delivery SET delivered_at = NULL, failed_at = NULL, tries = 0
WHERE business = :business AND id = :id AND endpoint = :endpoint RETURNING id;

-- name: insert_delivery
-- One event on its way to one endpoint.
INSERT INTO webhook_delivery (business, id, endpoint, event, body, made_at) VALUES (:business, :id, :endpoint, :event, :body, :now);
