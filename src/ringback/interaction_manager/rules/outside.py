"""Interactions and agents of an outside contact centre: what each reported event does, what is still believed, and who is before whom."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass, replace
from datetime import datetime, timedelta
from enum import StrEnum

from ringback.domain.ids import AgentId, CallbackId, QueueId
from ringback.domain.outside import OutsideAgentState, OutsideKind, OutsideMedia
from ringback.domain.status import AgentState
from ringback.interaction_manager.rules.agent_states import FREE

# A source silent for so long is believed about nothing any more: neither who waits nor who is busy.
BELIEVED_FOR = timedelta(minutes=5)
# Nobody can say what came or went since the source fell silent: the range is as wide as this.
WIDER_UP, WIDER_DOWN = 2.0, 0.5


class Stage(StrEnum):
    """Where an outside interaction stands."""

    WAITING = "waiting"
    TALKING = "talking"
    ENDED = "ended"


class EndedWhy(StrEnum):
    """How it ended."""

    TALKED = "talked"
    ABANDONED = "abandoned"  # hung up before anybody answered
    TRANSFERRED = "transferred"  # this part of it; it waits anew
    LEFT = "left"  # left the queue another way: a time-out, a key, the queue ran empty
    LOST = "lost"  # a snapshot does not have it any more; how it ended was not heard


@dataclass(frozen=True, slots=True, kw_only=True)
class Interaction:
    """One call or chat there. `callback`: the open one of the same person."""

    ref: str
    queue: QueueId
    arrived_at: datetime
    media: OutsideMedia = OutsideMedia.CALL
    stage: Stage = Stage.WAITING
    priority: int = 0
    answered_at: datetime | None = None
    ended_at: datetime | None = None
    ended_why: EndedWhy | None = None
    agent: AgentId | None = None
    callback: CallbackId | None = None

    @property
    def is_live(self) -> bool:
        """Tell whether it is not over."""
        return self.stage is not Stage.ENDED

    def ended(self, at: datetime, why: EndedWhy) -> Interaction:
        """Return it as over; it never ends before it began."""
        return replace(self, stage=Stage.ENDED, ended_at=max(at, self.answered_at or self.arrived_at), ended_why=why)

    def answered(self, at: datetime, agent: AgentId | None) -> Interaction:
        """Return it as answered; the first answer's time stays."""
        answered_at = self.answered_at or max(at, self.arrived_at)
        return replace(self, stage=Stage.TALKING, answered_at=answered_at, agent=agent or self.agent)


@dataclass(frozen=True, slots=True, kw_only=True)
class Happening:
    """An event of one interaction, its names looked up. `seq` makes the part that a transfer closes distinct."""

    seq: int
    kind: OutsideKind
    at: datetime
    ref: str
    queue: QueueId | None = None
    agent: AgentId | None = None
    media: OutsideMedia = OutsideMedia.CALL
    priority: int = 0


@dataclass(frozen=True, slots=True, kw_only=True)
class Step:
    """What an event made of an interaction; `closed`: the part of it that is over where it goes on under the same name."""

    now: Interaction
    closed: Interaction | None = None


def step(known: Interaction | None, event: Happening) -> Step | None:
    """Apply one event; None where it changes nothing, or speaks of what was never heard of."""
    if known is None or not known.is_live:
        return _begin(known, event)
    match event.kind:
        case OutsideKind.ARRIVED if event.queue in (None, known.queue):
            return None
        case OutsideKind.ARRIVED | OutsideKind.TRANSFERRED:
            return _moved(known, event)
        case OutsideKind.ANSWERED:
            return Step(now=known.answered(event.at, event.agent))
        case OutsideKind.ABANDONED | OutsideKind.ENDED:
            return Step(now=known.ended(event.at, _why(known, event.kind)))
    return None


def _begin(known: Interaction | None, event: Happening) -> Step | None:
    if event.queue is None or event.kind in (OutsideKind.ABANDONED, OutsideKind.ENDED):
        return None
    fresh = Interaction(
        ref=event.ref, queue=event.queue, arrived_at=event.at, media=event.media, priority=event.priority
    )
    if event.kind is OutsideKind.ANSWERED:
        if known is not None:
            return None  # it is over: a late word of its answer
        fresh = fresh.answered(event.at, event.agent)
    return Step(now=fresh, closed=_part(known, event.seq) if known is not None else None)


def _moved(known: Interaction, event: Happening) -> Step | None:
    """Somebody who waited keeps their arrival; somebody who was served waits anew."""
    if event.queue is None:
        return None
    if known.stage is Stage.WAITING:
        return Step(now=replace(known, queue=event.queue, priority=event.priority or known.priority))
    closed = _part(known.ended(event.at, EndedWhy.TRANSFERRED), event.seq)
    now = replace(
        known, queue=event.queue, stage=Stage.WAITING, arrived_at=event.at, answered_at=None, agent=None,
        priority=event.priority or known.priority,
    )  # fmt: skip
    return Step(now=now, closed=closed)


def _part(over: Interaction, seq: int) -> Interaction:
    return replace(over, ref=f"{over.ref[:170]}#{seq}")


def _why(known: Interaction, kind: OutsideKind) -> EndedWhy:
    if known.stage is Stage.TALKING:
        return EndedWhy.TALKED
    return EndedWhy.ABANDONED if kind is OutsideKind.ABANDONED else EndedWhy.LEFT


# ------------------------------------------------------------------ agents


AT_WORK = frozenset({OutsideAgentState.AVAILABLE, OutsideAgentState.BUSY, OutsideAgentState.WRAP_UP})


def seen_outside(state: AgentState, outside: OutsideAgentState | None) -> AgentState:
    """Return what an agent is doing for all we know: free with us and with somebody there is not free."""
    if state not in FREE:
        return state
    match outside:
        case OutsideAgentState.BUSY:
            return AgentState.ON_A_CALL
        case OutsideAgentState.WRAP_UP:
            return AgentState.WRAP_UP
    return state


# ------------------------------------------------------------------ how old the news are


@dataclass(frozen=True, slots=True, kw_only=True)
class Feed:
    """What is known of a queue's live status: when its source was last heard, and since when an event is missing."""

    heard_at: datetime
    gap_at: datetime | None = None

    def stale_for(self, now: datetime, after: float) -> float | None:
        """Return for how many seconds nothing certain is known; None while the status is live."""
        since = min(self.heard_at, self.gap_at) if self.gap_at is not None else self.heard_at
        age = (now - since).total_seconds()
        return age if age > after or (self.gap_at is not None and age > 1.0) else None


def worst(feeds: Iterable[Feed]) -> Feed:
    """Return what several sources of one queue come to: as old as the oldest of them."""
    known = list(feeds)
    gaps = [each.gap_at for each in known if each.gap_at is not None]
    return Feed(heard_at=min(each.heard_at for each in known), gap_at=min(gaps, default=None))


# ------------------------------------------------------------------ order


@dataclass(frozen=True, slots=True, kw_only=True)
class Caller:
    """Somebody who waits there, as the line sees them."""

    arrived_at: datetime
    priority: int = 0


def callers_before(
    callers: Sequence[Caller], now: datetime, *, ready_at: datetime, priority: int, ages_every: float
) -> int:
    """Return how many waiting there come before a callback: higher by aged priority, or alike and there earlier."""

    def aged(since: datetime, given: int) -> int:
        return given + max(0, int((now - since).total_seconds() // ages_every))

    mine = aged(ready_at, priority)
    return sum(
        1
        for each in callers
        if (aged(each.arrived_at, each.priority), -each.arrived_at.timestamp()) > (mine, -ready_at.timestamp())
    )
