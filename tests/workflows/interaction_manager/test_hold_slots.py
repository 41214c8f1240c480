"""Kept places, against a real database: what a chat has picked is there when it says yes, and holds take no slot away from everybody."""

import asyncio
from datetime import timedelta

from ringback.domain.events import CallbackAccepted, CallbackRefused
from ringback.domain.ids import ChatId, new_id
from ringback.domain.offers import Held, HoldQuery, OffersQuery
from ringback.domain.times import When, WhenKind
from ringback.interaction_manager.offers import LocalOffers
from tests.workflows.interaction_manager.desk import ask, ask_at_once, next_slot, request, slot_when
from tests.workflows.interaction_manager.floor import Floor

POLICY = {"slot_length": 1800, "callbacks_share": 1.0, "shrinkage": 0.0, "refuse_above": 1.0, "prior_handling": 600}


def wish(floor: Floor, when: When | None, *, chat: ChatId | None = None, provider="biz:acme/q:billing", **more):
    return HoldQuery(business=floor.business, chat=chat or ChatId(new_id()), provider=provider, when=when, **more)


async def crowd_of(floor: Floor, when: When, count: int) -> list[CallbackAccepted | CallbackRefused]:
    return [await ask(floor, request(when=when)) for _ in range(count)]


async def holds(floor: Floor) -> list:
    return list(await floor.sql("SELECT * FROM slot_hold WHERE until > now() ORDER BY until"))


async def test_what_was_kept_is_booked_when_everything_else_is_gone(floor: Floor):
    await floor.agent("kim", await floor.queue(policy=POLICY))
    local, when = LocalOffers(floor.databases.interactions), slot_when(next_slot(await floor.now(), ahead=14))
    held = wish(floor, when)
    kept = await local.hold(held)
    assert kept is not None and kept.window.start == when.start
    assert timedelta(seconds=170) < kept.until - await floor.now() <= timedelta(seconds=180)
    await crowd_of(floor, when, 3)
    yes = await ask(floor, request(when=when, chat=held.chat))
    assert isinstance(yes, CallbackAccepted), yes
    (slot,) = await floor.sql("SELECT booked, capacity FROM slot")
    assert (slot["booked"], slot["capacity"]) == (2, 2) and await holds(floor) == []


async def test_a_kept_place_is_booked_even_if_the_agents_who_were_counted_on_are_gone(floor: Floor):
    queue = await floor.queue(policy=POLICY)
    kim, lee = await floor.agent("kim", queue), await floor.agent("lee", queue)
    local, when = LocalOffers(floor.databases.interactions), slot_when(next_slot(await floor.now(), ahead=14))
    held = wish(floor, when)
    assert await local.hold(held) is not None
    no_shifts = '{"week": {}}'
    await floor.sql("UPDATE agent SET shifts = $1::jsonb WHERE id = ANY ($2)", no_shifts, [kim, lee])
    assert isinstance(await ask(floor, request(when=when)), CallbackRefused)
    assert isinstance(await ask(floor, request(when=when, chat=held.chat)), CallbackAccepted)
    (slot,) = await floor.sql("SELECT booked, capacity FROM slot")
    assert (slot["booked"], slot["capacity"]) == (1, 0), "the shortfall is visible"


async def test_a_hold_is_over_by_time_alone(floor: Floor):
    await floor.agent("kim", await floor.queue(policy=POLICY | {"prior_handling": 1700}))
    local, when = LocalOffers(floor.databases.interactions), slot_when(next_slot(await floor.now(), ahead=14))
    held = wish(floor, when)
    assert await local.hold(held) is not None
    assert isinstance(await ask(floor, request(when=when)), CallbackRefused)
    floor.databases.interactions.shift(timedelta(seconds=181))
    assert isinstance(await ask(floor, request(when=when)), CallbackAccepted)
    late = await ask(floor, request(when=when, chat=held.chat))
    assert isinstance(late, CallbackRefused) and late.id == "slot-taken"
    floor.databases.interactions.shift(timedelta(seconds=-181))


async def test_a_chat_has_one_place_and_asking_again_makes_it_last_no_longer(floor: Floor):
    await floor.agent("kim", await floor.queue(policy=POLICY))
    local, now = LocalOffers(floor.databases.interactions), await floor.now()
    first, second = slot_when(next_slot(now, ahead=14)), slot_when(next_slot(now, ahead=16))
    mine = ChatId(new_id())
    kept = await local.hold(wish(floor, first, chat=mine))
    assert kept is not None
    assert await local.hold(wish(floor, first, chat=mine)) == kept
    other = await local.hold(wish(floor, second, chat=mine))
    assert other is not None and other.window.start == second.start
    assert [row["starts_at"] for row in await holds(floor)] == [second.start]
    assert await local.hold(wish(floor, None, chat=mine)) is None and await holds(floor) == []


async def test_by_message_a_place_is_kept_longer(floor: Floor):
    await floor.agent("kim", await floor.queue(policy=POLICY))
    local, when = LocalOffers(floor.databases.interactions), slot_when(next_slot(await floor.now(), ahead=14))
    kept = await local.hold(wish(floor, when, by_message=True))
    assert kept is not None and kept.until - await floor.now() > timedelta(seconds=590)


async def test_holds_alone_cannot_take_a_slot_from_those_who_book(floor: Floor):
    queue = await floor.queue(policy=POLICY)
    for name in ("kim", "lee", "ana", "bo"):
        await floor.agent(name, queue)
    local, when = LocalOffers(floor.databases.interactions), slot_when(next_slot(await floor.now(), ahead=14))
    kept = await asyncio.gather(*(local.hold(wish(floor, when)) for _ in range(64)))
    assert sum(isinstance(each, Held) for each in kept) == 4, "half of the eight places"
    answers = await crowd_of(floor, when, 6)
    assert sum(isinstance(each, CallbackAccepted) for each in answers) == 4


async def test_a_queue_keeps_only_so_many_places_at_once_over_all_its_slots(floor: Floor):
    queue = await floor.queue(policy=POLICY | {"holds_per_agent": 3})
    for name in ("kim", "lee"):
        await floor.agent(name, queue)
    local, now = LocalOffers(floor.databases.interactions), await floor.now()
    wishes = [wish(floor, slot_when(next_slot(now, ahead=14 + n))) for n in range(20)]
    kept = await asyncio.gather(*(local.hold(each) for each in wishes))
    assert sum(isinstance(each, Held) for each in kept) == 6


async def test_holds_and_bookings_at_once_from_two_processes_overbook_nothing(floor: Floor):
    queue = await floor.queue(policy=POLICY | {"hold_share": 1, "holds_per_agent": 50})
    agents = [await floor.agent(name, queue) for name in ("kim", "lee", "ana")]
    desks = [LocalOffers(floor.databases.interactions), LocalOffers(floor.databases.interactions)]
    when = slot_when(next_slot(await floor.now(), ahead=14))
    wishes = [wish(floor, when) for _ in range(32)]
    booking = ask_at_once(floor.databases, floor.business, [request(when=when) for _ in range(8)])
    kept, _ = await asyncio.gather(asyncio.gather(*(desks[n % 2].hold(each) for n, each in enumerate(wishes))), booking)
    (slot,) = await floor.sql("SELECT booked FROM slot") or [{"booked": 0}]
    held = sum(isinstance(each, Held) for each in kept)
    assert held == len(await holds(floor)) and held + slot["booked"] == 2 * len(agents)
    for each, got in zip(wishes, kept, strict=True):
        answer = await ask(floor, request(when=when, chat=each.chat))
        assert isinstance(answer, CallbackAccepted) == isinstance(got, Held)


async def test_what_cannot_be_booked_is_not_kept_and_nobody_else_is_disturbed(floor: Floor):
    queue = await floor.queue(policy=POLICY)
    await floor.agent("kim", queue)
    local, now = LocalOffers(floor.databases.interactions), await floor.now()
    good = slot_when(next_slot(now, ahead=14))
    wishes = [
        wish(floor, good),
        wish(floor, slot_when(next_slot(now, ahead=-14))),
        wish(floor, good, provider="biz:acme/q:nothing"),
        wish(floor, good, provider="not an address"),
        wish(floor, When(kind=WhenKind.SLOT, zone="Europe/Atlantis", start=good.start, end=good.end)),
        wish(floor, When(kind=WhenKind.ASAP, zone="Europe/London")),
    ]
    kept = await asyncio.gather(*(local.hold(each) for each in wishes))
    assert [isinstance(each, Held) for each in kept] == [True] + [False] * 5


async def test_what_is_kept_for_others_is_offered_to_nobody_else(floor: Floor):
    await floor.agent("kim", await floor.queue(policy=POLICY | {"prior_handling": 1700}))
    local, when = LocalOffers(floor.databases.interactions), slot_when(next_slot(await floor.now(), ahead=14))
    held = wish(floor, when)
    assert await local.hold(held) is not None

    async def offered(chat: ChatId | None) -> bool:
        query = OffersQuery(
            business=floor.business, provider="biz:acme/q:billing", zone="Europe/London", when=when, chat=chat
        )
        return (await local.offers(query)).requested is not None

    assert not await offered(None) and not await offered(ChatId(new_id())) and await offered(held.chat)
