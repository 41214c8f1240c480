"""Typed times as the chat asks for them: points, windows and now; what is not certain asks for nothing, so that times are offered."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from zoneinfo import ZoneInfo

import pytest
from hypothesis import given
from hypothesis import strategies as st

from ringback.callback_application_server.rules.typed_times import TimeReading, read_when
from ringback.domain.times import When, WhenKind

NEW_YORK = ZoneInfo("America/New_York")
LONDON = ZoneInfo("Europe/London")
MONDAY = datetime(2026, 11, 23, 10, 0, tzinfo=NEW_YORK)


def when_of(reading: TimeReading | None) -> When:
    """The time that was read."""
    assert reading is not None and reading.when is not None
    return reading.when


def start_of(reading: TimeReading | None) -> datetime:
    """When it begins."""
    start = when_of(reading).start
    assert start is not None
    return start


def read(text: str, now: datetime = MONDAY, zone: ZoneInfo = NEW_YORK) -> str | None:
    reading = read_when(text, now=now, zone=zone)
    if reading is None:
        return None
    if when_of(reading).kind is WhenKind.ASAP:
        return "now"
    assert when_of(reading).start is not None
    until = f"–{end.astimezone(zone):%H:%M}" if (end := when_of(reading).end) else ""
    return f"{'passed ' if reading.passed else ''}{start_of(reading).astimezone(zone):%a %d %H:%M}{until}"


@pytest.mark.parametrize(
    "text",
    [
        "now",
        "asap",
        "as soon as possible please",
        "right away",
        "straight away please",
        "call me immediately",
        "call me back now, thanks",
        "As soon as you can",
    ],
)
def test_now(text: str):
    assert read(text) == "now"


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("call me at 4pm", "Mon 23 16:00"),
        ("at 4", "Mon 23 16:00"),
        ("call me at 4:30", "Mon 23 16:30"),
        ("4:30 pm", "Mon 23 16:30"),
        ("14:30", "Mon 23 14:30"),
        ("noon", "Mon 23 12:00"),
        ("today at 2", "Mon 23 14:00"),
        ("at 9am", "Tue 24 09:00"),
        ("tomorrow at 10", "Tue 24 10:00"),
        ("tmrw 3pm", "Tue 24 15:00"),
        ("the day after tomorrow at 1pm", "Wed 25 13:00"),
        ("friday 3pm", "Fri 27 15:00"),
        ("this friday at 11:15 am", "Fri 27 11:15"),
        ("sat at 2", "Sat 28 14:00"),
        ("monday at 9am", "Mon 30 09:00"),
        ("half past 3", "Mon 23 15:30"),
        ("quarter past four", "Mon 23 16:15"),
        ("quarter to five", "Mon 23 16:45"),
        ("wednesday at half past two", "Wed 25 14:30"),
        ("in 20 minutes", "Mon 23 10:20"),
        ("in half an hour", "Mon 23 10:30"),
        ("in an hour and a half", "Mon 23 11:30"),
        ("in 1h 15m", "Mon 23 11:15"),
        ("2 hours from now", "Mon 23 12:00"),
        ("give me 15 mins", "Mon 23 10:15"),
        ("please call me back tomorrow at 4:15pm, thanks", "Tue 24 16:15"),
        ("Call me tomorrow after 3, it is about my invoice, the same agent as last time", "Tue 24 15:00"),
        ("call me today at 9am", "passed Mon 23 09:00"),
        ("tomorrow morning", "Tue 24 06:00–12:00"),
        ("between 2 and 4 tomorrow", "Tue 24 14:00–16:00"),
        ("3-5pm on Friday", "Fri 27 15:00–17:00"),
        ("from 10 to 11 on thursday", "Thu 26 10:00–11:00"),
        ("don't call me before 5", "Mon 23 17:00"),
        ("tomorrow 9am pacific", "Tue 24 12:00"),
        ("3pm est tomorrow", "Tue 24 15:00"),
        ("30/11 at 14:00", "Mon 30 14:00"),
        ("domani alle 15:30", "Tue 24 15:30"),
        ("morgen um 15 Uhr", "Tue 24 15:00"),
        ("demain vers 15h", "Tue 24 15:00"),
    ],
)
def test_the_obvious_ones(text: str, expected: str):
    assert read(text) == expected


@pytest.mark.parametrize(
    "text",
    [
        "yesterday at 3",
        "never",
        "banana",
        "my order number is 4482",
        "call me on +1 202 555 0143",
        "I paid 20 dollars in May",
        "I paid 4 hours ago",
        "I waited 20 minutes",
        "lol ok",
        "no thanks",
        "25:99",
        "on the 31st of november",
        "you may call me",
        "the march invoice is wrong",
        "my bill is now higher than in the year before",
        "not now",
        "next week",
        "at 9",
        "friday",
        "tomorrow",
        "weekday evenings",
        "",
    ],
)
def test_what_is_not_certain_is_not_asked_for(text: str):
    assert read(text) is None


def test_a_time_is_the_customers_own():
    now = datetime(2026, 11, 24, 14, 32, tzinfo=LONDON)
    reading = read_when("at 5pm", now=now, zone=ZoneInfo("Europe/Madrid"))
    assert reading is not None and start_of(reading) == datetime(2026, 11, 24, 16, 0, tzinfo=UTC)
    assert when_of(reading).zone == "Europe/Madrid"


def test_tomorrow_is_tomorrow_where_the_customer_is():
    now = datetime(2026, 11, 24, 23, 30, tzinfo=UTC)
    reading = read_when("tomorrow at 10", now=now, zone=ZoneInfo("Asia/Tokyo"))
    assert reading is not None and start_of(reading) == datetime(2026, 11, 26, 1, 0, tzinfo=UTC)


@pytest.mark.parametrize(
    ("now", "expected"),
    [
        (datetime(2027, 3, 27, 12, tzinfo=UTC), datetime(2027, 3, 28, 14, 0, tzinfo=UTC)),  # the clocks went forward
        (datetime(2026, 10, 24, 12, tzinfo=UTC), datetime(2026, 10, 25, 15, 0, tzinfo=UTC)),  # and back
    ],
)
def test_a_clock_change_between_now_and_then(now: datetime, expected: datetime):
    reading = read_when("tomorrow at 3pm", now=now, zone=LONDON)
    assert reading is not None and start_of(reading) == expected


INSTANTS = st.datetimes(datetime(2026, 1, 1), datetime(2028, 1, 1), timezones=st.just(UTC))
ZONES = st.sampled_from(["Europe/London", "America/New_York", "Asia/Kolkata", "Australia/Lord_Howe", "Pacific/Apia"])


@given(text=st.text(max_size=200), now=INSTANTS, zone=ZONES)
def test_any_text_is_survived_and_no_time_lies_behind(text: str, now: datetime, zone: str):
    reading = read_when(text, now=now, zone=ZoneInfo(zone))
    if reading is not None and when_of(reading).start is not None and not reading.passed:
        assert start_of(reading) >= now - timedelta(minutes=1)


@given(hour=st.integers(0, 23), minute=st.integers(0, 59), now=INSTANTS, zone=ZONES)
def test_a_clock_time_written_in_full_is_the_next_such_time(hour: int, minute: int, now: datetime, zone: str):
    place = ZoneInfo(zone)
    reading = read_when(f"call me at {hour:02}:{minute:02}", now=now, zone=place)
    here = now.astimezone(place)
    if hour in (10, 11) and (here.hour, here.minute) > (hour, minute):
        assert reading is None, "both halves of the day are possible: times are offered"
        return
    assert reading is not None and when_of(reading).start is not None
    assert start_of(reading) - now <= timedelta(hours=49)
    local = start_of(reading).astimezone(place)
    skipped = datetime(local.year, local.month, local.day, hour, minute, tzinfo=place).astimezone(UTC).astimezone(place)
    assert (local.hour, local.minute) in {(hour, minute), (skipped.hour, skipped.minute)}


@given(minutes=st.integers(1, 600), now=INSTANTS)
def test_in_so_many_minutes(minutes: int, now: datetime):
    reading = read_when(f"in {minutes} minutes", now=now, zone=LONDON)
    assert reading is not None and when_of(reading).start is not None
    assert timedelta(0) <= start_of(reading) - now - timedelta(minutes=minutes) < timedelta(minutes=1)
