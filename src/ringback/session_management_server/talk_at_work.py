"""What a controller asks of carriers for those who have picked up, wait or talk. Each is asked once by each process, and none decides anything."""

from __future__ import annotations

import asyncio

import structlog

from ringback.domain.commands import PerformCallback
from ringback.domain.errors import CarrierError, CarrierUnreachable, LegGone
from ringback.domain.ids import BusinessId, LegId
from ringback.domain.status import Party
from ringback.session_management_server.carriers.protocol import Abilities, Carrier
from ringback.session_management_server.legs_at_work import Hands
from ringback.session_management_server.rules import announcements
from ringback.session_management_server.rules.snapshot import Attempt
from ringback.session_management_server.rules.verbs import Entertain, LeaveMessage, Say, Screen, Tune, Verb

log = structlog.get_logger(__name__)

TRIES = 3
PAUSE = 0.2


async def do(hands: Hands, verb: Verb) -> None:
    """Ask a few times: what was not said or tuned then is left out, and the clocks of the rules go on."""
    for _ in range(TRIES):
        leg = hands.leg(verb.leg) if isinstance(verb, Say | Screen | Entertain | LeaveMessage | Tune) else None
        if leg is None or not hands.leased():
            return
        attempt, direction = hands.view()
        try:
            await _do(hands.carrier(leg), attempt, direction, verb)
            return
        except LegGone:
            return
        except CarrierUnreachable:
            await asyncio.sleep(PAUSE)
        except CarrierError as error:
            log.warning("not_done_in_talk", verb=type(verb).__name__, leg=str(leg.id), error=str(error))
            return


async def _do(carrier: Carrier, attempt: Attempt, direction: PerformCallback, verb: Verb) -> None:
    business, abilities = attempt.business, carrier.abilities
    match verb:
        case Say(leg) if Abilities.PLAY in abilities:
            words = _words(attempt, direction, leg)
            if words is not None:
                await carrier.play(business, leg, words)
        case Screen(leg) if Abilities.SCREEN in abilities:
            await carrier.screen(business, leg)
        case Entertain(leg, sound) if Abilities.PLAY in abilities:
            await carrier.play(business, leg, sound)
        case LeaveMessage(leg) if Abilities.SCREEN in abilities:
            message = announcements.machine_message(attempt.handling, names_of(attempt, direction))
            await carrier.leave_message(business, leg, message or "")
        case Tune("hold", leg, on) if Abilities.HOLD in abilities:
            await carrier.hold(business, leg, on=on)
        case Tune("mute", leg, on) if Abilities.MUTE in abilities:
            await carrier.mute(business, leg, on=on)
        case Tune("recording", leg, on) if Abilities.RECORD in abilities:
            await _record(carrier, business, leg, attempt, on=on)


async def _record(carrier: Carrier, business: BusinessId, leg: LegId, attempt: Attempt, *, on: bool) -> None:
    """Record the talk from its beginning, the notice that says so included; a pause and its end are silent."""
    await carrier.record(business, leg, on=on)
    notice = attempt.handling.recording_notice
    if on and "recording" not in attempt.wishes and notice is not None:
        await carrier.play(business, leg, notice)


def _words(attempt: Attempt, direction: PerformCallback, id: LegId) -> str | None:
    leg = attempt.leg(id)
    names = names_of(attempt, direction)
    if leg is not None and leg.party is Party.AGENT:
        return announcements.whisper(attempt.handling, names)
    return announcements.menu(attempt.handling, names)


def names_of(attempt: Attempt, direction: PerformCallback) -> announcements.Names:
    """Return what texts on the telephone may name."""
    return announcements.Names(customer=direction.customer_name, topic=direction.topic, queue=direction.queue_name)
