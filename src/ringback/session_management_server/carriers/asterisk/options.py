"""Where Asterisk is and how numbers are dialled there."""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import dataclass, field
from urllib.parse import urlsplit

from ringback.domain.errors import CarrierError, ConfigurationError

_E164 = re.compile(r"\+[1-9]\d{3,14}")
_ENDPOINT = re.compile(r"[A-Za-z0-9_.-]{1,60}")
_PLACEHOLDERS = ("{number}", "{digits}")


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
