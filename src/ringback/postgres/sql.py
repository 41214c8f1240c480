"""SQL kept in .sql files: `-- name: find_callback`, a line of purpose, the statement with :named parameters."""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import dataclass
from functools import cache
from pathlib import Path
from typing import Any

_NAME = re.compile(r"^-- name: ([a-z][a-z0-9_]*)\s*$", re.MULTILINE)
_PARAMETER = re.compile(r"(?<![:\w]):([a-z][a-z0-9_]*)")
_QUIET = re.compile(r"--[^\n]*|'(?:[^']|'')*'")


@dataclass(frozen=True, slots=True, kw_only=True)
class Statement:
    """One statement with positional parameters, and their names in that order."""

    name: str
    text: str
    parameters: tuple[str, ...]

    def arguments(self, given: Mapping[str, Any]) -> list[Any]:
        """Put named arguments in order; raise TypeError when names are missing or too many."""
        if given.keys() != set(self.parameters):
            raise TypeError(f"{self.name} takes {sorted(set(self.parameters))}, not {sorted(given)}")
        return [given[name] for name in self.parameters]


def parse_sql(text: str) -> dict[str, Statement]:
    """Split a file into its statements; raise ValueError when a name comes twice."""
    statements: dict[str, Statement] = {}
    parts = _NAME.split(text)[1:]
    for name, body in zip(parts[::2], parts[1::2], strict=True):
        if name in statements:
            raise ValueError(f"two statements are named {name}")
        statements[name] = _positional(name, body.strip().rstrip(";"))
    return statements


def _positional(name: str, body: str) -> Statement:
    order: dict[str, int] = {}

    def number(match: re.Match[str]) -> str:
        return f"${order.setdefault(match[1], len(order) + 1)}"

    pieces: list[str] = []
    at = 0
    for quiet in _QUIET.finditer(body):
        pieces.append(_PARAMETER.sub(number, body[at : quiet.start()]))
        pieces.append("" if quiet[0].startswith("--") else quiet[0])
        at = quiet.end()
    pieces.append(_PARAMETER.sub(number, body[at:]))
    return Statement(name=name, text="".join(pieces).strip(), parameters=tuple(order))


@cache
def load_sql(module_file: str, file_name: str) -> Mapping[str, Statement]:
    """Return the statements of the .sql file that lies beside a module."""
    return parse_sql(Path(module_file).with_name(file_name).read_text(encoding="utf-8"))
