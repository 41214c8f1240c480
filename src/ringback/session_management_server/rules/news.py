"""What the other servers are told of an attempt, in the order a call goes, whatever order its evidence came in."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import datetime
from types import MappingProxyType
from typing import TypeAlias

from ringback.domain import events
from ringback.domain.status import Party, Server
from ringback.session_management_server.rules.attempt_states import AttemptState
from ringback.session_management_server.rules.legs import Leg, ReleaseWhy
from ringback.session_management_server.rules.snapshot import Attempt

Message: TypeAlias = (
    events.AgentNeeded
    | events.AgentRings
    | events.AgentAccepted
    | events.AgentFreed
    | events.CustomerDialled
    | events.CustomerRings
    | events.CustomerAnswered
    | events.Joined
    | events.AttemptEnded
)

_INTERACTIONS = (Server.INTERACTIONS,)
_BOTH = (Server.INTERACTIONS, Server.APPLICATION)
RECIPIENTS: Mapping[type, tuple[Server, ...]] = MappingProxyType(
    {
        events.AgentNeeded: _INTERACTIONS,
        events.AgentRings: _BOTH,
        events.AgentAccepted: _INTERACTIONS,
        events.AgentFreed: _INTERACTIONS,
        events.CustomerDialled: _BOTH,
        events.CustomerRings: _BOTH,
        events.CustomerAnswered: _INTERACTIONS,
        events.Joined: _BOTH,
        events.AttemptEnded: _BOTH,
    }
)


def news(before: Attempt, after: Attempt, now: datetime) -> list[Message]:
    """Say what legs have newly done."""
    said: list[Message] = []
    for leg in after.legs:
        old = before.leg(leg.id)
        if old is not None and leg != old:
            said += _of_agent(old, leg, after, now) if leg.party is Party.AGENT else _of_customer(old, leg, after, now)
    if before.joined_at is None and after.joined_at is not None:
        said.append(
            events.Joined(
                callback=after.callback,
                attempt=after.id,
                agent=after.agent.id,
                agent_name=after.agent.name,
                at=after.joined_at,
            )
        )
    return said


# The attempt goes on without this agent: a machine hears a message, or the customer goes to somebody else.
_FREED = frozenset({ReleaseWhy.FOUND, ReleaseWhy.TRANSFERRED})
_WITHOUT_AGENT = frozenset(set(AttemptState) - {AttemptState.ENDED, AttemptState.WITHDRAWING})


def _of_agent(old: Leg, leg: Leg, attempt: Attempt, now: datetime) -> list[Message]:
    if old.live and not leg.live and leg.release_why in _FREED and attempt.state in _WITHOUT_AGENT and leg.agent:
        why = "transferred" if leg.release_why is ReleaseWhy.TRANSFERRED else "message"
        return [
            events.AgentFreed(
                callback=attempt.callback, attempt=attempt.id, agent=leg.agent, at=leg.ended_at or now, why=why
            )
        ]
    if old.ringing_at is not None or leg.ringing_at is None or attempt.state is not AttemptState.RINGING_AGENT:
        return []
    return [
        events.AgentRings(
            callback=attempt.callback,
            attempt=attempt.id,
            agent=attempt.agent.id,
            agent_name=attempt.agent.name,
            leg=leg.id,
            at=leg.ringing_at,
        )
    ]


def _of_customer(old: Leg, leg: Leg, attempt: Attempt, now: datetime) -> list[Message]:
    said: list[Message] = []
    callback, id = attempt.callback, attempt.id
    if not old.fenced and leg.fenced:
        name, at = attempt.agent.name, leg.dialled_at or now
        said.append(events.CustomerDialled(callback=callback, attempt=id, leg=leg.id, agent_name=name, at=at))
    if old.ringing_at is None and leg.ringing_at is not None:
        said.append(events.CustomerRings(callback=callback, attempt=id, leg=leg.id, at=leg.ringing_at))
    if old.answered_at is None and leg.answered_at is not None:
        said.append(events.CustomerAnswered(callback=callback, attempt=id, leg=leg.id, at=leg.answered_at))
    return said


def attempt_ended(attempt: Attempt, now: datetime) -> events.AttemptEnded:
    """Say that an attempt is over, with the instants that the ledger needs."""
    ending, customer = attempt.ending, attempt.customer_leg
    assert ending is not None, "an ended attempt has its ending"
    return events.AttemptEnded(
        callback=attempt.callback,
        attempt=attempt.id,
        number=attempt.number,
        outcome=ending.outcome,
        at=max((leg.ended_at for leg in attempt.legs if leg.ended_at is not None), default=now),
        agent=attempt.agent.id,
        ended_by=ending.ended_by,
        may_have_rung=ending.may_have_rung,
        rang_at=customer.ringing_at if customer else None,
        answered_at=customer.answered_at if customer else None,
        joined_at=attempt.joined_at,
        detail=ending.detail,
    )
