-- name: register_node
-- A machine that the settings name.
INSERT INTO carrier_node (carrier, node) VALUES (:carrier, :node) ON CONFLICT DO NOTHING;

-- name: nodes
-- The machines of a carrier.
SELECT node, drained_at, drained_by FROM carrier_node WHERE carrier = :carrier ORDER BY node;

-- name: drain
-- It begins no new calls, or does again.
UPDATE carrier_node
SET drained_at = CASE WHEN :drained THEN coalesce(drained_at, clock_timestamp()) END, drained_by = CASE WHEN :drained THEN :by END
WHERE carrier = :carrier AND node = :node
RETURNING drained_at;

-- name: take_start
-- Begin one call there, if it is not drained and has not begun too many: a bucket that fills at the rate, and holds one second of it.
UPDATE carrier_node
SET tokens = least(:rate::float8, tokens + :rate::float8 * extract(epoch FROM clock_timestamp() - filled_at)::float8) - 1, filled_at = clock_timestamp()
WHERE carrier = :carrier AND node = :node AND drained_at IS NULL
  AND least(:rate::float8, tokens + :rate::float8 * extract(epoch FROM clock_timestamp() - filled_at)::float8) >= 1
RETURNING tokens;

-- name: place_leg
-- This machine has the leg. Another one may have been asked before, and did not answer: nothing was dialled there.
INSERT INTO carrier_placement AS p (business, leg, carrier, node) VALUES (:business, :leg, :carrier, :node)
ON CONFLICT (business, leg) DO UPDATE SET node = excluded.node, placed_at = clock_timestamp();

-- name: node_of_leg
-- Which machine has a leg.
SELECT node FROM carrier_placement WHERE business = :business AND leg = :leg;

-- name: peer_of_leg
-- The other live leg of the same call, and which machine has it: two legs can be joined on one machine only.
SELECT l.id, p.node
FROM leg l LEFT JOIN carrier_placement p ON p.business = l.business AND p.leg = l.id
WHERE l.business = :business AND l.callback = :callback AND l.phase <> 'ended' AND l.id <> :leg
ORDER BY l.answered_at NULLS LAST
LIMIT 1;

-- name: nodes_of_legs
-- Which machines have these legs.
SELECT leg, node FROM carrier_placement WHERE business = :business AND leg = ANY (:legs::uuid[]);

-- name: forget_placements
-- Legs of long ago.
DELETE FROM carrier_placement WHERE business = :business AND placed_at < clock_timestamp() - interval '30 days';
