-- The report of a day reads a day of agents' time and of assignments, however many years there are.
CREATE INDEX agent_time_ended ON agent_time (business, ended_at);
CREATE INDEX assignment_ended ON assignment (business, ended_at) WHERE accepted_at IS NOT NULL;
