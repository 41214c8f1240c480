"""Hours, shifts, days and slots in any zone of the world, on any day: what is open is what the clocks there show."""

from datetime import UTC, date, datetime, timedelta
from zoneinfo import ZoneInfo, available_timezones

import holidays
from hypothesis import given, settings
from hypothesis import strategies as st

from ringback.domain.times import When, WhenKind
from ringback.interaction_manager.rules.grid import slot_grid
from ringback.interaction_manager.rules.hours import hours_of
from ringback.interaction_manager.rules.offers import offers
from ringback.interaction_manager.rules.possibility import Possible
from ringback.interaction_manager.rules.shifts import shifts_of
from ringback.interaction_manager.rules.slots import Timetable
from ringback.interaction_manager.rules.timed import at_a_time
from tests.rules.interaction_manager.centre import EVERY_DAY, agent, ask, centre, queue, queue_id, rates

ZONES = sorted(zone for zone in available_timezones() if "/" in zone and not zone.startswith(("Etc/", "SystemV/")))
ANY_ZONE = st.sampled_from(ZONES)
ANY_DAY = st.dates(date(2024, 1, 1), date(2028, 12, 31))
GENEROUS = {"callbacks_share": 1.0, "shrinkage": 0.0, "refuse_above": 1.0, "agent_ring": 1, "customer_ring": 1}


def shows(at: datetime, zone: str, begins: int, ends: int) -> bool:
    """Tell whether the clock there shows a minute of the day from `begins` to `ends`."""
    local = at.astimezone(ZoneInfo(zone))
    return begins <= local.hour * 60 + local.minute < ends


def clock(minutes: int) -> str:
    return f"{minutes // 60:02}:{minutes % 60:02}"


MINUTES = st.integers(0, 95).map(lambda n: n * 15)


@settings(max_examples=200, deadline=None)
@given(zone=ANY_ZONE, day=ANY_DAY, edges=st.tuples(MINUTES, MINUTES).filter(lambda e: e[0] < e[1]))
def test_open_hours_and_shifts_follow_the_clock_on_the_wall_everywhere(zone, day, edges):
    begins, ends = edges
    span = [f"{clock(begins)}-{clock(ends)}"]
    hours = hours_of({"zone": zone, "week": dict.fromkeys(EVERY_DAY, span)})
    plan = shifts_of({"week": dict.fromkeys(EVERY_DAY, span)}, zone=zone)
    midnight = datetime(day.year, day.month, day.day, tzinfo=UTC)
    for step in range(0, 24 * 60, 37):
        at = midnight + timedelta(minutes=step, seconds=7)
        assert hours.is_open(at) == plan.on_shift(at) == shows(at, zone, begins, ends)


@settings(max_examples=100, deadline=None)
@given(zone=ANY_ZONE, day=ANY_DAY, length=st.sampled_from([600, 900, 1800]))
def test_slots_never_overlap_never_leave_the_hours_and_miss_no_hour_anywhere(zone, day, length):
    hours = hours_of({"zone": zone, "week": dict.fromkeys(EVERY_DAY, ["00:00-24:00"])})
    start = datetime(day.year, day.month, day.day, tzinfo=UTC)
    slots = list(slot_grid(hours, length, start, start + timedelta(days=1)))
    assert all(a.end <= b.start for a, b in zip(slots, slots[1:], strict=False))
    # A change of the clocks may leave less than one slot unused before it and after.
    assert len(slots) * length >= 24 * 3600 - 2 * length - 1800


@settings(max_examples=40, deadline=None)
@given(queue_zone=ANY_ZONE, agent_zone=ANY_ZONE, day=ANY_DAY, minute=MINUTES)
def test_there_is_room_only_where_the_queue_is_open_and_the_agent_works_by_their_own_clocks(
    queue_zone, agent_zone, day, minute
):
    here = queue(zone=queue_zone, daily=["08:00-18:00"], policy=GENEROUS | {"slot_length": 900})
    plan = {"zone": agent_zone, "week": dict.fromkeys(EVERY_DAY, ["09:00-17:00"]), "breaks": ["12:00-13:00"]}
    snapshot = centre([here], [agent(shifts=plan, zone=agent_zone)], rates=rates(600.0))
    midnight = datetime(day.year, day.month, day.day, tzinfo=UTC)
    now = midnight - timedelta(days=2)
    table = Timetable(snapshot, queue_id(0), now)
    around = midnight + timedelta(minutes=minute)
    for slot in slot_grid(here.hours, 900, around, around + timedelta(hours=2)):
        inside = [slot.start + timedelta(seconds=second) for second in range(0, 900, 60)]
        works = all(shows(at, agent_zone, 540, 720) or shows(at, agent_zone, 780, 1020) for at in inside)
        assert (table.room(queue_id(0), slot) > 0) == works


@settings(max_examples=40, deadline=None)
@given(zone=ANY_ZONE, day=ANY_DAY, hour=st.integers(0, 23), kind=st.sampled_from(list(WhenKind)[1:]))
def test_a_time_is_possible_exactly_when_it_is_open_whatever_zone_the_customer_is_in(zone, day, hour, kind):
    here = queue(zone="Europe/London", policy=GENEROUS | {"slot_length": 900})
    snapshot = centre([here], [agent()], rates=rates(600.0))
    start = datetime(day.year, day.month, day.day, hour, tzinfo=UTC)
    end = None if kind is WhenKind.INSTANT else start + timedelta(minutes=15 if kind is WhenKind.SLOT else 90)
    when = When(kind=kind, zone=zone, start=start.astimezone(ZoneInfo(zone)), end=end)
    now = start - timedelta(days=1)
    found = at_a_time(snapshot, Timetable(snapshot, queue_id(0), now), here, None, when, now, named_time=True)
    opens = here.hours.open_spans(start, end or start + timedelta(minutes=10))
    wanted = bool(opens) if kind is WhenKind.WINDOW else here.hours.is_open(start)
    assert isinstance(found, Possible) == wanted
    if isinstance(found, Possible):
        assert found.window.start >= start and found.slot is not None
        assert found.window.start <= found.ready_at < found.window.end


@settings(max_examples=15, deadline=None)
@given(zone=ANY_ZONE, day=ANY_DAY)
def test_the_days_that_are_offered_are_the_customers_and_their_times_lie_in_them(zone, day):
    here = queue(daily=["00:00-24:00"], policy=GENEROUS | {"slot_length": 1800, "calling_hours": {"start": "08:00", "end": "21:00"}})  # fmt: skip
    now = datetime(day.year, day.month, day.day, 13, 7, tzinfo=UTC)
    found = offers(centre([here], [agent()]), ask(zone=zone), now)
    assert found.days[0].day == now.astimezone(ZoneInfo(zone)).date()
    for offered in found.days:
        for each in offered.more:
            local = each.window.start.astimezone(ZoneInfo(zone))
            assert local.date() == offered.day and 8 <= local.hour < 21 and each.window.start >= now


def test_public_holidays_are_those_of_the_place_and_own_days_win_over_them():
    places = [("GB", "ENG"), ("GB", "SCT"), ("DE", "BY"), ("US", "CA"), ("IN", None), ("AU", "VIC")]
    for country, part in places:
        place = {"country": country} | ({"subdivision": part} if part else {})
        hours = hours_of({"zone": "UTC", "week": dict.fromkeys(EVERY_DAY, ["00:00-24:00"]), "holidays": place})
        known = holidays.country_holidays(country, subdiv=part, years=2026)
        for offset in range(365):
            day = date(2026, 1, 1) + timedelta(days=offset)
            noon = datetime(day.year, day.month, day.day, 12, tzinfo=UTC)
            assert hours.is_open(noon) == (day not in known)
    own = {"special_days": [{"day": "2026-12-25", "name": "half day", "open": ["10:00-14:00"]}]}
    document = {"zone": "UTC", "week": {}, "holidays": {"country": "GB", "subdivision": "ENG"}}
    assert hours_of(document | own).is_open(datetime(2026, 12, 25, 12, tzinfo=UTC))
