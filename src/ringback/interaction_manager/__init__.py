"""Knows queues, agents, hours and what is waiting: what can be offered, whom to call when, which promises are kept."""
