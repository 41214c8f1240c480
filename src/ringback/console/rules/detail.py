"""An opened row of the console: why this agent, why this time, what happened so far, what can be done."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime
from zoneinfo import ZoneInfo

from ringback.console.rules import promise_words
from ringback.console.rules.clock_words import clock
from ringback.console.rules.desk_view import chat_lines
from ringback.console.rules.overview_rows import promised_of
from ringback.console.rules.possible import NOTHING, possible
from ringback.console.rules.reason_words import reason_items
from ringback.console.rules.rows import Row
from ringback.console.wire import ConsoleDetail, HistoryLine, Mark, ReasonGroup
from ringback.domain.reports import Sentence

_RATED = {
    "good": Mark(mark="yes", text="Good"),
    "so_so": Mark(mark="info", text="So-so"),
    "bad": Mark(mark="no", text="Not good"),
}
# Sentences that say why this time.
_WHY_WHEN = frozenset({"admission", "move"})


def present_detail(
    callback: Row,
    sentences: Sequence[Sentence],
    assignments: Sequence[Row],
    transcript: Sequence[Row],
    *,
    now: datetime,
    where: ZoneInfo,
    can_act: bool,
) -> ConsoleDetail:
    """Return the opened row."""
    can, cannot = possible(callback, now)
    if not can_act and can != NOTHING:
        can, cannot = NOTHING, "You may look, not act."
    return ConsoleDetail(
        id=callback["id"],
        reasons=_reasons(callback, sentences, assignments, now, where),
        history=[HistoryLine(at=each.at, text=each.text, because=list(each.because)) for each in sentences],
        transcript=chat_lines(transcript),
        can=can,
        cannot=cannot,
    )


def _reasons(
    callback: Row, sentences: Sequence[Sentence], assignments: Sequence[Row], now: datetime, where: ZoneInfo
) -> list[ReasonGroup]:
    groups = [_why_agent(callback, assignments, where)]
    decided = [each for each in sentences if each.topic in _WHY_WHEN]
    items = [Mark(mark="info", text=str(callback["routed_why"]))]
    if decided:
        last = decided[-1]
        items = [Mark(mark="yes", text=last.text), *(Mark(mark="info", text=each) for each in last.because)]
    title = f"Why {promise_words.short(promised_of(callback), now, where)}"
    groups.append(ReasonGroup(title=title, items=items))
    if callback["rating"] is not None:
        groups.append(ReasonGroup(title="How the customer found the call", items=[_RATED[callback["rating"]]]))
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
