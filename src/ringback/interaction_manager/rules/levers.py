"""What operators have set a queue to, and what a pull of levers makes of it."""

from __future__ import annotations

from dataclasses import dataclass, replace
from datetime import datetime, time, timedelta
from typing import Any, Protocol

from ringback.domain.commands import SetLevers
from ringback.domain.errors import Invalid
from ringback.domain.times import TimeWindow
from ringback.interaction_manager.rules.hours import Closure, Hours
from ringback.interaction_manager.rules.words import clock

LONGEST_CLOSURE = timedelta(days=14)
LONGEST_INCIDENT = 500


@dataclass(frozen=True, slots=True, kw_only=True)
class Levers:
    """A queue's levers. `wait_cap`: seconds that nine of ten may wait at most; `shut`: closed whatever the hours say."""

    offering: bool = True
    dialling: bool = True
    backlog_cap: int | None = None
    wait_cap: float | None = None
    waitlist: bool = False
    shut: TimeWindow | None = None
    shut_why: str | None = None
    incident: str | None = None
    incident_at: datetime | None = None

    def hours(self, hours: Hours) -> Hours:
        """Return the hours with the operators' closure taken out."""
        closures = () if self.shut is None else (Closure(window=self.shut, name=self.shut_why or "closed early"),)
        return hours if closures == hours.closures else replace(hours, closures=closures)


class Row(Protocol):
    """A row of the queue's table."""

    def __getitem__(self, column: str, /) -> Any: ...


def levers_of(row: Row) -> Levers:
    """Return the levers of a queue's row."""
    shut = None
    if row["shut_from"] is not None:
        shut = TimeWindow(start=row["shut_from"], end=row["shut_until"])
    return Levers(
        offering=row["offering"],
        dialling=row["dialling"],
        backlog_cap=row["backlog_cap"],
        wait_cap=row["wait_cap"],
        waitlist=row["waitlist"],
        shut=shut,
        shut_why=row["shut_why"],
        incident=row["incident"],
        incident_at=row["incident_at"],
    )


def pulled(before: Levers, command: SetLevers, hours: Hours, now: datetime) -> Levers:
    """Return the levers after a pull; raise Invalid naming what cannot be set."""
    if not command.reason.strip():
        raise Invalid("Say why.", field="reason")
    after = before
    if command.offering is not None:
        after = replace(after, offering=command.offering)
    if command.dialling is not None:
        after = replace(after, dialling=command.dialling)
    if command.waitlist is not None:
        after = replace(after, waitlist=command.waitlist)
    if command.backlog_cap is not None:
        after = replace(after, backlog_cap=None if command.backlog_cap < 0 else command.backlog_cap)
    if command.wait_cap is not None:
        after = replace(after, wait_cap=None if command.wait_cap < 0 else float(command.wait_cap))
    if command.incident is not None:
        after = _incident(after, command.incident.strip(), now)
    if command.reopen:
        after = replace(after, shut=None, shut_why=None)
    if command.close_at is not None:
        shut = closure(max(command.close_at, now), command.reopen_at, hours)
        after = replace(after, shut=shut, shut_why=command.reason.strip())
    return after


def _incident(levers: Levers, text: str, now: datetime) -> Levers:
    if not text:
        return replace(levers, incident=None, incident_at=None)
    if len(text) > LONGEST_INCIDENT:
        raise Invalid(f"At most {LONGEST_INCIDENT} characters.", id="incident-invalid", field="incident")
    # The same words again are the same incident: nobody is asked twice.
    return levers if text == levers.incident else replace(levers, incident=text, incident_at=now)


def closure(at: datetime, reopens: datetime | None, hours: Hours) -> TimeWindow:
    """Return from when until when a queue is closed: unless said, to the end of that day where the queue is."""
    until = reopens
    if until is None:
        day = at.astimezone(hours.zone).date() + timedelta(days=1)
        until = datetime.combine(day, time(), hours.zone).astimezone(at.tzinfo)
    if until <= at:
        raise Invalid("It must open again later than it closes.", id="time-invalid", field="reopen_at")
    if until - at > LONGEST_CLOSURE:
        raise Invalid("Close it for 14 days at most.", id="time-invalid", field="reopen_at")
    return TimeWindow(start=at, end=until)


def changes(before: Levers, after: Levers, hours: Hours, now: datetime) -> list[str]:
    """Say what a pull changed, for the ledger and the audit."""
    said = []
    if before.offering != after.offering:
        said.append("offering resumed" if after.offering else "offering stopped")
    if before.dialling != after.dialling:
        said.append("dialling resumed" if after.dialling else "dialling stopped")
    if before.backlog_cap != after.backlog_cap:
        said.append("backlog cap removed" if after.backlog_cap is None else f"backlog capped at {after.backlog_cap}")
    if before.wait_cap != after.wait_cap:
        said.append("wait cut-off removed" if after.wait_cap is None else f"wait cut off at {after.wait_cap:g} s")
    if before.waitlist != after.waitlist:
        said.append("waitlist kept" if after.waitlist else "no waitlist any more")
    if before.shut != after.shut:
        said.append(_shut_words(after, hours, now))
    if before.incident != after.incident:
        said.append("incident over" if after.incident is None else f"incident: “{after.incident}”")
    return said


def _shut_words(levers: Levers, hours: Hours, now: datetime) -> str:
    if levers.shut is None:
        return "open by its hours again"
    begins = "now" if levers.shut.start <= now else f"from {clock(levers.shut.start, hours.zone, now)}"
    return f"closed {begins} until {clock(levers.shut.end, hours.zone, now)}"


def written(levers: Levers) -> dict[str, Any]:
    """Return levers as plain values, as the answer to a pull and the ledger have them."""
    return {
        "offering": levers.offering,
        "dialling": levers.dialling,
        "backlog_cap": levers.backlog_cap,
        "wait_cap": levers.wait_cap,
        "waitlist": levers.waitlist,
        "shut_from": levers.shut.start.isoformat() if levers.shut else None,
        "shut_until": levers.shut.end.isoformat() if levers.shut else None,
        "incident": levers.incident,
    }
