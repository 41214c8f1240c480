-- name: open_gate
-- The gate of a new callback; the one there is when it was opened before.
INSERT INTO gate (business, callback) VALUES (:business, :callback) ON CONFLICT (business, callback) DO NOTHING;

-- name: read_gate
-- The gate as it stands.
SELECT epoch, state, attempt, due_version, token FROM gate WHERE business = :business AND callback = :callback;

-- name: lock_gate
-- The gate as it stands, held until the transaction ends.
SELECT epoch, state, attempt, due_version, token FROM gate WHERE business = :business AND callback = :callback FOR UPDATE;

-- name: begin_attempt
-- Give the open gate an attempt.
UPDATE gate SET attempt = :attempt, epoch = epoch + 1, token = NULL
WHERE business = :business AND callback = :callback AND state = 'open' AND attempt IS NULL AND due_version = :due_version
RETURNING epoch;

-- name: take_over
-- A controller claims the attempt: every fence of the one before it is shut.
UPDATE gate SET epoch = epoch + 1
WHERE business = :business AND callback = :callback AND attempt = :attempt AND state <> 'closed'
RETURNING epoch;

-- name: fence
-- The permission to dial one leg.
UPDATE gate SET state = 'dialling', token = :token, fenced_at = clock_timestamp()
WHERE business = :business AND callback = :callback AND attempt = :attempt AND epoch = :epoch AND due_version = :due_version
  AND state IN ('open', 'dialling')
RETURNING epoch;

-- name: record_join
-- The two were joined; nothing when a cancel came first.
UPDATE gate SET state = 'joined'
WHERE business = :business AND callback = :callback AND attempt = :attempt AND epoch = :epoch AND state = 'dialling'
RETURNING epoch;

-- name: fence_transfer
-- The permission to dial one more agent for a customer who is on the line already.
UPDATE gate SET token = :token, fenced_at = clock_timestamp()
WHERE business = :business AND callback = :callback AND attempt = :attempt AND epoch = :epoch AND state = 'joined'
RETURNING epoch;

-- name: joined_still
-- The customer of a talk was joined with another agent; nothing when the attempt is not this controller's any more.
SELECT epoch FROM gate
WHERE business = :business AND callback = :callback AND attempt = :attempt AND epoch = :epoch AND state = 'joined' FOR UPDATE;

-- name: release
-- The attempt is over with evidence: the gate is open for another one, unless it was closed.
UPDATE gate SET attempt = NULL, token = NULL, epoch = epoch + 1, state = CASE WHEN state = 'closed' THEN 'closed' ELSE 'open' END
WHERE business = :business AND callback = :callback AND attempt = :attempt
RETURNING state;

-- name: close_gate
-- Shut it for good.
UPDATE gate SET state = 'closed', epoch = epoch + 1, token = NULL WHERE business = :business AND callback = :callback AND state <> 'closed';

-- name: reschedule
-- Another time for a callback without an attempt.
UPDATE gate SET due_version = due_version + 1, epoch = epoch + 1
WHERE business = :business AND callback = :callback AND state = 'open' AND attempt IS NULL
RETURNING due_version;

-- name: withdraw_for_move
-- Another time for a callback whose attempt is under way: no fence of that attempt passes any more.
UPDATE gate SET due_version = due_version + 1, epoch = epoch + 1, token = NULL
WHERE business = :business AND callback = :callback AND state IN ('open', 'dialling') AND attempt IS NOT NULL
RETURNING due_version;
