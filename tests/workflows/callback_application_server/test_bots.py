"""Bots first, people next: answers in scope, people beyond it, after two failures and on request; an emergency never yields a place in time."""

from __future__ import annotations

import asyncio
import json
from collections.abc import AsyncIterator, Callable
from dataclasses import dataclass, field
from typing import Any

import pytest
import uvicorn
from standardwebhooks import Webhook

from ringback.callback_application_server.workflows.save_bots import (
    BotsItem,
    plan_bots,
    read_bots,
    save_bots,
    written_bots,
)
from ringback.domain.commands import RequestCallback
from ringback.domain.webhooks import new_secret
from ringback.pages.serving import bind
from tests.workflows.callback_application_server.lobby import Lobby, Visitor

QUESTIONS = [
    {"question": "How do I read my meter?", "answer": "Write down the black digits.", "also": ["meter reading"]},
    {"question": "When is my bill due?", "answer": "Fourteen days after its date."},
    {"question": "How can I pay my bill?", "answer": "By card or bank transfer."},
]
FAQ = {"slug": "help", "name": "Acme helper", "kind": "faq", "questions": QUESTIONS}
SECRET = new_secret(b"bots" * 8)
EMERGENCY = {"words": ["gas leak", "smell gas"], "text": "Open the windows, leave, and call 0800 111 999 from outside."}


async def configure(lobby: Lobby, *bots: dict[str, Any], emergency: dict[str, Any] | None = None) -> list[str]:
    """Make the business's bots these; return what became of each that differed."""
    wanted, problems = read_bots({"bots": list(bots), "emergency": emergency})
    async with lobby.databases.application.transaction(lobby.business, name="configure") as tx:
        changes, wrong = await plan_bots(tx, lobby.business, wanted)
        assert problems + wrong == []
        await save_bots(tx, lobby.business, wanted)
        again = await written_bots(tx, lobby.business)
        assert (await plan_bots(tx, lobby.business, read_bots(again)[0]))[0] == ()
    return [f"{each.kind} {each.slug} {each.act}" for each in changes]


async def kinds(visitor: Visitor) -> list[str]:
    """The kinds of the prompts that were shown."""
    return [each["prompt"]["kind"] for each in (await visitor.see())["messages"] if each["prompt"]]


async def test_a_question_of_the_business_is_answered_by_its_bot(lobby: Lobby, visitor: Visitor):
    await configure(lobby, FAQ)
    await visitor.say("Hi, how does one read the meter?")
    said = (await visitor.see())["messages"][-1]
    assert (said["text"], said["author_name"]) == ("Write down the black digits.", "Acme helper")
    await visitor.choose("That helped")
    assert (await visitor.texts())[-1] == "Good. Ask anything else here."
    assert "when" not in await kinds(visitor)


async def test_what_the_bot_does_not_know_brings_people_with_topic_and_transcript(lobby: Lobby, visitor: Visitor):
    await configure(lobby, FAQ)
    await visitor.say("Your technician never came yesterday, for the third time")
    assert (await visitor.prompt())["kind"] == "when"
    await visitor.choose("As soon as possible")
    await visitor.choose((await visitor.prompt())["submit"], consent=True)
    (request,) = lobby.asked_for(RequestCallback)
    assert request.topic == "Your technician never came yesterday, for the third time"


async def test_after_two_answers_beside_the_point_people_take_over(lobby: Lobby, visitor: Visitor):
    await configure(lobby, FAQ)
    await visitor.say("How can I pay a bill?")
    await visitor.choose("Not what I meant")
    assert "other words" in (await visitor.texts())[-1]
    await visitor.say("when is the bill due")
    await visitor.say("no")  # typed: the same as the button
    assert (await visitor.prompt())["kind"] == "when"


async def test_not_sure_it_asks_which_question_is_meant(lobby: Lobby, visitor: Visitor):
    await configure(lobby, FAQ)
    await visitor.say("my bill")
    prompt = await visitor.prompt()
    assert prompt["title"] == "Which of these is it?"
    await visitor.choose("When is my bill due?")
    assert (await visitor.texts())[-1] == "Fourteen days after its date."
    assert (await visitor.prompt())["title"] == "Did that help?"


async def test_who_asks_for_a_person_gets_one_whatever_the_bot_knows(lobby: Lobby, visitor: Visitor):
    await configure(lobby, FAQ)
    await visitor.say("I want to talk to a person about how to read my meter")
    assert (await visitor.prompt())["kind"] == "when"
    again = await lobby.visitor()
    await again.say("How do I read my meter?")
    await again.choose("Ask for a person")
    assert (await again.prompt())["kind"] == "when"


async def test_an_emergency_brings_the_businesss_words_and_a_person_and_never_a_place_in_time(
    lobby: Lobby, visitor: Visitor
):
    await configure(lobby, FAQ, emergency=EMERGENCY)
    await visitor.say("call me tomorrow at 3 pm, I smell  GAS near the meter")
    assert EMERGENCY["text"] in await visitor.texts()
    prompt = await visitor.prompt()
    assert [each["label"] for each in prompt["options"]] == ["As soon as possible", "No thanks, keep chatting"]
    await visitor.say("call me tomorrow at 3 pm then")
    for each in (await visitor.see())["messages"]:
        shown = [] if not each["prompt"] else [option["label"] for option in each["prompt"]["options"]]
        assert not {"Pick a time", "Yes, continue"} & set(shown) and (
            not each["prompt"] or each["prompt"]["days"] == []
        )
    (row,) = await lobby.sql("SELECT flagged_why, emergency_at, priority FROM chat WHERE id = $1", visitor.chat)
    assert (row["flagged_why"], row["priority"], row["emergency_at"] is not None) == ("emergency", 100, True)


async def test_an_emergency_is_heard_with_a_callback_open_and_from_who_said_stop(lobby: Lobby, visitor: Visitor):
    await configure(lobby, emergency=EMERGENCY)
    await visitor.book()
    await visitor.say("now there is a gas leak")
    assert EMERGENCY["text"] in await visitor.texts()
    quiet = await lobby.visitor()
    await quiet.say("STOP")
    await quiet.say("gas leak!")
    assert (await quiet.texts())[-1] == EMERGENCY["text"]
    (row,) = await lobby.sql("SELECT flagged_why FROM chat WHERE id = $1", quiet.chat)
    assert row["flagged_why"] == "emergency"


@dataclass(slots=True, kw_only=True)
class Program:
    """The business's own program behind a bot."""

    secret: str = SECRET
    url: str = ""
    answers: list[Callable[[dict[str, Any]], Any]] = field(default_factory=list)
    asked: list[dict[str, Any]] = field(default_factory=list)

    async def __call__(self, scope: Any, receive: Any, send: Any) -> None:
        body = b""
        while True:
            message = await receive()
            body += message.get("body", b"")
            if not message.get("more_body"):
                break
        headers = {name.decode(): value.decode() for name, value in scope["headers"]}
        self.asked.append(Webhook(self.secret).verify(body, headers))
        answer = self.answers.pop(0)(self.asked[-1])
        raw = answer if isinstance(answer, bytes) else json.dumps(answer).encode()
        await send({"type": "http.response.start", "status": 500 if answer is None else 200, "headers": []})
        await send({"type": "http.response.body", "body": raw})

    @property
    def bot(self) -> dict[str, Any]:
        return {"slug": "orders", "name": "Orders", "kind": "webhook", "default": True, "url": self.url, "secret": self.secret}  # fmt: skip


@pytest.fixture
async def program() -> AsyncIterator[Program]:
    made = Program()
    listener = bind("127.0.0.1", 0, variable="the test")
    made.url = f"http://127.0.0.1:{listener.getsockname()[1]}/bot"
    server = uvicorn.Server(uvicorn.Config(made, lifespan="off", log_config=None))
    task = asyncio.create_task(server.serve(sockets=[listener]))
    yield made
    server.should_exit = True
    await task


async def test_the_businesss_own_program_answers_and_hands_over(lobby: Lobby, visitor: Visitor, program: Program):
    await configure(lobby, program.bot)
    program.answers = [
        lambda _: {"within_abilities": True, "text": "Order 7 is on its way."},
        lambda _: {"within_abilities": False, "text": "That is for my colleagues.", "topic": "Order 7 is broken"},
    ]
    await visitor.say("What about order 7")
    assert (await visitor.texts())[-1] == "Order 7 is on its way."
    await visitor.say("it arrived in pieces")
    assert "That is for my colleagues." in await visitor.texts()
    assert (await visitor.prompt())["kind"] == "when"
    (row,) = await lobby.sql("SELECT topic FROM chat WHERE id = $1", visitor.chat)
    assert row["topic"] == "Order 7 is broken"
    second = program.asked[1]["data"]
    assert [each["from"] for each in second["transcript"]] == ["customer", "assistant", "customer"]
    assert second["transcript"][-1]["text"] == "it arrived in pieces"


@pytest.mark.parametrize(
    "broken", [lambda _: None, lambda _: b"not json", lambda _: {"text": "no word of abilities"}, lambda _: b'"' + b"x" * 40_000 + b'"']
)  # fmt: skip
async def test_a_program_that_fails_twice_costs_nobody_their_callback(
    lobby: Lobby, visitor: Visitor, program: Program, broken: Callable[[dict[str, Any]], Any]
):
    await configure(lobby, program.bot)
    program.answers = [broken, broken]
    await visitor.say("what about order 7")
    assert "other words" in (await visitor.texts())[-1]
    await visitor.say("order number seven, please")
    assert (await visitor.prompt())["kind"] == "when"


async def test_configuring_twice_changes_nothing_and_bots_that_are_not_named_go(lobby: Lobby, visitor: Visitor):
    assert await configure(lobby, FAQ, emergency=EMERGENCY) == ["bot help created", "emergency words created"]
    assert await configure(lobby, FAQ, emergency=EMERGENCY) == []
    fewer = FAQ | {"questions": QUESTIONS[:2]}
    assert await configure(lobby, fewer, emergency=EMERGENCY) == ["bot help changed"]
    await visitor.say("How can I pay my bill?")
    assert "By card or bank transfer." not in await visitor.texts()
    assert await configure(lobby) == ["bot help retired", "emergency words retired"]


@pytest.mark.parametrize(
    ("bot", "path"),
    [
        ({**FAQ, "slug": "No Good"}, "bots[0].slug"),
        ({**FAQ, "kind": "oracle"}, "bots[0].kind"),
        ({**FAQ, "questions": []}, "bots[0].questions"),
        ({**FAQ, "questions": [{"question": "Why?"}]}, "bots[0].questions[0]"),
        ({**FAQ, "questions": [{"question": "Why?", "answer": " "}]}, "bots[0].questions[0].answer"),
        ({**FAQ, "url": "https://a.example"}, "bots[0].url"),
        ({**FAQ, "mood": "good"}, "bots[0].mood"),
        ({"slug": "x", "name": "X", "kind": "webhook", "url": "ftp://a.example", "secret": SECRET}, "bots[0].url"),
        ({"slug": "x", "name": "X", "kind": "webhook", "url": "https://a.example", "secret": "short"}, "bots[0].secret"),
    ],
)  # fmt: skip
def test_a_document_that_is_wrong_is_refused_with_its_path(bot: dict[str, Any], path: str):
    _, problems = read_bots({"bots": [bot, FAQ]})
    assert problems[0].path == path and problems[0].detail


def test_everything_that_is_wrong_is_said_at_once():
    twice = FAQ | {"default": True}
    _, problems = read_bots({"bots": [twice, twice, {}], "emergency": {"words": ["!"], "text": "Run"}})
    assert [each.path for each in problems] == ["bots[1].slug", "bots[1].default", "bots[2].slug", "emergency.words"]
    assert read_bots({}) == (BotsItem(), [])
