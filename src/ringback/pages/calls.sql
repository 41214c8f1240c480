-- name: call_of
-- The leg that rings or talks at an agent or a chat now; one that ended a moment ago, to say so.
SELECT id, party, state, page, peer, round, rings_until, joined_at, ended_reason, show, version
FROM browser_leg
WHERE business = :business AND subject = :subject
  AND (state <> 'prepared')
  AND (state <> 'ended' OR ended_at > :since)
ORDER BY (state = 'ended'), id DESC
LIMIT 1;

-- name: leg_of
-- One leg, if it belongs to this agent or chat.
SELECT id, state, peer FROM browser_leg WHERE business = :business AND id = :leg AND subject = :subject;

-- name: whose_leg
-- Whose pages show a leg.
SELECT party, subject FROM browser_leg WHERE business = :business AND id = :leg;

-- name: put_input
-- What a page says about a leg; saying it again with the same key changes nothing.
INSERT INTO page_input (business, leg, id, page, kind, reason) VALUES (:business, :leg, :id, :page, :kind, :reason)
ON CONFLICT (business, leg, id) DO NOTHING;

-- name: signal_known
-- Whether this signal was put before.
SELECT id FROM page_signal WHERE business = :business AND leg = :leg AND key = :key;

-- name: next_signal_id
-- The next number of a leg's signals, taken under its head's lock.
INSERT INTO page_signal_head AS h (business, leg, last_id) VALUES (:business, :leg, 1)
ON CONFLICT (business, leg) DO UPDATE SET last_id = h.last_id + 1
RETURNING last_id;

-- name: put_signal
-- A signal for the other page.
INSERT INTO page_signal (business, leg, id, key, round, kind, payload)
VALUES (:business, :leg, :id, :key, :round, :kind, :payload)
ON CONFLICT (business, leg, key) DO NOTHING;

-- name: signals_after
-- The signals for a leg, after the last one seen.
SELECT id, round, kind, payload FROM page_signal WHERE business = :business AND leg = :leg AND id > :after ORDER BY id LIMIT 200;

-- name: see_page
-- A page is there.
INSERT INTO presence (business, subject, page, seen_at) VALUES (:business, :subject, :page, clock_timestamp())
ON CONFLICT (business, subject, page) DO UPDATE SET seen_at = excluded.seen_at, left_at = NULL
RETURNING seen_at;

-- name: leave_page
-- A page has closed, unless it was seen elsewhere since.
UPDATE presence SET left_at = clock_timestamp()
WHERE business = :business AND subject = :subject AND page = :page AND seen_at <= :seen_at;
