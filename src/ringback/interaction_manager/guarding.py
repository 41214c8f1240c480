"""The guards as the interaction manager asks them: when a telephone is asked for, and what travels with the direction to ring it."""

from __future__ import annotations

from datetime import datetime
from zoneinfo import ZoneInfo

from ringback.domain.destinations import Destination, DestinationKind
from ringback.domain.guards.hours import CallingTimes, judge_hours, possible_places
from ringback.domain.guards.limits import Counted, judge_counts, price_per_minute
from ringback.domain.guards.numbers import block_of, judge_number
from ringback.domain.guards.policy import RingRules
from ringback.domain.guards.verdict import GuardCause, GuardRefusal
from ringback.domain.ids import BusinessId
from ringback.domain.offers import Reason, Refusal
from ringback.interaction_manager.rules.policy import Policy
from ringback.postgres.database import Transaction
from ringback.postgres.sql import load_sql

SQL = load_sql(__file__, "guarding.sql")
LISTED = GuardRefusal(
    cause=GuardCause.DO_NOT_CALL,
    words="This number is on the list of those that are not called.",
    next="Use another one, or this browser.",
)

NOT_PROVED = Refusal(
    id=GuardCause.NOT_PROVED.value,
    reason=Reason(verdict="This number is not proved to be yours."),
    next="Use another number, or this browser.",
)


def person_zones(destination: Destination, zone: str, policy: Policy, now: datetime) -> tuple[ZoneInfo, ...]:
    """Return every zone a person may be in: the one they said, and those their telephone number may lie in."""
    said = ZoneInfo(zone)
    if destination.kind is not DestinationKind.PHONE:
        return (said,)
    most = policy.calling_hours.zones_before_asking
    return (said, *possible_places(destination.address, now, most=most).zones)


def must_ask(destination: Destination, policy: Policy, now: datetime) -> bool:
    """Tell whether the number may lie in so many zones, or in none that is known, that the customer has to say when."""
    if destination.kind is not DestinationKind.PHONE:
        return False
    return possible_places(destination.address, now, most=policy.calling_hours.zones_before_asking).asked


def calling_times(
    destination: Destination, zone: str, policy: Policy, now: datetime, *, we_chose: bool
) -> CallingTimes | None:
    """Return the hours that bind a call; None where the customer named the time."""
    if not we_chose:
        return None
    calling = policy.calling_hours
    zones = person_zones(destination, zone, policy, now)
    return CallingTimes(start=calling.start, end=calling.end, zones=tuple(dict.fromkeys(each.key for each in zones)))


def ring_rules(
    destination: Destination, zone: str, policy: Policy, now: datetime, *, business_zone: str, we_chose: bool
) -> RingRules | None:
    """Return what is looked at again just before the fence; None for a browser."""
    if destination.kind is not DestinationKind.PHONE:
        return None
    guards = policy.guards
    return RingRules(
        numbers=guards.numbers,
        limits=guards.limits,
        prices=dict(guards.prices),
        estimated_minutes=guards.estimated_minutes,
        day_zone=business_zone,
        calling=calling_times(destination, zone, policy, now, we_chose=we_chose),
    )


async def judge_telephone(
    tx: Transaction,
    business: BusinessId,
    number: str,
    policy: Policy,
    *,
    zone: str,
    business_zone: str,
    at: datetime,
    named_time: bool,
) -> Refusal | None:
    """Refuse a telephone number that would not be rung, while somebody can still choose another."""
    refused = judge_number(number, policy.guards.numbers)
    if refused is None and await tx.value(SQL["listed"], business=business, number=number):
        refused = LISTED
    if refused is None and not named_time:
        destination = Destination(kind=DestinationKind.PHONE, address=number)
        refused = judge_hours(at, calling_times(destination, zone, policy, tx.now, we_chose=True))
    if refused is None:
        refused = await _judge_counts(tx, business, number, policy, business_zone)
    if refused is None:
        return None
    return Refusal(id=refused.cause.value, reason=Reason(verdict=refused.words), next=refused.next)


async def _judge_counts(
    tx: Transaction, business: BusinessId, number: str, policy: Policy, business_zone: str
) -> GuardRefusal | None:
    limits, guards = policy.guards.limits, policy.guards
    row = await tx.row(
        SQL["counted"],
        business=business,
        number=number,
        block=block_of(number),
        now=tx.now,
        day=tx.now.astimezone(ZoneInfo(business_zone)).date(),
        number_most=limits.per_number_day or 0,
        target_most=limits.per_target_day or 0,
        prefix_most=limits.per_prefix_hour or 0,
        business_most=limits.per_business_hour or 0,
    )
    assert row is not None, "a row of counts"
    estimate = price_per_minute(number, guards.prices) * guards.estimated_minutes
    return judge_counts(Counted(**dict(row)), limits, estimate=estimate)


async def list_number(tx: Transaction, business: BusinessId, number: str, *, by: str) -> None:
    """Put a number on the do-not-call list: an agent was told not to call again."""
    await tx.run(SQL["list_number"], business=business, number=number, by=by, now=tx.now)
