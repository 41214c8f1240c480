"""The simulated carrier itself: legs that exist in one process's memory, and far ends that behave as they were told."""

from __future__ import annotations

import asyncio
import os
from collections.abc import Callable, Coroutine
from dataclasses import dataclass, field
from datetime import UTC, datetime
from typing import Any
from uuid import UUID

from ringback.domain.errors import LegGone
from ringback.domain.ids import BusinessId, CallbackId, LegId
from ringback.domain.status import Party
from ringback.session_management_server.carriers.protocol import (
    EndCause,
    LegEvent,
    LegEventKind,
    LegOrder,
    LegReport,
    Whereabouts,
)
from ringback.session_management_server.carriers.simulated_behaviour import ENDS_AT_ONCE, RINGS, Act, Behaviour
from ringback.session_management_server.carriers.simulated_record import RingRecord

Key = tuple[BusinessId, LegId]


@dataclass(slots=True, kw_only=True)
class SimulatedLeg:
    """One leg, as the carrier knows it. `forgotten`: it was revoked before it was made, so that it can never be."""

    business: BusinessId
    id: LegId
    callback: CallbackId | None
    party: Party | None
    behaviour: Behaviour = field(default_factory=Behaviour)
    where: Whereabouts = Whereabouts.PREPARED
    rang_at: datetime | None = None
    answered_at: datetime | None = None
    joined_at: datetime | None = None
    ended_at: datetime | None = None
    cause: EndCause | None = None
    peer: LegId | None = None
    held: bool = False
    events: list[LegEvent] = field(default_factory=list)

    @property
    def report(self) -> LegReport:
        """What `lookup` answers."""
        return LegReport(
            whereabouts=self.where,
            rang_at=self.rang_at,
            answered_at=self.answered_at,
            joined_at=self.joined_at,
            ended_at=self.ended_at,
            cause=self.cause,
            machine=self.behaviour.act is Act.MACHINE and self.answered_at is not None,
        )


class Exchange:
    """All legs. `publish` hands an event to whoever subscribed; `choose` gives the behaviour of an address."""

    def __init__(
        self,
        *,
        account: str,
        record: RingRecord,
        choose: Callable[[Party, str], Behaviour],
        publish: Callable[[LegEvent], None],
    ) -> None:
        self._account = account
        self._record = record
        self._choose = choose
        self._publish = publish
        self._legs: dict[Key, SimulatedLeg] = {}
        self._doing: set[asyncio.Task[None]] = set()
        self._waiting: dict[Key, LegEvent] = {}

    def remember(self, leg: SimulatedLeg) -> None:
        """Take a leg over from the record of the process before: it rang, and nobody saw its end."""
        self._legs[leg.business, leg.id] = leg
        self._end(leg, EndCause.CARRIER_LOST)

    def snapshot(self) -> list[LegEvent]:
        """Return everything that has happened to the legs that are known."""
        return [event for leg in self._legs.values() for event in leg.events]

    def slowness(self, business: BusinessId, leg: LegId) -> float:
        """Return how long this leg's verbs keep the caller waiting."""
        known = self._legs.get((business, leg))
        return known.behaviour.slow if known is not None else 0.0

    # ------------------------------------------------------------------ verbs

    def prepare(self, order: LegOrder) -> None:
        """Make the leg, once."""
        known = self._legs.get((order.business, order.leg))
        if known is None:
            self._legs[order.business, order.leg] = SimulatedLeg(
                business=order.business,
                id=order.leg,
                callback=order.callback,
                party=order.party,
                behaviour=self._choose(order.party, order.address),
            )
        elif known.where in (Whereabouts.ENDED, Whereabouts.ABSENT):
            raise LegGone(f"leg {order.leg} is over")

    def dial(self, business: BusinessId, leg: LegId, ring_for: float) -> None:
        """Ring it, once."""
        known = self._legs.get((business, leg))
        if known is None or known.where in (Whereabouts.ENDED, Whereabouts.ABSENT):
            raise LegGone(f"there is no leg {leg}")
        if known.where is Whereabouts.PREPARED:
            known.where = Whereabouts.DIALLING
            self._do(self._ring(known, ring_for))

    def revoke(self, business: BusinessId, leg: LegId) -> LegReport:
        """End it; one that was never made will never be."""
        known = self._legs.get((business, leg))
        if known is None:
            known = SimulatedLeg(business=business, id=leg, callback=None, party=None, where=Whereabouts.ABSENT)
            self._legs[business, leg] = known
        self._release(known)
        return known.report

    def lookup(self, business: BusinessId, leg: LegId) -> LegReport:
        """Say what is known."""
        known = self._legs.get((business, leg))
        return known.report if known is not None else LegReport(whereabouts=Whereabouts.ABSENT)

    def join(self, business: BusinessId, agent: LegId, customer: LegId) -> None:
        """Connect two answered legs, once."""
        first, second = self._legs.get((business, agent)), self._legs.get((business, customer))
        if first is None or second is None:
            raise LegGone("one of the legs is not there")
        if first.peer == customer and first.where is second.where is Whereabouts.JOINED:
            return
        if not (first.where is second.where is Whereabouts.ANSWERED):
            raise LegGone(f"legs are {first.where} and {second.where}: they can not be joined")
        for one, other in ((first, second), (second, first)):
            one.where, one.peer, one.joined_at = Whereabouts.JOINED, other.id, _now()
            self._do(self._write("joined", one))
            self._tell(one, LegEventKind.SOUND)
            if one.behaviour.hangs_up is not None:
                self._do(self._end_after(one, one.behaviour.hangs_up, EndCause.HUNG_UP))
            if one.behaviour.loses is not None:
                self._do(self._end_after(one, one.behaviour.loses, EndCause.LOST))

    def hang_up(self, business: BusinessId, leg: LegId) -> None:
        """End it, if it is there."""
        known = self._legs.get((business, leg))
        if known is not None:
            self._release(known)

    def hold(self, business: BusinessId, leg: LegId, *, on: bool) -> None:
        """Silence a talk, or let it go on."""
        known = self._legs.get((business, leg))
        if known is None or known.where is not Whereabouts.JOINED:
            raise LegGone(f"leg {leg} does not talk")
        if known.held is not on:
            known.held = on
            kind = LegEventKind.HELD if on else LegEventKind.RESUMED
            self._tell(known, kind, name=f"{kind}/{len(known.events)}")

    def leave(self, business: BusinessId, leg: LegId) -> None:
        """Have the person at the far end hang up."""
        known = self._legs.get((business, leg))
        if known is None or known.answered_at is None:
            raise LegGone(f"nobody has answered leg {leg}")
        self._end(known, EndCause.HUNG_UP)

    def legs_of(self, business: BusinessId) -> list[UUID]:
        """List what is there and not over."""
        over = (Whereabouts.ENDED, Whereabouts.ABSENT)
        return [leg.id for leg in self._legs.values() if leg.business == business and leg.where not in over]

    async def stop(self) -> None:
        """Let go of every far end."""
        for task in self._doing:
            task.cancel()
        if self._doing:
            await asyncio.wait(self._doing)

    # ------------------------------------------------------------------ far ends

    async def _ring(self, leg: SimulatedLeg, ring_for: float) -> None:
        act = leg.behaviour.act
        if act is Act.DIES_FIRST:
            os._exit(1)
        if act in RINGS:
            await self._write("rang", leg)
            if (
                leg.where is not Whereabouts.DIALLING
            ):  # released meanwhile: the record has it that it rang, and must have its end
                await self._write("ended", leg, cause=leg.cause.value if leg.cause is not None else "")
                return
            leg.rang_at = _now()
            self._tell(leg, LegEventKind.RINGING)
            if act is Act.DIES:
                os._exit(1)
        else:
            self._end(leg, ENDS_AT_ONCE[act])
            return
        if act is Act.NO_ANSWER or leg.behaviour.after >= ring_for:
            await self._end_after(leg, ring_for, EndCause.NO_ANSWER)
        elif act is Act.DECLINES:
            await self._end_after(leg, leg.behaviour.after, EndCause.DECLINED)
        else:
            await asyncio.sleep(leg.behaviour.after)
            self._answer(leg)

    def _answer(self, leg: SimulatedLeg) -> None:
        if leg.where is not Whereabouts.DIALLING:
            return
        leg.where, leg.answered_at = Whereabouts.ANSWERED, _now()
        self._do(self._write("answered", leg))
        machine = leg.behaviour.act is Act.MACHINE
        self._tell(leg, LegEventKind.MACHINE if machine else LegEventKind.ANSWERED)
        if leg.behaviour.leaves is not None:
            self._do(self._end_after(leg, leg.behaviour.leaves, EndCause.HUNG_UP))

    async def _end_after(self, leg: SimulatedLeg, seconds: float, cause: EndCause) -> None:
        before = leg.where
        await asyncio.sleep(seconds)
        if leg.where is before or cause is EndCause.HUNG_UP:
            self._end(leg, cause)

    def _release(self, leg: SimulatedLeg) -> None:
        self._end(leg, EndCause.FAILED if leg.where is Whereabouts.PREPARED else EndCause.RELEASED)

    def _end(self, leg: SimulatedLeg, cause: EndCause) -> None:
        if leg.where in (Whereabouts.ENDED, Whereabouts.ABSENT):
            return
        leg.where, leg.cause, leg.ended_at = Whereabouts.ENDED, cause, _now()
        if leg.rang_at is not None:
            self._do(self._write("ended", leg, cause=cause.value))
        self._tell(leg, LegEventKind.ENDED)

    async def _write(self, what: str, leg: SimulatedLeg, **more: str) -> None:
        at = _now().isoformat()
        await self._record.write(
            what=what, at=at, business=leg.business, callback=leg.callback, party=leg.party, leg=leg.id, **more
        )

    # ------------------------------------------------------------------ events, as badly as told

    def _tell(self, leg: SimulatedLeg, kind: LegEventKind, *, name: str | None = None) -> None:
        event = LegEvent(
            business=leg.business,
            leg=leg.id,
            event=f"{leg.id}/{name or kind.value}",
            account=self._account,
            kind=kind,
            at=_now(),
            cause=leg.cause if kind is LegEventKind.ENDED else None,
        )
        behaviour = leg.behaviour
        if behaviour.drops in ("all", kind.value):
            return
        leg.events.append(event)
        for each in self._overtaken(leg, event) if behaviour.reorders else (event,):
            for _ in range(2 if behaviour.duplicates else 1):
                if behaviour.late:
                    asyncio.get_running_loop().call_later(behaviour.late, self._publish, each)
                else:
                    self._publish(each)

    def _overtaken(self, leg: SimulatedLeg, event: LegEvent) -> tuple[LegEvent, ...]:
        """Hold every event back until the next one has gone before it; the last one waits for nobody."""
        waiting = self._waiting.pop((leg.business, leg.id), None)
        if waiting is not None:
            return event, waiting
        if event.kind is LegEventKind.ENDED:
            return (event,)
        self._waiting[leg.business, leg.id] = event
        return ()

    def _do(self, doing: Coroutine[Any, Any, None]) -> None:
        task = asyncio.create_task(doing)
        self._doing.add(task)
        task.add_done_callback(self._doing.discard)


def _now() -> datetime:
    return datetime.now(UTC)
