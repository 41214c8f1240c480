"""The console's lanes: each callback in one row, with its promise, its chance and one line of why."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any
from uuid import UUID
from zoneinfo import ZoneInfo

from ringback.console.rules import promise_words
from ringback.console.rules.clock_words import clock
from ringback.console.rules.customer_words import customer_name
from ringback.console.rules.possible import NOTHING, possible
from ringback.console.rules.promise_words import Promised
from ringback.console.rules.rows import Row
from ringback.console.wire import ConsoleRow, Risk
from ringback.domain.commands import Estimate
from ringback.domain.status import BrokenCause, CallbackState, Outcome, PromiseResult
from ringback.domain.times import TimeWindow
from ringback.domain.workplaces import Workplace

Chance = Callable[[TimeWindow, Estimate, float], float]


@dataclass(frozen=True, slots=True, kw_only=True)
class Frame:
    """What every row is read against."""

    now: datetime
    where: ZoneInfo
    workplaces: Mapping[UUID, Workplace]
    chance: Chance
    stopped: frozenset[UUID] = frozenset()  # queues in which nothing is dialled


def open_rows(rows: Sequence[Row], frame: Frame) -> list[ConsoleRow]:
    """Return the rows of open callbacks, given in the order of their lines."""
    places: dict[UUID, int] = {}
    shown = []
    for row in rows:
        lane = lane_of(row, frame.now)
        place = None
        if lane == "waiting":
            place = places[row["queue"]] = places.get(row["queue"], 0) + 1
        shown.append(_open_row(row, lane, place, frame))
    return shown


def lane_of(row: Row, now: datetime) -> str:
    """Return the lane of an open callback."""
    match CallbackState(row["state"]):
        case CallbackState.CALLING | CallbackState.TALKING | CallbackState.CANCELLING:
            return "calling"
        case CallbackState.ASKING:
            return "asking"
    return "waiting" if row["ready_at"] <= now else "promised"


def promised_of(row: Row) -> Promised:
    """Return the window a callback is held to now."""
    return Promised(start=row["window_start"], end=row["window_end"], early_is_fine=row["early_is_fine"])


def chance_of(row: Row, frame: Frame) -> float | None:
    """Return how likely the promise is to be kept, where an estimate is known; past its end it is not."""
    if CallbackState(row["state"]) is not CallbackState.WAITING:
        return None
    if row["window_end"] <= frame.now:
        return 0.0
    if row["estimate_p10"] is None or row["queue"] in frame.stopped:
        return None  # an estimate knows nothing of a stop, nor when it ends
    estimate = Estimate(p10=row["estimate_p10"], p50=row["estimate_p50"], p90=row["estimate_p90"])
    window = TimeWindow(start=row["window_start"], end=row["window_end"])
    return round(frame.chance(window, estimate, frame.workplaces[row["queue"]].agent_ring), 2)


def _open_row(row: Row, lane: str, place: int | None, frame: Frame) -> ConsoleRow:
    return ConsoleRow(
        id=row["id"],
        lane=lane,
        customer=customer_name(row["person_name"], row["destination"], row["ending"]),
        about=row["topic"],
        queue=row["queue_name"],
        promise=promise_words.short(promised_of(row), frame.now, frame.where),
        promise_end=row["window_end"],
        chance=chance_of(row, frame),
        agent=row["live_agent_name"] or row["held_agent_name"] or row["named_agent_name"],
        why=_why(row, lane),
        place=place,
        state=row["state"],
        order=_order(row, lane),
        can=possible(row, frame.now)[0],
    )


def _order(row: Row, lane: str) -> str:
    """Return what sorts a row in its lane without depending on its neighbours, so that they need not be sent again."""
    if lane == "waiting":
        return f"{1_000_000 - row['priority']:07d} {row['ready_at'].isoformat()} {row['accepted_at'].isoformat()}"
    return f"{row['window_start'].isoformat()} {row['accepted_at'].isoformat()}"


def _why(row: Row, lane: str) -> str:
    match lane:
        case "calling":
            return _why_calling(row)
        case "asking":
            if row["last_outcome"] == Outcome.UNKNOWN:
                return "Not known if it rang; asked in the chat"
            return row["reason"] or "Asked in the chat"
    return _why_waiting(row)


def _why_calling(row: Row) -> str:
    agent = row["live_agent_name"] or "the agent"
    if row["state"] == CallbackState.CANCELLING:
        return "Cancelled; a call under way is being stopped"
    if row["state"] == CallbackState.TALKING:
        return f"Talking with {agent}"
    if row["customer_phase"] == "ringing":
        return "Customer rings"
    if row["customer_phase"] in ("prepared", "dialling"):
        return "Customer is being dialled"
    if row["agent_phase"] in ("dialling", "ringing"):
        return f"Agent rings: {agent}"
    if row["attempt_state"] == "seeking_agent":
        return "The agent did not take it; the next is asked"
    return row["reason"] or f"{agent} calls"


def _why_waiting(row: Row) -> str:
    if row["held_agent_name"]:
        words = f"{row['held_agent_name']} is held for it"
    elif row["reason"]:
        words = str(row["reason"])
    elif row["named_agent_name"]:
        words = f"Asked for {row['named_agent_name']}"
    elif row["customer_attempts"]:  # as the chat counts: those in which the customer was tried
        words = f"Try {row['customer_attempts'] + 1} comes"
    else:
        words = "Waits for its turn"
    if row["places_gained"]:
        words += f"; gained {row['places_gained']} {_places(row['places_gained'])}"
    elif row["places_lost"]:
        words += f"; lost {row['places_lost']} {_places(row['places_lost'])}"
    return words


def _places(count: int) -> str:
    return "place" if count == 1 else "places"


def done_rows(rows: Sequence[Row], frame: Frame) -> list[ConsoleRow]:
    """Return the rows of callbacks that are over, newest first."""
    return [_done_row(row, frame) for row in rows]


def _done_row(row: Row, frame: Frame) -> ConsoleRow:
    finished: datetime = row["finished_at"]
    return ConsoleRow(
        id=row["id"],
        lane="done",
        customer=customer_name(row["person_name"], row["destination"], row["ending"]),
        about=row["topic"],
        queue=row["queue_name"],
        promise=promise_words.short(promised_of(row), frame.now, frame.where),
        promise_end=row["window_end"],
        chance=None,
        agent=row["agent_name"],
        why=_why_done(row, frame),
        place=None,
        state=row["state"],
        order=f"{10**12 - int(finished.timestamp()):013d}",
        can=NOTHING,
    )


def _why_done(row: Row, frame: Frame) -> str:
    at = clock(row["finished_at"], frame.where)
    if row["result"] is None:
        return f"{row['reason'] or row['state'].capitalize()}, {at}"
    promised = Promised(start=row["promised_start"], end=row["promised_end"], early_is_fine=row["promised_early"])
    words, _ = promise_words.outcome(
        PromiseResult(row["result"]),
        BrokenCause(row["cause"]) if row["cause"] else None,
        promised,
        row["first_ring_at"],
    )
    return f"{words}; {_lower(row['reason'])}, {at}" if row["reason"] else f"{words}, {at}"


def _lower(words: str) -> str:
    return words[:1].lower() + words[1:] if words[1:2].islower() else words


def risks(rows: Sequence[Row], frame: Frame) -> list[Risk]:
    """Return the promises that need somebody: not known, not dialled, at risk, in a slot that is short; the soonest first."""
    found: list[tuple[datetime, Risk]] = []
    short = _short(rows)
    for row in rows:
        risk = _unknown(row, frame) or _stopped(row, frame) or _at_risk(row, frame) or _in_short_slot(row, short, frame)
        if risk is not None:
            found.append((row["window_end"], risk))
    return [risk for _, risk in sorted(found, key=lambda each: (each[0], str(each[1].callback)))]


def _risk(row: Row, frame: Frame, *, kind: str, why: str, chance: float | None = None) -> Risk:
    return Risk(
        callback=row["id"],
        when=promise_words.short(promised_of(row), frame.now, frame.where),
        customer=customer_name(row["person_name"], row["destination"], row["ending"]),
        chance=chance,
        why=why,
        kind=kind,
    )


def _unknown(row: Row, frame: Frame) -> Risk | None:
    if row["state"] != CallbackState.ASKING or row["last_outcome"] != Outcome.UNKNOWN:
        return None
    at = clock(row["last_ended_at"], frame.where)
    return _risk(
        row, frame, kind="unknown", why=f"The line dropped at {at} while dialling. Asked in the chat, no answer yet."
    )


def _stopped(row: Row, frame: Frame) -> Risk | None:
    """Nobody is called, and it is due: no chance can be told, and it needs somebody all the same."""
    if row["queue"] not in frame.stopped or lane_of(row, frame.now) != "waiting":
        return None
    why = f"Dialling is stopped in {row['queue_name']}: nobody calls until it goes on."
    return _risk(row, frame, kind="stopped", why=why, chance=chance_of(row, frame))


def _at_risk(row: Row, frame: Frame) -> Risk | None:
    chance = chance_of(row, frame)
    unlikely = chance is not None and chance < frame.workplaces[row["queue"]].notice_below
    told = row["notices"] > 0 and row["state"] == CallbackState.WAITING
    if not unlikely and not told:
        return None
    why = _why_waiting(row) + (". The customer was told" if told else "")
    return _risk(row, frame, kind="at_risk", why=why + ".", chance=chance)


def _short(rows: Sequence[Row]) -> dict[Any, set[UUID]]:
    """Return, for each slot with more booked than it can carry, the callbacks that are too many: the latest booked ones."""
    slots: dict[Any, list[Row]] = {}
    for row in rows:
        if row["slot_start"] is not None and row["capacity"] is not None and row["booked"] > row["capacity"]:
            slots.setdefault((row["queue"], row["slot_start"]), []).append(row)
    return {
        slot: {row["id"] for row in sorted(booked, key=lambda row: row["accepted_at"])[booked[0]["capacity"] :]}
        for slot, booked in slots.items()
    }


def _in_short_slot(row: Row, short: Mapping[Any, set[UUID]], frame: Frame) -> Risk | None:
    if row["id"] not in short.get((row["queue"], row["slot_start"]), ()):
        return None
    at = clock(row["slot_start"], frame.where)
    over = row["booked"] - row["capacity"]
    why = f"{at} is short by {over}: {row['booked']} promised, room for {row['capacity']}. Latest booked first."
    return _risk(row, frame, kind="short", why=why)
