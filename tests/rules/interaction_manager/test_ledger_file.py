"""The ledger as a file: it gives the same report as the database did, and says by number what is wrong with it."""

from __future__ import annotations

import json
from datetime import UTC, datetime, timedelta
from uuid import UUID

import pytest
from hypothesis import given
from hypothesis import strategies as st

from ringback.domain.commands import Estimate
from ringback.domain.errors import Invalid
from ringback.domain.status import AgentState, BrokenCause, Outcome, PromiseKind, PromiseResult
from ringback.domain.times import TimeWindow
from ringback.interaction_manager.ledger_file import LedgerFile, read_ledger, written
from ringback.interaction_manager.rules.intervals import Interval
from ringback.interaction_manager.rules.ledger import Ending, PromiseFacts
from ringback.interaction_manager.rules.records import (
    CallbackRecord,
    CustomerLeg,
    Handling,
    Ledger,
    PromiseRecord,
    Stretch,
)
from ringback.interaction_manager.rules.report import GroupBy, report_of

BEGINS, ENDS = datetime(2026, 10, 24, 23, tzinfo=UTC), datetime(2026, 10, 26, tzinfo=UTC)  # a day of 25 hours in London

instants = st.datetimes(datetime(2026, 10, 24), datetime(2026, 10, 26), timezones=st.just(UTC))
maybe = st.none() | instants
queues, channels = st.sampled_from(["billing", "support"]), st.sampled_from(["web", "sms"])
providers = st.sampled_from(["biz:acme", "biz:acme/q:billing", "biz:acme/q:billing/a:kim"])
where = {"queue": queues, "channel": channels, "provider": providers}
callbacks = st.uuids(version=4)
windows = st.builds(
    lambda start, length: TimeWindow(start=start, end=start + length),
    instants,
    st.timedeltas(timedelta(0), timedelta(hours=2)),
)
facts = st.builds(
    PromiseFacts, window=windows, early_is_fine=st.booleans(), notice_at=maybe, agent_ready_at=maybe, dialled_at=maybe,
    first_ring_at=maybe, answered_at=maybe, joined_at=maybe,
)  # fmt: skip
promises = st.builds(
    PromiseRecord, callback=callbacks, kind=st.sampled_from(PromiseKind), made_at=instants, facts=facts,
    estimate=st.none() | st.builds(Estimate, p10=instants, p50=instants, p90=instants),
    result=st.sampled_from(PromiseResult), cause=st.none() | st.sampled_from(BrokenCause), n=st.integers(1, 4),
    settled_at=maybe, ending=st.none() | st.builds(Ending, withdrawn_at=maybe, closed_by_us=st.booleans()),
    known=st.lists(st.sampled_from(["dialled_at", "first_ring_at"]), max_size=2).map(tuple), **where,
)  # fmt: skip
handlings = st.builds(Handling, callback=callbacks, accepted_at=instants, joined_at=maybe, over_at=instants, **where)
stretches = st.builds(
    lambda queue, state, begins, length, capacity: Stretch(
        queue=queue, state=state, begins=begins, ends=begins + length, chat_capacity=capacity
    ),
    queues, st.sampled_from(AgentState), instants, st.timedeltas(timedelta(0), timedelta(hours=9)), st.integers(1, 5),
)  # fmt: skip
legs = st.builds(
    CustomerLeg, callback=callbacks, attempt=callbacks, began_at=instants, ended_at=maybe, may_have_rung=st.booleans(),
    joined=st.booleans(), outcome=st.none() | st.sampled_from(Outcome), least_gap=st.floats(0, 3600), moved_at=maybe, **where,
)  # fmt: skip
entries = st.builds(
    CallbackRecord, callback=callbacks, accepted_at=instants, shown_yes=st.booleans(), exists=st.booleans(),
    is_open=st.booleans(), due_at=maybe, wakes=st.booleans(), places_gained=st.integers(0, 9), places_lost=st.integers(0, 9),
    **where | {"queue": st.none() | queues},
)  # fmt: skip
ledgers = st.builds(
    Ledger, business=st.just("acme"), zone=st.just("Europe/London"), begins=st.just(BEGINS), ends=st.just(ENDS),
    as_of=instants, service_level=st.just({"": 60.0, "billing": 20.0}),
    promises=st.lists(promises, max_size=6).map(tuple), handlings=st.lists(handlings, max_size=4).map(tuple),
    stretches=st.lists(stretches, max_size=4).map(tuple), legs=st.lists(legs, max_size=6).map(tuple),
    callbacks=st.lists(entries, max_size=4).map(tuple),
)  # fmt: skip


def lines_of(ledger: Ledger) -> list[bytes]:
    return [line.encode() for line in written(ledger)]


def read(lines: list[bytes]) -> LedgerFile:
    return read_ledger(lines)


@given(ledger=ledgers, by=st.none() | st.sampled_from(GroupBy), interval=st.sampled_from(Interval))
def test_the_report_of_a_file_is_the_report_of_what_it_was_written_from(ledger, by, interval) -> None:
    found = read(lines_of(ledger))
    assert found.problems == ()
    assert found.genuine
    assert found.ledger == ledger
    before, after = (report_of(each, by=by, interval=interval) for each in (ledger, found.ledger))
    assert before == after
    json.dumps(after.as_json())


def promise(n: int = 1) -> PromiseRecord:
    window = TimeWindow(start=BEGINS, end=BEGINS + timedelta(hours=1))
    return PromiseRecord(
        callback=CALLBACK, n=n, kind=PromiseKind.FIRST, queue="billing", channel="web", provider="biz:acme",
        made_at=BEGINS, facts=PromiseFacts(window=window, early_is_fine=True, first_ring_at=BEGINS), estimate=None,
        result=PromiseResult.KEPT, cause=None, settled_at=BEGINS, ending=Ending(), known=("first_ring_at",),
    )  # fmt: skip


CALLBACK = UUID(int=7)
SMALL = Ledger(
    business="acme", zone="Europe/London", begins=BEGINS, ends=ENDS, as_of=ENDS, service_level={"": 60.0},
    promises=(promise(1), promise(2)),
)  # fmt: skip


def changed(line: bytes, **changes: object) -> bytes:
    return (json.dumps(json.loads(line) | changes) + "\n").encode()


@pytest.mark.parametrize(
    ("bad", "why"),
    [
        (b"}{\n", "not JSON"),
        (b"[1, 2]\n", "not a record"),
        (b'{"record": "gossip"}\n', "there are no records called 'gossip'"),
        (b'{"record": "promise"}\n', "missing required field"),
        (b"\xff\xfe\n", "not JSON"),
        (b"[" * 50_000 + b"\n", "not JSON"),
        (b"9" * 200_000 + b"\n", "longer than"),
    ],
)
def test_a_bad_line_is_left_out_and_reported_by_its_number(bad, why) -> None:
    lines = lines_of(SMALL)
    found = read([lines[0], lines[1], bad, *lines[2:]])
    assert [(each.number, why in each.why) for each in found.problems][0] == (3, True)
    assert not found.genuine
    assert len(found.ledger.promises) == 2


def test_a_field_that_is_wrong_is_named() -> None:
    lines = lines_of(SMALL)
    for change in ({"result": "splendid"}, {"made_at": "2026-10-25T10:00:00"}, {"made_at": None}, {"version": 2}):
        found = read([lines[0], changed(lines[1], **change), *lines[2:]])
        assert [each.number for each in found.problems] == [2]
    backwards = {
        "facts": json.loads(lines[1])["facts"]
        | {"window": {"start": "2026-10-26T00:00:00Z", "end": "2026-10-25T00:00:00Z"}}
    }
    assert [each.number for each in read([lines[0], changed(lines[1], **backwards), *lines[2:]]).problems] == [2]


def test_what_was_changed_afterwards_shows() -> None:
    lines = lines_of(SMALL)
    forged = [lines[0], changed(lines[1], result="broken", cause="late"), *lines[2:]]
    assert not read(forged).genuine
    assert report_of(read(forged).ledger).misjudged == 1  # and its facts contradict it
    missing = read([*lines[:2], lines[3]])
    assert (missing.genuine, len(missing.problems)) == (False, 1)
    twice = read([*lines[:2], lines[1], *lines[2:]])
    assert [(each.number, each.why) for each in twice.problems][0] == (3, "repeats line 2")


@pytest.mark.parametrize(
    ("broken", "why"),
    [
        (lambda lines: [], "empty"),
        (lambda lines: lines[:-1], "cut off"),
        (lambda lines: [*lines[:-1], lines[-1][:20]], "cut off"),
        (lambda lines: lines[1:], "not the header"),
        (lambda lines: [b"callback,result\n", *lines], "not the header"),
        (lambda lines: [changed(lines[0], version=2), *lines[1:]], "version 2"),
        (lambda lines: [changed(lines[0], zone="Mars/Base"), *lines[1:]], "header is wrong"),
        (lambda lines: [changed(lines[0], begins="2027-01-01T00:00:00Z"), *lines[1:]], "ends before it begins"),
        (lambda lines: [*lines[:2], *lines], "begins another ledger"),
        (lambda lines: [*lines, *lines], "something follows its end"),
    ],
)
def test_what_cannot_be_read_as_one_whole_ledger_is_refused_with_the_reason(broken, why) -> None:
    with pytest.raises(Invalid, match=why):
        read(broken(lines_of(SMALL)))
