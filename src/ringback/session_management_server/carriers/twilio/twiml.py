"""The documents that tell Twilio what a leg does next."""

from __future__ import annotations

from xml.sax.saxutils import escape, quoteattr

_HEAD = '<?xml version="1.0" encoding="UTF-8"?><Response>'
_TAIL = "</Response>"
LOOKED_AFTER = 20  # seconds a waiting leg is silent before it asks us whether it is still wanted


def waiting(base: str, token: str) -> str:
    """Be silent, hear keys, and ask again: a leg that nobody answers for ends by itself. `token`: of this document, for its events."""
    return _HEAD + _gather(base, "", token) + _redirect(base, "wait") + _TAIL


def spoken(base: str, words: str, token: str) -> str:
    """Say the words, hearing keys meanwhile, and tell when they were heard to their end."""
    said = _gather(base, f"<Say>{escape(words)}</Say>", token, timeout=1)
    return _HEAD + said + _redirect(base, f"played?n={token}") + _TAIL


def entertained(base: str, leg: str) -> str:
    """Wait alone in a room: Twilio plays its music there."""
    room = f'<Conference beep="false" startConferenceOnEnter="false">{escape(f"alone-{leg}")}</Conference>'
    return f"{_HEAD}<Dial>{room}</Dial>{_redirect(base, 'wait')}{_TAIL}"


def talking(base: str, room: str) -> str:
    """Talk in the room. When the other leaves, the leg waits for what we want."""
    talk = f'<Conference beep="false" endConferenceOnExit="true">{escape(room)}</Conference>'
    return f"{_HEAD}<Dial>{talk}</Dial>{_redirect(base, 'wait')}{_TAIL}"


def announced(words: str) -> str:
    """Say the words to a whole room."""
    return f"{_HEAD}<Say>{escape(words)}</Say>{_TAIL}"


def over() -> str:
    """Hang up."""
    return f"{_HEAD}<Hangup/>{_TAIL}"


def _gather(base: str, inside: str, token: str, *, timeout: int = LOOKED_AFTER) -> str:
    action = quoteattr(f"{base}/key?n={token}")
    return f'<Gather input="dtmf" numDigits="1" timeout="{timeout}" action={action}>{inside}</Gather>'


def _redirect(base: str, what: str) -> str:
    return f"<Redirect>{escape(f'{base}/{what}')}</Redirect>"
