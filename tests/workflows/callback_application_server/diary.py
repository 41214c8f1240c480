"""The interaction manager as a chat sees it, played by a diary with behaviour: times that are taken, a queue that closes, callbacks that are booked."""

from __future__ import annotations

from dataclasses import dataclass, field
from datetime import datetime, timedelta
from typing import Any
from zoneinfo import ZoneInfo

from ringback.domain.commands import (
    AnswerQuestion,
    CancelCallback,
    Estimate,
    ForgetPerson,
    MoveCallback,
    PromiseMade,
    RequestCallback,
)
from ringback.domain.errors import NotFound
from ringback.domain.events import CallbackAccepted, CallbackChanged, CallbackFinished, CallbackRefused
from ringback.domain.ids import BusinessId, CallbackId, ChatId, PersonId
from ringback.domain.offers import (
    AgentOffer,
    AsapOffer,
    Colleague,
    DayOffer,
    Held,
    HoldQuery,
    Offers,
    OffersQuery,
    Opening,
    QueueOffer,
    Reason,
    Refusal,
    SlotOffer,
)
from ringback.domain.status import AgentState, CallbackState, Server
from ringback.domain.times import TimeWindow, When, WhenKind
from ringback.postgres.database import Transaction
from ringback.postgres.messages import MessageWorker, answer, send
from tests.support.databases import Databases

LONDON = ZoneInfo("Europe/London")
SLOT = timedelta(minutes=15)
QUEUES = {"billing": "Billing", "support": "Support"}
AGENTS = {"kim": ("Kim", "billing", AgentState.ON_A_CALL), "amir": ("Amir", "billing", AgentState.AVAILABLE),
          "mira": ("Mira Holt", "support", AgentState.AVAILABLE), "kim-s": ("Kim Sand", "support", AgentState.AVAILABLE)}  # fmt: skip


def why(verdict: str) -> Reason:
    return Reason(verdict=verdict)


@dataclass(slots=True, kw_only=True)
class Diary:
    """What is free. `now` follows the database's clock by `lag`."""

    start: datetime  # the first slot of tomorrow
    clock: Any  # () -> datetime
    slots: dict[datetime, int] = field(default_factory=dict)
    open_now: bool = True
    chat_agents: bool = False
    broken: Exception | None = None
    booked: dict[CallbackId, When] = field(default_factory=dict)
    open_of: dict[PersonId, CallbackId] = field(default_factory=dict)
    asked: list[OffersQuery] = field(default_factory=list)
    holds: dict[ChatId, When] = field(default_factory=dict)

    @classmethod
    def of_tomorrow(cls, clock: Any) -> Diary:
        """Ten quarter hours tomorrow morning, two places each."""
        day = clock().astimezone(LONDON).date() + timedelta(days=1)
        start = datetime(day.year, day.month, day.day, 9, tzinfo=LONDON)
        return cls(start=start, clock=clock, slots={start + n * SLOT: 2 for n in range(10)})

    def window(self, when: When) -> TimeWindow | None:
        """What a wish would become; None when it is not possible."""
        now = self.clock()
        if when.kind is WhenKind.ASAP:
            return TimeWindow(start=now, end=now + timedelta(minutes=18)) if self.open_now else None
        assert when.start is not None
        if when.kind is WhenKind.SLOT:
            return TimeWindow(start=when.start, end=when.start + SLOT) if self.slots.get(when.start, 0) > 0 else None
        if when.start <= now or (not self.open_now and when.start < self.start):
            return None
        return TimeWindow(start=when.start, end=when.start + timedelta(minutes=10))

    def over(self, callback: CallbackId) -> None:
        """Its person may have another one."""
        self.open_of = {person: each for person, each in self.open_of.items() if each != callback}

    def slot_offers(self) -> tuple[SlotOffer, ...]:
        return tuple(
            SlotOffer(window=TimeWindow(start=start, end=start + SLOT), room=room, reason=why("free"))
            for start, room in sorted(self.slots.items())
            if room > 0 and start > self.clock()
        )

    async def hold(self, query: HoldQuery) -> Held | None:
        """Keep a place for a chat, and no other."""
        if self.broken is not None:
            raise self.broken
        self.holds.pop(query.chat, None)
        window = self.window(query.when) if query.when is not None else None
        if query.when is None or window is None:
            return None
        self.holds[query.chat] = query.when
        return Held(window=window, until=self.clock() + timedelta(minutes=3))

    async def offers(self, query: OffersQuery) -> Offers:
        """Answer as the interaction manager would."""
        self.asked.append(query)
        if self.broken is not None:
            raise self.broken
        parts = dict(part.split(":", 1) for part in query.provider.split("/"))
        queue, agent = parts.get("q", "billing"), parts.get("a")
        if parts.get("biz") != "acme" or queue not in QUEUES or (agent is not None and agent not in AGENTS):
            raise NotFound(f"There is no {query.provider}.", id="unknown-provider", field="provider")
        now = self.clock()
        asap = self._asap(now)
        requested, refusals = self._requested(query.when), []
        if not self.open_now:
            refusals.append(Refusal(id="closed", reason=why(f"{QUEUES[queue]} is closed.")))
        elif query.when is not None and query.when.kind is not WhenKind.ASAP and requested is None:
            refusals.append(Refusal(id="slot-taken", reason=why("That time was just taken."), next=None))
        free = self.slot_offers()
        days = {slot.window.start.astimezone(LONDON).date() for slot in free}
        return Offers(
            provider=f"biz:acme/q:{queue}" + (f"/a:{agent}" if agent else ""),
            provider_why="named",
            queue_slug=queue,
            queue_name=QUEUES[queue],
            agent_name=AGENTS[agent][0] if agent else None,
            opening=Opening(
                open_now=self.open_now,
                until=now + timedelta(hours=3) if self.open_now else None,
                next_opening=None if self.open_now else self.start,
                zone="Europe/London",
            ),
            asap=asap,
            days=tuple(
                DayOffer(
                    day=day,
                    slots=tuple(each for each in free if each.window.start.astimezone(LONDON).date() == day)[:8],
                    more=free,
                )
                for day in sorted(days)
            ),
            agents=tuple(
                AgentOffer(slug=slug, name=name, queue=home, state=state, free_at=now + SLOT, back_at=None)
                for slug, (name, home, state) in AGENTS.items()
                if home == queue
            ),
            people=tuple(Colleague(slug=slug, name=name, queue=home) for slug, (name, home, _) in AGENTS.items()),
            queues=tuple(
                QueueOffer(slug=slug, name=name, on_duty=3, free_now=slug == "support", asap=asap)
                for slug, name in QUEUES.items()
            ),
            requested=requested,
            nearest=free[:3],
            refusals=tuple(refusals),
            open_callback=None,
            agents_chat=self.chat_agents,
            now=now,
        )

    def _asap(self, now: datetime) -> AsapOffer | None:
        if not self.open_now:
            return None
        minutes = [now + timedelta(minutes=n) for n in (6, 7, 9, 18)]
        return AsapOffer(
            estimate=Estimate(p10=minutes[0], p50=minutes[1], p90=minutes[2]),
            promise=TimeWindow(start=now, end=minutes[3]),
            place=3,
            line=7,
            reason=why("three are free"),
        )

    def _requested(self, when: When | None) -> SlotOffer | None:
        if when is None or when.kind is WhenKind.ASAP:
            return None
        window = self.window(when)
        return None if window is None else SlotOffer(window=window, room=1, reason=why("free"))


class Manager:
    """Books what the diary has, in the order in which it is asked, and answers durably as the real one does."""

    def __init__(self, databases: Databases, diary: Diary) -> None:
        self.diary = diary
        self.heard: list[Any] = []
        self.wants_proof = False  # of telephone numbers
        self.connected: set[CallbackId] = set()  # joined: not to be cancelled
        self.messages = MessageWorker(
            Server.INTERACTIONS,
            databases.interactions,
            databases.dispatcher,
            databases.hints,
            {
                RequestCallback: self._request,
                CancelCallback: self._cancel,
                MoveCallback: self._move,
                AnswerQuestion: self._hear,
                ForgetPerson: self._hear,
            },
        )

    async def _hear(self, tx: Transaction, business: BusinessId, message: Any) -> None:
        tx.after_commit(lambda: self.heard.append(message))

    async def _request(self, tx: Transaction, business: BusinessId, command: RequestCallback) -> None:
        await self._hear(tx, business, command)
        window = self.diary.window(command.when)
        event: CallbackAccepted | CallbackRefused
        open_one = self.diary.open_of.get(command.person)
        if open_one is not None:
            event = CallbackRefused(
                callback=command.callback,
                id="one-is-open",
                detail="You have a callback already.",
                open_callback=open_one,
            )
        elif self.wants_proof and not command.destination.proved:
            event = CallbackRefused(
                callback=command.callback, id="number-not-proved", detail="This number is not proved."
            )
        elif window is None:
            event = CallbackRefused(
                callback=command.callback, id="slot-taken", detail="09:00 was just taken.", next="Next: 09:15."
            )
        else:
            self._take(command.when)
            self.diary.booked[command.callback] = command.when
            self.diary.open_of[command.person] = command.callback
            event = CallbackAccepted(
                callback=command.callback,
                promise=self._promise(command.when, window, tx.now),
                queue_name="Billing",
                agent_name="Kim" if command.provider.endswith("a:kim") else None,
                place=3,
                line=7,
            )
        await send(tx, business, Server.APPLICATION, command.callback, event)

    async def _cancel(self, tx: Transaction, business: BusinessId, command: CancelCallback) -> None:
        await self._hear(tx, business, command)
        if command.callback in self.connected:
            words = "You are connected. Hang up to end the call."
            await answer(tx, business, command.command, problem="connected", detail=words)
            return
        await answer(tx, business, command.command, state="cancelled")
        self.diary.over(command.callback)
        await send(
            tx,
            business,
            Server.APPLICATION,
            command.callback,
            CallbackFinished(callback=command.callback, state=CallbackState.CANCELLED, reason="cancelled"),
        )

    async def _move(self, tx: Transaction, business: BusinessId, command: MoveCallback) -> None:
        await self._hear(tx, business, command)
        window = self.diary.window(command.when)
        if window is None:
            await answer(tx, business, command.command, problem="slot-taken", detail="That time was just taken.")
            return
        self._take(command.when)
        await answer(tx, business, command.command)
        promise = self._promise(command.when, window, tx.now)
        event = CallbackChanged(callback=command.callback, state=CallbackState.WAITING, promise=promise, moved=True)
        await send(tx, business, Server.APPLICATION, command.callback, event)

    def _take(self, when: When) -> None:
        if when.kind is WhenKind.SLOT and when.start is not None:
            self.diary.slots[when.start] -= 1

    @staticmethod
    def _promise(when: When, window: TimeWindow, now: datetime) -> PromiseMade:
        asap = when.kind is WhenKind.ASAP
        estimate = Estimate(
            p10=now + timedelta(minutes=6), p50=now + timedelta(minutes=7), p90=now + timedelta(minutes=9)
        )
        return PromiseMade(window=window, early_is_fine=asap, estimate=estimate if asap else None)
