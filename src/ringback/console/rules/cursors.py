"""Keyset pages: an opaque cursor that names the last row seen, so that nothing is skipped or shown twice while rows come and go."""

from __future__ import annotations

import base64
import binascii
import json
from datetime import datetime
from uuid import UUID

from ringback.domain.errors import Invalid

LARGEST_PAGE = 200


def write_cursor(key: datetime | str, id: UUID) -> str:
    """Return the cursor of a row."""
    text = key.isoformat() if isinstance(key, datetime) else key
    return base64.urlsafe_b64encode(json.dumps([text, id.hex]).encode()).rstrip(b"=").decode()


def read_cursor(cursor: str | None) -> tuple[str | None, UUID | None]:
    """Return the key and id behind a cursor; raise Invalid (`cursor-invalid`) for what is none of ours."""
    if cursor is None:
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


def page_size(wanted: int | None) -> int:
    """Return how many rows to give; raise Invalid (`page-size-invalid`) beyond the largest page."""
    if wanted is None:
        return 50
    if not 1 <= wanted <= LARGEST_PAGE:
        raise Invalid(f"Ask for 1 to {LARGEST_PAGE} at a time.", id="page-size-invalid", field="limit")
    return wanted


def _foreign() -> Invalid:
    return Invalid("This cursor is none of ours: begin at the first page.", id="cursor-invalid", field="after")
