"""The one protocol every carrier speaks.

The carrier's own object is the token against ringing twice: `prepare` makes it, the gate's fence is committed, `dial` rings it. A
dial that comes late meets LegGone once the leg was revoked, so a stalled process can ring nobody.
"""

from __future__ import annotations

from collections.abc import AsyncIterator
from dataclasses import dataclass, field
from datetime import datetime
from enum import Flag, StrEnum, auto
from typing import Protocol
from uuid import UUID

from ringback.domain.ids import AgentId, BusinessId, CallbackId, LegId
from ringback.domain.status import Party


class Abilities(Flag):
    """Which of the verbs after `hang_up` a carrier supports, and what its legs ring."""

    NONE = 0
    PLAY = auto()
    HOLD = auto()
    RECORD = auto()
    TRANSFER = auto()
    RINGS_PHONES = auto()
    RINGS_PAGES = auto()
    KEYS = auto()  # hears keys pressed on telephones
    MUTE = auto()
    SCREEN = auto()  # tells people from machines, and leaves messages


@dataclass(frozen=True, slots=True, kw_only=True)
class LegOrder:
    """What `prepare` needs. `address`: E.164, or the agent's or chat's id for the browser carrier."""

    business: BusinessId
    callback: CallbackId
    leg: LegId
    party: Party
    address: str = field(repr=False)
    peer_name: str  # shown to whom this leg rings: "Kim", "Dana W."
    peer_detail: str  # "Billing"
    about: str | None = None
    agent: AgentId | None = None
    caller_id: str | None = field(
        default=None, repr=False
    )  # E.164, shown on a customer's telephone; None: the carrier's own


class LegEventKind(StrEnum):
    """What a carrier can say about a leg."""

    RINGING = "ringing"  # first evidence that the device rang (180/183, alert shown)
    ANSWERED = "answered"
    MACHINE = "machine"
    PERSON = "person"  # what answered was screened, and is no machine
    KEY = "key"  # `detail` is the key, pressed before the join
    PLAYED = "played"  # what `play` began has been heard to its end
    SOUND = "sound"  # media flows
    HELD = "held"
    RESUMED = "resumed"
    ENDED = "ended"  # `cause` says how; final


class EndCause(StrEnum):
    """How a leg ended, in the carrier's own certainty."""

    HUNG_UP = "hung_up"  # by its own party, after answering
    RELEASED = "released"  # by us
    DECLINED = "declined"
    BUSY = "busy"
    NO_ANSWER = "no_answer"
    UNREACHABLE = "unreachable"
    INVALID_NUMBER = "invalid_number"
    ABSENT = "absent"  # no page to ring
    LOST = "lost"  # media or page gone, after answering
    FAILED = "failed"  # before ringing, known not to have rung
    CARRIER_LOST = "carrier_lost"  # the carrier itself died, or ended it by itself: nobody knows whether it rang


@dataclass(frozen=True, slots=True, kw_only=True)
class LegEvent:
    """One thing that happened to a leg. (carrier, account, event) is unique for ever; the same event may be delivered again, and late."""

    business: BusinessId
    leg: LegId
    event: str
    account: str
    kind: LegEventKind
    at: datetime
    cause: EndCause | None = None
    detail: str | None = None
    reason: str | None = None  # an agent's words when declining


class Whereabouts(StrEnum):
    """What `lookup` knows."""

    ABSENT = "absent"  # no such leg, and none will come from an earlier request
    PREPARED = "prepared"
    DIALLING = "dialling"  # may ring, or rings
    ANSWERED = "answered"
    JOINED = "joined"
    ENDED = "ended"


@dataclass(frozen=True, slots=True, kw_only=True)
class LegReport:
    """The truth about one leg at the carrier, now."""

    whereabouts: Whereabouts
    rang_at: datetime | None = None
    answered_at: datetime | None = None
    joined_at: datetime | None = None
    ended_at: datetime | None = None
    cause: EndCause | None = None
    machine: bool = False  # what answered was told to be an answering machine
    person: bool = False  # or to be none


class Carrier(Protocol):
    """Places legs. Every verb may raise CarrierUnreachable (nothing is known); those on a leg raise LegGone when the carrier has none.

    `prepare`, `revoke`, `hang_up` and `join` are idempotent. `dial` rings a prepared leg at most once, however often it is called.
    All verbs take at most a few seconds; the caller sets the time-out.
    """

    name: str
    account: str
    abilities: Abilities

    async def start(self) -> None:
        """Connect and subscribe; events before the first snapshot are kept."""

    async def stop(self) -> None:
        """Let go of everything; a second call does nothing."""

    async def prepare(self, order: LegOrder) -> None:
        """Make the carrier's object for the leg: nothing rings. Returns when the carrier confirms it."""

    async def dial(self, business: BusinessId, leg: LegId, *, ring_for: float) -> None:
        """Ring the prepared leg for at most `ring_for` seconds. LegGone when it was revoked, ended, or never made."""

    async def revoke(self, business: BusinessId, leg: LegId) -> LegReport:
        """Make sure that it cannot ring any more, and say with what certainty: returns only with the leg absent or ended."""

    async def lookup(self, business: BusinessId, leg: LegId) -> LegReport:
        """Say what is known about the leg."""

    async def join(self, business: BusinessId, agent: LegId, customer: LegId) -> None:
        """Connect two answered legs of this carrier."""

    async def hang_up(self, business: BusinessId, leg: LegId) -> None:
        """End the leg; one that is gone is fine."""

    async def play(self, business: BusinessId, leg: LegId, sound: str) -> None:
        """Play to one leg, or to both once it is joined (Abilities.PLAY); what was playing stops.

        `sound`: `ringing`, `music`, `prompt:NAME` for a recorded sound, else words to speak.
        """

    async def hold(self, business: BusinessId, leg: LegId, *, on: bool) -> None:
        """Hold or resume (Abilities.HOLD)."""

    async def record(self, business: BusinessId, leg: LegId, *, on: bool) -> None:
        """Record the talk, or pause; a later `on` goes on with the same recording (Abilities.RECORD)."""

    async def recording(self, business: BusinessId, leg: LegId) -> bytes | None:
        """Return what was recorded as WAV, once the leg is over; None when there is nothing (Abilities.RECORD)."""

    async def forget_recording(self, business: BusinessId, leg: LegId) -> None:
        """Delete it at the carrier; one that is gone is fine (Abilities.RECORD)."""

    async def mute(self, business: BusinessId, leg: LegId, *, on: bool) -> None:
        """Keep the leg's own sound from the other, or let it through again (Abilities.MUTE)."""

    async def screen(self, business: BusinessId, leg: LegId) -> None:
        """Find out whether a person or a machine answered; MACHINE or PERSON says so (Abilities.SCREEN)."""

    async def leave_message(self, business: BusinessId, leg: LegId, sound: str) -> None:
        """Take the leg out of any talk, play to it once it is silent, and hang up (Abilities.SCREEN)."""

    async def transfer(self, business: BusinessId, leg: LegId, address: str) -> None:
        """Hand the customer's leg to another address (Abilities.TRANSFER)."""

    def events(self) -> AsyncIterator[LegEvent]:
        """Yield what happens to legs, from any process's requests; ends when the carrier stops."""

    async def legs_of(self, business: BusinessId) -> list[UUID]:
        """List the legs that exist there and are not ended: for the sweep of orphans."""
