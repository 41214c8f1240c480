"""An attempt with its legs, as committed: what every rule looks at."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import datetime
from types import MappingProxyType

from ringback.domain.commands import RingTimes
from ringback.domain.handling import CallHandling
from ringback.domain.ids import AttemptId, BusinessId, CallbackId, LegId
from ringback.domain.status import DialOrder, Party
from ringback.session_management_server.rules.attempt_states import AttemptState
from ringback.session_management_server.rules.happenings import Agent
from ringback.session_management_server.rules.legs import Leg
from ringback.session_management_server.rules.outcomes import Ending


@dataclass(frozen=True, slots=True, kw_only=True)
class Attempt:
    """An attempt as committed, with its legs in the order they were made."""

    business: BusinessId
    id: AttemptId
    callback: CallbackId
    number: int
    state: AttemptState
    agent: Agent
    customer_carrier: str
    ring: RingTimes
    epoch: int
    due_version: int
    not_before: datetime
    order: DialOrder = DialOrder.AGENT_FIRST
    agent_named: bool = True  # on-deck: `agent` is only whom it is aimed at, until one is named
    legs: tuple[Leg, ...] = ()
    withdraw_reason: str | None = None
    found: str | None = None
    joined_at: datetime | None = None  # the first time
    handling: CallHandling = field(default_factory=CallHandling)
    wishes: Mapping[str, bool] = field(
        default_factory=lambda: MappingProxyType({})
    )  # for the talk: hold, mute, recording
    transferred_at: datetime | None = None  # since then the customer waits for another agent
    ending: Ending | None = None

    def leg(self, id: LegId) -> Leg | None:
        """Return one of its legs."""
        return next((leg for leg in self.legs if leg.id == id), None)

    @property
    def agent_leg(self) -> Leg | None:
        """The latest leg of an agent."""
        return next((leg for leg in reversed(self.legs) if leg.party is Party.AGENT), None)

    @property
    def customer_leg(self) -> Leg | None:
        """The customer's leg, once there is one."""
        return next((leg for leg in self.legs if leg.party is Party.CUSTOMER), None)

    @property
    def customer_waits_since(self) -> datetime | None:
        """When the customer, who is on the line, answered, while no agent has accepted; None where nobody waits."""
        customer, agent = self.customer_leg, self.agent_leg
        if customer is None or not customer.answered or customer.release_why is not None:
            return None
        if agent is not None and agent.answered and agent.release_why is None:
            return None
        return self.transferred_at or customer.answered_at

    @property
    def live_legs(self) -> tuple[Leg, ...]:
        """Those that are not over."""
        return tuple(leg for leg in self.legs if leg.live)

    @property
    def over(self) -> bool:
        """It has ended."""
        return self.state is AttemptState.ENDED
