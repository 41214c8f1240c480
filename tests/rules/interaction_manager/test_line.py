"""The order of the line: by priority that ages, readiness and acceptance; nobody starves, and lost places are counted."""

from __future__ import annotations

from dataclasses import replace
from datetime import timedelta
from uuid import UUID

from hypothesis import given
from hypothesis import strategies as st

from ringback.domain.ids import CallbackId
from ringback.domain.times import TimeWindow
from ringback.interaction_manager.rules.line import (
    Place,
    aged_priority,
    in_line,
    in_turn,
    latest_safe_start,
    must_go,
    overtaken,
    place_changes,
    why_overtaken,
)
from tests.rules.interaction_manager.centre import NOW

AGES = 900.0
seconds = st.integers(-7200, 7200).map(lambda n: timedelta(seconds=n))


@st.composite
def places(draw: st.DrawFn) -> list[Place]:
    count = draw(st.integers(0, 12))
    found = []
    for n in range(count):
        ready = NOW + draw(seconds)
        found.append(
            Place(
                callback=CallbackId(UUID(int=n + 1)),
                priority=draw(st.integers(0, 4)),
                ready_at=ready,
                accepted_at=ready - timedelta(seconds=draw(st.integers(0, 600))),
                latest_safe_start=draw(st.none() | seconds.map(lambda by: NOW + by)),
            )
        )
    return found


@given(places(), st.randoms())
def test_the_order_does_not_depend_on_how_they_were_found(line: list[Place], random) -> None:
    shuffled = list(line)
    random.shuffle(shuffled)
    assert in_line(line, NOW, ages_every=AGES) == in_line(shuffled, NOW, ages_every=AGES)


@given(places())
def test_only_ready_ones_stand_in_line(line: list[Place]) -> None:
    ordered = in_line(line, NOW, ages_every=AGES)
    assert set(ordered) == {place for place in line if place.ready_at <= NOW}


@given(places())
def test_whoever_must_go_now_goes_first_then_priority_then_arrival(line: list[Place]) -> None:
    ordered = in_line(line, NOW, ages_every=AGES)
    for first, second in zip(ordered, ordered[1:], strict=False):
        if must_go(first, NOW) != must_go(second, NOW):
            assert must_go(first, NOW)
            continue
        ours, theirs = (aged_priority(each, NOW, ages_every=AGES) for each in (first, second))
        assert ours >= theirs
        if ours == theirs:
            assert (first.ready_at, first.accepted_at, first.callback) < (
                second.ready_at,
                second.accepted_at,
                second.callback,
            )


@given(places())
def test_among_equals_nobody_is_overtaken(line: list[Place]) -> None:
    ordered = [each for each in in_line(line, NOW, ages_every=AGES) if not must_go(each, NOW)]
    for priority in range(5):
        alike = [each for each in ordered if each.priority == priority]
        assert alike == sorted(alike, key=lambda each: (each.ready_at, each.accepted_at, each.callback))


@given(places(), st.integers(0, 4))
def test_nobody_starves(line: list[Place], urgency: int) -> None:
    """Whoever became ready more than `urgency` + 1 ages later at that much higher a priority stands behind."""
    old = Place(callback=CallbackId(UUID(int=99)), priority=0, ready_at=NOW - timedelta(days=1), accepted_at=NOW)
    later = Place(
        callback=CallbackId(UUID(int=100)), priority=urgency,
        ready_at=old.ready_at + timedelta(seconds=AGES * (urgency + 1)), accepted_at=NOW,
    )  # fmt: skip
    ordered = in_line([*line, later, old], NOW, ages_every=AGES)
    assert ordered.index(old) < ordered.index(later)


@given(places(), st.data())
def test_places_gained_are_the_places_lost_to_those_who_were_taken(line: list[Place], data: st.DataObject) -> None:
    taken = data.draw(st.lists(st.sampled_from([each.callback for each in line]), unique=True) if line else st.just([]))
    changes = place_changes(line, taken)
    assert not set(changes.lost) & set(taken)
    assert all(0 < count <= len(taken) for count in changes.lost.values())
    left = [each for each in line if each.callback not in taken]
    for place in left:
        earlier = [
            each
            for each in line
            if each.callback in taken
            and (each.ready_at, each.accepted_at, each.callback) > (place.ready_at, place.accepted_at, place.callback)
        ]
        assert changes.lost.get(place.callback, 0) == len(earlier)


def test_taking_the_line_in_order_of_arrival_costs_nobody_a_place() -> None:
    line = [
        Place(callback=CallbackId(UUID(int=n)), priority=0, ready_at=NOW + timedelta(seconds=n), accepted_at=NOW)
        for n in range(5)
    ]
    changes = place_changes(line, [place.callback for place in line[:3]])
    assert (changes.gained, changes.lost) == ({}, {})


def test_the_latest_safe_start_leaves_time_for_one_agent_who_does_not_answer() -> None:
    window = TimeWindow(start=NOW, end=NOW + timedelta(minutes=15))
    assert latest_safe_start(window, agent_ring=20) == window.end - timedelta(seconds=40)
    short = TimeWindow(start=NOW, end=NOW + timedelta(seconds=5))
    assert latest_safe_start(short, agent_ring=20) == short.start


@given(places(), st.data())
def test_nobody_is_overtaken_without_a_reason(line: list[Place], data: st.DataObject) -> None:
    """Whoever is called is the first in turn that could be; whoever lost a place to them can be told why."""
    ordered = in_line(line, NOW, ages_every=AGES)
    could_not = data.draw(st.sets(st.sampled_from([each.callback for each in ordered]))) if ordered else set()
    able = [each.callback for each in ordered if each.callback not in could_not]
    taken = able[: data.draw(st.integers(0, len(able)))]
    found = overtaken(ordered, taken)
    assert found.keys() == place_changes(ordered, taken).lost.keys()
    by_id = {each.callback: each for each in ordered}
    for stayed, first in found.items():
        reason = why_overtaken(
            by_id[stayed], by_id[first], NOW, ages_every=AGES,
            could_not="Nobody has the skills" if stayed in could_not else None,
        )  # fmt: skip
        assert reason, (by_id[stayed], by_id[first])


@given(places(), places())
def test_in_turn_everybody_has_one_turn(line: list[Place], others: list[Place]) -> None:
    ordered = in_line(line, NOW, ages_every=AGES)
    ahead = [replace(each, callback=CallbackId(UUID(int=1000 + n))) for n, each in enumerate(others)]
    turns = in_turn(ordered, ahead, NOW)
    assert sorted(turns) == sorted(each.callback for each in (*ordered, *ahead))
    urgent = sum(must_go(each, NOW) for each in ordered)
    assert turns[:urgent] == [each.callback for each in ordered[:urgent]]
    assert set(turns[urgent : urgent + len(ahead)]) == {each.callback for each in ahead}
