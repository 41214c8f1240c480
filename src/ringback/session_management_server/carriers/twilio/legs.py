"""A leg at Twilio as its row says it is, and what Twilio's words make of it. Instants are set once, the end sticks."""

from __future__ import annotations

from dataclasses import dataclass, field, replace
from datetime import datetime, timedelta
from enum import StrEnum

from ringback.domain.errors import LegGone
from ringback.domain.ids import BusinessId, LegId
from ringback.session_management_server.carriers.protocol import (
    EndCause,
    LegEvent,
    LegEventKind,
    LegReport,
    Whereabouts,
)

LISTED_FROM = timedelta(seconds=5)  # between Twilio's clock and ours


class TwilioState(StrEnum):
    """Where a leg stands."""

    PREPARED = "prepared"  # a row, and nothing at Twilio
    DIALLING = "dialling"  # one process was let through to create the call; it may ring
    ANSWERED = "answered"
    JOINED = "joined"
    ENDED = "ended"


@dataclass(frozen=True, slots=True, kw_only=True)
class TwilioLeg:
    """One row."""

    business: BusinessId
    id: LegId
    number: str = field(repr=False)
    caller_id: str | None = field(default=None, repr=False)
    state: TwilioState
    call: str | None = None
    key: str | None = None
    dialled_at: datetime | None = None
    rang_at: datetime | None = None
    answered_at: datetime | None = None
    joined_at: datetime | None = None
    ended_at: datetime | None = None
    ended_reason: EndCause | None = None
    released: bool = False
    peer: LegId | None = None
    room: str | None = None
    version: int = 1

    @property
    def live(self) -> bool:
        """It is not over."""
        return self.state is not TwilioState.ENDED

    @property
    def unlisted(self) -> bool:
        """Somebody was let through to create its call, and nobody knows whether there is one."""
        return self.state is TwilioState.DIALLING and self.call is None


@dataclass(frozen=True, slots=True, kw_only=True)
class Seen:
    """What Twilio said of a call: in a callback, in a listing, or when asked. `status` is its CallStatus."""

    call: str
    status: str
    sip: int | None = None
    error: int | None = None


_NO_SUCH_NUMBER = frozenset({404, 410, 484, 485, 604})
_OUT_OF_REACH = frozenset({408, 480, 500, 502, 503, 504})
_SAID_NO = frozenset({603, 607, 608})


def dial(leg: TwilioLeg, *, key: str, now: datetime) -> TwilioLeg:
    """Let one holder of a key through; the same leg unchanged where somebody was before. LegGone when it is over."""
    if not leg.live:
        raise LegGone(f"leg {leg.id} is over")
    if leg.state is not TwilioState.PREPARED:
        return leg
    return replace(leg, state=TwilioState.DIALLING, key=key, dialled_at=now)


def revoked(leg: TwilioLeg, now: datetime) -> TwilioLeg:
    """Want it over: at once where nobody was let through, else as soon as Twilio confirms it."""
    if leg.state is TwilioState.PREPARED:
        return ended(leg, EndCause.FAILED, now)
    return replace(leg, released=True) if leg.live else leg


def heard(leg: TwilioLeg, seen: Seen, now: datetime) -> TwilioLeg:
    """Apply what Twilio said, however late or often. A call that is not this leg's changes nothing."""
    if leg.state is TwilioState.PREPARED or leg.call not in (None, seen.call):
        return leg
    if not leg.live:
        overtaken = seen.status == "ringing" and leg.rang_at is None and leg.call is not None
        return replace(leg, rang_at=leg.ended_at) if overtaken else leg
    leg = replace(leg, call=seen.call)
    match seen.status:
        case "ringing":
            return leg if leg.rang_at else replace(leg, rang_at=now)
        case "in-progress":
            return answered(leg, now)
        case "completed" | "busy" | "no-answer" | "failed" | "canceled":
            cause = _cause(leg, seen)
            rang_at = leg.rang_at or now if cause is EndCause.DECLINED else leg.rang_at
            return ended(replace(leg, rang_at=rang_at), cause, now)
        case _:
            return leg  # queued, initiated: it exists


def answered(leg: TwilioLeg, now: datetime) -> TwilioLeg:
    """It was answered, so it rang."""
    if leg.state is not TwilioState.DIALLING:
        return leg
    return replace(leg, state=TwilioState.ANSWERED, rang_at=leg.rang_at or now, answered_at=now)


def ended(leg: TwilioLeg, cause: EndCause | None, now: datetime) -> TwilioLeg:
    """It is over; the number is forgotten. None as cause: nobody can know whether it rang."""
    if not leg.live:
        return leg
    return replace(leg, state=TwilioState.ENDED, ended_at=now, ended_reason=cause, number="", caller_id=None)


def _cause(leg: TwilioLeg, seen: Seen) -> EndCause:
    if leg.released or seen.status == "canceled":
        return EndCause.RELEASED
    match seen.status:
        case "completed":
            return EndCause.HUNG_UP
        case "no-answer":
            return EndCause.NO_ANSWER
        case "busy":  # a telephone that rang and is "busy" was declined by whoever held it
            return EndCause.DECLINED if seen.sip in _SAID_NO or leg.rang_at is not None else EndCause.BUSY
    if seen.sip in _SAID_NO:
        return EndCause.DECLINED
    if seen.sip in _NO_SUCH_NUMBER:
        return EndCause.INVALID_NUMBER
    if seen.sip in _OUT_OF_REACH or leg.rang_at is not None:
        return EndCause.UNREACHABLE
    return EndCause.UNREACHABLE if seen.sip is not None or seen.error is None else EndCause.FAILED


def joined(agent: TwilioLeg, customer: TwilioLeg, room: str, now: datetime) -> tuple[TwilioLeg, TwilioLeg]:
    """Put the two into one room's books; a leg that ended meanwhile stays ended."""
    one, other = (
        replace(leg, state=TwilioState.JOINED, joined_at=leg.joined_at or now, peer=peer.id, room=room)
        if leg.state in (TwilioState.ANSWERED, TwilioState.JOINED)
        else leg
        for leg, peer in ((agent, customer), (customer, agent))
    )
    return one, other


def report(leg: TwilioLeg) -> LegReport:
    """Say what is known. An ended leg of which nobody can know anything is absent: no such call, and none will come."""
    if leg.state is TwilioState.ENDED and leg.ended_reason is None:
        return LegReport(whereabouts=Whereabouts.ABSENT)
    return LegReport(
        whereabouts=Whereabouts(leg.state.value),
        rang_at=leg.rang_at,
        answered_at=leg.answered_at,
        joined_at=leg.joined_at,
        ended_at=leg.ended_at,
        cause=leg.ended_reason,
    )


def events_of(leg: TwilioLeg, account: str) -> list[LegEvent]:
    """Return what the row tells, each with the id that it has for ever."""
    told = [(LegEventKind.RINGING, leg.rang_at), (LegEventKind.ANSWERED, leg.answered_at)]
    if leg.ended_reason is not None:
        told.append((LegEventKind.ENDED, leg.ended_at))
    return [
        LegEvent(
            business=leg.business,
            leg=leg.id,
            event=f"{leg.id}:{kind.value}",
            account=account,
            kind=kind,
            at=at,
            cause=leg.ended_reason if kind is LegEventKind.ENDED else None,
        )
        for kind, at in told
        if at is not None
    ]
