"""PostgreSQL as Ringback uses it: the embedded server, roles, migrations, transactions, messages, timers, the gate."""
