"""Named points where the crash matrix kills or stalls this process; in production each costs one dictionary look-up."""

from __future__ import annotations

import os
import signal
from collections.abc import Iterable
from dataclasses import dataclass
from enum import StrEnum
from pathlib import Path

from ringback.domain.errors import ConfigurationError


class Fate(StrEnum):
    """What happens at an armed point."""

    KILL = "kill"  # SIGKILL
    STALL = "stall"  # SIGSTOP: the runner continues the process when the lease is long over
    RECORD = "record"  # only note that the point was reached


@dataclass(frozen=True, slots=True, kw_only=True)
class Armed:
    """One armed point. `spent` is a file: the fate strikes once, also over restarts; `trace` collects every point reached."""

    point: str
    fate: Fate
    spent: Path
    after: int = 0  # how often it is passed before


_armed: dict[str, list[Armed]] = {}
_passed: dict[str, int] = {}
_trace: Path | None = None


def configure(*, armed: Iterable[Armed] = (), trace: Path | None = None) -> None:
    """Arm points, and collect the names of all that are reached where a trace file is given."""
    global _trace
    _armed.clear()
    _passed.clear()
    for each in armed:
        _armed.setdefault(each.point, []).append(each)
    _trace = trace


def read_plan(file: Path) -> list[Armed]:
    """Read lines of `point fate after spent-file`; raise ConfigurationError for one that is not understood."""
    plan = []
    for number, line in enumerate(file.read_text().splitlines(), start=1):
        try:
            point, fate, after, spent = line.split(None, 3)
            plan.append(Armed(point=point, fate=Fate(fate), after=int(after), spent=Path(spent)))
        except ValueError as error:
            raise ConfigurationError(f"{file}:{number}: {error}") from error
    return plan


def reach(point: str) -> None:
    """Pass a failpoint."""
    if not _armed and _trace is None:
        return
    if _trace is not None:
        with _trace.open("a") as file:
            file.write(point + "\n")
    passed = _passed[point] = _passed.get(point, 0) + 1
    for each in _armed.get(point, ()):
        if passed > each.after:
            _strike(each)


def _strike(armed: Armed) -> None:
    try:
        descriptor = os.open(armed.spent, os.O_CREAT | os.O_EXCL | os.O_WRONLY)
    except FileExistsError:
        return
    os.write(descriptor, f"{os.getpid()} {armed.point}\n".encode())
    os.fsync(descriptor)
    os.close(descriptor)
    match armed.fate:
        case Fate.KILL:
            os.kill(os.getpid(), signal.SIGKILL)
        case Fate.STALL:
            os.kill(os.getpid(), signal.SIGSTOP)
        case Fate.RECORD:
            pass
