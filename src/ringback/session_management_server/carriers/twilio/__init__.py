"""Telephones over Twilio's Programmable Voice. It has never met the live service (docs/carriers/twilio.md)."""

from ringback.session_management_server.carriers.twilio.carrier import TwilioCarrier

__all__ = ["TwilioCarrier"]
