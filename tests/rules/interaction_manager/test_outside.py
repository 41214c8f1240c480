"""What an outside contact centre reports makes its interactions what they are, whatever comes late, twice or not at all."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from uuid import uuid4

from hypothesis import given
from hypothesis import strategies as st

from ringback.domain.ids import QueueId
from ringback.domain.outside import OutsideAgentState, OutsideKind
from ringback.domain.status import AgentState
from ringback.interaction_manager.rules.outside import (
    Caller,
    EndedWhy,
    Feed,
    Happening,
    Interaction,
    Stage,
    callers_before,
    seen_outside,
    step,
    worst,
)

NOON = datetime(2026, 11, 23, 12, tzinfo=UTC)
BILLING, SUPPORT = QueueId(uuid4()), QueueId(uuid4())
KINDS = [kind for kind in OutsideKind if kind is not OutsideKind.AGENT]


def event(kind: OutsideKind, seconds: float = 0.0, queue: QueueId | None = None, seq: int = 1) -> Happening:
    return Happening(seq=seq, kind=kind, at=NOON + timedelta(seconds=seconds), ref="call-1", queue=queue)


def after(*events: Happening) -> tuple[Interaction | None, list[Interaction]]:
    known: Interaction | None = None
    closed = []
    for each in events:
        made = step(known, each)
        if made is not None:
            known = made.now
            closed += [made.closed] if made.closed else []
    return known, closed


def test_a_call_waits_talks_and_ends():
    known, _ = after(event(OutsideKind.ARRIVED, 0, BILLING))
    assert known is not None and known.stage is Stage.WAITING and known.arrived_at == NOON
    known, closed = after(
        event(OutsideKind.ARRIVED, 0, BILLING), event(OutsideKind.ANSWERED, 30), event(OutsideKind.ENDED, 90)
    )
    assert known is not None and known.ended_why is EndedWhy.TALKED and not closed
    assert known.answered_at == NOON + timedelta(seconds=30) and known.ended_at == NOON + timedelta(seconds=90)


def test_who_hangs_up_while_waiting_abandoned_and_who_is_sent_on_left():
    abandoned, _ = after(event(OutsideKind.ARRIVED, 0, BILLING), event(OutsideKind.ABANDONED, 9))
    left, _ = after(event(OutsideKind.ARRIVED, 0, BILLING), event(OutsideKind.ENDED, 9))
    assert abandoned is not None and abandoned.ended_why is EndedWhy.ABANDONED
    assert left is not None and left.ended_why is EndedWhy.LEFT


def test_a_transfer_keeps_the_arrival_of_who_waited_and_begins_anew_for_who_was_served():
    waited, closed = after(event(OutsideKind.ARRIVED, 0, BILLING), event(OutsideKind.TRANSFERRED, 50, SUPPORT))
    assert waited is not None and waited.queue == SUPPORT and waited.arrived_at == NOON and not closed
    served, closed = after(
        event(OutsideKind.ARRIVED, 0, BILLING), event(OutsideKind.ANSWERED, 5), event(OutsideKind.TRANSFERRED, 50, SUPPORT, 7)
    )  # fmt: skip
    assert served is not None and served.stage is Stage.WAITING and served.arrived_at == NOON + timedelta(seconds=50)
    assert [part.ended_why for part in closed] == [EndedWhy.TRANSFERRED] and closed[0].ref == "call-1#7"


def test_an_answer_that_nobody_saw_arrive_is_a_talk_and_an_end_of_nothing_is_nothing():
    known, _ = after(event(OutsideKind.ANSWERED, 3, BILLING))
    assert known is not None and known.stage is Stage.TALKING
    assert after(event(OutsideKind.ENDED, 3, BILLING)) == (None, [])
    assert after(event(OutsideKind.ABANDONED, 3)) == (None, [])


@given(st.lists(st.tuples(st.sampled_from(KINDS), st.integers(-600, 600), st.sampled_from([None, BILLING, SUPPORT]))))
def test_whatever_is_reported_times_never_run_backwards(given_events: list[tuple[OutsideKind, int, QueueId | None]]):
    known, closed = after(*(event(kind, at, queue, n) for n, (kind, at, queue) in enumerate(given_events)))
    for each in [*closed, *([known] if known else [])]:
        assert each.answered_at is None or each.answered_at >= each.arrived_at
        assert each.ended_at is None or each.ended_at >= (each.answered_at or each.arrived_at)
        assert (each.stage is Stage.ENDED) == (each.ended_at is not None)
        assert each.stage is not Stage.TALKING or each.answered_at is not None


def test_only_who_is_free_with_us_becomes_busy_by_what_they_do_there():
    assert seen_outside(AgentState.AVAILABLE, OutsideAgentState.BUSY) is AgentState.ON_A_CALL
    assert seen_outside(AgentState.IN_CHATS, OutsideAgentState.WRAP_UP) is AgentState.WRAP_UP
    assert seen_outside(AgentState.AVAILABLE, OutsideAgentState.PAUSED) is AgentState.AVAILABLE
    for state in set(AgentState) - {AgentState.AVAILABLE, AgentState.IN_CHATS}:
        assert seen_outside(state, OutsideAgentState.BUSY) is state


def test_silence_and_a_missing_event_make_a_queue_stale():
    live = Feed(heard_at=NOON - timedelta(seconds=29))
    assert live.stale_for(NOON, 30) is None
    assert Feed(heard_at=NOON - timedelta(seconds=31)).stale_for(NOON, 30) == 31
    assert Feed(heard_at=NOON, gap_at=NOON - timedelta(seconds=5)).stale_for(NOON, 30) == 5
    assert worst([live, Feed(heard_at=NOON - timedelta(seconds=90))]).stale_for(NOON, 30) == 90


def test_callers_are_before_a_callback_by_priority_then_arrival_and_both_age():
    callers = [
        Caller(arrived_at=NOON - timedelta(seconds=100)),
        Caller(arrived_at=NOON - timedelta(seconds=10)),
        Caller(arrived_at=NOON - timedelta(seconds=1), priority=3),
    ]
    ready = NOON - timedelta(seconds=50)
    assert callers_before(callers, NOON, ready_at=ready, priority=0, ages_every=900) == 2
    assert callers_before(callers, NOON, ready_at=ready, priority=3, ages_every=900) == 0
    assert callers_before(callers, NOON, ready_at=NOON - timedelta(hours=2), priority=0, ages_every=900) == 0
