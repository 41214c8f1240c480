"""How long those who wait already will wait still: the queue's estimate at each place of its line."""

from __future__ import annotations

from dataclasses import dataclass, replace
from datetime import datetime, timedelta

from ringback.domain.commands import Estimate
from ringback.domain.ids import BusinessId, CallbackId
from ringback.interaction_manager.assignment import QueueRow, head_of_line
from ringback.interaction_manager.booking import load_line, load_rates
from ringback.interaction_manager.callbacks import CallbackRow, place_of
from ringback.interaction_manager.configuration import SettingsCache, load_agents, load_settings
from ringback.interaction_manager.rules.estimate import forecast
from ringback.interaction_manager.rules.line import in_line
from ringback.interaction_manager.rules.promise import estimate_of
from ringback.interaction_manager.rules.snapshot import Snapshot, Waiting
from ringback.interaction_manager.rules.staffing import planned, qualified
from ringback.postgres.database import Transaction

LINE = 500
AHEAD = timedelta(hours=16)


@dataclass(frozen=True, slots=True, kw_only=True)
class LineForecast:
    """One queue's line at one moment: who waits, in order, and what the estimate rests on."""

    line: tuple[CallbackRow, ...]
    snapshot: Snapshot  # without those of this queue who are ready
    queue: QueueRow
    now: datetime

    def place(self, callback: CallbackId) -> int | None:
        """Return the place in the line, from 1; None for one that is not ready."""
        return next((i for i, row in enumerate(self.line, start=1) if row.id == callback), None)

    def estimate(self, callback: CallbackRow) -> Estimate | None:
        """Return when an agent will be ready for it; None when nobody is on duty for it."""
        queue = self.snapshot.queues.get(self.queue.id)
        if queue is None:
            return None
        ahead = (self.place(callback.id) or len(self.line) + 1) - 1
        before = self.line[:ahead]
        snapshot = replace(self.snapshot, waiting=tuple(w for w in self.snapshot.waiting if _counts(w, callback)))
        waiting = tuple(
            Waiting(queue=self.queue.id, ready_at=each.ready_at, named_agent=each.named_agent) for each in before
        )
        snapshot = replace(snapshot, waiting=snapshot.waiting + waiting)
        named = callback.named_agent if callback.named_agent in self.snapshot.agents else None
        wait = forecast(snapshot, queue, self.now, language=callback.language, named=named)
        return None if wait is None else estimate_of(wait, self.now)

    def estimate_when_staffed(self, callback: CallbackRow) -> Estimate:
        """Return an estimate for a queue without anybody on duty: from when somebody is planned to come, at the latest from the next opening."""
        queue = self.snapshot.queues.get(self.queue.id)
        starts = [
            span.start
            for agent in self.snapshot.serving(self.queue.id)
            if queue is not None and qualified(agent, queue, callback.language)
            for span in planned(agent, queue, self.now, self.now + AHEAD)
            if span.start > self.now
        ]
        opening = self.queue.hours.next_opening(self.now) or self.now + AHEAD
        first = min(starts, default=opening)
        handling = timedelta(seconds=self.queue.policy.prior_handling)
        return Estimate(p10=first, p50=first + handling, p90=first + 3 * handling)


def _counts(waiting: Waiting, callback: CallbackRow) -> bool:
    """Tell whether somebody counts for this callback's wait: callers of its own queue do who were there before it."""
    if not waiting.outside or waiting.queue != callback.queue:
        return True
    return (-waiting.priority, waiting.ready_at) < (-callback.priority, callback.ready_at)


async def load_forecast(tx: Transaction, business: BusinessId, queue: QueueRow, cache: SettingsCache) -> LineForecast:
    """Load a queue's line and what its estimates rest on."""
    settings = await load_settings(tx, business, cache)
    snapshot = await load_agents(tx, business, settings)
    related = snapshot.related(queue.id)
    snapshot = await load_line(tx, business, snapshot, related)
    snapshot = await load_rates(tx, business, snapshot, related, cache)
    others = tuple(
        each for each in snapshot.waiting if each.queue != queue.id or each.ready_at > tx.now or each.outside
    )
    rows = {row.id: row for row in await head_of_line(tx, business, queue, horizon=tx.now, most=LINE)}
    line = in_line(
        [place_of(row, agent_ring=queue.policy.agent_ring) for row in rows.values()],
        tx.now,
        ages_every=queue.policy.priority_ages_every,
    )
    return LineForecast(
        line=tuple(rows[place.callback] for place in line),
        snapshot=replace(snapshot, waiting=others),
        queue=queue,
        now=tx.now,
    )
