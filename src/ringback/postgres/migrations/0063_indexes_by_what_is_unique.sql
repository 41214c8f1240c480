-- Indexes begin with what tells rows apart: a queue, a person, a callback. While they began with the business, a database that was not analysed yet
-- took any of them for any question about a business, and read all of its callbacks, promises or kept places to find one. They are smaller, too.

DROP INDEX slot_hold_places;
CREATE INDEX slot_hold_places ON slot_hold (queue, starts_at);

DROP INDEX callback_open_person, callback_open_number, callback_line, callback_slots, callback_named_slots, callback_person, callback_agent;
-- Invariant 2: one open callback per person, and per number, and queue.
CREATE UNIQUE INDEX callback_open_person ON callback (person, queue, business) WHERE state NOT IN ('done', 'cancelled', 'closed');
CREATE UNIQUE INDEX callback_open_number ON callback (address, queue, business)
    WHERE state NOT IN ('done', 'cancelled', 'closed') AND destination = 'phone';
-- Invariant 6: the line of one queue, in order.
CREATE INDEX callback_line ON callback (queue, priority DESC, ready_at, accepted_at, id) WHERE state = 'waiting';
CREATE INDEX callback_slots ON callback (queue, slot_start) WHERE slot_start IS NOT NULL AND state NOT IN ('done', 'cancelled', 'closed');
CREATE INDEX callback_named_slots ON callback (queue, slot_start, named_agent)
    WHERE named_agent IS NOT NULL AND state NOT IN ('done', 'cancelled', 'closed');
CREATE INDEX callback_person ON callback (person, accepted_at DESC);
CREATE INDEX callback_agent ON callback (named_agent) WHERE named_agent IS NOT NULL AND state NOT IN ('done', 'cancelled', 'closed');
-- The number of an open callback is the first column of callback_open_number.
DROP INDEX callback_open_address;

ALTER TABLE promise DROP CONSTRAINT promise_business_callback_n_key, ADD CONSTRAINT promise_callback_n UNIQUE (callback, n, business);
DROP INDEX promise_open, promise_by_queue;
CREATE UNIQUE INDEX promise_open ON promise (callback, business) WHERE result = 'open';
CREATE INDEX promise_by_queue ON promise (queue, window_end);

DROP INDEX assignment_live_agent, assignment_live_callback, assignment_callback, assignment_agent;
-- Invariant 3: one live assignment per agent, and one per callback.
CREATE UNIQUE INDEX assignment_live_agent ON assignment (agent, business) WHERE state = 'live';
CREATE UNIQUE INDEX assignment_live_callback ON assignment (callback, business) WHERE state = 'live';
CREATE INDEX assignment_callback ON assignment (callback, made_at);
CREATE INDEX assignment_agent ON assignment (agent, made_at DESC);

DROP INDEX decision_callback;
CREATE INDEX decision_callback ON decision (callback, at);
