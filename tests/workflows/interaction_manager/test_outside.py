"""A contact centre outside reports itself: the same line, the same estimate, the same agents; and callers who get through are not called."""

from __future__ import annotations

from datetime import datetime, timedelta
from typing import Any

import pytest

from ringback.domain.commands import EndAttempt, PerformCallback, ReportOutside
from ringback.domain.errors import GateShut
from ringback.domain.events import AlertRaised, AlertResolved, CallbackFinished, GotThrough, PromiseAtRisk
from ringback.domain.ids import AgentId, CallbackId, QueueId, new_id
from ringback.domain.offers import Offers, OffersQuery
from ringback.domain.outside import (
    Caller,
    OutsideAgent,
    OutsideAgentState,
    OutsideEvent,
    OutsideInteraction,
    OutsideKind,
    OutsideSnapshot,
)
from ringback.domain.status import Outcome
from ringback.interaction_manager.offers import LocalOffers
from ringback.postgres.gate import fence, take_over
from ringback.postgres.messages import CommandAnswer
from tests.workflows.interaction_manager.floor import Floor, new_command
from tests.workflows.interaction_manager.test_learn_waits import learn

SOURCE = new_id()
NUMBER = "+442079460123"
CALLING = Caller(number=NUMBER)


class Centre:
    """The contact centre outside, as its reports come in. Its clock is the database's."""

    def __init__(self, floor: Floor) -> None:
        self.floor = floor
        self.seq = 0

    async def snapshot(self, *queues: str, **more: Any) -> CommandAnswer:
        at = await self.floor.now()
        snapshot = OutsideSnapshot(seq=self.seq, at=at, queues=queues or ("billing",), **more)
        return await self.report(snapshot=snapshot)

    async def says(self, kind: OutsideKind, interaction: str | None = "call-1", **more: Any) -> CommandAnswer:
        self.seq += 1
        return await self.report(await self.event(self.seq, kind, interaction, **more))

    async def event(
        self, seq: int, kind: OutsideKind, interaction: str | None = "call-1", *, ago: float = 0.0, **more: Any
    ) -> OutsideEvent:
        at = await self.floor.now() - timedelta(seconds=ago)
        if kind is OutsideKind.ARRIVED:
            more.setdefault("queue", "billing")
        return OutsideEvent(seq=seq, kind=kind, at=at, interaction=interaction, **more)

    async def agent(self, agent: str, state: OutsideAgentState) -> CommandAnswer:
        return await self.says(OutsideKind.AGENT, None, agent=agent, state=state)

    async def report(self, *events: OutsideEvent, snapshot: OutsideSnapshot | None = None) -> CommandAnswer:
        command = ReportOutside(command=new_command(), source="pbx", events=events, snapshot=snapshot)
        return await self.floor.command(SOURCE, command)


@pytest.fixture
async def billing(floor: Floor) -> QueueId:
    return await floor.queue(policy={"outside_trusts_caller_id": True, "prior_handling": 120})


@pytest.fixture
async def centre(floor: Floor, billing: QueueId) -> Centre:
    centre = Centre(floor)
    await centre.snapshot()
    return centre


async def offered(floor: Floor) -> Offers:
    return await LocalOffers(floor.databases.interactions).offers(
        OffersQuery(business=floor.business, provider="biz:acme/q:billing", zone="Europe/London")
    )


async def rows(floor: Floor) -> dict[str, Any]:
    return {row["ref"]: row for row in await floor.sql("SELECT * FROM outside_interaction")}


async def proved(floor: Floor, callback: CallbackId) -> None:
    await floor.sql("UPDATE callback SET proved = true WHERE id = $1", callback)


async def booked(floor: Floor, **more: Any) -> CallbackId:
    """Book for the caller while somebody is there, who has gone by now."""
    queue = (await floor.sql("SELECT id FROM queue WHERE slug = 'billing'"))[0]["id"]
    lee = await floor.agent("lee", queue)
    callback = await floor.book(number=NUMBER, **more)
    await floor.sql("UPDATE agent_state SET state = 'offline', idle_since = NULL WHERE agent = $1", lee)
    return callback


async def waits_for(floor: Floor, **more: Any) -> CallbackId:
    """The same, for a caller whose number was proved by a code."""
    callback = await booked(floor, **more)
    await proved(floor, callback)
    return callback


# ------------------------------------------------------------------ the stream


async def test_a_source_begins_with_a_snapshot(floor: Floor, billing: QueueId):
    centre = Centre(floor)
    refused = await centre.says(OutsideKind.ARRIVED)
    assert refused.problem == "snapshot-needed"
    assert (await centre.snapshot()).problem is None
    assert (await centre.says(OutsideKind.ARRIVED)).body["applied"] == 1


async def test_a_gap_is_seen_and_healed_by_the_missing_event_or_by_a_snapshot(floor: Floor, centre: Centre):
    one, two, three = [await centre.event(n, OutsideKind.ARRIVED, f"call-{n}") for n in (1, 2, 3)]
    found = await centre.report(one, three)
    assert (found.problem, found.body["applied"], found.body["seq"]) == ("event-missing", 1, 1)
    assert set(await rows(floor)) == {"call-1"}
    assert (await floor.sql("SELECT gap_at FROM outside_source"))[0]["gap_at"] is not None
    healed = await centre.report(three, two)  # out of order: their numbers say it
    assert (healed.problem, healed.body["applied"]) == (None, 2)
    assert (await floor.sql("SELECT gap_at FROM outside_source"))[0]["gap_at"] is None
    assert (await centre.report(await centre.event(9, OutsideKind.ABANDONED, "call-1"))).problem == "event-missing"
    centre.seq = 9
    assert (await centre.snapshot()).body["seq"] == 9
    assert {row["ended_why"] for row in (await rows(floor)).values()} == {"lost"}


async def test_events_and_snapshots_that_come_again_change_nothing(floor: Floor, centre: Centre):
    arrived = await centre.event(1, OutsideKind.ARRIVED)
    answered = await centre.event(2, OutsideKind.ANSWERED)
    await centre.report(arrived, answered)
    before = await rows(floor)
    again = await centre.report(answered, arrived, arrived)
    assert (again.problem, again.body["applied"], again.body["repeated"]) == (None, 0, 3)
    old = OutsideSnapshot(seq=0, at=arrived.at - timedelta(seconds=1), queues=("billing",))
    assert (await centre.report(snapshot=old)).body == {
        "applied": 0,
        "repeated": 1,
        "seq": 2,
        "unknown": [],
        "joined": {},
    }
    assert await rows(floor) == before


async def test_a_source_that_begins_anew_is_believed(floor: Floor, centre: Centre):
    for n in range(5):
        await centre.says(OutsideKind.ARRIVED, f"call-{n}")
    centre.seq = 0
    at = await floor.now()
    here = OutsideInteraction(interaction="call-4", queue="billing", arrived_at=at - timedelta(seconds=9))
    assert (await centre.snapshot(interactions=(here,))).problem is None
    assert [ref for ref, row in (await rows(floor)).items() if row["state"] == "waiting"] == ["call-4"]
    assert (await centre.says(OutsideKind.ANSWERED, "call-4")).body["seq"] == 1


async def test_a_clock_that_jumped_ahead_outlaws_nothing_afterwards(floor: Floor, centre: Centre):
    await centre.says(OutsideKind.ARRIVED, ago=-7200)
    assert (await rows(floor))["call-1"]["arrived_at"] <= await floor.now()
    centre.seq = 0
    assert (await centre.snapshot()).body["seq"] == 0
    assert {row["ended_why"] for row in (await rows(floor)).values()} == {"lost"}


async def test_nobody_is_told_that_it_is_late_while_they_are_with_us(floor: Floor, billing: QueueId, centre: Centre):
    await waits_for(floor)
    await centre.says(OutsideKind.ARRIVED, caller=CALLING)
    await floor.sql("UPDATE due SET due_at = now() WHERE kind = 'risk'")
    await floor.settle()
    assert floor.count(PromiseAtRisk) == 0


async def test_queues_and_agents_that_are_not_ours_are_named_and_left_out(floor: Floor, centre: Centre):
    found = await centre.says(OutsideKind.ARRIVED, queue="sales")
    assert (found.problem, found.body["unknown"]) == (None, ["queue sales"])
    found = await centre.agent("nobody", OutsideAgentState.BUSY)
    assert found.body["unknown"] == ["agent nobody"]
    assert await rows(floor) == {}


async def test_an_event_that_says_too_little_is_refused_whole(floor: Floor, centre: Centre):
    good = await centre.event(1, OutsideKind.ARRIVED)
    bad = await centre.event(2, OutsideKind.ANSWERED, None)
    refused = await centre.report(good, bad)
    assert refused.problem == "event-invalid" and await rows(floor) == {}


# ------------------------------------------------------------------ one line


async def test_the_estimate_moves_with_who_arrives_and_who_is_answered(floor: Floor, billing: QueueId, centre: Centre):
    await floor.agent("kim", billing)
    free = (await offered(floor)).asap
    assert free is not None and free.place == 1
    await centre.agent("kim", OutsideAgentState.BUSY)
    for n in range(4):
        await centre.says(OutsideKind.ARRIVED, f"call-{n}")
    full = (await offered(floor)).asap
    assert full is not None and full.place == 5
    assert full.estimate.p50 - free.estimate.p50 > timedelta(minutes=3)
    await centre.says(OutsideKind.ANSWERED, "call-0", agent="kim")
    await centre.says(OutsideKind.ABANDONED, "call-1")
    less = (await offered(floor)).asap
    assert less is not None and less.place == 3 and less.estimate.p50 < full.estimate.p50


async def test_agents_who_take_callers_there_and_no_callbacks_here_take_their_part_of_the_line(
    floor: Floor, billing: QueueId, centre: Centre
):
    await floor.agent("kim", billing)
    await centre.agent("kim", OutsideAgentState.BUSY)
    for slug in ("ann", "bob", "eve"):
        await floor.agent(slug, billing, state="offline")
    for n in range(8):
        await centre.says(OutsideKind.ARRIVED, f"call-{n}")
    alone = (await offered(floor)).asap
    for slug in ("ann", "bob", "eve"):
        await centre.agent(slug, OutsideAgentState.BUSY)
    await centre.says(OutsideKind.ANSWERED, "call-0", agent=None)
    helped = (await offered(floor)).asap
    assert alone is not None and helped is not None and (alone.place, helped.place) == (9, 8)
    assert helped.estimate.p50 - helped.promise.start < (alone.estimate.p50 - alone.promise.start) / 2


async def test_how_long_talks_take_there_is_learned(floor: Floor, billing: QueueId, centre: Centre):
    await floor.agent("kim", billing)
    before = (await offered(floor)).asap
    talks = [
        event
        for n in range(30)
        for event in (
            await centre.event(3 * n + 1, OutsideKind.ARRIVED, f"call-{n}", ago=2000),
            await centre.event(3 * n + 2, OutsideKind.ANSWERED, f"call-{n}", ago=1990),
            await centre.event(3 * n + 3, OutsideKind.ENDED, f"call-{n}", ago=990),
        )
    ]
    assert (await centre.report(*talks)).body["applied"] == 90
    await learn(floor)
    after = (await offered(floor)).asap
    assert before is not None and after is not None
    assert (
        float(before.reason.detail["handling_seconds"] or 0) < 200 < float(after.reason.detail["handling_seconds"] or 0)
    )


async def test_silence_widens_what_is_offered_and_says_why(floor: Floor, billing: QueueId, centre: Centre):
    await floor.agent("kim", billing)
    await centre.says(OutsideKind.ARRIVED)
    live = (await offered(floor)).asap
    await floor.sql("UPDATE outside_source SET heard_at = heard_at - interval '40 seconds'")
    stale = (await offered(floor)).asap
    assert live is not None and stale is not None
    assert stale.promise.end - stale.promise.start > live.promise.end - live.promise.start
    age = stale.reason.detail["status_age"]
    assert f"last known {age} s ago" in stale.reason.verdict and int(age or 0) >= 40
    await centre.report()  # nothing happened, but it is alive
    heard = (await offered(floor)).asap
    assert heard is not None and "status_age" not in heard.reason.detail


async def test_silence_is_an_alert_until_it_is_over(floor: Floor, billing: QueueId, centre: Centre):
    await floor.sql("UPDATE outside_source SET heard_at = heard_at - interval '40 seconds'")
    await floor.manager.sweep(floor.business)
    await floor.settle()
    raised = floor.last(AlertRaised)
    assert (raised.kind, raised.queue) == ("status_stale", "billing") and "offers" in raised.verdict
    await centre.report()
    await floor.sql("UPDATE alert SET seen_at = seen_at - interval '10 minutes'")
    await floor.manager.sweep(floor.business)
    await floor.settle()
    assert floor.last(AlertResolved).alert == raised.alert


async def test_silence_may_stop_offers_instead(floor: Floor):
    queue = await floor.queue(policy={"outside_stale_then": "stop"})
    await floor.agent("kim", queue)
    await Centre(floor).snapshot()
    assert (await offered(floor)).asap is not None
    await floor.sql("UPDATE outside_source SET heard_at = heard_at - interval '40 seconds'")
    found = await offered(floor)
    assert found.asap is None and found.refusals[0].id == "status-stale"


async def test_an_agent_who_talks_there_is_not_rung_and_is_when_they_are_free(
    floor: Floor, billing: QueueId, centre: Centre
):
    await floor.agent("kim", billing)
    await centre.agent("kim", OutsideAgentState.BUSY)
    callback = await floor.book()
    await floor.settle()
    assert floor.count(PerformCallback) == 0
    assert (await floor.callback(callback))["reason"] == "Everybody who can take it is busy"
    await centre.agent("kim", OutsideAgentState.AVAILABLE)
    assert floor.last(PerformCallback).callback == callback


async def test_a_caller_who_was_there_before_is_not_overtaken(floor: Floor, billing: QueueId, centre: Centre):
    await floor.agent("kim", billing)
    await centre.agent("kim", OutsideAgentState.AVAILABLE)
    await centre.says(OutsideKind.ARRIVED, ago=30)
    callback = await floor.book()
    await floor.settle()
    assert floor.count(PerformCallback) == 0
    assert "callers outside" in (await floor.callback(callback))["reason"]
    await floor.agent("mira", billing)  # does not take their calls
    await centre.report()
    await centre.says(OutsideKind.ARRIVED, "call-2")
    assert floor.last(PerformCallback).agent_name == "Mira"


async def test_a_caller_who_came_later_waits_behind(floor: Floor, billing: QueueId, centre: Centre):
    await floor.agent("kim", billing)
    await centre.agent("kim", OutsideAgentState.AVAILABLE)
    callback = await floor.book()
    await centre.says(OutsideKind.ARRIVED)
    await floor.settle()
    assert floor.last(PerformCallback).callback == callback


async def test_agents_and_callers_of_a_snapshot_stand_for_all(floor: Floor, billing: QueueId, centre: Centre):
    at = await floor.now()
    await centre.agent("kim", OutsideAgentState.BUSY)
    kim = await floor.agent("kim", billing)
    mira = await floor.agent("mira", billing)
    await centre.snapshot(agents=(OutsideAgent(agent="mira", state=OutsideAgentState.BUSY, since=at),))
    found = await floor.sql("SELECT agent, state FROM outside_agent")
    assert {AgentId(row["agent"]): row["state"] for row in found} == {mira: "busy"} and kim != mira


# ------------------------------------------------------------------ got through another way


async def test_who_talks_with_us_for_a_minute_is_not_called(floor: Floor, billing: QueueId, centre: Centre):
    callback = await waits_for(floor)
    found = await centre.says(OutsideKind.ARRIVED, ago=90, caller=CALLING)
    assert found.body["joined"] == {"call-1": str(callback)}
    await floor.agent("kim", billing)
    await centre.says(OutsideKind.ANSWERED, ago=80)
    assert floor.count(PerformCallback) == 0
    finished = floor.last(CallbackFinished)
    assert (finished.callback, finished.reason) == (callback, "got_through")
    assert (await floor.callback(callback))["state"] == "cancelled"
    assert [row["result"] for row in await floor.promises(callback)] == ["withdrawn"]
    assert (await floor.gate(callback))["state"] == "closed"


async def test_while_they_wait_there_nothing_rings_and_if_they_give_up_it_does(
    floor: Floor, billing: QueueId, centre: Centre
):
    callback = await waits_for(floor)
    await centre.says(OutsideKind.ARRIVED, caller=CALLING)
    await floor.agent("kim", billing)
    await floor.settle()
    assert floor.count(PerformCallback) == 0 and (await floor.callback(callback))["through_since"] is not None
    assert await floor.manager.mend(floor.business) == 0
    await centre.says(OutsideKind.ABANDONED)
    assert floor.last(PerformCallback).callback == callback


async def test_after_a_short_talk_the_chat_asks_and_then_the_promise_goes_on(
    floor: Floor, billing: QueueId, centre: Centre
):
    callback = await waits_for(floor)
    await centre.says(OutsideKind.ARRIVED, caller=CALLING)
    await centre.says(OutsideKind.ANSWERED)
    await centre.says(OutsideKind.ENDED)
    assert floor.last(GotThrough).callback == callback
    await floor.agent("kim", billing)
    await floor.sql("UPDATE due SET due_at = now() WHERE kind = 'through'")
    await floor.settle()
    assert floor.count(GotThrough) == 1 and floor.last(PerformCallback).callback == callback


async def test_a_talk_in_another_department_is_asked_about(floor: Floor, billing: QueueId, centre: Centre):
    await floor.queue("support", policy={"outside_trusts_caller_id": True})
    callback = await waits_for(floor)
    await centre.says(OutsideKind.ARRIVED, queue="support", caller=CALLING, ago=300)
    await centre.says(OutsideKind.ANSWERED, ago=290)
    await centre.says(OutsideKind.ENDED)
    assert floor.last(GotThrough).callback == callback and (await floor.callback(callback))["state"] == "waiting"


async def test_a_number_that_nobody_proved_joins_nobody(floor: Floor, billing: QueueId, centre: Centre):
    await booked(floor)
    assert (await centre.says(OutsideKind.ARRIVED, caller=CALLING)).body["joined"] == {}


async def test_a_calling_number_proves_nothing_unless_the_business_says_so(floor: Floor):
    await floor.queue()
    centre = Centre(floor)
    await centre.snapshot()
    await waits_for(floor)
    assert (await centre.says(OutsideKind.ARRIVED, caller=CALLING)).body["joined"] == {}


async def test_a_signed_identity_joins(floor: Floor, billing: QueueId, centre: Centre):
    person = new_id()
    await floor.sql(
        "INSERT INTO person (business, id, identity, created_at) VALUES ($1, $2, 'customer-17', now())", floor.business, person
    )  # fmt: skip
    callback = await booked(floor, person=person)
    found = await centre.says(OutsideKind.ARRIVED, caller=Caller(identity="customer-17"))
    assert found.body["joined"] == {"call-1": str(callback)}


# ------------------------------------------------------------------ the race, forced both ways


async def test_the_call_came_first_nothing_is_directed(floor: Floor, billing: QueueId, centre: Centre):
    callback = await waits_for(floor)
    await centre.says(OutsideKind.ARRIVED, caller=CALLING)
    await floor.agent("kim", billing)
    await floor.settle()
    assert floor.count(PerformCallback) == 0 and (await floor.gate(callback))["attempt"] is None


async def directed(floor: Floor, billing: QueueId) -> PerformCallback:
    callback = await waits_for(floor)
    await floor.agent("kim", billing)
    await floor.settle()
    perform = floor.last(PerformCallback)
    assert perform.callback == callback
    return perform


async def test_the_direction_came_first_its_fence_is_shut_and_nothing_ever_rings(
    floor: Floor, billing: QueueId, centre: Centre
):
    perform = await directed(floor, billing)
    await centre.says(OutsideKind.ARRIVED, caller=CALLING)
    assert floor.last(EndAttempt).reason == "got_through"
    with pytest.raises(GateShut):
        async with floor.databases.sessions.transaction(floor.business, name="fence") as tx:
            epoch = await take_over(tx, floor.business, perform.callback, attempt=perform.attempt)
            await fence(
                tx, floor.business, perform.callback, attempt=perform.attempt, epoch=epoch,
                due_version=perform.due_version, token=new_id(),
            )  # fmt: skip
    await floor.ends(perform, Outcome.WITHDRAWN)
    assert (await floor.callback(perform.callback))["state"] == "waiting" and floor.count(PerformCallback) == 1
    await centre.says(OutsideKind.ABANDONED)
    assert floor.count(PerformCallback) == 2


async def test_the_phone_rings_already_it_is_stopped_and_withdrawn_when_no_phone_rings(
    floor: Floor, billing: QueueId, centre: Centre
):
    perform = await directed(floor, billing)
    await floor.agent_rings(perform)
    await floor.agent_accepts(perform)
    rang = await floor.customer_rings(perform)
    await centre.says(OutsideKind.ARRIVED, caller=CALLING, ago=200)
    await centre.says(OutsideKind.ANSWERED, ago=180)
    assert floor.last(EndAttempt).reason == "got_through" and floor.count(CallbackFinished) == 0
    await floor.ends(perform, Outcome.WITHDRAWN, rang_at=rang, may_have_rung=True)
    assert floor.last(CallbackFinished).reason == "got_through" and floor.count(PerformCallback) == 1


async def test_the_two_are_joined_already_what_they_do_elsewhere_changes_nothing(
    floor: Floor, billing: QueueId, centre: Centre
):
    perform = await directed(floor, billing)
    epoch = await floor.agent_rings(perform)
    await floor.agent_accepts(perform)
    await floor.customer_rings(perform)
    await floor.joins(perform, epoch)
    await centre.says(OutsideKind.ARRIVED, caller=CALLING)
    assert floor.count(EndAttempt) == 0 and (await floor.callback(perform.callback))["state"] == "talking"


async def test_a_call_that_may_have_rung_is_asked_about_not_rung_again(floor: Floor, billing: QueueId, centre: Centre):
    perform = await directed(floor, billing)
    await floor.agent_rings(perform)
    await centre.says(OutsideKind.ARRIVED, caller=CALLING)
    await floor.ends(perform, Outcome.UNKNOWN, may_have_rung=True)
    await centre.says(OutsideKind.ABANDONED)
    assert (await floor.callback(perform.callback))["state"] == "asking" and floor.count(PerformCallback) == 1


async def test_a_promise_whose_end_passes_while_they_talk_is_withdrawn_not_broken(
    floor: Floor, billing: QueueId, centre: Centre
):
    callback = await waits_for(floor)
    await centre.says(OutsideKind.ARRIVED, caller=CALLING)
    passed: datetime = await floor.now() - timedelta(microseconds=1)
    await floor.sql("UPDATE callback SET through_since = ready_at, window_end = $2 WHERE id = $1", callback, passed)
    await floor.sql("UPDATE promise SET window_end = $2 WHERE callback = $1", callback, passed)
    await floor.sql("UPDATE due SET due_at = now() WHERE kind = 'promise'")
    await floor.settle()
    assert [row["result"] for row in await floor.promises(callback)] == ["open"]


async def test_a_source_that_dies_keeps_nobody_from_being_called(floor: Floor, billing: QueueId, centre: Centre):
    callback = await waits_for(floor)
    await centre.says(OutsideKind.ARRIVED, caller=CALLING)
    await floor.agent("kim", billing)
    await floor.sql("UPDATE outside_source SET heard_at = heard_at - interval '6 minutes'")
    await floor.sql("UPDATE due SET due_at = now() WHERE kind = 'through'")
    await floor.settle()
    assert floor.last(PerformCallback).callback == callback
