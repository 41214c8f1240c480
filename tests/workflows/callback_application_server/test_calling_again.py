"""A callback that an agent or a program asks for, told in the customer's chat."""

from __future__ import annotations

from datetime import timedelta
from typing import Any

from ringback.domain.commands import RequestCallback
from ringback.domain.destinations import Destination, DestinationKind
from ringback.domain.events import CallbackFinished, Joined
from ringback.domain.ids import AgentId, AttemptId, CallbackId, ChatId, PersonId, new_id
from ringback.domain.status import CallbackState, Server
from ringback.domain.times import When, WhenKind
from ringback.postgres.messages import send
from tests.workflows.callback_application_server.lobby import Lobby, Visitor

CREATED_BY = f"agent:{new_id()}"


async def _call_again(lobby: Lobby, visitor: Visitor, **when: Any) -> CallbackId:
    """What the interaction manager sends for an agent's "call again"."""
    person = (await lobby.sql("SELECT person FROM chat WHERE id = $1", visitor.chat))[0]["person"]
    again = CallbackId(new_id())
    request = RequestCallback(
        callback=again,
        provider="biz:acme/q:billing/a:kim",
        when=When(zone="Europe/London", **when),
        destination=Destination(kind=DestinationKind.BROWSER, address=str(visitor.chat), proved=True),
        person=PersonId(person),
        person_name="Dana",
        chat=ChatId(visitor.chat),
        topic="The same bill",
        created_by=CREATED_BY,
    )
    async with lobby.databases.interactions.transaction(lobby.business, name="call_again") as tx:
        await send(tx, lobby.business, Server.APPLICATION, again, request)
    return again


async def _talk(lobby: Lobby, callback: CallbackId) -> None:
    talk = Joined(
        callback=callback, attempt=AttemptId(new_id()), agent=AgentId(new_id()), agent_name="Kim", at=lobby.now()
    )
    await lobby.tell(callback, talk)
    lobby.diary.over(callback)  # the interaction manager knows that it is over before the chat does


async def _booked(visitor: Visitor) -> int:
    return [status for status, _ in await visitor.lines()].count("booked")


async def test_an_acceptance_that_overtakes_the_end_of_the_call_before_is_told_after_it(
    lobby: Lobby, visitor: Visitor
) -> None:
    first = await visitor.book()
    await _talk(lobby, first)
    again = await _call_again(lobby, visitor, kind=WhenKind.ASAP)
    await lobby.settle()
    card = await visitor.card()
    assert card is not None and (card["id"], card["state"]) == (str(first), "talking")
    await lobby.tell(
        first, CallbackFinished(callback=first, state=CallbackState.DONE, reason="talked", talked_for=60.0)
    )
    statuses = [status for status, _ in await visitor.lines()]
    assert statuses[-2:] == ["done", "booked"]
    card = await visitor.card()
    assert card is not None and (card["id"], card["state"]) == (str(again), "booked")
    assert card["can_cancel"] and card["can_move"]
    assert {"label": "About", "value": "The same bill"} in card["lines"]
    assert {"label": "Your place", "value": "3rd of 7"} in card["lines"]


async def test_an_end_that_comes_between_request_and_acceptance_loses_neither(lobby: Lobby, visitor: Visitor) -> None:
    first = await visitor.book()
    await _talk(lobby, first)
    again = await _call_again(lobby, visitor, kind=WhenKind.ASAP)
    await lobby.server.messages.drain()  # asked, and not answered yet
    await lobby.tell(
        first, CallbackFinished(callback=first, state=CallbackState.DONE, reason="talked", talked_for=60.0)
    )
    card = await visitor.card()
    assert card is not None and (card["id"], card["state"]) == (str(again), "booked")
    assert await _booked(visitor) == 2


async def test_one_that_is_refused_meanwhile_is_not_shown_when_the_other_ends(lobby: Lobby, visitor: Visitor) -> None:
    first = await visitor.book()
    await _talk(lobby, first)
    again = await _call_again(lobby, visitor, kind=WhenKind.INSTANT, start=lobby.now() - timedelta(minutes=1))
    await lobby.settle()
    await lobby.tell(
        first, CallbackFinished(callback=first, state=CallbackState.DONE, reason="talked", talked_for=60.0)
    )
    card = await visitor.card()
    assert card is not None and (card["id"], card["state"]) == (str(first), "done")
    assert await _booked(visitor) == 1
    (kept,) = await lobby.sql("SELECT state, problem, principal FROM callback_request WHERE id = $1", again)
    assert dict(kept) == {"state": "refused", "problem": "slot-taken", "principal": CREATED_BY}


async def test_one_that_a_program_asks_for_is_shown_in_its_chat(lobby: Lobby, visitor: Visitor) -> None:
    """Asked over the API for a browser: the chat has heard nothing of it before it is accepted."""
    again = await _call_again(lobby, visitor, kind=WhenKind.ASAP)
    await lobby.server.messages.drain()
    await lobby.sql("UPDATE chat SET callback = NULL, card = NULL WHERE id = $1", visitor.chat)
    await lobby.settle()
    card = await visitor.card()
    assert card is not None and (card["id"], card["state"]) == (str(again), "booked")
    assert await _booked(visitor) == 1
