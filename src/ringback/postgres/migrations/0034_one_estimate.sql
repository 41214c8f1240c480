-- What a promise's estimate was made from (rules/estimates/basis.py): its outcome teaches the queue what a replayed log would.

ALTER TABLE promise ADD COLUMN basis jsonb;

-- Once a minute queues learn from what agents took, and from how their tries to call somebody back ended.
CREATE INDEX assignment_made ON assignment (business, made_at);
CREATE INDEX assignment_tried ON assignment (business, ended_at) WHERE state = 'ended' AND accepted_at IS NOT NULL;
