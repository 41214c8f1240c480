-- name: insert_leg
-- Make the leg's row; the one there is when it was made before.
INSERT INTO browser_leg (business, id, callback, party, subject, state, show)
VALUES (:business, :id, :callback, :party, :subject, 'prepared', :show)
ON CONFLICT (business, id) DO NOTHING;

-- name: find_legs
-- The legs as they stand.
SELECT * FROM browser_leg WHERE id = ANY (:ids);

-- name: lock_legs
-- The legs as they stand, held until the transaction ends, always in the same order.
SELECT * FROM browser_leg WHERE business = :business AND id = ANY (:ids) ORDER BY id FOR UPDATE;

-- name: save_leg
-- What became of a leg, if it is still the one that was read.
UPDATE browser_leg
SET state = :state, page = :page, peer = :peer, round = :round, alerted_at = :alerted_at, accepted_at = :accepted_at, sound_at = :sound_at,
    rings_until = :rings_until, joined_at = :joined_at, ended_at = :ended_at, ended_reason = :ended_reason, ended_words = :ended_words,
    version = version + 1
WHERE business = :business AND id = :id AND version = :version
RETURNING version;

-- name: open_legs
-- Across businesses: legs that are not over.
SELECT business, id FROM browser_leg WHERE state <> 'ended';

-- name: open_legs_among
-- Across businesses: which of these legs are not over.
SELECT business, id FROM browser_leg WHERE id = ANY (:ids) AND state <> 'ended';

-- name: open_legs_of
-- The legs of one business that are not over.
SELECT id FROM browser_leg WHERE business = :business AND state <> 'ended';

-- name: legs_with_input
-- Across businesses: legs about which pages have said something new, in the order they said it.
SELECT business, leg FROM page_input WHERE applied_at IS NULL GROUP BY business, leg ORDER BY min(n) LIMIT :most;

-- name: new_input
-- What pages said about one leg and was not applied, in order.
SELECT id, page, kind, reason FROM page_input WHERE business = :business AND leg = :leg AND applied_at IS NULL ORDER BY n;

-- name: input_applied
-- Each is applied once.
UPDATE page_input SET applied_at = clock_timestamp() WHERE business = :business AND leg = :leg AND id = ANY (:ids) AND applied_at IS NULL;

-- name: somebody_there
-- Whether a page of the person was seen since, and did not close.
SELECT EXISTS (SELECT FROM presence WHERE business = :business AND subject = :subject AND seen_at > :since AND left_at IS NULL);

-- name: pages_seen
-- When pages were seen last.
SELECT page, max(seen_at) AS seen_at FROM presence WHERE page = ANY (:pages) GROUP BY page;

-- name: pages_heard_since
-- Since when pages could be heard all the time; NULL while no application server is alive.
SELECT pages_heard_since();

-- name: purge_legs
-- Rows of calls that are over, with the names their pages showed.
DELETE FROM browser_leg WHERE business = ANY (:businesses) AND ended_at < clock_timestamp() - interval '1 day';

-- name: businesses
-- Across businesses: all of them.
SELECT id FROM business;
