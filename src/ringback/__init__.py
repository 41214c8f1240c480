"""Ringback: a customer in a chat asks to be called back, and is, once, when we said, with whom we said."""

__version__ = "0.1.0"
