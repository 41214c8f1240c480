"""Who may do what: log-ins, sessions, API keys, roles and the audit."""
