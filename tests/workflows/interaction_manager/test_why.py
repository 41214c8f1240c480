"""`why` from a real database: the whole life of a callback, and a request that was refused."""

from __future__ import annotations

from uuid import uuid4

import pytest

from ringback.domain.commands import PerformCallback
from ringback.domain.errors import NotFound
from ringback.domain.events import CallbackRefused
from ringback.domain.ids import CallbackId
from ringback.domain.reports import Sentence
from ringback.domain.status import Outcome
from ringback.interaction_manager.why import sentences_of
from tests.workflows.interaction_manager.desk import ask, request
from tests.workflows.interaction_manager.floor import NEVER, Floor


async def told(floor: Floor, callback: CallbackId) -> list[Sentence]:
    async with floor.databases.read.transaction(floor.business, name="why") as tx:
        return await sentences_of(tx, floor.business, callback)


async def test_a_callback_that_was_tried_twice_is_told_from_asking_to_talking(floor: Floor) -> None:
    billing = await floor.queue(policy={"wrap_up": 0, "retry": {"no_answer": 0.5}})
    await floor.agent("kim", billing)
    callback = await floor.book()
    await floor.settle()
    perform = floor.last(PerformCallback)
    await floor.agent_rings(perform)
    await floor.agent_accepts(perform)
    await floor.ends(perform, Outcome.NO_ANSWER, may_have_rung=True)
    await floor.sql("UPDATE callback SET ready_at = now(), window_start = now()")
    await floor.sql("UPDATE promise SET window_start = now() WHERE result = 'open'")
    await floor.sql("UPDATE due SET due_at = now() WHERE kind = 'work'")
    await floor.settle()
    await floor.talk(floor.last(PerformCallback))
    found = await told(floor, callback)
    topics = [each.topic for each in found]
    assert topics[:3] == ["asked", "admission", "promise"]
    assert topics.count("agent") == 2
    assert topics.count("promise") == topics.count("result") == 2
    assert found == sorted(found, key=lambda each: each.at)
    chosen = next(each for each in found if each.topic == "agent")
    assert chosen.text == "Chosen: Kim: The only one free who can take it."
    assert found[-1].text == "They talked."
    text = " ".join([each.text for each in found] + [reason for each in found for reason in each.because])
    assert "The promise by" in text
    assert "Another try was decided: Nobody answered: try 2" in text
    assert "+44" not in text


async def test_a_refusal_is_told_too(floor: Floor) -> None:
    await floor.queue(hours=NEVER)
    wanted = request()
    assert isinstance(await ask(floor, wanted), CallbackRefused)
    asked, refused = await told(floor, wanted.callback)
    assert (asked.topic, refused.topic) == ("asked", "admission")
    assert refused.text.startswith("It was refused: Billing is closed")


async def test_what_nobody_asked_for_is_not_found(floor: Floor) -> None:
    with pytest.raises(NotFound):
        await told(floor, CallbackId(uuid4()))
