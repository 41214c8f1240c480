"""Where Twilio calls back: status callbacks, and what a leg is to do next. Nothing is read before the signature on the raw form is right."""

from __future__ import annotations

from typing import cast
from urllib.parse import parse_qs, parse_qsl
from uuid import UUID, uuid4

import structlog
from litestar.enums import ScopeType
from litestar.types import ASGIApp, HTTPResponseBodyEvent, HTTPResponseStartEvent, HTTPScope, Receive, Scope, Send

from ringback.domain.errors import CommitUnknown
from ringback.domain.ids import BusinessId, LegId
from ringback.postgres.database import RETRYABLE, Database, Transaction
from ringback.session_management_server.carriers.protocol import LegEventKind
from ringback.session_management_server.carriers.twilio import legs as rules
from ringback.session_management_server.carriers.twilio import rows, twiml
from ringback.session_management_server.carriers.twilio.legs import Seen, TwilioLeg, TwilioState
from ringback.session_management_server.carriers.twilio.options import PREFIX, TwilioOptions
from ringback.session_management_server.carriers.twilio.signature import is_signed

log = structlog.get_logger(__name__)

LARGEST = 64 * 1024  # bytes of a form


class TwilioDoor:
    """An ASGI application before another one: it answers what is under its prefix, and passes the rest on."""

    def __init__(self, options: TwilioOptions, database: Database, behind: ASGIApp) -> None:
        self._options = options
        self._database = database
        self._behind = behind

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Answer one request."""
        if scope["type"] != ScopeType.HTTP or not str(scope["path"]).startswith(f"{PREFIX}/"):
            await self._behind(scope, receive, send)
            return
        status, document = await self._answer(scope, await _body(receive))
        kind = b"text/xml; charset=utf-8" if document else b"text/plain; charset=utf-8"
        start: HTTPResponseStartEvent = {
            "type": "http.response.start",
            "status": status,
            "headers": [(b"content-type", kind)],
        }
        body: HTTPResponseBodyEvent = {"type": "http.response.body", "body": document.encode(), "more_body": False}
        await send(start)
        await send(body)

    async def _answer(self, scope: HTTPScope, body: bytes | None) -> tuple[int, str]:
        if scope["method"] != "POST" or body is None:
            return (405, "") if body is not None else (413, "")
        path, query = scope["path"], scope["query_string"].decode("latin-1")
        fields = parse_qsl(body.decode("utf-8", "replace"), keep_blank_values=True)
        signature = next((value for name, value in scope["headers"] if name == b"x-twilio-signature"), b"")
        url = self._options.public_url + path + (f"?{query}" if query else "")
        if not is_signed(self._options.auth_token, url, fields, signature.decode("latin-1")):
            log.warning("twilio_signature_wrong", path=path)
            return 403, ""
        try:
            business, leg, what = _address(path)
        except ValueError:
            return 404, ""
        form = dict(fields)
        if form.get("AccountSid") != self._options.account:
            return 403, ""
        try:
            return await self._act(business, leg, what, form, parse_qs(query))
        except (*RETRYABLE, CommitUnknown) as error:
            log.warning("twilio_callback_not_stored", error=type(error).__name__)
            return 503, ""

    async def _act(
        self, business: BusinessId, id: LegId, what: str, form: dict[str, str], query: dict[str, list[str]]
    ) -> tuple[int, str]:
        async with self._database.transaction(business, name="twilio_callback") as tx:
            leg = (await rows.lock_legs(tx, business, id)).get(id)
            if leg is None:
                return 404, ""
            token = query.get("n", [""])[0]
            match what:
                case "status":
                    await self._hear(tx, leg, form, form.get("CallStatus", ""))
                    return 204, ""
                case "answer":
                    leg = await self._hear(tx, leg, form, "in-progress")
                case "key" if leg.call == form.get("CallSid") and form.get("Digits"):
                    await rows.note_event(tx, leg, LegEventKind.KEY, event=token, detail=form["Digits"][:1])
                case "played" if leg.call == form.get("CallSid"):
                    await rows.note_event(tx, leg, LegEventKind.PLAYED, event=token)
                case "say":
                    return 200, twiml.announced(query.get("words", [""])[0])
                case "wait" | "key" | "played":
                    pass
                case _:
                    return 404, ""
        return 200, self._next(leg, form.get("CallSid", ""))

    async def _hear(self, tx: Transaction, leg: TwilioLeg, form: dict[str, str], status: str) -> TwilioLeg:
        seen = Seen(
            call=form.get("CallSid", ""),
            status=status,
            sip=_number(form.get("SipResponseCode")),
            error=_number(form.get("ErrorCode")),
        )
        if not seen.call:
            return leg
        after = rules.heard(leg, seen, tx.now)
        await rows.save_leg(tx, leg, after)
        return after

    def _next(self, leg: TwilioLeg, call: str) -> str:
        """Return what a call does now: one that is not this leg's, or is not wanted any more, hangs up."""
        base = self._options.base(leg.business, leg.id)
        if leg.call != call or leg.released or leg.state not in (TwilioState.ANSWERED, TwilioState.JOINED):
            return twiml.over()
        return twiml.waiting(base, uuid4().hex)


def _address(path: str) -> tuple[BusinessId, LegId, str]:
    """Read PREFIX/business/leg/what; raise ValueError for anything else."""
    business, leg, what = path.removeprefix(f"{PREFIX}/").split("/")
    return BusinessId(UUID(hex=business)), LegId(UUID(hex=leg)), what


def _number(text: str | None) -> int | None:
    return int(text) if text and text.isascii() and text.isdigit() and len(text) < 8 else None


async def _body(receive: Receive) -> bytes | None:
    """Return the body; None when it is larger than a form of Twilio's can be."""
    parts: list[bytes] = []
    size = 0
    while True:
        message = await receive()
        if message["type"] == "http.disconnect":
            return b"".join(parts)
        parts.append(cast("bytes", message.get("body", b"")))
        size += len(parts[-1])
        if size > LARGEST:
            return None
        if not message.get("more_body"):
            return b"".join(parts)
