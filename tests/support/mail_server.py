"""A mail server for tests: speaks enough SMTP (RFC 5321) on loopback to take letters, refuse them, or hang up, and keeps what it took."""

from __future__ import annotations

import asyncio
import contextlib
from collections.abc import AsyncIterator
from dataclasses import dataclass, field
from email import message_from_bytes
from email.message import EmailMessage
from email.policy import default


@dataclass(slots=True, kw_only=True)
class MailServerOnLoopback:
    """Letters taken, with their envelope. `answers`: to the next letters instead of 250; 0 hangs up before taking it, 1 after."""

    port: int = 0
    answers: list[int] = field(default_factory=list)
    took: list[tuple[list[str], EmailMessage]] = field(default_factory=list)

    @property
    def url(self) -> str:
        return f"smtp://127.0.0.1:{self.port}?starttls=off"

    async def serve(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        try:
            await self._converse(reader, writer)
        except ConnectionError:
            pass
        finally:
            writer.close()

    async def _converse(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        async def say(line: str) -> None:
            writer.write(line.encode() + b"\r\n")
            await writer.drain()

        recipients: list[str] = []
        await say("220 loopback ESMTP")
        while line := await reader.readline():
            verb = line[:4].upper().strip()
            if verb == b"RCPT":
                recipients.append(line.decode().partition("<")[2].partition(">")[0])
                await say("250 ok")
            elif verb == b"DATA":
                await say("354 go on")
                body = await reader.readuntil(b"\r\n.\r\n")
                answer = self.answers.pop(0) if self.answers else 250
                if answer == 0:
                    return
                if answer in (1, 250):
                    letter = message_from_bytes(body[:-5], policy=default)
                    assert isinstance(letter, EmailMessage)
                    self.took.append((recipients, letter))
                if answer == 1:
                    return
                await say(f"{answer} {'taken' if answer == 250 else 'not taken'}")
                recipients = []
            elif verb == b"QUIT":
                await say("221 bye")
                return
            else:
                await say("250 ok")


@contextlib.asynccontextmanager
async def mail_server() -> AsyncIterator[MailServerOnLoopback]:
    """Run one on a free port."""
    kept = MailServerOnLoopback()
    server = await asyncio.start_server(kept.serve, "127.0.0.1", 0)
    kept.port = server.sockets[0].getsockname()[1]
    try:
        yield kept
    finally:
        server.close()
