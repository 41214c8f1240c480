"""Picking up is not yet answering: an agent may have to press a key, a customer to choose, and a machine is no customer."""

from __future__ import annotations

from dataclasses import replace
from datetime import datetime, timedelta

from ringback.domain.handling import CallHandling
from ringback.domain.status import Party
from ringback.session_management_server.carriers.protocol import EndCause, LegEventKind, LegReport, Whereabouts
from ringback.session_management_server.rules import legs as leg_rules
from ringback.session_management_server.rules.leg_states import LegPhase
from ringback.session_management_server.rules.legs import Leg, ReleaseWhy

NOW, LATER, NEVER = "1", "2", "9"
CHOICES = {LATER: "later", NEVER: "never"}
SCREENED_WITHIN = 8.0  # seconds; a verdict takes about 2 s
RING_GRACE = timedelta(seconds=1.5)  # the carrier ends its own ringing; we end it when that did not happen


def asks(leg: Leg, handling: CallHandling) -> bool:
    """Tell whether more than picking up is needed of this leg."""
    return handling.asks_agent if leg.party is Party.AGENT else handling.asks_customer


def heard(
    leg: Leg,
    handling: CallHandling,
    kind: LegEventKind,
    at: datetime,
    *,
    cause: EndCause | None = None,
    detail: str | None = None,
) -> Leg:
    """Apply what the carrier said happened."""
    waits = leg.live and leg.answered_at is None and asks(leg, handling)
    match kind:
        case LegEventKind.ANSWERED if waits:
            return leg_rules.picked_up(leg, at, until=at + timedelta(seconds=_within(leg, handling)))
        case LegEventKind.KEY if waits and leg.phase is LegPhase.PICKED_UP:
            return _pressed(leg, handling, detail or "", at)
        case LegEventKind.PERSON if waits and leg.phase is LegPhase.PICKED_UP:
            person = replace(leg, screened_at=leg.screened_at or at)
            return person if handling.customer_menu is not None else leg_rules.answered(person, at)
        case LegEventKind.PLAYED if waits and leg.party is Party.AGENT and handling.accept_key is None:
            return leg_rules.answered(leg, at)
        case _:
            return leg_rules.heard(leg, kind, at, cause=cause, detail=detail)


def reported(leg: Leg, handling: CallHandling, report: LegReport, *, now: datetime, revoked: bool) -> Leg:
    """Apply what the carrier answered: it knows who picked up, and not who said yes."""
    waits = leg.live and leg.answered_at is None and asks(leg, handling) and report.joined_at is None
    if not waits or report.answered_at is None or report.machine:
        return leg_rules.reported(leg, report, now=now, revoked=revoked)
    until = max(now, report.answered_at) + timedelta(seconds=_within(leg, handling))
    leg = leg_rules.picked_up(leg, report.answered_at, until=until)
    if report.person:
        leg = heard(leg, handling, LegEventKind.PERSON, now)
    if report.whereabouts is Whereabouts.ENDED:
        return leg_rules.reported(leg, replace(report, answered_at=None), now=now, revoked=revoked)
    return leg


def due(leg: Leg) -> datetime | None:
    """Return when the leg has rung, or thought about it, for too long."""
    if leg.rings_until is None or leg.answered_at is not None or not leg.live or leg.release_why is not None:
        return None
    return leg.rings_until if leg.picked_up_at is not None else leg.rings_until + RING_GRACE


def too_long(leg: Leg, handling: CallHandling, now: datetime) -> Leg:
    """Let go who did not say yes in time; where nothing had to be said, silence is a yes."""
    until = due(leg)
    if until is None or now < until:
        return leg
    if leg.picked_up_at is None:
        return leg_rules.released(leg, ReleaseWhy.RING_TIMEOUT)
    must = handling.accept_key if leg.party is Party.AGENT else handling.customer_menu
    return leg_rules.answered(leg, until) if must is None else leg_rules.released(leg, ReleaseWhy.NOT_ACCEPTED)


def choice_of(leg: Leg) -> str | None:
    """Return what a customer chose by key instead of talking now: later, never."""
    return leg.detail if leg.party is Party.CUSTOMER and leg.release_why is ReleaseWhy.NOT_ACCEPTED else None


def _pressed(leg: Leg, handling: CallHandling, key: str, at: datetime) -> Leg:
    if leg.party is Party.AGENT:
        if handling.accept_key is None:
            return leg
        if key == handling.accept_key:
            return leg_rules.answered(leg, at)
        return leg_rules.released(replace(leg, detail="another key"), ReleaseWhy.NOT_ACCEPTED)
    if handling.customer_menu is None:
        return leg
    if key == NOW:
        return leg_rules.answered(leg, at)
    if key in CHOICES:
        return leg_rules.released(replace(leg, detail=CHOICES[key]), ReleaseWhy.NOT_ACCEPTED)
    return leg  # the menu goes on


def _within(leg: Leg, handling: CallHandling) -> float:
    if leg.party is Party.AGENT:
        return handling.accept_within
    menu = handling.customer_menu_within if handling.customer_menu is not None else 0.0
    return menu + (SCREENED_WITHIN if handling.machine_detection else 0.0)
