"""From a chat to two people talking."""

from __future__ import annotations

import pytest

from tests.journeys.conftest import Stage

pytestmark = pytest.mark.journey


async def test_as_soon_as_possible_with_a_department_until_both_hear_each_other(stage: Stage) -> None:
    stage.opens_business()
    kim = await stage.agent("kim")
    dana = await stage.customer()
    await dana.asks_for_a_call_now()
    await dana.sees("Booked: a call by")
    await kim.sees("My bill is wrong")
    await kim.accepts()
    await dana.sees("Kim Osei is calling you")
    await dana.answers()
    await dana.sees("You are talking to Kim Osei")
    await dana.hears("kim")
    await kim.hears_the_customer()
    await dana.button("Hang up").click()
    await kim.sees("Wrap-up")
    await kim.finishes("Solved")
    await dana.sees("We spoke at")
    await kim.sees("Nothing is ringing")


async def test_the_agent_who_was_asked_for_by_name_is_the_one_who_calls(stage: Stage) -> None:
    stage.opens_business()
    kim = await stage.agent("kim")
    amir = await stage.agent("amir")
    dana = await stage.customer()
    await dana.opens_the_chat()
    await dana.says("Can Amir call me as soon as possible?")
    await dana.confirms()
    await dana.sees("Booked: a call by")
    await amir.accepts()
    await dana.answers()
    await dana.hears("amir")
    await amir.hears_the_customer()
    await kim.sees("Nothing is ringing")
