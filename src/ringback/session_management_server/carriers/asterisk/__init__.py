"""Legs on telephones, through Asterisk and its REST interface (ARI)."""

from ringback.session_management_server.carriers.asterisk.carrier import AsteriskCarrier

__all__ = ["AsteriskCarrier"]
