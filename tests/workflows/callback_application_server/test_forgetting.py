"""Nothing is kept longer than it may be; what is open, and what must be evidence, stays."""

from __future__ import annotations

import asyncio
import json
from datetime import timedelta

import pytest

from ringback.callback_application_server.forgetting import Forgetting
from ringback.callback_application_server.persons import Persons
from ringback.domain.commands import ForgetPerson, RequestCallback
from ringback.domain.errors import Conflict, NotFound
from ringback.domain.events import CallbackFinished
from ringback.domain.ids import BusinessId, CallbackId, PersonId, new_id
from ringback.domain.status import CallbackState
from tests.workflows.callback_application_server.lobby import Lobby, Visitor
from tests.workflows.callback_application_server.test_bad_input import problem

LONG_AGO = timedelta(days=91)


def forgetting(lobby: Lobby) -> Forgetting:
    return Forgetting(lobby.databases.application, lobby.databases.dispatcher)


async def finished(lobby: Lobby, visitor: Visitor) -> CallbackId:
    """A callback that was asked for with words, and is over."""
    await visitor.say("my secret meter reading is quartz and the October bill looks wrong to me")
    callback = await visitor.book()
    done = CallbackFinished(callback=callback, state=CallbackState.DONE, reason="talked", talked_for=60)
    await lobby.tell(callback, done)
    return callback


async def everything(lobby: Lobby) -> str:
    """All that the application server's tables hold, as text."""
    parts = []
    for table in ("person", "chat", "chat_message", "prompt", "callback_request"):
        rows = await lobby.sql(f"SELECT to_jsonb(t)::text AS row FROM {table} t")
        parts += [row["row"] for row in rows]
    return "\n".join(parts)


async def person_of(lobby: Lobby, visitor: Visitor) -> PersonId:
    return PersonId((await lobby.sql("SELECT person FROM chat WHERE id = $1", visitor.chat))[0]["person"])


async def test_the_text_of_an_old_chat_is_forgotten_and_its_token_opens_nothing(lobby: Lobby, visitor: Visitor):
    await finished(lobby, visitor)
    lobby.pass_time(LONG_AGO)
    await forgetting(lobby).sweep()
    kept = await everything(lobby)
    assert "quartz" not in kept and "October" not in kept and "www.acme.example/bill" not in kept
    assert problem(await visitor.post("/messages", {"text": "hello"})) == (401, "chat-token-invalid")
    rows = await lobby.sql("SELECT author, text, purged_at FROM chat_message ORDER BY seq")
    assert rows and all(row["text"] == "" and row["purged_at"] for row in rows), "that something was said stays"


async def test_a_recent_chat_is_left_alone(lobby: Lobby, visitor: Visitor):
    await finished(lobby, visitor)
    lobby.pass_time(timedelta(days=89))
    await forgetting(lobby).sweep()
    assert any("quartz" in text for text in await visitor.texts())


async def test_the_policy_says_how_long(lobby: Lobby, visitor: Visitor):
    await finished(lobby, visitor)
    await lobby.sql("UPDATE business SET policy = '{\"chat_days\": 7}'")
    lobby.pass_time(timedelta(days=8))
    await forgetting(lobby).sweep()
    assert "quartz" not in await everything(lobby)


async def test_a_chat_with_an_open_callback_is_not_old(lobby: Lobby, visitor: Visitor):
    await visitor.say("my secret meter reading is quartz and the October bill looks wrong to me")
    await visitor.book()
    lobby.pass_time(LONG_AGO)
    await forgetting(lobby).sweep()
    assert any("quartz" in text for text in await visitor.texts())


async def test_finished_persons_are_forgotten_everywhere_and_consents_stay(lobby: Lobby, visitor: Visitor):
    callback = await finished(lobby, visitor)
    person = await person_of(lobby, visitor)
    lobby.pass_time(LONG_AGO)
    await forgetting(lobby).sweep()
    await lobby.settle()
    (row,) = await lobby.sql("SELECT * FROM person")
    assert (row["name"], row["identity"], row["number"]) == (None, None, None) and row["erased_at"]
    (told,) = lobby.asked_for(ForgetPerson)
    assert told.person == person and told.callbacks == (callback,)
    assert len(await lobby.sql("SELECT 1 FROM consent")) == 1
    lobby.pass_time(timedelta(days=1826))
    await forgetting(lobby).sweep()
    assert not await lobby.sql("SELECT 1 FROM consent")


async def test_a_stop_is_remembered(lobby: Lobby, visitor: Visitor):
    await visitor.say("stop")
    lobby.pass_time(LONG_AGO)
    await forgetting(lobby).sweep()
    (row,) = await lobby.sql("SELECT stopped_at, erased_at FROM person")
    assert row["stopped_at"] and row["erased_at"] is None


async def test_two_processes_may_forget_at_once(lobby: Lobby):
    for _ in range(5):
        await (await lobby.visitor()).say("quartz")
    lobby.pass_time(LONG_AGO)
    await asyncio.gather(*(forgetting(lobby).sweep() for _ in range(3)))
    assert "quartz" not in await everything(lobby)


async def test_a_person_gets_all_that_is_kept_about_them(lobby: Lobby, visitor: Visitor):
    callback = await finished(lobby, visitor)
    other = await lobby.visitor()
    await other.say("somebody else's words, which are nobody's business")
    persons = Persons(lobby.databases.application, lobby.databases.read)
    exported = await persons.export(lobby.business, await person_of(lobby, visitor))
    assert any("quartz" in each["text"] for each in exported["messages"])
    assert [(each["id"], each["rating"]) for each in exported["requests"]] == [(str(callback), None)]
    assert exported["consents"][0]["words"].startswith("Acme Energy may call me")
    assert "somebody else" not in json.dumps(exported)
    with pytest.raises(NotFound):
        await persons.export(lobby.business, PersonId(new_id()))


async def test_a_person_is_erased_on_request_at_once(lobby: Lobby, visitor: Visitor):
    callback = await finished(lobby, visitor)
    person = await person_of(lobby, visitor)
    persons = Persons(lobby.databases.application, lobby.databases.read)
    erased = await persons.erase(lobby.business, person, by="user:admin")
    await lobby.settle()
    assert erased["chats_emptied"] == 1 and erased["callbacks_anonymised"] == 1
    assert erased["consents_kept"] == 1 and erased["consents_kept_until"]
    assert "quartz" not in await everything(lobby)
    assert lobby.asked_for(ForgetPerson)[0].callbacks == (callback,)
    again = await persons.erase(lobby.business, person, by="user:admin")
    assert again["person"] == str(person), "erasing twice changes nothing"


async def test_a_person_with_an_open_callback_is_not_erased_under_it(lobby: Lobby, visitor: Visitor):
    await visitor.book()
    persons = Persons(lobby.databases.application, lobby.databases.read)
    with pytest.raises(Conflict) as refused:
        await persons.erase(lobby.business, await person_of(lobby, visitor), by="user:admin")
    assert refused.value.id == "callback-open"
    assert len(lobby.asked_for(RequestCallback)) == 1


async def test_a_business_cannot_reach_another_ones_person(lobby: Lobby, visitor: Visitor):
    await visitor.say("hello")
    other = BusinessId(await lobby.databases.make_business("other"))
    persons = Persons(lobby.databases.application, lobby.databases.read)
    person = await person_of(lobby, visitor)
    with pytest.raises(NotFound):
        await persons.export(other, person)
    with pytest.raises(NotFound):
        await persons.erase(other, person, by="user:admin")
