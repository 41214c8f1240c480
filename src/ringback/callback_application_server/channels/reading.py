"""What the readers of all channels need: JSON of bounded depth, members of a type, refusals, answers of providers turned into errors."""

from __future__ import annotations

import json
from collections.abc import Mapping
from datetime import timedelta
from typing import Any

from ringback.callback_application_server.channels.protocol import TryLater, Undeliverable
from ringback.callback_application_server.webhooks.post import Answer
from ringback.domain.errors import Invalid, NotLoggedIn
from ringback.domain.webhooks import read_target

LONGEST_ID = 200
LONGEST_TEXT = 4000


def read_object(body: bytes) -> dict[str, Any]:
    """Return a JSON object. Raises Invalid (`body-invalid`)."""
    try:
        value = json.loads(body.decode())
    except (ValueError, RecursionError):
        raise not_understood() from None
    if not isinstance(value, dict):
        raise not_understood()
    return value


def member(value: object, *path: str) -> Any:
    """Return what lies at a path of mappings; None where there is none."""
    for name in path:
        if not isinstance(value, dict):
            return None
        value = value.get(name)
    return value


def words(value: object, longest: int = LONGEST_ID) -> str | None:
    """Return a text of at most so many characters that a database takes; None for anything else."""
    if not isinstance(value, str) or not value.strip():
        return None
    return value.replace("\x00", "").encode(errors="ignore").decode()[:longest].strip() or None


def identifier(value: object) -> str:
    """Return an id that is text or a number. Raises Invalid: what has none is no event."""
    if isinstance(value, int) and not isinstance(value, bool) and abs(value) < 1 << 63:
        return str(value)
    found = words(value, LONGEST_ID + 1)
    if found is None or len(found) > LONGEST_ID:
        raise not_understood()
    return found


def not_understood() -> Invalid:
    """Return the refusal of a body that is not what the provider sends."""
    return Invalid("This is not what this channel's provider sends.", id="body-invalid")


def forged() -> NotLoggedIn:
    """Return the refusal of a request without the provider's signature."""
    return NotLoggedIn("The signature does not match.", id="signature-invalid", next="Check secret and public URL.")


def need(credentials: Mapping[str, str], *names: str) -> None:
    """Raise Invalid for the first credential that is missing."""
    for name in names:
        if not isinstance(credentials.get(name), str) or not credentials[name].strip():
            raise Invalid(f"credentials.{name} is missing", field=f"credentials.{name}")


def check_url(options: Mapping[str, Any], name: str, *, allow_private: bool, needed: bool = False) -> None:
    """Raise Invalid for an address that may not be called."""
    url = options.get(name)
    if url is None and not needed:
        return
    if not isinstance(url, str):
        raise Invalid(f"options.{name} is missing", field=f"options.{name}")
    try:
        read_target(url, allow_private=allow_private)
    except Invalid as error:
        raise Invalid(f"options.{name}: {error.detail}", field=f"options.{name}") from error


def heard(answer: Answer, *, after: object = None) -> None:
    """Return when a provider took it; raise TryLater or Undeliverable. `after`: seconds the provider named in its body."""
    status = answer.status
    if status is not None and 200 <= status < 300:
        return
    why = answer.error or f"status {status}"
    if status == 429:
        named = after if isinstance(after, (int, float)) and 0 <= after < 86_400 else answer.retry_after
        raise TryLater(why, after=None if named is None else timedelta(seconds=named), account=True)
    if status is not None and 400 <= status < 500 and status not in (401, 404, 408, 425):
        raise Undeliverable(why)
    raise TryLater(why)


def parsed(answer: Answer) -> dict[str, Any]:
    """Return a provider's JSON answer; empty for anything else."""
    try:
        value = json.loads(answer.body or b"{}")
    except (ValueError, RecursionError):
        return {}
    return value if isinstance(value, dict) else {}
