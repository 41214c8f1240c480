"""Alerts: one for a cause until it is over, none lost by the limit, and who is offered a move."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from typing import Any

from hypothesis import given
from hypothesis import strategies as st

from ringback.domain.ids import CallbackId, QueueId, new_id
from ringback.domain.times import TimeWindow
from ringback.interaction_manager.rules.alerts import (
    AlertKind,
    Cause,
    OpenAlert,
    QueueLook,
    ShortSlot,
    causes,
    changes,
    may_tell,
    to_be_asked,
)
from ringback.interaction_manager.rules.policy import Policy

NOW = datetime(2026, 11, 23, 12, tzinfo=UTC)
QUEUE = QueueId(new_id())


def look(**seen) -> QueueLook:
    values: dict[str, Any] = {
        "queue": QUEUE,
        "name": "Billing",
        "waiting": 0,
        "due": (),
        "at_risk": (),
        "on_duty": 1,
    } | seen
    return QueueLook(**values)


def ids(count: int) -> tuple[CallbackId, ...]:
    return tuple(CallbackId(new_id()) for _ in range(count))


def short(start: datetime, too_many: int = 2) -> ShortSlot:
    slot = TimeWindow(start=start, end=start + timedelta(minutes=30))
    return ShortSlot(slot=slot, promised=4, room=4 - too_many, too_many=ids(too_many))


def test_each_thing_that_is_wrong_is_a_cause_of_its_own():
    seen = look(due=ids(2), on_duty=0, at_risk=ids(1), short=(short(NOW),), waiting=7, backlog_cap=7)
    found = {each.kind: each.verdict for each in causes(seen, Policy())}
    assert found == {
        AlertKind.NOBODY_ON_DUTY: "Nobody is on duty at Billing, and 2 callbacks are due",
        AlertKind.PROMISE_AT_RISK: "Billing: 1 promise at risk, the customers were told",
        AlertKind.SLOT_SHORT: "Billing: 1 slot is short, 2 callbacks are more than can be made",
        AlertKind.BACKLOG: "Billing: 7 people waiting, 7 is the most there should be",
    }
    assert causes(look(), Policy()) == []


def test_nobody_on_duty_is_nothing_while_nothing_is_due_and_a_closed_queue_with_a_cap_of_none_has_no_backlog():
    assert causes(look(on_duty=0), Policy()) == []
    assert causes(look(waiting=0, backlog_cap=0), Policy()) == []
    assert causes(look(waiting=3), Policy(alert_backlog=3))[0].kind is AlertKind.BACKLOG


@given(st.lists(st.booleans(), min_size=1, max_size=60), st.integers(0, 4))
def test_a_cause_is_raised_once_until_it_has_been_gone_for_long_enough(there: list[bool], calm_looks: int):
    """However it comes and goes, there is never a second alert beside an open one, and none ends while its cause is there."""
    alert: OpenAlert | None = None
    raised = resolved = 0
    for minute, wrong in enumerate(there):
        now = NOW + timedelta(minutes=minute)
        cause = Cause(kind=AlertKind.BACKLOG, queue=QUEUE, verdict="x")
        found = changes(now, [cause] if wrong else [], [alert] if alert else [], calm=60.0 * calm_looks)
        assert len(found.raised) + len(found.going_on) == int(wrong)
        assert not (wrong and found.resolved)
        if found.raised:
            assert alert is None
            raised += 1
            alert = OpenAlert(kind=cause.kind, queue=QUEUE, raised_at=now, seen_at=now, told=True)
        elif found.going_on:
            assert alert is not None
            alert = OpenAlert(kind=cause.kind, queue=QUEUE, raised_at=alert.raised_at, seen_at=now, told=True)
        elif found.resolved:
            assert alert is not None and now - alert.seen_at >= timedelta(minutes=calm_looks)
            resolved += 1
            alert = None
    assert raised - resolved == int(alert is not None)


@given(st.integers(0, 50), st.integers(0, 50), st.integers(0, 50))
def test_an_hour_has_room_for_so_many_and_what_waits_is_not_lost(told: int, untold: int, an_hour: int):
    now = may_tell(told, untold, an_hour=an_hour)
    assert 0 <= now <= untold and (now == untold or told + now >= an_hour)


def test_a_move_is_offered_when_the_slot_has_been_short_for_long_enough():
    early, late = short(NOW + timedelta(hours=1)), short(NOW + timedelta(hours=2))
    since = {early.slot.start: NOW - timedelta(minutes=11), late.slot.start: NOW - timedelta(minutes=2)}
    assert to_be_asked([early, late], since, NOW, after=600) == list(early.too_many)
    assert to_be_asked([early, late], since, NOW, after=0) == [*early.too_many, *late.too_many]
    assert to_be_asked([early, late], since, NOW, after=None) == []
    assert to_be_asked([short(NOW - timedelta(hours=1))], {}, NOW, after=0) == [], "its time is over"
