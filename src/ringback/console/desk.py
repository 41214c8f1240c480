"""The edge of the agents' desk: /desk/v1. An agent's state, the callback at hand, and the call on the page."""

from __future__ import annotations

from datetime import datetime
from typing import Literal
from uuid import UUID
from zoneinfo import ZoneInfo

import msgspec
from litestar import Response, Router, get, post, websocket
from litestar.di import NamedDependency, Provide
from litestar.exceptions import WebSocketDisconnect
from litestar.params import FromPath, FromQuery

from ringback.console.api.callbacks import ask_for_callback
from ringback.console.api.wire import CallbackBody, CallbackOut
from ringback.console.asking import ASKING, Asking
from ringback.console.desk_chats import CHAT_ROUTES
from ringback.console.desk_page import DeskPage
from ringback.console.desk_talk import TALK_ROUTES
from ringback.console.edge import NOT_STORED, Key, dependencies, new_key
from ringback.console.parts import Parts
from ringback.console.rules import follow_up
from ringback.console.statements import DESK
from ringback.console.wire import Accepted, DeskView
from ringback.console.workflows.look_up import find_callback
from ringback.console.workflows.read_desk import read_desk
from ringback.console.workflows.request_callback import wait_for_verdict
from ringback.domain.commands import CallNext, EndWrapUp, ExtendWrapUp, MarkCustomer, SetAgentState
from ringback.domain.errors import Conflict, Invalid, NotAllowed, NotFound, NotLoggedIn
from ringback.domain.ids import AttemptId, BusinessId, CallbackId, LegId, new_id
from ringback.domain.status import Server
from ringback.identity.guards import guard_of, needs
from ringback.identity.principal import Principal
from ringback.identity.rules.rights import Right
from ringback.pages.call_wire import CallInput, LiveSignal, SignalInput
from ringback.pages.calls import Callee, put_input, put_signal, read_signals, see_page
from ringback.pages.live import LOG_IN_AGAIN, LiveHub, Socket, close, converse, hear_hello

LONGEST_NOTE = 4000
ONLY_AGENTS = needs(Right.DESK)


class StateBody(msgspec.Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """What the agent wants to be."""

    state: Literal["available", "paused", "offline"]
    reason: str | None = None


class WrappedUp(msgspec.Struct, frozen=True, kw_only=True):
    """The outcome is kept. `booked` and `words`: what became of a call that it asks for; `booked` None: not known yet, or none was asked for."""

    accepted: bool = True
    booked: bool | None = None
    words: str | None = None


class DispositionBody(msgspec.Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """How it ended."""

    code: str
    note: str | None = None
    call_again_at: datetime | None = None


@get("/view", opt=ONLY_AGENTS)
async def view(
    parts: NamedDependency[Parts], principal: NamedDependency[Principal], page: FromQuery[UUID | None] = None
) -> DeskView:
    """Return the desk: also the fallback where no WebSocket opens. With `page`, that page is there."""
    agent = principal.own_agent()
    if page is not None:
        async with parts.application.transaction(principal.business, name="see_page") as tx:
            await see_page(tx, Callee(business=principal.business, subject=agent), page)
    return await read_desk(
        parts.read,
        parts.workplaces,
        principal.business,
        agent,
        page=page,
        ice_servers=parts.ice_servers,
        relay_only=parts.relay_only,
    )


@post("/state", opt=ONLY_AGENTS, status_code=200)
async def set_state(data: StateBody, asking: NamedDependency[Asking]) -> Accepted:
    """Become available, paused or offline."""
    agent, by = asking.agent, asking.principal.name
    await asking.send(
        Server.INTERACTIONS,
        agent,
        lambda command: SetAgentState(command=command, agent=agent, state=data.state, by=by, reason=data.reason),
        action="agent.state",
        subject=f"agent:{agent}",
        reason=data.reason,
        detail={"state": data.state},
    )
    return Accepted()


@post("/attempts/{id:uuid}/voicemail", opt=ONLY_AGENTS, status_code=200)
async def voicemail(id: FromPath[UUID], asking: NamedDependency[Asking]) -> Accepted:
    """Say that a machine answered."""
    return await _mark(asking, id, "voicemail")


@post("/attempts/{id:uuid}/wrong-person", opt=ONLY_AGENTS, status_code=200)
async def wrong_person(id: FromPath[UUID], asking: NamedDependency[Asking]) -> Accepted:
    """Say that somebody else answered."""
    return await _mark(asking, id, "wrong_person")


async def _mark(asking: Asking, attempt: UUID, found: str) -> Accepted:
    agent, callback = asking.agent, await _own_callback(asking, attempt)
    await asking.send(
        Server.SESSIONS,
        callback,
        lambda _: MarkCustomer(callback=callback, attempt=AttemptId(attempt), agent=agent, found=found),
        action="attempt.marked",
        detail={"found": found},
        answers=False,
    )
    return Accepted()


@post("/attempts/{id:uuid}/more-time", opt=ONLY_AGENTS, status_code=200)
async def more_time(id: FromPath[UUID], asking: NamedDependency[Asking]) -> Accepted:
    """Extend the wrap-up, once."""
    agent, callback = asking.agent, await _own_callback(asking, id)
    await asking.send(
        Server.INTERACTIONS,
        callback,
        lambda command: ExtendWrapUp(command=command, callback=callback, attempt=AttemptId(id), agent=agent),
        action="wrap-up.extended",
    )
    return Accepted()


@post("/attempts/{id:uuid}/disposition", opt=ONLY_AGENTS, status_code=200)
async def disposition(id: FromPath[UUID], data: DispositionBody, asking: NamedDependency[Asking]) -> WrappedUp:
    """Say how it ended; the wrap-up is over. An outcome that calls again is answered with what became of that."""
    if data.note is not None and len(data.note) > LONGEST_NOTE:
        raise Invalid(f"At most {LONGEST_NOTE} characters.", field="note")
    if data.call_again_at is not None and data.call_again_at.tzinfo is None:
        raise Invalid("A time needs its offset.", id="time-invalid", field="call_again_at")
    agent, callback = asking.agent, await _own_callback(asking, id)
    answer = await asking.send(
        Server.INTERACTIONS,
        callback,
        lambda command: EndWrapUp(
            command=command,
            callback=callback,
            attempt=AttemptId(id),
            agent=agent,
            code=data.code,
            note=data.note,
            call_again_at=data.call_again_at,
        ),
        action="wrap-up.ended",
        detail={"code": data.code},
    )
    again = answer.body.get("call_again") if answer is not None else None
    return WrappedUp() if again is None else await _called_again(asking.parts, asking.business, CallbackId(UUID(again)))


async def _called_again(parts: Parts, business: BusinessId, again: CallbackId) -> WrappedUp:
    row = await wait_for_verdict(parts, business, again)
    state, public = ("sent", {}) if row is None else (row["state"], row["public"])
    async with parts.read.transaction(business, name="read_zone") as tx:
        where = await tx.value(DESK["zone_of_business"], business=business)
        booked, words = follow_up.words(state, public, tx.now, ZoneInfo(where))
    return WrappedUp(booked=booked, words=words)


@post("/callbacks/{id:uuid}/call-now", opt=ONLY_AGENTS, status_code=200)
async def call_now(id: FromPath[UUID], asking: NamedDependency[Asking]) -> Accepted:
    """Call one of the next callbacks oneself, now."""
    agent, principal = asking.agent, asking.principal
    callback = await find_callback(asking.parts, principal, id)
    if not await _is_next(asking, callback):
        raise NotFound("There is no such callback among yours.")
    reason = f"{principal.display_name} calls now"
    await asking.send(
        Server.INTERACTIONS,
        callback,
        lambda command: CallNext(command=command, callback=callback, by=principal.name, reason=reason, agent=agent),
        action="callback.called-next",
        reason=reason,
    )
    return Accepted()


@post("/callbacks", opt=ONLY_AGENTS)
async def create(data: CallbackBody, asking: NamedDependency[Asking]) -> Response[CallbackOut]:
    """Ask for a callback on a customer's behalf."""
    return await ask_for_callback(asking.parts, await asking.asked(), data)


@post("/calls/{leg:uuid}/inputs", opt=ONLY_AGENTS, status_code=200)
async def say_about_call(
    leg: FromPath[UUID],
    data: CallInput,
    parts: NamedDependency[Parts],
    principal: NamedDependency[Principal],
    key: Key = None,
) -> Accepted:
    """Accept, decline, hang up, hold, resume, or say what the page hears."""
    callee = Callee(business=principal.business, subject=principal.own_agent())
    async with parts.application.transaction(principal.business, name="page_input") as tx:
        await put_input(tx, callee, LegId(leg), new_key(key) or new_id(), data)
    return Accepted()


@post("/calls/{leg:uuid}/signals", opt=ONLY_AGENTS, status_code=200)
async def pass_signal(
    leg: FromPath[UUID],
    data: SignalInput,
    parts: NamedDependency[Parts],
    principal: NamedDependency[Principal],
    key: Key = None,
) -> Accepted:
    """Pass a signal to the page at the other end."""
    callee = Callee(business=principal.business, subject=principal.own_agent())
    async with parts.application.transaction(principal.business, name="page_signal") as tx:
        await put_signal(tx, callee, LegId(leg), new_key(key) or new_id(), data)
    return Accepted()


@get("/calls/{leg:uuid}/signals", opt=ONLY_AGENTS)
async def signals(
    leg: FromPath[UUID], parts: NamedDependency[Parts], principal: NamedDependency[Principal], after: FromQuery[int] = 0
) -> list[LiveSignal]:
    """Return signals: the fallback where no WebSocket opens."""
    callee = Callee(business=principal.business, subject=principal.own_agent())
    async with parts.application.transaction(principal.business, name="read_signals") as tx:
        return await read_signals(tx, callee, LegId(leg), after)


@websocket("/live")
async def live(socket: Socket, parts: NamedDependency[Parts], hub: NamedDependency[LiveHub]) -> None:
    """Send the desk whenever it changed, and signals; the page's heartbeat is the agent's presence."""
    try:
        hello = await hear_hello(socket)
        page_id = UUID(str(hello.get("page")))
    except (WebSocketDisconnect, ValueError):
        await close(socket, 4400, "say hello with a page")
        return
    try:
        principal = await parts.gatekeeper.principal_of(socket)
        principal.need(Right.DESK)
        agent = principal.own_agent()
    except (NotLoggedIn, NotAllowed):
        await close(socket, LOG_IN_AGAIN, "log in again")
        return
    page = DeskPage(parts, socket, Callee(business=principal.business, subject=agent), page_id)
    with hub.page(agent) as woken:
        if await converse(socket, woken, page.refresh, here=page.here):
            await page.left()


async def _own_callback(asking: Asking, attempt: UUID) -> CallbackId:
    """Return the callback of an attempt this agent has or had; raise NotFound for any other."""
    async with asking.parts.read.transaction(asking.business, name="find_attempt") as tx:
        found = await tx.value(
            DESK["callback_of_attempt"], business=asking.business, attempt=attempt, agent=asking.agent
        )
    if found is None:
        raise NotFound("There is no such call of yours.")
    return CallbackId(found)


async def _is_next(asking: Asking, callback: CallbackId) -> bool:
    """Tell whether an agent may take the callback: one of their queues', not named for another."""
    async with asking.parts.read.transaction(asking.business, name="is_next") as tx:
        row = await tx.row(DESK["is_next_for"], business=asking.business, callback=callback, agent=asking.agent)
    if row is not None and not row["dialling"]:
        raise Conflict("Dialling is stopped in this queue.", id="dialling-stopped")
    return row is not None


def desk_router(parts: Parts, hub: LiveHub) -> Router:
    """Return the desk's routes; the WebSocket recognises its caller itself, so that it can say why it closes."""
    shared = {**dependencies(parts), **ASKING, "hub": Provide(lambda: hub, sync_to_thread=False)}
    guarded = Router(
        path="/",
        route_handlers=[
            view,
            set_state,
            voicemail,
            wrong_person,
            more_time,
            disposition,
            call_now,
            create,
            say_about_call,
            pass_signal,
            signals,
            *TALK_ROUTES,
            *CHAT_ROUTES,
        ],
        guards=[guard_of(parts.gatekeeper)],
    )
    return Router(
        path="/desk/v1",
        route_handlers=[guarded, live],
        dependencies=shared,
        response_headers=NOT_STORED,
        include_in_schema=False,
    )
