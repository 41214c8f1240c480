"""Every error has a status, a stable id and words; what nobody foresaw gives nothing away."""

from __future__ import annotations

import inspect
from datetime import timedelta
from typing import Any

import asyncpg
import msgspec
import pytest
from litestar.exceptions import HTTPException, MethodNotAllowedException

from ringback.domain import errors
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
from ringback.problems import problem_of, problem_response


@pytest.mark.parametrize(
    ("error", "status", "id"),
    [
        (NotFound("There is no such chat.", id="chat-not-found"), 404, "chat-not-found"),
        (NotLoggedIn("Log in."), 401, "not-logged-in"),
        (NotAllowed("No."), 403, "not-allowed"),
        (Invalid("Too short.", id="number-too-short", field="number"), 422, "number-too-short"),
        (Conflict("15:15 was just taken.", id="slot-taken", next="Next: 15:30."), 409, "slot-taken"),
        (TooMany("Wait.", retry_after=timedelta(seconds=7)), 429, "too-many-requests"),
        (CommitUnknown("lost"), 503, "commit-unknown"),
        (GateShut("epoch 3 is not 4"), 409, "changed-meanwhile"),
        (ConfigurationError("RINGBACK_X is wrong"), 503, "not-configured"),
        (ConnectionResetError(), 503, "try-again"),
        (asyncpg.ConnectionDoesNotExistError("gone"), 503, "try-again"),
        (asyncpg.DeadlockDetectedError("deadlock"), 503, "try-again"),
        (TimeoutError(), 503, "try-again"),
        (HTTPException(status_code=413), 413, "body-too-large"),
        (MethodNotAllowedException(), 405, "method-not-allowed"),
        (RuntimeError("password=hunter2"), 500, "internal"),
    ],
    ids=lambda value: type(value).__name__ if isinstance(value, Exception) else str(value),
)
def test_each_error_has_its_problem(error: Exception, status: int, id: str):
    problem = problem_of(error)
    assert (problem.status, problem.type) == (status, f"https://ringback.dev/problems/{id}")
    assert problem.detail.endswith(".") and problem.title


def test_every_error_of_the_tree_is_answered_on_purpose():
    made: dict[type, Any] = {
        errors.TooMany: lambda kind: kind("x.", retry_after=timedelta(1)),
        errors.IllegalTransition: lambda kind: kind("callback", "done", "ring"),
    }
    for _, kind in inspect.getmembers(errors, inspect.isclass):
        if issubclass(kind, RingbackError):
            error = made.get(kind, lambda each: each("x."))(kind)
            problem = problem_of(error)
            assert problem.status != 500, kind
            assert issubclass(kind, Refused) or "x." not in problem.detail, f"{kind} tells its inside"


def test_what_nobody_foresaw_gives_nothing_away():
    problem = problem_of(RuntimeError("the number is +442079460123"))
    assert "2079460123" not in msgspec.json.encode(problem).decode()


def test_a_wrong_field_is_named():
    class Body(msgspec.Struct):
        text: str

    with pytest.raises(msgspec.ValidationError) as caught:
        msgspec.json.decode(b'{"text": 5}', type=Body)
    problem = problem_of(caught.value)
    assert (problem.status, problem.field) == (422, "text") and "$" not in problem.detail


def test_when_to_try_again_is_a_header():
    wait = problem_response(TooMany("Wait.", retry_after=timedelta(seconds=7)))
    assert wait.headers["Retry-After"] == "7"
    assert problem_response(CommitUnknown("lost")).headers["Retry-After"] == "1"
    assert problem_response(NotFound("x.")).headers["Cache-Control"] == "no-store"


def test_optional_members_are_left_out():
    assert set(msgspec.json.decode(msgspec.json.encode(problem_of(NotFound("x."))))) == {
        "type",
        "title",
        "status",
        "detail",
    }
