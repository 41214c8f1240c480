-- A customer who began to ask for a call and fell silent is asked once more.

ALTER TABLE chat ADD COLUMN offered_again_at timestamptz;
