"""The day as it really goes: many acted on exactly as shown, an agent who is away, slots that are short, alerts that begin and end."""

from __future__ import annotations

from datetime import datetime, timedelta
from typing import Any

from ringback.domain.commands import AnswerQuestion, BulkAct, MarkAway, OfferMove, SetLevers
from ringback.domain.events import (
    AgentAway,
    AlertRaised,
    AlertResolved,
    CallbackAccepted,
    CallbackChanged,
    OperatorWrote,
    PromiseAtRisk,
)
from ringback.domain.ids import ChatId, new_id
from ringback.domain.times import When, WhenKind
from tests.workflows.interaction_manager.desk import ask, next_slot, request, slot_when
from tests.workflows.interaction_manager.floor import Floor, new_command

POLICY = {
    "slot_length": 1800,
    "callbacks_share": 1.0,
    "shrinkage": 0.0,
    "refuse_above": 1.0,
    "prior_handling": 600,
    "late_grace": 0,
}


async def quiet(floor: Floor) -> None:
    """Nothing is dialled, so that everybody waits on."""
    await floor.sql("UPDATE dialling_permit SET allowed = false")


async def bulk(floor: Floor, action: str, callbacks: Any, **more: Any) -> Any:
    command = BulkAct(
        command=new_command(), action=action, callbacks=tuple(callbacks), by="user:1", reason="storm", **more
    )
    return await floor.command(floor.business, command)


async def booked(floor: Floor, *, chat: bool = True, **more: Any) -> Any:
    found = await ask(floor, request(chat=ChatId(new_id()) if chat else None, **more))
    assert isinstance(found, CallbackAccepted), found
    return found.callback


# ------------------------------------------------------------------ many at once


async def test_a_preview_changes_nothing_and_the_act_does_exactly_what_it_said(floor: Floor):
    queue = await floor.queue(policy=POLICY)
    await floor.agent("kim", queue)
    await quiet(floor)
    start = next_slot(await floor.now(), ahead=3)
    first = [await booked(floor, when=slot_when(start)) for _ in range(2)]
    later = [await booked(floor, when=slot_when(start + timedelta(minutes=30))) for _ in range(2)]
    last = start + timedelta(hours=1)
    to = When(kind=WhenKind.SLOT, zone="UTC", start=last, end=start + timedelta(minutes=90))
    await booked(floor, when=slot_when(last))
    shown = await bulk(floor, "move", first + later, when=to, dry_run=True)
    does = [shown.body["effects"][str(each)] for each in first + later]
    assert sorted(does) == ["acts", "no_room", "no_room", "no_room"], "one place is left, of two"
    assert shown.body["commands"] == {} and floor.count(CallbackChanged) == 0
    done = await bulk(floor, "move", first + later, when=to, plan=shown.body["plan"])
    assert done.body["effects"] == shown.body["effects"] and len(done.body["commands"]) == 1
    moved = [row["id"] for row in await floor.sql("SELECT id FROM callback WHERE window_start = $1", to.start)]
    assert first[0] in moved and len(moved) == 2
    await floor.sql("UPDATE callback SET state = 'cancelled', finished_at = now() WHERE id = $1", later[0])
    again = await bulk(floor, "move", first + later, when=to, plan=shown.body["plan"])
    assert again.problem == "plan-changed"


async def test_a_message_reaches_the_chats_and_leaves_the_rest_alone(floor: Floor):
    queue = await floor.queue()
    await floor.agent("kim", queue)
    await quiet(floor)
    chats = [await booked(floor) for _ in range(2)]
    phone = await booked(floor, chat=False, number="+447700900123")
    said = await bulk(floor, "message", [*chats, phone], text="  We open at noon today. ")
    assert [said.body["effects"][str(each)] for each in (*chats, phone)] == ["acts", "acts", "no_chat"]
    told = [each for each in floor.told if isinstance(each, OperatorWrote)]
    assert {each.callback for each in told} == set(chats) and told[0].text == "We open at noon today."
    assert (await bulk(floor, "message", chats, text=" ")).problem == "text-missing"


async def test_a_move_is_offered_once_and_counts_as_our_notice(floor: Floor):
    queue = await floor.queue(policy={"notices": 1})
    await floor.agent("kim", queue)
    await quiet(floor)
    one = await booked(floor)
    await bulk(floor, "offer_move", [one], text="Our system is slow.")
    told = floor.last(PromiseAtRisk)
    assert (told.callback, told.estimate, told.why, told.notice) == (one, None, "Our system is slow.", 1)
    assert (await floor.promises(one))[0]["notice_at"] is not None
    again = await bulk(floor, "offer_move", [one])
    assert again.body["effects"][str(one)] == "told" and floor.count(PromiseAtRisk) == 1
    late = OfferMove(command=new_command(), callback=one, by="user:1", reason="x")
    assert (await floor.command(one, late)).problem == "told-already"


# ------------------------------------------------------------------ an agent who is away


async def away(floor: Floor, agent: Any, **more: Any) -> Any:
    more.setdefault("until", await floor.now() + timedelta(hours=8))
    return await floor.command(agent, MarkAway(command=new_command(), agent=agent, by="user:1", reason="sick", **more))


async def test_a_sick_agents_callbacks_go_to_others_where_there_is_room_and_else_are_offered_a_move(floor: Floor):
    queue = await floor.queue(policy=POLICY)
    kim, _ = await floor.agent("kim", queue), await floor.agent("lee", queue)
    await quiet(floor)
    start = next_slot(await floor.now(), ahead=3)
    kims = "biz:acme/q:billing/a:kim"
    mine = [await booked(floor, provider=kims, when=slot_when(start)) for _ in range(2)]
    anyones = await booked(floor, when=slot_when(start))
    shown = await away(floor, kim, dry_run=True)
    does = [shown.body["effects"][str(each)] for each in mine]
    assert does == ["reassigns", "offers_move"], "Lee has two places, and one is taken: the latest booked gives way"
    assert str(anyones) not in shown.body["effects"]
    assert (await floor.agent_state(kim))["state"] == "available"
    until = datetime.fromisoformat(shown.body["away_until"])
    done = await away(floor, kim, plan=shown.body["plan"], until=until)
    assert done.problem is None and done.body["effects"] == shown.body["effects"]
    assert (await floor.agent_state(kim))["state"] == "offline"
    assert (await floor.callback(mine[0]))["named_agent"] is None
    told = floor.last(PromiseAtRisk)
    assert told.callback == mine[1] and told.why == "Kim is away."
    assert floor.last(OperatorWrote).callback == mine[0]
    refused = await ask(floor, request(provider=kims, when=slot_when(start + timedelta(hours=1))))
    assert not isinstance(refused, CallbackAccepted), "nobody books Kim while they are away"
    back = await away(floor, kim, until=None)
    assert back.problem is None
    await floor.sql("UPDATE agent_state SET state = 'available' WHERE agent = $1", kim)
    assert isinstance(
        await ask(floor, request(provider=kims, when=slot_when(start + timedelta(hours=1)))), CallbackAccepted
    )


async def test_where_the_policy_asks_the_customer_is_asked_and_anyone_may_call_then(floor: Floor):
    queue = await floor.queue(policy={"named_agent_then": "ask"})
    kim, _ = await floor.agent("kim", queue), await floor.agent("lee", queue)
    await quiet(floor)
    one = await booked(floor, provider="biz:acme/q:billing/a:kim")
    shown = await away(floor, kim)
    assert shown.body["effects"] == {str(one): "asks"}
    asked = floor.last(AgentAway)
    assert asked.callback == one and asked.agent_name == "Kim"
    assert (await floor.promises(one))[0]["notice_at"] is not None, "it is a notice"
    await floor.order(one, AnswerQuestion(callback=one, question="agent_away", answer="anyone"))
    await floor.settle()
    assert (await floor.callback(one))["named_agent"] is None


async def test_a_personal_callback_whose_agent_is_not_there_is_asked_about_once_before_its_time(floor: Floor):
    queue = await floor.queue()
    kim, _ = await floor.agent("kim", queue), await floor.agent("lee", queue)
    await quiet(floor)
    now = await floor.now()
    kims = "biz:acme/q:billing/a:kim"
    soon = await booked(floor, provider=kims, when=at_instant(now + timedelta(minutes=20)))
    await booked(floor, provider=kims, when=at_instant(now + timedelta(hours=5)))
    await booked(floor, when=at_instant(now + timedelta(minutes=20)))
    await floor.manager.sweep(floor.business)
    await floor.settle()
    assert floor.count(AgentAway) == 0, "Kim is there"
    await floor.sql("UPDATE agent_state SET state = 'offline', idle_since = NULL WHERE agent = $1", kim)
    for _ in range(2):
        await floor.manager.sweep(floor.business)
        await floor.settle()
    asked = [each for each in floor.told if isinstance(each, AgentAway)]
    assert [(each.callback, each.agent_name) for each in asked] == [(soon, "Kim")]
    assert (await floor.promises(soon))[0]["notice_at"] is not None, "it is a notice"


def at_instant(at: datetime) -> When:
    return When(kind=WhenKind.INSTANT, zone="Europe/London", start=at)


# ------------------------------------------------------------------ short slots and alerts


async def short_day(floor: Floor, **policy: Any) -> Any:
    """Two agents, four booked in the next slot, and one of the two did not come."""
    queue = await floor.queue(policy=POLICY | {"alert_calm": 0, "alert_before": 0} | policy)
    await floor.agent("kim", queue)
    lee = await floor.agent("lee", queue)
    await quiet(floor)
    start = next_slot(await floor.now(), ahead=2)
    everybody = [await booked(floor, when=slot_when(start)) for _ in range(4)]
    await floor.sql("UPDATE agent_state SET state = 'offline', idle_since = NULL WHERE agent = $1", lee)
    return everybody, lee


async def test_a_short_slot_alerts_once_names_who_is_too_many_and_ends_with_a_word(floor: Floor):
    everybody, lee = await short_day(floor, alert_mail=["ops@acme.example"], offer_moves_after=None)
    for _ in range(3):
        await floor.manager.sweep(floor.business)
        await floor.settle()
    (raised,) = [each for each in floor.told if isinstance(each, AlertRaised)]
    assert (raised.kind, raised.queue, raised.mail) == ("slot_short", "billing", ("ops@acme.example",))
    assert raised.callbacks == (everybody[3], everybody[2]), "latest booked first"
    assert raised.verdict == "Billing: 1 slot is short, 2 callbacks are more than can be made"
    assert floor.count(PromiseAtRisk) == 0, "only an operator offers moves here"
    await floor.sql("UPDATE agent_state SET state = 'available' WHERE agent = $1", lee)
    await floor.manager.sweep(floor.business)
    await floor.manager.sweep(floor.business)
    await floor.settle()
    (over,) = [each for each in floor.told if isinstance(each, AlertResolved)]
    assert over.alert == raised.alert and over.resolved_at >= over.raised_at
    assert floor.count(AlertRaised) == 1


async def test_moves_are_offered_by_themselves_to_those_who_are_too_many_and_once(floor: Floor):
    everybody, _ = await short_day(floor, offer_moves_after=0)
    for _ in range(3):
        await floor.manager.sweep(floor.business)
        await floor.settle()
    told = [each for each in floor.told if isinstance(each, PromiseAtRisk)]
    assert {each.callback for each in told} == {everybody[2], everybody[3]} and len(told) == 2
    assert told[0].why == "We are short of people." and told[0].estimate is None


async def test_the_limit_holds_alerts_back_and_tells_what_lasts(floor: Floor):
    await short_day(floor, alerts_per_hour=0, offer_moves_after=None)
    await floor.manager.sweep(floor.business)
    await floor.settle()
    assert floor.count(AlertRaised) == 0
    (row,) = await floor.sql("SELECT told_at, resolved_at FROM alert")
    assert row["told_at"] is None and row["resolved_at"] is None
    await floor.sql("UPDATE queue SET policy = jsonb_set(policy, '{alerts_per_hour}', '5')")
    await floor.manager.sweep(floor.business)
    await floor.settle()
    assert floor.count(AlertRaised) == 1


async def test_nobody_on_duty_with_callbacks_due_is_an_alert(floor: Floor):
    queue = await floor.queue(policy={"offer_moves_after": None})
    kim = await floor.agent("kim", queue)
    await quiet(floor)
    one = await booked(floor)
    await floor.sql("UPDATE agent_state SET state = 'offline', idle_since = NULL WHERE agent = $1", kim)
    await floor.manager.sweep(floor.business)
    await floor.settle()
    raised = [each for each in floor.told if isinstance(each, AlertRaised) and each.kind == "nobody_on_duty"]
    assert [each.callbacks for each in raised] == [(one,)]


async def test_a_queue_that_closes_early_tells_who_is_booked_after_it(floor: Floor):
    queue = await floor.queue(policy=POLICY | {"offer_moves_after": 0})
    await floor.agent("kim", queue)
    await quiet(floor)
    start = next_slot(await floor.now(), ahead=3)
    before, after = (
        await booked(floor, when=slot_when(start)),
        await booked(floor, when=slot_when(start + timedelta(hours=1))),
    )
    shut = SetLevers(
        command=new_command(), queue="billing", by="user:1", reason="flood", close_at=start + timedelta(minutes=30),
        reopen_at=start + timedelta(hours=6),
    )  # fmt: skip
    await floor.command(queue, shut)
    await floor.manager.sweep(floor.business)
    await floor.settle()
    assert [each.callback for each in floor.told if isinstance(each, PromiseAtRisk)] == [after] and before != after
