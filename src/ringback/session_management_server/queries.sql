-- name: insert_attempt
-- A direction was received.
INSERT INTO attempt (business, id, callback, number, state, direction, customer_address, agent, not_before, not_after, epoch, due_version, began_at)
VALUES (:business, :id, :callback, :number, 'directed', :direction, :customer_address, :agent, :not_before, :not_after, :epoch, :due_version, :began_at);

-- name: find_attempt
-- An attempt as it stands.
SELECT * FROM attempt WHERE business = :business AND id = :id;

-- name: lock_attempt
-- An attempt as it stands, held until the transaction ends.
SELECT * FROM attempt WHERE business = :business AND id = :id FOR UPDATE;

-- name: legs_of_attempt
-- Its legs in the order they were made.
SELECT * FROM leg WHERE business = :business AND attempt = :attempt ORDER BY party, n;

-- name: save_attempt
-- What became of it; every change raises its version. Nobody is called any more once it ended: the number is forgotten.
UPDATE attempt
SET state = :state, customer_address = CASE WHEN :state = 'ended' THEN '' ELSE customer_address END, agent = :agent, direction = direction || :direction_fields, withdraw_reason = :withdraw_reason, found = :found, outcome = :outcome,
    detail = :detail, joined_at = :joined_at, wishes = :wishes, transferred_at = :transferred_at, ended_at = :ended_at, version = version + 1
WHERE business = :business AND id = :id;

-- name: save_leg
-- A new leg, or what became of one.
INSERT INTO leg AS l (business, id, attempt, callback, party, agent, n, carrier, account, phase, fence_token, dialled_at, ringing_at, picked_up_at,
    screened_at, answered_at, joined_at, ended_at, rings_until, release_why, outcome, evidence, detail)
VALUES (:business, :id, :attempt, :callback, :party, :agent, :n, :carrier, :account, :phase, :fence_token, :dialled_at, :ringing_at, :picked_up_at,
    :screened_at, :answered_at, :joined_at, :ended_at, :rings_until, :release_why, :outcome, :evidence, :detail)
ON CONFLICT (business, id) DO UPDATE SET account = excluded.account, phase = excluded.phase, fence_token = excluded.fence_token,
    dialled_at = excluded.dialled_at, ringing_at = excluded.ringing_at, picked_up_at = excluded.picked_up_at,
    screened_at = excluded.screened_at, answered_at = excluded.answered_at, joined_at = excluded.joined_at,
    ended_at = excluded.ended_at, rings_until = excluded.rings_until, release_why = excluded.release_why, outcome = excluded.outcome,
    evidence = excluded.evidence, detail = excluded.detail
WHERE l.phase <> 'ended';

-- name: claim_attempt
-- Become its controller, where nobody is or the one before has let its lease run out.
UPDATE attempt
SET controller = :controller, lease_until = clock_timestamp() + make_interval(secs => :lease), epoch = :epoch, version = version + 1
WHERE business = :business AND id = :id AND state <> 'ended'
  AND (controller IS NULL OR controller = :controller OR lease_until < clock_timestamp())
RETURNING version;

-- name: renew_leases
-- Go on driving the attempts that are still mine; those left out are not, or are being changed and can wait for the next time.
WITH mine AS (
    SELECT business, id FROM attempt
    WHERE business = ANY (:businesses) AND id = ANY (:attempts) AND controller = :controller AND state <> 'ended'
    FOR UPDATE SKIP LOCKED
)
UPDATE attempt a SET lease_until = clock_timestamp() + make_interval(secs => :lease)
FROM mine
WHERE a.business = mine.business AND a.id = mine.id
RETURNING a.id, a.version;

-- name: drop_leases
-- Let others take over at once: this process stops in good order.
UPDATE attempt SET lease_until = clock_timestamp() - interval '1 second'
WHERE business = ANY (:businesses) AND id = ANY (:attempts) AND controller = :controller AND state <> 'ended';

-- name: abandoned_attempts
-- Across businesses: attempts whose controller has let its lease run out.
SELECT business, id FROM attempt WHERE state <> 'ended' AND lease_until < clock_timestamp() ORDER BY lease_until LIMIT :most;

-- name: attempt_of_leg
-- Which attempt a leg belongs to.
SELECT attempt FROM leg WHERE business = :business AND id = :leg;

-- name: note_event
-- Apply a carrier's event once: nothing when it was applied before.
INSERT INTO carrier_event (business, carrier, account, event, leg) VALUES (:business, :carrier, :account, :event, :leg)
ON CONFLICT DO NOTHING RETURNING leg;

-- name: live_among
-- Which of these legs are ours and not over.
SELECT id FROM leg WHERE business = :business AND id = ANY (:legs) AND phase <> 'ended';

-- name: businesses
-- Across businesses: all of them.
SELECT id FROM business;

-- name: dialling_allowed
-- The switch that a restore or a fail-over leaves off.
SELECT allowed FROM dialling_permit;

-- name: purge_events
-- Carrier events of long ago can not come again.
DELETE FROM carrier_event WHERE business = :business AND at < clock_timestamp() - interval '30 days';

-- name: forget_customers
-- Who was called about what, taken from attempts that are over.
UPDATE attempt SET customer_address = '', direction = direction || '{"customer_name": "", "topic": null}'::jsonb
WHERE business = :business AND callback = ANY (:callbacks) AND state = 'ended';

-- name: forget_pages
-- What pages showed of those calls.
UPDATE browser_leg SET show = '{}' WHERE business = :business AND callback = ANY (:callbacks) AND state = 'ended';

-- name: settle_ring
-- It is over: what it really cost takes the estimate's place; begun minutes are whole ones.
WITH over AS (
    UPDATE phone_ring r SET cost = r.per_minute * ceil(:seconds::float8 / 60), settled_at = :now
    FROM (SELECT cost FROM phone_ring WHERE business = :business AND leg = :leg AND settled_at IS NULL FOR UPDATE) AS before
    WHERE r.business = :business AND r.leg = :leg AND r.settled_at IS NULL
    RETURNING r.day, r.cost - before.cost AS difference
)
UPDATE phone_spending s SET cost = greatest(0, s.cost + over.difference)
FROM over WHERE s.business = :business AND s.day = over.day;
