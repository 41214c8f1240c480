-- name: insert_promise
-- A promise: the callback's first, or the one after the last.
INSERT INTO promise (business, id, callback, n, kind, queue, channel, provider, made_at, window_start, window_end, early_is_fine,
                     estimate_p10, estimate_p50, estimate_p90, basis)
VALUES (:business, :id, :callback, :n, :kind, :queue, :channel, :provider, :made_at, :window_start, :window_end, :early_is_fine, :estimate_p10, :estimate_p50, :estimate_p90, :basis);

-- name: lock_last_promise
-- The newest promise of a callback, open or settled, held until the transaction ends.
SELECT * FROM promise WHERE business = :business AND callback = :callback ORDER BY n DESC LIMIT 1 FOR NO KEY UPDATE;

-- name: add_facts
-- What events said about a promise: the first word on each stays.
UPDATE promise
SET agent_ready_at = coalesce(agent_ready_at, :agent_ready_at), dialled_at = coalesce(dialled_at, :dialled_at),
    first_ring_at = least(first_ring_at, :first_ring_at), answered_at = least(answered_at, :answered_at),
    joined_at = least(joined_at, :joined_at), notice_at = coalesce(notice_at, :notice_at)
WHERE business = :business AND id = :id
RETURNING *;

-- name: settle_promise
-- The result, once, and what it was judged for.
UPDATE promise SET result = :result, cause = :cause, settled_at = :settled_at, ending = :ending WHERE business = :business AND id = :id AND result = 'open';

-- name: refine_cause
-- What is known better about a promise that was broken at its window's end.
UPDATE promise SET cause = :cause WHERE business = :business AND id = :id AND result = 'broken' AND cause <> :cause;

-- name: insert_decision
-- Why: one line, and the detail.
INSERT INTO decision (business, id, callback, queue, kind, at, by, verdict, detail)
VALUES (:business, :id, :callback, :queue, :kind, :at, :by, :verdict, :detail);

-- name: insert_overtaken
-- Why callbacks were overtaken, each reason once.
INSERT INTO decision (business, id, callback, queue, kind, at, by, verdict)
SELECT :business, given.id, given.callback, :queue, 'overtaken', :at, 'interaction_manager', given.verdict
FROM unnest(:ids::uuid[], :callbacks::uuid[], :verdicts::text[]) AS given (id, callback, verdict)
WHERE NOT EXISTS (SELECT FROM decision d WHERE d.business = :business AND d.callback = given.callback AND d.kind = 'overtaken'
                  AND d.verdict = given.verdict);

-- name: insert_handled
-- A talk that began: what the rates are learned from.
INSERT INTO handled (business, queue, callback, attempt, agent, accepted_at, joined_at)
VALUES (:business, :queue, :callback, :attempt, :agent, :accepted_at, :joined_at)
ON CONFLICT (business, attempt) DO NOTHING;

-- name: end_talk
-- A talk that ended; `wrapped_at` at once where there is no wrap-up.
UPDATE handled SET talk_ended_at = coalesce(talk_ended_at, :talk_ended_at), wrapped_at = coalesce(wrapped_at, :wrapped_at)
WHERE business = :business AND attempt = :attempt;

-- name: end_handling
-- The wrap-up ended.
UPDATE handled SET wrapped_at = :wrapped_at WHERE business = :business AND attempt = :attempt AND wrapped_at IS NULL;

-- name: count_joins
-- How many other attempts of a callback joined agent and customer: not those in which a machine or somebody else answered.
SELECT count(*) FROM handled h WHERE h.business = :business AND h.callback = :callback AND h.attempt <> :attempt
  AND NOT EXISTS (SELECT 1 FROM decision d WHERE d.business = h.business AND d.callback = h.callback AND d.kind = 'attempt_ended'
                  AND d.detail ->> 'attempt' = h.attempt::text AND d.detail ->> 'outcome' IN ('machine', 'wrong_person'));

-- name: ledger_days
-- How many days a promise that has ended is kept.
SELECT coalesce((policy ->> 'ledger_days')::int, :standard::int) FROM business WHERE id = :business;

-- name: forget_promises
-- Promises that ended long ago, the oldest first.
DELETE FROM promise WHERE business = :business AND id = ANY (ARRAY(
    SELECT id FROM promise WHERE business = :business AND window_end < :before AND result <> 'open'
    ORDER BY window_end LIMIT :most FOR UPDATE SKIP LOCKED))
RETURNING callback;

-- name: forget_decisions
-- Why what was promised then was promised.
DELETE FROM decision WHERE business = :business AND callback = ANY (:callbacks) AND at < :before;
