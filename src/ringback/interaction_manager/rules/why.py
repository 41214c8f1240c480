"""What was decided about one callback, and from what, in sentences: by the clock of the business. Pure: records in, sentences out."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any
from zoneinfo import ZoneInfo

from ringback.domain.commands import Estimate
from ringback.domain.reports import Sentence
from ringback.domain.status import BrokenCause, PromiseKind, PromiseResult
from ringback.interaction_manager.rules.ledger import JOIN_WITHIN, Ending, PromiseFacts, first_ring, rang_early
from ringback.interaction_manager.rules.words import basis, clock, length, span

EN_DASH = "\N{EN DASH}"


@dataclass(frozen=True, slots=True, kw_only=True)
class Decision:
    """One recorded decision."""

    kind: str
    at: datetime
    by: str
    verdict: str
    detail: Mapping[str, Any]


@dataclass(frozen=True, slots=True, kw_only=True)
class PromiseTold:
    """One promise, and how it ended."""

    kind: PromiseKind
    made_at: datetime
    facts: PromiseFacts
    estimate: Estimate | None
    result: PromiseResult
    cause: BrokenCause | None
    settled_at: datetime | None
    ending: Ending | None


@dataclass(frozen=True, slots=True, kw_only=True)
class Tried:
    """One agent who was asked in an attempt."""

    name: str
    asked_at: datetime
    accepted_at: datetime | None
    ended_why: str | None


@dataclass(frozen=True, slots=True, kw_only=True)
class AttemptTold:
    """One attempt; `carrier` None: the customer's end was never tried."""

    number: int
    began_at: datetime
    agents: tuple[Tried, ...]
    carrier: str | None = None
    dialled_at: datetime | None = None
    rang_at: datetime | None = None
    answered_at: datetime | None = None
    joined_at: datetime | None = None
    ended_at: datetime | None = None
    outcome: str | None = None
    evidence: str | None = None
    said: str | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class Story:
    """Everything recorded about one callback, or about a request that was refused."""

    zone: ZoneInfo
    asked_at: datetime
    provider: str
    channel: str
    created_by: str
    when_kind: str
    queue: str | None
    routed_why: str | None
    decisions: tuple[Decision, ...] = ()
    promises: tuple[PromiseTold, ...] = ()
    attempts: tuple[AttemptTold, ...] = ()
    places_lost: int = 0
    state: str | None = None


_WHEN = {
    "asap": "as soon as possible",
    "slot": "at one of the times offered",
    "instant": "at a time they named",
    "window": "between two times",
}
_TOPICS = {
    "accepted": "admission", "refused": "admission", "chosen": "agent", "held": "agent", "passed_over": "agent",
    "no_agent": "agent", "reassigned": "agent", "at_risk": "notice", "moved": "move", "retried": "attempt",
    "overtaken": "place", "cancelling": "end", "cancelled": "end", "closed": "end", "done": "end",
}  # fmt: skip
# Said better by the promise or the attempt they belong to.
_SAID_ELSEWHERE = frozenset({"attempt_ended", "broken"})
_CAUSES = {
    BrokenCause.NEVER_DIALLED: "an agent was ready, or dialling was stopped, and it was not dialled",
    BrokenCause.LATE: "it rang outside the window",
    BrokenCause.NO_AGENT: "no agent was ready for it",
    BrokenCause.JOIN_TOO_SLOW: f"it was answered, and no agent was joined within {JOIN_WITHIN.seconds} s",
    BrokenCause.CARRIER: "it was dialled, and the device never rang",
    BrokenCause.UNKNOWN: "it may have rung, and nobody can know",
    BrokenCause.CLOSED_BY_US: "we closed, cancelled or moved it",
    BrokenCause.CHANGED_AFTER_NOTICE: "the customer took it back or moved it after we had said that it would probably not be kept",
    BrokenCause.EXPIRED: "it was found with nothing that would have moved it",
}
_KINDS = {
    PromiseKind.FIRST: "We promised a call",
    PromiseKind.RETRY: "We promised another try",
    PromiseKind.MOVED: "With the move we promised a call",
}


def tell(story: Story) -> list[Sentence]:
    """Tell it all in the order of time."""
    sentences = [
        _asked(story),
        *(_decision(story, each) for each in story.decisions if each.kind not in _SAID_ELSEWHERE),
        *(sentence for each in story.promises for sentence in _promise(story, each)),
        *(_attempt(story, each) for each in story.attempts),
    ]
    order = {"asked": 0, "admission": 1, "promise": 2, "result": 9}
    return sorted(sentences, key=lambda each: (each.at, order.get(each.topic, 5)))


def _clock(story: Story, at: datetime) -> str:
    return clock(at, story.zone, story.asked_at)


def _capital(text: str) -> str:
    return text[:1].upper() + text[1:]


def _sentence(text: str) -> str:
    text = _capital(text)
    return text if text.endswith((".", "!", "?")) else text + "."


def _asked(story: Story) -> Sentence:
    who = "The customer" if story.created_by.startswith(("customer", "chat:")) else _who(story.created_by)
    over = f" over {story.channel}" if story.channel else ""
    because = [f"It was asked of {story.provider}"]
    if story.queue:
        because.append(f"It went to {story.queue}: {story.routed_why}")
    text = f"{who} asked{over} for a callback {_WHEN.get(story.when_kind, story.when_kind)}"
    return Sentence(at=story.asked_at, topic="asked", text=_sentence(text), because=tuple(because))


def _who(by: str) -> str:
    kind = by.split(":", 1)[0]
    return {"user": "A supervisor", "agent": "An agent", "key": "A program with a key"}.get(kind, "The business")


def _decision(story: Story, each: Decision) -> Sentence:
    text = each.verdict
    if each.kind == "accepted":
        text = f"It was accepted: {text}"
    elif each.kind == "refused":
        text = f"It was refused: {text}"
    elif each.kind == "chosen":
        text = f"Chosen: {text}"
    elif each.kind == "retried":
        text = f"Another try was decided: {text}"
    by = [] if each.by in ("interaction_manager", "session_management_server", "customer") else [f"By {each.by}"]
    topic = _TOPICS.get(each.kind, each.kind)
    because = (*by, *(_capital(reason) for reason in basis(each.detail, story.zone, story.asked_at)))
    return Sentence(at=each.at, topic=topic, text=_sentence(text), because=because)


def _promise(story: Story, each: PromiseTold) -> Iterator[Sentence]:
    window = each.facts.window
    held_to = f"{span(window.start, window.end, story.zone, story.asked_at)}, not earlier"
    if each.facts.early_is_fine:
        held_to = f"by {_clock(story, window.end)}; earlier is fine"
    because = []
    if each.estimate is not None:
        low, high = _clock(story, each.estimate.p10), _clock(story, each.estimate.p90)
        middle = _clock(story, each.estimate.p50)
        because.append(f"The estimate was {low}{EN_DASH}{high} (10{EN_DASH}90 %), half of such waits end by {middle}")
    yield Sentence(
        at=each.made_at, topic="promise", text=_sentence(f"{_KINDS[each.kind]} {held_to}"), because=tuple(because)
    )
    if each.settled_at is not None:
        yield Sentence(at=each.settled_at, topic="result", text=_result(story, each), because=_evidence(story, each))


def _result(story: Story, each: PromiseTold) -> str:
    window = f"for {span(each.facts.window.start, each.facts.window.end, story.zone, story.asked_at)}"
    if each.facts.early_is_fine:
        window = f"by {_clock(story, each.facts.window.end)}"
    match each.result:
        case PromiseResult.KEPT:
            early = ", earlier than its window, which is fine as soon as possible" if rang_early(each.facts) else ""
            return _sentence(f"The promise {window} was kept{early}")
        case PromiseResult.WITHDRAWN:
            return _sentence(
                f"The promise {window} was withdrawn by the customer, before its end and before any notice of ours"
            )
        case _:
            cause = _CAUSES[each.cause] if each.cause is not None else "its cause was not recorded"
            return _sentence(f"The promise {window} was broken: {cause}")


def _evidence(story: Story, each: PromiseTold) -> tuple[str, ...]:
    """Say what the result rests on."""
    facts, found = each.facts, []
    rang = first_ring(facts)
    if facts.notice_at is not None:
        found.append(f"The customer was told at {_clock(story, facts.notice_at)} that it would probably not be kept")
    if rang is not None:
        late = (rang - facts.window.end).total_seconds()
        after = f", {length(late)} after the end" if late > 0 else ""
        found.append(f"The device first rang at {_clock(story, rang)}{after}")
    elif facts.dialled_at is not None:
        found.append(f"It was dialled at {_clock(story, facts.dialled_at)}, and nothing says that it rang")
    if facts.answered_at is not None:
        took = "no agent was joined"
        if facts.joined_at is not None:
            took = f"an agent was joined {length((facts.joined_at - facts.answered_at).total_seconds())} later"
        found.append(f"It was answered at {_clock(story, facts.answered_at)}, and {took}")
    if rang is None and facts.agent_ready_at is not None:
        found.append(f"An agent was ready at {_clock(story, facts.agent_ready_at)}")
    ending = each.ending
    if ending is not None and ending.withdrawn_at is not None:
        found.append(f"The customer took it back at {_clock(story, ending.withdrawn_at)}")
    if ending is not None and ending.stopped:
        found.append("Dialling was stopped when its window ended")
    return tuple(found) or ("Nothing rang, and no agent had been ready",)


def _attempt(story: Story, each: AttemptTold) -> Sentence:
    steps = [
        f"{word} at {_clock(story, at)}"
        for word, at in (
            ("dialled", each.dialled_at), ("rang", each.rang_at), ("answered", each.answered_at), ("joined", each.joined_at),
        )
        if at is not None
    ]  # fmt: skip
    how = f"the customer was {', '.join(steps)}" if steps else "the customer was not dialled"
    how = how.replace("was rang", "rang").replace(", rang", ", it rang")
    end = "it is under way"
    if each.outcome is not None and each.ended_at is not None:
        end = f"it ended at {_clock(story, each.ended_at)}: {each.outcome.replace('_', ' ')}"
    return Sentence(
        at=each.began_at,
        topic="attempt",
        text=_sentence(f"Attempt {each.number}: {how}; {end}"),
        because=_attempt_basis(story, each),
    )


def _attempt_basis(story: Story, each: AttemptTold) -> tuple[str, ...]:
    found = []
    for agent in each.agents:
        said = (agent.ended_why or "has not answered yet").replace("_", " ")
        if agent.accepted_at is not None:
            said = f"accepted at {_clock(story, agent.accepted_at)}"
        found.append(f"{agent.name} was asked at {_clock(story, agent.asked_at)}: {said}")
    if each.carrier:
        found.append(f"Placed over {each.carrier}")
    if each.evidence:
        found.append(f"That it is over is known by: {each.evidence.replace('_', ' ')}")
    if each.said:
        found.append(f"Said: {each.said}")
    return tuple(found)


def as_lines(sentences: Sequence[Sentence], zone: ZoneInfo) -> Iterator[str]:
    """Yield the lines of a terminal: each sentence with its time, and below it what it rested on."""
    for each in sentences:
        local = each.at.astimezone(zone)
        yield f"{local:%Y-%m-%d %H:%M:%S} {each.text}"
        yield from (f"{'':20}- {reason}" for reason in each.because)
