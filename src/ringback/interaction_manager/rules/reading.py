"""Reads documents written by people (JSON, YAML) and gathers everything that is wrong, each with its path."""

from __future__ import annotations

import math
import re
from collections.abc import Set as AbstractSet
from datetime import date, time
from enum import StrEnum
from typing import TypeVar
from zoneinfo import ZoneInfo, ZoneInfoNotFoundError

from ringback.domain.documents import Problem

_SLUG = re.compile(r"[a-z0-9][a-z0-9_-]{0,62}")
_ADDRESS_SLUG = re.compile(r"[a-z0-9][a-z0-9-]{0,62}")
_CLOCK = re.compile(r"(\d{1,2}):(\d{2})(?::(\d{2}))?")

E = TypeVar("E", bound=StrEnum)


def zone_of(name: str) -> ZoneInfo:
    """Return the zone of an IANA name; raise ValueError for anything else."""
    try:
        return ZoneInfo(name)
    except (ZoneInfoNotFoundError, ValueError, OSError) as error:
        raise ValueError(f"{name!r} is not a time zone such as Europe/London") from error


class Reader:
    """Reads values, keeps the problems, and goes on with a harmless value so that all problems are found at once."""

    def __init__(self) -> None:
        self.problems: list[Problem] = []

    def problem(self, path: str, detail: str) -> None:
        """Note that something is wrong."""
        self.problems.append(Problem(path=path, detail=detail))

    def mapping(self, value: object, path: str) -> dict[str, object]:
        """Read a mapping with text keys."""
        if isinstance(value, dict) and all(isinstance(key, str) for key in value):
            return value
        self.problem(path, "must be a mapping")
        return {}

    def entry(
        self, value: object, path: str, required: AbstractSet[str], optional: AbstractSet[str]
    ) -> dict[str, object] | None:
        """Read a mapping with these keys and no others; None when it cannot be used."""
        if not isinstance(value, dict):
            self.problem(path, "must be a mapping")
            return None
        for key in sorted(map(str, value.keys() - required - optional)):
            self.problem(f"{path}.{key}", "is not known here")
        for key in sorted(required - value.keys()):
            self.problem(f"{path}.{key}", "is missing")
        return value if required <= value.keys() else None

    def sequence(self, value: object, path: str) -> list[object]:
        """Read a list."""
        if isinstance(value, list | tuple):
            return list(value)
        self.problem(path, "must be a list")
        return []

    def text(self, value: object, path: str, *, most: int = 200) -> str:
        """Read a text of 1 to `most` characters."""
        if isinstance(value, str) and value.strip() and len(value) <= most:
            return value
        self.problem(path, f"must be a text of 1 to {most} characters")
        return ""

    def slug(self, value: object, path: str, *, address: bool = False) -> str:
        """Read a short name of lower-case letters, digits and hyphens (underscores too, except in addresses)."""
        pattern = _ADDRESS_SLUG if address else _SLUG
        if isinstance(value, str) and pattern.fullmatch(value):
            return value
        self.problem(path, "must be 1 to 63 lower-case letters, digits and hyphens, such as billing-eu")
        return ""

    def number(self, value: object, path: str, least: float, most: float) -> float:
        """Read a finite number from `least` to `most`."""
        if (
            isinstance(value, int | float)
            and not isinstance(value, bool)
            and math.isfinite(value)
            and least <= value <= most
        ):
            return float(value)
        self.problem(path, f"must be a number from {least:g} to {most:g}")
        return float(least)

    def integer(self, value: object, path: str, least: int, most: int) -> int:
        """Read a whole number from `least` to `most`."""
        if isinstance(value, int) and not isinstance(value, bool) and least <= value <= most:
            return value
        self.problem(path, f"must be a whole number from {least} to {most}")
        return least

    def boolean(self, value: object, path: str) -> bool:
        """Read true or false."""
        if isinstance(value, bool):
            return value
        self.problem(path, "must be true or false")
        return False

    def choice(self, value: object, path: str, of: type[E]) -> E | None:
        """Read one of an enumeration's values."""
        if isinstance(value, str) and value in of._value2member_map_:
            return of(value)
        self.problem(path, f"must be one of {', '.join(of)}")
        return None

    def clock(self, value: object, path: str) -> time | None:
        """Read a time of day: `08:00`, `8:00`, `08:00:30`."""
        match = _CLOCK.fullmatch(value) if isinstance(value, str) else None
        if match and int(match[1]) < 24 and int(match[2]) < 60 and int(match[3] or 0) < 60:
            return time(int(match[1]), int(match[2]), int(match[3] or 0))
        self.problem(path, "must be a time of day such as 08:00")
        return None

    def day(self, value: object, path: str) -> date | None:
        """Read a calendar day: `2026-12-24`."""
        if type(value) is date:  # YAML reads one by itself
            return value
        try:
            if isinstance(value, str):
                return date.fromisoformat(value)
        except ValueError:
            pass
        self.problem(path, "must be a day such as 2026-12-24")
        return None

    def zone(self, value: object, path: str) -> str:
        """Read the IANA name of a time zone."""
        try:
            if isinstance(value, str):
                return zone_of(value).key
        except ValueError:
            pass
        self.problem(path, "must be a time zone such as Europe/London")
        return "UTC"
