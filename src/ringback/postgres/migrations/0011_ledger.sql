-- Why each promise was judged when it was, so that anybody can judge it again from its own record.

ALTER TABLE promise ADD COLUMN ending jsonb;      -- {} or withdrawn_at, closed_by_us, unknown, stopped, strayed; NULL while it is open

-- Promises that were settled before this: what their result implies. Row-level security would hide them from their owner.
ALTER TABLE promise NO FORCE ROW LEVEL SECURITY;
UPDATE promise
SET ending = CASE
    WHEN result = 'withdrawn' OR cause = 'changed_after_notice' THEN jsonb_build_object('withdrawn_at', settled_at)
    WHEN cause = 'closed_by_us' THEN '{"closed_by_us": true}'::jsonb
    WHEN cause = 'unknown' THEN '{"unknown": true}'::jsonb
    WHEN cause = 'expired' THEN '{"strayed": true}'::jsonb
    WHEN cause = 'never_dialled' AND agent_ready_at IS NULL THEN '{"stopped": true}'::jsonb
    ELSE '{}'::jsonb END
WHERE result <> 'open';
ALTER TABLE promise FORCE ROW LEVEL SECURITY;

-- The report looks for customer legs by when they were dialled.
CREATE INDEX leg_customer_dialled ON leg (business, dialled_at) WHERE party = 'customer';
