"""Reads policies, hours and shifts for desk and console: the WorkplaceReader of domain/workplaces.py."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime, timedelta

from ringback.domain.commands import Estimate
from ringback.domain.times import TimeWindow
from ringback.domain.workplaces import DispositionChoice, Document, OpeningNow, Workplace
from ringback.interaction_manager.rules.hours import hours_of
from ringback.interaction_manager.rules.levers import Levers
from ringback.interaction_manager.rules.policy import policy_of
from ringback.interaction_manager.rules.risk import probability_kept
from ringback.interaction_manager.rules.shifts import shifts_of
from ringback.interaction_manager.rules.wall_clock import merged

_LONGEST_SHIFT = timedelta(hours=24)


class Workplaces:
    """The rules of this server, in the words of the domain."""

    def workplace(self, business_policy: Document, queue_policy: Document) -> Workplace:
        """Return a queue's settings, its business's filled in."""
        policy = policy_of(business_policy, queue_policy)
        return Workplace(
            pause_reasons=policy.pause_reasons,
            decline_reasons=policy.decline_reasons,
            dispositions=tuple(
                DispositionChoice(code=each.code, label=each.label, effect=each.effect.value, after=each.after)
                for each in policy.dispositions
            ),
            agent_ring=policy.agent_ring,
            customer_ring=policy.customer_ring,
            score_target=policy.score_target,
            notice_below=policy.notice_below,
        )

    def opening(self, hours: Document, now: datetime, shut: TimeWindow | None = None) -> OpeningNow:
        """Return whether the hours are open now."""
        read = Levers(shut=shut).hours(hours_of(hours))
        open_now = read.is_open(now)
        return OpeningNow(
            open_now=open_now,
            until=read.closing(now) if open_now else None,
            next_opening=None if open_now else read.next_opening(now),
            zone=read.zone.key,
        )

    def closed(self, hours: Document, window: TimeWindow, shut: TimeWindow | None = None) -> bool:
        """Tell whether the hours are closed all through the window."""
        return not Levers(shut=shut).hours(hours_of(hours)).open_spans(window.start, window.end)

    def shift_ends(self, shifts: Document, hours: Sequence[Document], zone: str, now: datetime) -> datetime | None:
        """Return when the agent's present stretch of work ends; None when they are not on shift."""
        until = now + _LONGEST_SHIFT
        opening = merged([span for each in hours for span in hours_of(each).open_spans(now, until)])
        spans = shifts_of(shifts, zone=zone).spans(now, until, opening)
        end = next((span.end for span in spans if span.start <= now < span.end), None)
        return None if end is None or end >= until else end

    def chance(self, window: TimeWindow, estimate: Estimate, agent_ring: float) -> float:
        """Return the probability that the customer's device rings before the window ends."""
        return probability_kept(window, estimate, agent_ring=agent_ring)
