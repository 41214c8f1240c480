-- name: find_user
-- An account by its address, before its business is known (a definer's function: one row by its secret).
SELECT business, id, password_hash, disabled FROM find_user(:email);

-- name: find_login
-- A session by its cookie's hash, before its business is known.
SELECT business, user_id FROM find_login(:token_hash);

-- name: find_api_key
-- A key by its hash, before its business is known.
SELECT business, id FROM find_api_key(:secret_hash);

-- name: load_user
-- What makes a principal of a user; nothing when the account is disabled.
SELECT u.id, u.business, u.name, u.email, u.roles, u.agent, u.queues,
       b.name AS business_name, b.zone
FROM user_account u JOIN business b ON b.id = u.business
WHERE u.business = :business AND u.id = :id AND u.disabled_at IS NULL;

-- name: load_api_key
-- What makes a principal of a key.
SELECT id, business, name, scopes, last_used_at FROM api_key
WHERE business = :business AND id = :id AND revoked_at IS NULL;

-- name: touch_api_key
-- Note that the key is in use, to the minute.
UPDATE api_key SET last_used_at = :now
WHERE business = :business AND id = :id AND (last_used_at IS NULL OR last_used_at < :now::timestamptz - interval '1 minute');

-- name: count_failure
-- Count a failure before the password is looked at, so that many tries at once are many failures.
INSERT INTO login_attempt AS l (subject, failures, last_at) VALUES (:subject, 1, :now)
ON CONFLICT (subject) DO UPDATE SET
    failures = CASE WHEN l.last_at < :forgotten THEN 1 ELSE l.failures + 1 END,
    last_at = excluded.last_at;

-- name: lock_failures
-- Failures of one subject so far.
SELECT failures, last_at FROM login_attempt WHERE subject = :subject FOR UPDATE;

-- name: forgive_all
-- The account was entered: its failures are over.
DELETE FROM login_attempt WHERE subject = :subject;

-- name: forgive_one
-- Take back the one failure that was counted ahead.
UPDATE login_attempt SET failures = failures - 1 WHERE subject = :subject AND failures > 0;

-- name: forget_old_failures
-- Failures nobody remembers.
DELETE FROM login_attempt WHERE last_at < :forgotten;

-- name: insert_session
-- A log-in.
INSERT INTO login_session (business, token_hash, user_id, created_at, expires_at)
VALUES (:business, :token_hash, :user_id, :now, :expires_at);

-- name: revoke_session
-- A log-out.
UPDATE login_session SET revoked_at = :now WHERE business = :business AND token_hash = :token_hash AND revoked_at IS NULL;

-- name: revoke_sessions_of
-- Every session of a user: the password or the rights changed.
UPDATE login_session SET revoked_at = :now WHERE business = :business AND user_id = :user_id AND revoked_at IS NULL;

-- name: forget_old_sessions
-- Sessions that ended over a day ago.
DELETE FROM login_session WHERE business = :business AND expires_at < :now::timestamptz - interval '1 day';

-- name: store_password_hash
-- A new password, or the same one with today's parameters.
UPDATE user_account SET password_hash = :password_hash WHERE business = :business AND id = :id;

-- name: insert_user
-- An account; nothing when the address is taken.
INSERT INTO user_account (business, id, email, name, password_hash, roles, agent, queues, created_at)
VALUES (:business, :id, :email, :name, :password_hash, :roles, :agent, :queues, :now)
ON CONFLICT (lower(email)) DO NOTHING;

-- name: find_user_in
-- An account of this business by its address.
SELECT id FROM user_account WHERE business = :business AND lower(email) = lower(:email);

-- name: update_user
-- What an admin may change of an account; NULL leaves a member as it is.
UPDATE user_account SET
    name = coalesce(:name, name), roles = coalesce(:roles, roles), queues = coalesce(:queues, queues),
    disabled_at = CASE :disabled::boolean WHEN true THEN coalesce(disabled_at, :now) WHEN false THEN NULL ELSE disabled_at END
WHERE business = :business AND id = :id;

-- name: count_other_admins
-- Admins who would be left without this one.
SELECT count(*) FROM user_account WHERE business = :business AND id <> :id AND disabled_at IS NULL AND 'admin' = ANY (roles);

-- name: list_users
-- Accounts by address, a page after a given one.
SELECT id, email, name, roles, agent, queues, created_at, disabled_at FROM user_account
WHERE business = :business AND (:after::text IS NULL OR (lower(email), id) > (:after::text, :after_id::uuid))
ORDER BY lower(email), id LIMIT :size;

-- name: get_user
-- One account.
SELECT id, email, name, roles, agent, queues, created_at, disabled_at FROM user_account WHERE business = :business AND id = :id;

-- name: insert_api_key
-- A key, as a hash.
INSERT INTO api_key (business, id, prefix, secret_hash, name, scopes, created_at)
VALUES (:business, :id, :prefix, :secret_hash, :name, :scopes, :now);

-- name: revoke_api_key
-- The key opens nothing from now on.
UPDATE api_key SET revoked_at = :now WHERE business = :business AND id = :id AND revoked_at IS NULL;

-- name: list_api_keys
-- Keys, newest first, a page after a given one.
SELECT id, prefix, name, scopes, created_at, last_used_at, revoked_at FROM api_key
WHERE business = :business AND (:after::timestamptz IS NULL OR (created_at, id) < (:after::timestamptz, :after_id::uuid))
ORDER BY created_at DESC, id DESC LIMIT :size;

-- name: get_api_key
-- One key, without its secret: that is not known.
SELECT id, prefix, name, scopes, created_at, last_used_at, revoked_at FROM api_key WHERE business = :business AND id = :id;

-- name: is_key_good
-- Whether this is the key, and it still opens something.
SELECT EXISTS (SELECT FROM api_key WHERE business = :business AND id = :id AND secret_hash = :secret_hash AND revoked_at IS NULL);

-- name: insert_audit
-- Who did what to what, and why.
INSERT INTO audit (business, id, at, principal, action, subject, reason, detail)
VALUES (:business, :id, :now, :principal, :action, :subject, :reason, :detail);

-- name: list_audit
-- The audit, newest first, a page after a given row.
SELECT a.id, a.at, a.principal, u.name AS principal_name, a.action, a.subject, a.reason, a.detail
FROM audit a LEFT JOIN user_account u ON u.business = a.business AND a.principal = 'user:' || u.id
WHERE a.business = :business
  AND (:after::timestamptz IS NULL OR (a.at, a.id) < (:after::timestamptz, :after_id::uuid))
  AND (:subject::text IS NULL OR a.subject = :subject) AND (:principal::text IS NULL OR a.principal = :principal)
ORDER BY a.at DESC, a.id DESC LIMIT :size;

-- name: find_business
-- A business by its slug.
SELECT id FROM business WHERE slug = :slug;
