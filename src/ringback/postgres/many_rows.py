"""Many rows in one statement: an INSERT of one row, turned into one that takes its rows from arrays.

A statement carried out once a row costs the server its start, its row-level security and its foreign keys every time anew.
"""

from __future__ import annotations

import re
from collections.abc import Sequence
from typing import Any

import asyncpg

from ringback.postgres.documents import encode

FEW = 4  # below so many rows nothing is gained

_INSERT = re.compile(r"\s*INSERT\s+INTO\s+[^()]+\([^()]*\)\s*(VALUES)\s*\(", re.IGNORECASE)
_PLACE = re.compile(r"\$(\d+)")


def insert_of_many(text: str, types: Sequence[asyncpg.Type]) -> str | None:
    """Return the statement that inserts many rows as `text` inserts one; None where it cannot be said so. `types`: of its parameters.

    Each parameter becomes an array. A document goes as text: an array of documents that are lists would be taken for an array of more dimensions.
    """
    begun = _INSERT.match(text)
    if begun is None or any(each.kind != "scalar" or each.schema != "pg_catalog" for each in types):
        return None
    end = _closing(text, begun.end())
    values, rest = text[begun.end() : end], text[end + 1 :]
    if _PLACE.search(rest):
        return None
    given = _PLACE.sub(lambda place: _value(int(place[1]), types), values)
    arrays = ", ".join(f"${n}::{_sent_as(each)}[]" for n, each in enumerate(types, 1))
    names = ", ".join(f"p{n}" for n in range(1, len(types) + 1))
    return f"{text[: begun.start(1)]}SELECT {given} FROM unnest({arrays}) AS given ({names}){rest}"  # noqa: S608 -- of a statement of ours


def columns(rows: Sequence[Sequence[Any]], types: Sequence[asyncpg.Type]) -> list[list[Any]]:
    """Return the arrays for such a statement: one a parameter."""
    turned: list[list[Any]] = [list(each) for each in zip(*rows, strict=True)]
    for n, each in enumerate(types):
        if each.name == "jsonb":
            turned[n] = [None if value is None else encode(value) for value in turned[n]]
    return turned


def _value(n: int, types: Sequence[asyncpg.Type]) -> str:
    return f"given.p{n}::jsonb" if types[n - 1].name == "jsonb" else f"given.p{n}"


def _sent_as(type: asyncpg.Type) -> str:
    return "text" if type.name == "jsonb" else type.name


def _closing(text: str, at: int) -> int:
    """Return where the parenthesis closes that was opened just before `at`; none is quoted in our statements."""
    depth = 1
    while depth:
        depth += {"(": 1, ")": -1}.get(text[at], 0)
        at += 1
    return at - 1
