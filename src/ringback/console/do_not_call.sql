-- name: list_numbers
-- The do-not-call list, newest first, a page after a given entry; or the entry of one number.
SELECT number, source, note, added_by, added_at FROM do_not_call
WHERE business = :business AND (:number::text IS NULL OR number = :number) AND (:after::timestamptz IS NULL OR (added_at, number) < (:after::timestamptz, :after_number))
ORDER BY added_at DESC, number DESC LIMIT :size;

-- name: find_number
-- One entry.
SELECT number, source, note, added_by, added_at FROM do_not_call WHERE business = :business AND number = :number;

-- name: add_numbers
-- Those that are not on it yet; an entry there is stays as it is.
INSERT INTO do_not_call (business, number, source, note, added_by, added_at)
SELECT :business, t.number, :source, t.note, :by, :now FROM unnest(:numbers::text[], :notes::text[]) AS t (number, note)
ORDER BY t.number
ON CONFLICT (business, number) DO NOTHING;

-- name: remove_number
-- It may be called again.
DELETE FROM do_not_call WHERE business = :business AND number = :number;
