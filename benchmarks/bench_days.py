"""Twenty open days of real arrivals through the product's rules, on a virtual clock: what is promised, kept, announced and broken.

Arrivals are those of a bank's call centre (data/README.md). Agents are staffed by Erlang C for 80 % answered in 60 s, by the half-hour.
30 % choose a callback, as soon as possible or at one of the times offered; the others stay on the line. Offers, admission, order, selection,
retries, promises and notices are the functions of src/ringback/interaction_manager/rules, and the figures their report's.
"""

from __future__ import annotations

import argparse
import sys
import time
from dataclasses import replace
from datetime import date, timedelta
from pathlib import Path
from statistics import fmean

sys.path.insert(0, str(Path(__file__).resolve().parent.parent))

from rich.console import Console
from rich.table import Table

from benchmarks.days.centre import Centre
from benchmarks.days.load import Day, open_days
from benchmarks.days.requests import simulate
from benchmarks.days.score import announced, ledger_of, report
from ringback.administration.files import write_whole
from ringback.administration.report_page import report_page
from ringback.administration.report_words import causes, duration, lateness, share
from ringback.interaction_manager.ledger_file import written
from ringback.interaction_manager.rules.intervals import Interval

FIRST = date(1999, 6, 6)
TARGET = 95.0
OUTPUT = Console(highlight=False, width=140)


def quarter_missing(agent: int, day: Day) -> bool:
    """Tell whether an agent who is planned does not come: every fourth, another one each day."""
    return (agent + day.day.toordinal()) % 4 == 0


CASES = {"as staffed": lambda agent, day: False, "a quarter of the agents missing": quarter_missing}


def main() -> int:
    """Run both cases and print them; exit code 1 when the first one misses a target."""
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--days", type=int, default=20)
    parser.add_argument("--seed", type=int, default=1)
    parser.add_argument("--html", type=Path, help="write the report of each case to this folder")
    parser.add_argument("--ledger", type=Path, help="write the ledger of each case to this folder")
    given = parser.parse_args()
    days = open_days(FIRST, given.days)
    missed: list[str] = []
    for number, (name, missing) in enumerate(CASES.items()):
        begun = time.perf_counter()
        centre = Centre(days, seed=given.seed, missing=missing)
        simulate(centre)
        OUTPUT.print(_table(name, centre, time.perf_counter() - begun))
        missed += _missed(centre, name, kept_too=number == 0)
        stem = name.replace(" ", "-")
        if given.html:
            whole = ledger_of(centre)
            whole = replace(whole, ends=days[-1].closes + timedelta(hours=1))
            write_whole(given.html / f"{stem}.html", [report_page(whole, interval=Interval.DAY)])
        if given.ledger:
            write_whole(given.ledger / f"{stem}.ledger", written(ledger_of(centre)))
    for line in missed:
        OUTPUT.print(f"MISSED: {line}", markup=False)
    return 1 if missed else 0


def _missed(centre: Centre, name: str, *, kept_too: bool) -> list[str]:
    figures = report(centre)
    on_time = figures.total.first.on_time or 0.0
    checks = {
        f"{on_time:.2f} % of promises kept, not {TARGET:g} %": kept_too and on_time < TARGET,
        f"{figures.lost} lost": figures.lost > 0,
        f"{figures.rung_twice} rung twice": figures.rung_twice > 0,
        f"{figures.misjudged} judged differently": figures.misjudged > 0,
        f"{centre.books.unexplained} overtaken without a reason": centre.books.unexplained > 0,
    }
    return [f"{name}: {words}" for words, wrong in checks.items() if wrong]


def _table(name: str, centre: Centre, took: float) -> Table:
    books, figures = centre.books, report(centre)
    first, told = figures.total.first, announced(centre)
    late = figures.total.lateness
    agents = sum(count for plan in centre.plan.values() for count in plan.values()) / 2
    table = Table("what", "figure", title=f"{name}: {len(centre.days)} open days", title_justify="left")
    rows = {
        "arrivals": f"{books.arrived}, of whom {books.wanted} chose a callback; {len(centre.callbacks)} were accepted",
        "planned agent hours": f"{agents:.0f}",
        "refusals": ", ".join(f"{count} {id}" for id, count in books.refusals.most_common()) or "none",
        "first promises": f"{first.kept} kept ({first.kept_early} early), {first.broken} broken, {first.withdrawn} withdrawn, {first.undecided} undecided",
        "on time": share(first.on_time),
        "broken, by cause": causes(first),
        "nobody called in time: announced": f"{told.in_time} by the latest moment there is for it, {told.late} later, {told.never} never",
        "notices in all": str(len(books.notices)),
        "retries": f"{share(figures.total.retry.on_time)}: {figures.total.retry.kept} kept, {figures.total.retry.broken} broken: {causes(figures.total.retry)}",
        "moved at closing": f"{share(figures.total.moved.on_time)}: {figures.total.moved.kept} kept, {figures.total.moved.broken} broken",
        "lateness": " · ".join(f"{p[1:]} %: {lateness(value, of=late.of)}" for p, value in late.percentiles.items()) + f" · {late.never_rung} never rang",
        "estimates that held (10–90 %)": f"{share(figures.total.coverage.share)} of {figures.total.coverage.judged}, median width {duration(figures.total.coverage.median_width)}",
        f"service level of callbacks, T = {figures.total.service_level.within:g} s": share(figures.total.service_level.share),
        "callers who stayed on the line": f"{len(books.answered)} answered after {duration(fmean(books.answered or [0.0]))} on average, "
        f"{share(100 * sum(wait <= 60 for wait in books.answered) / max(1, len(books.answered) + books.gave_up))} in 60 s; {books.gave_up} gave up",
        "occupancy": f"{share(figures.total.occupancy.occupied if figures.total.occupancy else None)}",
        "attempts per success": f"{figures.total.attempts.per_success or 0:.2f}",
        "places": f"{figures.total.places.gained} gained, {figures.total.places.lost} lost by {figures.total.places.overtaken} callbacks",
        "overtaken, by reason": "; ".join(f"{count} × {why}" for why, count in books.overtaken.most_common()) or "nobody",
        "must be 0": f"{figures.lost} lost, {figures.rung_twice} rung twice, {figures.misjudged} judged differently, {books.unexplained} overtaken without a reason",
        "computed in": f"{took:.0f} s",
    }  # fmt: skip
    for what, figure in rows.items():
        table.add_row(what, figure)
    return table


if __name__ == "__main__":
    sys.exit(main())
