-- name: imported
-- The days that planning gave agents, from a day on.
SELECT a.slug AS agent, s.day, s.spans FROM imported_shift s JOIN agent a ON a.business = s.business AND a.id = s.agent
WHERE s.business = :business AND s.day >= :since AND s.day <= :until ORDER BY s.day, a.slug LIMIT 20000;

-- name: headcounts
-- How many of each skill are planned.
SELECT skill, starts_at, ends_at, agents FROM headcount
WHERE business = :business AND ends_at > :begins AND starts_at < :ends ORDER BY starts_at, skill LIMIT 20000;

-- name: booked_work
-- The open callbacks booked for each interval, and what they will take by how long callbacks of the queue took lately.
WITH lasts AS (
    SELECT q.id AS queue, coalesce(
        (SELECT avg(extract(epoch FROM h.wrapped_at - h.accepted_at))::float8 FROM handled h
         WHERE h.business = q.business AND h.queue = q.id AND h.wrapped_at > :since),
        (q.policy ->> 'prior_handling')::float8, (b.policy ->> 'prior_handling')::float8, :prior) AS seconds
    FROM queue q JOIN business b ON b.id = q.business WHERE q.business = :business
)
SELECT date_bin(make_interval(secs => :interval), coalesce(c.slot_start, c.window_start), :begins) AS starts_at,
       q.slug AS queue, q.skills, count(*)::int AS bookings, min(l.seconds) AS handling
FROM callback c JOIN queue q ON q.business = c.business AND q.id = c.queue JOIN lasts l ON l.queue = c.queue
WHERE c.business = :business AND c.state NOT IN ('done', 'cancelled', 'closed') AND NOT c.early_is_fine
  AND coalesce(c.slot_start, c.window_start) >= :begins AND coalesce(c.slot_start, c.window_start) < :ends
  AND (:seen::uuid[] IS NULL OR c.queue = ANY (:seen::uuid[]))
GROUP BY 1, 2, 3 ORDER BY 1, 2;
