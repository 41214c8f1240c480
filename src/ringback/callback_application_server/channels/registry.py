"""Finds channels through the entry points `ringback.channels`. A name that is there twice is refused, not overridden."""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable, Iterable, Mapping
from importlib.metadata import EntryPoint, entry_points
from types import MappingProxyType

from ringback.callback_application_server.channels.environment import ChannelEnvironment
from ringback.callback_application_server.channels.protocol import Channel
from ringback.domain.errors import ConfigurationError

GROUP = "ringback.channels"


def installed_channels(found: Iterable[EntryPoint] | None = None) -> Mapping[str, EntryPoint]:
    """Return every installed channel by name; raise ConfigurationError when two packages bring the same name."""
    points = list(entry_points(group=GROUP) if found is None else found)
    twice = [name for name, count in Counter(point.name for point in points).items() if count > 1]
    if twice:
        brought = ", ".join(sorted(point.value for point in points if point.name in twice))
        raise ConfigurationError(f"channel {twice[0]!r} is brought twice ({brought}): uninstall one of them")
    return MappingProxyType({point.name: point for point in points})


def open_channels(
    environment: ChannelEnvironment, *, installed: Mapping[str, EntryPoint] | None = None
) -> Mapping[str, Channel]:
    """Make every installed channel. Raises ConfigurationError for one that calls itself something else."""
    opened: dict[str, Channel] = {}
    for name, point in (installed_channels() if installed is None else installed).items():
        make: Callable[[ChannelEnvironment], Channel] = point.load()
        channel = make(environment)
        if channel.kind != name:
            raise ConfigurationError(f"channel {name!r} calls itself {channel.kind!r}")
        opened[name] = channel
    return MappingProxyType(opened)
