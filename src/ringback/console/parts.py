"""What desk, console and API are given: pools by role, clients of the other servers, and settings."""

from __future__ import annotations

import os
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any

from ringback.console.known_workplaces import KnownWorkplaces
from ringback.domain.errors import Invalid
from ringback.domain.offers import OffersClient
from ringback.domain.persons import PersonsClient
from ringback.domain.reports import ConfigurationsClient, ReportsClient
from ringback.identity.guards import Gatekeeper
from ringback.identity.passwords import Passwords
from ringback.postgres.database import Database
from ringback.postgres.hints import Hints

ChannelCheck = Callable[[str, Mapping[str, Any], Mapping[str, Any]], None]


def _no_channels(kind: str, credentials: Mapping[str, Any], options: Mapping[str, Any]) -> None:
    """Refuse every kind: this process knows of none."""
    raise Invalid(f"There is no channel of kind {kind}.", id="kind-unknown", field="kind")


@dataclass(frozen=True, slots=True, kw_only=True)
class Parts:
    """Passed to every handler. `read` reads views, `application` sends commands and keeps requests, `identity` keeps the audit."""

    read: Database
    application: Database
    identity: Database
    hints: Hints
    gatekeeper: Gatekeeper
    workplaces: KnownWorkplaces
    offers: OffersClient
    reports: ReportsClient
    configurations: ConfigurationsClient
    persons: PersonsClient
    passwords: Passwords = field(default_factory=Passwords)
    ice_servers: Sequence[Mapping[str, Any]] = ()
    relay_only: bool = False
    phones: bool = False  # a carrier that rings telephones is configured
    allow_private_urls: bool = False
    check_channel: ChannelCheck = _no_channels  # of a kind, its credentials and options; raises Invalid
    key_seed: bytes = field(
        default_factory=lambda: os.urandom(32), repr=False
    )  # API keys are made of it; another one makes no key again
    answer_timeout: float = 5.0
