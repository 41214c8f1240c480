"""Named points where the crash matrix kills or stalls this process; in production each costs one dictionary look-up."""

from __future__ import annotations

import os
import signal
from dataclasses import dataclass
from enum import StrEnum
from pathlib import Path


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


_armed: Armed | None = None
_trace: Path | None = None
_passed = 0


def configure(*, armed: Armed | None = None, trace: Path | None = None) -> None:
    """Arm at most one point, and collect names of points reached where a trace file is given."""
    global _armed, _trace, _passed
    _armed, _trace, _passed = armed, trace, 0


def reach(point: str) -> None:
    """Pass a failpoint."""
    if _armed is None and _trace is None:
        return
    if _trace is not None:
        with _trace.open("a") as file:
            file.write(point + "\n")
    _strike(point)


def _strike(point: str) -> None:
    global _passed
    if _armed is None or _armed.point != point:
        return
    _passed += 1
    if _passed <= _armed.after:
        return
    try:
        descriptor = os.open(_armed.spent, os.O_CREAT | os.O_EXCL | os.O_WRONLY)
    except FileExistsError:
        return
    os.write(descriptor, f"{os.getpid()} {point}\n".encode())
    os.close(descriptor)
    match _armed.fate:
        case Fate.KILL:
            os.kill(os.getpid(), signal.SIGKILL)
        case Fate.STALL:
            os.kill(os.getpid(), signal.SIGSTOP)
        case Fate.RECORD:
            pass
