"""Asterisk's app_queue as a contact centre outside: its manager interface read, its queues reported."""
