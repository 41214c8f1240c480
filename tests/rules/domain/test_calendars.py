"""A booking in a calendar, read back by the grammar of RFC 5545."""

import re
from datetime import UTC, datetime, timedelta
from typing import Any
from uuid import UUID

from hypothesis import given
from hypothesis import strategies as st

from ringback.domain.calendars import BookedCall, calendar
from ringback.domain.ids import BusinessId, CallbackId
from ringback.domain.times import TimeWindow

AT = datetime(2026, 11, 25, 15, 15, tzinfo=UTC)


def call(**changes) -> BookedCall:
    values: dict[str, Any] = {
        "callback": CallbackId(UUID(int=7)),
        "business": BusinessId(UUID(int=8)),
        "business_name": "Acme Energy",
        "who": "Kim",
        "window": TimeWindow(start=AT, end=AT + timedelta(minutes=15)),
        "revision": 0,
        "changed_at": AT - timedelta(days=1),
    }
    return BookedCall(**(values | changes))


def read(text: str) -> dict[str, str]:
    """Unfold and split into name (with parameters) and value; every line ends in CRLF."""
    assert text.endswith("\r\n") and "\n" not in text.replace("\r\n", "")
    unfolded = text.replace("\r\n ", "")
    return dict(line.split(":", 1) if '"' not in line else re.split(r'(?<="):', line, maxsplit=1) for line in unfolded.split("\r\n")[:-1])  # fmt: skip


def unescape(value: str) -> str:
    return re.sub(r"\\([\\;,nN])", lambda m: "\n" if m[1] in "nN" else m[1], value)


def test_a_booking_is_published_in_utc_and_a_cancel_takes_it_out_with_a_higher_sequence():
    booked = read(calendar(call()))
    assert (booked["METHOD"], booked["STATUS"], booked["SEQUENCE"]) == ("PUBLISH", "CONFIRMED", "0")
    assert (booked["DTSTART"], booked["DTEND"]) == ("20261125T151500Z", "20261125T153000Z")
    moved = read(calendar(call(revision=1, window=TimeWindow(start=AT, end=AT + timedelta(hours=1)))))
    gone = read(calendar(call(revision=1, cancelled=True)))
    assert booked["UID"] == moved["UID"] == gone["UID"]
    assert (moved["SEQUENCE"], gone["SEQUENCE"]) == ("1", "2")
    assert (gone["METHOD"], gone["STATUS"]) == ("CANCEL", "CANCELLED")


@given(name=st.text(max_size=80), topic=st.text(max_size=300))
def test_any_words_survive_folding_and_escaping_and_none_breaks_out_of_its_line(name, topic):
    text = calendar(call(business_name=name, topic=topic, who=name))
    lines = text.split("\r\n")
    assert all(len(line.encode()) <= 75 for line in lines)
    assert [line for line in text.replace("\r\n ", "").split("\r\n") if line.startswith(("BEGIN", "END"))] == [
        "BEGIN:VCALENDAR",
        "BEGIN:VEVENT",
        "END:VEVENT",
        "END:VCALENDAR",
    ]
    found = re.search(r"\r\nSUMMARY:(.*?)\r\nDESCRIPTION:(.*?)\r\nSTATUS", text.replace("\r\n ", ""), re.DOTALL)
    assert found is not None
    shown = name.replace("\r\n", "\n").replace("\r", "\n")
    printable = "".join(each for each in shown if each.isprintable() or each == "\n")
    assert unescape(found[1]) == f"{printable} calls you · {printable}"
