-- What a customer said of their call, with one tap when it was over.

ALTER TABLE callback_request ADD COLUMN rating text CHECK (rating IN ('good', 'so_so', 'bad'));
