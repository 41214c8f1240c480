"""The edge of the chat: /widget/v1, for pages of any allowed origin. A bearer token names the chat; there are no cookies."""

from __future__ import annotations

import contextlib
from collections.abc import Awaitable, Callable
from dataclasses import dataclass, field
from datetime import datetime
from typing import Annotated, Any, TypeVar
from uuid import UUID

import msgspec
from litestar import Request, Response, Router, get, post, websocket
from litestar.di import NamedDependency
from litestar.enums import ScopeType
from litestar.exceptions import WebSocketDisconnect
from litestar.params import FromPath, FromQuery, QueryParameter
from litestar.status_codes import HTTP_403_FORBIDDEN
from litestar.types import ASGIApp, ControllerRouterHandler, Message, Receive, Scope, Send
from msgspec import structs

from ringback.callback_application_server.live import ChatFeed
from ringback.callback_application_server.queries import ChatKey, load_chat
from ringback.callback_application_server.read_chat import ChatReader
from ringback.callback_application_server.rules.calendar_links import entry_of, read_link
from ringback.callback_application_server.rules.tokens import read_token
from ringback.callback_application_server.rules.wording import t, widget_words
from ringback.callback_application_server.wire import (
    Accepted,
    Answer,
    AskForOffer,
    ChatMessage,
    ChatOpened,
    ChatSnapshot,
    OpenChat,
    SendMessage,
)
from ringback.callback_application_server.workflows import take_back
from ringback.callback_application_server.workflows.answer_prompt import answer_prompt
from ringback.callback_application_server.workflows.context import ChatContext
from ringback.callback_application_server.workflows.offer_callback import offer_callback, start_move
from ringback.callback_application_server.workflows.once import Posted
from ringback.callback_application_server.workflows.open_chat import find_chat, open_chat
from ringback.callback_application_server.workflows.receive_message import receive_message
from ringback.callback_application_server.workflows.request_callback import Reply
from ringback.domain.calendars import MEDIA_TYPE, calendar
from ringback.domain.errors import CommitUnknown, Conflict, Invalid, NotAllowed, NotLoggedIn, Refused
from ringback.domain.ids import LegId
from ringback.pages.calls import (
    Callee,
    CallInput,
    LiveSignal,
    SignalInput,
    leave_page,
    put_input,
    put_signal,
    read_signals,
    see_page,
)
from ringback.pages.limits import RateLimit
from ringback.pages.live import NO_SUCH_CHAT, LiveHub, Socket, close, converse, hear_hello
from ringback.pages.security import LARGEST_BODY, is_allowed_origin
from ringback.postgres.database import RETRYABLE
from ringback.problems import Problem, handle

Web = Request[Any, Any, Any]
Body = TypeVar("Body")
After = Annotated[int, QueryParameter(ge=0)]


@dataclass(slots=True, kw_only=True)
class ChatEdge:
    """What the handlers of a chat need."""

    context: ChatContext
    reader: ChatReader
    hub: LiveHub
    start_reply: Callable[[ChatKey, int], None]
    chats_of_address: RateLimit = field(default_factory=lambda: RateLimit(burst=30, per_second=0.5))
    posts_of_chat: RateLimit = field(default_factory=lambda: RateLimit(burst=60, per_second=3))
    signals_of_chat: RateLimit = field(default_factory=lambda: RateLimit(burst=300, per_second=30))

    async def chat_of(self, request: Web) -> ChatKey:
        """Return the chat whose token the request carries, from a page that may show it. Raises NotLoggedIn, NotAllowed."""
        kind, _, token = request.headers.get("authorization", "").partition(" ")
        if kind.lower() != "bearer":
            raise NotLoggedIn("Send the chat's token.", id="chat-token-missing")
        key = await find_chat(self.context.database, token.strip())
        await self._check_origin(key, request.headers.get("origin"), needed=request.method != "GET")
        return key

    async def chat_of_token(self, token: object, origin: str | None) -> ChatKey:
        """The same for a WebSocket, which says its token in its first message."""
        key = await find_chat(self.context.database, token if isinstance(token, str) else "")
        await self._check_origin(key, origin, needed=True)
        return key

    async def _check_origin(self, key: ChatKey, origin: str | None, *, needed: bool) -> None:
        async with self.context.database.transaction(key.business, name="check_origin") as tx:
            chat = await load_chat(tx, key)
        if origin is None and not needed:
            return  # browsers send it with every request to another origin
        if chat.channel_retired or not is_allowed_origin(origin, chat.allowed_origins):
            raise NotAllowed("This page may not show this chat.", id="foreign-origin")

    async def once(self, request: Web, key: ChatKey, work: Callable[[Posted], Awaitable[None]]) -> Accepted:
        """Do the work of a POST; the same Idempotency-Key gives the same answer again, a refusal too."""
        self.posts_of_chat.spend(key.chat)
        once = Posted(business=key.business, chat=key.chat, key=idempotency_key(request), body=await request.body())
        async with self.context.database.transaction(key.business, name="look_up_key") as tx:
            done = await once.look(tx)
        if done is not None and done.waits_for is None:
            return Accepted()
        try:
            await work(once)
        except (Conflict, Invalid) as error:
            async with self.context.database.transaction(key.business, name="keep_refusal") as tx:
                await once.refuse(tx, error)
            raise
        return Accepted()


Edge = NamedDependency[ChatEdge]


def idempotency_key(request: Web) -> UUID:
    """Return the request's key. Raises Invalid (`idempotency-key-missing`)."""
    try:
        return UUID(request.headers.get("idempotency-key", ""))
    except ValueError:
        raise Invalid("Send an Idempotency-Key that is a UUID.", id="idempotency-key-missing") from None


async def _read(request: Web, kind: type[Body]) -> Body:
    return msgspec.json.decode(await request.body() or b"{}", type=kind)


@post("/chats", status_code=201)
async def open_a_chat(request: Web, edge: Edge) -> ChatOpened:
    """Open a chat for a visitor."""
    address = request.client.host if request.client else "unknown"
    edge.chats_of_address.spend(address)
    data = await _read(request, OpenChat)
    opened = await open_chat(
        edge.context.database,
        widget_key=data.widget_key,
        origin=request.headers.get("origin"),
        zone=data.zone,
        locale=data.locale,
        page_url=data.page_url,
        identity=data.identity,
        address=address,
    )
    snapshot = await edge.reader.snapshot(opened.key)
    return ChatOpened(chat=opened.key.chat, token=opened.token, business=snapshot.business, snapshot=snapshot)


@get("/chat")
async def read_a_chat(request: Web, edge: Edge, after: After = 0, page: FromQuery[UUID | None] = None) -> ChatSnapshot:
    """Return the chat as it is: also the fallback where no WebSocket opens. With `page`, that page is there."""
    key = await edge.chat_of(request)
    if page is not None:
        async with edge.context.database.transaction(key.business, name="see_page") as tx:
            await see_page(tx, Callee(business=key.business, subject=key.chat), page)
    return await edge.reader.snapshot(key, after=after, page=page)


@post("/messages", status_code=201)
async def send_a_message(request: Web, edge: Edge) -> ChatMessage:
    """Keep what the customer wrote; the answer follows in the chat."""
    key = await edge.chat_of(request)
    edge.posts_of_chat.spend(key.chat)
    data = await _read(request, SendMessage)
    seq = await receive_message(edge.context, key, data.text, idempotency_key(request))
    edge.start_reply(key, seq)
    async with edge.context.database.transaction(key.business, name="read_message") as tx:
        chat = await load_chat(tx, key)
        return (await edge.reader.messages_after(tx, chat, seq - 1))[0]


@post("/callback-offer", status_code=200)
async def ask_for_an_offer(request: Web, edge: Edge) -> Accepted:
    """Show the callback prompt: `element.offerCallback()`."""
    key, data = await edge.chat_of(request), await _read(request, AskForOffer)
    return await edge.once(
        request, key, lambda once: offer_callback(edge.context, key, once, provider=data.provider, topic=data.topic)
    )


@post("/answers", status_code=200)
async def answer_a_prompt(request: Web, edge: Edge) -> Accepted:
    """Choose an option of a prompt. What follows arrives in the chat."""
    key, data = await edge.chat_of(request), await _read(request, Answer)
    choice = read_token(edge.context.keys, key.chat, data.token)
    reply = Reply(
        prompt=choice.prompt,
        option=choice.option,
        destination=data.destination,
        number=data.number,
        topic=data.topic,
        name=data.name,
        consent=data.consent,
    )
    return await edge.once(request, key, lambda once: answer_prompt(edge.context, key, reply, once))


@post("/callback/cancel", status_code=200)
async def cancel_callback(request: Web, edge: Edge) -> Accepted:
    """Cancel: "cancelled" is said when no phone will ring."""
    key = await edge.chat_of(request)
    return await edge.once(request, key, lambda once: take_back.cancel(edge.context, key, once))


@post("/callback/move", status_code=200)
async def move_callback(request: Web, edge: Edge) -> Accepted:
    """Show other times; the place is kept until a new one is certain."""
    key = await edge.chat_of(request)
    return await edge.once(request, key, lambda once: start_move(edge.context, key, once))


@get("/callback/calendar.ics")
async def add_to_calendar(edge: Edge, token: FromQuery[str]) -> Response[bytes]:
    """Return the calendar entry of a booked callback: the signed link is the right to it, so that a calendar can follow it."""
    link = read_link(edge.context.keys, token)
    async with edge.context.database.transaction(link.business, name="read_chat") as tx:
        chat = await load_chat(tx, ChatKey(business=link.business, chat=link.chat))
    entry = calendar(entry_of(chat.card, link, business_name=chat.business_name))
    return Response(
        entry.encode(),
        media_type=MEDIA_TYPE,
        headers={"Cache-Control": "no-store", "Content-Disposition": 'attachment; filename="callback.ics"'},
    )


@post("/calls/{leg:uuid}/inputs", status_code=200)
async def say_about_a_call(request: Web, edge: Edge, leg: FromPath[UUID]) -> Accepted:
    """Answer, decline, hang up, and whatever else a page says about its leg."""
    key, data = await edge.chat_of(request), await _read(request, CallInput)
    edge.posts_of_chat.spend(key.chat)
    async with edge.context.database.transaction(key.business, name="put_input") as tx:
        callee = Callee(business=key.business, subject=key.chat)
        await put_input(tx, callee, LegId(leg), idempotency_key(request), data)
    return Accepted()


@post("/calls/{leg:uuid}/signals", status_code=200)
async def signal_the_other_page(request: Web, edge: Edge, leg: FromPath[UUID]) -> Accepted:
    """Pass an offer, an answer or a candidate to the page at the other end."""
    key, data = await edge.chat_of(request), await _read(request, SignalInput)
    edge.signals_of_chat.spend(key.chat)
    async with edge.context.database.transaction(key.business, name="put_signal") as tx:
        callee = Callee(business=key.business, subject=key.chat)
        await put_signal(tx, callee, LegId(leg), idempotency_key(request), data)
    return Accepted()


@get("/calls/{leg:uuid}/signals")
async def read_the_signals(request: Web, edge: Edge, leg: FromPath[UUID], after: After = 0) -> list[LiveSignal]:
    """Return the signals for this page's leg: the fallback where no WebSocket opens."""
    key = await edge.chat_of(request)
    async with edge.context.database.transaction(key.business, name="read_signals") as tx:
        return await read_signals(tx, Callee(business=key.business, subject=key.chat), LegId(leg), after)


@websocket("/live")
async def live(socket: Socket, edge: Edge) -> None:
    """Send a chat's page what changes. It says hello with its token, so that no address carries one."""
    try:
        hello = await hear_hello(socket)
    except WebSocketDisconnect:
        return
    try:
        key = await edge.chat_of_token(hello.get("token"), socket.headers.get("origin"))
        page, after = UUID(str(hello.get("page"))), max(0, int(hello.get("after") or 0))
    except (Refused, ValueError):
        await close(socket, NO_SUCH_CHAT, "there is no such chat here")
        return
    feed = ChatFeed(reader=edge.reader, key=key, page=page, after=after)
    callee = Callee(business=key.business, subject=key.chat)
    database = edge.context.database

    seen_at: datetime | None = None

    async def here() -> None:
        nonlocal seen_at
        async with database.transaction(key.business, name="see_page") as tx:
            seen_at = await see_page(tx, callee, page)

    with edge.hub.page(key.chat) as woken:
        if await converse(socket, woken, feed.refresh, here=here) and seen_at is not None:
            with contextlib.suppress(*RETRYABLE, CommitUnknown):  # a page that is not taken away counts for 20 s more
                async with database.transaction(key.business, name="leave_page") as tx:
                    await leave_page(tx, callee, page, seen_at=seen_at)


PREFLIGHT = (
    (b"access-control-allow-methods", b"GET, POST"),
    (b"access-control-allow-headers", b"authorization, content-type, idempotency-key"),
    (b"access-control-max-age", b"600"),
)


class AnyOrigin:
    """ASGI middleware: lets the asking page read the answer, problems included. There are no cookies to steal.

    A preflight names no chat, so it is answered alike for all; whether a page may is decided with the request itself. One that
    may not (403: not among the origins of the widget key) is not named in the answer, so its browser keeps that from it.
    """

    def __init__(self, app: ASGIApp) -> None:
        self._app = app

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Name the asking origin in the answer."""
        given = dict(scope["headers"])
        origin = given.get(b"origin")
        if origin is None:
            await self._app(scope, receive, send)
            return
        allowed = [(b"access-control-allow-origin", origin), (b"vary", b"Origin")]
        if (
            scope["type"] == ScopeType.HTTP
            and scope["method"] == "OPTIONS"
            and b"access-control-request-method" in given
        ):
            # before the routes: Litestar has an OPTIONS of its own for each, which knows nothing of origins
            await send({"type": "http.response.start", "status": 204, "headers": [*allowed, *PREFLIGHT]})
            await send({"type": "http.response.body", "body": b"", "more_body": False})
            return

        async def send_with_origin(message: Message) -> None:
            if message["type"] == "http.response.start" and message["status"] == HTTP_403_FORBIDDEN:
                message["headers"] = [*message["headers"], (b"vary", b"Origin")]
            elif message["type"] == "http.response.start":
                exposed = (b"access-control-expose-headers", b"Retry-After")
                message["headers"] = [*message["headers"], *allowed, exposed]
            await send(message)

        await self._app(scope, receive, send_with_origin)


@get("/words/{language:str}", sync_to_thread=True)
def words_of_the_widget(language: FromPath[str]) -> Response[bytes]:
    """Return what the widget itself says in a language; no words for one that nobody knows: it stays English."""
    return Response(
        widget_words(language), media_type="application/json", headers={"cache-control": "public, max-age=3600"}
    )


def refuse_in_their_language(request: Request[Any, Any, Any], error: Refused) -> Response[Problem]:
    """Answer with the problem, said in the language of the chat that was loaded for it."""
    response = handle(request, error)
    found = response.content
    response.content = structs.replace(found, detail=t(found.detail), next=t(found.next) if found.next else None)
    return response


def create_router(edge: ChatEdge) -> ControllerRouterHandler:
    """Return the routes of the chat."""

    async def provide_edge() -> ChatEdge:
        return edge

    return Router(
        path="/widget/v1",
        route_handlers=[
            open_a_chat,
            read_a_chat,
            send_a_message,
            ask_for_an_offer,
            answer_a_prompt,
            cancel_callback,
            move_callback,
            add_to_calendar,
            say_about_a_call,
            signal_the_other_page,
            read_the_signals,
            live,
            words_of_the_widget,
        ],
        dependencies={"edge": provide_edge},
        middleware=[AnyOrigin],
        exception_handlers={Refused: refuse_in_their_language},
        request_max_body_size=LARGEST_BODY,
        include_in_schema=False,
    )
