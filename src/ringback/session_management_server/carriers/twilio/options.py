"""The account at Twilio, and where Twilio finds us."""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import dataclass, field
from urllib.parse import urlsplit

from ringback.domain.errors import CarrierError, ConfigurationError
from ringback.domain.guards.numbers import is_e164
from ringback.domain.ids import BusinessId, LegId

PREFIX = "/carriers/twilio"
_ACCOUNT = re.compile(r"AC[0-9a-fA-F]{32}")


@dataclass(frozen=True, slots=True, kw_only=True)
class TwilioOptions:
    """`public_url` is what Twilio calls, and what it signs; `settle`: seconds until a listing can be trusted to be complete."""

    account: str
    auth_token: str = field(repr=False)
    caller_id: str
    public_url: str
    api: str = "https://api.twilio.com"
    settle: float = 15.0
    longest_call: int = 4 * 3600  # seconds

    @classmethod
    def read(cls, options: Mapping[str, str]) -> TwilioOptions:
        """Read a carrier's options. Raises ConfigurationError for what is missing or wrong."""
        account, token = options.get("account", ""), options.get("auth_token", "")
        if not _ACCOUNT.fullmatch(account) or not token:
            raise ConfigurationError(
                "the carrier twilio needs RINGBACK_TWILIO_ACCOUNT (AC and 32 digits) and RINGBACK_TWILIO_AUTH_TOKEN"
            )
        caller_id = options.get("caller_id", "")
        if not is_e164(caller_id):
            raise ConfigurationError(
                "the carrier twilio needs RINGBACK_TWILIO_CALLER_ID, a number of the account such as +4930123456"
            )
        public = urlsplit(options.get("public_url", ""))
        if public.scheme not in ("http", "https") or not public.netloc:
            raise ConfigurationError("the carrier twilio needs RINGBACK_PUBLIC_URL: Twilio calls back there")
        return cls(
            account=account,
            auth_token=token,
            caller_id=caller_id,
            public_url=options["public_url"].rstrip("/"),
            api=options.get("api", "https://api.twilio.com").rstrip("/"),
            settle=float(options.get("settle", "15")),
        )

    def base(self, business: BusinessId, leg: LegId) -> str:
        """Return where Twilio asks about a leg."""
        return f"{self.public_url}{PREFIX}/{business.hex}/{leg.hex}"

    def number(self, address: str) -> str:
        """Return the number to call; raise CarrierError for anything but E.164."""
        if not is_e164(address):
            raise CarrierError("only numbers in E.164 are dialled")
        return address
