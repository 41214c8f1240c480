"""Telephones over Asterisk: `create` makes a channel, the gate's fence is committed, `dial` rings it. Never in one step.

Each process has an application of its own and hears of all channels, so that any of them can take a leg over; who may dial is decided by
the gate and, for a second dial of the same leg, by a bridge that only one can make.
"""

from __future__ import annotations

import asyncio
import contextlib
from collections.abc import AsyncIterator, Mapping
from datetime import UTC, datetime, timedelta
from typing import Any
from uuid import UUID, uuid4

import structlog

from ringback.domain.errors import CarrierError, CarrierUnreachable, LegGone
from ringback.domain.ids import BusinessId, LegId
from ringback.domain.status import Party
from ringback.session_management_server.carriers.asterisk import bridges
from ringback.session_management_server.carriers.asterisk.ari import Ari, AriRefused
from ringback.session_management_server.carriers.asterisk.hearing import Hearing
from ringback.session_management_server.carriers.asterisk.options import AsteriskOptions
from ringback.session_management_server.carriers.asterisk.talk import Talk
from ringback.session_management_server.carriers.asterisk.traces import (
    Trace,
    Traces,
    business_of,
    channel_of,
    leg_of,
    made_at,
    note_of,
    read_channel,
    read_note,
)
from ringback.session_management_server.carriers.protocol import (
    Abilities,
    EndCause,
    LegEvent,
    LegOrder,
    LegReport,
    Whereabouts,
)

log = structlog.get_logger(__name__)

LEASE = 30  # seconds a leg lives when nobody asks about it any more
RENEWED = 0.5  # seconds for the lease to be renewed
NOTED = 0.5  # seconds for the event of an end that Asterisk has confirmed
LEG_HEADER = "X-Ringback-Leg"  # each INVITE names its leg: captures and carriers' logs can be compared with the ledger
GONE = LegReport(whereabouts=Whereabouts.ABSENT)
STARTED_BEFORE = timedelta(seconds=2)


class AsteriskNode:
    """One Asterisk (options.py), which the pool (pool.py) gives legs to; its dialplan needs the context `rb-ended` (docs/carriers.md)."""

    name = "asterisk"
    abilities = (
        Abilities.PLAY | Abilities.HOLD | Abilities.RECORD | Abilities.RINGS_PHONES
        | Abilities.KEYS | Abilities.MUTE | Abilities.SCREEN
    )  # fmt: skip

    def __init__(self, options: AsteriskOptions) -> None:
        self._options = options
        self.account = self._options.account
        self._app = f"ringback-{uuid4().hex[:12]}"
        self._traces = Traces()
        self._events: asyncio.Queue[LegEvent | None] = asyncio.Queue()
        self._hearing = Hearing(
            self._traces,
            account=self.account,
            say=lambda event: self._events.put_nowait(event),
            note=self._note_on_channel,
        )
        self._ari = Ari(self._options, self._app, heard=self._hearing.hear, connected=self._connected)
        self._talk = Talk(self._ari, self._options, self._app, self._traces, self._living)
        self._bridges = bridges.BridgeSweep(self._ari)
        self._mine: set[LegId] = set()  # those this process drives
        self._notes: set[asyncio.Task[None]] = set()
        self._started_at: datetime | None = None  # Asterisk's own start

    async def start(self) -> None:
        """Connect and subscribe."""
        self._events = asyncio.Queue()
        await self._ari.start()

    async def stop(self) -> None:
        """Disconnect; the legs stay as they are until their lease ends."""
        for task in self._notes:
            task.cancel()
        await self._ari.stop()
        self._events.put_nowait(None)

    @property
    def listening(self) -> bool:
        """Tell whether its events are heard: only then is anything begun there."""
        return self._ari.listening.is_set()

    async def count_channels(self) -> int:
        """Return how many channels it has, ours and others'."""
        return len(await self._ari.ask("GET", "/channels"))

    async def is_registered(self, endpoint: str) -> bool:
        """Tell whether a telephone of this name is registered there now."""
        found = await self._ari.find(f"/endpoints/PJSIP/{endpoint}")
        return found is not None and found.get("state") == "online"

    async def prepare(self, order: LegOrder) -> None:
        """Create the channel and wait until it is ours to dial."""
        if not self._ari.listening.is_set():
            raise CarrierUnreachable("Asterisk's events are not heard: nothing is prepared")
        if (await self._past(order.business, order.leg)).whereabouts is Whereabouts.ENDED:
            raise LegGone(f"leg {order.leg} is over")
        entered = self._hearing.entering(order.leg)
        try:
            await self._ari.ask(
                "POST",
                "/channels/create",
                channelId=channel_of(order.leg),
                endpoint=self._options.dial_string(order.address),
                app=self._app,
                body={"variables": self._variables(order)},
            )
            self._mine.add(order.leg)
            await entered.wait()
        except AriRefused as error:
            if error.status != 409:
                raise CarrierError(f"Asterisk would not make the leg: {error}") from error
        finally:
            self._hearing.forget(order.leg)

    def _variables(self, order: LegOrder) -> dict[str, str]:
        name = order.peer_name.translate(str.maketrans("", "", '"<>\\\r\n,'))
        own = order.caller_id or self._options.caller_id
        number = f" <{own}>" if own else ""
        shown = f'"{name}"{number}' if order.party is Party.AGENT else (own or "")
        caller = {"CALLERID(all)": shown, "CONNECTEDLINE(all)": shown} if shown else {}
        return {
            "RB_BUSINESS": str(order.business),
            "RB_LEG": order.leg.hex,
            "RB_PARTY": order.party.value,
            "TIMEOUT(absolute)": str(LEASE),
            "CHANNEL(hangup_handler_push)": "rb-ended,s,1",
            f"PJSIP_HEADER(add,{LEG_HEADER})": str(order.leg),
            **caller,
        }

    async def dial(self, business: BusinessId, leg: LegId, *, ring_for: float) -> None:
        """Ring the channel; who comes second finds the bridge that says so."""
        if not self._ari.listening.is_set():
            raise CarrierUnreachable("Asterisk's events are not heard: nothing is dialled")
        if not self._made_here(business, leg) and await self._living(business, leg) is None:
            raise LegGone(f"leg {leg} is not there")
        try:
            await self._ari.ask("POST", f"/bridges/{bridges.dialled(leg)}", type="holding", name=bridges.dialled(leg))
        except AriRefused as error:
            if error.status == 409:
                return
            raise
        try:
            await self._set(leg, RB_DIALLED="1")
            self._traces.note(leg, business, dialled=True)
            await self._ari.ask("POST", f"/channels/{channel_of(leg)}/dial", timeout=max(1, round(ring_for)))
        except AriRefused as error:
            if error.status == 404:  # revoked by another process a moment ago: its end is not heard here yet
                await bridges.clear_up(self._ari, leg)
                raise LegGone(f"leg {leg} is gone") from error
            if error.status != 409:
                raise

    def _made_here(self, business: BusinessId, leg: LegId) -> bool:
        """Tell whether this process made the leg for this business and has not heard of its end: Asterisk itself says so when it is gone."""
        known = self._traces.get(leg)
        return leg in self._mine and (known is None or (known.business == business and known.ended_at is None))

    async def revoke(self, business: BusinessId, leg: LegId) -> LegReport:
        """Delete the channel and wait for its end."""
        await self.hang_up(business, leg)
        return await self._past(business, leg)

    async def lookup(self, business: BusinessId, leg: LegId) -> LegReport:
        """Ask for the channel, else for the note it left; a living one gets its lease anew."""
        trace = await self._living(business, leg)
        if trace is None:
            report = await self._past(business, leg)
            if report.whereabouts is Whereabouts.ENDED:
                self._mine.add(leg)  # whoever drove it may have died before clearing up
                self._note_on_channel(leg, None)
            return report
        self._mine.add(leg)  # whoever asks about a leg is the one who drives it now
        if trace.joined_at is None and self._ari.listening.is_set():
            # While words are played Asterisk keeps it for after them, which is soon enough.
            with contextlib.suppress(AriRefused, CarrierUnreachable, TimeoutError):
                async with asyncio.timeout(RENEWED):
                    await self._set(leg, **{"TIMEOUT(absolute)": str(LEASE)})
        return trace.report()

    async def join(self, business: BusinessId, agent: LegId, customer: LegId) -> None:
        """Put both channels on one bridge."""
        await self._talk.join(business, agent, customer)

    async def hang_up(self, business: BusinessId, leg: LegId) -> None:
        """Delete the channel; one that is gone is fine."""
        living = await self._living(business, leg)
        if living is None:
            return
        ended = self._hearing.ending(leg)
        try:
            await self._talk.quiet(leg, living)
            with contextlib.suppress(AriRefused):
                await self._set(leg, RB_RELEASED="1")
            with contextlib.suppress(AriRefused):
                await self._ari.ask("DELETE", f"/channels/{channel_of(leg)}")
            while await self._living(business, leg) is not None:
                await _first(ended, 0.05)
            trace = self._traces.get(leg)
            if trace is None or trace.ended_at is None:
                await _first(ended, NOTED)
        finally:
            self._hearing.forget(leg)

    async def play(self, business: BusinessId, leg: LegId, sound: str) -> None:
        """Play to one leg, or to both who talk."""
        await self._talk.play(business, leg, sound)

    async def hold(self, business: BusinessId, leg: LegId, *, on: bool) -> None:
        """Hold or resume."""
        await self._talk.hold(business, leg, on=on)

    async def mute(self, business: BusinessId, leg: LegId, *, on: bool) -> None:
        """Mute or unmute."""
        await self._talk.mute(business, leg, on=on)

    async def record(self, business: BusinessId, leg: LegId, *, on: bool) -> None:
        """Record or pause."""
        await self._talk.record(business, leg, on=on)

    async def recording(self, business: BusinessId, leg: LegId) -> bytes | None:
        """Return what was recorded."""
        return await self._talk.recording(leg)

    async def forget_recording(self, business: BusinessId, leg: LegId) -> None:
        """Delete it."""
        await self._talk.forget_recording(leg)

    async def screen(self, business: BusinessId, leg: LegId) -> None:
        """Tell a person from a machine."""
        await self._talk.screen(business, leg)

    async def leave_message(self, business: BusinessId, leg: LegId, sound: str) -> None:
        """Leave a message and hang up."""
        await self._talk.leave_message(business, leg, sound)

    async def transfer(self, business: BusinessId, leg: LegId, address: str) -> None:
        """Not here."""
        raise CarrierError("the carrier asterisk does not transfer")

    async def events(self) -> AsyncIterator[LegEvent]:
        """Yield what is heard; after a reconnection first what changed meanwhile is looked up by whoever asks."""
        while (event := await self._events.get()) is not None:
            yield event

    async def legs_of(self, business: BusinessId) -> list[UUID]:
        """List the business's channels."""
        found: list[UUID] = []
        channels = await self._ari.ask("GET", "/channels")
        await self._bridges.sweep(channels)
        for channel in channels:
            leg = leg_of(channel["id"])
            if leg is not None and business_of(channel.get("channelvars") or {}) == business:
                found.append(leg)
        return found

    # ------------------------------------------------------------------ what Asterisk knows

    async def _living(self, business: BusinessId, leg: LegId) -> Trace | None:
        """Return the channel as it is, with the times we heard; None when there is none of this business's."""
        channel = await self._ari.find(f"/channels/{channel_of(leg)}")
        seen = read_channel(channel, datetime.now(UTC)) if channel is not None else None
        if seen is None or seen.business != business:
            return None
        known = self._traces.get(leg) or Trace(business=business)
        noted = channel["channelvars"] if channel is not None else {}
        return self._traces.note(
            leg,
            business,
            dialled=seen.dialled or known.dialled,
            rang_at=seen.rang_at,
            answered_at=seen.answered_at,
            joined_at=seen.joined_at,
            released=bool(noted.get("RB_RELEASED")),
            party=seen.party,
            sounding=seen.sounding or known.sounding,
            machine=seen.machine,
        )

    async def _past(self, business: BusinessId, leg: LegId) -> LegReport:
        """Return how a leg without a channel ended, if it ever had one."""
        known = self._traces.get(leg)
        if known is not None and known.business != business:
            return GONE
        if known is not None and known.ended_at is not None:
            return known.report()
        answer = await self._ari.ask("GET", "/asterisk/variable", variable=note_of(leg))
        left = read_note(answer["value"]) if answer["value"] else None
        if left is None:
            return self._lost_in_a_restart(leg)
        return left.report() if left.business == business else GONE

    def _lost_in_a_restart(self, leg: LegId) -> LegReport:
        """A leg that is older than Asterisk's own start died with the one before."""
        if self._started_at is None or made_at(leg) + STARTED_BEFORE > self._started_at:
            return GONE
        return LegReport(whereabouts=Whereabouts.ENDED, ended_at=self._started_at, cause=EndCause.CARRIER_LOST)

    async def _set(self, leg: LegId, **variables: str) -> None:
        for name, value in variables.items():
            await self._ari.ask("POST", f"/channels/{channel_of(leg)}/variable", variable=name, value=value)

    # ------------------------------------------------------------------ what is heard

    async def _connected(self) -> None:
        """After each connection: is it the same Asterisk that we knew, or one that was started anew?"""
        about = await self._ari.ask("GET", "/asterisk/info")
        started = datetime.fromisoformat(about["status"]["startup_time"]).astimezone(UTC)
        if self._started_at is not None and started > self._started_at:
            self._hearing.all_lost(started)
        self._started_at = started

    def _note_on_channel(self, leg: LegId, variables: Mapping[str, str] | None) -> None:
        """Leave a time with the channel for whoever takes it over, and clear up after its end; only the process that drives it does."""
        if leg not in self._mine:
            return
        if variables is None:
            self._mine.discard(leg)
        task = asyncio.create_task(_quietly(self._clear_up(leg) if variables is None else self._set(leg, **variables)))
        self._notes.add(task)
        task.add_done_callback(self._notes.discard)

    async def _clear_up(self, leg: LegId) -> None:
        """Delete a leg's bridges, and what was spoken for it."""
        await self._talk.forget(leg)
        await bridges.clear_up(self._ari, leg)


async def _quietly(doing: Any) -> None:
    """Finish something nothing depends on."""
    try:
        await doing
    except CarrierError as error:
        log.debug("carrier_note_lost", carrier="asterisk", error=type(error).__name__)


async def _first(event: asyncio.Event, seconds: float) -> None:
    """Wait for the event, at most so long."""
    with contextlib.suppress(TimeoutError):
        async with asyncio.timeout(seconds):
            await event.wait()
