"""A leg that rings on pages: current state, never an event. Whoever accepts first holds it; a reloaded page takes it back."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field, replace
from datetime import datetime, timedelta
from enum import StrEnum
from types import MappingProxyType
from uuid import UUID

from ringback.domain.errors import IllegalTransition, LegGone
from ringback.domain.ids import BusinessId, LegId
from ringback.domain.status import Party
from ringback.session_management_server.carriers.protocol import (
    EndCause,
    LegEvent,
    LegEventKind,
    LegReport,
    Whereabouts,
)

PRESENT = timedelta(seconds=15)  # a page was seen so lately: ringing there makes sense
GONE = timedelta(seconds=20)  # a page that held a leg could be heard for so long and was not: it will not come back


class PageLegState(StrEnum):
    """What a page shows."""

    PREPARED = "prepared"  # nothing yet
    RINGING = "ringing"  # on every page of the person
    ACCEPTED = "accepted"  # one page holds it, and waits for the other party
    JOINED = "joined"
    HELD = "held"  # joined, and silent for a while
    ENDED = "ended"


class PageLegEvent(StrEnum):
    """What changes it."""

    DIAL = "dial"
    ACCEPT = "accept"
    JOIN = "join"
    HOLD = "hold"
    RESUME = "resume"
    END = "end"


S, E = PageLegState, PageLegEvent

TRANSITIONS: Mapping[PageLegState, Mapping[PageLegEvent, PageLegState]] = MappingProxyType(
    {
        S.PREPARED: {E.DIAL: S.RINGING, E.END: S.ENDED},
        S.RINGING: {E.ACCEPT: S.ACCEPTED, E.END: S.ENDED},
        S.ACCEPTED: {E.JOIN: S.JOINED, E.END: S.ENDED},
        S.JOINED: {E.HOLD: S.HELD, E.END: S.ENDED},
        S.HELD: {E.RESUME: S.JOINED, E.END: S.ENDED},
        S.ENDED: {},
    }
)
_HELD_BY_A_PAGE = frozenset({S.ACCEPTED, S.JOINED, S.HELD})
_TALKING = frozenset({S.JOINED, S.HELD})


class InputKind(StrEnum):
    """What a page may say about a leg."""

    ALERTED = "alerted"  # it shows that it rings
    ACCEPT = "accept"
    DECLINE = "decline"
    HANG_UP = "hang_up"
    TAKE = "take"  # hold it from this page, and start the sound anew
    SOUND = "sound"  # the other one is heard
    LOST = "lost"  # the sound did not come back
    HOLD = "hold"
    RESUME = "resume"


@dataclass(frozen=True, slots=True, kw_only=True)
class PageInput:
    """One thing a page said."""

    page: UUID
    kind: InputKind
    reason: str | None = field(default=None, repr=False)


@dataclass(frozen=True, slots=True, kw_only=True)
class PageLeg:
    """The row of a leg in the browser."""

    business: BusinessId
    id: LegId
    party: Party
    subject: UUID
    state: PageLegState
    round: int
    version: int
    page: UUID | None = None
    peer: LegId | None = None
    alerted_at: datetime | None = None
    accepted_at: datetime | None = None
    sound_at: datetime | None = None
    rings_until: datetime | None = None
    joined_at: datetime | None = None
    ended_at: datetime | None = None
    ended_reason: EndCause | None = None
    ended_words: str | None = field(default=None, repr=False)

    @property
    def needs_its_page(self) -> bool:
        """A page holds it, and has to stay."""
        return self.state in _HELD_BY_A_PAGE and self.page is not None


def next_state(state: PageLegState, event: PageLegEvent) -> PageLegState:
    """Return the state after the event; raise IllegalTransition where the table has no arrow."""
    try:
        return TRANSITIONS[state][event]
    except KeyError:
        raise IllegalTransition("page leg", state, event) from None


def dial(leg: PageLeg, *, somebody_there: bool, ring_for: float, now: datetime) -> PageLeg:
    """Ring it, or end it where no page is there. A second dial changes nothing; LegGone once it ended."""
    match leg.state:
        case S.PREPARED if somebody_there:
            return replace(leg, state=next_state(leg.state, E.DIAL), rings_until=now + timedelta(seconds=ring_for))
        case S.PREPARED:
            return end(leg, EndCause.ABSENT, now)
        case S.ENDED:
            raise LegGone(f"leg {leg.id} is over")
        case _:
            return leg


def end(leg: PageLeg, cause: EndCause, now: datetime, words: str | None = None) -> PageLeg:
    """End it; one that ended before keeps its own end."""
    if leg.state is S.ENDED:
        return leg
    state = next_state(leg.state, E.END)
    return replace(leg, state=state, ended_at=now, ended_reason=cause, ended_words=words, rings_until=None)


def release(leg: PageLeg, now: datetime) -> PageLeg:
    """End it by us. One that was never dialled failed before ringing: that is known for certain."""
    return end(leg, EndCause.FAILED if leg.state is S.PREPARED else EndCause.RELEASED, now)


def cause_to_end(
    leg: PageLeg, *, last_seen: datetime | None, heard_since: datetime | None, now: datetime
) -> EndCause | None:
    """Say why it is over by the clock: it has rung long enough, or the page that holds it was not seen for too long.

    `heard_since`: since when pages could be heard all the time; None: nobody hears them. Our own silence is not the page's.
    """
    if leg.state is S.RINGING and leg.rings_until is not None and leg.rings_until <= now:
        return EndCause.NO_ANSWER
    if last_seen is None or heard_since is None:
        return None
    if leg.needs_its_page and now - max(last_seen, heard_since) >= GONE:
        return EndCause.LOST
    return None


def join(agent: PageLeg, customer: PageLeg, now: datetime) -> tuple[PageLeg, PageLeg]:
    """Connect two accepted legs; their next round starts the sound on both pages. LegGone when one is over or not accepted."""
    if agent.peer == customer.id and agent.state in _TALKING and customer.state in _TALKING:
        return agent, customer
    for leg in (agent, customer):
        if leg.state is not S.ACCEPTED:
            raise LegGone(f"leg {leg.id} is {leg.state} and can not be joined")
    number = max(agent.round, customer.round) + 1
    return (
        replace(agent, state=next_state(agent.state, E.JOIN), peer=customer.id, joined_at=now, round=number),
        replace(customer, state=next_state(customer.state, E.JOIN), peer=agent.id, joined_at=now, round=number),
    )


def hold(leg: PageLeg, peer: PageLeg | None, *, on: bool) -> tuple[PageLeg, PageLeg | None]:
    """Silence both sides of a talk, or let them hear each other again."""
    event, before = (E.HOLD, S.JOINED) if on else (E.RESUME, S.HELD)
    changed = replace(leg, state=next_state(leg.state, event)) if leg.state is before else leg
    if peer is not None and peer.state is before:
        peer = replace(peer, state=next_state(peer.state, event))
    return changed, peer


def hear(leg: PageLeg, peer: PageLeg | None, said: PageInput, now: datetime) -> tuple[PageLeg, PageLeg | None]:
    """Apply what a page said. Only the page that holds a leg may end it, hold it or report its sound; anything late changes nothing."""
    mine = leg.page == said.page and leg.state in _HELD_BY_A_PAGE
    match said.kind:
        case InputKind.ALERTED if leg.state is S.RINGING and leg.alerted_at is None:
            return replace(leg, alerted_at=now), peer
        case InputKind.ACCEPT if leg.state is S.RINGING:
            state, alerted = next_state(leg.state, E.ACCEPT), leg.alerted_at or now
            return replace(
                leg, state=state, page=said.page, alerted_at=alerted, accepted_at=now, rings_until=None
            ), peer
        case InputKind.DECLINE | InputKind.HANG_UP if leg.state is S.RINGING:
            rang = replace(leg, alerted_at=leg.alerted_at or now)
            return end(rang, EndCause.DECLINED, now, said.reason), peer
        case InputKind.DECLINE | InputKind.HANG_UP if mine:
            return end(leg, EndCause.HUNG_UP, now), peer
        case InputKind.LOST if mine and leg.state in _TALKING:
            return end(leg, EndCause.LOST, now), peer
        case InputKind.TAKE if leg.state in _HELD_BY_A_PAGE:
            return _taken(replace(leg, page=said.page), peer)
        case InputKind.SOUND if mine and leg.sound_at is None and leg.state in _TALKING:
            return replace(leg, sound_at=now), peer
        case InputKind.HOLD | InputKind.RESUME if mine and leg.party is Party.AGENT:
            return hold(leg, peer, on=said.kind is InputKind.HOLD)
        case _:
            return leg, peer


def _taken(leg: PageLeg, peer: PageLeg | None) -> tuple[PageLeg, PageLeg | None]:
    if leg.state not in _TALKING or peer is None or peer.state not in _TALKING:
        return leg, peer
    number = max(leg.round, peer.round) + 1
    return replace(leg, round=number), replace(peer, round=number)


def report(leg: PageLeg) -> LegReport:
    """Say where the leg is, and what is known of it."""
    where = {
        S.PREPARED: Whereabouts.PREPARED,
        S.RINGING: Whereabouts.DIALLING,
        S.ACCEPTED: Whereabouts.ANSWERED,
        S.JOINED: Whereabouts.JOINED,
        S.HELD: Whereabouts.JOINED,
        S.ENDED: Whereabouts.ENDED,
    }[leg.state]
    return LegReport(
        whereabouts=where,
        rang_at=leg.alerted_at,
        answered_at=leg.accepted_at,
        joined_at=leg.joined_at,
        ended_at=leg.ended_at,
        cause=leg.ended_reason,
    )


def events_of(leg: PageLeg, account: str, now: datetime) -> tuple[LegEvent, ...]:
    """Read off the row everything that has happened so far. Their ids are the same in every process, so each counts once."""

    happened: list[LegEvent] = []
    if leg.alerted_at is not None:
        happened.append(_event(leg, account, LegEventKind.RINGING, leg.alerted_at))
    if leg.accepted_at is not None:
        happened.append(_event(leg, account, LegEventKind.ANSWERED, leg.accepted_at))
    if leg.sound_at is not None:
        happened.append(_event(leg, account, LegEventKind.SOUND, leg.sound_at))
    if leg.state is S.HELD:
        happened.append(_event(leg, account, LegEventKind.HELD, now, f"held/{leg.version}"))
    if leg.ended_at is not None:
        happened.append(_event(leg, account, LegEventKind.ENDED, leg.ended_at))
    return tuple(happened)


def resumed(leg: PageLeg, account: str, now: datetime) -> LegEvent:
    """Say that a held talk goes on."""
    return _event(leg, account, LegEventKind.RESUMED, now, f"resumed/{leg.version}")


def _event(leg: PageLeg, account: str, kind: LegEventKind, at: datetime, name: str | None = None) -> LegEvent:
    ended = kind is LegEventKind.ENDED
    return LegEvent(
        business=leg.business,
        leg=leg.id,
        event=f"{leg.id}/{name or kind.value}",
        account=account,
        kind=kind,
        at=at,
        cause=leg.ended_reason if ended else None,
        reason=leg.ended_words if ended else None,
    )
