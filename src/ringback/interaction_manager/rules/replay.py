"""What callers of a log would have been told on arrival, what happened to them, and how near the one was to the other."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass, field
from statistics import median

from ringback.interaction_manager.rules.estimates.floor import Arrived, Floor, Kind, Reached
from ringback.interaction_manager.rules.queue_log import LoggedEvent

NOT_ENDED = "not ended in this log"


@dataclass(slots=True, kw_only=True)
class Caller:
    """One caller. Times in seconds; `arrived` since 1970. The last four are what others would have said: simple rules, to compare with."""

    line: int
    call: str
    arrived: float
    ahead: int
    agents: float
    p10: float
    p50: float
    p90: float
    head_of_line: float
    last_to_enter: float
    queue_length: float
    outcome: str = NOT_ENDED
    waited: float | None = None

    @property
    def scored(self) -> bool:
        """Tell whether they were served and had to wait."""
        return self.outcome == "served" and self.waited is not None and self.waited > 0

    @property
    def inside(self) -> bool:
        """Tell whether the wait lay in the range."""
        return self.waited is not None and self.p10 <= self.waited <= self.p90


@dataclass(frozen=True, slots=True, kw_only=True)
class Score:
    """How near a rule was: mean absolute error in seconds, and over the mean wait. None where nobody was scored."""

    mae_s: float | None
    error_ratio: float | None


@dataclass(frozen=True, slots=True, kw_only=True)
class Summary:
    """The score of a replay, over callers who were served and had to wait."""

    callers: int
    served: int
    waited: int
    mean_wait_s: float | None
    ours: Score
    coverage: float | None
    median_width_s: float | None
    last_to_enter: Score
    head_of_line: Score
    queue_length: Score


@dataclass(slots=True)
class Replay:
    """Plays the events of a log through the floor, for the callers of one queue."""

    queue: str
    callers: list[Caller] = field(default_factory=list)
    _floor: Floor = field(default_factory=Floor)
    _waiting: dict[str, Caller] = field(default_factory=dict)
    _last: float = 0.0

    def play(self, events: Iterable[LoggedEvent]) -> Iterator[int]:
        """Take the events in; give the number done every now and then."""
        number = 0
        for number, logged in enumerate(events, start=1):
            self.take(logged)
            if number % 2000 == 0:
                yield number
        yield number

    def take(self, logged: LoggedEvent) -> None:
        """Take one event in."""
        event = logged.event
        heard = self._floor.apply(event)
        if event.queue != self.queue:
            return
        if isinstance(heard, Arrived):
            self._arrived(logged, heard)
        elif isinstance(heard, Reached):
            self._reached(logged, heard)

    def _arrived(self, logged: LoggedEvent, heard: Arrived) -> None:
        told = heard.prediction
        mean = self._floor.queue(self.queue).model.handling.to_date
        caller = Caller(
            line=logged.number,
            call=logged.event.caller,
            arrived=self._floor.now,
            ahead=heard.ahead,
            agents=heard.agents,
            p10=told.p10,
            p50=told.p50,
            p90=told.p90,
            head_of_line=heard.oldest,
            last_to_enter=self._last,
            queue_length=(heard.ahead + 1) * mean / max(heard.present, 1),
        )
        self.callers.append(caller)
        self._waiting[caller.call] = caller

    def _reached(self, logged: LoggedEvent, heard: Reached) -> None:
        caller = self._waiting.pop(heard.caller, None)
        if caller is None:
            return
        caller.waited = heard.waited
        caller.outcome = "served" if logged.event.kind is Kind.TAKEN else logged.outcome
        if heard.taken:
            self._last = heard.waited


def summary_of(callers: Sequence[Caller]) -> Summary:
    """Score a replay."""
    scored = [each for each in callers if each.scored]
    waits = [each.waited or 0.0 for each in scored]
    mean = sum(waits) / len(waits) if waits else None
    return Summary(
        callers=len(callers),
        served=sum(1 for each in callers if each.outcome == "served"),
        waited=len(scored),
        mean_wait_s=mean,
        ours=score_of([each.p50 for each in scored], waits),
        coverage=sum(1 for each in scored if each.inside) / len(scored) if scored else None,
        median_width_s=median(each.p90 - each.p10 for each in scored) if scored else None,
        last_to_enter=score_of([each.last_to_enter for each in scored], waits),
        head_of_line=score_of([each.head_of_line for each in scored], waits),
        queue_length=score_of([each.queue_length for each in scored], waits),
    )


def score_of(said: Sequence[float], waits: Sequence[float]) -> Score:
    """Compare what was said with what came true, one by one."""
    if not waits:
        return Score(mae_s=None, error_ratio=None)
    error = sum(abs(a - b) for a, b in zip(said, waits, strict=True)) / len(waits)
    return Score(mae_s=error, error_ratio=error * len(waits) / sum(waits))
