"""What a controller asks of carriers, each verb until it is answered: place, release, look up, join. They report what happened and decide nothing."""

from __future__ import annotations

import asyncio
import time
from collections.abc import Awaitable, Callable, Iterator, Mapping
from dataclasses import dataclass
from datetime import datetime
from uuid import UUID, uuid4

import structlog

from ringback.domain.commands import PerformCallback
from ringback.domain.errors import CarrierError, CarrierUnreachable, CommitUnknown, LegGone
from ringback.domain.ids import LegId
from ringback.domain.status import Party
from ringback.postgres.database import RETRYABLE, Database
from ringback.session_management_server.carriers.protocol import Carrier, LegOrder, LegReport, Whereabouts
from ringback.session_management_server.guarding import RingRefused
from ringback.session_management_server.rules import happenings as on
from ringback.session_management_server.rules.legs import Leg
from ringback.session_management_server.rules.snapshot import Attempt
from ringback.session_management_server.rules.verbs import Join
from ringback.session_management_server.workflows.fence_leg import Fence, fence_leg, read_fence

log = structlog.get_logger(__name__)

FENCE_YOUTH = 2.0  # seconds from before the fence was sent: older ones are revoked, not dialled
PREPARE_PATIENCE = 10.0  # seconds a carrier may be away before a leg that was never fenced is given up
JOIN_PATIENCE = 4.0
_GONE = LegReport(whereabouts=Whereabouts.ABSENT)


@dataclass(frozen=True, slots=True, kw_only=True)
class Hands:
    """What the verbs work with. `view` gives the attempt as last committed, `say` reports a happening, `leased` tells whether we still drive it."""

    database: Database
    carriers: Mapping[str, Carrier]
    controller: UUID
    clock: Callable[[], datetime]
    view: Callable[[], tuple[Attempt, PerformCallback]]
    say: Callable[[on.Happening], None]
    leased: Callable[[], bool]

    def leg(self, id: LegId) -> Leg | None:
        """Return the leg as last committed, while it is live."""
        leg = self.view()[0].leg(id)
        return leg if leg is not None and leg.live else None

    def carrier(self, leg: Leg) -> Carrier:
        """Return the leg's carrier; one that is not configured here can not be reached from here."""
        if leg.carrier not in self.carriers:
            raise CarrierUnreachable(f"carrier {leg.carrier} is not configured in this process")
        return self.carriers[leg.carrier]


async def place(hands: Hands, id: LegId) -> None:
    """Prepare, commit the fence, dial: in this order, and never a second time for one leg."""
    if not await _prepare(hands, id):
        return
    before = time.monotonic()
    while (leg := hands.leg(id)) is not None and leg.release_why is None and not leg.fenced:
        before, token = time.monotonic(), uuid4()
        try:
            fence = await _fence(hands, id, token)
        except RingRefused as error:
            refused = error.refusal
            log.info("ring_refused", leg=str(id), cause=refused.cause.value)
            hands.say(on.RingRefused(leg=id, cause=refused.cause, detail=refused.words))
            return
        match fence:
            case Fence.PASSED:
                await _dial(hands, id, before)
                return
            case Fence.SHUT:
                hands.say(on.GateRefused())
                return
            case Fence.UNWANTED:
                return
            case Fence.MISSED:
                continue
            case Fence.STOPPED:
                log.warning("dialling_stopped", leg=str(id))
                await asyncio.sleep(1.0)


async def _prepare(hands: Hands, id: LegId) -> bool:
    """Have the carrier make the leg; what it can not make, nobody may dial."""
    give_up = time.monotonic() + PREPARE_PATIENCE
    for pause in _pauses():
        leg = hands.leg(id)
        if leg is None or leg.release_why is not None or not hands.leased():
            return False
        try:
            await hands.carrier(leg).prepare(_order(*hands.view(), leg))
            return True
        except CarrierUnreachable as error:
            if time.monotonic() > give_up:
                hands.say(on.NotPlaced(leg=id, detail=str(error)))
                return False
            await asyncio.sleep(pause)
        except CarrierError as error:
            hands.say(on.NotPlaced(leg=id, detail=str(error)))
            return False
    return False


async def _fence(hands: Hands, id: LegId, token: UUID) -> Fence:
    """Commit the fence, reading the truth back as long as it takes when an answer is lost."""
    attempt, _ = hands.view()
    lost = False
    for pause in _pauses():
        try:
            if lost:
                there = await read_fence(hands.database, attempt, id, token=token)
                return Fence.PASSED if there else Fence.MISSED
            return await fence_leg(
                hands.database, attempt, id, token=token, controller=hands.controller, clock=hands.clock()
            )
        except CommitUnknown:
            lost = True
        except RETRYABLE as error:
            log.info("fence_again", leg=str(id), error=type(error).__name__)
            await asyncio.sleep(pause)
    return Fence.UNWANTED


async def _dial(hands: Hands, id: LegId, before: float) -> None:
    """Dial what the gate has just let through, unless it took so long that others may have acted since."""
    attempt, _ = hands.view()
    leg = attempt.leg(id)
    assert leg is not None, "the fence was committed for a leg of this attempt"
    if time.monotonic() - before > FENCE_YOUTH or not hands.leased():
        hands.say(on.NotDialled(leg=id))
        return
    ring_for = attempt.ring.agent_ring if leg.party is Party.AGENT else attempt.ring.customer_ring
    try:
        await hands.carrier(leg).dial(attempt.business, id, ring_for=ring_for)
    except CarrierError as error:
        log.info("dial_unclear", leg=str(id), error=type(error).__name__)
        await look_up(hands, id)
    else:
        hands.say(on.TimePassed())


async def release(hands: Hands, id: LegId) -> None:
    """End the leg and get the evidence. While its carrier is away the leg is unresolved, and this goes on."""
    said = False
    for pause in _pauses():
        leg = hands.leg(id)
        if leg is None:
            return
        if hands.leased():
            try:
                carrier, business = hands.carrier(leg), hands.view()[0].business
                if leg.answered:
                    await carrier.hang_up(business, id)
                hands.say(on.Reported(leg=id, report=await carrier.revoke(business, id), revoked=True))
                return
            except LegGone:
                hands.say(on.Reported(leg=id, report=_GONE, revoked=True))
                return
            except CarrierError as error:
                if not leg.fenced:  # nobody may dial it: that is evidence enough, and the sweep clears the carrier
                    hands.say(on.NotPlaced(leg=id, detail=str(error)))
                    return
                if not said:
                    said = True
                    log.warning("leg_unresolved", leg=str(id), carrier=leg.carrier, error=type(error).__name__)
                    hands.say(on.OutOfSight(leg=id))
        await asyncio.sleep(pause)


async def look_up(hands: Hands, id: LegId, *, tries: int | None = None) -> None:
    """Ask the carrier for the truth, until it answers, or the leg is over or to be released, or `tries` are used up."""
    said = False
    for count, pause in enumerate(_pauses(), start=1):
        leg = hands.leg(id)
        if leg is None or (leg.release_why is not None and count > 1):
            return
        try:
            report = await hands.carrier(leg).lookup(hands.view()[0].business, id)
        except LegGone:
            report = _GONE
        except CarrierError as error:
            if tries is not None and count >= tries:
                return
            if not said:
                said = True
                log.warning("leg_out_of_sight", leg=str(id), carrier=leg.carrier, error=type(error).__name__)
                hands.say(on.OutOfSight(leg=id))
            await asyncio.sleep(pause)
            continue
        hands.say(on.Reported(leg=id, report=report))
        return


async def join(hands: Hands, verb: Join) -> on.JoinFailed | None:
    """Connect the two; None when they are. A leg that is gone is looked up, so that its end is known."""
    attempt, _ = hands.view()
    give_up = time.monotonic() + JOIN_PATIENCE
    problem = "the legs could not be connected"
    for pause in _pauses():
        leg = hands.leg(verb.customer)
        if leg is None or not hands.leased():
            return on.JoinFailed(detail="the customer's leg ended before the join")
        try:
            await hands.carrier(leg).join(attempt.business, verb.agent, verb.customer)
            return None
        except LegGone as error:
            await _each(hands, (verb.agent, verb.customer), look_up)
            return on.JoinFailed(detail=str(error))
        except CarrierError as error:
            problem = str(error)
        if time.monotonic() > give_up:
            break
        await asyncio.sleep(pause)
    return on.JoinFailed(detail=problem)


async def _each(hands: Hands, legs: tuple[LegId, ...], verb: Callable[..., Awaitable[None]]) -> None:
    await asyncio.gather(*(verb(hands, leg, tries=1) for leg in legs))


def _pauses() -> Iterator[float]:
    """Yield back-off pauses for ever: 0.1 s, doubling to 5 s."""
    pause = 0.1
    while True:
        yield pause
        pause = min(5.0, pause * 2)


def _order(attempt: Attempt, direction: PerformCallback, leg: Leg) -> LegOrder:
    agent = leg.party is Party.AGENT
    return LegOrder(
        business=attempt.business,
        callback=attempt.callback,
        leg=leg.id,
        party=leg.party,
        address=attempt.agent.address if agent else direction.customer.address,
        peer_name=direction.customer_name if agent else attempt.agent.name,
        peer_detail=direction.queue_name,
        about=direction.topic,
        agent=attempt.agent.id,
        caller_id=None if agent else attempt.handling.caller_id,
    )
