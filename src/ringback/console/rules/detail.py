"""An opened row of the console: why this agent, why this time, what happened so far, what can be done."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime
from zoneinfo import ZoneInfo

from ringback.console.rules import promise_words
from ringback.console.rules.clock_words import clock
from ringback.console.rules.desk_view import OUTCOMES, chat_lines
from ringback.console.rules.overview_rows import promised_of
from ringback.console.rules.reason_words import reason_items
from ringback.console.rules.rows import Row
from ringback.console.wire import ConsoleDetail, HistoryLine, Mark, Possible, ReasonGroup
from ringback.domain.status import OPEN_STATES, CallbackState, Outcome

# Decisions that say why this time; the others are history.
_WHY_WHEN = frozenset({"accepted", "moved"})
_SAID_BY_ATTEMPT = frozenset({"attempt_ended"})


def present_detail(
    callback: Row,
    decisions: Sequence[Row],
    assignments: Sequence[Row],
    attempts: Sequence[Row],
    transcript: Sequence[Row],
    *,
    now: datetime,
    where: ZoneInfo,
    can_act: bool,
) -> ConsoleDetail:
    """Return the opened row."""
    can, cannot = _possible(callback, now=now, can_act=can_act)
    return ConsoleDetail(
        id=callback["id"],
        reasons=_reasons(callback, decisions, assignments, now, where),
        history=_history(decisions, attempts),
        transcript=chat_lines(transcript),
        can=can,
        cannot=cannot,
    )


def _reasons(
    callback: Row, decisions: Sequence[Row], assignments: Sequence[Row], now: datetime, where: ZoneInfo
) -> list[ReasonGroup]:
    groups = [_why_agent(callback, assignments, where)]
    chosen = [each for each in decisions if each["kind"] in _WHY_WHEN]
    items = [Mark(mark="info", text=str(callback["routed_why"]))]
    if chosen:
        last = chosen[-1]
        detail = last["detail"].get("detail") or {}
        items = [Mark(mark=mark, text=text) for mark, text in reason_items(last["verdict"], detail, where)] + items
    title = f"Why {promise_words.short(promised_of(callback), now, where)}"
    groups.append(ReasonGroup(title=title, items=items))
    return groups


def _why_agent(callback: Row, assignments: Sequence[Row], where: ZoneInfo) -> ReasonGroup:
    if not assignments:
        if callback["named_agent_name"]:
            text = f"The customer asked for {callback['named_agent_name']}, or a supervisor named them"
            return ReasonGroup(title=f"Why {callback['named_agent_name']}", items=[Mark(mark="yes", text=text)])
        return ReasonGroup(title="Who calls", items=[Mark(mark="info", text="Chosen when its turn comes")])
    last = assignments[-1]
    reasons = last["reasons"]
    items = [
        Mark(mark=mark, text=text)
        for mark, text in reason_items(str(reasons.get("verdict", "")), reasons.get("detail") or {}, where)
    ]
    for earlier in assignments[:-1]:
        why = str(earlier["ended_why"] or "did not take it").replace("_", " ")
        items.append(Mark(mark="no", text=f"{earlier['name']}: {why}, {clock(earlier['made_at'], where)}"))
    return ReasonGroup(title=f"Why {last['name']}", items=items)


def _history(decisions: Sequence[Row], attempts: Sequence[Row]) -> list[HistoryLine]:
    lines = [
        HistoryLine(at=each["at"], text=each["verdict"]) for each in decisions if each["kind"] not in _SAID_BY_ATTEMPT
    ]
    for attempt in attempts:
        number = attempt["number"]
        for column, words in (
            ("dialled_at", f"Try {number}: customer dialled"),
            ("ringing_at", f"Try {number}: customer rings"),
            ("answered_at", f"Try {number}: customer answered"),
            ("joined_at", f"Try {number}: joined"),
        ):
            if attempt[column] is not None:
                lines.append(HistoryLine(at=attempt[column], text=words))
        if attempt["ended_at"] is not None and attempt["outcome"]:
            words = f"Try {number} ended: {OUTCOMES[Outcome(attempt['outcome'])].lower()}"
            lines.append(HistoryLine(at=attempt["ended_at"], text=words))
    return sorted(lines, key=lambda line: line.at)


def _possible(callback: Row, *, now: datetime, can_act: bool) -> tuple[Possible, str | None]:
    state = CallbackState(callback["state"])
    nothing = Possible(move=False, reassign=False, call_next=False, cancel=False)
    if state not in OPEN_STATES:
        return nothing, "It is over."
    if state is CallbackState.TALKING:
        return nothing, "They are talking."
    if state is CallbackState.CANCELLING:
        return nothing, "It is being cancelled."
    if not can_act:
        return nothing, "You may look, not act."
    waiting = state is CallbackState.WAITING
    can = Possible(
        move=True,
        reassign=waiting or state is CallbackState.ASKING,
        call_next=waiting and callback["ready_at"] <= now,
        cancel=True,
    )
    if state is CallbackState.CALLING:
        return can, "It is being called: moving or cancelling stops the call first."
    if waiting and not can.call_next:
        return can, "Its time has not come: it cannot be called next before."
    return can, None
