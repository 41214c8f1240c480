"""Every error Ringback raises on purpose, in one tree.

RingbackError
├── ConfigurationError      what an operator must mend: settings, files, the database's state
├── Refused                 a request that cannot be done, with a stable id and words for the person who asked
│   ├── NotFound            no such thing for this principal (also: another business's)
│   ├── NotLoggedIn         nobody is known to be asking: no cookie or key, or one that is over
│   ├── NotAllowed          the principal may not do this
│   ├── Invalid             the input itself is wrong; names the field
│   ├── Conflict            the state of things forbids it now
│   └── TooMany             a limit was reached; says when to try again
├── IllegalTransition       a state table was asked for an arrow it does not have
├── CommitUnknown           the connection broke while COMMIT was on its way: neither done nor failed
├── TimerGone               a timer fired that was cancelled, moved or taken by another process
├── GateShut                a compare-and-set on the gate found another epoch, version or state
└── CarrierError
    ├── CarrierUnreachable  nothing is known about the call that was asked for
    └── LegGone             the carrier has no such leg (its 404)
"""

from __future__ import annotations

from datetime import timedelta


class RingbackError(Exception):
    """Anything Ringback raises on purpose."""


class ConfigurationError(RingbackError):
    """The program cannot run as configured; the message says what to change."""


class Refused(RingbackError):
    """A request that cannot be done. `id` is stable kebab-case; `detail` is for the person who asked."""

    id = "refused"

    def __init__(
        self, detail: str, *, id: str | None = None, field: str | None = None, next: str | None = None
    ) -> None:
        super().__init__(detail)
        self.detail = detail
        self.field = field
        self.next = next
        if id is not None:
            self.id = id


class NotFound(Refused):
    """There is no such thing for this principal."""

    id = "not-found"


class NotLoggedIn(Refused):
    """Nobody is known to be asking."""

    id = "not-logged-in"


class NotAllowed(Refused):
    """The principal is known and may not do this."""

    id = "not-allowed"


class Invalid(Refused):
    """The input is wrong in itself; `field` names where."""

    id = "invalid"


class Conflict(Refused):
    """The input is fine and the state of things forbids it."""

    id = "conflict"


class TooMany(Refused):
    """A limit was reached."""

    id = "too-many-requests"

    def __init__(self, detail: str, *, retry_after: timedelta, id: str | None = None) -> None:
        super().__init__(detail, id=id)
        self.retry_after = retry_after


class IllegalTransition(RingbackError):
    """A state table has no arrow for this event in this state."""

    def __init__(self, machine: str, state: str, event: str) -> None:
        super().__init__(f"{machine}: no {event} in state {state}")
        self.machine = machine
        self.state = state
        self.event = event


class CommitUnknown(RingbackError):
    """The answer to a COMMIT was lost; read the truth back before doing anything else."""


class TimerGone(RingbackError):
    """The timer was cancelled, moved or fired elsewhere between the lease and now."""


class GateShut(RingbackError):
    """The gate did not let this through; nothing may be dialled."""


class CarrierError(RingbackError):
    """A carrier could not do what it was asked."""


class CarrierUnreachable(CarrierError):
    """The carrier did not answer: whether it acted is not known."""


class LegGone(CarrierError):
    """The carrier says that it has no such leg."""
