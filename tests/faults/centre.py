"""The contact centre that the crash matrix works on: its policy has short times, its agents and customers are simulated telephones."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import UTC, datetime
from typing import Any

from tests.journeys.businesses import ALWAYS

SLUG = "acme"
RETRY_DELAY = 1.0  # seconds: the least time between two calls of one customer
AGENTS = {  # how their telephones behave
    "ada": "answers:0.2",
    "ben": "answers:0.4",
    "cleo": "answers:0.1+duplicates",
    "dan": "answers:0.3+reorders",
    "hal": "answers:0.2",
    "ivy": "answers:0.3",
    "jo": "answers:0.2",
    "eve": "declines:0.3",
    "finn": "no_answer",
    "gil": "answers:0.2",
}
WAITED_FOR = "gil"  # the only one in Support
POLICY: dict[str, Any] = {
    # Its customers are neighbours, and there are thousands.
    "guards": dict.fromkeys(("per_number_day", "per_target_day", "per_prefix_hour", "per_business_hour")),  # no limits
    "agent_ring": 2,
    "customer_ring": 3,
    "wrap_up": 1,
    "customer_attempts": 3,
    "retry": {
        outcome: [RETRY_DELAY]
        for outcome in (
            "busy",
            "no_answer",
            "machine",
            "unreachable",
            "carrier_failure",
            "agent_unavailable",
            "dropped",
        )
    },
    "retry_width": 30,
    "reconnect_within": 30,
    "question_timeout": 2,
    "instant_width": 20,
    "promise_minimum_width": 20,
    "promise_rounding": 10,
    "hold_before": 2,
    "reminder": 2,
    "reminder_if_ahead": 3,
    "notice_before_end": 8,
    "slot_length": 60,
    "days_ahead": 1,
    "callbacks_share": 1.0,
    "refuse_above": 1.0,
    "shrinkage": 0.0,
    "prior_handling": 4,
    "calling_hours": {"start": "00:00", "end": "23:59:59"},
}


def document(*, carrier: str, addresses: Mapping[str, str]) -> dict[str, Any]:
    """Return the business: queues that are always open, agents whom the carrier rings at these addresses."""
    zone, _ = _where()
    return {
        "business": {"slug": SLUG, "name": "Acme Energy", "zone": zone, "policy": POLICY},
        "queues": [
            {"slug": "billing", "name": "Billing", "default": True, "hours": {"week": ALWAYS}},
            {"slug": "support", "name": "Support", "hours": {"week": ALWAYS}},
        ],
        "agents": [
            {
                "slug": name,
                "name": name.capitalize(),
                "queues": ["support" if name == WAITED_FOR else "billing"],
                "skills": {"lang:en": 5},
                "carrier": carrier,
                "address": addresses[name],
            }
            for name in AGENTS
        ],
        "channels": [],
        "users": [],
    }


def agent_address(name: str) -> str:
    """Return where an agent is rung."""
    return f"agent-{name}"


def customer_number(n: int) -> str:
    """Return the number of the n-th customer, which no other one has."""
    _, prefix = _where()
    return f"{prefix}{n:06d}"


def _where() -> tuple[str, str]:
    """Choose a country where it is not about midnight: at the end of a day, calling ends for a moment."""
    return ("Europe/London", "+447400") if 2 <= datetime.now(UTC).hour < 21 else ("Asia/Singapore", "+6582")
