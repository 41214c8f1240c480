"""What a business's own systems are told, and where to: event names, secrets (Standard Webhooks) and addresses that may be called."""

from __future__ import annotations

import base64
import ipaddress
from collections.abc import Iterable
from dataclasses import dataclass
from enum import StrEnum
from urllib.parse import urlsplit

from ringback.domain.errors import Invalid

SIGNING_MARK = "whsec_"


class WebhookEvent(StrEnum):
    """Every change of a promise and of an attempt, and every alert."""

    CALLBACK_ACCEPTED = "callback.accepted"
    CALLBACK_LOOKUP = (
        "callback.lookup"  # a question: how urgent is this customer? Only who asks for it by name is asked
    )
    CALLBACK_REFUSED = "callback.refused"
    CALLBACK_CHANGED = "callback.changed"
    CALLBACK_FINISHED = "callback.finished"
    PROMISE_AT_RISK = "promise.at_risk"
    PROMISE_SETTLED = "promise.settled"
    ATTEMPT_STARTED = "attempt.started"  # the agent's device rings
    ATTEMPT_DIALLED = "attempt.dialled"  # the customer's may ring from now on
    ATTEMPT_RINGS = "attempt.rings"  # first evidence that the customer's device rang
    ATTEMPT_JOINED = "attempt.joined"
    ATTEMPT_ENDED = "attempt.ended"
    ATTEMPT_MISSED = "attempt.missed"  # ended without a talk; says what follows
    ALERT_RAISED = "alert.raised"  # something needs a person at the business
    ALERT_RESOLVED = "alert.resolved"
    CHAT_FLAGGED = "chat.flagged"  # somebody at the business has to look at a chat
    WEBHOOK_TEST = "webhook.test"


@dataclass(frozen=True, slots=True, kw_only=True)
class WebhookTarget:
    """A webhook's address, taken apart."""

    scheme: str
    host: str
    port: int
    path: str  # with the query

    @property
    def authority(self) -> str:
        """Return the Host header."""
        host = f"[{self.host}]" if ":" in self.host else self.host
        return host if self.port == _PORTS[self.scheme] else f"{host}:{self.port}"


_PORTS = {"http": 80, "https": 443}
# Ranges that are global by the registry and still lead to an IPv4 address written inside them.
_TUNNELS = tuple(ipaddress.ip_network(each) for each in ("64:ff9b::/96", "64:ff9b:1::/48", "2002::/16", "2001::/32"))


def read_events(names: Iterable[str]) -> tuple[WebhookEvent, ...]:
    """Return events by their names (none: all); raise Invalid (`unknown-event`)."""
    known = {event.value: event for event in WebhookEvent}
    found = {name: known.get(name) for name in names}
    if None in found.values():
        raise Invalid(f"Events are some of {', '.join(known)}.", id="unknown-event", field="events")
    return tuple(event for event in found.values() if event is not None)


def new_secret(randomness: bytes) -> str:
    """Return a signing secret for 32 random bytes."""
    return SIGNING_MARK + base64.b64encode(randomness).decode()


def read_target(url: str, *, allow_private: bool) -> WebhookTarget:
    """Take an address apart. Raise Invalid (`url-invalid`, `url-not-allowed`) for what is no https URL, carries a log-in, or names a private address."""
    try:
        parts = urlsplit(url)
        host, port = parts.hostname, parts.port
    except ValueError as error:
        raise Invalid("This is not a URL.", id="url-invalid", field="url") from error
    if not host or len(url) > 2000 or any(character.isspace() or not character.isprintable() for character in url):
        raise Invalid("This is not a URL.", id="url-invalid", field="url")
    if parts.username is not None or parts.password is not None or parts.fragment:
        raise Invalid("Leave log-in and fragment out of the URL.", id="url-invalid", field="url")
    if parts.scheme not in (("https", "http") if allow_private else ("https",)):
        raise Invalid("Webhooks go to https:// addresses.", id="url-not-allowed", field="url")
    target = WebhookTarget(
        scheme=parts.scheme,
        host=host,
        port=port or _PORTS[parts.scheme],
        path=(parts.path or "/") + (f"?{parts.query}" if parts.query else ""),
    )
    if not allow_private and (host == "localhost" or host.endswith(".localhost") or not _may_be_public(host)):
        raise Invalid("This address is not on the public internet.", id="url-not-allowed", field="url")
    return target


def is_public(address: str) -> bool:
    """Tell whether an IP address is one of the public internet, also behind IPv6 forms that carry an IPv4 address."""
    ip = ipaddress.ip_address(address.partition("%")[0])
    if isinstance(ip, ipaddress.IPv6Address):
        if ip.ipv4_mapped is not None:
            return is_public(str(ip.ipv4_mapped))
        if any(ip in tunnel for tunnel in _TUNNELS):
            return False
    return ip.is_global and not ip.is_multicast and not ip.is_reserved


def _may_be_public(host: str) -> bool:
    try:
        return is_public(host)
    except ValueError:
        return True  # a name: decided when it is resolved
