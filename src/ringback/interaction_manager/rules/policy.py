"""Every setting a business or a queue may choose, with its default; durations are seconds.

A queue's document overrides its business's, key by key; maps such as `retry` are merged one level deep.
"""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import dataclass, field, fields
from datetime import time
from itertools import pairwise
from types import MappingProxyType
from typing import Any

from ringback.domain.documents import Problem
from ringback.domain.errors import Invalid
from ringback.domain.guards.policy import Guards
from ringback.domain.handling import CallHandling
from ringback.domain.outside import StaleThen
from ringback.domain.status import DialOrder, Outcome
from ringback.interaction_manager.rules.guard_policy import read_guards
from ringback.interaction_manager.rules.policy_values import (
    CallingHours,
    Disposition,
    DispositionEffect,
    EndOfDay,
    NamedAgentThen,
    SkillStep,
)
from ringback.interaction_manager.rules.reading import Reader
from ringback.interaction_manager.rules.telephony_policy import DEFAULT as TELEPHONY
from ringback.interaction_manager.rules.telephony_policy import read_telephony

__all__ = [
    "RETRY",
    "CallingHours",
    "Disposition",
    "DispositionEffect",
    "EndOfDay",
    "NamedAgentThen",
    "Policy",
    "SkillStep",
    "policy_of",
    "policy_problems",
]


RETRY: Mapping[Outcome, tuple[float, ...]] = MappingProxyType(
    {
        Outcome.BUSY: (300.0,),
        Outcome.NO_ANSWER: (300.0, 1800.0),
        Outcome.MACHINE: (3600.0,),
        Outcome.UNREACHABLE: (900.0,),
        Outcome.CARRIER_FAILURE: (30.0,),
        Outcome.CUSTOMER_ABSENT: (300.0, 1800.0),
        Outcome.AGENT_UNAVAILABLE: (30.0,),
        Outcome.DROPPED: (30.0,),
    }
)


@dataclass(frozen=True, slots=True, kw_only=True)
class Policy:
    """The settings of one queue, its business's filled in (design.md §8)."""

    # Ringing and talking.
    dial_order: DialOrder = DialOrder.AGENT_FIRST
    agent_ring: float = 20.0
    customer_ring: float = 25.0
    customer_wait: float = 20.0  # on the line for an agent, where customers are dialled first
    on_deck_cap: int = 2  # customers dialled ahead of agents at once
    wrap_up: float = 60.0
    more_time: float = 60.0  # added to a wrap-up, once
    decline_reasons: tuple[str, ...] = (
        "Not my topic",
        "I know this customer",
        "Finishing something",
        "Technical problem",
    )
    pause_reasons: tuple[str, ...] = ("Break", "Lunch", "Meeting", "Training")
    dispositions: tuple[Disposition, ...] = (
        Disposition(code="solved", label="Solved", effect=DispositionEffect.CLOSE),
        Disposition(code="follow_up", label="Follow up", effect=DispositionEffect.FOLLOW_UP),
        Disposition(code="call_again", label="Call again", effect=DispositionEffect.CALL_AGAIN, after=3600.0),
        Disposition(code="wrong_person", label="Wrong person", effect=DispositionEffect.CLOSE),
        Disposition(code="block", label="Do not call again", effect=DispositionEffect.BLOCK),
    )
    presence_timeout: float = 15.0  # a page not heard of for so long is gone

    # Attempts and retries.
    customer_attempts: int = 3
    retry: Mapping[Outcome, tuple[float, ...]] = field(default_factory=lambda: RETRY)  # the last delay repeats
    retry_width: float = 600.0  # of a retry's window
    question_timeout: float = 1800.0  # "did your phone ring?", "call again?": then closed with a message
    reconnect_within: float = 60.0  # one automatic attempt after an abnormal drop
    agents_per_attempt: int = 5
    named_agent_wait: float = 300.0
    repeat_within: float = (
        604800.0  # asked again so soon after a callback ended: flagged, and for the agent of the last talk
    )
    last_agent_wait: float = 120.0  # a repeat waits so long for that agent, a quarter of its window at most
    named_agent_then: NamedAgentThen = NamedAgentThen.QUEUE
    skill_ladder: tuple[SkillStep, ...] = (SkillStep(used=0.0, level=1), SkillStep(used=0.75, level=1, language=False))
    withdrawn_after_talk: float = 60.0  # got through another way and talked so long: withdrawn without asking

    # What can be offered.
    slot_length: float | None = None  # None: 15 min, 30 with fewer than 4 agents
    days_ahead: int = 7
    callbacks_share: float = 0.5  # of the staffing
    refuse_above: float = 0.85  # of the staffing, all work together
    shrinkage: float = 0.1
    slot_hold: float = 180.0
    slot_hold_by_message: float = 600.0
    hold_share: float = 0.5  # of the places of a slot that are not booked: most that are kept for chats
    holds_per_agent: int | None = 5  # places kept for chats at once, for each agent who serves the queue; None: no cap
    slot_cap: int | None = None  # bookings of one slot; None: as many as the staffing carries
    day_cap: int | None = None  # open bookings for one day
    opening_spread: float = 7200.0  # slots of the next opening are spread over this
    open_per_business: int = 2

    # Promises and notices.
    promise_minimum_width: float = 300.0
    promise_rounding: float = 300.0  # outward, to a clock time people say
    instant_width: float = 600.0
    narrow_before: float = 1800.0  # a window is narrowed to a moment so long before that moment
    hold_before: float = 30.0  # an agent is held so long before a booked time, plus the time an agent may ring
    reminder: float = 900.0
    reminder_if_ahead: float = 1800.0  # only when booked at least so long ahead
    presence_check: float = 120.0  # a browser is looked for so long before
    notice_below: float = 0.5  # probability of keeping the promise
    notice_before_end: float = 300.0
    notices: int = 2
    calling_hours: CallingHours = field(default_factory=CallingHours)
    guards: Guards = field(default_factory=Guards)  # before any telephone rings
    telephony: CallHandling = TELEPHONY

    # What operators are told, and what follows when people are missing.
    alert_mail: tuple[str, ...] = ()  # who is told by mail
    alerts_per_hour: int = 12  # of one queue; more wait, and are told if they last
    alert_backlog: int | None = None  # waiting; None: only the backlog cap counts
    alert_before: float = 1800.0  # callbacks due within this need somebody on duty
    alert_calm: float = 120.0  # an alert is resolved when its cause has been gone for so long
    offer_moves_after: float | None = 600.0  # a slot short for so long offers moves by itself; None: an operator does
    ask_rating: bool = True  # how the call was, in the chat it came from
    live_chat_wait: float | None = None  # a chat waits so long for a person, then a call is offered; None: nobody chats

    # Order.
    priority_ages_every: float = 900.0  # a waiting callback gains one priority each
    next_day_priority: int = 1  # gained by a callback moved to the next day
    end_of_day: EndOfDay = EndOfDay.NEXT_DAY
    late_limit: float = 1800.0

    # Estimate.
    prior_handling: float = 300.0  # accept to end of wrap-up, until learned
    prior_weight: float = 5.0  # handled callbacks the prior counts for
    rate_memory: float = 7200.0

    # The contact centre outside.
    outside_stale_after: float = 30.0  # of silence
    outside_stale_then: StaleThen = StaleThen.WIDEN
    outside_trusts_caller_id: bool = False  # the calling number proves who calls

    # Scores and retention.
    late_grace: float = 900.0  # somebody expected and not there still counts for so long
    service_level: float = 60.0
    score_target: float = 95.0  # per cent on time
    chat_days: int = 90
    ledger_days: int = 1825

    def slot_seconds(self, agents: int) -> float:
        """Return the length of a slot for a queue with so many agents."""
        if self.slot_length is not None:
            return self.slot_length
        return 900.0 if agents >= 4 else 1800.0

    @property
    def retry_delay_after_no_agent(self) -> float:
        """Seconds until agents are tried again when none took it."""
        return self.retry_delay(Outcome.AGENT_UNAVAILABLE, 1) or 30.0

    def retry_delay(self, outcome: Outcome, nth: int) -> float | None:
        """Return the seconds to wait after the `nth` (1, 2 …) attempt that ended so; None: not retried by itself."""
        delays = self.retry.get(outcome, ())
        return delays[min(nth, len(delays)) - 1] if delays else None


def _retry(reader: Reader, value: object, path: str) -> dict[Outcome, tuple[float, ...]]:
    delays: dict[Outcome, tuple[float, ...]] = {}
    for name, given in reader.mapping(value, path).items():
        try:
            outcome = Outcome(name)
        except ValueError:
            reader.problem(f"{path}.{name}", f"is not an outcome; outcomes that can be retried: {', '.join(RETRY)}")
            continue
        if outcome not in RETRY:
            reader.problem(f"{path}.{name}", f"is never retried by itself; outcomes that can be: {', '.join(RETRY)}")
            continue
        given_list = given if isinstance(given, list) else [given]
        delays[outcome] = tuple(reader.number(d, f"{path}.{name}", 0.5, 604800) for d in given_list)
    return delays


def _dispositions(reader: Reader, value: object, path: str) -> tuple[Disposition, ...]:
    found: dict[str, Disposition] = {}
    for i, item in enumerate(reader.sequence(value, path)):
        here = f"{path}[{i}]"
        entry = reader.entry(item, here, {"code", "label", "effect"}, {"after"})
        if entry is None:
            continue
        code = reader.slug(entry["code"], f"{here}.code")
        if code in found:
            reader.problem(f"{here}.code", f"is there twice: {code}")
        effect = reader.choice(entry["effect"], f"{here}.effect", DispositionEffect)
        after = reader.number(entry["after"], f"{here}.after", 1, 2_592_000) if entry.get("after") is not None else None
        if effect is not None:
            found[code] = Disposition(
                code=code, label=reader.text(entry["label"], f"{here}.label"), effect=effect, after=after
            )
    if not found and not reader.problems:
        reader.problem(path, "needs at least one disposition")
    return tuple(found.values())


def _calling_hours(reader: Reader, value: object, path: str) -> CallingHours:
    entry = reader.entry(value, path, set(), {"start", "end", "zones_before_asking"}) or {}
    start = reader.clock(entry.get("start", "08:00"), f"{path}.start") or time(8)
    end = reader.clock(entry.get("end", "21:00"), f"{path}.end") or time(21)
    if end <= start:
        reader.problem(f"{path}.end", "must be later than start")
    zones = reader.integer(entry.get("zones_before_asking", 3), f"{path}.zones_before_asking", 1, 50)
    return CallingHours(start=start, end=end, zones_before_asking=zones)


def _ladder(reader: Reader, value: object, path: str) -> tuple[SkillStep, ...]:
    steps = []
    for i, item in enumerate(reader.sequence(value, path)):
        here = f"{path}[{i}]"
        entry = reader.entry(item, here, {"used", "level"}, {"language"})
        if entry is not None:
            steps.append(
                SkillStep(
                    used=reader.number(entry["used"], f"{here}.used", 0, 1),
                    level=reader.integer(entry["level"], f"{here}.level", 0, 5),
                    language=reader.boolean(entry.get("language", True), f"{here}.language"),
                )
            )
    if not steps or steps[0].used != 0 or any(a.used >= b.used for a, b in pairwise(steps)):
        reader.problem(path, "must begin with used: 0 and rise")
    return tuple(steps)


# Numbers: lowest and highest that make sense. Tests and demonstrations use very short ones.
_SECONDS: dict[str, tuple[float, float]] = {
    "agent_ring": (1, 300),
    "customer_ring": (1, 300),
    "customer_wait": (1, 300),
    "wrap_up": (0, 3600),
    "more_time": (0, 3600),
    "presence_timeout": (1, 600),
    "retry_width": (1, 86400),
    "question_timeout": (1, 86400),
    "reconnect_within": (1, 3600),
    "named_agent_wait": (0, 86400),
    "repeat_within": (0, 7776000),
    "last_agent_wait": (0, 86400),
    "withdrawn_after_talk": (1, 3600),
    "slot_hold": (1, 3600),
    "alert_before": (0, 86400),
    "alert_calm": (0, 86400),
    "slot_hold_by_message": (1, 86400),
    "opening_spread": (0, 86400),
    "promise_minimum_width": (1, 86400),
    "promise_rounding": (1, 3600),
    "instant_width": (1, 86400),
    "narrow_before": (0, 86400),
    "hold_before": (0, 3600),
    "reminder": (0, 86400),
    "reminder_if_ahead": (0, 604800),
    "presence_check": (0, 3600),
    "notice_before_end": (0, 86400),
    "priority_ages_every": (1, 604800),
    "late_limit": (0, 86400),
    "prior_handling": (1, 14400),
    "rate_memory": (60, 604800),
    "late_grace": (0, 14400),
    "service_level": (1, 86400),
    "outside_stale_after": (5, 3600),
}
_RATIOS: dict[str, tuple[float, float]] = {
    "callbacks_share": (0, 1),
    "hold_share": (0, 1),
    "refuse_above": (0, 1),
    "shrinkage": (0, 0.95),
    "notice_below": (0, 1),
    "prior_weight": (0.1, 1000),
    "score_target": (0, 100),
}
_COUNTS: dict[str, tuple[int, int]] = {
    "customer_attempts": (1, 20),
    "on_deck_cap": (0, 100),
    "alerts_per_hour": (0, 1000),
    "agents_per_attempt": (1, 50),
    "days_ahead": (0, 90),
    "open_per_business": (1, 20),
    "notices": (0, 2),
    "next_day_priority": (0, 100),
    "chat_days": (1, 3650),
    "ledger_days": (1, 36500),
}
_CHOICES: dict[str, type[DialOrder | NamedAgentThen | StaleThen | EndOfDay]] = {
    "dial_order": DialOrder, "named_agent_then": NamedAgentThen, "outside_stale_then": StaleThen, "end_of_day": EndOfDay,
}  # fmt: skip
_ADDRESS = re.compile(r"[^@\s<>,;\"]{1,64}@[^@\s<>,;\"]{1,255}")
_KEYS = frozenset(f.name for f in fields(Policy))


def _addresses(reader: Reader, value: object, path: str) -> tuple[str, ...]:
    found = tuple(reader.text(item, f"{path}[{i}]") for i, item in enumerate(reader.sequence(value, path)))
    for i, address in enumerate(found):
        if not _ADDRESS.fullmatch(address):
            reader.problem(f"{path}[{i}]", "is not a mail address")
    return found


def _one(reader: Reader, key: str, value: object, path: str) -> Any:  # each reader returns its own field's type
    if key in _SECONDS:
        return reader.number(value, path, *_SECONDS[key])
    if key in _RATIOS:
        return reader.number(value, path, *_RATIOS[key])
    if key in _COUNTS:
        return reader.integer(value, path, *_COUNTS[key])
    if key in _CHOICES:
        return reader.choice(value, path, _CHOICES[key])
    match key:
        case "slot_cap" | "day_cap" | "holds_per_agent":
            return None if value is None else reader.integer(value, path, 0, 100_000)
        case "alert_backlog":
            return None if value is None else reader.integer(value, path, 1, 1_000_000)
        case "offer_moves_after" | "live_chat_wait":
            return None if value is None else reader.number(value, path, 0, 86400)
        case "alert_mail":
            return _addresses(reader, value, path)
        case "slot_length":
            return None if value is None else reader.number(value, path, 1, 86400)
        case "outside_trusts_caller_id" | "ask_rating":
            return reader.boolean(value, path)
        case "decline_reasons" | "pause_reasons":
            return tuple(reader.text(item, f"{path}[{i}]") for i, item in enumerate(reader.sequence(value, path)))
        case "dispositions":
            return _dispositions(reader, value, path)
        case "calling_hours":
            return _calling_hours(reader, value, path)
        case "guards":
            return read_guards(reader, value, path)
        case "telephony":
            return read_telephony(reader, value, path)
        case "skill_ladder":
            return _ladder(reader, value, path)
        case "retry":
            return _retry(reader, value, path)
        case _:
            raise AssertionError(f"no reader for {key}")


def _merged(business_policy: Mapping[str, object], queue_policy: Mapping[str, object]) -> dict[str, object]:
    merged = dict(business_policy)
    for key, value in queue_policy.items():
        under = merged.get(key)
        merged[key] = {**under, **value} if isinstance(under, dict) and isinstance(value, dict) else value
    return merged


def _values(document: object, reader: Reader, path: str) -> dict[str, Any]:
    values: dict[str, Any] = {}
    for key, value in reader.mapping(document, path).items():
        if key in _KEYS:
            values[key] = _one(reader, key, value, f"{path}.{key}")
        else:
            reader.problem(f"{path}.{key}", "is not a setting")
    return values


def policy_problems(document: object, path: str = "policy") -> tuple[Problem, ...]:
    """Return everything that is wrong with one policy document."""
    reader = Reader()
    _values(document, reader, path)
    return tuple(reader.problems)


def policy_of(business_policy: Mapping[str, object], queue_policy: Mapping[str, object]) -> Policy:
    """Return a queue's policy; raise Invalid naming the first field that is wrong."""
    reader = Reader()
    values = _values(_merged(business_policy, queue_policy), reader, "policy")
    if reader.problems:
        first = reader.problems[0]
        raise Invalid(f"{first.path} {first.detail}", id="policy-invalid", field=first.path)
    if "retry" in values:
        values["retry"] = MappingProxyType({**RETRY, **values["retry"]})
    return Policy(**values)
