-- name: expect
-- A talk that is recorded began.
INSERT INTO recording (business, id, attempt, callback, carrier, began_at, keep_days)
VALUES (:business, :id, :attempt, :callback, :carrier, :began_at, :keep_days)
ON CONFLICT (business, id) DO NOTHING;

-- name: expected
-- Across businesses: recordings of talks that are over, not fetched so far.
SELECT r.business, r.id FROM recording r JOIN attempt a ON a.business = r.business AND a.id = r.attempt
WHERE r.state = 'expected' AND a.state = 'ended' ORDER BY r.began_at LIMIT 50;

-- name: lock
-- One that nobody else fetches just now.
SELECT id, carrier, tries FROM recording WHERE business = :business AND id = :id AND state = 'expected' FOR UPDATE SKIP LOCKED;

-- name: keep_piece
-- A piece of its sound.
INSERT INTO recording_sound (business, recording, n, sound) VALUES (:business, :id, :n, :sound) ON CONFLICT DO NOTHING;

-- name: stored
-- All of it is here.
UPDATE recording SET state = 'stored', stored_at = :now, seconds = :seconds, size = :size WHERE business = :business AND id = :id;

-- name: tried
-- There was nothing; after some tries there is none.
UPDATE recording SET tries = tries + 1, state = CASE WHEN tries + 1 >= :most THEN 'missing' ELSE state END
WHERE business = :business AND id = :id;

-- name: purge
-- Those whose days are over.
DELETE FROM recording WHERE business = :business AND began_at + make_interval(days => keep_days) < clock_timestamp();

-- name: forget
-- Those of a person who is forgotten.
DELETE FROM recording WHERE business = :business AND callback = ANY (:callbacks);
