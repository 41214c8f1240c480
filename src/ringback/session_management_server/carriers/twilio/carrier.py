"""Telephones over Twilio: a row is the leg until one process is let through to create its call, once. What timed out is looked for, never repeated."""

from __future__ import annotations

import asyncio
import math
from collections.abc import AsyncIterator, Callable
from datetime import datetime, timedelta
from urllib.parse import urlencode
from uuid import UUID, uuid4

import structlog

from ringback.domain.errors import CarrierError, CarrierUnreachable, LegGone
from ringback.domain.ids import BusinessId, LegId
from ringback.session_management_server.carriers.environment import CarrierEnvironment
from ringback.session_management_server.carriers.protocol import (
    Abilities,
    EndCause,
    LegEvent,
    LegEventKind,
    LegOrder,
    LegReport,
    Whereabouts,
)
from ringback.session_management_server.carriers.twilio import legs as rules
from ringback.session_management_server.carriers.twilio import rows, twiml
from ringback.session_management_server.carriers.twilio.api import Key, NotSent, TwilioApi, TwilioRefused
from ringback.session_management_server.carriers.twilio.keys import TwilioKeys
from ringback.session_management_server.carriers.twilio.legs import LISTED_FROM, TwilioLeg, TwilioState
from ringback.session_management_server.carriers.twilio.options import TwilioOptions
from ringback.session_management_server.carriers.twilio.watch import TwilioWatch

log = structlog.get_logger(__name__)

ABSENT = LegReport(whereabouts=Whereabouts.ABSENT)
_NO_NUMBER = frozenset(
    {21211, 21214, 21217, 21401}
)  # Twilio's error codes: what is called is no number that can be called
_PAUSE = 0.1


class TwilioCarrier:
    """One account at Twilio (options.py). Its callbacks come in by the application server's address (door.py)."""

    name = "twilio"
    abilities = Abilities.PLAY | Abilities.KEYS | Abilities.HOLD | Abilities.MUTE | Abilities.RINGS_PHONES

    def __init__(self, environment: CarrierEnvironment) -> None:
        self._options = TwilioOptions.read(environment.options)
        self.account = self._options.account
        self._database = environment.database
        self._dispatcher = environment.dispatcher
        self._api = TwilioApi(self._options)
        self._keys = TwilioKeys(self._api, environment.database)
        self._watch = TwilioWatch(environment, account=self.account)
        self._placing: dict[LegId, asyncio.Event] = {}
        self._tasks: list[asyncio.Task[None]] = []

    async def start(self) -> None:
        """Begin to read rows and to look after keys."""
        if not self._tasks:
            self._watch.open()
            self._tasks = [
                asyncio.create_task(self._watch.run(), name="twilio's legs"),
                asyncio.create_task(self._keys.look_after(), name="twilio's keys"),
            ]

    async def stop(self) -> None:
        """Stop reading; calls stay as they are for whoever comes next."""
        tasks, self._tasks = self._tasks, []
        for task in tasks:
            task.cancel()
        if tasks:
            await asyncio.wait(tasks)
            await self._keys.give_back()
            await self._api.close()
        self._watch.close()

    # ------------------------------------------------------------------ ringing

    async def prepare(self, order: LegOrder) -> None:
        """Make the leg's row. CarrierError for what is no number; LegGone when it is over already."""
        number = self._options.number(order.address)
        caller_id = order.caller_id or self._options.caller_id
        async with self._database.transaction(order.business, name="twilio_prepare") as tx:
            leg = await rows.insert_leg(tx, order, number=number, caller_id=self._options.number(caller_id))
        if not leg.live:
            raise LegGone(f"leg {order.leg} is over")
        self._watch.follow(order.business, order.leg)

    async def dial(self, business: BusinessId, leg: LegId, *, ring_for: float) -> None:
        """Create the call, if nobody was let through before."""
        key = await self._keys.mine()
        async with self._database.transaction(business, name="twilio_dial") as tx:
            found = await rows.lock_leg(tx, business, leg)
            placed = rules.dial(found, key=key.sid, now=tx.now)
            await rows.save_leg(tx, found, placed)
        if placed is found:
            return
        done = self._placing[leg] = asyncio.Event()
        try:
            await self._create(placed, key, ring_for)
        finally:
            done.set()
            del self._placing[leg]
            self._watch.follow(business, leg)

    async def _create(self, leg: TwilioLeg, key: Key, ring_for: float) -> None:
        base = self._options.base(leg.business, leg.id)
        try:
            seen = await self._api.create_call(
                key,
                To=leg.number,
                From=leg.caller_id,
                Url=f"{base}/answer",
                StatusCallback=f"{base}/status",
                StatusCallbackEvent=["initiated", "ringing", "answered", "completed"],
                Timeout=max(1, math.ceil(ring_for)),
                TimeLimit=self._options.longest_call,
            )
        except TwilioRefused as error:
            log.warning("twilio_refused", leg=str(leg.id), status=error.status, code=error.code)
            if error.status == 401:
                self._keys.lost(key)
            cause = EndCause.INVALID_NUMBER if error.code in _NO_NUMBER else EndCause.FAILED
            await self._change(leg, lambda one, now: rules.ended(one, cause, now))
        except NotSent:
            await self._change(leg, lambda one, now: rules.ended(one, EndCause.FAILED, now))
        else:
            await self._change(leg, lambda one, now: rules.heard(one, seen, now))

    async def revoke(self, business: BusinessId, leg: LegId) -> LegReport:
        """End it. What was never let through ends in the row; what may be on its way is looked for first, its key taken away."""
        async with self._database.transaction(business, name="twilio_revoke") as tx:
            found = (await rows.lock_legs(tx, business, leg)).get(leg)
            if found is None:
                return ABSENT
            wanted = rules.revoked(found, tx.now)
            await rows.save_leg(tx, found, wanted)
        self._watch.follow(business, leg)
        if wanted.unlisted:
            wanted = await self._resolve(wanted)
        if wanted.live:
            wanted = await self._end(wanted)
        return rules.report(wanted)

    async def _end(self, leg: TwilioLeg) -> TwilioLeg:
        """Have Twilio end the call, and wait until it says that it did."""
        assert leg.call is not None, "a leg that is listed has a call"
        try:
            await self._api.change_call(leg.call, Status="completed")
        except TwilioRefused as error:
            log.info("twilio_end_refused", leg=str(leg.id), status=error.status, code=error.code)
        while leg.live:
            leg = await self._ask(leg)
            if leg.live:
                await asyncio.sleep(_PAUSE)
        return leg

    async def lookup(self, business: BusinessId, leg: LegId) -> LegReport:
        """Read the row, and ask Twilio about a call that is not over: callbacks may be lost."""
        async with self._database.transaction(business, name="twilio_lookup") as tx:
            found = await rows.find_leg(tx, business, leg)
        if found is None:
            return ABSENT
        if found.unlisted:
            found = await self._resolve(found)
        if found.live and found.call is not None:
            found = await self._ask(found)
        return rules.report(found)

    async def _ask(self, leg: TwilioLeg) -> TwilioLeg:
        assert leg.call is not None, "asked about its call"
        seen = await self._api.find_call(leg.call)
        if seen is None:
            raise CarrierUnreachable(f"Twilio does not know the call of leg {leg.id} just now")
        return await self._change(leg, lambda one, now: rules.heard(one, seen, now))

    async def _resolve(self, leg: TwilioLeg) -> TwilioLeg:
        """Find out what came of a create whose answer nobody has: take its key away, then look for its call.

        Unlisted it stays unknown until a listing is old enough to be complete: CarrierUnreachable before that, and forgotten after.
        """
        placing = self._placing.get(leg.id)
        if placing is not None:
            await placing.wait()
            leg = await self._read(leg)
            if not leg.unlisted:
                return leg
        assert leg.key is not None and leg.dialled_at is not None, "somebody was let through"
        revoked_at = await self._keys.revoke(leg.key)
        caller_id = leg.caller_id or self._options.caller_id
        listed = await self._api.list_calls(leg.number, caller_id, leg.dialled_at - LISTED_FROM)
        async with self._dispatcher.transaction(name="known_twilio_calls") as tx:
            known = await rows.known_calls(tx, [seen.call for seen, _ in listed])
            now = tx.now
        for seen, _ in listed:
            if seen.call not in known:
                log.info("twilio_call_found", leg=str(leg.id))
                return await self._change(leg, lambda one, at, seen=seen: rules.heard(one, seen, at))  # type: ignore[misc]
        if now - max(revoked_at, leg.dialled_at) < timedelta(seconds=self._options.settle):
            raise CarrierUnreachable(f"the call of leg {leg.id} is not listed, and may be yet")
        return await self._change(leg, lambda one, at: rules.ended(one, None, at) if one.unlisted else one)

    async def _read(self, leg: TwilioLeg) -> TwilioLeg:
        async with self._database.transaction(leg.business, name="twilio_read") as tx:
            return await rows.find_leg(tx, leg.business, leg.id) or leg

    async def _change(self, leg: TwilioLeg, change: Callable[[TwilioLeg, datetime], TwilioLeg]) -> TwilioLeg:
        async with self._database.transaction(leg.business, name="twilio_change") as tx:
            found = await rows.lock_leg(tx, leg.business, leg.id)
            changed = change(found, tx.now)
            await rows.save_leg(tx, found, changed)
        self._watch.follow(leg.business, leg.id)
        return changed

    # ------------------------------------------------------------------ talk

    async def join(self, business: BusinessId, agent: LegId, customer: LegId) -> None:
        """Send both into one conference, and then write that down."""
        async with self._database.transaction(business, name="twilio_find_both") as tx:
            found = {leg.id: leg for leg in await rows.find_legs(tx, (agent, customer)) if leg.business == business}
        both = [found.get(agent), found.get(customer)]
        up = [leg for leg in both if leg and leg.state in (TwilioState.ANSWERED, TwilioState.JOINED) and leg.call]
        if len(up) < 2:
            raise LegGone("one of the legs is not there to be joined")
        room = f"talk-{agent.hex}"
        if all(leg.room == room for leg in up):
            return
        try:
            await asyncio.gather(*(self._send_to(leg, self._talk(leg, room)) for leg in up))
        except TwilioRefused as error:
            raise LegGone(f"the two could not be joined: {error}") from error
        async with self._database.transaction(business, name="twilio_join") as tx:
            held = await rows.lock_legs(tx, business, agent, customer)
            one, other = rules.joined(held[agent], held[customer], room, tx.now)
            await rows.save_leg(tx, held[agent], one)
            await rows.save_leg(tx, held[customer], other)

    def _talk(self, leg: TwilioLeg, room: str) -> str:
        return twiml.talking(self._options.base(leg.business, leg.id), room)

    async def _send_to(self, leg: TwilioLeg, document: str) -> None:
        assert leg.call is not None, "it was answered"
        await self._api.change_call(leg.call, Twiml=document)

    async def hang_up(self, business: BusinessId, leg: LegId) -> None:
        """End the leg; one that is gone is fine."""
        await self.revoke(business, leg)

    async def play(self, business: BusinessId, leg: LegId, sound: str) -> None:
        """Speak to a waiting leg or to the whole talk; `ringing` and `music` are Twilio's own music."""
        found = await self._up(business, leg)
        base = self._options.base(business, leg)
        if sound.startswith("prompt:"):
            raise CarrierError("the carrier twilio speaks, and has no recorded prompts")
        if sound in ("ringing", "music"):
            if found.room is None:
                await self._send_to(found, twiml.entertained(base, leg.hex))
        elif found.room is None:
            await self._send_to(found, twiml.spoken(base, sound, uuid4().hex))
        else:
            said = f"{base}/say?{urlencode({'words': sound[:1000]})}"
            await self._api.change_conference(await self._conference(found), AnnounceUrl=said)

    async def hold(self, business: BusinessId, leg: LegId, *, on: bool) -> None:
        """Hold the leg in its conference, or let it talk again."""
        found = await self._up(business, leg)
        await self._api.change_conference(await self._conference(found), found.call, Hold="true" if on else "false")
        async with self._database.transaction(business, name="twilio_hold") as tx:
            kind = LegEventKind.HELD if on else LegEventKind.RESUMED
            await rows.note_event(tx, found, kind, event=uuid4().hex)
        self._watch.follow(business, leg)

    async def mute(self, business: BusinessId, leg: LegId, *, on: bool) -> None:
        """Keep the leg's sound out of its conference, or let it in again."""
        found = await self._up(business, leg)
        await self._api.change_conference(await self._conference(found), found.call, Muted="true" if on else "false")

    async def _up(self, business: BusinessId, leg: LegId) -> TwilioLeg:
        async with self._database.transaction(business, name="twilio_find") as tx:
            found = await rows.find_leg(tx, business, leg)
        if found is None or found.state not in (TwilioState.ANSWERED, TwilioState.JOINED):
            raise LegGone(f"leg {leg} is not up")
        return found

    async def _conference(self, leg: TwilioLeg) -> str:
        conference = await self._api.find_conference(leg.room) if leg.room is not None else None
        if conference is None:
            raise CarrierError("the leg is in no talk")
        return conference

    async def record(self, business: BusinessId, leg: LegId, *, on: bool) -> None:
        """Not here."""
        raise CarrierError("the carrier twilio does not record")

    async def recording(self, business: BusinessId, leg: LegId) -> bytes | None:
        """There is none."""
        raise CarrierError("the carrier twilio does not record")

    async def forget_recording(self, business: BusinessId, leg: LegId) -> None:
        """There is none."""

    async def screen(self, business: BusinessId, leg: LegId) -> None:
        """Not here."""
        raise CarrierError("the carrier twilio does not screen")

    async def leave_message(self, business: BusinessId, leg: LegId, sound: str) -> None:
        """Not here."""
        raise CarrierError("the carrier twilio leaves no messages")

    async def transfer(self, business: BusinessId, leg: LegId, address: str) -> None:
        """Not here."""
        raise CarrierError("the carrier twilio does not transfer")

    def events(self) -> AsyncIterator[LegEvent]:
        """Yield what happens to legs, whichever process was told."""
        return self._watch.events()

    async def legs_of(self, business: BusinessId) -> list[UUID]:
        """List the business's legs that are not over."""
        async with self._database.transaction(business, name="twilio_legs_of") as tx:
            return [row["id"] for row in await tx.rows(rows.SQL["open_legs_of"], business=business)]
