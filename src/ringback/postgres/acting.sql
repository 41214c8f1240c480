-- name: act_as
-- For the rest of the transaction, or until the next: the rights of one server's role, which the login must be a member of.
SELECT set_config('role', :role, true);
