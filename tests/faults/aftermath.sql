-- name: agents_not_free
-- Agents whom something keeps, though nothing is left to do.
SELECT a.slug || ' is ' || s.state FROM agent_state s JOIN agent a ON a.business = s.business AND a.id = s.agent
WHERE s.state NOT IN ('available', 'not_responding', 'offline', 'paused');

-- name: slots_that_differ
-- Slots whose count is not the number of open callbacks that hold a place.
SELECT 'slot ' || s.starts_at || ' counts ' || s.booked || ' and holds ' || count(c.id)
FROM slot s LEFT JOIN callback c ON c.business = s.business AND c.queue = s.queue AND c.slot_start = s.starts_at AND c.finished_at IS NULL
GROUP BY s.business, s.queue, s.starts_at, s.booked HAVING s.booked <> count(c.id);

-- name: undelivered_messages
-- Messages that nobody took.
SELECT kind || ' waits for ' || recipient || ', aggregate ' || aggregate FROM message WHERE sent_at < clock_timestamp() - interval '5 seconds';

-- name: parked
-- Aggregates at which nothing is applied any more.
SELECT recipient || ' parked ' || aggregate || ': ' || coalesce(error, '') FROM message_cursor WHERE parked_at IS NOT NULL;

-- name: open_attempts
-- Attempts that are not over, though every callback is.
SELECT 'attempt ' || id || ' of ' || callback || ' is ' || state FROM attempt WHERE state <> 'ended';

-- name: open_legs
-- Legs that are not over.
SELECT 'leg ' || id || ' is ' || phase FROM leg WHERE phase <> 'ended';

-- name: live_assignments
-- Agents assigned to what is over.
SELECT 'assignment of ' || callback || ' is live' FROM assignment WHERE state = 'live';

-- name: open_gates
-- Gates of finished callbacks that would let something through.
SELECT 'gate of ' || g.callback || ' is ' || g.state FROM gate g JOIN callback c ON c.business = g.business AND c.id = g.callback
WHERE c.finished_at IS NOT NULL AND (g.state <> 'closed' OR g.attempt IS NOT NULL);

-- name: open_promises
-- Promises of finished callbacks that were never judged.
SELECT 'promise ' || p.n || ' of ' || p.callback || ' is open' FROM promise p JOIN callback c ON c.business = p.business AND c.id = p.callback
WHERE c.finished_at IS NOT NULL AND p.result = 'open';

-- name: overdue_timers
-- Timers that nobody fires.
SELECT 'timer ' || kind || ' of ' || subject || ' is overdue' FROM due WHERE due_at < clock_timestamp() - interval '6 seconds';

-- name: dead_leases
-- Timers leased by nobody alive, well after their lease.
SELECT 'timer ' || kind || ' of ' || subject || ' is leased by the dead' FROM due
WHERE lease_by IS NOT NULL AND lease_until < clock_timestamp() - interval '10 seconds' AND due_at < clock_timestamp();

-- name: mended
-- What only the sweep behind the sweep brought back to life: it was lost until then.
SELECT 'callback ' || callback || ': ' || verdict FROM decision WHERE kind = 'stray';

-- name: callbacks
-- Every callback there is.
SELECT id FROM callback;

-- name: unknown
-- Attempts that may have rung, and nobody can know.
SELECT count(*) FROM attempt WHERE outcome = 'unknown';

-- name: legs
-- What the ledger says about each leg.
SELECT id, callback, ringing_at IS NOT NULL OR answered_at IS NOT NULL AS rang,
       dialled_at IS NOT NULL AND (ringing_at IS NOT NULL OR answered_at IS NOT NULL
           OR NOT (outcome = 'released' AND release_why = 'not_dialled')
              AND outcome NOT IN ('busy', 'unreachable', 'invalid_number', 'absent', 'failed')) AS may_have_rung
FROM leg;
