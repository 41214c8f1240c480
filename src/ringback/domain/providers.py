"""The address of a callback provider: a business, one of its queues (departments), or one of its agents."""

from __future__ import annotations

import re
from dataclasses import dataclass

from ringback.domain.errors import Invalid

_ADDRESS = re.compile(
    r"biz:([a-z0-9][a-z0-9-]{0,62})(?:/q:([a-z0-9][a-z0-9-]{0,62}))?(?:/a:([a-z0-9][a-z0-9-]{0,62}))?"
)


@dataclass(frozen=True, slots=True, kw_only=True)
class Provider:
    """`biz:acme`, `biz:acme/q:billing`, `biz:acme/a:kim`, `biz:acme/q:billing/a:kim`."""

    business: str
    queue: str | None = None
    agent: str | None = None

    def __str__(self) -> str:
        """Return the address."""
        queue = f"/q:{self.queue}" if self.queue else ""
        agent = f"/a:{self.agent}" if self.agent else ""
        return f"biz:{self.business}{queue}{agent}"


def parse_provider(address: str) -> Provider:
    """Read a provider's address; raise Invalid (`unknown-provider`) when it is not one."""
    match = _ADDRESS.fullmatch(address)
    if match is None:
        raise Invalid(
            f"{address[:80]!r} is not a provider such as biz:acme/q:billing", id="unknown-provider", field="provider"
        )
    return Provider(business=match[1], queue=match[2], agent=match[3])
