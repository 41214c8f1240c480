"""Asterisk's events as what happens to legs."""

from __future__ import annotations

import asyncio
from collections.abc import Callable, Mapping
from datetime import UTC, datetime
from typing import Any

from ringback.domain.ids import BusinessId, LegId
from ringback.session_management_server.carriers.asterisk.endings import Ending, end_cause
from ringback.session_management_server.carriers.asterisk.traces import (
    Trace,
    Traces,
    business_of,
    leg_of,
    played_to,
    read_channel,
)
from ringback.session_management_server.carriers.protocol import EndCause, LegEvent, LegEventKind

BY_REQUEST = 32  # the cause of a hang-up that was asked for over ARI


class Hearing:
    """Reads the stream. `say` gets each leg's events, once; `note` what is to be left with a channel, and None at its end."""

    def __init__(
        self,
        traces: Traces,
        *,
        account: str,
        say: Callable[[LegEvent], None],
        note: Callable[[LegId, Mapping[str, str] | None], None],
    ) -> None:
        self._traces = traces
        self._account = account
        self._say_event = say
        self._note = note
        self._entered: dict[LegId, asyncio.Event] = {}
        self._ended: dict[LegId, asyncio.Event] = {}

    def entering(self, leg: LegId) -> asyncio.Event:
        """Return what is set when the leg's channel is ours to dial."""
        return self._entered.setdefault(leg, asyncio.Event())

    def ending(self, leg: LegId) -> asyncio.Event:
        """Return what is set when the leg's channel has ended."""
        return self._ended.setdefault(leg, asyncio.Event())

    def forget(self, leg: LegId) -> None:
        """Nobody waits for the leg any more."""
        self._entered.pop(leg, None)
        self._ended.pop(leg, None)

    def all_lost(self, at: datetime) -> None:
        """Asterisk died: every leg it had is lost."""
        for leg, trace in self._traces.live():
            self._traces.note(leg, trace.business, ended_at=at, cause=EndCause.CARRIER_LOST)
            self._say(trace.business, leg, LegEventKind.ENDED, at, cause=EndCause.CARRIER_LOST)

    def hear(self, event: dict[str, Any]) -> None:
        """Take one event."""
        if event["type"] == "PlaybackFinished":
            self._played(event)
            return
        channel = event.get("channel") or event.get("peer")
        leg = leg_of(channel["id"]) if channel else None
        if channel is None or leg is None:
            return
        if event["type"] == "StasisStart" and (entered := self._entered.get(leg)) is not None:
            entered.set()
        known = self._traces.get(leg)
        business = business_of(channel.get("channelvars") or {}) or (known.business if known else None)
        if business is None:
            return
        at = datetime.fromisoformat(event["timestamp"]).astimezone(UTC)
        match event["type"]:
            case "Dial" if event.get("dialstatus") in ("RINGING", "PROGRESS"):
                self._rang(business, leg, at)
            case "ChannelStateChange" if channel["state"] == "Ringing":
                self._rang(business, leg, at)
            case "ChannelStateChange" if channel["state"] == "Up":
                self._answered(business, leg, at)
            case "ChannelVarset" if event.get("variable") == "RB_HELD":
                kind = LegEventKind.HELD if event.get("value") == "1" else LegEventKind.RESUMED
                self._say(business, leg, kind, at, once=False)
            case "ChannelDtmfReceived" if known is None or known.joined_at is None:
                self._say(business, leg, LegEventKind.KEY, at, once=False, detail=event["digit"])
            case "StasisStart" if event.get("args", [])[:1] == ["amd"]:
                machine = event["args"][1:2] == ["MACHINE"]
                self._traces.note(leg, business, machine=machine)
                self._say(business, leg, LegEventKind.MACHINE if machine else LegEventKind.PERSON, at)
            case "ChannelHangupRequest" if event.get("cause") == BY_REQUEST and channel["state"] == "Up":
                self._traces.note(leg, business, released=True)
            case "ChannelDestroyed":
                self._over(business, leg, at, event)

    def _played(self, event: dict[str, Any]) -> None:
        leg = played_to(event["playback"]["id"])
        known = self._traces.get(leg) if leg is not None else None
        if leg is not None and known is not None:
            at = datetime.fromisoformat(event["timestamp"]).astimezone(UTC)
            self._say(known.business, leg, LegEventKind.PLAYED, at, once=False)

    def _rang(self, business: BusinessId, leg: LegId, at: datetime) -> None:
        known = self._traces.get(leg)
        if known is None or known.rang_at is None:
            self._traces.note(leg, business, dialled=True, rang_at=at)
            self._say(business, leg, LegEventKind.RINGING, at)
            self._note(leg, {"RB_RANG": at.isoformat()})

    def _answered(self, business: BusinessId, leg: LegId, at: datetime) -> None:
        known = self._traces.get(leg)
        if known is None or known.answered_at is None:
            self._rang(business, leg, at)
            self._traces.note(leg, business, answered_at=at)
            self._say(business, leg, LegEventKind.ANSWERED, at)
            self._note(leg, {"RB_ANSWERED": at.isoformat()})

    def _over(self, business: BusinessId, leg: LegId, at: datetime, event: dict[str, Any]) -> None:
        known = self._traces.get(leg) or Trace(business=business)
        if known.ended_at is not None:
            return
        last = read_channel(event["channel"], at) or known  # a process that has just come knows a leg by this alone
        rang_at, answered_at = known.rang_at or last.rang_at, known.answered_at or last.answered_at
        cause = end_cause(
            Ending(
                dialled=known.dialled or last.dialled,
                rang=rang_at is not None,
                answered=answered_at is not None,
                released=known.released or last.released,
                cause=event.get("cause"),
                answer=event.get("tech_cause"),
            )
        )
        self._traces.note(
            leg,
            business,
            dialled=known.dialled or last.dialled,
            rang_at=rang_at,
            answered_at=answered_at,
            joined_at=known.joined_at or last.joined_at,
            ended_at=at,
            cause=cause,
        )
        if rang_at is not None and known.rang_at is None:
            self._say(business, leg, LegEventKind.RINGING, rang_at)
        if answered_at is not None and known.answered_at is None:
            self._say(business, leg, LegEventKind.ANSWERED, answered_at)
        self._say(business, leg, LegEventKind.ENDED, at, cause=cause)
        if (ended := self._ended.get(leg)) is not None:
            ended.set()
        self._note(leg, None)

    def _say(
        self,
        business: BusinessId,
        leg: LegId,
        kind: LegEventKind,
        at: datetime,
        *,
        cause: EndCause | None = None,
        once: bool = True,
        detail: str | None = None,
    ) -> None:
        name = f"{leg}:{kind}" if once else f"{leg}:{kind}:{at.timestamp()}"
        self._say_event(
            LegEvent(
                business=business,
                leg=leg,
                event=name,
                account=self._account,
                kind=kind,
                at=at,
                cause=cause,
                detail=detail,
            )
        )
