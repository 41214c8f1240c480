"""What Asterisk's queue events say of callers and members, as Asterisk 22 wrote them."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta

import pytest

from ringback.domain.errors import ConfigurationError
from ringback.domain.outside import Caller, OutsideAgentState, OutsideEvent, OutsideKind
from ringback.interaction_manager.app_queue.configuration import read_app_queues
from ringback.interaction_manager.rules.app_queue import CONNECTS_WITHIN, Message, Plan, QueueBook

NOON = datetime(2026, 11, 23, 12, tzinfo=UTC)
PLAN = Plan(queues={"support": "billing", "sales": "sales"}, agents={"PJSIP/1001": "kim"}, region="GB")


def caller(event: str, ref: str = "1795401941.0", **more: str) -> Message:
    return {
        "Event": event, "Queue": "support", "Uniqueid": ref, "Channel": "PJSIP/trunk-00000001",
        "CallerIDNum": "02079460123", "Priority": "2", **more,
    }  # fmt: skip


def member(event: str = "QueueMemberStatus", queue: str = "support", **more: str) -> Message:
    return {
        "Event": event, "Queue": queue, "MemberName": "Kim", "Interface": "PJSIP/1001", "Status": "1", "Paused": "0",
        "InCall": "0", "LastCall": "0", "Wrapuptime": "0", **more,
    }  # fmt: skip


def said(events: list[OutsideEvent]) -> list[object]:
    return [each.state or each.kind for each in events]


@pytest.fixture
def book() -> QueueBook:
    book = QueueBook(PLAN)
    book.snapshot([], [], {}, NOON)
    return book


def test_a_caller_joins_is_connected_and_done(book: QueueBook):
    (joined,) = book.take(caller("QueueCallerJoin"), NOON)
    assert (joined.seq, joined.kind, joined.queue, joined.priority) == (1, OutsideKind.ARRIVED, "billing", 0)
    assert joined.caller == Caller(number="+442079460123")
    assert book.take(caller("QueueCallerLeave"), NOON) == []  # said before the connect
    (connected,) = book.take(caller("AgentConnect", Interface="PJSIP/1001", MemberName="Kim"), NOON)
    assert (connected.kind, connected.agent) == (OutsideKind.ANSWERED, "kim")
    assert said(book.take(caller("AgentComplete", Reason="agent"), NOON)) == [OutsideKind.ENDED]
    assert book.due(NOON + timedelta(minutes=1)) == []


def test_who_hangs_up_abandons_once_and_who_times_out_left(book: QueueBook):
    book.take(caller("QueueCallerJoin"), NOON)
    assert said(book.take(caller("QueueCallerAbandon"), NOON)) == [OutsideKind.ABANDONED]
    assert book.take(caller("QueueCallerLeave"), NOON) == [] and book.due(NOON + CONNECTS_WITHIN) == []
    book.take(caller("QueueCallerJoin", "2.0"), NOON)
    book.take(caller("QueueCallerLeave", "2.0"), NOON)
    assert book.due(NOON) == []
    (left,) = book.due(NOON + CONNECTS_WITHIN)
    assert (left.kind, left.interaction, left.at) == (OutsideKind.ENDED, "2.0", NOON)


def test_who_goes_on_to_another_queue_arrives_there(book: QueueBook):
    book.take(caller("QueueCallerJoin"), NOON)
    book.take(caller("QueueCallerLeave"), NOON)
    (arrived,) = book.take(caller("QueueCallerJoin", Queue="sales"), NOON)
    assert (arrived.kind, arrived.queue) == (OutsideKind.ARRIVED, "sales")
    assert book.due(NOON + timedelta(minutes=1)) == []


def test_queues_nobody_asked_for_say_nothing(book: QueueBook):
    assert book.take(caller("QueueCallerJoin", Queue="spam"), NOON) == []
    assert book.take(member(queue="spam"), NOON) == []
    assert book.take({"Event": "FullyBooted"}, NOON) == []


def test_what_a_member_does_is_said_once_and_busy_in_one_queue_is_busy(book: QueueBook):
    assert said(book.take(member(), NOON)) == [OutsideAgentState.AVAILABLE]
    assert book.take(member(), NOON) == []
    assert book.take(member(queue="sales"), NOON) == []
    assert said(book.take(member(Status="6"), NOON)) == [OutsideAgentState.BUSY]
    assert book.take(member(InCall="1", Status="2"), NOON) == []
    assert said(book.take(member(), NOON)) == [OutsideAgentState.AVAILABLE]
    assert book.take(member("QueueMemberPause", Paused="1"), NOON) == []  # free for the other queue
    assert said(book.take(member(queue="sales", Paused="1"), NOON)) == [OutsideAgentState.PAUSED]
    book.take(member("QueueMemberRemoved"), NOON)
    assert said(book.take(member("QueueMemberRemoved", "sales"), NOON)) == [OutsideAgentState.OFFLINE]


def test_a_wrap_up_ends_by_time_alone(book: QueueBook):
    ended = NOON - timedelta(seconds=10)
    wraps = member(LastCall=str(int(ended.timestamp())), Wrapuptime="30")
    assert said(book.take(wraps, NOON)) == [OutsideAgentState.WRAP_UP]
    assert book.due(NOON + timedelta(seconds=19)) == []
    assert said(book.due(NOON + timedelta(seconds=20))) == [OutsideAgentState.AVAILABLE]


def test_a_snapshot_has_who_waits_who_talks_and_what_members_do():
    entry = {
        "Event": "QueueEntry",
        "Queue": "support",
        "Uniqueid": "1.0",
        "Channel": "c",
        "Wait": "70",
        "Priority": "5",
    }
    talk = {
        "Application": "Queue",
        "ApplicationData": "support,tT",
        "BridgeId": "b",
        "Uniqueid": "2.0",
        "Duration": "00:05:00",
    }
    waits = talk | {"BridgeId": "", "Uniqueid": "1.0"}
    kim = {
        "Event": "QueueMember",
        "Queue": "support",
        "Name": "Kim",
        "Location": "PJSIP/1001",
        "Status": "2",
        "Paused": "0",
    }
    lee = kim | {"Name": "Lee Wong", "Location": "Local/5@x", "Status": "5"}
    since = {"2.0": NOON - timedelta(seconds=90)}
    found = QueueBook(PLAN).snapshot([entry, kim, lee], [talk, waits], since, NOON)
    assert found.queues == ("billing", "sales") and found.seq == 0
    one, two = found.interactions
    assert (one.interaction, one.arrived_at, one.priority) == ("1.0", NOON - timedelta(seconds=70), 5)
    assert (two.interaction, two.answered_at, two.arrived_at) == ("2.0", since["2.0"], NOON - timedelta(minutes=5))
    assert {each.agent: each.state for each in found.agents} == {
        "kim": OutsideAgentState.BUSY, "lee-wong": OutsideAgentState.OFFLINE,
    }  # fmt: skip


@pytest.mark.parametrize("number", ["", "<unknown>", "anonymous", "12", "+999123"])
def test_a_number_that_is_none_says_nobody(book: QueueBook, number: str):
    (joined,) = book.take(caller("QueueCallerJoin", CallerIDNum=number), NOON)
    assert joined.caller is None


GOOD = {"business": "acme", "host": "pbx", "user": "ringback", "secret": "s3cret", "queues": {"support": "billing"}}


def test_the_setting_is_read_and_its_secret_not_shown():
    (found,) = read_app_queues([GOOD | {"agents": {"PJSIP/1": "kim"}, "region": "GB"}])
    assert (found.source, found.address.port, found.plan.queues, found.priority) == (
        "asterisk",
        5038,
        {"support": "billing"},
        10,
    )
    assert "s3cret" not in repr(found)


@pytest.mark.parametrize(
    ("wrong", "words"),
    [
        ({"queue": "x"}, "sets queue"),
        ({"queues": {}}, "names no queue"),
        ({"queues": {"support": "Not a slug"}}, "short names"),
        ({"port": "5038"}, "port must be a whole number"),
        ({"secret": ""}, "needs secret"),
        ({"secret": None, "secret_file": "not-there"}, "secret_file cannot be read"),
        ({"source": "A B"}, "source must be"),
    ],
)
def test_a_wrong_setting_is_named(wrong: dict[str, object], words: str):
    with pytest.raises(ConfigurationError, match=words):
        read_app_queues([GOOD | wrong])


def test_two_entries_may_not_be_one_source():
    with pytest.raises(ConfigurationError, match="twice"):
        read_app_queues([GOOD, GOOD])
