"""What people read: times by the business's clock, promises, customers without their numbers, reasons."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from uuid import UUID
from zoneinfo import ZoneInfo

import pytest
from hypothesis import given
from hypothesis import strategies as st

from ringback.console.rules import promise_words
from ringback.console.rules.clock_words import clock, day, duration, moment, span, start_of_day
from ringback.console.rules.cursors import read_cursor, read_time_cursor, write_cursor
from ringback.console.rules.customer_words import consent_words, customer_name, last_time, local_time, where_called
from ringback.console.rules.promise_words import Promised
from ringback.console.rules.reason_words import reason_items, why_you
from ringback.domain.errors import Invalid
from ringback.domain.status import BrokenCause, PromiseResult

LONDON, MADRID = ZoneInfo("Europe/London"), ZoneInfo("Europe/Madrid")
NOW = datetime(2026, 11, 24, 14, 39, tzinfo=UTC)


def at(hour: int, minute: int, *, days: int = 0) -> datetime:
    return NOW.replace(hour=hour, minute=minute) + timedelta(days=days)


def test_times_are_by_the_clock_and_name_the_day_when_it_is_not_today():
    assert clock(at(14, 50), LONDON) == "14:50"
    assert clock(at(14, 50), MADRID) == "15:50"
    assert day(at(23, 0), NOW, LONDON) is None
    assert moment(at(8, 0, days=1), NOW, LONDON) == "Wed 25 Nov, 08:00"
    assert span(at(15, 15), at(15, 30), NOW, LONDON) == "15:15–15:30"
    assert span(at(15, 15, days=2), at(15, 30, days=2), NOW, LONDON) == "Thu 26 Nov, 15:15–15:30"
    assert duration(368) == "6 min 08 s"
    assert duration(42.4) == "42 s"


def test_the_hour_that_comes_twice_carries_its_offset():
    first = datetime(2026, 10, 25, 0, 30, tzinfo=UTC)
    assert clock(first, LONDON) == "01:30 (UTC+0100)"
    assert clock(first + timedelta(hours=1), LONDON) == "01:30 (UTC+0000)"
    assert clock(first + timedelta(hours=2), LONDON) == "02:30"


def test_a_day_begins_at_midnight_of_the_business():
    night = datetime(2026, 6, 30, 23, 30, tzinfo=UTC)  # half past midnight on the first of July in London
    assert start_of_day(night, LONDON) == datetime(2026, 6, 30, 23, 0, tzinfo=UTC)


def test_promises_are_a_clock_time_with_by_or_a_window():
    asap = Promised(start=at(14, 32), end=at(14, 50), early_is_fine=True)
    slot = Promised(start=at(15, 15), end=at(15, 30), early_is_fine=False)
    assert promise_words.short(asap, NOW, LONDON) == "by 14:50"
    assert promise_words.full(asap, NOW, LONDON) == "By 14:50, as soon as possible"
    assert promise_words.short(slot, NOW, LONDON) == "15:15–15:30"
    outcome = promise_words.outcome
    assert outcome(PromiseResult.KEPT, None, asap, at(14, 41)) == ("Kept, 9 min early", True)
    assert outcome(PromiseResult.KEPT, None, slot, at(15, 20)) == ("Kept", True)
    assert outcome(PromiseResult.BROKEN, BrokenCause.LATE, asap, at(14, 58)) == ("Broken, 8 min late", False)
    assert outcome(PromiseResult.BROKEN, BrokenCause.NO_AGENT, asap, None) == ("Broken: no agent", False)
    assert outcome(PromiseResult.WITHDRAWN, None, asap, None) == ("Withdrawn", None)


def test_a_customer_is_a_name_or_three_digits():
    assert customer_name(" Dana W. ", "phone", "123") == "Dana W."
    assert customer_name(None, "phone", "123") == "Customer ending 123"
    assert customer_name("  ", "browser", None) == "Customer in the chat"
    assert customer_name(None, "browser", "4f2") == "Customer 4F2"
    assert where_called("phone", "123", proved=True) == "Phone ending 123, number proved"
    assert "browser" in where_called("browser", None, proved=True)
    assert consent_words(at(14, 32), True, LONDON) == "14:32, this request only"
    assert consent_words(None, None, LONDON) is None
    assert last_time(at(10, 0, days=-7), "Kim", 480.0, "Solved", LONDON) == "17 Nov, Kim, 8 min, “Solved”"
    assert local_time("Europe/London", LONDON, LONDON, NOW) == "Same as yours"
    assert local_time("Europe/Madrid", MADRID, LONDON, NOW) == "15:39 in Madrid, 1 h ahead"


@pytest.mark.parametrize(
    ("verdict", "detail", "words"),
    [
        ("The customer asked for them", {}, "The customer asked for you."),
        ("Idle longest of 3 who can take it", {"skills": "billing 5"}, "You were idle longest of 3 who can take it, and you have the billing skill."),
        ("Best at billing 5", {"skills": "billing 5"}, "You are best at billing 5."),
        ("They talked with this customer last", {"skills": "billing 5, tax 2"}, "You spoke on 17 Nov, and you have the skills billing, tax."),
        ("Something new", {}, "Something new."),
    ],
)  # fmt: skip
def test_reasons_speak_to_the_agent(verdict: str, detail: dict[str, str], words: str):
    assert why_you({"verdict": verdict, "detail": detail}, spoke_at=at(10, 0, days=-7), where=LONDON) == words


def test_a_reason_lists_the_figures_behind_it():
    items = reason_items(
        "Idle longest", {"idle_since": "2026-11-24T14:12:00+00:00", "level": 9, "others": None}, LONDON
    )
    assert items == [("yes", "Idle longest"), ("info", "Idle since: 14:12")]


@given(st.datetimes(timezones=st.just(UTC)), st.uuids())
def test_a_cursor_leads_back_to_its_row(key: datetime, id: object):
    assert read_time_cursor(write_cursor(key, id)) == (key, id)  # type: ignore[arg-type]


@given(st.text(max_size=60))
def test_any_other_text_is_no_cursor(text: str):
    try:
        read_time_cursor(text)
    except Invalid as error:
        assert error.id == "cursor-invalid"


def test_a_cursor_of_names_leads_on_in_order():
    id = UUID(int=7)
    assert read_cursor(write_cursor("kim@acme.example", id)) == ("kim@acme.example", id)
    assert read_cursor(None) == (None, None)
