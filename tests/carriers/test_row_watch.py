"""A row that fails is its own trouble: whoever is behind it is heard, and the log names it once."""

from __future__ import annotations

import asyncio
from collections.abc import Callable
from functools import partial
from typing import Any

import asyncpg
from structlog.testing import capture_logs

from ringback.domain.ids import BusinessId, CallbackId, LegId, new_id
from ringback.domain.status import Party
from ringback.session_management_server.carriers.browser import BrowserCarrier
from ringback.session_management_server.carriers.environment import CarrierEnvironment
from ringback.session_management_server.carriers.protocol import LegEventKind, LegOrder
from ringback.session_management_server.carriers.row_watch import RowWatch
from tests.carriers.conformance import Heard
from tests.support.databases import Databases
from tests.support.people_on_pages import PageOf
from tests.support.waiting import eventually


def environment(databases: Databases) -> CarrierEnvironment:
    """Where a carrier's rows are."""
    return CarrierEnvironment(database=databases.sessions, dispatcher=databases.dispatcher, hints=databases.hints)


async def test_legs_behind_one_that_this_version_cannot_read_go_on(databases: Databases, business: BusinessId):
    await databases.hear_pages()
    carrier = BrowserCarrier(environment(databases))
    await carrier.start()
    heard = Heard(carrier)
    pages = [PageOf(databases=databases, business=business, subject=new_id()) for _ in range(3)]
    legs = []
    for page in pages:
        leg = LegId(new_id())
        legs.append(leg)
        await page.be_there()
        order = LegOrder(
            business=business, callback=CallbackId(new_id()), leg=leg, party=Party.CUSTOMER, address=str(page.subject),
            peer_name="Kim", peer_detail="Billing",
        )  # fmt: skip
        await carrier.prepare(order)
        await carrier.dial(business, leg, ring_for=20)
    bad, *good = legs
    with capture_logs() as logs:
        async with databases.administrator() as admin:
            await admin.execute("ALTER TABLE browser_leg DROP CONSTRAINT browser_leg_state_check")
            await admin.execute("UPDATE browser_leg SET state = 'of_a_later_version' WHERE id = $1", bad)
        for page, leg in zip(pages, legs, strict=True):
            await page.say(leg, "accept")
        for leg in good:
            await heard.wait(leg, LegEventKind.ANSWERED)
        for page, leg in zip(pages[1:], good, strict=True):
            await page.say(leg, "hang_up")
            await heard.wait(leg, LegEventKind.ENDED)
    assert LegEventKind.ANSWERED not in heard.kinds(bad)
    failed = [each for each in logs if each["event"] == "leg_watch_failed"]
    assert [each["leg"] for each in failed] == [str(bad)], "named once, however often it was looked at"
    assert isinstance(failed[0]["exc_info"], ValueError)
    await heard.stop()
    await carrier.stop()


class Scripted(RowWatch):
    """Watches rows that are only names, each with what reading it raises."""

    def __init__(self, environment: CarrierEnvironment, raises: dict[LegId, Exception]) -> None:
        super().__init__(environment, account="scripted", topics=("scripted",))
        self.raises = raises
        self.told: list[LegId] = []

    async def _choose(self, *, whole: bool) -> set[LegId]:
        return set(self._followed)

    async def _read(self, legs: set[LegId]) -> None:
        for leg in sorted(legs):
            await self._alone(leg, partial(self._follow_up, leg))

    async def _follow_up(self, leg: LegId) -> None:
        if leg in self.raises:
            raise self.raises[leg]
        self.told.append(leg)

    async def _purge(self) -> None:
        """There is nothing to delete."""


async def watched(databases: Databases, error: Exception, enough: Callable[[Scripted, list[Any]], bool]) -> list[Any]:
    """Watch three legs of which the first raises this, until there was enough; return the warnings and errors."""
    legs = sorted(LegId(new_id()) for _ in range(3))
    watch = Scripted(environment(databases), {legs[0]: error})
    for leg in legs:
        watch.follow(BusinessId(new_id()), leg)
    with capture_logs() as logs:
        running = asyncio.create_task(watch.run())

        async def seen() -> bool:
            return enough(watch, logs)

        await eventually(seen)
        running.cancel()
        await asyncio.gather(running, return_exceptions=True)
    return [(each["log_level"], each["event"], each.get("leg") == str(legs[0]), each.get("error")) for each in logs]


async def test_a_row_whose_lock_somebody_holds_holds_up_no_other(databases: Databases):
    logs = await watched(databases, asyncpg.LockNotAvailableError("held"), lambda watch, _: len(watch.told) >= 4)
    assert set(logs) == {("warning", "legs_not_watched", True, "LockNotAvailableError")}


async def test_a_connection_that_broke_ends_the_look_and_the_next_one_comes(databases: Databases):
    def twice(watch: Scripted, logs: list[Any]) -> bool:
        assert watch.told == [], "nothing more is asked of a connection that is gone"
        return len(logs) >= 2

    logs = await watched(databases, ConnectionResetError("gone"), twice)
    assert set(logs) == {("warning", "legs_not_watched", False, "ConnectionResetError")}


async def test_a_row_that_always_fails_is_named_once_and_the_others_are_told_at_every_look(databases: Databases):
    logs = await watched(databases, RuntimeError("always"), lambda watch, _: len(watch.told) >= 4)
    assert logs == [("error", "leg_watch_failed", True, None)]
