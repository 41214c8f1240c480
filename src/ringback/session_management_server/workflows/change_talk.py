"""The agent changes a talk from the desk: hold, mute, the recording's pause; or hands the customer over to somebody else."""

from __future__ import annotations

from ringback.domain.commands import ChangeTalk, HandCustomerOver
from ringback.domain.ids import BusinessId
from ringback.postgres.database import Transaction
from ringback.session_management_server.rules.happenings import Agent, TalkChanged, TransferAsked
from ringback.session_management_server.workflows.record_happenings import tell


async def change_talk(tx: Transaction, business: BusinessId, change: ChangeTalk) -> None:
    """Note what the agent wants; where nobody talks it changes nothing."""
    await tell(tx, business, change.attempt, TalkChanged(what=change.what, on=change.on))


async def hand_customer_over(tx: Transaction, business: BusinessId, order: HandCustomerOver) -> None:
    """Ring the next agent while the customer waits on the line."""
    agent = Agent(id=order.agent, name=order.agent_name, address=order.agent_address, carrier=order.agent_carrier)
    await tell(tx, business, order.attempt, TransferAsked(agent=agent))
