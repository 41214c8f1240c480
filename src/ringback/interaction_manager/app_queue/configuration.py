"""Which Asterisk queues are followed: setting `asterisk_queues`, a list of what is below. The secret is never printed."""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from ringback.domain.errors import ConfigurationError
from ringback.interaction_manager.app_queue.ami import AmiAddress
from ringback.interaction_manager.rules.app_queue import Plan

_REQUIRED = {"business", "host", "user", "queues"}
_OPTIONAL = {"source", "port", "secret", "secret_file", "tls", "agents", "region", "priority"}
_SLUG = re.compile(r"[a-z0-9][a-z0-9-]{0,62}")


@dataclass(frozen=True, slots=True, kw_only=True)
class AppQueues:
    """The queues of one Asterisk, for one business. `priority`: what a caller with an open callback gets there; None leaves theirs."""

    business: str
    source: str
    address: AmiAddress
    plan: Plan
    priority: int | None = 10


def read_app_queues(documents: Sequence[Mapping[str, Any]]) -> tuple[AppQueues, ...]:
    """Read the setting; raise ConfigurationError naming the entry and the key that is wrong."""
    found = tuple(_read(document, f"asterisk_queues[{n}]") for n, document in enumerate(documents))
    names = [(each.business, each.source) for each in found]
    for name in names:
        if names.count(name) > 1:
            raise ConfigurationError(f"asterisk_queues names the source {name[1]} of {name[0]} twice")
    return found


def _read(document: Mapping[str, Any], where: str) -> AppQueues:
    unknown = sorted(document.keys() - _REQUIRED - _OPTIONAL)
    missing = sorted(_REQUIRED - document.keys())
    if unknown or missing:
        words = f"sets {', '.join(unknown)}, which is not known" if unknown else f"lacks {', '.join(missing)}"
        raise ConfigurationError(f"{where} {words}")
    queues = _names(document["queues"], f"{where}.queues")
    if not queues:
        raise ConfigurationError(f"{where}.queues names no queue")
    source = document.get("source", "asterisk")
    if not isinstance(source, str) or not _SLUG.fullmatch(source):
        raise ConfigurationError(f"{where}.source must be lower-case letters, digits and hyphens")
    return AppQueues(
        business=str(document["business"]),
        source=source,
        address=AmiAddress(
            host=str(document["host"]),
            port=_whole(document.get("port", 5038), f"{where}.port", 1, 65535),
            user=str(document["user"]),
            secret=_secret(document, where),
            tls=document.get("tls") is True,
        ),
        plan=Plan(
            queues=queues, agents=_names(document.get("agents", {}), f"{where}.agents"), region=document.get("region")
        ),
        priority=None
        if document.get("priority", 10) is None
        else _whole(document.get("priority", 10), f"{where}.priority", 0, 100),
    )


def _names(value: object, where: str) -> dict[str, str]:
    if not isinstance(value, Mapping) or not all(isinstance(v, str) and _SLUG.fullmatch(v) for v in value.values()):
        raise ConfigurationError(f"{where} must map names of Asterisk to short names here")
    return {str(key): str(name) for key, name in value.items()}


def _whole(value: object, where: str, least: int, most: int) -> int:
    if isinstance(value, bool) or not isinstance(value, int) or not least <= value <= most:
        raise ConfigurationError(f"{where} must be a whole number from {least} to {most}")
    return value


def _secret(document: Mapping[str, Any], where: str) -> str:
    if isinstance(document.get("secret"), str) and document["secret"]:
        return str(document["secret"])
    file = document.get("secret_file")
    if not isinstance(file, str):
        raise ConfigurationError(f"{where} needs secret, or secret_file with a file that holds it")
    try:
        return Path(file).read_text(encoding="utf-8").strip()
    except OSError as error:
        raise ConfigurationError(f"{where}.secret_file cannot be read: {error.strerror}") from error
