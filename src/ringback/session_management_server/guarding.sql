-- name: hold_spending
-- The day's money of a business, held: one ring of it is judged at a time.
INSERT INTO phone_spending AS s (business, day, rings, cost) VALUES (:business, :day::date, 1, :estimate)
ON CONFLICT (business, day) DO UPDATE SET rings = s.rings + 1, cost = s.cost + excluded.cost
RETURNING cost - :estimate::float8 AS spent;

-- name: hold_target
-- One ring of a number is judged at a time, whichever business rings it.
SELECT pg_advisory_xact_lock(hashtextextended('target:' || :number, 4));

-- name: listed
-- Whether the number is on the do-not-call list.
SELECT EXISTS (SELECT FROM do_not_call WHERE business = :business AND number = :number);

-- name: counted
-- What was rung so far; counting ends where a limit is reached.
SELECT (SELECT count(*) FROM (SELECT FROM phone_ring WHERE business = :business AND target = target_of(:number)
            AND at > :now::timestamptz - interval '1 day' LIMIT :number_most) AS t)::int AS number,
       (SELECT count(*) FROM (SELECT FROM target_ring WHERE target = target_of(:number)
            AND at > :now::timestamptz - interval '1 day' LIMIT :target_most) AS t)::int AS target,
       (SELECT count(*) FROM (SELECT FROM phone_ring WHERE business = :business AND block = :block AND party = 'customer'
            AND at > :now::timestamptz - interval '1 hour' LIMIT :prefix_most) AS t)::int AS prefix,
       (SELECT count(*) FROM (SELECT FROM phone_ring WHERE business = :business
            AND at > :now::timestamptz - interval '1 hour' LIMIT :business_most) AS t)::int AS business;

-- name: note_ring
-- It is let through: kept under keyed hashes, in the transaction of the fence.
INSERT INTO phone_ring (business, leg, party, target, block, at, day, per_minute, cost)
VALUES (:business, :leg, :party, target_of(:number), :block, :now, :day::date, :per_minute, :estimate);

-- name: note_target
-- For the limit across businesses.
INSERT INTO target_ring (target, at) VALUES (target_of(:number), :now);

-- name: purge_rings
-- No limit looks so far back.
DELETE FROM phone_ring WHERE business = :business AND at < :now::timestamptz - interval '30 days';

-- name: purge_targets
-- Nor here.
DELETE FROM target_ring WHERE at < :now::timestamptz - interval '2 days';
