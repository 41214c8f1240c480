"""Nobody is sold twice: what is accepted is compared with a search through every way of giving the bookings to agents."""

from datetime import timedelta
from itertools import permutations, product

from hypothesis import given, settings
from hypothesis import strategies as st

from ringback.interaction_manager.rules.allocation import Flow, Job, Timelines
from ringback.interaction_manager.rules.grid import slot_grid, work_seconds
from ringback.interaction_manager.rules.slots import Timetable
from ringback.interaction_manager.rules.snapshot import Booking
from ringback.interaction_manager.rules.structure import Structure
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

GENEROUS = {"callbacks_share": 1.0, "shrinkage": 0.0, "refuse_above": 1.0, "agent_ring": 1, "customer_ring": 1}
LATER = utc(2026, 11, 25, 10, 0)


# ------------------------------------------------------------------ the flow, against one unit at a time

GROUPS = st.lists(st.tuples(st.integers(1, 6), st.sets(st.integers(0, 3), min_size=1)), min_size=1, max_size=6)


@settings(deadline=None)
@given(units=st.lists(st.integers(0, 4), min_size=4, max_size=4), groups=GROUPS)
def test_the_flow_places_as_many_as_any_assignment_does(units, groups):
    flow = Flow(units)
    placed = sum(flow.place(count, sorted(able)) for count, able in groups)
    assert placed == most_matched([able for count, able in groups for _ in range(count)], units)


def most_matched(jobs, units) -> int:
    """Match jobs to single units of agents one by one, by the plain augmenting path of textbooks."""
    places = [(agent, n) for agent, count in enumerate(units) for n in range(count)]
    taken: dict = {}

    def find(job: int, seen: set) -> bool:
        for place in places:
            if place[0] in jobs[job] and place not in seen:
                seen.add(place)
                if place not in taken or find(taken[place], seen):
                    taken[place] = job
                    return True
        return False

    return sum(find(job, set()) for job in range(len(jobs)))


# ------------------------------------------------------------------ timelines, against every order of every assignment


def can_be_done(jobs, spans) -> bool:
    """Try every agent for every job, and every order of each agent's jobs. `jobs`: (release, latest, length, able)."""
    for chosen in product(*(job[3] for job in jobs)):
        if all(
            any(in_order([jobs[j] for j in order], spans[n]) for order in permutations(mine))
            for n in range(len(spans))
            if (mine := [j for j, agent in enumerate(chosen) if agent == n])
        ):
            return True
    return not jobs


def in_order(jobs, spans) -> bool:
    free = 0.0
    for release, latest, length, _ in jobs:
        starts = [
            max(free, release, begins) for begins, ends in spans if max(free, release, begins) + length <= ends + 1e-6
        ]
        if not starts or min(starts) > latest + 1e-6:
            return False
        free = min(starts) + length
    return True


JOBS = st.lists(
    st.tuples(st.integers(0, 8), st.integers(0, 4), st.integers(1, 4), st.sets(st.integers(0, 2), min_size=1)),
    min_size=1,
    max_size=6,
)
SPANS = st.lists(st.sampled_from([((0, 16),), ((0, 5), (6, 16)), ((3, 9),), ()]), min_size=3, max_size=3)


@settings(deadline=None, max_examples=200)
@given(wanted=JOBS, spans=SPANS)
def test_what_is_laid_on_timelines_can_be_carried_out(wanted, spans):
    lines, placed = Timelines(spans), []
    for release, slack, length, able in wanted:
        job = Job(release=release, latest=release + slack, length=length, able=tuple(sorted(able)))
        if lines.place(job):
            placed.append((release, release + slack, length, sorted(able)))
    assert can_be_done(placed, spans)


@settings(deadline=None)
@given(starts=st.lists(st.integers(0, 12), min_size=1, max_size=14), people=st.integers(1, 3))
def test_where_everybody_can_do_everything_no_place_is_missed(starts, people):
    lines = Timelines([((0, 100),)] * people)
    placed = [s for s in sorted(starts) if lines.place(Job(release=s, latest=s, length=3, able=tuple(range(people))))]
    left: list[int] = []
    for s in sorted(starts):  # in order of start, an interval fits exactly when fewer than all are busy
        if sum(1 for other in left if other <= s < other + 3) < people:
            left.append(s)
    assert placed == left


# ------------------------------------------------------------------ a whole centre, with slots of several lengths and long work

SHIFTS = st.sampled_from(
    [
        None,
        {"week": dict.fromkeys(EVERY_DAY, ["10:10-12:00"])},
        {"week": dict.fromkeys(EVERY_DAY, ["08:00-18:00"]), "breaks": ["10:20-10:30"]},
    ]
)
WISHES = st.lists(
    st.tuples(st.integers(0, 2), st.none() | st.integers(0, 2), st.integers(0, 5)), min_size=1, max_size=9
)


@settings(max_examples=150, deadline=None)
@given(
    lengths=st.tuples(*[st.sampled_from([600, 900, 1800])] * 3),
    handling=st.tuples(*[st.sampled_from([290, 590, 890, 1300])] * 3),
    team=st.lists(st.sets(st.integers(0, 2), min_size=1), min_size=1, max_size=3),
    plans=st.lists(SHIFTS, min_size=3, max_size=3),
    wishes=WISHES,
)
def test_every_accepted_set_over_queues_of_all_kinds_can_be_carried_out(lengths, handling, team, plans, wishes):
    queues = [queue(n, policy=GENEROUS | {"slot_length": lengths[n]}) for n in range(3)]
    agents = [agent(n, queues=tuple(sorted(served)), shifts=plans[n]) for n, served in enumerate(team)]
    learned = {queue_id(n): rates(float(handling[n]), q=n)[queue_id(n)] for n in range(3)}
    accepted: list[Booking] = []
    for q, named, which in wishes:
        slots = list(slot_grid(queues[q].hours, lengths[q], LATER, LATER + minutes(60)))
        if which >= len(slots) or (named is not None and (named >= len(team) or q not in team[named])):
            continue
        snapshot = centre(queues, agents, rates=learned, bookings=tuple(accepted))
        if Timetable(snapshot, queue_id(q), NOW).room(
            queue_id(q), slots[which], None if named is None else agent_id(named)
        ):
            accepted.append(booking(slots[which], q=q, named=named))
    jobs = []
    for each in accepted:
        q = each.queue.int - queue_id(0).int
        work, begins = work_seconds(queues[q], learned[each.queue]), each.slot.start.timestamp()
        able = [n for n, served in enumerate(team) if q in served and each.named_agent in (None, agent_id(n))]
        jobs.append((begins, max(begins, each.slot.end.timestamp() - work), work, able))
    there = [
        [
            (span.start.timestamp(), span.end.timestamp())
            for span in each.shifts.spans(LATER - minutes(120), LATER + minutes(240), queues[0].hours.open_spans(LATER - minutes(120), LATER + minutes(240)))
        ]
        for each in agents
    ]  # fmt: skip
    assert can_be_done(jobs, there)


# ------------------------------------------------------------------ quotas and holds


def test_a_cap_of_a_slot_and_of_a_day_hold_whatever_the_staffing():
    team = [agent(n) for n in range(4)]
    slot, other = window(LATER, minutes(30)), window(LATER + minutes(60), minutes(30))
    capped = queue(policy=GENEROUS | {"slot_length": 1800, "slot_cap": 3, "day_cap": 4})
    taken = (booking(slot, count=2),)
    table = Timetable(centre([capped], team, bookings=taken), queue_id(0), NOW)
    assert table.room(queue_id(0), slot) == 1 and table.room(queue_id(0), other) == 2
    assert table.room(queue_id(0), window(LATER + timedelta(days=1), minutes(30))) == 3


def test_callbacks_get_their_share_of_the_staffing_and_all_work_stays_under_the_load_that_is_refused():
    team = [agent(n) for n in range(6)]
    slot = window(LATER, minutes(30))
    work = 6 * 1800 / 20
    fair = rates(work - 1.25)
    half = queue(policy=GENEROUS | {"callbacks_share": 0.5})
    assert Timetable(centre([half], team, rates=fair), queue_id(0), NOW).room(queue_id(0), slot) == 10
    loaded = queue(policy=GENEROUS | {"refuse_above": 0.85})
    assert Timetable(centre([loaded], team, rates=fair), queue_id(0), NOW).room(queue_id(0), slot) == 17
    soon = window(utc(2026, 11, 24, 15, 0), minutes(30))
    crowd = centre([loaded], team, rates=fair, waiting=(waiting(30),))
    assert Timetable(crowd, queue_id(0), NOW).room(queue_id(0), soon) == 5, "eleven and a part of the thirty are left"


def test_holds_take_room_but_never_more_than_their_share_of_what_is_not_booked():
    team = [agent(n) for n in range(4)]
    slot = window(LATER, minutes(30))
    soft = queue(policy=GENEROUS | {"slot_length": 1800})
    learned = rates(850.0)  # two each: eight places
    held, table = 0, Timetable(centre([soft], team, rates=learned), queue_id(0), NOW)
    while table.may_hold(queue_id(0), slot):
        held += 1
        kept = (booking(slot, count=held, held=True),)
        table = Timetable(centre([soft], team, rates=learned, bookings=kept), queue_id(0), NOW)
    assert (held, table.room(queue_id(0), slot), table.booked(queue_id(0), slot)) == (4, 4, 0)
    lone = Timetable(centre([soft], [agent()], rates=rates(1700.0)), queue_id(0), NOW)
    assert lone.may_hold(queue_id(0), slot), "the only place can be kept for one"


# ------------------------------------------------------------------ what is remembered changes no answer


@settings(max_examples=40, deadline=None)
@given(
    gone=st.sets(st.integers(0, 3)),
    ahead=st.integers(0, 40),
    taken=st.integers(0, 5),
    named=st.none() | st.integers(0, 3),
)
def test_a_structure_that_remembers_gives_the_same_answer(gone, ahead, taken, named):
    queues = [queue(0, policy=GENEROUS), queue(1, policy=GENEROUS)]
    settings_agents = [agent(n, queues=((0,), (0, 1), (1,), (0, 1))[n], state="offline") for n in range(4)]
    structure = Structure({q.id: q for q in queues}, {a.id: a for a in settings_agents})
    now_agents = [agent(n, queues=((0,), (0, 1), (1,), (0, 1))[n], state="paused" if n in gone else "available") for n in range(4)]  # fmt: skip
    slot = next(iter(slot_grid(queues[0].hours, 900, NOW + minutes(15 * ahead), NOW + timedelta(days=2))))
    bookings = (booking(slot, count=taken),) if taken else ()
    plain = centre(queues, now_agents, bookings=bookings)
    quick = centre(queues, now_agents, bookings=bookings, structure=structure)
    wanted = None if named is None else agent_id(named)
    for _ in range(2):
        one, other = Timetable(plain, queue_id(0), NOW), Timetable(quick, queue_id(0), NOW)
        assert one.room(queue_id(0), slot, wanted) == other.room(queue_id(0), slot, wanted)
        assert one.capacity(queue_id(0), slot) == other.capacity(queue_id(0), slot)
        assert one.on_shift(queue_id(0), slot) == other.on_shift(queue_id(0), slot)
