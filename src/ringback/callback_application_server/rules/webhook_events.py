"""What a message between the servers looks like to a business's own systems: ids and public state, never a number or a word of the chat."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import Any

from ringback.domain.commands import Estimate, PromiseMade
from ringback.domain.events import (
    AgentRings,
    AlertRaised,
    AlertResolved,
    AttemptEnded,
    AttemptMissed,
    CallbackAccepted,
    CallbackChanged,
    CallbackFinished,
    CallbackRefused,
    CustomerDialled,
    CustomerRings,
    Joined,
    PromiseAtRisk,
    PromiseSettled,
)
from ringback.domain.times import TimeWindow
from ringback.domain.webhooks import WebhookEvent

Data = dict[str, Any]


@dataclass(frozen=True, slots=True, kw_only=True)
class Happening:
    """One thing to tell. `data` are plain JSON values."""

    event: WebhookEvent
    data: Data


def _instant(at: datetime | None) -> str | None:
    return None if at is None else at.astimezone(UTC).isoformat().replace("+00:00", "Z")


def _window(window: TimeWindow | None) -> Data | None:
    return None if window is None else {"start": _instant(window.start), "end": _instant(window.end)}


def _estimate(estimate: Estimate | None) -> Data | None:
    if estimate is None:
        return None
    return {"p10": _instant(estimate.p10), "p50": _instant(estimate.p50), "p90": _instant(estimate.p90)}


def _promise(promise: PromiseMade) -> Data:
    return {
        "window": _window(promise.window),
        "early_is_fine": promise.early_is_fine,
        "estimate": _estimate(promise.estimate),
    }


def happening_of(message: object) -> Happening | None:
    """Say what to tell about a message; None when it is nobody else's business."""
    data: Data
    match message:
        case CallbackAccepted():
            data = {
                "promise": _promise(message.promise),
                "queue": message.queue_name,
                "agent": message.agent_name,
                "place": message.place,
            }
            return Happening(event=WebhookEvent.CALLBACK_ACCEPTED, data=data)
        case CallbackRefused():
            data = {"problem": message.id, "detail": message.detail, "open_callback": _id(message.open_callback)}
            return Happening(event=WebhookEvent.CALLBACK_REFUSED, data=data)
        case CallbackChanged():
            data = {
                "state": message.state.value,
                "promise": _promise(message.promise),
                "agent": message.agent_name,
                "place": message.place,
                "moved": message.moved,
                "why": message.why,
            }
            return Happening(event=WebhookEvent.CALLBACK_CHANGED, data=data)
        case CallbackFinished():
            data = {"state": message.state.value, "reason": message.reason, "talked_for": message.talked_for}
            return Happening(event=WebhookEvent.CALLBACK_FINISHED, data=data)
        case PromiseAtRisk():
            data = {
                "window": _window(message.window),
                "estimate": _estimate(message.estimate),
                "notice": message.notice,
                "why": message.why,
            }
            return Happening(event=WebhookEvent.PROMISE_AT_RISK, data=data)
        case PromiseSettled():
            data = {
                "promise": message.number,
                "kind": message.kind.value,
                "window": _window(message.window),
                "result": message.result.value,
                "cause": message.cause.value if message.cause else None,
                "first_ring_at": _instant(message.first_ring_at),
                "joined_at": _instant(message.joined_at),
            }
            return Happening(event=WebhookEvent.PROMISE_SETTLED, data=data)
        case AlertRaised():
            data = {
                "alert": _id(message.alert),
                "kind": message.kind,
                "queue": message.queue,
                "verdict": message.verdict,
                "raised_at": _instant(message.raised_at),
                "callbacks": [_id(callback) for callback in message.callbacks],
            }
            return Happening(event=WebhookEvent.ALERT_RAISED, data=data)
        case AlertResolved():
            data = {
                "alert": _id(message.alert),
                "kind": message.kind,
                "queue": message.queue,
                "verdict": message.verdict,
                "raised_at": _instant(message.raised_at),
                "resolved_at": _instant(message.resolved_at),
            }
            return Happening(event=WebhookEvent.ALERT_RESOLVED, data=data)
    return _of_attempt(message)


def _of_attempt(message: object) -> Happening | None:
    data: Data
    match message:
        case AgentRings():
            data = {"attempt": _id(message.attempt), "agent": message.agent_name, "at": _instant(message.at)}
            return Happening(event=WebhookEvent.ATTEMPT_STARTED, data=data)
        case CustomerDialled():
            data = {"attempt": _id(message.attempt), "agent": message.agent_name, "at": _instant(message.at)}
            return Happening(event=WebhookEvent.ATTEMPT_DIALLED, data=data)
        case CustomerRings():
            data = {"attempt": _id(message.attempt), "at": _instant(message.at)}
            return Happening(event=WebhookEvent.ATTEMPT_RINGS, data=data)
        case Joined():
            data = {"attempt": _id(message.attempt), "agent": message.agent_name, "at": _instant(message.at)}
            return Happening(event=WebhookEvent.ATTEMPT_JOINED, data=data)
        case AttemptEnded():
            data = {
                "attempt": _id(message.attempt),
                "number": message.number,
                "outcome": message.outcome.value,
                "may_have_rung": message.may_have_rung,
                "at": _instant(message.at),
                "rang_at": _instant(message.rang_at),
                "answered_at": _instant(message.answered_at),
                "joined_at": _instant(message.joined_at),
            }
            return Happening(event=WebhookEvent.ATTEMPT_ENDED, data=data)
        case AttemptMissed():
            data = {
                "attempt": _id(message.attempt),
                "number": message.number,
                "outcome": message.outcome.value,
                "at": _instant(message.at),
                "next_window": _window(message.next_window),
                "question": message.question,
            }
            return Happening(event=WebhookEvent.ATTEMPT_MISSED, data=data)
    return None


def body_of(happening: Happening, *, at: datetime, about: Mapping[str, Any]) -> Data:
    """Return the body as Standard Webhooks wants it: type, timestamp, data. `about`: what the callback is."""
    return {"type": happening.event.value, "timestamp": _instant(at), "data": {**about, **happening.data}}


def _id(value: object) -> str | None:
    return None if value is None else str(value)
