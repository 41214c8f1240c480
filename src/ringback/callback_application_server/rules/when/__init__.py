"""When a customer wants to be called, read from what they type: now, a point, a window, something to ask about, or nothing."""

from ringback.callback_application_server.rules.when.read import Reading, ReadingKind, read
from ringback.callback_application_server.rules.when.resolve import Span

__all__ = ["Reading", "ReadingKind", "Span", "read"]
