-- name: log_ins
-- Every log-in of a business.
SELECT id, email, name, roles, agent, queues, disabled_at IS NOT NULL AS disabled FROM user_account
WHERE business = :business ORDER BY lower(email) FOR UPDATE;

-- name: save_log_in
-- Everything of a log-in but its address and its password.
UPDATE user_account SET name = :name, roles = :roles, agent = :agent, queues = :queues,
    disabled_at = CASE WHEN :disabled::boolean THEN coalesce(disabled_at, :now) END
WHERE business = :business AND id = :id;

-- name: close_log_in
-- A log-in that is made closed.
UPDATE user_account SET disabled_at = :now WHERE business = :business AND id = :id;
