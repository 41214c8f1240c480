"""Times in customers' own words, in seven languages; what is uncertain is asked, and no text breaks the reader."""

from __future__ import annotations

import csv
from datetime import UTC, datetime, timedelta
from pathlib import Path
from zoneinfo import ZoneInfo

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from ringback.callback_application_server.rules.when import Reading, ReadingKind, read
from ringback.callback_application_server.rules.when.languages import LANGUAGES

NEW_YORK = ZoneInfo("America/New_York")
BERLIN = ZoneInfo("Europe/Berlin")
MONDAY_TEN = datetime(2026, 11, 23, 10, tzinfo=NEW_YORK)
PHRASES = list(csv.DictReader(Path(__file__).with_name("phrases.tsv").open(encoding="utf-8"), delimiter="\t"))
_WORDS = sorted({phrase for lexicon in LANGUAGES for phrase in lexicon.meanings})


def _read(text: str, *, now: datetime = MONDAY_TEN, zone: ZoneInfo = NEW_YORK, locale: str | None = None) -> Reading:
    return read(text, now=now, zone=zone, locale=locale)


def _wall(moment: datetime | None) -> str:
    return moment.strftime("%Y-%m-%dT%H:%M") if moment else ""


@pytest.mark.parametrize("case", PHRASES, ids=lambda case: f"{case['lang']}: {case['text']}")
def test_a_phrase_is_read_as_it_is_meant(case: dict[str, str]) -> None:
    reading = _read(case["text"])
    wanted = {"ask": ReadingKind.AMBIGUOUS}.get(case["kind"]) or ReadingKind(case["kind"])
    assert reading.kind is wanted, reading
    if wanted is ReadingKind.POINT:
        assert _wall(reading.start) == case["expected_start"]
        assert reading.end is None
    if wanted is ReadingKind.WINDOW:
        assert case["expected_start"] <= _wall(reading.start) <= _wall(reading.end) <= case["expected_end"]


def test_a_day_and_month_in_figures_follow_the_customers_country() -> None:
    assert _wall(_read("12/1 at 3pm").start) == "2026-12-01T15:00"
    assert _wall(_read("12/1 at 3pm", locale="en-GB").start) == "2027-01-12T15:00"
    assert _wall(_read("1/12 at 3pm", now=MONDAY_TEN, zone=ZoneInfo("Europe/London")).start) == "2026-12-01T15:00"


def test_the_language_that_is_named_decides_where_words_are_shared() -> None:
    assert _read("mar 10:30", locale="es").kind is ReadingKind.POINT
    assert _wall(_read("mar 10:30", locale="es").start) == "2026-11-24T10:30"


def test_alternatives_are_the_readings_to_choose_from() -> None:
    reading = _read("at 9")
    assert [_wall(each.start) for each in reading.alternatives] == ["2026-11-23T21:00", "2026-11-24T09:00"]
    assert reading.start is None


def test_a_time_that_has_passed_is_said_to_have_passed() -> None:
    reading = _read("today at 9am")
    assert reading.kind is ReadingKind.NONE
    assert _wall(reading.passed) == "2026-11-23T09:00"


def test_a_time_the_clocks_skip_becomes_the_one_after() -> None:
    night = datetime(2026, 3, 28, 22, tzinfo=BERLIN)  # at two the clocks show three
    assert _wall(_read("tomorrow at 02:30", now=night, zone=BERLIN).start) == "2026-03-29T03:30"


def test_a_time_the_clocks_show_twice_is_the_first_of_them() -> None:
    night = datetime(2026, 10, 24, 22, tzinfo=BERLIN)
    start = _read("tomorrow at 02:30", now=night, zone=BERLIN).start
    assert start is not None
    assert start.astimezone(UTC) == datetime(2026, 10, 25, 0, 30, tzinfo=UTC)


def test_evidence_is_what_was_read() -> None:
    assert _read("Please, tomorrow at 4:15pm, about my bill").evidence == ("tomorrow", "at 4:15pm")


_texts = st.one_of(
    st.text(max_size=80),
    st.lists(st.sampled_from([*_WORDS, "3", "15", "1630", ":", "-", ",", "4:30", "12/1", "pm"]), max_size=10).map(
        " ".join
    ),
)


@settings(max_examples=400)
@given(
    text=_texts,
    now=st.datetimes(datetime(2024, 1, 1), datetime(2030, 1, 1)),
    zone=st.sampled_from(["America/New_York", "Europe/Berlin", "Asia/Kathmandu", "Pacific/Apia", "UTC"]),
)
def test_no_text_breaks_the_reader_and_nothing_lies_in_the_past(text: str, now: datetime, zone: str) -> None:
    moment = now.replace(tzinfo=UTC)
    reading = read(text, now=moment, zone=ZoneInfo(zone))
    if reading.kind in (ReadingKind.NOW, ReadingKind.POINT, ReadingKind.WINDOW):
        assert reading.start is not None
        assert reading.start >= moment - timedelta(minutes=1)
        assert (reading.end is not None) == (reading.kind is ReadingKind.WINDOW)
        assert reading.end is None or reading.end > reading.start
        assert reading.evidence
    else:
        assert reading.start is reading.end is None
    assert reading.kind is ReadingKind.AMBIGUOUS or not reading.alternatives
    assert all(each in text for each in reading.evidence)
