"""One request that asks the other servers for something: who asks, under which key. The desk's and the API's acts are made of it."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import Any
from uuid import UUID

from litestar.di import NamedDependency, Provide

from ringback.console.edge import AnyRequest, Key, asked_of
from ringback.console.parts import Parts
from ringback.console.workflows.send_command import Act, Asked, Order, send_command
from ringback.domain.ids import AgentId, BusinessId, CommandId
from ringback.domain.status import Server
from ringback.identity.principal import Principal
from ringback.postgres.messages import CommandAnswer


@dataclass(frozen=True, slots=True, kw_only=True)
class Asking:
    """The request, its caller, and its Idempotency-Key."""

    parts: Parts
    principal: Principal
    request: AnyRequest
    key: str | None

    @property
    def business(self) -> BusinessId:
        """Whose request it is."""
        return self.principal.business

    @property
    def agent(self) -> AgentId:
        """The agent who asks; raise NotAllowed for anybody else."""
        return self.principal.own_agent()

    async def asked(self) -> Asked:
        """Return what the key of this request stands for."""
        return await asked_of(self.request, self.principal, self.key)

    async def send(
        self,
        to: Server,
        aggregate: UUID,
        make: Callable[[CommandId], Any],
        *,
        action: str,
        subject: str | None = None,
        reason: str | None = None,
        detail: Mapping[str, object] | None = None,
        answers: bool = True,
    ) -> CommandAnswer | None:
        """Write the act down, send the command and return its answer (send_command). `subject`: by default the aggregate as a callback."""
        return await send_command(
            self.parts,
            await self.asked(),
            Act(action=action, subject=subject or f"callback:{aggregate}", reason=reason, detail=detail),
            lambda command: Order(to=to, aggregate=aggregate, message=make(command)),
            answers=answers,
        )


async def _asking(
    request: AnyRequest, parts: NamedDependency[Parts], principal: NamedDependency[Principal], key: Key = None
) -> Asking:
    return Asking(parts=parts, principal=principal, request=request, key=key)


ASKING = {"asking": Provide(_asking)}
