"""Which telephones are rung, when, how often and for how much: the rules, over every zone and every change of the clocks."""

from datetime import UTC, datetime, time, timedelta
from zoneinfo import ZoneInfo, available_timezones

import pytest
from hypothesis import given
from hypothesis import strategies as st

from ringback.domain.guards.hours import CallingTimes, in_hours, judge_hours, next_in_hours, possible_places
from ringback.domain.guards.limits import Counted, Limits, cost_of, judge_counts, price_per_minute
from ringback.domain.guards.numbers import NumberRules, block_of, is_e164, judge_number
from ringback.domain.guards.verdict import GuardCause

NOW = datetime(2026, 11, 23, 12, 0, tzinfo=UTC)
ZONES = st.sampled_from(sorted(name for name in available_timezones() if "/" in name and not name.startswith("Etc/")))
INSTANTS = st.datetimes(datetime(2026, 1, 1), datetime(2028, 12, 31), timezones=st.just(UTC))
START, END = time(8), time(21)


@pytest.mark.parametrize(
    ("number", "cause"),
    [
        ("+4915112345678", None),
        ("+493012345678", None),
        ("+18005550100", None),
        ("+447700900123", None),  # younger than the tables, or kept for films
        ("+491802123456", GuardCause.NUMBER),  # shared cost
        ("+19005550100", GuardCause.NUMBER),  # premium
        ("+447012345678", GuardCause.NUMBER),  # personal
        ("+881612345678", GuardCause.NUMBER),  # satellites
        ("+870773123456", GuardCause.NUMBER),
        ("+979123456789", GuardCause.NUMBER),  # international premium
        ("+112", GuardCause.DIAL_STRING),
        ("112", GuardCause.DIAL_STRING),
        ("4915112345678", GuardCause.DIAL_STRING),
        ("+4915112345678@evil", GuardCause.DIAL_STRING),
        ("+49151&PJSIP/900", GuardCause.DIAL_STRING),
        ("+49 151 12345678", GuardCause.DIAL_STRING),
        ("+491511234567٣", GuardCause.DIAL_STRING),  # a digit, but not one of ours
        ("+4915112345678\n", GuardCause.DIAL_STRING),
    ],
)
def test_only_ordinary_numbers_are_rung(number: str, cause: GuardCause | None) -> None:
    refused = judge_number(number, NumberRules())
    assert (refused.cause if refused else None) is cause


@given(st.text(max_size=20))
def test_nothing_but_a_plus_and_digits_ever_reaches_a_dial_string(text: str) -> None:
    if is_e164(text):
        assert text[0] == "+" and set(text[1:]) <= set("0123456789") and 8 <= len(text) <= 16
    else:
        refused = judge_number(text, NumberRules())
        assert refused is not None and refused.cause is GuardCause.DIAL_STRING


def test_countries_are_allowed_by_name() -> None:
    rules = NumberRules(countries=("DE", "AT"))
    assert judge_number("+493012345678", rules) is None
    refused = judge_number("+442079460123", rules)
    assert refused is not None and refused.cause is GuardCause.COUNTRY
    canada = judge_number("+14165550100", NumberRules(countries=("US",)))
    assert canada is not None and canada.cause is GuardCause.COUNTRY


@pytest.mark.parametrize(
    ("number", "zones", "asked"),
    [
        ("+4915112345678", 1, False),
        ("+12125550100", 1, False),
        ("+351912345678", 2, False),  # Lisbon and the Azores
        ("+61412345678", 8, True),
        ("+18005550100", 15, True),
        ("+881612345678", 0, True),
        ("none", 0, True),
    ],
)
def test_where_a_number_may_lie(number: str, zones: int, asked: bool) -> None:
    places = possible_places(number, NOW, most=3)
    assert places.asked is asked
    assert len(places.zones) == zones if zones < 8 else len(places.zones) >= 8


@given(INSTANTS, st.lists(ZONES, min_size=1, max_size=4))
def test_the_next_permitted_moment_is_permitted_everywhere_and_no_earlier_one_is(
    at: datetime, names: list[str]
) -> None:
    zones = [ZoneInfo(name) for name in names]
    found = next_in_hours(at, START, END, zones)
    if found is None:
        return
    assert found >= at and in_hours(found, START, END, zones)
    minutes = int((found - at).total_seconds() // 60)
    for step in range(0, minutes, 7):
        assert not in_hours(at + timedelta(minutes=step), START, END, zones)


@given(INSTANTS, ZONES)
def test_one_zone_has_calling_hours_within_a_day_whatever_the_clocks_do(at: datetime, name: str) -> None:
    found = next_in_hours(at, START, END, [ZoneInfo(name)])
    assert found is not None and found - at <= timedelta(hours=36)  # a day that a date line takes away


@pytest.mark.parametrize("day", [datetime(2026, 3, 29, tzinfo=UTC), datetime(2026, 10, 25, tzinfo=UTC)])
def test_when_the_clocks_change_the_wall_counts(day: datetime) -> None:
    berlin = ZoneInfo("Europe/Berlin")
    found = next_in_hours(day, START, END, [berlin])
    assert found is not None and found.astimezone(berlin).time() == START
    calling = CallingTimes(start=START, end=END, zones=("Europe/Berlin",))
    assert judge_hours(found, calling) is None
    refused = judge_hours(found - timedelta(seconds=1), calling)
    assert refused is not None and refused.again_at == found


def test_two_zones_that_share_no_hour_are_never_called_by_our_choice() -> None:
    zones = [ZoneInfo("Pacific/Auckland"), ZoneInfo("Europe/London")]
    assert next_in_hours(NOW, time(9), time(17), zones) is None
    calling = CallingTimes(start=time(9), end=time(17), zones=tuple(zone.key for zone in zones))
    refused = judge_hours(NOW, calling)
    assert refused is not None and refused.cause is GuardCause.HOURS and refused.again_at is None


def test_a_time_the_customer_named_needs_no_permission_of_a_clock() -> None:
    assert judge_hours(datetime(2026, 11, 23, 3, tzinfo=UTC), None) is None


def test_the_longest_prefix_sets_the_price_and_the_dearest_where_none_fits() -> None:
    prices = {"": 1.0, "+49": 0.02, "+4915": 0.08}
    assert [price_per_minute(number, prices) for number in ("+4915112345678", "+493012", "+1212")] == [0.08, 0.02, 1.0]
    assert price_per_minute("+1212", {"+49": 0.02, "+88": 9.0}) == 9.0
    assert [cost_of(0.5, seconds) for seconds in (-1, 0, 1, 60, 61)] == [0, 0, 0.5, 0.5, 1.0]


@given(st.integers(0, 20), st.integers(0, 20), st.floats(0, 100), st.floats(0, 100), st.floats(0, 100))
def test_no_limit_is_ever_passed(rings: int, most: int, spent: float, estimate: float, budget: float) -> None:
    limits = Limits(per_number_day=most, daily_spending=budget)
    refused = judge_counts(Counted(number=rings, spent=spent), limits, estimate=estimate)
    if refused is None:
        assert rings + 1 <= most and spent + estimate <= budget
    else:
        assert refused.cause is (GuardCause.NUMBER_LIMIT if rings >= most else GuardCause.SPENDING)


@pytest.mark.parametrize(
    ("counted", "cause"),
    [
        (Counted(target=12), GuardCause.TARGET_LIMIT),
        (Counted(prefix=60), GuardCause.PREFIX_LIMIT),
        (Counted(business=2000), GuardCause.BUSINESS_LIMIT),
        (Counted(target=11, prefix=59, business=1999, number=7), None),
    ],
)
def test_each_limit_has_its_own_cause(counted: Counted, cause: GuardCause | None) -> None:
    refused = judge_counts(counted, Limits(), estimate=10.0)
    assert (refused.cause if refused else None) is cause
    none = Limits(per_number_day=None, per_target_day=None, per_prefix_hour=None, per_business_hour=None)
    assert judge_counts(counted, none, estimate=10.0) is None


def test_neighbours_share_a_block() -> None:
    assert block_of("+4915112345678") == block_of("+4915112340000") != block_of("+4915112350000")
