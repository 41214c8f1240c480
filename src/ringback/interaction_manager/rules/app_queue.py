"""What Asterisk's app_queue says, as events of a contact centre outside: who joined, who was answered, what members do."""

from __future__ import annotations

import re
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta

import phonenumbers

from ringback.domain.outside import (
    Caller,
    OutsideAgent,
    OutsideAgentState,
    OutsideEvent,
    OutsideInteraction,
    OutsideKind,
    OutsideSnapshot,
)

Message = Mapping[str, str]

# A caller who leaves the queue is announced before the agent who took them: so long it is not said that nobody did.
CONNECTS_WITHIN = timedelta(seconds=5)
_BUSY = frozenset({"2", "3", "6", "7", "8"})  # in use, busy, ringing, ringing in use, on hold
_FREE = "1"
_SLUG = re.compile(r"[^a-z0-9]+")


@dataclass(frozen=True, slots=True, kw_only=True)
class Plan:
    """How names there are names here. `queues`: theirs → ours; `agents`: interface or member name → ours; `region`: of numbers without +."""

    queues: Mapping[str, str]
    agents: Mapping[str, str] = field(default_factory=dict)
    region: str | None = None

    def agent(self, message: Message) -> str:
        """Return the short name of a queue's member: as planned, else their name as a short name, else the end of the interface."""
        interface, name = message.get("Interface") or message.get("Location", ""), message.get("MemberName", "")
        name = name or message.get("Name", "")
        for key in (interface, name):
            if key in self.agents:
                return self.agents[key]
        own = name if name and name != interface else interface.rpartition("/")[2].partition("@")[0]
        return _SLUG.sub("-", own.lower()).strip("-")[:63]

    def caller(self, message: Message) -> Caller | None:
        """Return who calls, as far as a number says it."""
        given = message.get("CallerIDNum", "")
        try:
            number = phonenumbers.parse(given, self.region)
        except phonenumbers.NumberParseException:
            return None
        if not phonenumbers.is_valid_number(number):
            return None
        return Caller(number=phonenumbers.format_number(number, phonenumbers.PhoneNumberFormat.E164))


@dataclass(slots=True, kw_only=True)
class _Member:
    status: str = ""
    paused: bool = False
    in_call: bool = False
    wraps_until: datetime | None = None

    def state(self, now: datetime) -> OutsideAgentState:
        if self.in_call or self.status in _BUSY:
            return OutsideAgentState.BUSY
        if self.status != _FREE:
            return OutsideAgentState.OFFLINE
        if self.paused:
            return OutsideAgentState.PAUSED
        if self.wraps_until is not None and now < self.wraps_until:
            return OutsideAgentState.WRAP_UP
        return OutsideAgentState.AVAILABLE


# Of an agent in several queues the first that holds of any.
_FIRST = (
    OutsideAgentState.BUSY, OutsideAgentState.WRAP_UP, OutsideAgentState.AVAILABLE, OutsideAgentState.PAUSED,
    OutsideAgentState.OFFLINE,
)  # fmt: skip


class QueueBook:
    """What is known of the queues, from a snapshot on; each message makes events numbered onward."""

    def __init__(self, plan: Plan) -> None:
        self._plan = plan
        self._seq = 0
        self._members: dict[str, dict[tuple[str, str], _Member]] = {}  # agent → (queue, interface) → as a member there
        self._said: dict[str, OutsideAgentState] = {}
        self._leaving: dict[str, datetime] = {}
        self.channels: dict[
            str, tuple[str, str]
        ] = {}  # of those who wait: unique id → channel, their queue's name there

    def snapshot(
        self,
        status: Iterable[Message],
        channels: Iterable[Message],
        talking_since: Mapping[str, datetime],
        now: datetime,
    ) -> OutsideSnapshot:
        """Begin anew from `QueueStatus` and `CoreShowChannels`. `talking_since`: when talks that were heard of before were answered."""
        self._seq = 0
        self._members.clear()
        self._said.clear()
        self._leaving.clear()
        self.channels.clear()
        interactions = []
        for message in status:
            if message.get("Event") == "QueueMember":
                self._note_member(message, now)
            elif message.get("Event") == "QueueEntry" and message.get("Queue") in self._plan.queues:
                interactions.append(self._entry(message, now))
        waiting = {each.interaction for each in interactions}
        for message in channels:
            talk = self._talk(message, talking_since, now)
            if talk is not None and talk.interaction not in waiting:
                interactions.append(talk)
        self._said = {agent: self._state(agent, now) for agent in self._members}
        return OutsideSnapshot(
            seq=0,
            at=now,
            queues=tuple(sorted(set(self._plan.queues.values()))),
            interactions=tuple(interactions),
            agents=tuple(
                OutsideAgent(agent=agent, state=state, since=now) for agent, state in sorted(self._said.items())
            ),
        )

    def take(self, message: Message, now: datetime) -> list[OutsideEvent]:
        """Return what a message of the manager interface says; nothing for those that concern nobody here."""
        if message.get("Queue") not in self._plan.queues:
            return []
        ref = message.get("Uniqueid", "")
        match message.get("Event"):
            case "QueueCallerJoin":
                self._leaving.pop(ref, None)
                self.channels[ref] = (message.get("Channel", ""), message["Queue"])
                return [self._event(OutsideKind.ARRIVED, ref, message, now, caller=self._plan.caller(message))]
            case "QueueCallerAbandon":
                self._forget(ref)
                return [self._event(OutsideKind.ABANDONED, ref, message, now)]
            case "QueueCallerLeave":
                if ref in self.channels:
                    self._forget(ref)
                    self._leaving[ref] = now
                return []
            case "AgentConnect":
                self._forget(ref)
                return [self._event(OutsideKind.ANSWERED, ref, message, now, agent=self._plan.agent(message))]
            case "AgentComplete":
                self._forget(ref)
                return [self._event(OutsideKind.ENDED, ref, message, now)]
            case "QueueMemberStatus" | "QueueMemberAdded" | "QueueMemberPause" | "QueueMemberRinginuse":
                self._note_member(message, now)
                return self._changed(self._plan.agent(message), now)
            case "QueueMemberRemoved":
                agent = self._plan.agent(message)
                self._members.get(agent, {}).pop(_key(message), None)
                return self._changed(agent, now)
        return []

    def due(self, now: datetime) -> list[OutsideEvent]:
        """Return what time alone says: who left the queue without an agent, whose wrap-up is over."""
        found = []
        for ref, left in list(self._leaving.items()):
            if now - left >= CONNECTS_WITHIN:
                del self._leaving[ref]
                self._seq += 1
                found.append(OutsideEvent(seq=self._seq, kind=OutsideKind.ENDED, at=left, interaction=ref))
        for agent in list(self._said):
            found += self._changed(agent, now)
        return found

    # ------------------------------------------------------------------ parts

    def _forget(self, ref: str) -> None:
        self.channels.pop(ref, None)
        self._leaving.pop(ref, None)

    def _event(
        self,
        kind: OutsideKind,
        ref: str,
        message: Message,
        now: datetime,
        *,
        agent: str | None = None,
        caller: Caller | None = None,
    ) -> OutsideEvent:
        self._seq += 1
        return OutsideEvent(
            seq=self._seq,
            kind=kind,
            at=now,
            interaction=ref,
            queue=self._plan.queues[message["Queue"]],
            agent=agent,
            caller=caller,
        )

    def _entry(self, message: Message, now: datetime) -> OutsideInteraction:
        ref = message.get("Uniqueid", "")
        self.channels[ref] = (message.get("Channel", ""), message["Queue"])
        return OutsideInteraction(
            interaction=ref,
            queue=self._plan.queues[message["Queue"]],
            arrived_at=now - timedelta(seconds=_whole(message.get("Wait"))),
            priority=_priority(message),
            caller=self._plan.caller(message),
        )

    def _talk(
        self, message: Message, talking_since: Mapping[str, datetime], now: datetime
    ) -> OutsideInteraction | None:
        """Return the talk of a channel that Queue() runs on and that is joined with somebody; how long they talk is known only if it was seen."""
        queue = message.get("ApplicationData", "").partition(",")[0]
        if message.get("Application") != "Queue" or not message.get("BridgeId") or queue not in self._plan.queues:
            return None
        ref = message.get("Uniqueid", "")
        answered = talking_since.get(ref, now)
        return OutsideInteraction(
            interaction=ref,
            queue=self._plan.queues[queue],
            arrived_at=min(answered, now - _clock(message.get("Duration", ""))),
            answered_at=answered,
            caller=self._plan.caller(message),
        )

    def _note_member(self, message: Message, now: datetime) -> None:
        if message.get("Queue") not in self._plan.queues:
            return
        member = self._members.setdefault(self._plan.agent(message), {}).setdefault(_key(message), _Member())
        member.status = message.get("Status", member.status)
        member.paused = message.get("Paused", "0") == "1"
        member.in_call = message.get("InCall", "0") == "1"
        last, wraps = _whole(message.get("LastCall")), _whole(message.get("Wrapuptime"))
        member.wraps_until = datetime.fromtimestamp(last + wraps, UTC) if last and wraps else None

    def _state(self, agent: str, now: datetime) -> OutsideAgentState:
        states = {member.state(now) for member in self._members.get(agent, {}).values()}
        return next((state for state in _FIRST if state in states), OutsideAgentState.OFFLINE)

    def _changed(self, agent: str, now: datetime) -> list[OutsideEvent]:
        state = self._state(agent, now)
        if self._said.get(agent) is state:
            return []
        self._said[agent] = state
        self._seq += 1
        return [OutsideEvent(seq=self._seq, kind=OutsideKind.AGENT, at=now, agent=agent, state=state)]


def _key(message: Message) -> tuple[str, str]:
    return (message["Queue"], message.get("Interface") or message.get("Location", ""))


def _whole(text: str | None) -> int:
    return int(text) if text is not None and text.isdigit() else 0


def _priority(message: Message) -> int:
    """Return a waiting caller's priority in the queue. Only `QueueEntry` has it: elsewhere `Priority` is the dialplan's."""
    return max(-100, min(100, _whole(message.get("Priority"))))


def _clock(text: str) -> timedelta:
    """Read `00:01:23`."""
    hours, minutes, seconds = ([0, 0, 0] + [_whole(part) for part in text.split(":")])[-3:]
    return timedelta(hours=hours, minutes=minutes, seconds=seconds)
