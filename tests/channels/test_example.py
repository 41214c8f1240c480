"""The worked example of the generic channel: taken out of its document, run as it stands, and a callback is booked with it."""

from __future__ import annotations

import asyncio
import os
import re
import sys
from asyncio.subprocess import PIPE, Process
from pathlib import Path

import pytest

from ringback.domain.commands import RequestCallback
from tests.channels.hall import Hall
from tests.support.processes import free_port
from tests.support.waiting import PATIENCE

pytestmark = pytest.mark.channel
DOCUMENT = Path(__file__).parents[2] / "docs" / "channels" / "generic.md"
SECRET = "whsec_" + "c2VjcmV0IHNlY3JldCBzZWNyZXQgc2VjcmV0"


async def until(process: Process, hall: Hall, wanted: str) -> list[str]:
    """Read what it shows until a line begins so; meanwhile everybody does what there is to do."""
    assert process.stdout is not None
    lines: list[str] = []
    async with asyncio.timeout(PATIENCE):
        while True:
            await hall.settle()
            try:
                line = (await asyncio.wait_for(process.stdout.readline(), 0.2)).decode().rstrip()
            except TimeoutError:
                continue
            lines.append(line)
            if line.strip().startswith(wanted):
                return lines


async def test_the_example_in_the_document_books_a_callback(hall: Hall, tmp_path: Path):
    (source,) = re.findall(r"```python\n(.*?)```", DOCUMENT.read_text(), re.DOTALL)
    assert source.count("\n") < 60
    script = tmp_path / "terminal.py"
    script.write_text(source)
    port = free_port()
    path = await hall.account("generic", {"secret": SECRET}, {"url": f"http://127.0.0.1:{port}/"})
    hall.unhurried()
    process = await asyncio.create_subprocess_exec(
        sys.executable,
        str(script),
        stdin=PIPE,
        stdout=PIPE,
        env={**os.environ, "SECRET": SECRET, "PORT": str(port), "RINGBACK": hall.url + path},
    )
    assert process.stdin is not None
    try:
        for typed, answer in (
            ("can someone call me?", "3 No thanks"),
            ("1", "1 No thanks"),
            ("+44 20 7946 0123", "4 No thanks"),
            ("1", "Booked: "),
        ):
            process.stdin.write(f"{typed}\n".encode())
            await process.stdin.drain()
            await until(process, hall, answer)
    finally:
        process.terminate()
        await process.wait()
    (request,) = hall.asked_for(RequestCallback)
    assert request.destination.address == "+442079460123"
