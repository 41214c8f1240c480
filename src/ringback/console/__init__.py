"""The agents' desk, the supervisors' console and the REST API: reads views, sends commands, owns no state."""
