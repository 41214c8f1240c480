"""What legs on Asterisk hear, and what becomes of a talk: sounds, hold, mute, recording, screening, messages on machines."""

from __future__ import annotations

import asyncio
import contextlib
import re
from collections.abc import Awaitable, Callable
from datetime import UTC, datetime

from ringback.domain.errors import CarrierError, LegGone
from ringback.domain.handling import PROMPT
from ringback.domain.ids import BusinessId, LegId
from ringback.session_management_server.carriers.asterisk import bridges
from ringback.session_management_server.carriers.asterisk.ari import Ari, AriRefused
from ringback.session_management_server.carriers.asterisk.options import AsteriskOptions
from ringback.session_management_server.carriers.asterisk.traces import Trace, Traces, channel_of, playback_of

WHISPER = 6.0  # seconds an agent listens before the customer is dialled
_ENDLESS = {"music": "moh", "ringing": "ring"}  # indications.conf has the tone
_PROMPT_NAME = re.compile(r"[A-Za-z0-9_-]+(?:/[A-Za-z0-9_-]+)*")


class Talk:
    """The verbs of one Asterisk that come after somebody has picked up. `living`: the leg's channel as it is, None when there is none."""

    def __init__(
        self,
        ari: Ari,
        options: AsteriskOptions,
        app: str,
        traces: Traces,
        living: Callable[[BusinessId, LegId], Awaitable[Trace | None]],
    ) -> None:
        self._ari = ari
        self._options = options
        self._app = app
        self._traces = traces
        self._living = living

    async def play(self, business: BusinessId, leg: LegId, sound: str) -> None:
        """Play ringing, music, a recorded sound or words; in a talk both hear it."""
        trace = await self._there(business, leg)
        place = f"/channels/{channel_of(leg)}"
        if (
            sound in _ENDLESS
        ):  # not as a playback: while one runs, Asterisk does nothing else that is asked of the channel
            await self.quiet(leg, trace)
            await self._set(leg, RB_SOUND="1")
            await self._ari.ask("POST", f"{place}/{_ENDLESS[sound]}")
            self._traces.note(leg, business, sounding=True)
            return
        kind, media = "words", await self._media(leg, trace, sound)
        if trace.joined_at is not None:
            place, kind = f"/bridges/{await self._bridge(leg)}", "notice"
        else:
            await self.quiet(leg, trace)
            await self._set(leg, RB_SOUND="1")
        try:
            await self._ari.ask("POST", f"{place}/play/{playback_of(leg, kind)}", media=media)
        except AriRefused as error:
            if error.status != 409:  # it plays already
                raise CarrierError(f"Asterisk would not play: {error}") from error
        self._traces.note(leg, business, sounding=True)

    async def join(self, business: BusinessId, agent: LegId, customer: LegId) -> str:
        """Put both channels on one bridge, after what they heard meanwhile; return the bridge."""
        traces = [await self._living(business, leg) for leg in (agent, customer)]
        for leg, trace in zip((agent, customer), traces, strict=True):
            if trace is None or trace.answered_at is None:
                raise LegGone(f"leg {leg} is not there to be joined")
            await self.quiet(leg, trace)
        bridge = bridges.talk(agent)
        with contextlib.suppress(AriRefused):  # it is there already
            await self._ari.ask("POST", f"/bridges/{bridge}", type="mixing", name=bridge)
        try:
            await self._ari.ask(
                "POST", f"/bridges/{bridge}/addChannel", channel=f"{channel_of(agent)},{channel_of(customer)}"
            )
        except AriRefused as error:
            raise LegGone(f"the two could not be joined: {error}") from error
        now = datetime.now(UTC)
        for leg in (agent, customer):
            self._traces.note(leg, business, joined_at=now)
        joined = {
            "RB_JOINED": now.isoformat(),
            "RB_BRIDGE": bridge,
            "TIMEOUT(absolute)": str(self._options.longest_call),
        }
        with contextlib.suppress(AriRefused):  # hung up meanwhile
            await asyncio.gather(*(self._set(leg, **joined) for leg in (agent, customer)))
        return bridge

    async def hold(self, business: BusinessId, leg: LegId, *, on: bool) -> None:
        """Take the leg off the bridge and play music to it; or put it back."""
        await self._there(business, leg)
        bridge = await self._bridge(leg)
        channel = channel_of(leg)
        if on:
            with contextlib.suppress(AriRefused):  # it is off already
                await self._ari.ask("POST", f"/bridges/{bridge}/removeChannel", channel=channel)
            await self._ari.ask("POST", f"/channels/{channel}/moh")
        else:
            with contextlib.suppress(AriRefused):
                await self._ari.ask("DELETE", f"/channels/{channel}/moh")
            await self._ari.ask("POST", f"/bridges/{bridge}/addChannel", channel=channel)
        await self._set(leg, RB_HELD="1" if on else "0")

    async def mute(self, business: BusinessId, leg: LegId, *, on: bool) -> None:
        """Keep what this leg says from the bridge, or let it through."""
        await self._there(business, leg)
        await self._ari.ask("POST" if on else "DELETE", f"/channels/{channel_of(leg)}/mute", direction="in")

    async def record(self, business: BusinessId, leg: LegId, *, on: bool) -> None:
        """Record the talk the leg is in, or pause; the file stays in Asterisk's spool under the leg's name."""
        await self._there(business, leg)
        live = f"/recordings/live/{channel_of(leg)}"
        if not on:
            with contextlib.suppress(AriRefused):  # it does not run
                await self._ari.ask("POST", f"{live}/pause")
            return
        known = await self._ari.find(live)
        if known is not None:
            if known.get("state") == "paused":
                await self._ari.ask("DELETE", f"{live}/pause")
            return
        bridge = await self._bridge(leg)
        await self._ari.ask("POST", f"/bridges/{bridge}/record", name=channel_of(leg), format="wav", ifExists="append")

    async def recording(self, leg: LegId) -> bytes | None:
        """Return what was recorded."""
        return await self._ari.download(f"/recordings/stored/{channel_of(leg)}/file")

    async def forget_recording(self, leg: LegId) -> None:
        """Delete it from the spool."""
        with contextlib.suppress(AriRefused):
            await self._ari.ask("DELETE", f"/recordings/stored/{channel_of(leg)}")

    async def screen(self, business: BusinessId, leg: LegId) -> None:
        """Have the dialplan's AMD() listen (context rb-amd); it comes back with its verdict."""
        await self._go_on(business, leg, "rb-amd", RB_APP=self._app)

    async def leave_message(self, business: BusinessId, leg: LegId, sound: str) -> None:
        """Have the dialplan wait for silence, play and hang up (context rb-message): it does so even when every server is gone."""
        trace = await self._there(business, leg)
        media = await self._media(leg, trace, sound, spoken="message")
        await self._go_on(business, leg, "rb-message", RB_MESSAGE=media.removeprefix("sound:"))

    async def forget(self, leg: LegId) -> None:
        """Delete what was spoken for a leg."""
        if self._options.speech is not None:
            await asyncio.to_thread(self._options.speech.forget, channel_of(leg))

    async def _go_on(self, business: BusinessId, leg: LegId, context: str, **variables: str) -> None:
        trace = await self._there(business, leg)
        await self.quiet(leg, trace)
        await self._set(leg, **variables)
        try:
            await self._ari.ask(
                "POST", f"/channels/{channel_of(leg)}/continue", context=context, extension="s", priority=1
            )
        except AriRefused as error:
            if error.status != 409:  # it is on its way already
                raise CarrierError(f"Asterisk would not go on with {context}: {error}") from error

    async def _media(self, leg: LegId, trace: Trace, sound: str, *, spoken: str = "words") -> str:
        if sound.startswith(PROMPT):
            name = sound.removeprefix(PROMPT)
            if not _PROMPT_NAME.fullmatch(name):
                raise CarrierError("a recorded sound's name has letters, digits, dashes, underscores and slashes only")
            return f"sound:{name}"
        speech = self._options.speech
        if speech is None:
            raise CarrierError("words are spoken where RINGBACK_ASTERISK_SOUNDS names a folder that Asterisk reads")
        most = WHISPER if trace.party == "agent" and trace.joined_at is None else None
        return f"sound:{await speech.speak(f'{channel_of(leg)}-{spoken}', sound, most=most)}"

    async def quiet(self, leg: LegId, trace: Trace) -> None:
        """Stop what the leg hears; music, tones and words block a channel's way into a bridge, and words any other request."""
        if not trace.sounding:
            return
        for ending in (
            f"/playbacks/{playback_of(leg, 'words')}",
            *(f"/channels/{channel_of(leg)}/{e}" for e in _ENDLESS.values()),
        ):
            with contextlib.suppress(AriRefused):
                await self._ari.ask("DELETE", ending)
        with contextlib.suppress(AriRefused):
            await self._set(leg, RB_SOUND="")
        self._traces.note(leg, trace.business, sounding=False)

    async def _there(self, business: BusinessId, leg: LegId) -> Trace:
        trace = await self._living(business, leg)
        if trace is None:
            raise LegGone(f"leg {leg} is not there")
        return trace

    async def _bridge(self, leg: LegId) -> str:
        answer = await self._ari.ask("GET", f"/channels/{channel_of(leg)}/variable", variable="RB_BRIDGE")
        if not answer["value"]:
            raise CarrierError("the leg is in no talk")
        return str(answer["value"])

    async def _set(self, leg: LegId, **variables: str) -> None:
        for name, value in variables.items():
            await self._ari.ask("POST", f"/channels/{channel_of(leg)}/variable", variable=name, value=value)
