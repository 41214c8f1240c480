"""Opening hours, against a minute-by-minute reading of the wall clock and against known days."""

from datetime import UTC, date, datetime, timedelta
from zoneinfo import ZoneInfo

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from ringback.domain.errors import Invalid
from ringback.interaction_manager.rules.hours import hours_of, hours_problems

ZONES = ["Europe/London", "America/New_York", "Australia/Lord_Howe", "Asia/Kathmandu", "Africa/Casablanca", "UTC"]
# Days around changes of the clocks in those zones, and a plain one.
DAYS = [
    date(2026, 3, 29),
    date(2026, 10, 25),
    date(2026, 3, 8),
    date(2026, 11, 1),
    date(2026, 4, 5),
    date(2026, 10, 4),
    date(2026, 6, 3),
]


def utc(year: int, month: int, day: int, hour: int = 0, minute: int = 0, second: int = 0) -> datetime:
    return datetime(year, month, day, hour, minute, second, tzinfo=UTC)


def office(**changes):
    week = {day: ["08:00-18:00"] for day in ("mon", "tue", "wed", "thu", "fri")}
    return hours_of({"zone": "Europe/London", "week": week} | changes)


def clock(minutes: int) -> str:
    return f"{minutes // 60:02}:{minutes % 60:02}"


@st.composite
def spans(draw):
    edges = sorted(draw(st.lists(st.integers(0, 24 * 4), min_size=2, max_size=6, unique=True)))
    return [f"{clock(a * 15)}-{clock(b * 15)}" for a, b in zip(edges[::2], edges[1::2], strict=False)]


@settings(deadline=None)
@given(zone=st.sampled_from(ZONES), day=st.sampled_from(DAYS), daily=spans())
def test_open_is_exactly_what_the_clock_on_the_wall_says_on_days_when_it_changes_too(zone, day, daily):
    hours = hours_of({"zone": zone, "week": dict.fromkeys(("mon", "tue", "wed", "thu", "fri", "sat", "sun"), daily)})
    ranges = [tuple(int(t[:2]) * 60 + int(t[3:]) for t in span.split("-")) for span in daily]
    start = datetime(day.year, day.month, day.day, tzinfo=UTC) - timedelta(hours=14)
    open_spans = hours.open_spans(start, start + timedelta(hours=48))
    for quarter in range(48 * 4):
        at = start + timedelta(minutes=15 * quarter + 7)
        shown = at.astimezone(ZoneInfo(zone))
        expected = any(a <= shown.hour * 60 + shown.minute < b for a, b in ranges)
        assert hours.is_open(at) == expected
        assert any(s.start <= at < s.end for s in open_spans) == expected


@settings(deadline=None)
@given(zone=st.sampled_from(ZONES), day=st.sampled_from(DAYS), hour=st.integers(0, 47))
def test_closing_and_next_opening_are_the_edges_of_the_open_spans(zone, day, hour):
    hours = hours_of({"zone": zone, "week": {d: ["01:30-09:00", "22:00-00:30"] for d in ("mon", "wed", "sat", "sun")}})
    at = datetime(day.year, day.month, day.day, tzinfo=UTC) + timedelta(hours=hour)
    closing, opening = hours.closing(at), hours.next_opening(at)
    assert (
        opening is not None
        and opening > at
        and hours.is_open(opening)
        and not hours.is_open(opening - timedelta(seconds=1))
    )
    assert (closing is not None) == hours.is_open(at)
    if closing is not None:
        assert hours.is_open(closing - timedelta(seconds=1)) and not hours.is_open(closing)
        assert hours.open_spans(at, closing)[0].length == closing - at


def test_a_span_over_midnight_belongs_to_the_day_it_begins_on():
    hours = hours_of({"zone": "UTC", "week": {"fri": ["22:00-02:00"]}})
    assert hours.is_open(utc(2026, 11, 28, 1, 59))  # a Saturday
    assert not hours.is_open(utc(2026, 11, 28, 2, 0))
    assert not hours.is_open(utc(2026, 11, 27, 1, 0))


def test_the_clock_hour_that_comes_twice_is_open_twice_and_the_skipped_one_never():
    night = {"zone": "Europe/London", "week": {"sun": ["01:00-02:00"]}}
    autumn = hours_of(night).open_spans(utc(2026, 10, 24, 12), utc(2026, 10, 25, 12))
    assert [(s.start, s.end) for s in autumn] == [(utc(2026, 10, 25, 0), utc(2026, 10, 25, 2))]
    assert hours_of(night).open_spans(utc(2026, 3, 28, 12), utc(2026, 3, 29, 12)) == []


def test_public_holidays_close_and_a_special_day_opens_again():
    closed = office(holidays={"country": "GB", "subdivision": "ENG"})
    assert not closed.is_open(utc(2026, 12, 25, 12))
    assert closed.closed_name(date(2026, 12, 25)) == "Christmas Day"
    assert "Christmas" in closed.why_closed(utc(2026, 12, 25, 12))
    half = office(
        holidays={"country": "GB", "subdivision": "ENG"},
        special_days=[{"day": "2026-12-25", "name": "half day", "open": ["10:00-12:00"]}],
        closed_days=[{"day": "2026-12-29", "name": "stock-taking"}],
    )
    assert half.is_open(utc(2026, 12, 25, 11)) and not half.is_open(utc(2026, 12, 25, 12))
    assert half.why_closed(utc(2026, 12, 29, 12)) == "closed: stock-taking"


def test_what_never_closes_has_no_closing_and_what_never_opens_no_opening():
    always = hours_of(
        {"zone": "UTC", "week": {d: ["00:00-24:00"] for d in ("mon", "tue", "wed", "thu", "fri", "sat", "sun")}}
    )
    assert always.closing(utc(2026, 11, 24)) is None and always.is_open(utc(2026, 11, 24))
    never = hours_of({"zone": "UTC", "week": {}})
    assert never.next_opening(utc(2026, 11, 24)) is None


@pytest.mark.parametrize(
    ("document", "path"),
    [
        ({"week": {}}, "hours.zone"),
        ({"zone": "Europe/Atlantis", "week": {}}, "hours.zone"),
        ({"zone": "UTC", "week": {"mo": []}}, "hours.week.mo"),
        ({"zone": "UTC", "week": {"mon": ["8-18"]}}, "hours.week.mon[0]"),
        ({"zone": "UTC", "week": {"mon": ["08:00-12:00", "11:00-13:00"]}}, "hours.week.mon"),
        ({"zone": "UTC", "week": {}, "holidays": {"country": "XX"}}, "hours.holidays"),
        ({"zone": "UTC", "week": {}, "closed_days": [{"day": "24.12.2026", "name": "x"}]}, "hours.closed_days[0].day"),
        ({"zone": "UTC", "week": {}, "open": True}, "hours.open"),
        ("always", "hours"),
    ],
)
def test_wrong_hours_are_refused_by_their_path(document, path):
    assert path in [problem.path for problem in hours_problems(document)]
    with pytest.raises(Invalid):
        hours_of(document)
