"""The report from a real ledger, read with the role that can only read."""

from __future__ import annotations

import json
from datetime import timedelta

import pytest

from ringback.domain.commands import CancelCallback, PerformCallback
from ringback.domain.errors import Invalid, NotFound
from ringback.domain.status import Outcome
from ringback.interaction_manager.ledger_file import read_ledger, written
from ringback.interaction_manager.report import load_ledger, make_report
from ringback.interaction_manager.rules.failures import misjudged
from ringback.interaction_manager.rules.intervals import Interval
from ringback.interaction_manager.rules.report import GroupBy, Report, report_of
from ringback.local_clients import LocalReports
from tests.workflows.interaction_manager.floor import Floor, new_command


async def report(floor: Floor, by: GroupBy | None = None, queue: str | None = None) -> Report:
    async with floor.databases.read.transaction(floor.business, name="report") as tx:
        return await make_report(
            tx,
            floor.business,
            begins=tx.now - timedelta(hours=2),
            ends=tx.now + timedelta(hours=12),
            by=by,
            queue=queue,
        )


async def failures(floor: Floor) -> tuple[int, int]:
    reports = LocalReports(floor.databases.read)
    return await reports.failures(floor.business, await reports.today(floor.business))


async def test_a_day_of_one_kept_one_withdrawn_and_one_that_nobody_answered(floor: Floor) -> None:
    billing = await floor.queue(policy={"wrap_up": 0})
    await floor.agent("kim", billing)
    await floor.agent("lee", await floor.queue("support"))
    await floor.book()
    await floor.settle()
    await floor.talk(floor.last(PerformCallback))
    withdrawn = await floor.book()
    await floor.command(withdrawn, CancelCallback(command=new_command(), callback=withdrawn, by="customer"))
    await floor.book("biz:acme/q:support")
    await floor.settle()
    perform = floor.last(PerformCallback)
    await floor.agent_rings(perform)
    await floor.agent_accepts(perform)
    await floor.ends(perform, Outcome.NO_ANSWER, may_have_rung=True)
    found = await report(floor, GroupBy.QUEUE)
    first = found.total.first
    assert (first.ended, first.kept, first.withdrawn, first.broken, first.on_time) == (3, 1, 1, 1, 50.0)
    assert first.causes == {"never_dialled": 1}
    assert found.total.retry.undecided == 1
    assert (found.total.handling.joined, found.total.handling.unanswered) == (1, 1)
    assert (found.total.service_level.due, found.total.service_level.met) == (2, 1)
    assert found.total.coverage.judged == 2
    assert (found.lost, found.rung_twice) == (0, 0)
    assert [group.group for group in found.groups] == ["billing", "support"]
    assert found.groups[0].first.on_time == 100.0
    assert found.groups[1].occupancy is not None
    json.dumps(found.as_json())
    assert (await report(floor, queue="support")).total.first.ended == 1
    for by in (GroupBy.CHANNEL, GroupBy.PROVIDER, GroupBy.INTERVAL):
        assert sum(group.first.ended for group in (await report(floor, by)).groups) == 3


async def test_the_report_of_an_export_is_the_report_of_the_database(floor: Floor) -> None:
    billing = await floor.queue(policy={"wrap_up": 0, "service_level": 30})
    await floor.agent("kim", billing)
    await floor.agent("lee", await floor.queue("support"))
    for _ in range(2):
        await floor.book()
        await floor.settle()
        await floor.talk(floor.last(PerformCallback))
    withdrawn = await floor.book()
    await floor.command(withdrawn, CancelCallback(command=new_command(), callback=withdrawn, by="customer"))
    closed = await floor.book()
    await floor.command(closed, CancelCallback(command=new_command(), callback=closed, by="user:1"))
    await floor.book("biz:acme/q:support")
    await floor.settle()
    perform = floor.last(PerformCallback)
    await floor.agent_rings(perform)
    await floor.agent_accepts(perform)
    await floor.ends(perform, Outcome.NO_ANSWER, may_have_rung=True)
    async with floor.databases.read.transaction(floor.business, name="report") as tx:
        begins, ends = tx.now - timedelta(hours=2), tx.now + timedelta(hours=12)
        ledger = await load_ledger(tx, floor.business, begins=begins, ends=ends)
        found = read_ledger([line.encode() for line in written(ledger)])
        assert (found.genuine, found.problems) == (True, ())
        for queue in (None, "billing", "support"):
            for by in (None, *GroupBy):
                said = await make_report(tx, floor.business, begins=begins, ends=ends, queue=queue, by=by)
                assert said == report_of(found.ledger, queue=queue, by=by)
        quarters = await make_report(
            tx, floor.business, begins=begins, ends=ends, by=GroupBy.INTERVAL, interval=Interval.QUARTER
        )
    assert quarters == report_of(found.ledger, by=GroupBy.INTERVAL, interval=Interval.QUARTER)
    assert [each.ending is None for each in ledger.promises] == [each.result == "open" for each in ledger.promises]
    assert (len(ledger.promises), misjudged(ledger.promises)) == (6, [])
    assert {each.cause for each in ledger.promises} >= {"closed_by_us"}
    text = "".join(written(ledger))
    for word in ("Dana", "+4477", "Kim", "Lee"):
        assert word not in text, "an export holds no name and no number"


async def test_a_queue_the_business_does_not_have_is_not_found(floor: Floor) -> None:
    with pytest.raises(NotFound):
        await report(floor, queue="gardening")


async def test_an_open_callback_that_nothing_wakes_is_lost_after_a_minute(floor: Floor) -> None:
    await floor.agent("kim", await floor.queue())
    await floor.book()
    await floor.sql("DELETE FROM due")
    assert ((await report(floor)).lost, await failures(floor)) == (0, (0, 0))
    await floor.sql("UPDATE callback SET ready_at = ready_at - interval '61 s'")
    assert ((await report(floor)).lost, await failures(floor)) == (1, (1, 0))


async def test_an_interval_that_runs_backwards_is_refused(floor: Floor) -> None:
    async with floor.databases.read.transaction(floor.business, name="report") as tx:
        with pytest.raises(Invalid):
            await make_report(tx, floor.business, begins=tx.now, ends=tx.now)
