"""Where a customer is called: the page their chat is on, or a telephone number."""

from __future__ import annotations

from dataclasses import dataclass, field
from enum import StrEnum


class DestinationKind(StrEnum):
    """What rings at the customer's end."""

    BROWSER = "browser"  # address: the chat's id
    PHONE = "phone"  # address: the number in E.164


@dataclass(frozen=True, slots=True, kw_only=True)
class Destination:
    """What to ring. The address never appears in a repr, so it cannot reach a log by accident."""

    kind: DestinationKind
    address: str = field(repr=False)
    proved: bool = False  # browser: always; phone: by one-time code or channel

    def masked(self) -> str:
        """Return words that may be shown to anybody: `this browser`, `number ending 123`."""
        return "this browser" if self.kind is DestinationKind.BROWSER else f"number ending {self.address[-3:]}"
