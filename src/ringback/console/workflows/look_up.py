"""Find what a request names, among what its caller may see: anything else is not found."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import timedelta
from typing import Any
from uuid import UUID

from ringback.console.parts import Parts
from ringback.console.statements import API
from ringback.domain.errors import NotFound
from ringback.domain.ids import CallbackId
from ringback.identity.principal import Principal
from ringback.identity.rules.rights import Right

_NO_CALLBACK = "There is no such callback."


def seen_by(principal: Principal) -> Sequence[UUID] | None:
    """Return the queues a caller works with; None: all."""
    return None if principal.queues is None else sorted(principal.queues)


async def find_callback(parts: Parts, principal: Principal, callback: UUID) -> CallbackId:
    """Return a callback's id; raise NotFound for others'."""
    async with parts.read.transaction(principal.business, name="find_callback") as tx:
        queue = await tx.value(API["callback_queue"], business=principal.business, id=callback)
    if queue is None or not principal.may_see(queue):
        raise NotFound(_NO_CALLBACK)
    return CallbackId(callback)


async def find_asked(parts: Parts, principal: Principal, callback: UUID) -> CallbackId:
    """Return the id of a callback, or of a request that became none; raise NotFound for others'."""
    async with parts.read.transaction(principal.business, name="find_callback") as tx:
        queue = await tx.value(API["callback_queue"], business=principal.business, id=callback)
        if queue is None:
            queue = await tx.value(API["refused_queue"], business=principal.business, id=callback)
            known = queue is not None or await tx.row(API["get_request"], business=principal.business, id=callback)
            if known and principal.queues is None:
                return CallbackId(callback)
    if queue is None or not principal.may_see(queue):
        raise NotFound(_NO_CALLBACK)
    return CallbackId(callback)


async def find_queue(parts: Parts, principal: Principal, slug: str) -> Any:
    """Return a queue's row; raise NotFound for others'."""
    async with parts.read.transaction(principal.business, name="find_queue") as tx:
        row = await tx.row(API["find_queue"], business=principal.business, slug=slug)
    if row is None or not principal.may_see(row["id"]):
        raise NotFound("There is no such queue.")
    return row


async def find_agent(parts: Parts, principal: Principal, agent: UUID) -> Any:
    """Return an agent's row; raise NotFound for one of other queues."""
    async with parts.read.transaction(principal.business, name="find_agent") as tx:
        row = await tx.row(API["find_agent"], business=principal.business, id=agent, seen=seen_by(principal))
    if row is None or not row["seen"]:
        raise NotFound("There is no such agent.")
    return row


async def find_number(parts: Parts, principal: Principal, callback: UUID) -> str:
    """Return the full number of a callback; raise NotFound where there is none for this caller.

    Who may see numbers sees those of their queues; an agent those of the callbacks they have or had today.
    """
    business = principal.business
    async with parts.read.transaction(business, name="find_number") as tx:
        row = await tx.row(API["callback_number"], business=business, id=callback)
        theirs = False
        if row is not None and principal.agent is not None:
            since = tx.now - timedelta(hours=24)
            theirs = await tx.value(
                API["is_callback_of"], business=business, callback=callback, agent=principal.agent, since=since
            )
    by_right = row is not None and principal.may(Right.NUMBERS_READ) and principal.may_see(row["queue"])
    if row is None or not (by_right or theirs):
        raise NotFound("There is no number to show.")
    return str(row["address"])
