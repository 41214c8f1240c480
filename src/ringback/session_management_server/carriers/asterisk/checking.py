"""A test call between two telephones, for `ringback carrier check`: do both ring and answer, and does sound come from each to the other?"""

from __future__ import annotations

import asyncio
import contextlib
import io
import math
import wave
from array import array
from collections.abc import AsyncIterator
from dataclasses import dataclass
from typing import Any
from uuid import uuid4

from ringback.domain.errors import CarrierError
from ringback.domain.ids import BusinessId, CallbackId, LegId, new_id
from ringback.domain.status import Party
from ringback.session_management_server.carriers.asterisk.ari import Ari, AriRefused
from ringback.session_management_server.carriers.asterisk.carrier import AsteriskNode
from ringback.session_management_server.carriers.asterisk.options import AsteriskOptions
from ringback.session_management_server.carriers.asterisk.traces import channel_of
from ringback.session_management_server.carriers.protocol import LegEventKind, LegOrder

RING_FOR = 20.0
QUIET = -60.0  # dB below full scale: at most noise
SILENCE = -120.0


@dataclass(frozen=True, slots=True, kw_only=True)
class Side:
    """One telephone of a test call. Levels in dB below full scale; `problem` says what stands in the way."""

    address: str
    answered: bool = False
    received: int = 0  # RTP packets from the telephone
    sent: int = 0  # to it
    level: float = SILENCE  # of what comes from it
    problem: str | None = None

    @property
    def is_well(self) -> bool:
        """It answered, sound comes from it, and sound is sent to it."""
        return self.answered and self.problem is None and self.received > 0 and self.sent > 0 and self.level > QUIET


async def place_test_call(options: AsteriskOptions, first: str, second: str, *, seconds: float) -> tuple[Side, Side]:
    """Ring both, join them, and listen to each for so long; both are hung up at the end, whatever happened."""
    app = f"ringback-check-{uuid4().hex[:8]}"
    node, ears = AsteriskNode(options), Ari(options, app, heard=_ignored, connected=_nothing)
    await node.start()
    await ears.start()
    try:
        if not node.listening:
            problem = "Asterisk's events are not heard: is the address right, and ARI switched on?"
            return Side(address=first, problem=problem), Side(address=second, problem=problem)
        return await _call(node, ears, app, first, second, seconds=seconds)
    finally:
        await ears.stop()
        await node.stop()


async def _call(
    node: AsteriskNode, ears: Ari, app: str, first: str, second: str, *, seconds: float
) -> tuple[Side, Side]:
    business, callback = BusinessId(new_id()), CallbackId(new_id())
    legs = LegId(new_id()), LegId(new_id())
    events = _Heard(node)
    try:
        for leg, address, party in ((legs[0], first, Party.AGENT), (legs[1], second, Party.CUSTOMER)):
            order = LegOrder(
                business=business, callback=callback, leg=leg, party=party, address=address, peer_name="Test call", peer_detail=""
            )  # fmt: skip
            problem = await _ring(node, events, order)
            if problem is not None:
                met = [Side(address=first, answered=True)] if leg is legs[1] else []
                rest = [Side(address=second, problem="was not rung")] if leg is legs[0] else []
                found = [*met, Side(address=address, problem=problem), *rest]
                return found[0], found[1]
        await node.join(business, *legs)
        levels = await asyncio.gather(*(_listen(ears, app, leg, seconds) for leg in legs))
        counts = [await ears.ask("GET", f"/channels/{channel_of(leg)}/rtp_statistics") for leg in legs]
        sides = [
            Side(address=address, answered=True, received=count["rxcount"], sent=count["txcount"], level=level)
            for address, count, level in zip((first, second), counts, levels, strict=True)
        ]
        return sides[0], sides[1]
    except CarrierError as error:
        return Side(address=first, problem=str(error)), Side(address=second, problem=str(error))
    finally:
        await events.stop()
        for leg in legs:
            with contextlib.suppress(CarrierError):
                await node.hang_up(business, leg)


async def _ring(node: AsteriskNode, events: _Heard, order: LegOrder) -> str | None:
    """Ring one telephone until it answers; return why it did not."""
    try:
        await node.prepare(order)
        await node.dial(order.business, order.leg, ring_for=RING_FOR)
    except CarrierError as error:
        return str(error)
    return await events.answer_of(order.leg)


class _Heard:
    """The node's events, waited for."""

    def __init__(self, node: AsteriskNode) -> None:
        self._ends: dict[LegId, asyncio.Future[str | None]] = {}
        self._task = asyncio.create_task(self._read(node.events()))

    async def _read(self, events: AsyncIterator[Any]) -> None:
        async for event in events:
            end = self._of(event.leg)
            if event.kind is LegEventKind.ANSWERED and not end.done():
                end.set_result(None)
            elif event.kind is LegEventKind.ENDED and not end.done():
                end.set_result(f"did not answer: {event.cause}")

    def _of(self, leg: LegId) -> asyncio.Future[str | None]:
        return self._ends.setdefault(leg, asyncio.get_running_loop().create_future())

    async def answer_of(self, leg: LegId) -> str | None:
        try:
            async with asyncio.timeout(RING_FOR + 2):
                return await self._of(leg)
        except TimeoutError:
            return "did not answer, and Asterisk does not say why"

    async def stop(self) -> None:
        self._task.cancel()
        await asyncio.wait([self._task])


async def _listen(ears: Ari, app: str, leg: LegId, seconds: float) -> float:
    """Record what comes from a telephone for so long, and return how loud it is."""
    name = f"check-{uuid4().hex[:12]}"
    snoop = await ears.ask("POST", f"/channels/{channel_of(leg)}/snoop/{name}", spy="in", app=app, appArgs="check")
    await ears.ask("POST", f"/channels/{snoop['id']}/record", name=name, format="wav", ifExists="overwrite")
    await asyncio.sleep(seconds)
    for end in (f"/recordings/live/{name}/stop", None):
        with contextlib.suppress(AriRefused):
            await (ears.ask("POST", end) if end else ears.ask("DELETE", f"/channels/{snoop['id']}"))
    try:
        recording = await ears.download(f"/recordings/stored/{name}/file")
        return SILENCE if recording is None else level_of(recording)
    finally:
        with contextlib.suppress(CarrierError):
            await ears.ask("DELETE", f"/recordings/stored/{name}")


def level_of(recording: bytes) -> float:
    """Return the root mean square of a 16-bit WAV, in dB below full scale."""
    with wave.open(io.BytesIO(recording)) as file:
        samples = array("h", file.readframes(file.getnframes()))
    if not samples:
        return SILENCE
    mean = sum(each * each for each in samples) / len(samples)
    return max(SILENCE, 20 * math.log10(max(math.sqrt(mean), 1e-9) / 32768))


def _ignored(_event: dict[str, Any]) -> None:
    """The node hears the events."""


async def _nothing() -> None:
    """Nothing to do once connected."""
