-- name: list_stopped
-- STOP: the number that would have been called is called no more; an entry there is stays.
INSERT INTO do_not_call (business, number, source, added_by, added_at) VALUES (:business, :number, 'stop', :by, :now)
ON CONFLICT (business, number) DO NOTHING;
