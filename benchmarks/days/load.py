"""Who arrives and who works: real arrivals, Erlang C staffing by the half-hour, and the draws of people and telephones."""

from __future__ import annotations

import csv
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import UTC, date, datetime, timedelta
from math import exp, log, sqrt
from pathlib import Path
from random import Random

from ringback.domain.status import Outcome

ARRIVALS = Path(__file__).resolve().parent.parent / "data" / "bank-1999-arrivals.csv"
HALF_HOUR = timedelta(minutes=30)
OPENING: dict[int, tuple[int, int]] = {
    6: (7, 24),
    0: (7, 24),
    1: (7, 24),
    2: (7, 24),
    3: (7, 24),
    4: (7, 14),
}  # hours by weekday, Saturday closed
WEEK = {
    name: [f"{OPENING[day][0]:02d}:00-{OPENING[day][1]:02d}:00"]
    for day, name in enumerate(("mon", "tue", "wed", "thu", "fri", "sat", "sun"))
    if day in OPENING
}

SERVICE, SERVICE_CV = 190.0, 1.2  # seconds, talk and wrap-up together
PATIENCE, PATIENCE_CV = 700.0, 1.5  # of those who stay on the line


@dataclass(frozen=True, slots=True, kw_only=True)
class Day:
    """One day: how many arrive in each interval, by its beginning."""

    day: date
    counts: tuple[tuple[datetime, float], ...]

    @property
    def opens(self) -> datetime:
        """When the centre opens."""
        return self._at(OPENING[self.day.weekday()][0])

    @property
    def closes(self) -> datetime:
        """When the centre closes."""
        return self._at(OPENING[self.day.weekday()][1])

    def _at(self, hour: int) -> datetime:
        return datetime(self.day.year, self.day.month, self.day.day, tzinfo=UTC) + timedelta(hours=hour)


def open_days(first: date, count: int, file: Path = ARRIVALS) -> list[Day]:
    """Return so many open days of the record, from a date on; Saturdays are left out."""
    with file.open(newline="") as lines:
        rows = csv.reader(lines)
        clocks = next(rows)[1:]
        found = []
        for row in rows:
            day = date.fromisoformat(row[0])
            if day < first or day.weekday() not in OPENING:
                continue
            begins = [datetime.fromisoformat(f"{row[0]}T{clock}+00:00") for clock in clocks]
            counts = [float(cell) for cell in row[1:]]
            found.append(Day(day=day, counts=tuple(zip(begins, counts, strict=True))))
    return found[:count]


def arrivals(day: Day, chance: Random) -> list[datetime]:
    """Spread each interval's arrivals evenly over it; half an arrival comes every other time."""
    found = []
    for begins, count in day.counts:
        whole = int(count) + (chance.random() < count - int(count))
        found += [begins + timedelta(seconds=360 * chance.random()) for _ in range(whole)]
    return sorted(found)


def erlang_c(servers: int, load: float) -> float:
    """Return the probability that somebody who arrives has to wait, for a load in Erlang (from Erlang B by recursion)."""
    if load >= servers:
        return 1.0
    blocked = 1.0
    for n in range(1, servers + 1):
        blocked = load * blocked / (n + load * blocked)
    return blocked / (1 - load / servers * (1 - blocked))


def servers_for(rate: float, work: float, *, within: float = 60.0, share: float = 0.8) -> int:
    """Return the fewest agents with whom this share is answered in time. `rate`: arrivals a second, `work`: seconds each."""
    load = rate * work
    servers = max(1, int(load) + 1)
    while erlang_c(servers, load) * exp(-(servers - load) * within / work) > 1 - share:
        servers += 1
    return servers


def staffing(day: Day, work: float, *, least: int = 2) -> dict[datetime, int]:
    """Return how many agents each open half-hour has."""
    found, at = {}, day.opens
    while at < day.closes:
        count = sum(n for begins, n in day.counts if at <= begins < at + HALF_HOUR)
        found[at] = max(least, servers_for(count / HALF_HOUR.total_seconds(), work))
        at += HALF_HOUR
    return found


def log_normal(chance: Random, mean: float, cv: float) -> float:
    """Draw from the log-normal distribution of this mean and coefficient of variation."""
    variance = log(1 + cv * cv)
    return chance.lognormvariate(log(mean) - variance / 2, sqrt(variance))


@dataclass(frozen=True, slots=True, kw_only=True)
class Telephone:
    """What one try at the customer's end comes to: seconds from dialling to each step, None where it does not happen."""

    outcome: Outcome
    rings: float | None
    answers: float | None
    ends: float


# Of a hundred dialled: how many end otherwise than in a talk.
TROUBLE: Sequence[tuple[Outcome, float]] = (
    (Outcome.NO_ANSWER, 0.12), (Outcome.BUSY, 0.03), (Outcome.MACHINE, 0.03), (Outcome.DECLINED, 0.01),
    (Outcome.CARRIER_FAILURE, 0.01), (Outcome.UNREACHABLE, 0.005), (Outcome.UNKNOWN, 0.001), (Outcome.DROPPED, 0.004),
)  # fmt: skip


def dial(chance: Random, *, patience: float, talk: float) -> Telephone:
    """Draw what happens when the customer is dialled; `patience`: seconds it rings at most."""
    drawn, outcome = chance.random(), Outcome.TALKED
    for each, share in TROUBLE:
        drawn -= share
        if drawn < 0:
            outcome = each
            break
    rings = 1.0 + 2 * chance.random()
    answers = rings + min(patience - 1, chance.expovariate(1 / 7.0))
    match outcome:
        case Outcome.BUSY | Outcome.CARRIER_FAILURE | Outcome.UNREACHABLE:
            return Telephone(outcome=outcome, rings=None, answers=None, ends=rings + 1)
        case Outcome.NO_ANSWER | Outcome.MACHINE:
            return Telephone(outcome=outcome, rings=rings, answers=None, ends=rings + patience)
        case Outcome.DECLINED | Outcome.UNKNOWN:
            return Telephone(
                outcome=outcome, rings=rings if outcome is Outcome.DECLINED else None, answers=None, ends=rings + 5
            )
        case Outcome.DROPPED:
            return Telephone(outcome=outcome, rings=rings, answers=answers, ends=answers + min(talk, 20.0))
        case _:
            return Telephone(outcome=outcome, rings=rings, answers=answers, ends=answers + talk)


def mean_work(callbacks: float) -> float:
    """Return the seconds of an agent that an arrival takes on average, of whom this share chooses a callback."""
    reached = 1 - sum(share for _, share in TROUBLE)
    ringing = 5.0 + 9.0 + (1 - reached) * 25.0 / max(reached, 0.5)  # the agent's, the customer's, and failed tries
    return SERVICE + callbacks * ringing


def runs(spans: Iterable[tuple[datetime, datetime]]) -> list[tuple[datetime, datetime]]:
    """Join spans that touch."""
    joined: list[tuple[datetime, datetime]] = []
    for begins, ends in sorted(spans):
        if joined and begins <= joined[-1][1]:
            joined[-1] = (joined[-1][0], max(joined[-1][1], ends))
        else:
            joined.append((begins, ends))
    return joined
