"""Test businesses: each journey has its own, with policies whose times are short."""

from __future__ import annotations

from typing import Any

WEEK = ("mon", "tue", "wed", "thu", "fri", "sat", "sun")
ALWAYS = {day: ["00:00-24:00"] for day in WEEK}
NEVER: dict[str, list[str]] = {day: [] for day in WEEK}
PASSWORD = "a password for a test"
SHORT: dict[str, Any] = {
    "agent_ring": 15,
    "customer_ring": 5,
    "wrap_up": 30,
    "retry": {"no_answer": [2, 2], "busy": [2], "customer_absent": [2, 2], "agent_unavailable": [1], "dropped": [1]},
    "retry_width": 60,
    "calling_hours": {"start": "00:00", "end": "23:59:59"},
    "prior_handling": 60,
    "callbacks_share": 1.0,
    "refuse_above": 1.0,
    "shrinkage": 0.0,
}
AGENTS = {"kim": "Kim Osei", "amir": "Amir Haddad", "mira": "Mira Novak"}
SKILLS = {"kim": ["billing", "support"], "amir": ["billing"], "mira": ["support"]}


def widget_key(slug: str) -> str:
    """Return the widget key of a test business."""
    return f"wk_{slug}-help"


def address(slug: str, person: str) -> str:
    """Return the log-in of somebody of a test business."""
    return f"{person}@{slug}.example"


def business(
    slug: str,
    origins: list[str],
    *,
    policy: dict[str, Any] | None = None,
    agents: tuple[str, ...] = ("kim", "amir", "mira"),
    hours: dict[str, list[str]] | None = None,
    closed_days: list[dict[str, str]] | None = None,
    shifts: dict[str, list[str]] | None = None,
    agent_carrier: str = "browser",
    agent_address: str | None = None,
    speaks: tuple[str, ...] = ("en",),
) -> dict[str, Any]:
    """Return the document of a test business: Billing and Support, open always, everybody on shift always."""
    opening: dict[str, Any] = {"week": hours or ALWAYS, **({"closed_days": closed_days} if closed_days else {})}
    people = [(name, "agent") for name in agents] + [("nadia", "supervisor"), ("alex", "admin")]
    return {
        "business": {"slug": slug, "name": "Acme Energy", "zone": "Europe/London", "policy": SHORT | (policy or {})},
        "queues": [
            {
                "slug": "billing",
                "name": "Billing",
                "default": True,
                "hours": opening,
                "topics": ["bill"],
            },
            {"slug": "support", "name": "Support", "hours": opening, "topics": ["meter"]},
        ],
        "agents": [
            {
                "slug": name,
                "name": AGENTS[name],
                "queues": SKILLS[name],
                "skills": {"billing": 3, **{f"lang:{language}": 5 for language in speaks}},
                "carrier": agent_carrier,
                **({"address": agent_address.format(name=name)} if agent_address else {}),
                **({"shifts": {"week": shifts}} if shifts else {}),
            }
            for name in agents
        ],
        "channels": [{"name": "Shop", "key": widget_key(slug), "allowed_origins": origins, "region": "GB"}],
        "users": [
            {
                "email": address(slug, name),
                "name": AGENTS.get(name, "Nadia Brown"),
                "roles": [role],
                "password": PASSWORD,
                **({"agent": name} if role == "agent" else {}),
            }
            for name, role in people
        ],
    }
