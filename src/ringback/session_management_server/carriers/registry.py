"""Finds carriers through the entry points `ringback.carriers`. A name that is there twice is refused, not overridden."""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable, Iterable, Mapping
from dataclasses import replace
from importlib.metadata import EntryPoint, entry_points
from types import MappingProxyType

from ringback.domain.errors import ConfigurationError
from ringback.session_management_server.carriers.environment import CarrierEnvironment
from ringback.session_management_server.carriers.guarded import GuardedCarrier
from ringback.session_management_server.carriers.protocol import Carrier
from ringback.settings import Settings

GROUP = "ringback.carriers"


def installed_carriers(found: Iterable[EntryPoint] | None = None) -> Mapping[str, EntryPoint]:
    """Return every installed carrier by name; raise ConfigurationError when two packages bring the same name."""
    points = list(entry_points(group=GROUP) if found is None else found)
    twice = [name for name, count in Counter(point.name for point in points).items() if count > 1]
    if twice:
        brought = ", ".join(sorted(point.value for point in points if point.name in twice))
        raise ConfigurationError(f"carrier {twice[0]!r} is brought twice ({brought}): uninstall one of them")
    return MappingProxyType({point.name: point for point in points})


def open_carriers(
    names: Iterable[str],
    environment: CarrierEnvironment,
    *,
    options: Mapping[str, Mapping[str, str]] | None = None,
    installed: Mapping[str, EntryPoint] | None = None,
) -> Mapping[str, Carrier]:
    """Make the carriers that are configured, each with its own options and every verb guarded. They connect on `start`.

    Raises ConfigurationError for a carrier that is not installed, or whose options are wrong.
    """
    known = installed_carriers() if installed is None else installed
    opened: dict[str, Carrier] = {}
    for name in names:
        if name not in known:
            there = ", ".join(sorted(known)) or "none"
            raise ConfigurationError(f"there is no carrier {name!r}; installed: {there}")
        make: Callable[[CarrierEnvironment], Carrier] = known[name].load()
        opened[name] = GuardedCarrier(make(replace(environment, options=(options or {}).get(name, {}))))
    return MappingProxyType(opened)


def carrier_options(settings: Settings) -> Mapping[str, Mapping[str, str]]:
    """Return what the settings say about each carrier; what is not set is left out."""
    said = {
        "simulated": {"address": settings.simulated_carrier},
        "asterisk": {
            "url": settings.asterisk_url,
            "trunk": settings.asterisk_trunk,
            "caller_id": settings.asterisk_caller_id,
            "sounds": settings.asterisk_sounds,
            "speech": settings.speech,
            "voice": settings.speech_voice,
            "capacity": str(settings.asterisk_capacity),
            "rate": str(settings.asterisk_rate),
        },
        "twilio": {
            "account": settings.twilio_account,
            "auth_token": settings.twilio_auth_token,
            "caller_id": settings.twilio_caller_id,
            "public_url": settings.public_url,
            "api": settings.twilio_api,
        },
    }
    return {carrier: {name: value for name, value in options.items() if value} for carrier, options in said.items()}
