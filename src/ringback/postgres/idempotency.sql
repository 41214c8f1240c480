-- name: claim_key
-- Make the key ours; when it is there already its row is locked and returned as it is.
INSERT INTO idempotency AS i (business, principal, key, body_hash)
VALUES (:business, :principal, :key, :body_hash)
ON CONFLICT (business, principal, key) DO UPDATE SET key = excluded.key
RETURNING body_hash, status, answer, (xmax = 0) AS fresh;

-- name: read_key
-- What a key stands for, if anything yet.
SELECT body_hash, status, answer FROM idempotency WHERE business = :business AND principal = :principal AND key = :key;

-- name: keep_answer
-- What the key's first request was answered.
UPDATE idempotency SET status = :status, answer = :answer WHERE business = :business AND principal = :principal AND key = :key;

-- name: forget_keys
-- Keys of requests nobody repeats any more.
DELETE FROM idempotency WHERE business = :business AND made_at < :before;

-- name: answers_about
-- Kept answers that show any of these callbacks.
SELECT principal, key, answer FROM idempotency
WHERE business = :business AND answer IS NOT NULL AND answer::text LIKE ANY (SELECT '%' || id || '%' FROM unnest(:ids::text[]) AS id);

-- name: replace_answer
-- The same answer, with less in it.
UPDATE idempotency SET answer = :answer WHERE business = :business AND principal = :principal AND key = :key;
