"""Prompts and cards: words a person would say, labels that fit, meanings that never leave the server."""

from __future__ import annotations

from datetime import UTC, date, datetime, timedelta
from zoneinfo import ZoneInfo

import msgspec
import pytest
from hypothesis import given
from hypothesis import strategies as st

from ringback.callback_application_server.rules import times_in_words as words
from ringback.callback_application_server.rules.callback_card import (
    FINAL,
    Card,
    CardState,
    change,
    dump_card,
    load_card,
    show_card,
)
from ringback.callback_application_server.rules.draft import Act, Draft, Meaning, dump, load_draft
from ringback.callback_application_server.rules.prompts import Setting, day_prompt, dump_prompt, load_prompt, question
from ringback.domain.commands import Estimate, PromiseMade
from ringback.domain.ids import CallbackId, new_id
from ringback.domain.offers import DayOffer, Offers, Opening, Reason, SlotOffer
from ringback.domain.times import TimeWindow, When, WhenKind

LONDON = ZoneInfo("Europe/London")
NOW = datetime(2026, 11, 24, 14, 32, tzinfo=LONDON)


def at(hour: int, minute: int = 0, *, day: int = 24) -> datetime:
    return datetime(2026, 11, day, hour, minute, tzinfo=LONDON)


def estimate(low: float, high: float) -> Estimate:
    """Minutes from now."""
    points = [NOW + timedelta(minutes=minutes) for minutes in (low, (low + high) / 2, high)]
    return Estimate(p10=points[0], p50=points[1], p90=points[2])


@pytest.mark.parametrize(
    ("low", "high", "said"),
    [
        (6, 9, "about 6–9 min"),
        (5.6, 8.2, "about 6–9 min"),
        (0, 0.5, "in under a minute"),
        (0.2, 2, "about 1–2 min"),
        (4, 4, "about 4 min"),
        (60, 120, "about 1–2 h"),
        (80, 100, "about 1.5–2 h"),
    ],
)
def test_an_estimate_is_a_range_with_about(low: float, high: float, said: str):
    assert words.estimate_range(estimate(low, high), NOW) == said


def test_clock_times_days_and_windows():
    assert words.deadline(at(14, 50), LONDON, NOW) == "by 14:50"
    assert words.window(TimeWindow(start=at(15, 15), end=at(15, 30)), LONDON, NOW) == "15:15–15:30"
    assert words.moment(at(8, day=25), LONDON, NOW) == "tomorrow, Wed 25 Nov, 08:00"
    assert words.moment(at(8, day=30), LONDON, NOW) == "Mon 30 Nov, 08:00"
    assert words.day_name(date(2026, 11, 24), date(2026, 11, 24)) == "today"


def test_both_repeats_of_an_hour_carry_their_offset():
    first = datetime(2026, 10, 25, 0, 30, tzinfo=UTC)
    assert words.clock(first, LONDON) == "01:30 (BST)"
    assert words.clock(first + timedelta(hours=1), LONDON) == "01:30 (GMT)"


@pytest.mark.parametrize(
    ("zone", "said"),
    [
        ("Europe/London", None),
        ("Europe/Lisbon", None),
        ("Europe/Madrid", "Your time, Madrid. Acme Energy is 1 h behind."),
        ("America/New_York", "Your time, New York. Acme Energy is 5 h ahead."),
        ("Asia/Kolkata", "Your time, Kolkata. Acme Energy is 5 h 30 min behind."),
    ],
)
def test_the_zone_is_named_only_when_it_differs(zone: str, said: str | None):
    assert words.zone_note(ZoneInfo(zone), LONDON, "Acme Energy", NOW) == said


@given(low=st.floats(0, 600), width=st.floats(0, 600))
def test_what_is_said_never_promises_less_than_the_estimate(low: float, width: float):
    said = words.estimate_range(estimate(low, low + width), NOW)
    if said.startswith("about") and said.endswith("min"):
        assert float(said.removeprefix("about ").removesuffix(" min").split("–")[-1]) >= low + width - 1e-6


def offers(*days: DayOffer) -> Offers:
    return Offers(
        provider="biz:acme/q:billing", provider_why="default", queue_slug="billing", queue_name="Billing",
        agent_name=None, opening=Opening(open_now=True, until=at(18), next_opening=None, zone="Europe/London"),
        asap=None, days=days, agents=(), queues=(), requested=None, nearest=(), refusals=(), open_callback=None,
    )  # fmt: skip


def slots(day: int, count: int) -> tuple[SlotOffer, ...]:
    start = at(9, day=day)
    length = timedelta(minutes=15)
    return tuple(
        SlotOffer(
            window=TimeWindow(start=start + n * length, end=start + (n + 1) * length),
            room=1,
            reason=Reason(verdict="free"),
        )
        for n in range(count)
    )


def test_at_most_eight_times_and_five_days():
    days = tuple(
        DayOffer(day=date(2026, 11, 24 + n), slots=slots(24 + n, 20 if n != 1 else 0), full=n == 1) for n in range(6)
    )
    setting = Setting(now=at(7), zone=LONDON, business_name="Acme Energy", business_zone=LONDON)
    prompt = day_prompt(offers(*days), setting)
    assert len([option for option in prompt.options if option.meaning.act is Act.TAKE_WHEN]) == 8
    assert len(prompt.days) == 5 and prompt.days[0].label == "Today" and prompt.days[1].full
    fourth = day_prompt(offers(*days), setting, day="2026-11-29")
    assert any(day.selected and day.meaning.day == "2026-11-29" for day in fourth.days)
    assert all(len(option.label) <= 20 for option in prompt.options)


def test_a_day_without_times_is_said_in_words():
    days = (DayOffer(day=date(2026, 11, 24), slots=slots(24, 2)), DayOffer(day=date(2026, 11, 27), slots=(), full=True))
    prompt = day_prompt(offers(*days), Setting(now=at(7), zone=LONDON, business_name="Acme"), day="2026-11-27")
    assert prompt.note == "No times on Friday."


def test_a_prompt_is_the_same_after_it_was_stored():
    prompt = question("late", "Late", "We are late.", [("Keep", Act.KEEP, "primary"), ("Move", Act.MOVE, "option")])
    assert load_prompt(msgspec.json.decode(msgspec.json.encode(dump_prompt(prompt)))) == prompt
    assert prompt.option(0) == Meaning(act=Act.KEEP)
    assert prompt.option(7) is None and prompt.option(1000) is None and prompt.option(-1) is None


whens = st.one_of(
    st.just(When(kind=WhenKind.ASAP, zone="Europe/London")),
    st.datetimes(datetime(2026, 1, 1), datetime(2028, 1, 1), timezones=st.just(UTC)).map(
        lambda start: When(kind=WhenKind.INSTANT, zone="Europe/London", start=start)
    ),
)


@given(when=st.none() | whens, topic=st.none() | st.text(max_size=50), moving=st.booleans())
def test_a_draft_is_the_same_after_it_was_stored(when: When | None, topic: str | None, moving: bool):
    draft = Draft(provider="biz:acme", when=when, topic=topic, moving=moving)
    assert load_draft(msgspec.json.decode(msgspec.json.encode(dump(draft)))) == draft


def card(state: CardState = CardState.BOOKED) -> Card:
    promise = PromiseMade(window=TimeWindow(start=NOW, end=at(14, 50)), early_is_fine=True, estimate=estimate(6, 9))
    return Card(
        id=CallbackId(new_id()), state=state, queue_name="Billing", where="this browser", updated_at=NOW,
        promise=promise, place=3, line=7, topic="October bill",
    )  # fmt: skip


def test_the_card_says_estimate_and_promise_apart():
    shown = show_card(card(), now=NOW, zone=LONDON)
    assert shown is not None
    assert (shown.title, shown.lead, shown.headline) == ("Callback booked", "Billing calls you in", "about 6–9 min")
    assert shown.promise == "14:38–14:41, by 14:50 at the latest"
    assert [(line.label, line.value) for line in shown.lines] == [
        ("Your place", "3rd of 7"),
        ("We call", "this browser"),
        ("About", "October bill"),
    ]


@pytest.mark.parametrize("state", list(CardState))
def test_every_state_has_words_and_says_what_can_be_done(state: CardState):
    shown = show_card(change(card(), NOW, state=state), now=NOW, zone=LONDON)
    assert shown is not None and shown.title and shown.lead and shown.headline
    if state in FINAL:
        assert not shown.can_cancel and not shown.can_move and not shown.promise
    if state is CardState.TALKING:
        assert shown.cannot == "You are connected. Hang up to end the call."


def test_a_finished_card_goes_after_an_hour():
    over = change(card(), NOW, state=CardState.DONE)
    assert show_card(over, now=NOW + timedelta(minutes=59), zone=LONDON) is not None
    assert show_card(over, now=NOW + timedelta(minutes=61), zone=LONDON) is None


@pytest.mark.parametrize("state", list(CardState))
def test_a_card_is_the_same_after_it_was_stored(state: CardState):
    before = change(card(), NOW, state=state)
    assert load_card(msgspec.json.decode(msgspec.json.encode(dump_card(before)))) == before
