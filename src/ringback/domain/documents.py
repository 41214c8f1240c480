"""The document that describes a business, as every server that owns a part of it sees one: what is wrong with it, and what it changes."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, fields
from enum import StrEnum
from typing import Any, TypeVar

from ringback.domain.errors import Invalid

Item = TypeVar("Item", bound=Any)


@dataclass(frozen=True, slots=True, kw_only=True)
class Problem:
    """What is wrong, and where: `queues[0].hours.week.mon[1] ends before it starts`."""

    path: str
    detail: str


class ConfigurationInvalid(Invalid):
    """The document is wrong; `problems` has everything that is, each with its path."""

    id = "configuration-invalid"

    def __init__(self, problems: Sequence[Problem]) -> None:
        first = problems[0]
        more = f" (and {len(problems) - 1} more)" if len(problems) > 1 else ""
        super().__init__(f"{first.path} {first.detail}{more}", field=first.path)
        self.problems = tuple(problems)


class Act(StrEnum):
    """What becomes of one item."""

    CREATED = "created"
    CHANGED = "changed"
    RETIRED = "retired"


@dataclass(frozen=True, slots=True, kw_only=True)
class FieldChange:
    """One field: `hours.week.mon`."""

    path: str
    before: Any
    after: Any


@dataclass(frozen=True, slots=True, kw_only=True)
class Change:
    """One item that differs; `slug` names it: a short name, a widget's name, a log-in's address."""

    kind: str  # business, queue, agent, widget, log-in
    slug: str
    act: Act
    fields: tuple[FieldChange, ...] = ()


def plain(value: Any) -> Any:
    """Return a value as JSON would give it back, so that only real differences count."""
    match value:
        case Mapping():
            return {str(key): plain(each) for key, each in value.items()}
        case list() | tuple():
            return [plain(each) for each in value]
    return value


def field_changes(before: Any, after: Any) -> tuple[FieldChange, ...]:
    """Return how two dataclass values of one kind differ; nothing, an empty list and an empty mapping are the same."""
    changes = []
    for f in fields(after):
        old = _flat(plain(getattr(before, f.name)), f.name)
        new = _flat(plain(getattr(after, f.name)), f.name)
        for path in sorted(old.keys() | new.keys()):
            empty: tuple[Any, ...] = ({}, [], None)
            if old.get(path) != new.get(path) and not (old.get(path) in empty and new.get(path) in empty):
                changes.append(FieldChange(path=path, before=old.get(path), after=new.get(path)))
    return tuple(changes)


def compare(
    kind: str, before: Sequence[Item], after: Sequence[Item], *, by: Callable[[Item], str], retires: bool = True
) -> list[Change]:
    """Return what becomes of each item, told apart by its name; `retires`: what is no longer named goes."""
    old, new = {by(item): item for item in before}, {by(item): item for item in after}
    changes = [Change(kind=kind, slug=name, act=Act.CREATED) for name in new if name not in old]
    for name, item in new.items():
        if name in old and (differing := field_changes(old[name], item)):
            changes.append(Change(kind=kind, slug=name, act=Act.CHANGED, fields=differing))
    if retires:
        changes += [Change(kind=kind, slug=name, act=Act.RETIRED) for name in old if name not in new]
    return changes


def _flat(value: Any, path: str) -> dict[str, Any]:
    if isinstance(value, Mapping) and value:
        return {p: v for key, each in value.items() for p, v in _flat(each, f"{path}.{key}").items()}
    return {path: value}
