"""The estimate beside simple rules and beside QLA given the true rates, on queue logs made from real arrivals.

For each case: mean absolute error ÷ mean wait over callers who were served and had to wait, each with a 95 % interval from a bootstrap over
whole days, how many waits lay in the 10–90 % range, and its median width. The last lines say whether the targets are met by the point figures.
"""

from __future__ import annotations

import argparse
import json
import sys
from concurrent.futures import ProcessPoolExecutor
from dataclasses import asdict, dataclass, replace
from datetime import date
from pathlib import Path
from random import Random
from statistics import median
from time import process_time

from benchmarks.promise.cases import CASES, Case, make, qla
from ringback.interaction_manager.rules.queue_log import read_queue_log
from ringback.interaction_manager.rules.replay import Caller, Replay, summary_of

RULES = ("ringback", "last to enter", "head of line", "queue length", "QLA, true rates")
RESAMPLES = 1000


@dataclass(frozen=True, slots=True, kw_only=True)
class Figure:
    """A ratio with its interval."""

    value: float
    low: float
    high: float

    def __str__(self) -> str:
        return f"{self.value:.3f} [{self.low:.3f} {self.high:.3f}]"


@dataclass(frozen=True, slots=True, kw_only=True)
class Result:
    """One queue of one case."""

    case: str
    queue: str
    callers: int
    waited: int
    mean_wait: float
    errors: dict[str, Figure]
    coverage: Figure
    width: float
    seconds: float
    two_skills: bool

    def missed(self) -> list[str]:
        """Say which targets are missed."""
        ours, line, true = (self.errors[name].value for name in ("ringback", "head of line", "QLA, true rates"))
        found = []
        if self.two_skills and ours >= line:
            found.append(f"{ours:.3f} is not under head-of-line's {line:.3f}")
        if not self.two_skills and ours > 1.03 * true:
            found.append(f"{ours:.3f} is over 1.03 × QLA's {true:.3f}")
        if not self.two_skills and ours > 0.85 * line:
            found.append(f"{ours:.3f} is not 15 % under head-of-line's {line:.3f}")
        if not 0.77 <= self.coverage.value <= 0.83:
            found.append(f"coverage {self.coverage.value:.3f} is not within 0.77–0.83")
        return found


def measure(case: Case) -> list[Result]:
    """Make a case's log, play it for each of its queues, and compare."""
    made = make(case)
    results = []
    for queue in case.queues:
        began = process_time()
        replay = Replay(queue)
        for _ in replay.play(read_queue_log(made.lines).events):
            pass
        took = process_time() - began
        scored = [each for each in replay.callers if each.scored]
        summary = summary_of(replay.callers)
        days: dict[int, list[float]] = {}
        for each in scored:
            day = days.setdefault(int(each.arrived // 86400), [0.0] * (len(RULES) + 3))
            for i, said in enumerate(_said(each, qla(made.found[each.call]))):
                day[i] += abs(said - (each.waited or 0.0))
            day[-3] += each.waited or 0.0
            day[-2] += each.inside
            day[-1] += 1
        blocks = list(days.values())
        errors = {name: _figure(blocks, i, -3) for i, name in enumerate(RULES)}
        results.append(
            Result(
                case=case.name,
                queue=queue,
                callers=summary.callers,
                waited=summary.waited,
                mean_wait=summary.mean_wait_s or 0.0,
                errors=errors,
                coverage=_figure(blocks, -2, -1),
                width=median(each.p90 - each.p10 for each in scored),
                seconds=took,
                two_skills=case.two_skills,
            )
        )
    return results


def _said(caller: Caller, true: float) -> tuple[float, ...]:
    return caller.p50, caller.last_to_enter, caller.head_of_line, caller.queue_length, true


def _figure(blocks: list[list[float]], part: int, whole: int) -> Figure:
    chance = Random(7)

    def ratio(chosen: list[list[float]]) -> float:
        return sum(each[part] for each in chosen) / sum(each[whole] for each in chosen)

    drawn = sorted(ratio(chance.choices(blocks, k=len(blocks))) for _ in range(RESAMPLES))
    return Figure(value=ratio(blocks), low=drawn[RESAMPLES // 40], high=drawn[-RESAMPLES // 40])


def main() -> None:
    """Run the cases and print the table."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--case", action="append", help="run only cases whose name holds this")
    parser.add_argument("--days", type=int, help="so many days instead of 20")
    parser.add_argument("--from", dest="first", type=date.fromisoformat, help="another first day, such as 1999-06-01")
    parser.add_argument("--load", type=float, help="offered work ÷ staffing, 1.05 unless told")
    parser.add_argument("--seed", type=int, help="added to each case's seed")
    parser.add_argument("--unlogged", action="store_true", help="members are not logged and have to be inferred")
    parser.add_argument("--jobs", type=int, default=2, help="cases at the same time")
    parser.add_argument("--json", type=Path, help="write the figures here too")
    asked = parser.parse_args()
    cases = [
        replace(
            case,
            days=asked.days or case.days,
            first=asked.first or case.first,
            load=asked.load or case.load,
            seed=case.seed + (asked.seed or 0),
            members=not asked.unlogged,
        )
        for case in CASES
        if not asked.case or any(each in case.name for each in asked.case)
    ]
    print("mean absolute error ÷ mean wait [95 % interval, whole days resampled]; callers served after a wait")
    results = []
    with ProcessPoolExecutor(asked.jobs) as pool:
        for found in pool.map(measure, cases):
            for each in found:
                results.append(each)
                _show(each)
    if asked.json:
        asked.json.write_text(json.dumps([asdict(each) for each in results], indent=2))
    missed = [f"{each.case}, {each.queue}: {why}" for each in results for why in each.missed()]
    print("\n" + ("every target is met" if not missed else "missed:\n" + "\n".join(missed)))
    sys.exit(1 if missed else 0)


def _show(result: Result) -> None:
    print(
        f"\n{result.case}, {result.queue}: {result.callers:,} callers, {result.waited:,} after a wait of {result.mean_wait:.0f} s on average; "
        f"replayed in {result.seconds:.0f} s of one core"
    )
    ours = result.errors["ringback"].value
    for name, figure in result.errors.items():
        print(
            f"  {name:<16} {figure!s:<22}" + ("" if name == "ringback" else f" ours is {ours / figure.value:.2f} of it")
        )
    print(f"  coverage         {result.coverage!s:<22} median width {result.width:.0f} s", flush=True)


if __name__ == "__main__":
    main()
