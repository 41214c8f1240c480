"""What a chat widget may be: the origins its pages have, its colour and country, and the secret its signed identities need."""

from __future__ import annotations

import base64
import re
from collections.abc import Mapping
from urllib.parse import urlsplit

from ringback.domain.errors import Invalid
from ringback.domain.providers import parse_provider

SETTINGS = ("greeting", "accent", "provider", "region")
SHORTEST_IDENTITY_SECRET = 24
_ACCENT = re.compile(r"#[0-9A-Fa-f]{6}")
_REGION = re.compile(r"[A-Z]{2}")


def widget_key(randomness: bytes) -> str:
    """Make a key that a page's script tag can show, of 18 random bytes: it names the widget and proves nothing."""
    return "wk_" + base64.urlsafe_b64encode(randomness).decode()


def read_origins(value: object, path: str) -> tuple[str, ...]:
    """Return the origins of the pages that may embed a widget; raise Invalid for what is none."""
    if not isinstance(value, (list, tuple)) or not value:
        raise Invalid(f"{path} must list the pages' origins, such as https://www.example.com", field=path)
    for each in value:
        if each != "*" and not (isinstance(each, str) and _is_origin(each)):
            raise Invalid(f"{path}: {each!r} is no origin such as https://www.example.com", field=path)
    return tuple(value)


def _is_origin(text: str) -> bool:
    try:
        parts = urlsplit(text)
    except ValueError:
        return False
    return parts.scheme in ("http", "https") and bool(parts.netloc) and not parts.path.strip("/")


def read_identity_secret(value: object, path: str) -> str | None:
    """Return the secret that verifies signed identities, if there is one; raise Invalid for one that is too short."""
    if value is None:
        return None
    if not isinstance(value, str) or len(value) < SHORTEST_IDENTITY_SECRET:
        raise Invalid(f"{path} needs at least {SHORTEST_IDENTITY_SECRET} characters", field=path)
    return value


def read_settings(given: Mapping[str, object], prefix: str = "") -> dict[str, object]:
    """Return greeting, colour, provider and country as far as they are given; raise Invalid."""
    settings = {name: given[name] for name in SETTINGS if given.get(name) is not None}
    if "accent" in settings and not _ACCENT.fullmatch(str(settings["accent"])):
        raise Invalid(f"{prefix}accent must be a colour such as #0B5C70", field=f"{prefix}accent")
    if "provider" in settings:
        parse_provider(str(settings["provider"]))
    if "region" in settings and not _REGION.fullmatch(str(settings["region"])):
        raise Invalid(f"{prefix}region must be a country such as GB", field=f"{prefix}region")
    return settings
