"""An agent's desk from rows: what rings, what comes, what was, in the words people read."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any
from uuid import UUID
from zoneinfo import ZoneInfo

from ringback.console.rules import customer_words, promise_words
from ringback.console.rules.clock_words import zone
from ringback.console.rules.promise_words import Promised
from ringback.console.rules.reason_words import why_you
from ringback.console.rules.rows import Row
from ringback.console.wire import (
    ChatLine,
    DeskAgent,
    DeskCallback,
    DeskCustomer,
    DeskDay,
    DeskPhone,
    DeskState,
    DeskView,
    DispositionButton,
    DoneCallback,
    LiveChat,
    NextCallback,
    ProviderChoice,
    WithYou,
)
from ringback.domain.providers import Provider
from ringback.domain.status import AgentState, BrokenCause, Outcome, PromiseResult
from ringback.domain.workplaces import DispositionChoice, Workplace
from ringback.pages.call_wire import CallView

_MAY_CALL_NOW = frozenset({AgentState.AVAILABLE, AgentState.IN_CHATS, AgentState.HELD})
OUTCOMES: Mapping[Outcome, str] = {
    Outcome.TALKED: "Talked",
    Outcome.BUSY: "Busy",
    Outcome.DECLINED: "Declined",
    Outcome.NO_ANSWER: "No answer",
    Outcome.MACHINE: "Machine",
    Outcome.UNREACHABLE: "Unreachable",
    Outcome.INVALID_NUMBER: "Invalid number",
    Outcome.CUSTOMER_ABSENT: "Page was closed",
    Outcome.AGENT_UNAVAILABLE: "No agent",
    Outcome.WRONG_PERSON: "Wrong person",
    Outcome.DROPPED: "Dropped",
    Outcome.CARRIER_FAILURE: "Carrier failed",
    Outcome.NOT_PERMITTED: "Not permitted",
    Outcome.WITHDRAWN: "Withdrawn",
    Outcome.UNKNOWN: "Not known if it rang",
}


@dataclass(frozen=True, slots=True, kw_only=True)
class DeskRows:
    """What a desk is made of. `workplaces` by queue; `home`: the settings of the agent's own queue."""

    now: datetime
    agent: Row
    queues: Sequence[Row]
    current: Row | None
    last_talk: Row | None
    transcript: Sequence[Row]
    next: Sequence[Row]
    done: Sequence[Row]
    call: CallView | None
    home: Workplace
    workplaces: Mapping[UUID, Workplace]
    shift_ends: datetime | None
    ice_servers: Sequence[Mapping[str, Any]]
    relay_only: bool = False
    with_you: Row | None = None
    with_you_said: Sequence[Row] = ()
    chats: Sequence[tuple[Row, Sequence[Row]]] = ()  # live ones, with what was said in those of this agent


def present_desk(rows: DeskRows) -> DeskView:
    """Return the desk."""
    where = zone(rows.agent["zone"])
    done = [_done(row, rows, where) for row in rows.done]
    return DeskView(
        now=rows.now,
        agent=DeskAgent(id=rows.agent["id"], name=rows.agent["name"], queues=[queue["name"] for queue in rows.queues]),
        providers=[
            ProviderChoice(
                address=str(Provider(business=rows.agent["business_slug"], queue=queue["slug"])), name=queue["name"]
            )
            for queue in rows.queues
        ],
        state=_state(rows.agent),
        pause_reasons=list(rows.home.pause_reasons),
        decline_reasons=list(rows.home.decline_reasons),
        ice_servers=[dict(server) for server in rows.ice_servers],
        relay_only=rows.relay_only,
        current=_current(rows, where),
        call=rows.call,
        with_you=_with_you(rows, where),
        chats=[_live_chat(row, said, rows, where) for row, said in rows.chats],
        next=[_next(row, rows, where) for row in rows.next],
        done_today=done,
        day=_day(rows),
    )


def _state(agent: Row) -> DeskState:
    return DeskState(name=agent["state"], since=agent["since"], reason=agent["reason"], until=agent["until"])


@dataclass(frozen=True, slots=True, kw_only=True)
class Stage:
    """How far the callback at hand is."""

    name: str
    since: datetime
    accept_by: datetime | None = None


def stage_of(agent: Row, current: Row, call: CallView | None) -> Stage | None:
    """Return the stage; None before the agent's device rings and after it is over."""
    if agent["state"] == AgentState.WRAP_UP:
        return Stage(name="wrap_up", since=agent["since"])
    joined_at = current["customer_joined_at"] or current["attempt_joined_at"]
    if joined_at is not None and current["customer_ended_at"] is None and current["attempt_ended_at"] is None:
        return Stage(name="talking", since=joined_at)
    match current["agent_phase"]:
        case "dialling" | "ringing" | "picked_up":
            accept_by = current["agent_rings_until"] or (call.rings_until if call else None)
            since = current["agent_ringing_at"] or current["agent_dialled_at"] or agent["since"]
            return Stage(name="ringing_you", since=since, accept_by=accept_by)
        case "answered" | "joined":
            since = current["customer_ringing_at"] or current["customer_dialled_at"] or current["agent_answered_at"]
            return Stage(name="customer_rings", since=since or agent["since"])
    return None


def _current(rows: DeskRows, where: ZoneInfo) -> DeskCallback | None:
    row = rows.current
    stage = stage_of(rows.agent, row, rows.call) if row is not None else None
    if row is None or stage is None:
        return None
    promised = Promised(start=row["window_start"], end=row["window_end"], early_is_fine=row["early_is_fine"])
    workplace = rows.workplaces[row["queue"]]
    in_wrap_up = stage.name == "wrap_up"
    return DeskCallback(
        callback=row["id"],
        attempt=row["attempt"],
        stage=stage.name,
        stage_since=stage.since,
        accept_by=stage.accept_by,
        customer=_customer(row, rows, where),
        topic=row["topic"],
        promised=promise_words.full(promised, rows.now, where),
        window_end=promised.end,
        queue=row["queue_name"],
        why_you=why_you(row["reasons"], spoke_at=_spoke_with(rows), where=where),
        transcript=chat_lines(rows.transcript),
        wrap_up_until=rows.agent["until"] if in_wrap_up else None,
        more_time_used=rows.agent["more_time"],
        dispositions=[
            DispositionButton(code=each.code, label=each.label, effect=effect_words(each))
            for each in workplace.dispositions
        ],
        can_hold=rows.agent["carrier"] == "browser" or stage.name == "talking",
        phone=_phone(rows.agent, row),
    )


def _phone(agent: Row, row: Row) -> DeskPhone | None:
    """Return what the desk can do about the call of an agent with a telephone; a page has its own buttons."""
    if agent["carrier"] == "browser":
        return None
    wishes, handling = row["wishes"] or {}, row["handling"] or {}
    return DeskPhone(
        held=bool(wishes.get("hold")),
        muted=bool(wishes.get("mute")),
        recording=bool(wishes.get("recording", True)) if handling.get("recording") else None,
        accept_key=handling.get("accept_key"),
    )


def _with_you(rows: DeskRows, where: ZoneInfo) -> WithYou | None:
    row = rows.with_you
    if row is None:
        return None
    promised = Promised(start=row["window_start"], end=row["window_end"], early_is_fine=row["early_is_fine"])
    return WithYou(
        callback=row["id"],
        customer=customer_words.customer_name(row["person_name"], row["destination"], row["ending"]),
        topic=row["topic"],
        promised=promise_words.full(promised, rows.now, where),
        queue=row["queue_name"],
        since=row["answered_at"],
        transcript=chat_lines(rows.with_you_said),
    )


def _spoke_with(rows: DeskRows) -> datetime | None:
    talk = rows.last_talk
    return talk["joined_at"] if talk is not None and talk["agent"] == rows.agent["id"] else None


def _customer(row: Row, rows: DeskRows, where: ZoneInfo) -> DeskCustomer:
    talk = rows.last_talk
    talked = None
    label = None
    if talk is not None:
        if talk["talk_ended_at"] is not None:
            talked = (talk["talk_ended_at"] - talk["joined_at"]).total_seconds()
        label = label_of(talk["disposition"], rows.workplaces.get(talk["queue"]))
    return DeskCustomer(
        name=customer_words.customer_name(row["person_name"], row["destination"], row["ending"]),
        where=customer_words.where_called(row["destination"], row["ending"], proved=row["proved"]),
        number_proved=row["proved"],
        consent=customer_words.consent_words(row["consent_at"], row["consent_answer"], where),
        last_time=customer_words.last_time(
            talk["joined_at"] if talk else None, talk["agent_name"] if talk else None, talked, label, where
        ),
        local_time=customer_words.local_time(row["zone"], zone(row["zone"]), where, rows.now),
    )


def _live_chat(row: Row, said: Sequence[Row], rows: DeskRows, where: ZoneInfo) -> LiveChat:
    mine, promised = row["state"] == "taken", None
    if row["window_start"] is not None:
        window = Promised(start=row["window_start"], end=row["window_end"], early_is_fine=row["early_is_fine"])
        promised = promise_words.full(window, rows.now, where)
    return LiveChat(
        chat=row["chat"],
        mine=mine,
        customer=customer_words.customer_name(row["person_name"], "browser", str(row["chat"])[-3:]),
        topic=row["topic"],
        queue=row["queue_name"],
        since=row["taken_at"] if mine else row["came_at"],
        promised=promised,
        messages=chat_lines(said),
    )


def chat_lines(rows: Sequence[Row]) -> list[ChatLine]:
    """Return a transcript."""
    return [
        ChatLine(
            seq=row["seq"],
            author=row["author"],
            author_name=row["author_name"],
            text=row["text"],
            at=row["at"],
            key=None,
            prompt=None,
            status=row["status"],
        )
        for row in rows
    ]


def effect_words(disposition: DispositionChoice) -> str:
    """Say what a disposition does."""
    match disposition.effect:
        case "call_again":
            minutes = round((disposition.after or 3600) / 60)
            return f"We call again in {minutes} min, or when you say"
        case "block":
            return "Closes it and ends all contact"
        case "follow_up":
            return "Closes it, and somebody follows up"
    return "Closes it"


def label_of(code: str | None, workplace: Workplace | None) -> str | None:
    """Return a disposition's label; a code that is not used any more speaks for itself."""
    if code is None:
        return None
    known = {each.code: each.label for each in workplace.dispositions} if workplace else {}
    return known.get(code, code.replace("_", " ").capitalize())


def _next(row: Row, rows: DeskRows, where: ZoneInfo) -> NextCallback:
    promised = Promised(start=row["window_start"], end=row["window_end"], early_is_fine=row["early_is_fine"])
    asap = row["early_is_fine"]
    at = row["estimate_p50"] if asap and row["estimate_p50"] else max(row["window_start"], row["ready_at"])
    mine = row["named_agent"] is not None and row["named_agent"] == rows.agent["id"]
    given = mine and row["given_to"] == str(row["named_agent"])
    whose = "given to you" if given else "asked for you" if mine else row["queue_name"]
    return NextCallback(
        callback=row["id"],
        at=at,
        when=f"{promise_words.short(promised, rows.now, where)} · {whose}",
        customer=customer_words.customer_name(row["person_name"], row["destination"], row["ending"]),
        topic=row["topic"],
        held_from=rows.agent["since"] if row["is_held"] else None,
        dialling=row["dialling"],
        can_call_now=(
            row["state"] == "waiting"
            and row["dialling"]
            and row["ready_at"] <= rows.now
            and rows.agent["state"] in _MAY_CALL_NOW
        ),
    )


def _done(row: Row, rows: DeskRows, where: ZoneInfo) -> DoneCallback:
    words, kept = ("No promise", None) if row["result"] is None else _ended(row)
    outcome = Outcome(row["outcome"]) if row["outcome"] else None
    talked = row["joined_at"] is not None
    label = label_of(row["disposition"], rows.workplaces.get(row["queue"])) if talked else None
    text = label or (OUTCOMES[outcome] if outcome else "Ending")
    if row["number"] > 1:
        text += f", try {row['number']}"
    talk = (row["talk_ended_at"] - row["joined_at"]).total_seconds() if talked and row["talk_ended_at"] else None
    return DoneCallback(
        callback=row["id"],
        at=row["ended_at"],
        customer=customer_words.customer_name(row["person_name"], row["destination"], row["ending"]),
        topic=row["topic"],
        outcome=text,
        talk=talk,
        promise=words,
        kept=kept,
    )


def _ended(row: Row) -> tuple[str, bool | None]:
    return promise_words.outcome(
        PromiseResult(row["result"]),
        BrokenCause(row["cause"]) if row["cause"] else None,
        Promised(start=row["window_start"], end=row["window_end"], early_is_fine=row["early_is_fine"]),
        row["first_ring_at"],
    )


def _day(rows: DeskRows) -> DeskDay:
    results = {row["promise"]: row["result"] for row in rows.done if row["promise"] is not None}
    kept = sum(1 for result in results.values() if result == PromiseResult.KEPT)
    broken = sum(1 for result in results.values() if result == PromiseResult.BROKEN)
    talks = [
        (row["talk_ended_at"] - row["joined_at"]).total_seconds()
        for row in rows.done
        if row["joined_at"] is not None and row["talk_ended_at"] is not None
    ]
    return DeskDay(
        promises_kept=kept,
        promises_ended=kept + broken,
        average_talk=round(sum(talks) / len(talks), 1) if talks else None,
        shift_ends=rows.shift_ends,
    )
