"""Facts into moments: which day, which hour, and whether more than one is meant."""

from __future__ import annotations

import calendar
from dataclasses import dataclass
from datetime import UTC, date, datetime, time, timedelta
from zoneinfo import ZoneInfo

from ringback.callback_application_server.rules.when.compose import Length
from ringback.callback_application_server.rules.when.facts import DayKind, DayNamed, Facts
from ringback.callback_application_server.rules.when.lexicon import PartOfDay
from ringback.callback_application_server.rules.when.tokens import CalendarDate, Clock

DAY_START, DAY_END = time(8), time(21)  # a day without a time: the hours in which people are called
MORNING = time(6)
FIRST_OFFICE_HOUR = 8  # "at 4" is the afternoon; from eight on both halves of the day are possible


@dataclass(frozen=True, slots=True, kw_only=True)
class Span:
    """A moment (`end` is None) or a window."""

    start: datetime
    end: datetime | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class Outcome:
    """The readings that are possible: none, one, or several. `passed`: what was named lies behind us. `unclear`: something was said, but not enough."""

    spans: tuple[Span, ...] = ()
    passed: datetime | None = None
    unclear: bool = False


def resolve(facts: Facts, *, now: datetime, zone: ZoneInfo, month_first: bool) -> Outcome:
    """Return what the facts can mean for somebody whose clock shows `now` in `zone`."""
    reader = _Reader(now=now, zone=ZoneInfo(facts.zone) if facts.zone else zone, month_first=month_first)
    return reader.read(facts)


@dataclass(frozen=True, slots=True, kw_only=True)
class _Reader:
    now: datetime
    zone: ZoneInfo
    month_first: bool

    @property
    def today(self) -> date:
        return self.now.astimezone(self.zone).date()

    def read(self, facts: Facts) -> Outcome:
        if facts.waits and not facts.names_a_day and not facts.names_a_time:
            return self._waited(facts.waits)
        if facts.within is not None and not facts.names_a_time:
            end = self.now + timedelta(minutes=facts.within.minutes)
            return Outcome(spans=(Span(start=self.now, end=end),))
        days = self._days(facts)
        if days is None:
            return Outcome()  # no such day
        if not days and facts.names_a_day:
            return Outcome(passed=self.now)
        if facts.vague and not (facts.names_a_time and facts.names_a_day) and not facts.clocks:
            return Outcome(spans=tuple(self._whole(day) for day in days), unclear=True)
        if (facts.next_week or facts.this_week) and not facts.names_a_day:
            monday = self.today - timedelta(days=self.today.weekday()) + timedelta(days=7 if facts.next_week else 0)
            return Outcome(spans=(self._whole(max(monday, self.today)),), unclear=True)
        if facts.same_time:
            local = self.now.astimezone(self.zone)
            return self._offered([Span(start=self._at(day, local.hour * 60 + local.minute)) for day in days])
        if facts.names_a_time:
            return self._timed(facts, days)
        if days:
            return self._offered([self._whole(day) for day in days])
        return Outcome(unclear=facts.any_time or facts.vague)

    def _waited(self, waits: list[Length]) -> Outcome:
        if len({wait.minutes for wait in waits}) > 1:
            return Outcome(
                spans=tuple(Span(start=_minute(self.now + timedelta(minutes=wait.minutes))) for wait in waits),
                unclear=True,
            )
        wait = waits[0]
        start = _minute(self.now + timedelta(minutes=wait.minutes))
        if wait.minutes > 60 * 24 * 31:
            return Outcome(unclear=True)
        if wait.longest is not None:
            return Outcome(spans=(Span(start=start, end=_minute(self.now + timedelta(minutes=wait.longest))),))
        return Outcome(spans=(Span(start=start),), unclear=wait.vague)

    # Days

    def _days(self, facts: Facts) -> list[date] | None:
        """Return the days that may be meant, past ones left out; None when a day was named that no calendar has."""
        found: list[date] = []
        named = facts.days
        if len(named) > 1:  # "friday the 27th", "today, monday": what names one day twice
            named = [each for each in named if each.kind in (DayKind.DATE, DayKind.ORDINAL)] or named
        for each in named:
            candidates = self._day(each, facts)
            if candidates is None:
                return None
            found += [day for day in candidates if day not in found]
        return [day for day in found if day >= self.today]

    def _day(self, named: DayNamed, facts: Facts) -> list[date] | None:
        today = self.today
        later = timedelta(days=named.later)
        if named.kind is DayKind.OFFSET:
            return [today + timedelta(days=named.value) + later]
        if named.kind is DayKind.DATE:
            assert named.date is not None
            return self._date(named.date)
        if named.kind is DayKind.ORDINAL:
            return self._ordinal(named.value)
        ahead = (named.value - today.weekday()) % 7
        monday = today - timedelta(days=today.weekday())
        if facts.next_week:
            return [monday + timedelta(days=7 + named.value) + later]
        if facts.this_week:
            return [monday + timedelta(days=named.value) + later]
        if named.kind is DayKind.THIS_WEEKDAY:
            return [today + timedelta(days=ahead) + later]
        coming = today + timedelta(days=ahead or 7) + later
        if named.kind is DayKind.NEXT_WEEKDAY:
            following = monday + timedelta(days=7 + named.value) + later
            return [coming] if coming == following else sorted({coming, following})
        return [coming]

    def _date(self, named: CalendarDate) -> list[date] | None:
        day, month = named.day, named.month
        if named.swapped and self.month_first and named.month <= 31 and named.day <= 12:
            day, month = named.month, named.day
        if month > 12 and day <= 12 and named.swapped:
            day, month = month, day
        for year in (named.year,) if named.year else (self.today.year, self.today.year + 1):
            try:
                found = date(year, month, day)
            except ValueError:
                if month == 2 and day == 29 and not named.year:
                    continue
                return None
            if found >= self.today or named.year:
                return [found]
        return None

    def _ordinal(self, day: int) -> list[date] | None:
        if not 1 <= day <= 31:
            return None
        year, month = self.today.year, self.today.month
        for _ in range(3):
            if day <= calendar.monthrange(year, month)[1] and date(year, month, day) >= self.today:
                return [date(year, month, day)]
            year, month = (year, month + 1) if month < 12 else (year + 1, 1)
        return None

    # Times

    def _timed(self, facts: Facts, days: list[date]) -> Outcome:
        part = facts.parts[0] if facts.parts else None
        if facts.ranges:
            spans = [span for pair in facts.ranges for span in self._ranges(pair, days, part)]
            return self._offered(spans)
        if facts.after or facts.before or facts.after_part or facts.before_part:
            return self._bounded(facts, days, part)
        if facts.clocks:
            return self._clocks(facts.clocks, days, part)
        assert part is not None
        return self._parts(facts.parts, days)

    def _clocks(self, clocks: list[Clock], days: list[date], part: PartOfDay | None) -> Outcome:
        spans: list[Span] = []
        passed: datetime | None = None
        for clock in clocks:
            if not days:
                spans += [Span(start=start) for start in self._without_day(clock, part)]
                continue
            for day in days:
                starts = [self._at(day, minutes) for minutes in self._minutes(clock, part, ambiguous=False)]
                ahead = [start for start in starts if start >= self.now - timedelta(minutes=1)]
                other = [
                    self._at(day, minutes)
                    for minutes in self._minutes(clock, part, ambiguous=True)
                    if self._at(day, minutes) >= self.now
                ]
                if ahead:
                    spans += [Span(start=ahead[0])]
                elif other:
                    return Outcome(spans=tuple(Span(start=start) for start in other), unclear=True)
                else:
                    passed = starts[0]
        if not spans:
            return Outcome(passed=passed)
        return self._offered(spans)

    def _without_day(self, clock: Clock, part: PartOfDay | None) -> list[datetime]:
        """Return the next time the clock shows this; both halves of the day where either may be meant."""
        tomorrow = self.today + timedelta(days=1)
        likely = self._minutes(clock, part, ambiguous=False)[0]
        at = self._at(self.today, likely)
        if at >= self.now - timedelta(minutes=1):
            return [at]
        both = self._minutes(clock, part, ambiguous=True)
        if len(both) == 1 or clock.hour < FIRST_OFFICE_HOUR or clock.hour == 12:
            return [self._at(tomorrow, likely)]
        return [
            next(start for start in (self._at(self.today, minutes), self._at(tomorrow, minutes)) if start >= self.now)
            for minutes in sorted(both, reverse=True)
        ]

    def _minutes(self, clock: Clock, part: PartOfDay | None, *, ambiguous: bool) -> list[int]:
        """Return the minutes after midnight a clock time means; with `ambiguous` also the less likely half of the day."""
        minutes = clock.hour * 60 + clock.minute
        if clock.certain or clock.hour in (0, 24):
            return [minutes]
        morning, evening = (minutes % 720, minutes % 720 + 720)
        if part is not None:
            fitting = [each for each in (morning, evening) if part.start - 60 <= each <= part.end + 120]
            if part.end == 24 * 60 and clock.hour == 12:
                return [24 * 60 + clock.minute]
            if fitting:
                return fitting[:1]
        likely = morning if FIRST_OFFICE_HOUR <= clock.hour < 12 else evening
        if not ambiguous:
            return [likely]
        return sorted((morning, evening)) if FIRST_OFFICE_HOUR <= clock.hour < 12 else [likely]

    def _ranges(self, pair: tuple[Clock, Clock], days: list[date], part: PartOfDay | None) -> list[Span]:
        first, last = pair
        if last.half and not first.certain:
            noon = 720 if last.half == "pm" else 0
            start = first.hour % 12 * 60 + first.minute + noon
            if start >= last.hour * 60 + last.minute:
                start -= 720
        else:
            start = self._minutes(first, part, ambiguous=False)[0]
        end = last.hour * 60 + last.minute
        if not last.certain:
            end = next((each for each in (end % 720, end % 720 + 720) if each > start), end)
        if end <= start or start < 0:
            return []
        chosen = days or [self.today]
        spans = [Span(start=self._at(day, start), end=self._at(day, end)) for day in chosen]
        if not days and spans[0].end is not None and spans[0].end <= self.now:
            spans = [
                Span(
                    start=self._at(self.today + timedelta(days=1), start),
                    end=self._at(self.today + timedelta(days=1), end),
                )
            ]
        return spans

    def _bounded(self, facts: Facts, days: list[date], part: PartOfDay | None) -> Outcome:
        spans: list[Span] = []
        for day in days or [self.today]:
            bounds = self._bounds(facts, part, today=day == self.today)
            if bounds is None:
                continue
            start, end = bounds
            spans.append(Span(start=self._at(day, start), end=self._at(day, end)))
        ahead = [span for span in spans if span.end is not None and span.end > self.now]
        late_start = facts.after and not facts.before and not days and ahead and ahead[0].start < self.now
        if (not ahead or late_start) and not days:
            tomorrow = self.today + timedelta(days=1)
            bounds = self._bounds(facts, part, today=False)
            if bounds is None:
                return Outcome(unclear=True)
            moved = Span(start=self._at(tomorrow, bounds[0]), end=self._at(tomorrow, bounds[1]))
            return Outcome(spans=(*(self._clipped(each) for each in ahead), moved), unclear=True)
        return self._offered(spans)

    def _bounds(self, facts: Facts, part: PartOfDay | None, *, today: bool) -> tuple[int, int] | None:
        start = end = None
        for clock in facts.after:
            start = max(start or 0, self._minutes(clock, part, ambiguous=False)[0])
        for clock in facts.before:
            minutes = self._minutes(clock, part, ambiguous=False)[0]
            if start is not None and minutes <= start and not clock.certain:
                minutes += 720
            end = min(end or 1440, minutes)
        if facts.after_part is not None:
            after = facts.after_part
            start = max(start or 0, after.end if after.end < 1440 else after.start)
        if facts.before_part is not None:
            end = min(end or 1440, facts.before_part.start)
        if part is not None:
            start = max(start if start is not None else part.start, part.start)
            end = min(end if end is not None else part.end, part.end) if end is not None or part.end < 1440 else end
        if start is None:
            start = MORNING.hour * 60 if (end or 0) > MORNING.hour * 60 else 0
        if end is None:
            end = 1439
        return (start, end) if start < end else None

    def _parts(self, parts: list[PartOfDay], days: list[date]) -> Outcome:
        narrow = max(parts, key=lambda each: each.start) if len(parts) > 1 else parts[0]
        if days:
            spans = [self._part(day, narrow) for day in days]
            passed = next((span.end for span in spans if span.end is not None and span.end <= self.now), None)
            ahead = [span for span in spans if span.end is not None and span.end > self.now]
            return self._offered(ahead) if ahead else Outcome(passed=passed)
        today = self._part(self.today, narrow)
        tomorrow = self._part(self.today + timedelta(days=1), narrow)
        assert today.end is not None
        if today.end <= self.now:
            return self._offered([tomorrow])
        if today.start < self.now - timedelta(minutes=30):
            return Outcome(spans=(self._clipped(today), tomorrow), unclear=True)
        return self._offered([today])

    def _part(self, day: date, part: PartOfDay) -> Span:
        end = 1439 if part.end >= 1440 else part.end
        return Span(start=self._at(day, part.start), end=self._at(day, end))

    # Putting together

    def _whole(self, day: date) -> Span:
        return Span(
            start=self._at(day, DAY_START.hour * 60), end=self._at(day, DAY_END.hour * 60 if day > self.today else 1439)
        )

    def _offered(self, spans: list[Span]) -> Outcome:
        ahead = []
        for span in spans:
            if span.end is None:
                if span.start >= self.now - timedelta(minutes=1):
                    ahead.append(span)
            elif span.end > self.now:
                ahead.append(self._clipped(span))
        unique = tuple(dict.fromkeys(ahead))
        if not unique:
            return Outcome(passed=spans[0].start if spans else None, unclear=not spans)
        return Outcome(spans=unique, unclear=len(unique) > 1)

    def _clipped(self, span: Span) -> Span:
        return Span(start=max(span.start, self.now), end=span.end)

    def _at(self, day: date, minutes: int) -> datetime:
        """Return the moment a clock on that wall shows so many minutes after midnight; a time the clocks skip becomes the one after."""
        whole = day + timedelta(days=minutes // 1440)
        wall = datetime.combine(whole, time(minutes % 1440 // 60, minutes % 60), tzinfo=self.zone)
        return wall.astimezone(UTC)


def _minute(instant: datetime) -> datetime:
    """Round up to the minute: people name minutes."""
    if instant.second == instant.microsecond == 0:
        return instant
    return instant.replace(second=0, microsecond=0) + timedelta(minutes=1)
