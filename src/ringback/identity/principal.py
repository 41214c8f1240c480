"""Who is asking: a person who logged in, or an API key. Every check of a right goes through here."""

from __future__ import annotations

from dataclasses import dataclass
from uuid import UUID

from ringback.domain.errors import NotAllowed, NotFound
from ringback.domain.ids import AgentId, BusinessId, QueueId
from ringback.identity.rules.rights import Right, Role


@dataclass(frozen=True, slots=True, kw_only=True)
class Principal:
    """A recognised caller. `queues` limits a supervisor to these; None: all of the business."""

    business: BusinessId
    id: UUID
    name: str  # user:<id> or key:<id>: what is written beside everything they do
    display_name: str
    rights: frozenset[Right]
    roles: frozenset[Role] = frozenset()
    agent: AgentId | None = None
    queues: frozenset[QueueId] | None = None

    def may(self, right: Right) -> bool:
        """Tell whether the principal has the right."""
        return right in self.rights

    def need(self, right: Right) -> None:
        """Raise NotAllowed unless the principal has the right."""
        if right not in self.rights:
            raise NotAllowed(f"This needs the right {right.value}.")

    def may_see(self, queue: UUID) -> bool:
        """Tell whether the queue is among those the principal works with."""
        return self.queues is None or queue in self.queues

    def need_queue(self, queue: UUID) -> None:
        """Raise NotFound for a queue outside the principal's: others' things do not exist."""
        if not self.may_see(queue):
            raise NotFound("There is no such thing.")

    def own_agent(self) -> AgentId:
        """Return the agent this principal is; raise NotAllowed when they are none."""
        if self.agent is None:
            raise NotAllowed("This log-in is not an agent's.", id="not-an-agent")
        return self.agent
