"""How a leg ended, read from what Asterisk says: the SIP answer first, then its own cause."""

from __future__ import annotations

from dataclasses import dataclass

from ringback.session_management_server.carriers.protocol import EndCause

RTP_TIMEOUT = 44  # Asterisk hangs up with it when no sound came for rtp_timeout seconds
_INVALID = frozenset({404, 410, 414, 416, 484, 485, 604})
_BUSY = frozenset({486, 600})
_DECLINED = frozenset({603, 607, 608})
_AWAY = frozenset({408, 480})
_NUMBER_CAUSES = frozenset({1, 2, 3, 22, 28})  # ITU-T Q.850: unallocated, no route, changed, invalid format
# Asterisk cleared it by itself, without a word from the far end: as when one request to dial reaches it twice. The INVITE is out by then.
_CLEARED = frozenset({None, 0, 16})


@dataclass(frozen=True, slots=True, kw_only=True)
class Ending:
    """What was seen of a leg when it ended. `cause` is Q.850's number, `answer` the last SIP status; `released`: we asked for it."""

    dialled: bool
    rang: bool
    answered: bool
    released: bool
    cause: int | None = None
    answer: int | None = None


def end_cause(ending: Ending) -> EndCause:
    """Return how it ended, with no more certainty than there is: `failed` only where nothing can have rung.

    Causes by SIP answer: RFC 3261 §21 and RFC 3398 §7.2.6.1.
    """
    if not ending.dialled:
        return EndCause.FAILED
    if ending.answered:
        if ending.released:
            return EndCause.RELEASED
        return EndCause.LOST if ending.cause == RTP_TIMEOUT else EndCause.HUNG_UP
    if ending.answer in _BUSY or ending.cause == 17:
        return EndCause.BUSY
    if ending.released and not ending.rang:
        return (
            EndCause.RELEASED
        )  # what Asterisk says of a channel nobody answered for is its own word, not the far end's
    if ending.answer in _DECLINED or (ending.cause == 21 and ending.answer is None):
        return EndCause.DECLINED
    if ending.answer in _INVALID or ending.cause in _NUMBER_CAUSES:
        return EndCause.INVALID_NUMBER
    if ending.cause in (18, 19) or ending.answer in _AWAY:
        return EndCause.NO_ANSWER if ending.rang else EndCause.UNREACHABLE
    if ending.released:
        return EndCause.RELEASED
    if ending.answer is None and ending.cause in _CLEARED and not ending.rang:
        return EndCause.CARRIER_LOST
    return EndCause.NO_ANSWER if ending.rang else EndCause.UNREACHABLE
