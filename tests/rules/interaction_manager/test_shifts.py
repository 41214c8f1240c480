"""An agent's plan: shifts, breaks, absences, and what stands in for a plan they do not have."""

from datetime import UTC, datetime, timedelta

import pytest

from ringback.domain.errors import Invalid
from ringback.domain.times import TimeWindow
from ringback.interaction_manager.rules.shifts import shifts_of, shifts_problems


def utc(year: int, month: int, day: int, hour: int = 0, minute: int = 0, second: int = 0) -> datetime:
    return datetime(year, month, day, hour, minute, second, tzinfo=UTC)


WEEK = {"mon": ["08:00-16:00"], "tue": ["08:00-16:00"]}


def test_breaks_are_cut_out_of_the_shift():
    shifts = shifts_of({"week": WEEK, "breaks": ["12:00-12:30"]}, zone="UTC")
    monday = shifts.spans(utc(2026, 11, 23), utc(2026, 11, 24))
    assert [(s.start.hour, s.end.hour, s.end.minute) for s in monday] == [(8, 12, 0), (12, 16, 0)]
    assert not shifts.on_shift(utc(2026, 11, 23, 12, 15)) and shifts.on_shift(utc(2026, 11, 23, 12, 30))


def test_an_absence_takes_whole_days_also_from_those_without_a_plan():
    shifts = shifts_of({"week": WEEK, "absences": [{"first": "2026-11-23", "name": "leave"}]}, zone="UTC")
    assert shifts.spans(utc(2026, 11, 23), utc(2026, 11, 25)) == shifts.spans(utc(2026, 11, 24), utc(2026, 11, 25))
    plain = shifts_of({"absences": [{"first": "2026-11-23", "last": "2026-11-24"}]}, zone="UTC")
    opening = [TimeWindow(start=utc(2026, 11, d, 9), end=utc(2026, 11, d, 17)) for d in (23, 24, 25)]
    assert plain.spans(utc(2026, 11, 23), utc(2026, 11, 26), opening) == opening[2:]


def test_without_a_plan_an_agent_works_when_the_queues_are_open():
    opening = [TimeWindow(start=utc(2026, 11, 23, 9), end=utc(2026, 11, 23, 17))]
    assert shifts_of({}, zone="UTC").spans(utc(2026, 11, 23), utc(2026, 11, 24), opening) == opening
    assert shifts_of({"week": {}}, zone="UTC").spans(utc(2026, 11, 23), utc(2026, 11, 24), opening) == []


def test_a_shift_keeps_its_wall_clock_hours_over_a_change_of_the_clocks():
    shifts = shifts_of({"zone": "Europe/London", "week": {"sat": ["22:00-06:00"]}}, zone="UTC")
    spring = shifts.spans(utc(2026, 3, 28), utc(2026, 3, 30))
    autumn = shifts.spans(utc(2026, 10, 24), utc(2026, 10, 26))
    assert [s.length for s in spring] == [timedelta(hours=7)]
    assert [s.length for s in autumn] == [timedelta(hours=9)]


def test_a_day_can_have_shifts_of_its_own():
    shifts = shifts_of(
        {"week": WEEK, "extra": {"2026-11-23": ["18:00-20:00"], "2026-11-28": ["10:00-11:00"]}}, zone="UTC"
    )
    assert shifts.on_shift(utc(2026, 11, 23, 19)) and not shifts.on_shift(utc(2026, 11, 23, 9))
    assert shifts.on_shift(utc(2026, 11, 28, 10))


@pytest.mark.parametrize(
    ("document", "path"),
    [
        ({"week": {"mon": "08:00-16:00"}}, "shifts.week.mon"),
        ({"absences": [{"first": "2026-11-24", "last": "2026-11-23"}]}, "shifts.absences[0].last"),
        ({"holiday": []}, "shifts.holiday"),
        ({"zone": "Mars"}, "shifts.zone"),
    ],
)
def test_wrong_shifts_are_refused_by_their_path(document, path):
    assert path in [problem.path for problem in shifts_problems(document)]
    with pytest.raises(Invalid):
        shifts_of(document, zone="UTC")
