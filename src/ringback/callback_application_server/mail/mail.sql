-- name: insert_mail
-- One letter on its way.
INSERT INTO mail (business, id, recipients, subject, body, made_at) VALUES (:business, :id, :recipients::text[], :subject, :body, :now);

-- name: load_mail
-- A letter that is still to be sent.
SELECT id, recipients, subject, body, tries, made_at FROM mail
WHERE business = :business AND id = :id AND delivered_at IS NULL AND failed_at IS NULL;

-- name: mail_delivered
-- The mail server took it.
UPDATE mail SET tries = tries + 1, delivered_at = :now, last_error = NULL WHERE business = :business AND id = :id;

-- name: mail_failed
-- The mail server did not take it; failed_at when no further try follows.
UPDATE mail SET tries = tries + 1, last_error = :error, failed_at = :failed_at WHERE business = :business AND id = :id;

-- name: business_name
-- Whose letter it is.
SELECT name FROM business WHERE id = :business;

-- name: forget_mail
-- Letters of last month.
DELETE FROM mail WHERE business = :business AND made_at < :before;
