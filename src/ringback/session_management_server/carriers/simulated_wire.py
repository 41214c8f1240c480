"""What the simulated carrier's process and its clients say to each other: one JSON object a line."""

from __future__ import annotations

from dataclasses import dataclass, field
from uuid import UUID

import msgspec

from ringback.session_management_server.carriers.protocol import LegEvent, LegOrder, LegReport

LIMIT = 64 * 1024  # bytes a line may have


@dataclass(frozen=True, slots=True, kw_only=True)
class Request:
    """A verb of the protocol; or `subscribe`; or, for the far end, `behave` (an address, or a party, from now on) and `leave` (hang up now)."""

    id: int
    verb: str
    business: UUID | None = None
    leg: UUID | None = None
    other: UUID | None = None
    order: LegOrder | None = None
    ring_for: float = 0.0
    on: bool = False
    address: str | None = field(default=None, repr=False)
    behaviour: str | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class Reply:
    """The answer to the request with this id, or an event where `event` is set."""

    id: int = 0
    problem: str | None = None  # "leg_gone" or "refused"
    detail: str | None = None
    report: LegReport | None = None
    legs: tuple[UUID, ...] = ()
    event: LegEvent | None = None


_requests = msgspec.json.Decoder(Request)
_replies = msgspec.json.Decoder(Reply)


def read_request(line: bytes) -> Request:
    """Read a line; raise msgspec.DecodeError or msgspec.ValidationError when it is none."""
    return _requests.decode(line)


def read_reply(line: bytes) -> Reply:
    """Read a line; raise msgspec.DecodeError or msgspec.ValidationError when it is none."""
    return _replies.decode(line)


def write(message: Request | Reply) -> bytes:
    """Make a line."""
    return msgspec.json.encode(message) + b"\n"


def parse_place(place: str) -> tuple[str, int] | str:
    """Read `host:port` or `unix:PATH`; raise ValueError when it is neither."""
    if place.startswith("unix:"):
        return place.removeprefix("unix:")
    host, _, port = place.rpartition(":")
    return host or "127.0.0.1", int(port)
