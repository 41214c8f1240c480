-- A machine answered and hears our message, while the agent is free (rules/attempt_states.py).

ALTER TABLE attempt DROP CONSTRAINT attempt_state_check;
ALTER TABLE attempt ADD CONSTRAINT attempt_state_check CHECK (state IN
    ('directed', 'calling_customer', 'ringing_agent', 'seeking_agent', 'ringing_customer', 'joined', 'leaving_message', 'withdrawing', 'ended'));
