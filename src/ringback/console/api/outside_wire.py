"""What a contact centre outside sends, and what it is told. Instants are ISO 8601 with an offset."""

from __future__ import annotations

import re
from datetime import datetime
from typing import Literal
from uuid import UUID

from ringback.console.api.wire import Given, Page, Taken
from ringback.domain.errors import Invalid
from ringback.domain.outside import (
    Caller,
    OutsideAgent,
    OutsideAgentState,
    OutsideEvent,
    OutsideInteraction,
    OutsideKind,
    OutsideMedia,
    OutsideSnapshot,
)

MOST_EVENTS = 500
MOST_IN_A_SNAPSHOT = 20_000
_NUMBER = re.compile(r"\+[1-9][0-9]{3,14}")

AgentDoes = Literal["available", "busy", "wrap_up", "paused", "offline"]


class CallerBody(Taken, frozen=True, kw_only=True):
    """Who it is, as far as that is proved: `number` as the network gives it (E.164), `identity`: the business's own name for them."""

    number: str | None = None
    identity: str | None = None

    def read(self, field: str) -> Caller:
        """Return it as the domain knows it; raise Invalid for a number that is none."""
        if self.number is not None and not _NUMBER.fullmatch(self.number):
            raise Invalid("Send the number as + and digits; leave it out when it is withheld.", field=field)
        return Caller(number=self.number, identity=self.identity or None)


class EventBody(Taken, frozen=True, kw_only=True):
    """One thing that happened. `seq`: 1, 2, 3 … of this source. `queue`, `agent`: short names; `interaction`: your own id of the call or chat."""

    seq: int
    kind: Literal["arrived", "answered", "abandoned", "transferred", "ended", "agent"]
    at: datetime
    interaction: str | None = None
    queue: str | None = None
    agent: str | None = None
    state: AgentDoes | None = None
    media: Literal["call", "chat"] = "call"
    priority: int = 0
    caller: CallerBody | None = None

    def read(self, number: int) -> OutsideEvent:
        """Return it as the domain knows it; raise Invalid naming the member that is wrong."""
        where = f"events[{number}]"
        if not 1 <= self.seq < 2**62:
            raise Invalid("Number events 1, 2, 3 and so on.", field=f"{where}.seq")
        return OutsideEvent(
            seq=self.seq,
            kind=OutsideKind(self.kind),
            at=instant(self.at, f"{where}.at"),
            interaction=_ref(self.interaction, f"{where}.interaction"),
            queue=self.queue,
            agent=self.agent,
            state=OutsideAgentState(self.state) if self.state else None,
            media=OutsideMedia(self.media),
            priority=_priority(self.priority, f"{where}.priority"),
            caller=self.caller.read(f"{where}.caller.number") if self.caller else None,
        )


class EventsBody(Taken, frozen=True, kw_only=True):
    """At most 500 events; none says that the source is alive."""

    events: list[EventBody]

    def read(self) -> tuple[OutsideEvent, ...]:
        """Return them as the domain knows them; raise Invalid."""
        if len(self.events) > MOST_EVENTS:
            raise Invalid(f"Send at most {MOST_EVENTS} events at once.", field="events")
        return tuple(event.read(n) for n, event in enumerate(self.events))


class InteractionBody(Taken, frozen=True, kw_only=True):
    """Somebody who waits, or with `answered_at` talks."""

    interaction: str
    queue: str
    arrived_at: datetime
    answered_at: datetime | None = None
    agent: str | None = None
    media: Literal["call", "chat"] = "call"
    priority: int = 0
    caller: CallerBody | None = None

    def read(self, number: int) -> OutsideInteraction:
        """Return it as the domain knows it; raise Invalid naming the member that is wrong."""
        where = f"interactions[{number}]"
        return OutsideInteraction(
            interaction=_ref(self.interaction, f"{where}.interaction") or "",
            queue=self.queue,
            arrived_at=instant(self.arrived_at, f"{where}.arrived_at"),
            answered_at=instant(self.answered_at, f"{where}.answered_at") if self.answered_at else None,
            agent=self.agent,
            media=OutsideMedia(self.media),
            priority=_priority(self.priority, f"{where}.priority"),
            caller=self.caller.read(f"{where}.caller.number") if self.caller else None,
        )


class AgentBody(Taken, frozen=True, kw_only=True):
    """What an agent does, and since when."""

    agent: str
    state: AgentDoes
    since: datetime


class SnapshotBody(Taken, frozen=True, kw_only=True):
    """All of it as it was after event `seq` (0: before the first). `queues`: those this source speaks for."""

    seq: int
    at: datetime
    queues: list[str]
    interactions: tuple[InteractionBody, ...] = ()
    agents: tuple[AgentBody, ...] = ()

    def read(self) -> OutsideSnapshot:
        """Return it as the domain knows it; raise Invalid naming the member that is wrong."""
        if not 0 <= self.seq < 2**62:
            raise Invalid("Say after which event it was taken; 0: before the first.", field="seq")
        if len(self.interactions) + len(self.agents) > MOST_IN_A_SNAPSHOT:
            raise Invalid(f"A snapshot holds at most {MOST_IN_A_SNAPSHOT} entries.", field="interactions")
        return OutsideSnapshot(
            seq=self.seq,
            at=instant(self.at, "at"),
            queues=tuple(self.queues),
            interactions=tuple(each.read(n) for n, each in enumerate(self.interactions)),
            agents=tuple(
                OutsideAgent(
                    agent=each.agent,
                    state=OutsideAgentState(each.state),
                    since=instant(each.since, f"agents[{n}].since"),
                )
                for n, each in enumerate(self.agents)
            ),
        )


class ReportedOut(Given, frozen=True, kw_only=True):
    """What a report did: `seq` is the last event known; `unknown` names what is not ours and was left out; `joined`: interaction → callback."""

    applied: int
    repeated: int
    seq: int
    unknown: list[str]
    joined: dict[str, UUID]


class SourceOut(Given, frozen=True, kw_only=True):
    """What a source was heard of. `live`: nothing is missing, and it was heard within 30 s; `expected`: the next event."""

    source: str
    queues: list[str]
    live: bool
    heard_at: datetime | None
    expected: int
    event_missing_since: datetime | None
    waiting: int
    talking: int
    agents: int


class SourceList(Page, frozen=True, kw_only=True):
    """Sources, by short name."""

    items: list[SourceOut]


class WordOut(Given, frozen=True, kw_only=True):
    """One message of the chat."""

    author: str
    text: str
    at: datetime


class WaitedForOut(Given, frozen=True, kw_only=True):
    """The callback this person waits for, for the agent who answers them."""

    id: UUID
    state: str
    name: str | None
    topic: str | None
    promised_from: datetime
    promised_until: datetime
    chat: list[WordOut]


class InteractionOut(Given, frozen=True, kw_only=True):
    """One call or chat, and what its person waits for."""

    interaction: str
    media: str
    queue: str
    state: str
    agent: str | None
    arrived_at: datetime
    answered_at: datetime | None
    ended_at: datetime | None
    ended_why: str | None
    callback: WaitedForOut | None


def instant(at: datetime, field: str) -> datetime:
    """Return an instant; raise Invalid (`time-invalid`) for one without an offset."""
    if at.tzinfo is None:
        raise Invalid("A time needs its offset.", id="time-invalid", field=field)
    return at


def _ref(value: str | None, field: str) -> str | None:
    if value is not None and not 1 <= len(value) <= 150:
        raise Invalid("An interaction's id has 1 to 150 characters.", field=field)
    return value


def _priority(value: int, field: str) -> int:
    if not -100 <= value <= 100:
        raise Invalid("A priority lies between -100 and 100.", field=field)
    return value
