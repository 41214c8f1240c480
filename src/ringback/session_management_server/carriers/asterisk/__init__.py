"""Legs on telephones, through one or several Asterisks and their REST interface (ARI)."""

from ringback.session_management_server.carriers.asterisk.pool import AsteriskCarrier

__all__ = ["AsteriskCarrier"]
