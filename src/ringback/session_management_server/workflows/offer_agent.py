"""Ring the agent whom the interaction manager names next."""

from __future__ import annotations

from ringback.domain.commands import OfferAgent
from ringback.domain.ids import BusinessId
from ringback.postgres.database import Transaction
from ringback.session_management_server.rules.happenings import Agent, AgentOffered
from ringback.session_management_server.workflows.record_happenings import tell


async def offer_agent(tx: Transaction, business: BusinessId, offer: OfferAgent) -> None:
    """Give the attempt its next agent; one that is over or being withdrawn has told so already."""
    agent = Agent(id=offer.agent, name=offer.agent_name, address=offer.agent_address, carrier=offer.agent_carrier)
    await tell(tx, business, offer.attempt, AgentOffered(agent=agent))
