"""Tells a business's own systems about every change of a promise and an attempt: signed, at least once, never to private addresses."""
