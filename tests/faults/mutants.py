"""Designs that leave a step out, as patches of a running product: the crash matrix must turn red for each, or it proves nothing."""

from __future__ import annotations

import asyncio
import contextlib
from collections.abc import Callable, Mapping
from typing import Any
from uuid import UUID

from ringback.domain.ids import BusinessId, LegId
from ringback.postgres import gate, hints
from ringback.postgres.sql import parse_sql
from ringback.session_management_server import legs_at_work
from ringback.session_management_server.carriers.asterisk.ari import AriRefused
from ringback.session_management_server.carriers.asterisk.carrier import AsteriskNode
from ringback.session_management_server.carriers.asterisk.traces import channel_of
from ringback.session_management_server.carriers.protocol import LegOrder, LegReport, Whereabouts
from ringback.session_management_server.carriers.simulated import SimulatedCarrier
from ringback.session_management_server.workflows import fence_leg as fencing

_LOOSE_FENCE = """-- name: fence
-- The permission to dial one leg, by attempt and state alone.
UPDATE gate SET state = 'dialling', token = :token, fenced_at = clock_timestamp()
WHERE business = :business AND callback = :callback AND attempt = :attempt AND state IN ('open', 'dialling')
  AND :epoch::bigint IS NOT NULL AND :due_version::int IS NOT NULL
RETURNING epoch;
"""


def no_epoch() -> None:
    """The fence asks for the attempt and the state only: what was moved meanwhile is called all the same."""
    gate.SQL["fence"] = parse_sql(_LOOSE_FENCE)["fence"]  # type: ignore[index]


def no_revoke() -> None:
    """A leg that is not wanted any more counts as gone, and its carrier is not told."""

    async def revoke(_self: SimulatedCarrier, _business: BusinessId, _leg: LegId) -> LegReport:
        return LegReport(whereabouts=Whereabouts.ABSENT)

    async def hang_up(_self: SimulatedCarrier, _business: BusinessId, _leg: LegId) -> None:
        return None

    for name, verb in (("revoke", revoke), ("hang_up", hang_up)):
        setattr(SimulatedCarrier, name, verb)


def fence_after_dial() -> None:
    """The telephone rings first, and the permission is asked for afterwards."""
    original = legs_at_work._fence

    async def fence(hands: legs_at_work.Hands, id: LegId, token: UUID) -> fencing.Fence:
        attempt, _ = hands.view()
        leg = attempt.leg(id)
        assert leg is not None, "a leg of this attempt"
        await hands.carrier(leg).dial(attempt.business, id, ring_for=3.0)
        await asyncio.sleep(0.5)  # a commit that is slow
        return await original(hands, id, token)

    legs_at_work._fence = fence


def notify_only() -> None:
    """Nothing is polled: whoever misses a hint waits for the next one."""

    async def wait(self: hints.Subscription, timeout: float) -> set[UUID]:
        await self._woken.wait()
        self._woken.clear()
        ids, self._ids = self._ids, set()
        return ids

    hints.Subscription.wait = wait  # type: ignore[method-assign]


_ORDERS: dict[LegId, LegOrder] = {}


def one_step_originate() -> None:
    """Nothing is made before the fence; the telephone is rung in one step, which a late process does as well as any."""

    async def prepare(_self: AsteriskNode, order: LegOrder) -> None:
        _ORDERS[order.leg] = order

    async def dial(self: AsteriskNode, _business: BusinessId, leg: LegId, *, ring_for: float) -> None:
        order = _ORDERS[leg]
        with contextlib.suppress(AriRefused):
            await self._ari.ask(
                "POST",
                "/channels",
                channelId=channel_of(leg),
                endpoint=self._options.dial_string(order.address),
                app=self._app,
                timeout=max(1, round(ring_for)),
                body={"variables": {**self._variables(order), "RB_DIALLED": "1"}},
            )

    for name, verb in (("prepare", prepare), ("dial", dial)):
        setattr(AsteriskNode, name, verb)


MUTANTS: Mapping[str, Callable[[], Any]] = {
    "no_epoch": no_epoch,
    "no_revoke": no_revoke,
    "fence_after_dial": fence_after_dial,
    "notify_only": notify_only,
    "one_step_originate": one_step_originate,
}


def apply(name: str) -> None:
    """Turn this process into a mutant."""
    MUTANTS[name]()
