"""What desk and console are told; web/shared/contract.ts is the other half."""

from __future__ import annotations

from datetime import datetime
from typing import Any
from uuid import UUID

import msgspec

from ringback.pages.call_wire import CallView, LiveSignal


class Wire(msgspec.Struct, frozen=True, kw_only=True):
    """Everything on the wire is a frozen value with named members."""


class Accepted(Wire, frozen=True, kw_only=True):
    """It was taken: the view shows what came of it."""

    accepted: bool = True


class ChatLine(Wire, frozen=True, kw_only=True):
    """One message of a chat as colleagues read it (ChatMessage without its prompt's options)."""

    seq: int
    author: str
    author_name: str | None
    text: str
    at: datetime
    key: str | None
    prompt: None
    status: str | None


# ---------------------------------------------------------------- desk


class DeskAgent(Wire, frozen=True, kw_only=True):
    """The agent whose desk it is."""

    id: UUID
    name: str
    queues: list[str]


class ProviderChoice(Wire, frozen=True, kw_only=True):
    """A callback provider as an address, such as biz:acme/q:billing, and in words."""

    address: str
    name: str


class DeskState(Wire, frozen=True, kw_only=True):
    """What the agent is doing."""

    name: str
    since: datetime
    reason: str | None
    until: datetime | None


class DeskCustomer(Wire, frozen=True, kw_only=True):
    """Who is called, with the number masked."""

    name: str
    where: str
    number_proved: bool
    consent: str | None
    last_time: str | None
    local_time: str


class DispositionButton(Wire, frozen=True, kw_only=True):
    """One button of the wrap-up, and what it does."""

    code: str
    label: str
    effect: str


class DeskPhone(Wire, frozen=True, kw_only=True):
    """The call of an agent who has a telephone: what the desk can do about it. `recording`: None where the queue records nothing."""

    held: bool
    muted: bool
    recording: bool | None
    accept_key: str | None


class TransferTarget(Wire, frozen=True, kw_only=True):
    """An agent or a queue to whom a customer can be handed."""

    kind: str
    id: UUID
    name: str
    free: bool


class DeskCallback(Wire, frozen=True, kw_only=True):
    """The callback at hand."""

    callback: UUID
    attempt: UUID
    stage: str
    stage_since: datetime
    accept_by: datetime | None
    customer: DeskCustomer
    topic: str | None
    promised: str
    window_end: datetime
    queue: str
    why_you: str
    transcript: list[ChatLine]
    wrap_up_until: datetime | None
    more_time_used: bool
    dispositions: list[DispositionButton]
    can_hold: bool
    phone: DeskPhone | None = None


class WithYou(Wire, frozen=True, kw_only=True):
    """Somebody at the contact centre outside whom the agent talks with, and the callback they wait for."""

    callback: UUID
    customer: str
    topic: str | None
    promised: str
    queue: str
    since: datetime
    transcript: list[ChatLine]


class NextCallback(Wire, frozen=True, kw_only=True):
    """One that comes."""

    callback: UUID
    at: datetime
    when: str
    customer: str
    topic: str | None
    held_from: datetime | None
    can_call_now: bool
    dialling: bool


class DoneCallback(Wire, frozen=True, kw_only=True):
    """One that was."""

    callback: UUID
    at: datetime
    customer: str
    topic: str | None
    outcome: str
    talk: float | None
    promise: str
    kept: bool | None


class DeskDay(Wire, frozen=True, kw_only=True):
    """The agent's own day."""

    promises_kept: int
    promises_ended: int
    average_talk: float | None
    shift_ends: datetime | None


class LiveChat(Wire, frozen=True, kw_only=True):
    """A chat that somebody writes in, or waits for. `mine`: taken by this agent; else it waits. `messages`: of one's own only.

    `promised`: the callback that its customer waits for, in words.
    """

    chat: UUID
    mine: bool
    customer: str
    topic: str | None
    queue: str
    since: datetime
    promised: str | None
    messages: list[ChatLine]


class DeskView(Wire, frozen=True, kw_only=True):
    """Everything on an agent's desk."""

    now: datetime
    agent: DeskAgent
    providers: list[ProviderChoice]
    state: DeskState
    pause_reasons: list[str]
    decline_reasons: list[str]
    ice_servers: list[dict[str, Any]]
    relay_only: bool
    current: DeskCallback | None
    call: CallView | None
    with_you: WithYou | None
    chats: list[LiveChat]
    next: list[NextCallback]
    done_today: list[DoneCallback]
    day: DeskDay


class DeskViewEvent(Wire, frozen=True, kw_only=True, tag_field="type", tag="view"):
    """The whole desk, when anything on it changed."""

    view: DeskView


class SignalEvent(Wire, frozen=True, kw_only=True, tag_field="type", tag="signal"):
    """A signal for this agent's leg."""

    leg: UUID
    signal: LiveSignal


# ---------------------------------------------------------------- console


class BusinessHead(Wire, frozen=True, kw_only=True):
    """Whose console it is."""

    name: str
    zone: str


class ConsoleQueue(Wire, frozen=True, kw_only=True):
    """A queue, its levers and how full it is. `provider`: its address."""

    slug: str
    provider: str
    name: str
    offering: bool
    dialling: bool
    open_line: str
    waiting: int
    promised: int
    backlog_cap: int | None
    wait_cap: int | None  # seconds
    waitlist: bool
    listed: int  # on the waitlist
    shut_line: str | None  # closed by an operator
    incident: str | None


class HourScore(Wire, frozen=True, kw_only=True):
    """One hour of the day."""

    hour: str
    on_time: float | None


class ConsoleScore(Wire, frozen=True, kw_only=True):
    """The score of the day: first promises whose window has ended."""

    kept: int
    broken: int
    withdrawn: int
    lost: int
    rung_twice: int
    unknown: int
    on_time: float | None
    by_hour: list[HourScore]
    target: float


class Risk(Wire, frozen=True, kw_only=True):
    """A promise that needs somebody."""

    callback: UUID
    when: str
    customer: str
    chance: float | None
    why: str
    kind: str


class StaffedSlot(Wire, frozen=True, kw_only=True):
    """A quarter hour: what is promised, and what there is room for."""

    slot: datetime
    promised: int
    room: int
    closed: bool


class ConsoleAgent(Wire, frozen=True, kw_only=True):
    """An agent, and what they are doing in one line."""

    id: UUID
    name: str
    state: str
    since: datetime
    line: str
    away: bool  # as an operator said, whatever their state
    queues: list[str]  # names of those they serve


class ConsoleAlert(Wire, frozen=True, kw_only=True):
    """Something that needs a person, until it is over."""

    id: UUID
    kind: str
    queue: str
    verdict: str
    raised_at: datetime


class Possible(Wire, frozen=True, kw_only=True):
    """What can be done now."""

    move: bool
    reassign: bool
    call_next: bool
    cancel: bool


class ConsoleRow(Wire, frozen=True, kw_only=True):
    """One callback in its lane."""

    id: UUID
    lane: str
    customer: str
    about: str | None
    queue: str
    promise: str
    promise_end: datetime
    chance: float | None
    agent: str | None
    why: str
    place: int | None
    state: str
    order: str
    can: Possible


class ConsoleView(Wire, frozen=True, kw_only=True):
    """Everything on the console's overview."""

    now: datetime
    business: BusinessHead
    queues: list[ConsoleQueue]
    score: ConsoleScore
    risks: list[Risk]
    staffing: list[StaffedSlot]
    agents: list[ConsoleAgent]
    alerts: list[ConsoleAlert]
    rows: list[ConsoleRow]
    waiting_estimate: str | None
    can_act: bool


class ConsoleViewEvent(Wire, frozen=True, kw_only=True, tag_field="type", tag="view"):
    """The whole console, once."""

    view: ConsoleView


class ConsolePatch(Wire, frozen=True, kw_only=True, tag_field="type", tag="patch"):
    """The members that changed, the rows that changed, the rows that are gone."""

    patch: dict[str, Any]
    rows: list[ConsoleRow]
    gone: list[UUID]


class Mark(Wire, frozen=True, kw_only=True):
    """One reason: yes, no or info."""

    mark: str
    text: str


class ReasonGroup(Wire, frozen=True, kw_only=True):
    """Reasons under a title: Why Kim, Why 15:15."""

    title: str
    items: list[Mark]


class HistoryLine(Wire, frozen=True, kw_only=True):
    """One thing that was decided or that happened, and what it rested on."""

    at: datetime
    text: str
    because: list[str]


class ConsoleDetail(Wire, frozen=True, kw_only=True):
    """The opened row."""

    id: UUID
    reasons: list[ReasonGroup]
    history: list[HistoryLine]
    transcript: list[ChatLine]
    can: Possible
    cannot: str | None
