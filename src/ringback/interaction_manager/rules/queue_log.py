"""Asterisk's queue_log, line by line, as events of a floor: old and new forms, members that are logged and members that are not.

A line is `time|call|queue|agent|EVENT|data…`; time is seconds since 1970, with or without a fraction, or a date and time of day (UTC).
What cannot be read is named with its number and left out. Lines out of order are put in order; a clock that was set back goes on.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field
from datetime import UTC, datetime
from itertools import pairwise
from math import isfinite

from ringback.interaction_manager.rules.estimates.floor import Event, Kind

JOINED, TAKEN = "ENTERQUEUE", "CONNECT"
# How a caller's wait ended who was not taken.
LEFT = {
    "ABANDON": "abandoned",
    "EXITWITHTIMEOUT": "timed out",
    "EXITEMPTY": "sent on: nobody there",
    "EXITWITHKEY": "left by key",
}
_ENDED = frozenset({"COMPLETEAGENT", "COMPLETECALLER", "BLINDTRANSFER", "ATTENDEDTRANSFER", "TRANSFER", "AGENTDUMP"})
_AGENTS = {
    "ADDMEMBER": Kind.ON_DUTY,
    "REMOVEMEMBER": Kind.OFF_DUTY,
    "PAUSE": Kind.PAUSED,
    "UNPAUSE": Kind.RESUMED,
    "PAUSEALL": Kind.PAUSED,
    "UNPAUSEALL": Kind.RESUMED,
    "RINGNOANSWER": Kind.RANG,
    "RINGCANCELED": Kind.RANG,
    # Asterisk's agents who log in by themselves are members all the time.
    "AGENTLOGIN": Kind.RESUMED,
    "AGENTCALLBACKLOGIN": Kind.RESUMED,
    "AGENTLOGOFF": Kind.PAUSED,
    "AGENTCALLBACKLOGOFF": Kind.PAUSED,
}
_OF_ALL_QUEUES = frozenset(
    {"PAUSEALL", "UNPAUSEALL", "AGENTLOGIN", "AGENTCALLBACKLOGIN", "AGENTLOGOFF", "AGENTCALLBACKLOGOFF"}
)
_SILENT = frozenset(
    {"CONFIGRELOAD", "DID", "INFO", "PENALTY", "MEMBERPENALTY", "SYSCOMPAT", "CALLSTATUS", "MUSICONHOLD"}
)

_OUT_OF_ORDER = 60.0  # seconds that lines of several threads may be out of order
_SHUFFLED = 0.001  # of the lines go back by more than that: it is not the clock
_EARLIEST, _LATEST = 0.0, 32_503_680_000.0  # 1970 to 3000


@dataclass(frozen=True, slots=True, kw_only=True)
class BadLine:
    """A line that could not be read, and why."""

    number: int
    why: str


@dataclass(frozen=True, slots=True)
class LoggedEvent:
    """An event with the number of its line, and, for a caller who was not taken, how the wait ended."""

    number: int
    event: Event
    outcome: str = ""


@dataclass(slots=True, kw_only=True)
class QueueLog:
    """A log that was read. `queues`: events by queue; `remarks`: what was mended; `unknown`: events nobody knows, by name."""

    events: list[LoggedEvent] = field(default_factory=list)
    bad: list[BadLine] = field(default_factory=list)
    queues: Counter[str] = field(default_factory=Counter)
    unknown: Counter[str] = field(default_factory=Counter)
    remarks: list[str] = field(default_factory=list)
    lines: int = 0


def read_queue_log(lines: Iterable[str]) -> QueueLog:
    """Read a whole log; nothing in it is fatal."""
    log = QueueLog()
    for number, line in enumerate(lines, start=1):
        log.lines = number
        text = line.strip("\r\n\ufeff \t")
        if not text:
            continue
        read = _read(text, number, log)
        if isinstance(read, LoggedEvent):
            log.events.append(read)
            if read.event.queue:
                log.queues[read.event.queue] += 1
        elif read:
            log.bad.append(BadLine(number=number, why=read))
    log.events, remark = in_order(log.events)
    if remark:
        log.remarks.append(remark)
    return log


def _read(text: str, number: int, log: QueueLog) -> LoggedEvent | str | None:
    """Return the event of a line, why there is none, or None for one that means nothing here."""
    fields = text.split("|")
    if len(fields) < 5:
        return f"{len(fields)} fields where at least 5 belong"
    at = _time(fields[0])
    if at is None:
        return f"{fields[0][:40]!r} is not a time"
    call, queue, agent, name = (each.strip() for each in fields[1:5])
    queue = "" if queue == "NONE" else queue
    agent = "" if agent == "NONE" else agent
    if name == "QUEUESTART":
        return LoggedEvent(number, Event(at, Kind.RESTARTED))
    if name in _SILENT:
        return None
    if name in (JOINED, TAKEN) or name in LEFT or name in _ENDED:
        if not queue or not call or call == "NONE":
            return f"{name} without a {'call' if queue else 'queue'}"
        if name == JOINED:
            return LoggedEvent(number, Event(at, Kind.JOINED, queue, call))
        if name in LEFT:
            return LoggedEvent(number, Event(at, Kind.LEFT, queue, call), LEFT[name])
        if not agent:
            return f"{name} without an agent"
        return LoggedEvent(number, Event(at, Kind.TAKEN if name == TAKEN else Kind.ENDED, queue, call, agent))
    kind = _AGENTS.get(name)
    if kind is None:
        if not name.isupper():
            return f"{name[:40]!r} is not an event"
        log.unknown[name] += 1
        return None
    if not agent:
        return f"{name} without an agent"
    if name in _OF_ALL_QUEUES:
        queue = ""
    elif not queue and kind is not Kind.PAUSED and kind is not Kind.RESUMED:
        return f"{name} without a queue"
    return LoggedEvent(number, Event(at, kind, queue, "", agent))


def _time(text: str) -> float | None:
    try:
        at = float(text)
    except ValueError:
        try:
            read = datetime.fromisoformat(text.strip())
        except ValueError:
            return None
        at = (read if read.tzinfo else read.replace(tzinfo=UTC)).timestamp()
    return at if isfinite(at) and _EARLIEST < at < _LATEST else None


def in_order(events: Sequence[LoggedEvent]) -> tuple[list[LoggedEvent], str]:
    """Put events in order of time, and say what was wrong with it.

    A few seconds out of order: sorted. Parts that follow one another when put in order (logs joined the wrong way round): put in
    order. A few parts that overlap: the clock was set back, and the time of the later part goes on from there. Many: sorted.
    """
    times = [each.event.at for each in events]
    if all(a <= b for a, b in pairwise(times)):
        return list(events), ""
    breaks, latest = [0], float("-inf")
    for i, at in enumerate(times):
        if at < latest - _OUT_OF_ORDER:
            breaks.append(i)
            latest = at
        latest = max(latest, at)
    if len(breaks) == 1:
        return _sorted(events), "lines a few seconds out of order were put in order"
    parts = [_sorted(events[i:j]) for i, j in pairwise([*breaks, len(events)])]
    by_start = sorted(parts, key=lambda part: part[0].event.at)
    if all(a[-1].event.at <= b[0].event.at + _OUT_OF_ORDER for a, b in pairwise(by_start)):
        return _sorted(events), f"{len(parts)} parts of the log were not in order of time, and were put in order"
    if len(parts) > max(3, _SHUFFLED * len(events)):
        return _sorted(events), "lines were not in order of time, and were put in order"
    joined: list[LoggedEvent] = []
    shift = 0.0
    where = []
    for part in parts:
        if joined and part[0].event.at + shift < joined[-1].event.at:
            where.append(part[0].number)
            shift = joined[-1].event.at - part[0].event.at
        joined += [_later(each, shift) for each in part] if shift else part
    back = ", ".join(map(str, where[:5]))
    return joined, f"the clock was set back before line {back}: the time after it goes on from the time before"


def _sorted(events: Sequence[LoggedEvent]) -> list[LoggedEvent]:
    return sorted(events, key=lambda each: each.event.at)


def _later(logged: LoggedEvent, shift: float) -> LoggedEvent:
    was = logged.event
    return LoggedEvent(logged.number, Event(was.at + shift, was.kind, was.queue, was.caller, was.agent), logged.outcome)
