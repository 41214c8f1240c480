"""Guards just before the fence: what they refuse rings nobody and ends with its own cause; what they let through is counted, and its cost mended."""

from __future__ import annotations

import asyncio
from datetime import UTC, datetime, time
from typing import Any

from ringback.domain.destinations import Destination, DestinationKind
from ringback.domain.guards.hours import CallingTimes
from ringback.domain.guards.limits import Limits
from ringback.domain.guards.policy import RingRules
from ringback.domain.ids import BusinessId
from ringback.domain.status import Outcome
from tests.support.sessions import NUMBER, Sessions
from tests.support.simulated_carrier import CarrierProcess

PRICES = {"": 1.0}


async def ended_with(sessions: Sessions, business: BusinessId, **rules: Any) -> tuple[Outcome, str | None, bool]:
    given = RingRules(**{"prices": PRICES, "estimated_minutes": 5.0, **rules})
    directed = await sessions.direct(business, guards=given, customer=Destination(kind=DestinationKind.PHONE, address=NUMBER))  # fmt: skip
    ended = await sessions.ended(directed)
    return ended.outcome, ended.detail, ended.may_have_rung


async def customers_rung(carrier: CarrierProcess) -> int:
    return len(carrier.lines("rang", party="customer"))


async def test_a_number_on_the_list_is_not_rung_and_the_attempt_says_why(
    sessions: Sessions, business: BusinessId, carrier: CarrierProcess
):
    sessions.start()
    async with sessions.databases.administrator() as connection:
        await connection.execute(
            "INSERT INTO do_not_call (business, number, source, added_by, added_at) VALUES ($1, $2, 'added', 'test', now())",
            business,
            NUMBER,
        )
    assert await ended_with(sessions, business) == (Outcome.NOT_PERMITTED, "do-not-call", False)
    assert await customers_rung(carrier) == 0


async def test_outside_the_hours_of_any_zone_nobody_is_rung(
    sessions: Sessions, business: BusinessId, carrier: CarrierProcess
):
    sessions.start()
    start, end = (time(15), time(16)) if datetime.now(UTC).hour < 12 else (time(3), time(4))
    calling = CallingTimes(start=start, end=end, zones=("UTC", "Europe/London"))
    assert await ended_with(sessions, business, calling=calling) == (
        Outcome.NOT_PERMITTED,
        "outside-calling-hours",
        False,
    )
    assert await customers_rung(carrier) == 0


async def test_limits_and_money_are_counted_in_the_fence_and_mended_after(
    sessions: Sessions, business: BusinessId, carrier: CarrierProcess
):
    sessions.start()
    assert (await ended_with(sessions, business))[0] is Outcome.TALKED
    async with sessions.databases.administrator() as connection:
        spent = await connection.fetchrow("SELECT rings, cost FROM phone_spending WHERE business = $1", business)
        rung = await connection.fetchrow("SELECT * FROM phone_ring WHERE business = $1", business)
    assert tuple(spent) == (1, 1.0)  # five minutes were counted, one was talked
    assert rung["settled_at"] is not None and NUMBER.encode() not in bytes(rung["target"])
    refused = [
        await ended_with(sessions, business, limits=Limits(per_number_day=1)),
        await ended_with(sessions, business, limits=Limits(per_target_day=1)),
        await ended_with(sessions, business, limits=Limits(daily_spending=5.5)),
    ]
    assert [detail for _, detail, _ in refused] == [
        "number-called-too-often",
        "number-called-by-others",
        "spending-limit",
    ]
    assert await customers_rung(carrier) == 1
    async with sessions.databases.administrator() as connection:
        spent = await connection.fetchrow("SELECT rings, cost FROM phone_spending WHERE business = $1", business)
    assert tuple(spent) == (1, 1.0)  # what was refused was taken back with its transaction


async def test_of_many_at_once_no_more_ring_than_the_money_lasts_for(
    sessions: Sessions, business: BusinessId, carrier: CarrierProcess
):
    sessions.start()
    limits = Limits(daily_spending=11.0, per_number_day=None)
    results = await asyncio.gather(*(ended_with(sessions, business, limits=limits) for _ in range(5)))
    rung = await customers_rung(carrier)
    assert 2 <= rung < 5  # two estimates of five fit at once; a talk that ended gives the rest of its own back
    assert sum(outcome is Outcome.NOT_PERMITTED for outcome, _, _ in results) == 5 - rung
