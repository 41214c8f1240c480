"""Offers from a real database, in the process and over the internal HTTP: the same answer."""

import asyncio
import contextlib
import socket

import pytest
import uvicorn
from litestar import Litestar
from litestar.testing import AsyncTestClient

from ringback.domain.errors import Invalid, NotFound
from ringback.domain.events import CallbackAccepted, CallbackRefused
from ringback.domain.ids import ChatId, PersonId, new_id
from ringback.domain.offers import HoldQuery, OffersQuery
from ringback.domain.times import When, WhenKind
from ringback.interaction_manager.app import internal_routes
from ringback.interaction_manager.offers import HttpOffers, LocalOffers, OffersUnavailable
from tests.workflows.interaction_manager.desk import ask as request_answer
from tests.workflows.interaction_manager.desk import request, slot_when
from tests.workflows.interaction_manager.floor import NEVER, Floor

SECRET = "between servers"


def ask(floor: Floor, provider="biz:acme/q:billing", **changes) -> OffersQuery:
    return OffersQuery(**({"business": floor.business, "provider": provider, "zone": "Europe/London"} | changes))


@contextlib.asynccontextmanager
async def served(offers):
    """The internal HTTP on a free port of this machine."""
    with socket.socket() as listener:
        listener.bind(("127.0.0.1", 0))
        server = uvicorn.Server(
            uvicorn.Config(Litestar([internal_routes(offers, secret=SECRET)]), log_level="error", lifespan="off")
        )
        serving = asyncio.create_task(server.serve(sockets=[listener]))
        while not server.started:
            await asyncio.sleep(0.01)
        try:
            yield f"http://127.0.0.1:{listener.getsockname()[1]}"
        finally:
            server.should_exit = True
            await serving


async def test_what_was_booked_shows_in_the_next_answer(floor: Floor):
    queue = await floor.queue()
    await floor.agent("kim", queue)
    local = LocalOffers(floor.databases.interactions)
    before = await local.offers(ask(floor))
    assert before.asap is not None and before.asap.place == 1 and before.queues[0].free_now
    person = new_id()
    callback = await floor.book(person=person)
    await floor.book()
    after = await local.offers(ask(floor, person=PersonId(person)))
    assert after.asap is not None and after.asap.place == 3 and after.asap.line == 3
    assert after.asap.estimate.p50 > before.asap.estimate.p50
    assert after.open_callback == callback and "one-is-open" in [each.id for each in after.refusals]


async def test_settings_that_change_are_seen_at_once(floor: Floor):
    queue = await floor.queue()
    await floor.agent("kim", queue)
    local = LocalOffers(floor.databases.interactions)
    assert (await local.offers(ask(floor))).asap is not None
    await floor.sql("UPDATE queue SET offering = false WHERE id = $1", queue)
    stopped = await local.offers(ask(floor))
    assert stopped.asap is None and stopped.refusals[0].id == "offering-stopped"
    await floor.sql("UPDATE agent_state SET state = 'offline'")
    await floor.sql("UPDATE queue SET offering = true WHERE id = $1", queue)
    assert [each.id for each in (await local.offers(ask(floor))).refusals] == ["no-staff"]


async def test_another_process_gets_the_same_answer_over_http(floor: Floor):
    queue = await floor.queue()
    await floor.agent("kim", queue)
    shut = await floor.queue("support", hours=NEVER)
    await floor.agent("lee", shut)
    local = LocalOffers(floor.databases.interactions)
    async with served(local) as url:
        client = HttpOffers(url, secret=SECRET)
        here, there = await local.offers(ask(floor)), await client.offers(ask(floor))
        assert [day.slots[0].window for day in there.days[1:]] == [day.slots[0].window for day in here.days[1:]]
        assert there.asap is not None and there.queues[0].slug == here.queues[0].slug
        kept = HoldQuery(
            business=floor.business,
            chat=ChatId(new_id()),
            provider="biz:acme/q:billing",
            when=slot_when(here.days[2].slots[0].window.start, 1800),
        )
        assert await client.hold(kept) == await local.hold(kept) is not None
        closed = await client.offers(ask(floor, "biz:acme/q:support"))
        assert closed.asap is None and closed.refusals[0].id == "closed"
        with pytest.raises(NotFound) as unknown:
            await client.offers(ask(floor, "biz:acme/q:nothing"))
        assert unknown.value.id == "unknown-provider"
        with pytest.raises(Invalid) as wrong:
            await client.offers(ask(floor, when=When(kind=WhenKind.ASAP, zone="Europe/Atlantis")))
        assert wrong.value.id == "time-invalid"
        await client.close()
        stranger = HttpOffers(url, secret="guessed")
        with pytest.raises(OffersUnavailable):
            await stranger.offers(ask(floor))
        await stranger.close()
    gone = HttpOffers(url, secret=SECRET)
    with pytest.raises(OffersUnavailable):
        await gone.offers(ask(floor))
    await gone.close()


async def test_a_malformed_question_is_refused_without_reading_the_database(floor: Floor):
    class Never:
        async def offers(self, query):
            raise AssertionError("not asked")

        async def hold(self, query):
            raise AssertionError("not asked")

    app = Litestar([internal_routes(Never(), secret=SECRET)])
    async with AsyncTestClient(app) as client:
        bearer = {"Authorization": f"Bearer {SECRET}"}
        assert (await client.post("/internal/v1/offers", content=b"{", headers=bearer)).status_code == 400
        assert (await client.post("/internal/v1/offers", content=b"{}", headers=bearer)).status_code == 400
        assert (await client.post("/internal/v1/offers", content=b"{}")).status_code == 401
        assert (await client.post("/internal/v1/offers", content=b"x" * 20_000, headers=bearer)).status_code == 413


async def test_a_slot_a_few_seconds_ahead_that_is_offered_can_be_booked(floor: Floor):
    """What journeys rest on: timers shortened by the business's policy, not by faking time."""
    short = {
        "slot_length": 4,
        "hold_before": 2,
        "agent_ring": 3,
        "customer_ring": 3,
        "prior_handling": 2,
        "instant_width": 8,
    }
    queue = await floor.queue(policy=short | {"calling_hours": {"start": "00:00", "end": "23:59:59"}})
    await floor.agent("kim", queue)
    local = LocalOffers(floor.databases.interactions)
    offered = await local.offers(ask(floor))
    first = [each.window for day in offered.days for each in day.slots][1]
    yes = await request_answer(floor, request(when=slot_when(first.start, 4)))
    assert isinstance(yes, CallbackAccepted) and yes.promise.window == first
    late = await request_answer(floor, request(when=slot_when(first.start, 4)))
    assert isinstance(late, CallbackRefused) and late.id == "slot-taken"
