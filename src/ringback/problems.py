"""Every error as a problem detail (RFC 9457): one table from error to status, one stable id in the type."""

from __future__ import annotations

import re
from collections.abc import Mapping
from typing import Any

import asyncpg
import msgspec
import structlog
from litestar import Request, Response
from litestar.exceptions import HTTPException, ValidationException
from litestar.types import ExceptionHandlersMap

from ringback.domain.choices import choices_of
from ringback.domain.errors import (
    CommitUnknown,
    ConfigurationError,
    Conflict,
    GateShut,
    Invalid,
    NotAllowed,
    NotFound,
    NotLoggedIn,
    Refused,
    RingbackError,
    TooMany,
)
from ringback.postgres.database import RETRYABLE

log = structlog.get_logger(__name__)

BASE = "https://ringback.dev/problems/"
STATUS: Mapping[type[Refused], int] = {
    NotFound: 404,
    NotLoggedIn: 401,
    NotAllowed: 403,
    Invalid: 422,
    Conflict: 409,
    TooMany: 429,
}
_PATH = re.compile(r" - at `\$\.?([^`]*)`")
_MISSING = re.compile(r"required field `([^`]*)`")
_HTTP_IDS: Mapping[int, tuple[str, str]] = {
    400: ("malformed-request", "This request could not be read. Send JSON as /api/v1/schema describes it."),
    401: ("not-logged-in", "Log in first."),
    403: ("not-allowed", "You may not do this. Ask an administrator for the right it needs."),
    404: ("not-found", "There is nothing here. Look the address up in /api/v1/schema."),
    405: ("method-not-allowed", "This address does not take that method. `Allow` names those it takes."),
    413: ("body-too-large", "This request is larger than we take. Send less at a time."),
    415: ("media-type-not-supported", "Send JSON."),
    429: ("too-many-requests", "Too many requests. Try again in a moment."),
}


class Problem(msgspec.Struct, kw_only=True, omit_defaults=True):
    """What went wrong, for a program and for a person."""

    type: str
    title: str
    status: int
    detail: str
    field: str | None = None
    next: str | None = None


def problem(id: str, status: int, detail: str, *, field: str | None = None, next: str | None = None) -> Problem:
    """Make the problem of a stable id; the title is the id in words."""
    title = id.replace("-", " ").capitalize()
    return Problem(type=BASE + id, title=title, status=status, detail=detail, field=field, next=next)


def problem_of(error: Exception) -> Problem:
    """Translate an error. What nobody foresaw says so, and says nothing of its inside."""
    match error:
        case Refused():
            status = next((code for kind, code in STATUS.items() if isinstance(error, kind)), 400)
            return problem(error.id, status, error.detail, field=error.field, next=error.next)
        case CommitUnknown():
            return problem("commit-unknown", 503, "We are checking that your booking arrived. Do not send it again.")
        case GateShut():
            return problem("changed-meanwhile", 409, "This callback has changed meanwhile. Look again.")
        case ConfigurationError():
            return problem("not-configured", 503, "This server is not set up for that. Its operator can see why.")
        case ValidationException():
            return _invalid(error)
        case msgspec.ValidationError() | msgspec.DecodeError():
            return _unreadable(str(error))
        case HTTPException():
            id, words = _HTTP_IDS.get(
                error.status_code, ("refused", "This request cannot be done. Look it up in /api/v1/schema.")
            )
            return problem(id, error.status_code, words)
        case _ if isinstance(error, (*RETRYABLE, TimeoutError, asyncpg.PostgresError)):
            return problem(
                "try-again", 503, "Our database is away for a moment. Nothing was lost; try again with the same key."
            )
        case RingbackError():
            return problem("conflict", 409, "This cannot be done now.")
    return problem(
        "internal", 500, "Something failed on our side. Nothing half-done was kept; try again with the same key."
    )


def _invalid(error: ValidationException) -> Problem:
    """Say which part of a request is wrong, without repeating what was sent."""
    extra: Any = error.extra
    first = extra[0] if isinstance(extra, list) and extra else {}
    if isinstance(first, Mapping) and first.get("message"):
        return _member(str(first["message"]), str(first.get("key") or "") or None)
    return _unreadable(str(error.detail))


def _member(words: str, field: str | None) -> Problem:
    """Name the member itself: of a body Litestar says only that it is `data`, and of one that is missing only its name."""
    inside = None if field == "data" else field
    if field == "data" and words.strip("'\"") == "data":
        return problem("invalid", 422, "This request needs a body, as JSON.", field="body")
    if missing := _MISSING.search(words):
        inside = f"{inside}.{missing[1]}" if inside else missing[1]
    return problem("invalid", 422, _sentence(words), field=inside)


def _unreadable(words: str) -> Problem:
    path = _PATH.search(words)
    field = path[1] if path and path[1] else None
    cleaned = _PATH.sub("", words).split("\n", 1)[0]
    status = 422 if path else 400
    return problem("invalid" if path else "malformed-request", status, _sentence(cleaned), field=field)


def _sentence(words: str) -> str:
    words = words.strip()[:300]
    return words if words.endswith(".") else words + "."


def with_choices(found: Problem, request: Request[Any, Any, Any]) -> Problem:
    """Name the words that may stand where another one was sent."""
    if found.field is None or "enum value" not in found.detail:
        return found
    handler: Any = request.scope.get("route_handler")
    body = getattr(handler, "parsed_data_field", None)
    parameter = handler.parsed_fn_signature.parameters.get(found.field) if handler is not None else None
    words = choices_of(body.annotation, found.field) if body is not None else ()
    if not words and parameter is not None:
        words = choices_of(parameter.annotation, "")
    return msgspec.structs.replace(found, detail=f"This is one of {', '.join(words)}.") if words else found


def problem_response(error: Exception) -> Response[Problem]:
    """Answer with the error's problem detail; 503 and 429 say when to try again."""
    found = problem_of(error)
    headers = {"Cache-Control": "no-store"}
    if isinstance(error, TooMany):
        headers["Retry-After"] = str(max(1, round(error.retry_after.total_seconds())))
    elif found.status == 503:
        headers["Retry-After"] = "1"
    elif isinstance(error, HTTPException) and error.headers:
        headers |= {name: value for name, value in error.headers.items() if name.lower() == "allow"}
    return Response(found, status_code=found.status, media_type="application/problem+json", headers=headers)


def handle(request: Request[Any, Any, Any], error: Exception) -> Response[Problem]:
    """Litestar's exception handler for everything."""
    response = problem_response(error)
    response.content = with_choices(response.content, request)
    if response.status_code == 503:
        log.warning(
            "request_to_repeat",
            method=request.method,
            path=request.scope.get("path_template"),
            error=type(error).__name__,
        )
    elif (response.status_code or 500) >= 500:
        log.error("request_failed", method=request.method, path=request.scope.get("path_template"), exc_info=error)
    return response


EXCEPTION_HANDLERS: ExceptionHandlersMap = {Exception: handle, HTTPException: handle}
