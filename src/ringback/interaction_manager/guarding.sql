-- name: counted
-- What was rung and spent so far; counting ends where a limit would be reached.
SELECT (SELECT count(*) FROM (SELECT FROM phone_ring WHERE business = :business AND target = target_of(:number)
            AND at > :now::timestamptz - interval '1 day' LIMIT :number_most) AS t)::int AS number,
       (SELECT count(*) FROM (SELECT FROM target_ring WHERE target = target_of(:number)
            AND at > :now::timestamptz - interval '1 day' LIMIT :target_most) AS t)::int AS target,
       (SELECT count(*) FROM (SELECT FROM phone_ring WHERE business = :business AND block = :block AND party = 'customer'
            AND at > :now::timestamptz - interval '1 hour' LIMIT :prefix_most) AS t)::int AS prefix,
       (SELECT count(*) FROM (SELECT FROM phone_ring WHERE business = :business
            AND at > :now::timestamptz - interval '1 hour' LIMIT :business_most) AS t)::int AS business,
       coalesce((SELECT cost FROM phone_spending WHERE business = :business AND day = :day::date), 0)::float8 AS spent;

-- name: listed
-- Whether the number is on the do-not-call list.
SELECT EXISTS (SELECT FROM do_not_call WHERE business = :business AND number = :number);

-- name: list_number
-- An agent was asked not to call again.
INSERT INTO do_not_call (business, number, source, added_by, added_at) VALUES (:business, :number, 'agent', :by, :now)
ON CONFLICT (business, number) DO NOTHING;
