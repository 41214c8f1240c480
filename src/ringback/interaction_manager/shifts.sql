-- name: imported_shifts
-- The days that planning gave agents, from a day on.
SELECT agent, day, spans FROM imported_shift WHERE business = :business AND day >= :since ORDER BY agent, day;

-- name: headcounts
-- How many of each skill are planned, from an instant on.
SELECT skill, starts_at, ends_at, agents FROM headcount WHERE business = :business AND ends_at > :since ORDER BY skill, starts_at;

-- name: save_shift
-- One agent's day as planning has it.
INSERT INTO imported_shift (business, agent, day, spans) VALUES (:business, :agent, :day, :spans)
ON CONFLICT (business, agent, day) DO UPDATE SET spans = excluded.spans;

-- name: clear_headcount
-- What was said about a skill in this time before.
DELETE FROM headcount WHERE business = :business AND skill = :skill AND starts_at < :ends_at AND ends_at > :starts_at;

-- name: save_headcount
-- How many of a skill are planned then.
INSERT INTO headcount (business, skill, starts_at, ends_at, agents) VALUES (:business, :skill, :starts_at, :ends_at, :agents);

-- name: forget_shifts
-- Days long past.
DELETE FROM imported_shift WHERE business = :business AND day < :before;

-- name: forget_headcounts
-- Intervals long past.
DELETE FROM headcount WHERE business = :business AND ends_at < :before;
