"""The same key gives the same answer; a chat is resumed where it was left; pages are sent only what changed."""

from __future__ import annotations

import asyncio
from dataclasses import replace
from typing import Any, cast
from uuid import uuid4

import pytest
from websockets.exceptions import ConnectionClosed

from ringback.callback_application_server.queries import ChatKey
from ringback.callback_application_server.workflows.receive_message import receive_message, reply
from ringback.domain.commands import CancelCallback, RequestCallback
from ringback.domain.errors import CommitUnknown
from ringback.domain.ids import ChatId
from ringback.postgres.database import Database
from ringback.postgres.idempotency import claim_key, keep_answer
from tests.support.lost_answers import LosesAnswers
from tests.support.waiting import PATIENCE
from tests.workflows.callback_application_server.lobby import Lobby, Visitor
from tests.workflows.callback_application_server.test_bad_input import problem
from tests.workflows.callback_application_server.test_telling import lobby_does


async def test_a_message_sent_twice_is_said_once(visitor: Visitor):
    key = uuid4()
    first = await visitor.say("hello", key=key)
    second = await visitor.say("hello", key=key)
    assert first["seq"] == second["seq"] and first["key"] == str(key)
    assert (await visitor.texts()).count("hello") == 1


async def test_a_message_sent_twice_at_once_is_said_and_answered_once(lobby: Lobby, visitor: Visitor):
    key = uuid4()
    answers = await asyncio.gather(*(visitor.post("/messages", {"text": "hello"}, key=key) for _ in range(8)))
    await lobby.settle()
    assert {each.status_code for each in answers} == {201}
    assert len(await visitor.texts()) == 2, "one message, one answer"


async def test_booking_twice_at_once_books_once(lobby: Lobby, visitor: Visitor):
    await visitor.say("call me asap")
    token = (await visitor.prompt())["options"][0]["token"]
    body = {"token": token, "consent": True}
    answers = await asyncio.gather(*(visitor.post("/answers", body) for _ in range(6)))
    await lobby.settle()
    assert {each.status_code for each in answers} <= {200, 409} and 200 in {each.status_code for each in answers}
    assert len(lobby.asked_for(RequestCallback)) == 1


async def test_cancelling_twice_with_one_key_cancels_once(lobby: Lobby, visitor: Visitor):
    await visitor.book()
    key = uuid4()
    first = await lobby_does(lobby, visitor.post("/callback/cancel", key=key))
    second = await lobby_does(lobby, visitor.post("/callback/cancel", key=key))
    assert first.status_code == second.status_code == 200
    assert len(lobby.asked_for(CancelCallback)) == 1


async def test_a_refusal_is_repeated_too(visitor: Visitor):
    key = uuid4()
    first, second = await visitor.post("/callback/cancel", key=key), await visitor.post("/callback/cancel", key=key)
    assert first.json() == second.json() and problem(second) == (409, "no-callback")


async def test_one_key_with_another_body_is_refused(lobby: Lobby, visitor: Visitor):
    key = uuid4()
    await visitor.post("/callback-offer", {"topic": "Router"}, key=key)
    assert problem(await visitor.post("/callback-offer", {"topic": "Bill"}, key=key)) == (422, "idempotency-key-reused")


async def test_keys_of_two_chats_have_nothing_to_do_with_each_other(lobby: Lobby, visitor: Visitor):
    key, other = uuid4(), await lobby.visitor()
    assert (await visitor.post("/callback-offer", {"topic": "Bill"}, key=key)).status_code == 200
    assert (await other.post("/callback-offer", {"topic": "Router"}, key=key)).status_code == 200


async def test_a_key_whose_transaction_failed_is_free_again(lobby: Lobby):
    database, business = lobby.databases.application, lobby.business
    try:
        async with database.transaction(business, name="fails") as tx:
            assert await claim_key(tx, business, "chat:1", "k", b"{}") is None
            raise RuntimeError("the effect failed")
    except RuntimeError:
        pass
    async with database.transaction(business, name="works") as tx:
        assert await claim_key(tx, business, "chat:1", "k", b"{}") is None
        await keep_answer(tx, business, "chat:1", "k", status=200, answer={"done": True})
    async with database.transaction(business, name="again") as tx:
        kept = await claim_key(tx, business, "chat:1", "k", b"{}")
    assert kept is not None and (kept.status, kept.answer) == (200, {"done": True})


async def test_a_chat_is_resumed_after_a_number(visitor: Visitor):
    for text in ("one", "two", "three"):
        await visitor.say(text)
    everything = await visitor.see()
    numbers = [each["seq"] for each in everything["messages"]]
    assert numbers == list(range(1, everything["last_seq"] + 1)), "ascending, no gaps"
    rest = await visitor.see(after=numbers[2])
    assert [each["seq"] for each in rest["messages"]] == numbers[3:]


async def test_a_message_nobody_answered_in_time_is_answered_by_the_next_process(lobby: Lobby, visitor: Visitor):
    """The process dies between keeping a message and answering it: the timer stands."""
    lobby.edge.start_reply = lambda key, seq: None
    await visitor.post("/messages", {"text": "can someone call me?"})
    assert len(await visitor.texts()) == 1
    await lobby.sql("UPDATE due SET due_at = now() WHERE kind = 'reply'")
    await lobby.server.timers.drain()
    await lobby.settle()
    assert (await visitor.prompt())["kind"] == "when"
    assert not await lobby.sql("SELECT 1 FROM due WHERE kind = 'reply'")
    assert len(await visitor.texts()) == 2


async def test_a_page_is_sent_the_chat_and_then_only_what_changes(lobby: Lobby, visitor: Visitor):
    await visitor.say("can someone call me?")
    async with visitor.live() as feed:
        first = await feed.until(lambda event: event["type"] == "snapshot")
        assert len(first["snapshot"]["messages"]) == 2
        await visitor.choose("As soon as possible")
        answered = await feed.until(lambda event: event["type"] == "message" and event["message"]["seq"] == 2)
        assert answered["message"]["prompt"]["answered"] == "As soon as possible"
        assert all(each["token"] == "" for each in answered["message"]["prompt"]["options"])
        confirm = await feed.until(lambda event: event["type"] == "message" and event["message"]["seq"] == 3)
        assert confirm["message"]["prompt"]["kind"] == "confirm"
        await visitor.choose(confirm["message"]["prompt"]["submit"], consent=True)
        card = await feed.until(lambda event: event["type"] == "callback" and event["callback"]["state"] == "booked")
        assert card["callback"]["headline"] == "about 6–9 min"
        assert [event["type"] for event in feed.seen].count("snapshot") == 1


async def test_ten_tabs_of_one_chat_all_hear_everything(visitor: Visitor):
    async with asyncio.TaskGroup() as group:
        listening = asyncio.Event()
        waiting = [10]

        async def tab() -> None:
            async with visitor.live() as feed:
                await feed.until(lambda event: event["type"] == "snapshot")
                waiting[0] -= 1
                if not waiting[0]:
                    listening.set()
                await feed.until(lambda event: event["type"] == "message" and event["message"]["text"] == "hello")

        for _ in range(10):
            group.create_task(tab())
        await listening.wait()
        await visitor.say("hello")


async def test_a_new_tab_resumes_where_the_last_one_stopped(visitor: Visitor):
    await visitor.say("one")
    seen = (await visitor.see())["last_seq"]
    await visitor.say("two")
    async with visitor.live(after=seen) as feed:
        event = await feed.until(lambda event: event["type"] == "snapshot")
        assert [each["text"] for each in event["snapshot"]["messages"]][0] == "two"


async def test_a_page_that_may_not_look_is_closed_with_a_reason(visitor: Visitor):
    visitor.token = "rbc_nothing"
    async with visitor.live() as feed:
        try:
            await feed.until(lambda event: False)
        except ConnectionClosed as closed:
            assert closed.rcvd is not None and closed.rcvd.code == 4404


async def test_a_foreign_page_hears_nothing(visitor: Visitor):
    visitor.origin = "https://evil.example"
    async with visitor.live() as feed:
        try:
            await feed.until(lambda event: False)
        except ConnectionClosed as closed:
            assert closed.rcvd is not None and closed.rcvd.code == 4404
    assert not feed.seen


async def test_a_page_is_present_while_it_is_there(lobby: Lobby, visitor: Visitor):
    page = uuid4()
    async with visitor.live(page=page) as feed:
        await feed.until(lambda event: event["type"] == "snapshot")
        async with asyncio.timeout(PATIENCE):
            while not (rows := await lobby.sql("SELECT subject, page FROM presence")):
                await asyncio.sleep(0.02)
        assert [(row["subject"], row["page"]) for row in rows] == [(visitor.chat, page)]
    async with asyncio.timeout(PATIENCE):
        while await lobby.sql("SELECT 1 FROM presence WHERE left_at IS NULL"):
            await asyncio.sleep(0.02)


@pytest.mark.parametrize("committed", [True, False])
async def test_a_lost_answer_to_any_commit_of_a_post_loses_nothing_and_does_nothing_twice(
    lobby: Lobby, visitor: Visitor, committed: bool
):
    """Each POST of a chat with the answer to its effect's COMMIT lost, done and not done; the same key again, and again."""

    async def thrice(workflow: str, path: str, body: dict[str, Any]) -> None:
        losing = LosesAnswers(lobby.databases.application, committed=committed)
        lobby.edge.context = replace(lobby.context, database=cast("Database", losing))
        losing.lose(workflow)
        key = uuid4()
        unclear = await lobby_does(lobby, visitor.post(path, body, key=key))
        assert problem(unclear) == (503, "commit-unknown"), (path, unclear.text)
        assert losing.lost == [workflow]
        for _ in range(2):
            again = await lobby_does(lobby, visitor.post(path, body, key=key))
            assert again.status_code == 200, (path, again.text)
        lobby.edge.context = lobby.context
        await lobby.settle()

    await thrice("offer_callback", "/callback-offer", {"topic": "Bill"})
    assert len(await visitor.texts()) == 1
    await visitor.say("call me as soon as possible")
    prompt = await visitor.prompt()
    await thrice("answer_prompt", "/answers", {"token": prompt["options"][0]["token"], "consent": True})
    assert len(lobby.asked_for(RequestCallback)) == 1
    said = len(await visitor.texts())
    await thrice("offer_move", "/callback/move", {})
    assert len(await visitor.texts()) == said + 1
    await thrice("cancel_from_chat", "/callback/cancel", {})
    assert len(lobby.asked_for(CancelCallback)) == 1
    card = await visitor.card()
    assert card is not None and card["state"] == "cancelled"


async def test_a_cancel_refused_late_is_refused_again_for_the_same_key(lobby: Lobby, visitor: Visitor):
    """The reply is what the key stands for, also when the page that asked was gone before it came."""
    lobby.manager.connected.add(await visitor.book())
    key = uuid4()
    first = await lobby_does(lobby, visitor.post("/callback/cancel", key=key))
    second = await lobby_does(lobby, visitor.post("/callback/cancel", key=key))
    assert problem(first) == problem(second) == (409, "connected")
    assert first.json() == second.json() and len(lobby.asked_for(CancelCallback)) == 1


async def test_a_typed_yes_is_taken_with_what_it_stands_for(lobby: Lobby, visitor: Visitor):
    """The reminder to answer goes in the transaction of the booking: a crash between the two leaves both undone."""
    await visitor.say("call me as soon as possible")
    key = ChatKey(business=lobby.business, chat=ChatId(visitor.chat))
    seq = await receive_message(lobby.context, key, "yes", uuid4())
    losing = LosesAnswers(lobby.databases.application, committed=False)
    losing.lose("answer_prompt")
    with pytest.raises(CommitUnknown):
        await reply(replace(lobby.context, database=cast("Database", losing)), key, seq)
    for _ in range(2):
        await reply(lobby.context, key, seq)
    await lobby.settle()
    assert len(lobby.asked_for(RequestCallback)) == 1
