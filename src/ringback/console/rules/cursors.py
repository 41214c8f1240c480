"""Keyset pages: an opaque cursor that names the last row seen, so that nothing is skipped or shown twice while rows come and go."""

from __future__ import annotations

import base64
import binascii
import json
from collections.abc import Callable, Sequence
from datetime import datetime
from typing import TypeVar
from uuid import UUID

from ringback.domain.errors import Invalid

LARGEST_PAGE = 200
Row = TypeVar("Row")


def write_cursor(key: datetime | str, id: UUID) -> str:
    """Return the cursor of a row."""
    text = key.isoformat() if isinstance(key, datetime) else key
    return base64.urlsafe_b64encode(json.dumps([text, id.hex]).encode()).rstrip(b"=").decode()


def read_cursor(cursor: str | None) -> tuple[str | None, UUID | None]:
    """Return the key and id behind a cursor; raise Invalid (`cursor-invalid`) for what is none of ours."""
    if not cursor:  # none, or `after=`: the beginning
        return None, None
    try:
        key, id = json.loads(base64.urlsafe_b64decode(cursor + "=" * (-len(cursor) % 4)))
        return str(key), UUID(id)
    except (ValueError, TypeError, AttributeError, binascii.Error) as error:
        raise _foreign() from error


def read_time_cursor(cursor: str | None) -> tuple[datetime | None, UUID | None]:
    """Return the same for a list ordered by time."""
    key, id = read_cursor(cursor)
    if key is None:
        return None, None
    try:
        at = datetime.fromisoformat(key)
    except ValueError as error:
        raise _foreign() from error
    if at.tzinfo is None:
        raise _foreign()
    return at, id


def page_of(
    rows: Sequence[Row], key: Callable[[Row], tuple[str, UUID]], after: str | None, limit: int | None
) -> tuple[list[Row], str | None]:
    """Return the page of a list that is read whole, in the order of its keys, and the cursor of the next page if there is one."""
    size = page_size(limit)
    last, last_id = read_cursor(after)
    rest = sorted(rows, key=key)
    if last is not None and last_id is not None:
        rest = [row for row in rest if key(row) > (last, last_id)]
    return rest[:size], write_cursor(*key(rest[size - 1])) if len(rest) > size else None


def page_size(wanted: int | None) -> int:
    """Return how many rows to give; raise Invalid (`page-size-invalid`) beyond the largest page."""
    if wanted is None:
        return 50
    if not 1 <= wanted <= LARGEST_PAGE:
        raise Invalid(f"Ask for 1 to {LARGEST_PAGE} at a time.", id="page-size-invalid", field="limit")
    return wanted


def _foreign() -> Invalid:
    return Invalid(
        "This cursor is none of ours: leave `after` out, and begin at the first page.",
        id="cursor-invalid",
        field="after",
    )
