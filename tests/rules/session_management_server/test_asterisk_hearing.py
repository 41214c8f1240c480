"""What Asterisk's events mean for a leg: to a process that heard all of them, and to one that came for the last."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import UTC, datetime
from itertools import permutations
from typing import Any
from uuid import uuid4

import pytest

from ringback.domain.ids import LegId, new_id
from ringback.session_management_server.carriers.asterisk.endings import Ending, end_cause
from ringback.session_management_server.carriers.asterisk.hearing import Hearing
from ringback.session_management_server.carriers.asterisk.traces import Traces, channel_of
from ringback.session_management_server.carriers.protocol import EndCause, LegEvent, LegEventKind

AT = "2026-11-23T06:26:02.269+0000"


def hear(*events: dict[str, Any]) -> list[LegEvent]:
    said: list[LegEvent] = []
    hearing = Hearing(Traces(), account="here", say=said.append, note=lambda _leg, _variables: None)
    for event in events:
        hearing.hear(event)
    return said


def event(leg: LegId, kind: str, *, state: str, cause: int | None = None, **variables: str) -> dict[str, Any]:
    channel = {"id": channel_of(leg), "state": state, "channelvars": {"RB_BUSINESS": str(uuid4()), **variables}}
    return {"type": kind, "timestamp": AT, "channel": channel, "cause": cause}


@pytest.mark.parametrize(
    ("state", "cause", "kinds"),
    [
        ("Up", EndCause.HUNG_UP, [LegEventKind.RINGING, LegEventKind.ANSWERED, LegEventKind.ENDED]),
        ("Ringing", EndCause.NO_ANSWER, [LegEventKind.RINGING, LegEventKind.ENDED]),
        ("Down", EndCause.CARRIER_LOST, [LegEventKind.ENDED]),
    ],
)
def test_a_process_that_came_for_the_last_event_knows_from_the_channel_that_it_rang(
    state: str, cause: EndCause, kinds: list[LegEventKind]
):
    said = hear(event(LegId(new_id()), "ChannelDestroyed", state=state, cause=16, RB_DIALLED="1"))
    assert [each.kind for each in said] == kinds
    assert said[-1].cause is cause


def test_what_another_process_noted_with_the_channel_is_known_with_its_time():
    rang = datetime(2026, 11, 23, 6, 25, 59, tzinfo=UTC)
    said = hear(
        event(LegId(new_id()), "ChannelDestroyed", state="Down", cause=16, RB_DIALLED="1", RB_RANG=rang.isoformat())
    )
    assert (said[0].kind, said[0].at) == (LegEventKind.RINGING, rang)


def _shuffled() -> Iterator[tuple[dict[str, Any], ...]]:
    leg = LegId(new_id())
    heard = [
        event(leg, "ChannelStateChange", state="Ringing"),
        event(leg, "ChannelStateChange", state="Up"),
        event(leg, "ChannelDestroyed", state="Up", cause=16, RB_DIALLED="1"),
    ]
    yield from permutations([*heard, heard[0], heard[2]])


def test_events_that_come_twice_and_in_any_order_say_each_thing_once():
    for heard in _shuffled():
        kinds = [each.kind for each in hear(*heard)]
        assert sorted(kinds) == sorted({LegEventKind.RINGING, LegEventKind.ANSWERED, LegEventKind.ENDED}), kinds


def test_malformed_events_are_no_news():
    leg = LegId(new_id())
    strange: list[dict[str, Any]] = [
        {"type": "StasisStart", "timestamp": AT, "channel": {"id": "somebody-else"}},
        {"type": "Dial", "timestamp": AT},
        {"type": "ChannelDestroyed", "timestamp": AT, "channel": {"id": channel_of(leg), "state": "Up"}},
        {
            "type": "ChannelStateChange",
            "timestamp": AT,
            "channel": {"id": "rb-no-uuid", "state": "Up", "channelvars": None},
        },
    ]
    assert hear(*strange) == []


@pytest.mark.parametrize(
    ("ending", "cause"),
    [
        (Ending(dialled=False, rang=False, answered=False, released=True), EndCause.FAILED),
        # Hung up by us, never dialled: Asterisk's own 603 is nobody's word.
        (Ending(dialled=True, rang=False, answered=False, released=True, cause=21, answer=603), EndCause.RELEASED),
        (Ending(dialled=True, rang=True, answered=False, released=False, cause=21, answer=603), EndCause.DECLINED),
        (Ending(dialled=True, rang=False, answered=False, released=False, cause=17, answer=486), EndCause.BUSY),
        (Ending(dialled=True, rang=False, answered=False, released=False, cause=19, answer=480), EndCause.UNREACHABLE),
        (Ending(dialled=True, rang=True, answered=False, released=False, cause=19, answer=480), EndCause.NO_ANSWER),
        (Ending(dialled=True, rang=True, answered=True, released=False, cause=44), EndCause.LOST),
        # Dialled twice by a proxy that tried again: Asterisk clears it with the INVITE on its way.
        (Ending(dialled=True, rang=False, answered=False, released=False, cause=16), EndCause.CARRIER_LOST),
    ],
)
def test_how_a_leg_ended_is_told_with_no_more_certainty_than_there_is(ending: Ending, cause: EndCause):
    assert end_cause(ending) is cause
