"""Where Asterisk is and how numbers are dialled there."""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import dataclass, field, replace
from urllib.parse import urlsplit

from ringback.domain.errors import CarrierError, ConfigurationError
from ringback.session_management_server.carriers.speech import Speech, speech_of

_E164 = re.compile(r"\+[1-9][0-9]{3,14}")
_ENDPOINT = re.compile(r"[A-Za-z0-9_.-]{1,60}")
_PLACEHOLDERS = ("{number}", "{digits}")
_NAMED = re.compile(r"([a-z0-9][a-z0-9-]{0,31})=(.+)")
CAPACITY = 200  # channels at once on one machine
RATE = 20.0  # calls that one machine begins in a second: above about 80 its queue of events grows (measured)


@dataclass(frozen=True, slots=True, kw_only=True)
class AsteriskOptions:
    """`trunk` is a dial string with {number} (+4930…) or {digits} (4930…) in it, such as PJSIP/{digits}@carrier."""

    url: str
    user: str
    password: str = field(repr=False)
    trunk: str
    account: str
    caller_id: str | None = None
    longest_call: int = 4 * 3600  # seconds
    speech: Speech | None = None  # None: only recorded sounds are played

    @classmethod
    def read(cls, options: Mapping[str, str]) -> AsteriskOptions:
        """Read a carrier's options. Raises ConfigurationError for what is missing or wrong."""
        place = urlsplit(options.get("url", ""))
        if place.scheme not in ("http", "https") or not place.hostname or not place.username or not place.password:
            raise ConfigurationError(
                "the carrier asterisk needs RINGBACK_ASTERISK_URL, such as http://ringback:PASSWORD@127.0.0.1:8088/ari"
            )
        trunk = options.get("trunk", "")
        if not any(each in trunk for each in _PLACEHOLDERS) or "/" not in trunk:
            raise ConfigurationError(
                "the carrier asterisk needs RINGBACK_ASTERISK_TRUNK, a dial string such as PJSIP/{digits}@carrier"
            )
        port = f":{place.port}" if place.port else ""
        return cls(
            url=f"{place.scheme}://{place.hostname}{port}{place.path.rstrip('/')}",
            user=place.username,
            password=place.password,
            trunk=trunk,
            account=options.get("account") or f"{place.hostname}{port}",
            caller_id=options.get("caller_id") or None,
            speech=speech_of(options),
        )

    def dial_string(self, address: str) -> str:
        """Return what is dialled for an address: a number in E.164 through the trunk, or `endpoint:NAME`, a telephone registered here."""
        if address.startswith("endpoint:"):
            name = address.removeprefix("endpoint:")
            if not _ENDPOINT.fullmatch(name):
                raise CarrierError("an endpoint's name has letters, digits, dots, dashes and underscores only")
            return f"PJSIP/{name}"
        if not _E164.fullmatch(address):
            raise CarrierError("only numbers in E.164 are dialled")
        return self.trunk.replace("{number}", address).replace("{digits}", address[1:])


@dataclass(frozen=True, slots=True, kw_only=True)
class Machine:
    """One Asterisk of several: its name for operators, and how much it is given."""

    name: str
    options: AsteriskOptions
    capacity: int = CAPACITY
    rate: float = RATE


def read_machines(options: Mapping[str, str]) -> list[Machine]:
    """Read the machines that `url` names: one address, or several separated by commas, each as `NAME=ADDRESS`.

    Raises ConfigurationError for what is missing, wrong, or there twice.
    """
    found: list[Machine] = []
    for each in [text.strip() for text in options.get("url", "").split(",") if text.strip()] or [""]:
        named = _NAMED.fullmatch(each)
        read = AsteriskOptions.read({**options, "url": named[2] if named else each})
        found.append(
            Machine(
                name=named[1] if named else read.account,
                options=replace(read, account=named[1]) if named else read,
                capacity=int(_number(options, "capacity", CAPACITY)),
                rate=_number(options, "rate", RATE),
            )
        )
    if len({each.name for each in found}) < len(found):
        raise ConfigurationError("RINGBACK_ASTERISK_URL names one Asterisk twice: give each a name, NAME=ADDRESS")
    return found


def _number(options: Mapping[str, str], name: str, default: float) -> float:
    try:
        value = float(options.get(name) or default)
    except ValueError:
        value = 0.0
    if not 1 <= value <= 100_000:
        raise ConfigurationError(f"RINGBACK_ASTERISK_{name.upper()} must be a number from 1 on")
    return value
