"""The document that describes a business: read with everything that is wrong at once, and compared with what there is, field by field."""

from __future__ import annotations

import re
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field, fields
from operator import attrgetter
from typing import Any

from ringback.domain.documents import Change, Problem, compare, plain
from ringback.interaction_manager.rules.hours import read_hours, written_hours
from ringback.interaction_manager.rules.policy import policy_problems
from ringback.interaction_manager.rules.reading import Reader
from ringback.interaction_manager.rules.shifts import read_shifts, written_shifts

_SKILL = re.compile(r"(?:lang:)?[A-Za-z0-9][A-Za-z0-9_-]{0,62}")

Document = Mapping[str, Any]
SLUG = attrgetter("slug")


@dataclass(frozen=True, slots=True, kw_only=True)
class BusinessItem:
    """The business itself."""

    slug: str
    name: str
    zone: str
    language: str = "en"
    policy: Document = field(default_factory=dict)


@dataclass(frozen=True, slots=True, kw_only=True)
class QueueItem:
    """One queue; `hours` in full, whatever they took from the business."""

    slug: str
    name: str
    default: bool
    skills: tuple[str, ...]
    topics: tuple[str, ...]
    hours: Document
    policy: Document


@dataclass(frozen=True, slots=True, kw_only=True)
class AgentItem:
    """One agent; `home` and `queues` by short name."""

    slug: str
    name: str
    home: str
    queues: tuple[str, ...]
    skills: Document
    shifts: Document
    chat_capacity: int = 3
    carrier: str = "browser"
    address: str | None = None


Item = BusinessItem | QueueItem | AgentItem


@dataclass(frozen=True, slots=True, kw_only=True)
class Configuration:
    """A whole business. `queues` or `agents` None: the document says nothing about them, and they stay."""

    business: BusinessItem
    queues: tuple[QueueItem, ...] | None = None
    agents: tuple[AgentItem, ...] | None = None
    users: Any = None  # read by identity
    channels: Any = None  # read by the callback application server


# ------------------------------------------------------------------ reading


_PARTS = frozenset({"business", "queues", "agents", "users", "channels", "bots", "emergency"})


def read_configuration(document: object) -> tuple[Configuration | None, tuple[Problem, ...]]:
    """Read a document; None when it cannot be used, and then there are problems."""
    reader = Reader()
    if not isinstance(document, dict):
        reader.problem("document", "must be a mapping with business, queues and agents")
        return None, tuple(reader.problems)
    for key in sorted(map(str, document.keys() - _PARTS)):
        reader.problem(key, "is not known here")
    business, holidays = _business(reader, document.get("business"))
    queues = agents = None
    if "queues" in document:
        queues = _queues(reader, document["queues"], business.zone, holidays)
    if "agents" in document:
        known = None if queues is None else {queue.slug for queue in queues}
        agents = _agents(reader, document["agents"], business.zone, known)
    if reader.problems:
        return None, tuple(reader.problems)
    found = Configuration(
        business=business,
        queues=queues,
        agents=agents,
        users=document.get("users"),
        channels=document.get("channels"),
    )
    return found, ()


def _business(reader: Reader, value: object) -> tuple[BusinessItem, object]:
    path = "business"
    if value is None:
        reader.problem(path, "is missing")
        return BusinessItem(slug="", name="", zone="UTC"), None
    entry = reader.entry(value, path, {"slug", "name", "zone"}, {"language", "policy", "holidays"}) or {}
    policy = reader.mapping(entry.get("policy") or {}, f"{path}.policy")
    reader.problems += policy_problems(policy, f"{path}.policy")
    item = BusinessItem(
        slug=reader.slug(entry["slug"], f"{path}.slug", address=True) if "slug" in entry else "",
        name=reader.text(entry["name"], f"{path}.name") if "name" in entry else "",
        zone=reader.zone(entry["zone"], f"{path}.zone") if "zone" in entry else "UTC",
        language=reader.text(entry.get("language", "en"), f"{path}.language", most=35),
        policy=policy,
    )
    return item, entry.get("holidays")


def _queues(reader: Reader, value: object, zone: str, holidays: object) -> tuple[QueueItem, ...]:
    items: list[QueueItem] = []
    for i, given in enumerate(reader.sequence(value, "queues")):
        path = f"queues[{i}]"
        entry = reader.entry(given, path, {"slug", "name", "hours"}, {"default", "skills", "topics", "policy"})
        if entry is None:
            continue
        slug = reader.slug(entry["slug"], f"{path}.slug", address=True)
        if slug and slug in [item.slug for item in items]:
            reader.problem(f"{path}.slug", f"is there twice: {slug}")
        policy = reader.mapping(entry.get("policy") or {}, f"{path}.policy")
        reader.problems += policy_problems(policy, f"{path}.policy")
        hours_given = reader.mapping(entry["hours"], f"{path}.hours")
        inherited = {"zone": zone} | ({"holidays": holidays} if holidays is not None else {})
        hours = read_hours(reader, {**inherited, **hours_given}, f"{path}.hours")
        items.append(
            QueueItem(
                slug=slug,
                name=reader.text(entry["name"], f"{path}.name"),
                default=reader.boolean(entry.get("default", False), f"{path}.default"),
                skills=_skill_names(reader, entry.get("skills", []), f"{path}.skills"),
                topics=tuple(
                    reader.text(topic, f"{path}.topics[{n}]", most=80)
                    for n, topic in enumerate(reader.sequence(entry.get("topics", []), f"{path}.topics"))
                ),
                hours=written_hours(hours) if hours is not None else {},
                policy=policy,
            )
        )
    if sum(item.default for item in items) > 1:
        reader.problem("queues", "can have only one default")
    if not items:
        reader.problem("queues", "needs at least one queue")
    elif not any(item.default for item in items):
        first = items[0]
        items[0] = QueueItem(**{f.name: getattr(first, f.name) for f in fields(first)} | {"default": True})
    return tuple(items)


def _skill_names(reader: Reader, value: object, path: str) -> tuple[str, ...]:
    return tuple(_skill(reader, name, f"{path}[{n}]") for n, name in enumerate(reader.sequence(value, path)))


def _skill(reader: Reader, value: object, path: str) -> str:
    if isinstance(value, str) and _SKILL.fullmatch(value):
        return value
    reader.problem(path, "must be a skill such as billing, or a language such as lang:en")
    return ""


def _agents(reader: Reader, value: object, zone: str, known: set[str] | None) -> tuple[AgentItem, ...]:
    items: list[AgentItem] = []
    optional = {"home", "skills", "shifts", "chat_capacity", "carrier", "address"}
    for i, given in enumerate(reader.sequence(value, "agents")):
        path = f"agents[{i}]"
        entry = reader.entry(given, path, {"slug", "name", "queues"}, optional)
        if entry is None:
            continue
        slug = reader.slug(entry["slug"], f"{path}.slug", address=True)
        if slug and slug in [item.slug for item in items]:
            reader.problem(f"{path}.slug", f"is there twice: {slug}")
        queues = _queue_names(reader, entry["queues"], f"{path}.queues", known)
        home = entry.get("home", queues[0] if queues else "")
        if home not in queues:
            reader.problem(f"{path}.home", "must be one of their queues")
        skills = {
            _skill(reader, name, f"{path}.skills.{name}"): reader.integer(level, f"{path}.skills.{name}", 1, 5)
            for name, level in reader.mapping(entry.get("skills") or {}, f"{path}.skills").items()
        }
        address = entry.get("address")
        items.append(
            AgentItem(
                slug=slug,
                name=reader.text(entry["name"], f"{path}.name"),
                home=str(home),
                queues=home_first(str(home), queues),
                skills=skills,
                shifts=written_shifts(
                    read_shifts(reader, entry.get("shifts") or {}, f"{path}.shifts", zone=zone), zone
                ),
                chat_capacity=reader.integer(entry.get("chat_capacity", 3), f"{path}.chat_capacity", 0, 20),
                carrier=reader.slug(entry.get("carrier", "browser"), f"{path}.carrier"),
                address=None if address is None else reader.text(address, f"{path}.address"),
            )
        )
    return tuple(items)


def _queue_names(reader: Reader, value: object, path: str, known: set[str] | None) -> tuple[str, ...]:
    names = [reader.slug(name, f"{path}[{n}]", address=True) for n, name in enumerate(reader.sequence(value, path))]
    for n, name in enumerate(names):
        if name and known is not None and name not in known:
            reader.problem(f"{path}[{n}]", f"there is no queue {name} in this document")
    if not names:
        reader.problem(path, "needs at least one queue")
    return tuple(names)


def home_first(home: str, queues: Iterable[str]) -> tuple[str, ...]:
    """Return queues in the one order that is compared and written: the home queue, then the others by name."""
    return tuple(sorted(set(queues), key=lambda queue: (queue != home, queue)))


# ------------------------------------------------------------------ comparing


def difference(current: Configuration | None, wanted: Configuration) -> tuple[Change, ...]:
    """Return what applying `wanted` would do to `current`; nothing when they say the same."""
    changes = compare("business", [current.business] if current else [], [wanted.business], by=SLUG)
    if wanted.queues is not None:
        changes += compare("queue", (current.queues or ()) if current else (), wanted.queues, by=SLUG)
    if wanted.agents is not None:
        changes += compare("agent", (current.agents or ()) if current else (), wanted.agents, by=SLUG)
    return tuple(changes)


def written_configuration(configuration: Configuration) -> dict[str, Any]:
    """Return the document of a configuration: applying it changes nothing."""

    def item(value: Item) -> dict[str, Any]:
        written = {f.name: plain(getattr(value, f.name)) for f in fields(value)}
        return {key: each for key, each in written.items() if each not in (None, {}, []) or key in ("hours", "queues")}

    return {
        "business": item(configuration.business),
        "queues": [item(queue) for queue in configuration.queues or ()],
        "agents": [item(agent) for agent in configuration.agents or ()],
    }
