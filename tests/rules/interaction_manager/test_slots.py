"""Slots: on round wall-clock times inside opening hours, and never more bookings than agents can carry out."""

from datetime import date, datetime, timedelta
from math import floor
from zoneinfo import ZoneInfo

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from ringback.domain.times import TimeWindow
from ringback.interaction_manager.rules.grid import slot_at, slot_grid, work_seconds
from ringback.interaction_manager.rules.hours import hours_of
from ringback.interaction_manager.rules.slots import Timetable
from ringback.interaction_manager.rules.snapshot import Booking
from tests.rules.interaction_manager.centre import (
    EVERY_DAY,
    NOW,
    agent,
    agent_id,
    booking,
    centre,
    minutes,
    queue,
    queue_id,
    rates,
    utc,
    waiting,
    window,
)

ZONES = ["Europe/London", "America/New_York", "Australia/Lord_Howe", "Asia/Kathmandu"]
CHANGES = [
    date(2026, 3, 29),
    date(2026, 10, 25),
    date(2026, 3, 8),
    date(2026, 11, 1),
    date(2026, 4, 5),
    date(2026, 10, 4),
    date(2026, 6, 3),
]
GENEROUS = {"callbacks_share": 1.0, "shrinkage": 0.0, "refuse_above": 1.0, "agent_ring": 1, "customer_ring": 1}


# ------------------------------------------------------------------ the grid


@settings(deadline=None)
@given(
    zone=st.sampled_from(ZONES),
    day=st.sampled_from(CHANGES),
    length=st.sampled_from([300, 900, 1800, 3600]),
    offset=st.integers(0, 3599),
)
def test_slots_lie_full_inside_opening_hours_and_never_overlap_on_days_when_the_clock_changes(
    zone, day, length, offset
):
    hours = hours_of({"zone": zone, "week": dict.fromkeys(EVERY_DAY, ["00:15-09:00", "22:00-24:00"])})
    start = (
        datetime(day.year, day.month, day.day, tzinfo=NOW.tzinfo)
        - timedelta(hours=12)
        + timedelta(seconds=offset, microseconds=7)
    )
    slots = list(slot_grid(hours, length, start, start + timedelta(hours=48)))
    assert slots
    for slot in slots:
        assert slot.length == timedelta(seconds=length) and slot.start >= start and slot.start.microsecond == 0
        assert hours.is_open(slot.start) and hours.is_open(slot.end - timedelta(seconds=1))
    assert all(a.end <= b.start for a, b in zip(slots, slots[1:], strict=False))
    plain = [slot for slot in slots if zone != "Australia/Lord_Howe" or length < 3600]
    shown = {slot.start.astimezone(ZoneInfo(zone)) for slot in plain}
    assert all((at.hour * 3600 + at.minute * 60 + at.second) % length == 0 for at in shown)


@settings(deadline=None)
@given(day=st.sampled_from(CHANGES), quarter=st.integers(0, 95), zone=st.sampled_from(ZONES[:2]))
def test_the_slot_of_an_instant_is_one_of_the_grid(day, quarter, zone):
    hours = hours_of({"zone": zone, "week": dict.fromkeys(EVERY_DAY, ["00:00-24:00"])})
    at = datetime(day.year, day.month, day.day, tzinfo=NOW.tzinfo) + minutes(15 * quarter + 7)
    slot = slot_at(hours, 900, at)
    assert slot is not None and slot.start <= at < slot.end
    grid = slot_grid(hours, 900, at - timedelta(hours=3), at + timedelta(hours=3))
    assert slot in list(grid)


def test_the_hour_that_comes_twice_has_slots_twice_and_the_skipped_one_none():
    hours = hours_of({"zone": "Europe/London", "week": {"sun": ["01:00-02:00"]}})
    autumn = list(slot_grid(hours, 1800, utc(2026, 10, 24, 20), utc(2026, 10, 25, 20)))
    assert [slot.start for slot in autumn] == [utc(2026, 10, 25, 0) + minutes(30 * i) for i in range(4)]
    assert list(slot_grid(hours, 1800, utc(2026, 3, 28, 20), utc(2026, 3, 29, 20))) == []


def test_very_short_slots_are_a_grid_too():
    hours = hours_of({"zone": "UTC", "week": dict.fromkeys(EVERY_DAY, ["00:00-24:00"])})
    slots = list(slot_grid(hours, 3, NOW, NOW + timedelta(seconds=10)))
    assert [slot.start - NOW for slot in slots] == [timedelta(seconds=s) for s in (0, 3, 6, 9)]


# ------------------------------------------------------------------ how many fit


def room(snapshot, slot, q=0, named=None):
    timetable = Timetable(snapshot, queue_id(q), NOW)
    return timetable.room(queue_id(q), slot, None if named is None else agent_id(named))


LATER = window(utc(2026, 11, 25, 10, 0), minutes(30))


def test_room_is_staffing_times_the_share_that_callbacks_get():
    team = [agent(n) for n in range(3)]
    # Three agents for half an hour, half of it for callbacks, a tenth never there; 328.75 s each with ringing.
    assert room(centre(agents=team), LATER) == floor(3 * 1800 * 0.5 * 0.9 / 328.75)
    assert room(centre([queue(policy=GENEROUS)], team, rates=rates(600.0)), LATER) == 6


def test_a_lone_agent_can_always_be_booked_once_and_nobody_never():
    assert room(centre(rates=rates(1700.0)), LATER) == 1
    assert room(centre(agents=[]), LATER) == 0
    assert room(centre(agents=[agent(shifts={"week": {}})]), LATER) == 0


def test_a_shift_that_ends_in_the_slot_carries_only_what_it_can_finish():
    early = agent(shifts={"week": {"wed": ["08:00-10:08"]}})
    assert room(centre([queue(policy=GENEROUS)], [early], rates=rates(300.0)), LATER) == 1
    assert room(centre([queue(policy=GENEROUS)], [early], rates=rates(600.0)), LATER) == 0


def test_a_named_agent_is_booked_by_name_and_others_step_aside():
    both = centre([queue(policy=GENEROUS)], [agent(0), agent(1)], rates=rates(1700.0), bookings=(booking(LATER),))
    assert room(both, LATER, named=0) == 1 and room(both, LATER, named=1) == 1
    taken = centre(
        [queue(policy=GENEROUS)], [agent(0), agent(1)], rates=rates(1700.0), bookings=(booking(LATER, named=0),)
    )
    assert room(taken, LATER, named=0) == 0 and room(taken, LATER, named=1) == 1 and room(taken, LATER) == 1


def test_an_agent_of_two_queues_is_never_sold_twice():
    queues = [queue(0, policy=GENEROUS), queue(1, policy=GENEROUS)]
    snapshot = centre(queues, [agent(0, queues=(0, 1))], rates=rates(1700.0), bookings=(booking(LATER, q=1),))
    assert room(snapshot, LATER, q=0) == 0
    with_help = centre(
        queues, [agent(0, queues=(0, 1)), agent(1, queues=(1,))], rates=rates(1700.0), bookings=(booking(LATER, q=1),)
    )
    assert room(with_help, LATER, q=0) == 1, "the other queue's booking moves to the other agent"


def test_slots_shorter_than_the_work_share_one_agent_between_them():
    quick = queue(policy=GENEROUS | {"slot_length": 60})
    first, second = window(LATER.start, minutes(1)), window(LATER.start + minutes(1), minutes(1))
    far = window(LATER.start + minutes(6), minutes(1))
    snapshot = centre([quick], rates=rates(300.0), bookings=(booking(first),))
    assert room(snapshot, second) == 0 and room(snapshot, far) == 1
    assert room(centre([quick], [agent(0), agent(1)], rates=rates(300.0), bookings=(booking(first),)), second) == 1


def test_those_who_wait_now_take_the_room_of_the_next_slots_and_not_of_later_ones():
    team = [agent(0), agent(1)]
    soon = window(utc(2026, 11, 24, 15, 0), minutes(30))
    assert room(centre([queue(policy=GENEROUS)], team), soon) > 0
    crowded = centre([queue(policy=GENEROUS)], team, waiting=(waiting(30),))
    assert room(crowded, soon) == 0 and room(crowded, LATER) > 0


def test_a_staffing_change_shows_as_fewer_than_are_booked():
    snapshot = centre([queue(policy=GENEROUS)], [agent(0)], rates=rates(850.0), bookings=(booking(LATER, count=5),))
    timetable = Timetable(snapshot, queue_id(0), NOW)
    assert (timetable.booked(queue_id(0), LATER), timetable.capacity(queue_id(0), LATER)) == (5, 2)


# ------------------------------------------------------------------ whatever is accepted can be carried out

TEAM = st.lists(st.sets(st.integers(0, 2), min_size=1, max_size=3), min_size=1, max_size=4)
WISHES = st.lists(
    st.tuples(st.integers(0, 2), st.none() | st.integers(0, 3), st.integers(0, 3)), min_size=1, max_size=24
)


@settings(max_examples=60, deadline=None)
@given(
    team=TEAM,
    wishes=WISHES,
    day=st.sampled_from([date(2026, 10, 25), date(2026, 3, 29), date(2026, 6, 3)]),
    handling=st.integers(200, 890),
    begins=st.integers(0, 3),
    work_from=st.integers(0, 90),
)
def test_every_set_of_accepted_bookings_has_an_agent_for_each(team, wishes, day, handling, begins, work_from):
    """Book greedily over a change of the clocks, then look for an assignment by trying all."""
    shift = f"00:{work_from % 60:02}-24:00" if work_from < 60 else f"01:{work_from % 60:02}-24:00"
    queues = [queue(n, daily=["00:00-24:00"], policy=GENEROUS | {"slot_length": 900}) for n in range(3)]
    agents = [
        agent(n, queues=tuple(sorted(served)), shifts={"week": dict.fromkeys(EVERY_DAY, [shift])})
        for n, served in enumerate(team)
    ]
    all_rates = {queue_id(n): rates(float(handling), q=n)[queue_id(n)] for n in range(3)}
    now = datetime(day.year, day.month, day.day, tzinfo=NOW.tzinfo) - timedelta(hours=6)
    grid = list(
        slot_grid(queues[0].hours, 900, now + timedelta(hours=6) + minutes(15 * begins), now + timedelta(hours=9))
    )[:4]
    accepted: list[Booking] = []
    for q, named, which in wishes:
        if named is not None and (named >= len(team) or q not in team[named]):
            continue
        snapshot = centre(queues, agents, rates=all_rates, bookings=tuple(accepted))
        timetable = Timetable(snapshot, queue_id(q), now)
        if timetable.room(queue_id(q), grid[which], None if named is None else agent_id(named)) > 0:
            accepted.append(booking(grid[which], q=q, named=named))
    work = work_seconds(queues[0], all_rates[queue_id(0)])
    for slot in grid:
        units = {n: floor(seconds_there(slot, shift) / work + 1e-9) for n in range(len(team))}
        jobs = [each for each in accepted if each.slot == slot]
        able = [
            [
                n
                for n, served in enumerate(team)
                if queue_index(each) in served and (each.named_agent in (None, agent_id(n)))
            ]
            for each in jobs
        ]
        assert everybody_has_an_agent(able, units)


@settings(max_examples=60, deadline=None)
@given(
    team=TEAM,
    wishes=WISHES,
    handling=st.sampled_from([250, 600, 890, 1200]),
    cap=st.sampled_from([None, 3]),
    again=st.integers(1, 3),
)
def test_room_that_is_remembered_is_what_counting_anew_gives(team, wishes, handling, cap, again):
    """One timetable to which places are added, some by many who want the same, beside a new one for each question."""
    policy = GENEROUS | {"slot_length": 900, "slot_cap": cap}
    queues = [queue(n, daily=["00:00-24:00"], policy=policy) for n in range(3)]
    agents = [agent(n, queues=tuple(sorted(served))) for n, served in enumerate(team)]
    all_rates = {queue_id(n): rates(float(handling), q=n)[queue_id(n)] for n in range(3)}
    grid = list(slot_grid(queues[0].hours, 900, LATER.start, LATER.start + timedelta(hours=1)))
    kept = Timetable(centre(queues, agents, rates=all_rates), queue_id(0), NOW)
    accepted: list[Booking] = []
    for q, named, which in [wish for wish in wishes for _ in range(again)]:
        if named is not None and named >= len(team):
            continue
        asked = (queue_id(q), grid[which], None if named is None else agent_id(named))
        anew = Timetable(centre(queues, agents, rates=all_rates, bookings=tuple(accepted)), queue_id(q), NOW)
        if queue_id(q) not in centre(queues, agents).related(queue_id(0)):
            continue
        room_there = kept.room(*asked)
        assert room_there == anew.room(*asked), accepted
        if room_there > 0:
            taken = booking(grid[which], q=q, named=named)
            accepted.append(taken)
            kept.add(taken)


def queue_index(each: Booking) -> int:
    return each.queue.int - queue_id(0).int


def seconds_there(slot: TimeWindow, shift: str) -> int:
    """Count the minutes of the slot at which the wall clock is inside the shift."""
    begins = int(shift[:2]) * 60 + int(shift[3:5])
    there = 0
    for minute in range(int(slot.length.total_seconds()) // 60):
        shown = (slot.start + minutes(minute)).astimezone(ZoneInfo("Europe/London"))
        there += shown.hour * 60 + shown.minute >= begins
    return there * 60


def everybody_has_an_agent(jobs, units) -> bool:
    if not jobs:
        return True
    first, *rest = sorted(jobs, key=len)
    return any(units[n] > 0 and everybody_has_an_agent(rest, units | {n: units[n] - 1}) for n in first)


@settings(max_examples=40, deadline=None)
@given(
    wishes=st.lists(st.integers(0, 40), min_size=1, max_size=40),
    length=st.sampled_from([30, 60, 120]),
    handling=st.integers(40, 400),
    people=st.integers(1, 3),
)
def test_short_slots_never_need_more_agents_at_once_than_there_are(wishes, length, handling, people):
    short = queue(policy=GENEROUS | {"slot_length": length})
    team = [agent(n) for n in range(people)]
    accepted: list[Booking] = []
    for wish in wishes:
        slot = window(LATER.start + timedelta(seconds=wish * length), timedelta(seconds=length))
        if room(centre([short], team, rates=rates(float(handling)), bookings=tuple(accepted)), slot) > 0:
            accepted.append(booking(slot))
    work = timedelta(seconds=work_seconds(short, rates(float(handling))[queue_id(0)]))
    for each in accepted:
        at_once = [other for other in accepted if other.slot.start <= each.slot.start < other.slot.start + work]
        in_one_slot = max(1, floor(each.slot.length / work))
        assert len(at_once) <= people * in_one_slot


@pytest.mark.parametrize("count", [1, 7, 40])
def test_a_crowded_hour_is_answered_in_a_moment(count):
    team = [agent(n) for n in range(6)]
    snapshot = centre([queue(policy=GENEROUS)], team, bookings=(booking(LATER, count=count),))
    assert room(snapshot, LATER) == max(
        0, 6 * floor(1800 / work_seconds(queue(policy=GENEROUS), snapshot.rate(queue_id(0)))) - count
    )
