"""A callback from browser to browser, with two people at their pages."""

from __future__ import annotations

from collections.abc import AsyncIterator
from typing import Any

import pytest

from ringback.domain import commands, events
from ringback.domain.destinations import Destination, DestinationKind
from ringback.domain.ids import AgentId, BusinessId, new_id
from ringback.domain.status import Outcome, Party
from ringback.session_management_server.carriers.environment import CarrierEnvironment
from ringback.session_management_server.carriers.registry import open_carriers
from tests.support.databases import Databases
from tests.support.people_on_pages import PageOf
from tests.support.sessions import Directed, Sessions, sessions_over


@pytest.fixture
async def sessions(databases: Databases) -> AsyncIterator[Sessions]:
    environment = CarrierEnvironment(
        database=databases.sessions, dispatcher=databases.dispatcher, hints=databases.hints
    )
    async with sessions_over(databases, open_carriers(["browser"], environment)) as it:
        it.start()
        yield it


@pytest.fixture
async def kim(databases: Databases, business: BusinessId) -> PageOf:
    page = PageOf(databases=databases, business=business, subject=new_id())
    await page.be_there()
    return page


@pytest.fixture
async def dana(databases: Databases, business: BusinessId) -> PageOf:
    page = PageOf(databases=databases, business=business, subject=new_id())
    await page.be_there()
    return page


async def direct(sessions: Sessions, kim: PageOf, dana: PageOf, **options: Any) -> Directed:
    return await sessions.direct(
        kim.business,
        carrier="browser",
        agent=AgentId(kim.subject),
        customer=Destination(kind=DestinationKind.BROWSER, address=str(dana.subject)),
        **options,
    )


async def test_they_talk_and_the_customer_hangs_up(sessions: Sessions, kim: PageOf, dana: PageOf):
    directed = await direct(sessions, kim, dana)
    agent_leg = await kim.rings()
    assert await dana.shown() == [], "the customer is not rung before the agent accepts"
    await kim.say(agent_leg, "accept")
    customer_leg = await dana.rings()
    await dana.say(customer_leg, "accept")
    joined = await sessions.wait_for(directed, events.Joined)
    answered = await sessions.wait_for(directed, events.CustomerAnswered)
    assert (joined.at - answered.at).total_seconds() < 1
    assert {state for _, state, _ in [*await kim.shown(), *await dana.shown()]} == {"joined"}
    await dana.say(customer_leg, "hang_up")
    ended = await sessions.ended(directed)
    assert (ended.outcome, ended.ended_by) == (Outcome.TALKED, Party.CUSTOMER)
    assert [*await kim.shown(), *await dana.shown()] == []


async def test_an_agent_who_declines_says_why(sessions: Sessions, kim: PageOf, dana: PageOf):
    directed = await direct(sessions, kim, dana)
    await kim.say(await kim.rings(), "decline", "in a meeting")
    needed = await sessions.wait_for(directed, events.AgentNeeded)
    assert (needed.why, needed.reason) == ("declined", "in a meeting")


async def test_an_agent_without_a_page_is_unreachable(
    sessions: Sessions, kim: PageOf, dana: PageOf, databases: Databases
):
    await kim.be_gone()
    directed = await direct(sessions, kim, dana)
    assert (await sessions.wait_for(directed, events.AgentNeeded)).why == "unreachable"


async def test_a_customer_without_a_page_is_absent(sessions: Sessions, kim: PageOf, dana: PageOf):
    await dana.be_gone()
    directed = await direct(sessions, kim, dana)
    await kim.say(await kim.rings(), "accept")
    ended = await sessions.ended(directed)
    assert (ended.outcome, ended.may_have_rung) == (Outcome.CUSTOMER_ABSENT, False)
    assert await kim.shown() == []


async def test_nobody_accepts_in_time(sessions: Sessions, kim: PageOf, dana: PageOf):
    directed = await direct(sessions, kim, dana, agent_ring=0.5)
    await kim.rings()
    assert (await sessions.wait_for(directed, events.AgentNeeded)).why == "no_answer"


async def test_cancelled_while_the_customer_s_page_rings(sessions: Sessions, kim: PageOf, dana: PageOf):
    directed = await direct(sessions, kim, dana)
    await kim.say(await kim.rings(), "accept")
    leg = await dana.rings()
    await sessions.cancel(directed)
    ended = await sessions.ended(directed)
    assert ended.outcome is Outcome.WITHDRAWN
    await dana.say(leg, "accept")
    assert [*await kim.shown(), *await dana.shown()] == []


async def test_the_wrong_person_answers(sessions: Sessions, kim: PageOf, dana: PageOf):
    directed = await direct(sessions, kim, dana)
    await kim.say(await kim.rings(), "accept")
    await dana.say(await dana.rings(), "accept")
    await sessions.wait_for(directed, events.Joined)
    mark = commands.MarkCustomer(
        callback=directed.callback, attempt=directed.attempt, agent=directed.agent, found="wrong_person"
    )
    await sessions.tell(directed, mark)
    assert (await sessions.ended(directed)).outcome is Outcome.WRONG_PERSON
