"""Messages of a chat sent again in any order and at once, with the same key or another: each key is said once, with its first words."""

from __future__ import annotations

import asyncio
from collections import defaultdict
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from uuid import UUID, uuid4

import httpx
from hypothesis import given
from hypothesis import strategies as st

from ringback.pages.limits import RateLimit
from tests.support.databases import Databases
from tests.support.examples import Examples, bounded
from tests.workflows.callback_application_server.lobby import Lobby
from tests.workflows.callback_application_server.test_bad_input import problem

WORDS = ("hello", "is anybody there?")
# Rounds one after another, the messages of a round at once: which of two chats, which key, which words.
MESSAGE = st.tuples(st.integers(0, 1), st.integers(0, 2), st.sampled_from(WORDS))
ROUNDS = st.lists(st.lists(MESSAGE, min_size=1, max_size=6), min_size=1, max_size=4)


@asynccontextmanager
async def open_lobby(databases: Databases) -> AsyncIterator[Lobby]:
    """A lobby for all examples, in which nobody answers."""
    async with Lobby(databases, await databases.make_business(), phones=False).open() as lobby:
        lobby.edge.start_reply = lambda key, seq: None
        lobby.edge.chats_of_address = RateLimit(burst=1000, per_second=1000)
        yield lobby


@bounded(6)
@given(rounds=ROUNDS)
def test_each_key_of_a_chat_is_said_once_and_stands_for_its_first_words(
    examples: Examples, rounds: list[list[tuple[int, int, str]]]
):
    examples.run(says(examples.open(open_lobby), rounds))


async def says(lobby: Lobby, rounds: list[list[tuple[int, int, str]]]) -> None:
    chats = [await lobby.visitor(), await lobby.visitor()]
    keys = [uuid4() for _ in range(3)]  # the same for both chats: a key is scoped to its chat
    answers: dict[tuple[int, UUID], list[tuple[str, httpx.Response]]] = defaultdict(list)

    async def send(chat: int, key: UUID, words: str) -> None:
        answers[chat, key].append((words, await chats[chat].post("/messages", {"text": words}, key=key)))

    for together in rounds:
        await asyncio.gather(*(send(chat, keys[key], words) for chat, key, words in together))
    expected: list[dict[str, str]] = [{}, {}]
    for (chat, key), of_key in answers.items():
        taken = [(words, answer) for words, answer in of_key if answer.is_success]
        assert len({words for words, _ in taken}) == 1, "a key stands for its first words"
        assert len({answer.text for _, answer in taken}) == 1, "and those have one answer"
        refused = [(words, problem(answer)) for words, answer in of_key if not answer.is_success]
        assert {reason for _, reason in refused} <= {(422, "idempotency-key-reused")}
        expected[chat][str(key)] = taken[0][0]
        assert taken[0][0] not in {words for words, _ in refused}
    for chat, visitor in enumerate(chats):
        messages = (await visitor.see())["messages"]
        assert {each["key"]: each["text"] for each in messages} == expected[chat]
        assert len(messages) == len(expected[chat])
