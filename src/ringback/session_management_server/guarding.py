"""The guards just before the fence, in its transaction: what they refuse is not dialled, and what they let through is counted."""

from __future__ import annotations

from zoneinfo import ZoneInfo

from ringback.domain.destinations import DestinationKind
from ringback.domain.guards.hours import judge_hours
from ringback.domain.guards.limits import Counted, judge_counts, price_per_minute
from ringback.domain.guards.numbers import NumberRules, block_of, is_e164, judge_number
from ringback.domain.guards.policy import RingRules
from ringback.domain.guards.verdict import GuardCause, GuardRefusal
from ringback.domain.ids import BusinessId
from ringback.domain.status import Party
from ringback.postgres.database import Transaction
from ringback.postgres.sql import load_sql
from ringback.session_management_server.queries import Driven
from ringback.session_management_server.rules.legs import Leg

SQL = load_sql(__file__, "guarding.sql")


class RingRefused(Exception):
    """A guard refuses the ring. Nothing of it was committed."""

    def __init__(self, refusal: GuardRefusal) -> None:
        super().__init__(refusal.cause.value)
        self.refusal = refusal


async def guard_ring(tx: Transaction, driven: Driven, leg: Leg) -> None:
    """Let one telephone ring and count it; raise RingRefused. Holds the business's day, then the target, until the commit."""
    rules = driven.direction.guards
    if rules is None:
        return
    if leg.party is Party.AGENT:
        number = driven.attempt.agent.address
        if not is_e164(number):
            return  # a desk telephone, or a page
        refused = judge_number(number, NumberRules())
    else:
        if driven.direction.customer.kind is not DestinationKind.PHONE:
            return
        number = driven.direction.customer.address
        refused = judge_number(number, rules.numbers) or judge_hours(tx.now, rules.calling)
    business = driven.attempt.business
    if refused is None:
        refused = await _count(tx, business, leg, number, rules)
    if refused is not None:
        raise RingRefused(refused)


async def _count(tx: Transaction, business: BusinessId, leg: Leg, number: str, rules: RingRules) -> GuardRefusal | None:
    per_minute = price_per_minute(number, rules.prices)
    estimate = per_minute * rules.estimated_minutes
    day = tx.now.astimezone(ZoneInfo(rules.day_zone)).date()
    block, limits = block_of(number), rules.limits
    spent = await tx.value(SQL["hold_spending"], business=business, day=day, estimate=estimate)
    counted = Counted(spent=spent)
    if leg.party is Party.CUSTOMER:
        if await tx.value(SQL["listed"], business=business, number=number):
            return GuardRefusal(cause=GuardCause.DO_NOT_CALL, words="This number is on the do-not-call list.")
        await tx.value(SQL["hold_target"], number=number)
        row = await tx.row(
            SQL["counted"],
            business=business,
            number=number,
            block=block,
            now=tx.now,
            number_most=limits.per_number_day or 0,
            target_most=limits.per_target_day or 0,
            prefix_most=limits.per_prefix_hour or 0,
            business_most=limits.per_business_hour or 0,
        )
        assert row is not None, "a row of counts"
        counted = Counted(spent=spent, **dict(row))
    refused = judge_counts(counted, limits, estimate=estimate)
    if refused is not None:
        return refused
    await tx.run(
        SQL["note_ring"],
        business=business,
        leg=leg.id,
        party=leg.party.value,
        number=number,
        block=block,
        now=tx.now,
        day=day,
        per_minute=per_minute,
        estimate=estimate,
    )
    if leg.party is Party.CUSTOMER:
        await tx.run(SQL["note_target"], number=number, now=tx.now)
    return None


async def purge_rings(tx: Transaction, business: BusinessId) -> None:
    """Forget what no limit looks at any more."""
    await tx.run(SQL["purge_rings"], business=business, now=tx.now)
    await tx.run(SQL["purge_targets"], now=tx.now)
