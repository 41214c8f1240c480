"""What `ringback doctor` finds when it tries what lies outside: a small stand-in answers as ARI does, or as another program would."""

from __future__ import annotations

import asyncio
import contextlib
import json
from collections.abc import AsyncIterator
from http import HTTPStatus
from typing import Any

from websockets.asyncio.server import Server, ServerConnection, serve
from websockets.http11 import Request, Response

from ringback.findings import Finding, Health
from ringback.settings import Settings
from ringback.surroundings import examine_port, examine_surroundings
from tests.support.processes import free_port

INFO = {"system": {"version": "20.9.2"}}


@contextlib.asynccontextmanager
async def answering(pages: dict[str, Any]) -> AsyncIterator[int]:
    """Serve JSON at some paths, 404 elsewhere, and an event stream at /ari/events."""

    def page(connection: ServerConnection, request: Request) -> Response | None:
        path = request.path.partition("?")[0]
        if path == "/ari/events" and "/ari/asterisk/info" in pages:
            return None
        body = pages.get(path)
        status = HTTPStatus.OK if body is not None else HTTPStatus.NOT_FOUND
        return connection.respond(status, json.dumps(body))

    async def stay(connection: ServerConnection) -> None:
        await connection.wait_closed()

    server: Server
    async with serve(stay, "127.0.0.1", 0, process_request=page) as server:
        yield next(iter(server.sockets)).getsockname()[1]


async def found(settings: Settings) -> dict[str, Finding]:
    """Return what was found, by what was looked at."""
    return {each.what: each async for each in examine_surroundings(settings, internal_secret="secret")}


def asterisk(port: int, trunk: str = "PJSIP/{digits}@carrier") -> Settings:
    return Settings(
        carriers=("asterisk",), asterisk_url=f"http://ringback:pw@127.0.0.1:{port}/ari", asterisk_trunk=trunk
    )


async def test_an_asterisk_that_answers_is_looked_at_to_its_trunk():
    pages = {"/ari/asterisk/info": INFO, "/ari/endpoints/PJSIP/carrier": {"state": "online"}}
    async with answering(pages) as port:
        well = await found(asterisk(port))
        other = await found(asterisk(port, "PJSIP/{digits}@nobody"))
    assert {name: each.health for name, each in well.items()} == {
        "asterisk": Health.GOOD,
        "asterisk events": Health.GOOD,
        "trunk": Health.GOOD,
    }
    assert "20.9.2" in well["asterisk"].line and "pw" not in str(well)
    assert other["trunk"].health is Health.BAD and "nobody" in other["trunk"].line


async def test_what_does_not_answer_is_wrong_each_with_its_mend():
    port = free_port()
    gone = await found(
        Settings(
            carriers=("asterisk", "simulated"),
            asterisk_url=f"http://ringback:pw@127.0.0.1:{port}/ari",
            asterisk_trunk="PJSIP/{digits}@carrier",
            simulated_carrier=f"127.0.0.1:{port}",
            smtp_url=f"smtp://127.0.0.1:{port}?starttls=off",
            interactions_url=f"http://127.0.0.1:{port}",
            asterisk_queues=(
                {"business": "acme", "host": "127.0.0.1", "port": port, "user": "u", "secret": "s", "queues": {"a": "b"}},
            ),
        )
    )  # fmt: skip
    assert gone.keys() == {"asterisk", "simulated carrier", "mail", "offers", "outside queues"}
    assert all(each.health is Health.BAD and each.mend for each in gone.values())


async def test_an_address_of_another_program_is_no_interaction_manager():
    async with answering({}) as port:
        wrong = await found(Settings(interactions_url=f"http://127.0.0.1:{port}"))
    assert wrong["offers"].health is Health.BAD


async def test_a_port_that_another_program_holds_is_told_from_our_own():
    async with answering({"/health": {"status": "well", "version": "0.1.0"}}) as port:
        assert (await examine_port(Settings(port=port))).line == f"Ringback 0.1.0 answers on {port}: well"
    async with answering({"/": "hello"}) as port:
        taken = await examine_port(Settings(port=port))
    assert taken.health is Health.BAD and "RINGBACK_PORT" in str(taken.mend)
    silent = await asyncio.start_server(lambda _, writer: writer.close(), "127.0.0.1", 0)
    async with silent:
        port = silent.sockets[0].getsockname()[1]
        assert (await examine_port(Settings(port=port))).health is Health.BAD
    assert (await examine_port(Settings(port=free_port()))).health is Health.GOOD
