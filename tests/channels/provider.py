"""Where channels post to: a little HTTP server that keeps what it was sent, answers as it is told, and can be told to refuse."""

from __future__ import annotations

import asyncio
import contextlib
import json
from collections.abc import AsyncIterator, Callable
from dataclasses import dataclass, field
from typing import Any
from urllib.parse import parse_qs

from litestar import Litestar, Request, Response, route
from litestar.enums import HttpMethod
from litestar.params import FromPath

from ringback.pages.serving import bind, serve


@dataclass(frozen=True, slots=True, kw_only=True)
class Posted:
    """One request of ours."""

    path: str
    headers: dict[str, str]
    body: bytes

    @property
    def json(self) -> dict[str, Any]:
        return dict(json.loads(self.body))

    @property
    def form(self) -> dict[str, str]:
        return {name: values[-1] for name, values in parse_qs(self.body.decode()).items()}


@dataclass(slots=True, kw_only=True)
class Provider:
    """`answer` makes what is answered; `refusals` are answered first, one each."""

    answer: Callable[[Posted], Any]
    posted: list[Posted] = field(default_factory=list)
    refusals: list[tuple[int, Any]] = field(default_factory=list)
    url: str = ""

    @contextlib.asynccontextmanager
    async def open(self) -> AsyncIterator[Provider]:
        @route("/{rest:path}", http_method=[HttpMethod.POST, HttpMethod.PUT])
        async def take(request: Request[Any, Any, Any], rest: FromPath[str]) -> Response[Any]:
            one = Posted(path=rest, headers=dict(request.headers), body=await request.body())
            if self.refusals:
                status, said = self.refusals.pop(0)
                return Response(said, status_code=status)
            self.posted.append(one)
            return Response(self.answer(one), status_code=200)

        listener = bind("127.0.0.1", 0, variable="the test")
        self.url = f"http://127.0.0.1:{listener.getsockname()[1]}"
        ready = asyncio.Event()
        app = Litestar([take], openapi_config=None, logging_config=None)
        task = asyncio.create_task(serve(app, listener, started=ready.set))
        await ready.wait()
        yield self
        task.cancel()
        await asyncio.gather(task, return_exceptions=True)
