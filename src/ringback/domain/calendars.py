"""One booked callback as an iCalendar object (RFC 5545), in UTC: the same UID for as long as it lives, a higher SEQUENCE with every change."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import UTC, datetime

from ringback.domain.ids import BusinessId, CallbackId
from ringback.domain.times import TimeWindow

MEDIA_TYPE = "text/calendar; charset=utf-8"
_FOLD = 75  # octets of one line, without its end


@dataclass(frozen=True, slots=True, kw_only=True)
class BookedCall:
    """What a calendar shows. `revision`: how often its time has changed; `cancelled`: it is taken out of the calendar."""

    callback: CallbackId
    business: BusinessId
    business_name: str
    who: str  # Kim, or Billing
    window: TimeWindow
    revision: int
    changed_at: datetime
    topic: str | None = None
    cancelled: bool = False


def calendar(call: BookedCall) -> str:
    """Return the whole object: PUBLISH while it is booked, CANCEL once it is not."""
    lines = [
        "BEGIN:VCALENDAR",
        "VERSION:2.0",
        "PRODID:-//Ringback//Callbacks//EN",
        "CALSCALE:GREGORIAN",
        f"METHOD:{'CANCEL' if call.cancelled else 'PUBLISH'}",
        "BEGIN:VEVENT",
        f"UID:{call.callback}@ringback",
        f"SEQUENCE:{call.revision + int(call.cancelled)}",
        f"DTSTAMP:{_instant(call.changed_at)}",
        f"LAST-MODIFIED:{_instant(call.changed_at)}",
        f"DTSTART:{_instant(call.window.start)}",
        f"DTEND:{_instant(call.window.end)}",
        f"ORGANIZER;CN={_parameter(call.business_name)}:urn:uuid:{call.business}",
        f"SUMMARY:{_text(f'{call.who} calls you · {call.business_name}')}",
        f"DESCRIPTION:{_text(_description(call))}",
        f"STATUS:{'CANCELLED' if call.cancelled else 'CONFIRMED'}",
        "TRANSP:OPAQUE",
        "CLASS:PRIVATE",
        "END:VEVENT",
        "END:VCALENDAR",
    ]
    return "".join(_folded(line) for line in lines)


def _description(call: BookedCall) -> str:
    about = f"About: {call.topic}\n" if call.topic else ""
    return (
        f"{about}Your phone, or the page you asked from, rings in this time. To move or cancel it, write in the chat."
    )


def _instant(at: datetime) -> str:
    return f"{at.astimezone(UTC):%Y%m%dT%H%M%SZ}"


def _text(value: str) -> str:
    """Escape a TEXT value; other control characters have no place in one."""
    value = value.replace("\r\n", "\n").replace("\r", "\n")
    value = value.replace("\\", "\\\\").replace(";", "\\;").replace(",", "\\,").replace("\n", "\\n")
    return "".join(each for each in value if each.isprintable())


def _parameter(value: str) -> str:
    """Quote a parameter's value: it can hold no quote and no control character at all."""
    return '"' + "".join(each for each in value if each.isprintable() and each != '"') + '"'


def _folded(line: str) -> str:
    """Fold a line into pieces of at most 75 octets, never inside a character; each further one begins with a space."""
    pieces, piece, size = [], "", 0
    for character in line:
        octets = len(character.encode())
        if size + octets > _FOLD:
            pieces.append(piece)
            piece, size = " ", 1
        piece += character
        size += octets
    return "".join(f"{each}\r\n" for each in [*pieces, piece])
