"""Reads a do-not-call list from CSV: everything that is wrong is named by its line, and then nothing is taken."""

from __future__ import annotations

import csv
import io
from dataclasses import dataclass, field

from ringback.domain.errors import Invalid
from ringback.domain.guards.numbers import is_e164

MOST_LINES = 200_000
MOST_NOTE = 200
_SEPARATORS = str.maketrans("", "", " -().\u00a0")


@dataclass(frozen=True, slots=True, kw_only=True)
class Listed:
    """One number that is not to be called."""

    number: str = field(repr=False)
    note: str | None = None


def read_listed(number: str, note: str | None = None) -> Listed:
    """Read one entry; spaces, dashes and brackets are left out. Raises Invalid (`number-invalid`, `note-too-long`)."""
    plain = number.translate(_SEPARATORS)
    if not is_e164(plain):
        raise Invalid("A number begins with + and its country code.", id="number-invalid", field="number")
    note = (note or "").strip() or None
    if note is not None and len(note) > MOST_NOTE:
        raise Invalid(f"A note has at most {MOST_NOTE} characters.", id="note-too-long", field="note")
    return Listed(number=plain, note=note)


def read_csv(text: str) -> tuple[Listed, ...]:
    """Read a file with a column `number` and perhaps `note`. Raises Invalid (`csv-invalid`) naming the lines that are wrong."""
    rows = csv.DictReader(io.StringIO(text.removeprefix("\ufeff"), newline=""))
    names = [name.strip().lower() for name in rows.fieldnames or ()]
    if "number" not in names:
        raise Invalid("The first line must name a column `number`.", id="csv-invalid", field="csv")
    rows.fieldnames = names
    found: dict[str, Listed] = {}
    wrong: list[str] = []
    try:
        for row in rows:
            if len(found) >= MOST_LINES:
                raise Invalid(f"At most {MOST_LINES} numbers at once.", id="csv-invalid", field="csv")
            try:
                entry = read_listed(row["number"] or "", row.get("note"))
                found.setdefault(entry.number, entry)
            except Invalid as error:
                wrong.append(f"line {rows.line_num}: {error.detail}")
    except csv.Error as error:
        raise Invalid(f"This is no CSV: {error}.", id="csv-invalid", field="csv") from error
    if wrong:
        more = f" and {len(wrong) - 10} more" if len(wrong) > 10 else ""
        raise Invalid("; ".join(wrong[:10]) + more, id="csv-invalid", field="csv")
    return tuple(found.values())
