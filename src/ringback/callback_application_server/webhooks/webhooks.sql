-- name: endpoints_for
-- Who wants to hear of an event; a lookup is a question, asked of those alone who named it.
SELECT id FROM webhook_endpoint
WHERE business = :business AND disabled_at IS NULL AND (events = '{}' AND :event <> 'callback.lookup' OR :event = ANY (events));

-- name: about_callback
-- What every body says of a callback: ids, and where it rings without the number.
SELECT r.provider, r.person, r.chat, r.principal, r.request -> 'destination' ->> 'kind' AS destination
FROM callback_request r WHERE r.business = :business AND r.id = :callback;

-- name: insert_delivery
-- One event on its way to one endpoint.
INSERT INTO webhook_delivery (business, id, endpoint, event, body, made_at)
VALUES (:business, :id, :endpoint, :event, :body, :now);

-- name: load_delivery
-- What is sent, where, and signed with what; nothing when it is over or the endpoint is disabled.
SELECT d.id, d.endpoint, d.event, d.body, d.tries, e.url, e.secret
FROM webhook_delivery d JOIN webhook_endpoint e ON e.business = d.business AND e.id = d.endpoint
WHERE d.business = :business AND d.id = :id AND d.delivered_at IS NULL AND d.failed_at IS NULL AND e.disabled_at IS NULL;

-- name: lock_delivery
-- The delivery, held; whether it is still open, and since when its endpoint fails.
SELECT d.tries, d.endpoint, e.failing_since FROM webhook_delivery d
JOIN webhook_endpoint e ON e.business = d.business AND e.id = d.endpoint
WHERE d.business = :business AND d.id = :id AND d.delivered_at IS NULL AND d.failed_at IS NULL FOR UPDATE OF d;

-- name: note_delivered
-- The receiver took it.
UPDATE webhook_delivery SET tries = tries + 1, delivered_at = :now, last_error = NULL WHERE business = :business AND id = :id;

-- name: identity_of_person
-- The business's own name for whoever asked for a callback.
SELECT p.identity FROM callback_request r JOIN person p ON p.business = r.business AND p.id = r.person
WHERE r.business = :business AND r.id = :callback;

-- name: note_failure
-- The receiver did not take it; failed_at when no further try follows.
UPDATE webhook_delivery SET tries = tries + 1, last_error = :error, failed_at = :failed_at
WHERE business = :business AND id = :id;

-- name: endpoint_works
-- The endpoint answers again.
UPDATE webhook_endpoint SET failing_since = NULL WHERE business = :business AND id = :endpoint AND failing_since IS NOT NULL;

-- name: endpoint_fails
-- The endpoint fails, and since when; disabled after days.
UPDATE webhook_endpoint SET failing_since = coalesce(failing_since, :now),
    disabled_at = CASE WHEN :disabled::boolean THEN coalesce(disabled_at, :now) ELSE disabled_at END
WHERE business = :business AND id = :endpoint;

-- name: forget_deliveries
-- Deliveries that were over a month ago.
DELETE FROM webhook_delivery WHERE business = :business AND made_at < :before AND (delivered_at IS NOT NULL OR failed_at IS NOT NULL);
