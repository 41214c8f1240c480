"""Bots at work: read from the database, asked over HTTP."""
