"""What is known of legs: from events while we listen, from a channel's own variables, and from the note it leaves when it ends.

Asterisk forgets a channel at its end. The dialplan's hang-up handler (docs/carriers.md) writes a note into a global variable first, so that
whoever comes later still learns how it ended.
"""

from __future__ import annotations

import re
from collections import OrderedDict
from collections.abc import Mapping
from dataclasses import dataclass, replace
from datetime import UTC, datetime
from typing import Any
from uuid import UUID

from ringback.domain.ids import BusinessId, LegId
from ringback.session_management_server.carriers.asterisk.endings import Ending, end_cause
from ringback.session_management_server.carriers.protocol import EndCause, LegReport, Whereabouts

REMEMBERED = 20_000  # legs
PREFIX = "rb-"
NOTE = "RB_END_"
_STATUS = re.compile(r"SIP (\d{3})")


@dataclass(frozen=True, slots=True, kw_only=True)
class Trace:
    """One leg as seen so far."""

    business: BusinessId
    dialled: bool = False
    rang_at: datetime | None = None
    answered_at: datetime | None = None
    joined_at: datetime | None = None
    ended_at: datetime | None = None
    released: bool = False
    cause: EndCause | None = None
    party: str = ""
    sounding: bool = False  # something is played to it
    machine: bool | None = None  # the verdict on who picked up; None: none was asked for, or none came

    def report(self) -> LegReport:
        """Return it as a carrier's report."""
        if self.ended_at is not None:
            where = Whereabouts.ENDED
        elif self.joined_at is not None:
            where = Whereabouts.JOINED
        elif self.answered_at is not None:
            where = Whereabouts.ANSWERED
        else:
            where = Whereabouts.DIALLING if self.dialled or self.rang_at else Whereabouts.PREPARED
        return LegReport(
            whereabouts=where,
            rang_at=self.rang_at,
            answered_at=self.answered_at,
            joined_at=self.joined_at,
            ended_at=self.ended_at,
            cause=self.cause,
            machine=self.machine is True,
            person=self.machine is False,
        )


class Traces:
    """The legs this process has heard of; the oldest are forgotten."""

    def __init__(self) -> None:
        self._known: OrderedDict[LegId, Trace] = OrderedDict()

    def get(self, leg: LegId) -> Trace | None:
        """Return what is known of a leg."""
        return self._known.get(leg)

    def note(self, leg: LegId, business: BusinessId, **changes: Any) -> Trace:
        """Add to what is known; the first time of each thing stays."""
        known = self._known.get(leg) or Trace(business=business)
        new = {
            name: value
            for name, value in changes.items()
            if not (name.endswith("_at") and getattr(known, name) is not None)
        }
        self._known[leg] = known = replace(known, **new)
        while len(self._known) > REMEMBERED:
            self._known.popitem(last=False)
        return known

    def live(self) -> list[tuple[LegId, Trace]]:
        """Return the legs that have not ended."""
        return [(leg, trace) for leg, trace in self._known.items() if trace.ended_at is None]


def channel_of(leg: LegId) -> str:
    """Return the id of a leg's channel."""
    return f"{PREFIX}{leg}"


def leg_of(channel: str) -> LegId | None:
    """Return the leg of a channel, if it is one of ours."""
    try:
        return LegId(UUID(channel.removeprefix(PREFIX))) if channel.startswith(PREFIX) else None
    except ValueError:
        return None


def playback_of(leg: LegId, kind: str) -> str:
    """Return the id of what a leg hears: words, ringing, notice."""
    return f"{PREFIX}{leg}+{kind}"


def played_to(playback: str) -> LegId | None:
    """Return the leg to which words were played; None for anything else."""
    channel, _, kind = playback.partition("+")
    return leg_of(channel) if kind == "words" else None


def made_at(leg: LegId) -> datetime:
    """Return when a leg's id was made: the first 48 bits of a UUIDv7 are milliseconds of Unix time (RFC 9562)."""
    return datetime.fromtimestamp((leg.int >> 80) / 1000, UTC)


def note_of(leg: LegId) -> str:
    """Return the name of the global variable a leg's channel leaves."""
    return NOTE + leg.hex


def business_of(variables: Mapping[str, str]) -> BusinessId | None:
    """Return whose channel it is."""
    try:
        return BusinessId(UUID(variables.get("RB_BUSINESS", "")))
    except ValueError:
        return None


def read_channel(channel: Mapping[str, Any], now: datetime) -> Trace | None:
    """Read a living channel; what nobody noted the time of has happened by now."""
    variables = channel.get("channelvars") or {}
    business = business_of(variables)
    if business is None:
        return None
    state = channel.get("state")
    up, rings = state == "Up", state in ("Ring", "Ringing")
    return Trace(
        business=business,
        dialled=bool(variables.get("RB_DIALLED")) or up or rings,
        rang_at=_moment(variables.get("RB_RANG")) or (now if up or rings else None),
        answered_at=_moment(variables.get("RB_ANSWERED")) or (now if up else None),
        joined_at=_moment(variables.get("RB_JOINED")),
        released=bool(variables.get("RB_RELEASED")),
        party=variables.get("RB_PARTY") or "",
        sounding=bool(variables.get("RB_SOUND")),
        machine=variables["RB_MACHINE"] == "MACHINE" if variables.get("RB_MACHINE") else None,
    )


def read_note(text: str) -> Trace | None:
    """Read what a channel left: business, end, state, cause, SIP answer, dialled, rang, answered, joined, released."""
    parts = text.split("^")
    if len(parts) != 10:
        return None
    business = business_of({"RB_BUSINESS": parts[0]})
    if business is None or not parts[1].isdigit():
        return None
    ended = datetime.fromtimestamp(int(parts[1]), UTC)
    status = _STATUS.search(parts[4])
    answer = int(status[1]) if status else None
    rang_at, answered_at, joined_at = (_moment(part) for part in parts[6:9])
    up, rings = parts[2] == "Up", parts[2] in ("Ring", "Ringing")
    ending = Ending(
        dialled=bool(parts[5]) or up or rings,
        rang=rings or up or rang_at is not None,
        answered=up or answered_at is not None,
        released=bool(parts[9]),
        cause=int(parts[3]) if parts[3].isdigit() else None,
        answer=answer if answer is not None and answer >= 300 else None,
    )
    return Trace(
        business=business,
        dialled=ending.dialled,
        rang_at=rang_at or (ended if ending.rang else None),
        answered_at=answered_at or (ended if ending.answered else None),
        joined_at=joined_at,
        ended_at=ended,
        released=ending.released,
        cause=end_cause(ending),
    )


def _moment(text: str | None) -> datetime | None:
    try:
        return datetime.fromisoformat(text).astimezone(UTC) if text else None
    except ValueError:
        return None
