-- name: insert_leg
-- Make the leg's row; the one there is when it was made before.
INSERT INTO twilio_leg (business, id, party, number, caller_id, state) VALUES (:business, :id, :party, :number, :caller_id, 'prepared')
ON CONFLICT (business, id) DO NOTHING;

-- name: find_legs
-- The legs as they stand.
SELECT * FROM twilio_leg WHERE id = ANY (:ids);

-- name: lock_legs
-- The legs as they stand, held until the transaction ends, always in the same order.
SELECT * FROM twilio_leg WHERE business = :business AND id = ANY (:ids) ORDER BY id FOR UPDATE;

-- name: save_leg
-- What became of a leg.
UPDATE twilio_leg
SET number = :number, caller_id = :caller_id, state = :state, call = :call, key = :key, dialled_at = :dialled_at, rang_at = :rang_at,
    answered_at = :answered_at, joined_at = :joined_at, ended_at = :ended_at, ended_reason = :ended_reason, released = :released,
    peer = :peer, room = :room, version = version + 1
WHERE business = :business AND id = :id;

-- name: open_legs
-- Across businesses: legs that are not over.
SELECT business, id FROM twilio_leg WHERE state <> 'ended';

-- name: open_legs_of
-- The legs of one business that are not over.
SELECT id FROM twilio_leg WHERE business = :business AND state <> 'ended';

-- name: known_calls
-- Which of these calls belong to a leg.
SELECT call FROM twilio_leg WHERE call = ANY (:calls);

-- name: note_event
-- Something that happened to a leg, once.
INSERT INTO twilio_event (business, leg, event, kind, detail, at) VALUES (:business, :leg, :event, :kind, :detail, :now)
ON CONFLICT DO NOTHING;

-- name: find_events
-- What happened to these legs.
SELECT * FROM twilio_event WHERE leg = ANY (:ids) ORDER BY at, event;

-- name: purge_legs
-- Rows of calls that are over.
DELETE FROM twilio_leg WHERE business = ANY (:businesses) AND ended_at < clock_timestamp() - interval '1 day';

-- name: businesses
-- Across businesses: all of them.
SELECT id FROM business;

-- name: insert_key
-- This process's key.
INSERT INTO twilio_key (sid, made_at, seen_at) VALUES (:sid, clock_timestamp(), clock_timestamp());

-- name: see_key
-- Its process is alive.
UPDATE twilio_key SET seen_at = clock_timestamp() WHERE sid = :sid;

-- name: revoke_key
-- Twilio confirmed that it is gone; the first time counts.
UPDATE twilio_key SET revoked_at = coalesce(revoked_at, clock_timestamp()) WHERE sid = :sid RETURNING revoked_at;

-- name: key_revoked_at
-- When it was taken away.
SELECT revoked_at FROM twilio_key WHERE sid = :sid;

-- name: forgotten_keys
-- Keys of processes that fell silent long ago.
SELECT sid FROM twilio_key WHERE revoked_at IS NULL AND seen_at < clock_timestamp() - interval '10 minutes';

-- name: purge_keys
-- Keys taken away long ago.
DELETE FROM twilio_key WHERE revoked_at < clock_timestamp() - interval '2 days';
