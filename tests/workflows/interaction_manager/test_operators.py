"""Operators' levers beyond stopping: closing at a time, an incident, a cut-off by the wait, and the waitlist."""

from __future__ import annotations

from datetime import timedelta
from typing import Any

from ringback.domain.commands import JoinWaitlist, SetLevers
from ringback.domain.events import CallbackAccepted, CallbackRefused, RoomAppeared, StillNeeded, WaitlistAnswered
from ringback.domain.ids import ChatId, PersonId, new_id
from ringback.domain.status import Server
from ringback.postgres.messages import send
from tests.workflows.interaction_manager.desk import ask, next_slot, request, slot_when
from tests.workflows.interaction_manager.floor import Floor, new_command


async def pull(floor: Floor, queue: Any, reason: str = "too much", **levers: Any) -> Any:
    return await floor.command(
        queue, SetLevers(command=new_command(), queue="billing", by="user:1", reason=reason, **levers)
    )


async def test_a_queue_that_closes_at_a_time_sells_nothing_after_it_and_opens_again(floor: Floor):
    queue = await floor.queue()
    await floor.agent("kim", queue)
    now = await floor.now()
    closes, opens = next_slot(now, ahead=2), next_slot(now, ahead=6)
    shut = await pull(floor, queue, close_at=closes, reopen_at=opens)
    assert shut.body["shut_from"] == closes.isoformat() and shut.body["shut_until"] == opens.isoformat()
    after = await ask(floor, request(when=slot_when(closes)))
    assert isinstance(after, CallbackRefused) and after.id == "closed"
    assert isinstance(await ask(floor, request(when=slot_when(opens))), CallbackAccepted)
    assert (await pull(floor, queue, reopen=True)).body["shut_from"] is None
    assert isinstance(await ask(floor, request(when=slot_when(closes))), CallbackAccepted)


async def test_a_closure_ends_with_the_day_unless_said_and_never_before_it_begins(floor: Floor):
    queue = await floor.queue()
    now = await floor.now()
    shut = await pull(floor, queue, close_at=now)
    assert shut.body["shut_until"] > shut.body["shut_from"]
    wrong = await pull(floor, queue, close_at=now + timedelta(hours=2), reopen_at=now + timedelta(hours=1))
    assert wrong.problem == "time-invalid" and wrong.body["field"] == "reopen_at"


async def test_an_incident_stands_instead_of_offers_and_asks_everybody_once(floor: Floor):
    queue = await floor.queue()
    await floor.agent("kim", queue)
    await floor.sql("UPDATE dialling_permit SET allowed = false")
    chats = [ChatId(new_id()) for _ in range(3)]
    waiting = [await ask(floor, request(chat=chat)) for chat in chats]
    by_phone = await ask(floor, request(number="+447700900100"))
    told = await pull(floor, queue, incident="Our card system is down")
    assert told.body["incident"] == "Our card system is down"
    no = await ask(floor, request())
    assert isinstance(no, CallbackRefused) and (no.id, no.detail) == ("incident", "Our card system is down")
    asked = [each.callback for each in floor.told if isinstance(each, StillNeeded)]
    assert sorted(asked) == sorted(each.callback for each in waiting) and by_phone.callback not in asked
    await pull(floor, queue, incident="Our card system is down")
    assert floor.count(StillNeeded) == 3
    await pull(floor, queue, incident="It is down again, until noon")
    assert floor.count(StillNeeded) == 6
    await pull(floor, queue, incident="")
    assert isinstance(await ask(floor, request()), CallbackAccepted)


async def test_a_wait_that_may_be_longer_than_the_cut_off_is_not_offered(floor: Floor):
    queue = await floor.queue(policy={"prior_handling": 600})
    await floor.agent("kim", queue, state="available")
    await pull(floor, queue, wait_cap=60)
    assert isinstance(await ask(floor, request()), CallbackAccepted)  # somebody is free
    no = await ask(floor, request())
    assert isinstance(no, CallbackRefused) and no.id == "wait-too-long"
    await pull(floor, queue, wait_cap=-1)
    assert isinstance(await ask(floor, request()), CallbackAccepted)


async def join(floor: Floor, person: PersonId, chat: ChatId) -> None:
    command = JoinWaitlist(chat=chat, person=person, provider="biz:acme/q:billing")
    async with floor.databases.application.transaction(floor.business, name="join") as tx:
        await send(tx, floor.business, Server.INTERACTIONS, chat, command)
    await floor.manager.messages.drain()
    await floor._application.drain()


async def test_the_waitlist_is_told_of_room_in_order_and_nobody_overtakes_it(floor: Floor):
    queue = await floor.queue()
    await floor.agent("kim", queue)
    await pull(floor, queue, backlog_cap=1, waitlist=True)
    await floor.sql("UPDATE dialling_permit SET allowed = false")
    first = await ask(floor, request())
    people = [(PersonId(new_id()), ChatId(new_id())) for _ in range(2)]
    for person, chat in people:
        await join(floor, person, chat)
    places = [each.place for each in floor.told if isinstance(each, WaitlistAnswered)]
    assert places == [1, 2]
    await floor.manager.sweep(floor.business)
    await floor.settle()
    assert floor.count(RoomAppeared) == 0
    await floor.sql("UPDATE callback SET state = 'cancelled', finished_at = now() WHERE id = $1", first.callback)
    newcomer = await ask(floor, request())
    assert isinstance(newcomer, CallbackRefused) and newcomer.id == "waitlist"
    await floor.manager.sweep(floor.business)
    await floor.manager.sweep(floor.business)
    await floor.settle()
    told = [each for each in floor.told if isinstance(each, RoomAppeared)]
    assert [each.chat for each in told] == [people[0][1]], "one place, one invitation"
    assert isinstance(await ask(floor, request()), CallbackRefused), "the place is kept"
    assert isinstance(await ask(floor, request(person=people[0][0])), CallbackAccepted)
    (left,) = await floor.sql("SELECT left_why FROM waitlist WHERE person = $1", people[0][0])
    assert left["left_why"] == "booked"


async def test_an_invitation_that_nobody_takes_goes_to_the_next(floor: Floor):
    queue = await floor.queue()
    await floor.agent("kim", queue)
    await pull(floor, queue, backlog_cap=0, waitlist=True)
    people = [(PersonId(new_id()), ChatId(new_id())) for _ in range(2)]
    for person, chat in people:
        await join(floor, person, chat)
    await pull(floor, queue, backlog_cap=1)
    await floor.manager.sweep(floor.business)
    await floor.sql("UPDATE waitlist SET invited_until = now() - interval '1 s' WHERE chat = $1", people[0][1])
    await floor.manager.sweep(floor.business)
    await floor.settle()
    assert [each.chat for each in floor.told if isinstance(each, RoomAppeared)] == [chat for _, chat in people]


async def test_a_waitlist_that_is_taken_away_says_so(floor: Floor):
    queue = await floor.queue()
    await pull(floor, queue, waitlist=True)
    chat = ChatId(new_id())
    await join(floor, PersonId(new_id()), chat)
    await pull(floor, queue, waitlist=False)
    await floor.manager.sweep(floor.business)
    await floor.settle()
    last = floor.last(WaitlistAnswered)
    assert last.chat == chat and last.place is None and last.why == "Billing keeps no waitlist any more."
