-- Places kept are looked up by queue and time, or by chat. While the index of the former began with the business, a database that was not analysed
-- yet read all places of the business through it to find a few chats'.
DROP INDEX slot_hold_places;
CREATE INDEX slot_hold_places ON slot_hold (queue, starts_at);
