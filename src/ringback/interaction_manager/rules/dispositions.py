"""What the agent's last word about a callback does."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime, timedelta

from ringback.domain.errors import Invalid
from ringback.interaction_manager.rules.policy import Disposition, DispositionEffect, Policy


@dataclass(frozen=True, slots=True, kw_only=True)
class Consequence:
    """What follows a disposition. `call_again_at`: a new callback then; `block`: no more callbacks for this person; `follow_up`: somebody has something to do."""

    disposition: Disposition
    call_again_at: datetime | None = None
    block: bool = False
    follow_up: bool = False

    @property
    def verdict(self) -> str:
        """One line for the ledger."""
        return f"Disposition: {self.disposition.label}"


def consequence(code: str, call_again_at: datetime | None, policy: Policy, now: datetime) -> Consequence:
    """Say what a disposition does; raise Invalid for a code the queue does not have or a time that has passed."""
    disposition = next((each for each in policy.dispositions if each.code == code), None)
    if disposition is None:
        known = ", ".join(each.code for each in policy.dispositions)
        raise Invalid(
            f"{code!r} is not a disposition of this queue; it has {known}", id="unknown-disposition", field="code"
        )
    if call_again_at is not None and call_again_at <= now:
        raise Invalid("The time to call again has passed.", id="past-time", field="call_again_at")
    again = None
    if disposition.effect is DispositionEffect.CALL_AGAIN:
        again = call_again_at or now + timedelta(seconds=disposition.after or 3600.0)
    return Consequence(
        disposition=disposition,
        call_again_at=again,
        block=disposition.effect is DispositionEffect.BLOCK,
        follow_up=disposition.effect is DispositionEffect.FOLLOW_UP,
    )
