"""Apply what happened to an attempt: load and hold it, decide, save, say."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime
from uuid import UUID

import structlog

from ringback.domain.ids import AttemptId, BusinessId, LegId, new_id
from ringback.postgres import gate
from ringback.postgres.database import Database, Transaction
from ringback.session_management_server import queries
from ringback.session_management_server.carriers.protocol import LegEventKind, Whereabouts
from ringback.session_management_server.queries import Driven
from ringback.session_management_server.rules import happenings as on
from ringback.session_management_server.rules.attempt import Step, advance
from ringback.session_management_server.rules.attempt_states import AttemptState
from ringback.session_management_server.rules.news import Message
from ringback.session_management_server.rules.snapshot import Attempt

log = structlog.get_logger(__name__)


class LeaseLost(Exception):
    """Another process drives this attempt."""


async def tell(tx: Transaction, business: BusinessId, attempt: AttemptId, happening: on.Happening) -> Attempt | None:
    """Apply what another server said, whoever drives the attempt; its controller is woken. None: there is no such attempt."""
    found = await queries.find_attempt(tx, business, attempt, lock=True)
    if found is None:
        log.warning("no_such_attempt", attempt=str(attempt), happening=type(happening).__name__)
        return None
    step = advance(found.attempt, happening, now=tx.now, leg_id=LegId(new_id()))
    await queries.save(tx, found.attempt, step)
    tx.hint("attempt", attempt)
    return step.attempt


async def record(
    database: Database, attempt: Attempt, batch: Sequence[on.Happening], *, controller: UUID, joined: bool
) -> Driven:
    """Apply what this attempt's controller saw, in order; `joined`: it had the carrier connect the two, and that goes on record here.

    So does a join that only the carrier knows of, because the controller that made it is gone.
    A second call with the same batch changes nothing, so that a lost answer to the commit is answered by calling again. Raises LeaseLost.
    """
    found_joined = _joined_at(attempt, batch)
    joined = joined or (found_joined is not None and attempt.state is AttemptState.RINGING_CUSTOMER)
    name = "record_join" if joined else "record"
    async with database.transaction(attempt.business, name=name) as tx:
        record_join = gate.record_join if attempt.joined_at is None else gate.joined_still
        recorded = joined and await record_join(
            tx, attempt.business, attempt.callback, attempt=attempt.id, epoch=attempt.epoch
        )
        found = await queries.find_attempt(tx, attempt.business, attempt.id, lock=True)
        if found is None or (found.controller != controller and not found.attempt.over):
            raise LeaseLost(f"attempt {attempt.id} is driven by {found.controller if found else 'nobody'}")
        join: on.Happening | None = None
        if joined and found.attempt.state is not AttemptState.JOINED:
            join = on.JoinMade(at=found_joined or tx.now) if recorded else on.JoinRefused()
        step = await _apply(tx, found.attempt, batch, join)
        written = await queries.save(tx, found.attempt, step)
    return Driven(
        attempt=step.attempt,
        direction=found.direction,
        controller=found.controller,
        version=found.version + written,
        now=tx.now,
    )


async def _apply(tx: Transaction, attempt: Attempt, batch: Sequence[on.Happening], join: on.Happening | None) -> Step:
    """Apply a batch: what led to a join, then the join, then what ended legs, however their events overtook each other."""
    failed = [each for each in batch if isinstance(each, on.JoinFailed)]
    ends = [each for each in batch if _ends(each)] + failed
    ordered = [each for each in batch if each not in ends] + ([join] if join is not None else [])
    messages: list[Message] = []
    for happening in (*ordered, *ends):
        if isinstance(happening, on.Heard) and not await _is_new(tx, attempt, happening):
            continue
        step = advance(attempt, happening, now=tx.now, leg_id=LegId(new_id()))
        attempt = step.attempt
        messages += step.messages
    return Step(attempt=attempt, messages=tuple(messages))


def _joined_at(attempt: Attempt, batch: Sequence[on.Happening]) -> datetime | None:
    """Return when the customer was joined, where the carrier told so when it was asked."""
    customer = attempt.customer_leg
    if attempt.joined_at is not None:
        return None  # with the agent before: whether another one is there, the join says
    for each in batch:
        if isinstance(each, on.Reported) and customer is not None and each.leg == customer.id and each.report.joined_at:
            return each.report.joined_at
    return None


def _ends(happening: on.Happening) -> bool:
    match happening:
        case on.Heard(kind=kind):
            return kind is LegEventKind.ENDED
        case on.Reported(report=report):
            return report.whereabouts in (Whereabouts.ENDED, Whereabouts.ABSENT)
        case _:
            return False


async def _is_new(tx: Transaction, attempt: Attempt, heard: on.Heard) -> bool:
    leg = attempt.leg(heard.leg)
    if leg is None:
        return False
    return await queries.note_event(
        tx, attempt.business, carrier=leg.carrier, account=heard.account, event=heard.event, leg=leg.id
    )
