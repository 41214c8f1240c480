"""A real Asterisk queue with SIPp's callers and agents feeds the live status, and who is answered there is not called."""

from __future__ import annotations

import asyncio
import contextlib
import io
from collections.abc import AsyncIterator, Callable, Coroutine
from datetime import timedelta
from pathlib import Path
from typing import Any

import pytest
import structlog

from ringback.domain.commands import PerformCallback
from ringback.domain.events import CallbackFinished
from ringback.domain.ids import CallbackId, new_id
from ringback.domain.offers import AsapOffer, OffersQuery
from ringback.domain.outside import OutsideAgent, OutsideAgentState, OutsideSnapshot
from ringback.interaction_manager.app_queue.ami import AmiClient, AmiError
from ringback.interaction_manager.app_queue.configuration import AppQueues
from ringback.interaction_manager.app_queue.connector import QueueConnector
from ringback.interaction_manager.offers import LocalOffers
from ringback.interaction_manager.rules.app_queue import Plan
from ringback.interaction_manager.workflows.report_outside import take_snapshot
from tests.support.asterisk import SECRET, Asterisk, real_queue
from tests.support.waiting import PATIENCE
from tests.workflows.interaction_manager.floor import Floor

pytestmark = [pytest.mark.asterisk, pytest.mark.xdist_group("asterisk-queue")]

NUMBER = "+442079460123"
POLICY = {"outside_trusts_caller_id": True, "withdrawn_after_talk": 2, "prior_handling": 180}


async def until(what: Callable[[], Coroutine[Any, Any, Any]], wanted: Callable[[Any], Any] = bool) -> Any:
    """Look again and again until it is as wanted."""
    async with asyncio.timeout(PATIENCE):
        while not wanted(found := await what()):
            await asyncio.sleep(0.05)
        return found


@contextlib.asynccontextmanager
async def followed(floor: Floor, asterisk: Asterisk) -> AsyncIterator[None]:
    """Follow the queue, and let the interaction manager work, while the block runs."""
    async with contextlib.AsyncExitStack() as stack:
        for work in (connector(floor, asterisk).run(), floor.manager.run()):
            task = asyncio.create_task(work)
            stack.push_async_callback(_stopped, task)
        await until(lambda: sources(floor))
        yield


async def _stopped(task: asyncio.Task[None]) -> None:
    task.cancel()
    with contextlib.suppress(asyncio.CancelledError):
        await task


def connector(floor: Floor, asterisk: Asterisk) -> QueueConnector:
    queues = AppQueues(
        business="acme", source="pbx", address=asterisk.address, plan=Plan(queues={"support": "billing"}, region="GB")
    )
    return QueueConnector(
        queues,
        database=floor.databases.interactions,
        dispatcher=floor.databases.dispatcher,
        process=new_id(),
        lease=1.0,
    )


async def sources(floor: Floor) -> Any:
    return await floor.sql("SELECT * FROM outside_source WHERE slug = 'pbx' AND snapshot_at IS NOT NULL")


async def interactions(floor: Floor) -> list[str]:
    rows = await floor.sql(
        "SELECT coalesce(ended_why, state) AS stands FROM outside_interaction ORDER BY arrived_at, ref"
    )
    return [row["stands"] for row in rows]


async def agents(floor: Floor) -> dict[str, str]:
    rows = await floor.sql("SELECT a.slug, o.state FROM outside_agent o JOIN agent a ON a.id = o.agent")
    return {row["slug"]: row["state"] for row in rows}


async def asap(floor: Floor) -> AsapOffer:
    found = await LocalOffers(floor.databases.interactions).offers(
        OffersQuery(business=floor.business, provider="biz:acme/q:billing", zone="Europe/London")
    )
    assert found.asap is not None, found.refusals
    return found.asap


async def pause(asterisk: Asterisk, agent: str, *, paused: bool) -> None:
    async with AmiClient(asterisk.address) as ami:
        await ami.action(
            "QueuePause", Queue="support", Interface=f"PJSIP/{agent}", Paused="true" if paused else "false"
        )


async def hang_up(asterisk: Asterisk, number: str) -> None:
    """Let a caller give up, whenever the test is ready for it."""
    async with AmiClient(asterisk.address) as ami:
        channels = await ami.listed("CoreShowChannels")
        (channel,) = (each["Channel"] for each in channels if each["CallerIDNum"] == number)
        await ami.action("Hangup", Channel=channel)


async def waiting_callback(floor: Floor) -> CallbackId:
    """Book for the number that will call; the one who is on duty is busy elsewhere."""
    await floor.agent("lee", (await floor.sql("SELECT id FROM queue"))[0]["id"])
    async with floor.databases.interactions.transaction(floor.business, name="busy") as tx:
        busy = OutsideAgent(agent="lee", state=OutsideAgentState.BUSY, since=tx.now)
        await take_snapshot(
            tx, floor.business, "elsewhere", OutsideSnapshot(seq=0, at=tx.now, queues=(), agents=(busy,))
        )
    callback = await floor.book(number=NUMBER)
    await floor.sql("UPDATE callback SET proved = true, topic = 'October bill' WHERE id = $1", callback)
    return callback


async def test_the_estimate_moves_with_who_arrives_is_answered_and_hangs_up(floor: Floor, folder: Path):
    await floor.agent("kim", await floor.queue(policy=POLICY))
    async with real_queue(folder, "kim") as (asterisk, phones):
        await pause(asterisk, "kim", paused=True)
        async with followed(floor, asterisk):
            before = await asap(floor)
            assert before.place == 1
            for n in range(3):
                phones.call(f"+44207946010{n}")
            phones.call("+442079460109")
            full = await until(lambda: asap(floor), lambda offer: offer.place == 5)
            assert full.estimate.p50 - before.estimate.p50 > timedelta(minutes=3)
            await hang_up(asterisk, "+442079460109")
            assert await until(lambda: asap(floor), lambda offer: offer.place == 4)
            assert "abandoned" in await interactions(floor)
            phones.answer()
            await pause(asterisk, "kim", paused=False)
            await until(lambda: agents(floor), lambda found: found == {"kim": "busy"})
            less = await until(lambda: asap(floor), lambda offer: offer.place == 3)
            assert less.estimate.p50 < full.estimate.p50
            assert sorted(await interactions(floor)) == ["abandoned", "talking", "waiting", "waiting"]


async def test_who_is_answered_there_and_talks_is_not_called(floor: Floor, folder: Path):
    queue = await floor.queue(policy=POLICY)
    async with real_queue(folder, "kim") as (asterisk, phones):
        await pause(asterisk, "kim", paused=True)
        callback = await waiting_callback(floor)
        async with followed(floor, asterisk):
            phones.call("+442079460100")
            await until(lambda: interactions(floor), lambda found: found == ["waiting"])
            phones.call(NUMBER)
            await until(lambda: joined(floor), lambda found: found == [callback])
            await until(lambda: floor.callback(callback), lambda row: row["through_since"] is not None)
            await first_in_line(asterisk)
            await floor.agent("mira", queue)  # free, and takes callbacks only: still nobody is rung
            phones.answer()
            await pause(asterisk, "kim", paused=False)
            await until(lambda: floor.callback(callback), lambda row: row["state"] == "cancelled")
        await floor.settle()
        assert floor.last(CallbackFinished).reason == "got_through" and floor.count(PerformCallback) == 0
        assert [row["result"] for row in await floor.promises(callback)] == ["withdrawn"]


async def joined(floor: Floor) -> list[CallbackId]:
    rows = await floor.sql("SELECT callback FROM outside_interaction WHERE callback IS NOT NULL")
    return [row["callback"] for row in rows]


async def first_in_line(asterisk: Asterisk) -> None:
    """The caller with a callback was put before the other one, and an agent's screen can show why."""

    async def looked(ami: AmiClient) -> Any:
        found = [each for each in await ami.listed("QueueStatus") if each["Event"] == "QueueEntry"]
        return next((each for each in found if each["CallerIDNum"] == NUMBER and each["Position"] == "1"), None)

    async with AmiClient(asterisk.address) as ami:
        entry = await until(lambda: looked(ami))
        said = await until(
            lambda: ami.action("Getvar", Channel=entry["Channel"], Variable="RINGBACK_TOPIC"),
            lambda each: each["Value"],
        )
        assert said["Value"] == "October bill"


async def test_a_caller_who_gives_up_there_is_called_as_promised(floor: Floor, folder: Path):
    queue = await floor.queue(policy=POLICY)
    async with real_queue(folder, "kim") as (asterisk, phones):
        await pause(asterisk, "kim", paused=True)
        callback = await waiting_callback(floor)
        async with followed(floor, asterisk):
            phones.call(NUMBER)
            await until(lambda: floor.callback(callback), lambda row: row["through_since"] is not None)
            await hang_up(asterisk, NUMBER)
            await floor.agent("mira", queue)
            await until(lambda: floor.callback(callback), lambda row: row["state"] == "calling")
        assert await interactions(floor) == ["abandoned"]


async def test_asterisk_dies_and_comes_back_and_a_snapshot_says_what_is_left(floor: Floor, folder: Path):
    await floor.agent("kim", await floor.queue(policy=POLICY))
    async with real_queue(folder, "kim") as (asterisk, phones):
        await pause(asterisk, "kim", paused=True)
        async with followed(floor, asterisk):
            phones.call("+442079460100")
            await until(lambda: interactions(floor), lambda found: found == ["waiting"])
            asterisk.stop()
            await asterisk.start()
            assert await until(lambda: interactions(floor), lambda found: found == ["lost"])
            phones.call("+442079460101")
            await until(
                lambda: interactions(floor), lambda found: sorted(found) in (["lost", "talking"], ["lost", "waiting"])
            )


async def test_a_talk_under_way_is_known_after_the_connection_was_lost(floor: Floor, folder: Path):
    await floor.agent("kim", await floor.queue(policy=POLICY))
    async with real_queue(folder, "kim") as (asterisk, phones):
        phones.answer()
        phones.call("+442079460100")
        async with followed(floor, asterisk):
            await until(lambda: interactions(floor), lambda found: found == ["talking"])
            since = (await floor.sql("SELECT answered_at FROM outside_interaction"))[0]["answered_at"]
        await floor.sql("UPDATE outside_source SET snapshot_at = NULL WHERE slug = 'pbx'")
        async with followed(floor, asterisk):
            assert await interactions(floor) == ["talking"]
            assert (await floor.sql("SELECT answered_at FROM outside_interaction"))[0]["answered_at"] == since


async def test_one_process_follows_and_another_takes_over_when_it_is_gone(floor: Floor, folder: Path):
    await floor.queue(policy=POLICY)
    async with real_queue(folder, "kim") as (asterisk, _):
        first, second = (asyncio.create_task(connector(floor, asterisk).run()) for _ in range(2))
        owner = (await until(lambda: sources(floor)))[0]["owner"]
        await floor.sql("UPDATE outside_source SET owner = gen_random_uuid()")  # a third one, that took over meanwhile
        seen = (await sources(floor))[0]["seq"]
        await until(lambda: sources(floor), lambda rows: rows[0]["owned_until"] is not None)
        assert (await sources(floor))[0]["seq"] == seen
        await floor.sql("UPDATE outside_source SET owned_until = now()")
        assert await until(lambda: sources(floor), lambda rows: rows[0]["owned_until"] > rows[0]["heard_at"])
        assert owner is not None
        await _stopped(first)
        await _stopped(second)


async def test_a_wrong_secret_is_refused_and_no_log_holds_one(floor: Floor, folder: Path):
    await floor.queue()
    async with real_queue(folder, "kim") as (asterisk, _):
        wrong = "not the secret at all"
        address = type(asterisk.address)(host="127.0.0.1", port=asterisk.ami, user="ringback", secret=wrong)
        assert wrong not in repr(address)
        with pytest.raises(AmiError, match="Authentication failed") as refused:
            async with AmiClient(address):
                pass
        assert wrong not in str(refused.value)
        written = io.StringIO()
        with structlog.testing.capture_logs() as logs:
            async with followed(floor, asterisk):
                pass
        written.write(repr(logs) + (folder / "log/messages").read_text())
        assert SECRET not in written.getvalue()
