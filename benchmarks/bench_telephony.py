"""Complete two-leg callbacks through one real Asterisk, beside the same far ends called by a bare loop: both at rising rates, in one run.

A callback is complete when both were joined and have hung up. Setup is the time from its due instant (the loop: from its start) to the join.
The last line says whether 60 a second with a p95 of at most 150 ms, or 0.7 of the loop's rate, is reached.
"""

from __future__ import annotations

import argparse
import asyncio
import random
import statistics
import sys
import time
from dataclasses import dataclass
from datetime import timedelta
from pathlib import Path
from tempfile import TemporaryDirectory

sys.path.insert(0, str(Path(__file__).resolve().parent.parent))

import uvloop

from benchmarks.telephony.bare import BareLoop
from benchmarks.telephony.centre import Centre, centre, cpu_seconds, memory_mb, now

RATES = (10, 20, 30, 40, 60, 80, 100)
COMPLETE = 0.995  # of the calls begun: less, and the rate was too high
SLOWEST = 0.5  # seconds: a p95 above it, and the rate was too high
WANTED, WANTED_P95, WANTED_SHARE = 60, 0.150, 0.7
AHEAD = 4.0  # seconds that directions are given before they are due


@dataclass(frozen=True, slots=True, kw_only=True)
class Row:
    """One rate, one way."""

    who: str
    rate: int
    begun: int
    done: int
    p50: float
    p95: float
    asterisk: float  # share of a core
    controller: float

    @property
    def is_well(self) -> bool:
        """All were made, and soon."""
        return self.done >= COMPLETE * self.begun and self.p95 <= SLOWEST


def main() -> int:
    """Run it and print the table."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--seconds", type=float, default=8.0, help="how long each rate is kept")
    parser.add_argument(
        "--soak", type=float, default=0.0, help="only calls at --rate for so many seconds, with the memory"
    )
    parser.add_argument("--rate", type=int, default=10)
    options = parser.parse_args()
    with TemporaryDirectory(prefix="ringback-telephony-") as folder:
        Path(folder).chmod(0o711)
        return uvloop.run(_run(Path(folder).resolve(), options))


async def _run(folder: Path, options: argparse.Namespace) -> int:
    async with centre(folder) as it:
        loop = BareLoop(it.options)
        await loop.start()
        await _ours(it, 5, 2.0)  # everything is warm
        if options.soak:
            return await _soak(it, options.rate, options.soak)
        print(
            f"{'':12} {'rate/s':>6} {'begun':>6} {'done':>6} {'p50 ms':>7} {'p95 ms':>7} {'asterisk':>9} {'controller':>10}"
        )
        rows: list[Row] = []
        going = {"bare loop", "ringback"}
        for rate in RATES:
            for who in ("bare loop", "ringback"):
                if who in going:
                    row = await (
                        _bare(it, loop, rate, options.seconds)
                        if who == "bare loop"
                        else _ours(it, rate, options.seconds)
                    )
                    rows.append(row)
                    print(_line(row), flush=True)
                    if not row.is_well:
                        going.discard(who)
        await loop.stop()
    return _verdict(rows)


def _line(row: Row) -> str:
    return (
        f"{row.who:12} {row.rate:6} {row.begun:6} {row.done:6} {1000 * row.p50:7.0f} {1000 * row.p95:7.0f}"
        f" {row.asterisk:8.0%} {row.controller:9.0%}"
    )


def _verdict(rows: list[Row]) -> int:
    best = {
        who: max((r.rate for r in rows if r.who == who and r.is_well), default=0) for who in ("bare loop", "ringback")
    }
    fast = any(r.who == "ringback" and r.is_well and r.rate >= WANTED and r.p95 <= WANTED_P95 for r in rows)
    share = best["ringback"] / best["bare loop"] if best["bare loop"] else 0.0
    met = fast or share >= WANTED_SHARE
    print(
        f"ringback {best['ringback']}/s, bare loop {best['bare loop']}/s: {share:.2f} of the limit; {'met' if met else 'NOT met'}"
    )
    return 0 if met else 1


async def _bare(it: Centre, loop: BareLoop, rate: int, seconds: float) -> Row:
    """Start calls at the rate, whatever becomes of them."""
    assert it.pbx.process is not None
    before, began = (cpu_seconds(it.pbx.process.pid), time.process_time()), time.monotonic()
    calls: list[asyncio.Task[float]] = []
    for n in range(int(rate * seconds)):
        await asyncio.sleep(max(0.0, began + n / rate - time.monotonic()))
        calls.append(asyncio.create_task(loop.call(*it.numbers())))
    took = time.monotonic() - began
    used = cpu_seconds(it.pbx.process.pid) - before[0], time.process_time() - before[1]
    found = await asyncio.gather(*calls, return_exceptions=True)
    return _row("bare loop", rate, len(calls), [each for each in found if isinstance(each, float)], used, took)


async def _ours(it: Centre, rate: int, seconds: float) -> Row:
    """Direct callbacks that fall due at the rate, a little ahead of their time."""
    assert it.pbx.process is not None
    count = int(rate * seconds)
    start = now() + timedelta(seconds=AHEAD)
    pids = it.pbx.process.pid, it.sessions.pid
    before, measured_from = [0.0, 0.0], time.monotonic()
    for n in range(count):
        due = start + timedelta(seconds=n / rate)
        await asyncio.sleep(max(0.0, (due - now()).total_seconds() - AHEAD + random.random() / rate))
        await it.direct(due)
        if not any(before) and now() >= start:
            before = [cpu_seconds(pid) for pid in pids]
            measured_from = time.monotonic()
    if not any(before):
        await asyncio.sleep(max(0.0, (start - now()).total_seconds()))
        before = [cpu_seconds(pid) for pid in pids]
        measured_from = time.monotonic()
    await asyncio.sleep(max(0.0, (start - now()).total_seconds() + seconds))
    took = time.monotonic() - measured_from
    used = [cpu_seconds(pid) - was for pid, was in zip(pids, before, strict=True)]
    until = time.monotonic() + 20
    while True:
        ended = await it.outcomes(start)
        if sum(outcome is not None for outcome, _ in ended) >= count or time.monotonic() > until:
            break
        await asyncio.sleep(0.3)
    joined = [setup for outcome, setup in ended if outcome == "talked" and setup is not None]
    if not joined:
        print(it.tail())
    return _row("ringback", rate, count, joined, (used[0], used[1]), took)


def _row(who: str, rate: int, begun: int, setups: list[float], used: tuple[float, float], took: float) -> Row:
    ordered = sorted(setups) or [float("inf")]
    return Row(
        who=who,
        rate=rate,
        begun=begun,
        done=len(setups),
        p50=statistics.median(ordered),
        p95=ordered[min(len(ordered) - 1, int(0.95 * len(ordered)))],
        asterisk=used[0] / took,
        controller=used[1] / took,
    )


async def _soak(it: Centre, rate: int, seconds: float) -> int:
    """Make calls at one rate for long, a minute at a time, and show what memory is used."""
    assert it.pbx.process is not None
    print(f"{'minute':>6} {'begun':>6} {'done':>6} {'p50 ms':>7} {'p95 ms':>7} {'asterisk MB':>12} {'ringback MB':>12}")
    well = True
    for minute in range(1, max(1, round(seconds / 60)) + 1):
        row = await _ours(it, rate, min(60.0, seconds))
        memory = memory_mb(it.pbx.process.pid), memory_mb(it.sessions.pid)
        print(
            f"{minute:6} {row.begun:6} {row.done:6} {1000 * row.p50:7.0f} {1000 * row.p95:7.0f} {memory[0]:12.0f} {memory[1]:12.0f}",
            flush=True,
        )
        well = well and row.is_well
    return 0 if well else 1


if __name__ == "__main__":
    raise SystemExit(main())
