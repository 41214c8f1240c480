"""How every benchmark of ours reports: a table, JSON, and a last line that says whether its targets are met."""

from __future__ import annotations

import json
import platform
import statistics
from collections.abc import Sequence
from dataclasses import asdict, dataclass
from pathlib import Path
from typing import Literal

import psutil


@dataclass(frozen=True, slots=True, kw_only=True)
class Row:
    """One line of the table: medians of interleaved rounds. `bound`: on which side of `target` the ratio must be; None: shown only."""

    what: str
    reference: float
    ours: float
    unit: str
    ratio: float
    bound: Literal["at least", "at most"] | None = None
    target: float = 0.0

    @property
    def met(self) -> bool:
        """Tell whether the ratio is on the right side of the target."""
        if self.bound is None:
            return True
        return self.ratio >= self.target if self.bound == "at least" else self.ratio <= self.target

    @property
    def wanted(self) -> str:
        """The target as it is shown."""
        return "" if self.bound is None else f"{'>=' if self.bound == 'at least' else '<='}{self.target:g}"


def compared(
    what: str,
    reference: Sequence[float],
    ours: Sequence[float],
    unit: str,
    *,
    bound: Literal["at least", "at most"] | None = None,
    target: float = 0.0,
) -> Row:
    """Compare the medians of two series of one run."""
    a, b = statistics.median(reference), statistics.median(ours)
    return Row(what=what, reference=a, ours=b, unit=unit, ratio=b / a if a else 0.0, bound=bound, target=target)


def report(rows: Sequence[Row], output: Path | None) -> None:
    """Print the table and the last line, and write the JSON."""
    machine = f"{psutil.cpu_count()} cores, {psutil.virtual_memory().total / 2**30:.0f} GiB, {platform.system()}, Python {platform.python_version()}"
    load = psutil.getloadavg()[0]
    print(f"{machine}; load average {load:.1f}")
    print(f"{'':<58}{'reference':>14}{'Ringback':>14}{'ratio':>9}  {'target':<8} met")
    for row in rows:
        figures = f"{row.reference:>10,.2f} {row.unit:<3}{row.ours:>10,.2f} {row.unit:<3}{row.ratio:>9.2f}"
        said = "" if row.bound is None else "yes" if row.met else "no"
        print(f"{row.what:<58}{figures}  {row.wanted:<8} {said}")
    judged = [row for row in rows if row.bound is not None]
    met = all(row.met for row in judged)
    if output:
        written = {
            "machine": machine,
            "load": load,
            "met": met,
            "rows": [{**asdict(row), "met": row.met} for row in rows],
        }
        output.write_text(json.dumps(written, indent=1) + "\n")
    ratios, targets = ",".join(f"{row.ratio:.2f}" for row in judged), ",".join(row.wanted for row in judged)
    print(f"ratio={ratios} target={targets} met={'yes' if met else 'no'}")
