-- name: of_callback
-- The recordings of a callback's talks, the earliest first.
SELECT id, attempt, state, began_at, seconds, began_at + make_interval(days => keep_days) AS kept_until
FROM recording WHERE business = :business AND callback = :callback ORDER BY began_at;

-- name: callback_of
-- Which callback a stored recording belongs to.
SELECT callback FROM recording WHERE business = :business AND id = :id AND state = 'stored';

-- name: pieces
-- Its sound, piece by piece.
SELECT sound FROM recording_sound WHERE business = :business AND recording = :id ORDER BY n;
