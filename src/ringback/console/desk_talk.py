"""The desk's buttons for agents with a telephone: hold, mute, the recording's pause, hang up, and handing the customer over."""

from __future__ import annotations

from typing import Any, Literal
from uuid import UUID

import msgspec
from litestar import get, post
from litestar.di import NamedDependency
from litestar.params import FromPath

from ringback.console.asking import Asking
from ringback.console.parts import Parts
from ringback.console.statements import DESK
from ringback.console.wire import Accepted, TransferTarget
from ringback.domain.commands import ChangeTalk, HangUpLeg, TransferCustomer
from ringback.domain.errors import Invalid, NotFound
from ringback.domain.ids import AgentId, AttemptId, CallbackId, LegId, QueueId
from ringback.domain.status import Server
from ringback.identity.guards import needs
from ringback.identity.principal import Principal
from ringback.identity.rules.rights import Right

ONLY_AGENTS = needs(Right.DESK)


class TalkBody(msgspec.Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """What the agent wants of the talk."""

    what: Literal["hold", "mute", "recording"]
    on: bool


class TransferBody(msgspec.Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """To whom: exactly one of the two."""

    agent: UUID | None = None
    queue: UUID | None = None

    def target(self) -> dict[str, Any]:
        """Return `to_agent` and `to_queue` of the command; raise Invalid for none or both."""
        if (self.agent is None) == (self.queue is None):
            raise Invalid("Name an agent or a queue.", field="agent")
        return {
            "to_agent": AgentId(self.agent) if self.agent is not None else None,
            "to_queue": QueueId(self.queue) if self.queue is not None else None,
        }


@post("/attempts/{id:uuid}/talk", opt=ONLY_AGENTS, status_code=200)
async def change_talk(id: FromPath[UUID], data: TalkBody, asking: NamedDependency[Asking]) -> Accepted:
    """Put the customer on hold, mute oneself, pause the recording; or take it back."""
    agent = asking.agent
    callback, _ = await _own_leg(asking, id)
    await asking.send(
        Server.SESSIONS,
        callback,
        lambda _: ChangeTalk(callback=callback, attempt=AttemptId(id), agent=agent, what=data.what, on=data.on),
        action="talk.changed",
        detail={"what": data.what, "on": data.on},
        answers=False,
    )
    return Accepted()


@post("/attempts/{id:uuid}/hang-up", opt=ONLY_AGENTS, status_code=200)
async def hang_up(id: FromPath[UUID], asking: NamedDependency[Asking]) -> Accepted:
    """End the agent's own leg: the call is over, or is not made."""
    callback, leg = await _own_leg(asking, id)
    await asking.send(
        Server.SESSIONS,
        callback,
        lambda _: HangUpLeg(callback=callback, attempt=AttemptId(id), leg=leg),
        action="leg.hung-up",
        detail={"leg": str(leg)},
        answers=False,
    )
    return Accepted()


@post("/attempts/{id:uuid}/transfer", opt=ONLY_AGENTS, status_code=200)
async def transfer(id: FromPath[UUID], data: TransferBody, asking: NamedDependency[Asking]) -> Accepted:
    """Hand the customer to another agent, or to whoever is free in a queue. With nobody free it is refused, and the talk goes on."""
    to = data.target()
    agent = asking.agent
    callback, _ = await _own_leg(asking, id)
    await asking.send(
        Server.INTERACTIONS,
        callback,
        lambda command: TransferCustomer(command=command, callback=callback, attempt=AttemptId(id), agent=agent, **to),
        action="customer.transferred",
        detail={name: str(value) for name, value in to.items() if value is not None},
    )
    return Accepted()


@get("/transfer-targets", opt=ONLY_AGENTS)
async def transfer_targets(
    parts: NamedDependency[Parts], principal: NamedDependency[Principal]
) -> list[TransferTarget]:
    """List to whom a customer can be handed."""
    async with parts.read.transaction(principal.business, name="transfer_targets") as tx:
        rows = await tx.rows(DESK["transfer_targets"], business=principal.business, agent=principal.own_agent())
    return [TransferTarget(kind=row["kind"], id=row["id"], name=row["name"], free=row["free"]) for row in rows]


async def _own_leg(asking: Asking, attempt: UUID) -> tuple[CallbackId, LegId]:
    """Return the agent's live leg and its callback; raise NotFound for any other call."""
    async with asking.parts.read.transaction(asking.business, name="own_leg") as tx:
        row = await tx.row(DESK["own_leg"], business=asking.business, attempt=attempt, agent=asking.agent)
    if row is None:
        raise NotFound("There is no such call of yours.")
    return CallbackId(row["callback"]), LegId(row["id"])


TALK_ROUTES = [change_talk, hang_up, transfer, transfer_targets]
