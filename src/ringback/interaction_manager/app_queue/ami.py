"""Asterisk's manager interface (AMI) as far as queues need it: log in by challenge, send actions, read events. Plain text lines over TCP."""

from __future__ import annotations

import asyncio
import contextlib
import hashlib
import ssl
from collections.abc import Mapping
from dataclasses import dataclass, field
from types import TracebackType
from typing import Self

from ringback.domain.errors import RingbackError

Message = Mapping[str, str]

MOST_LINE = 64 * 1024
ANSWER_WITHIN = 5.0
# Of an event list: the last event says so by one of these.
_LIST_ENDS = ("Complete", "cancelled")


class AmiError(RingbackError):
    """The manager interface cannot be used: unreachable, refused, or not what it should be. Never holds the secret."""


@dataclass(frozen=True, slots=True, kw_only=True)
class AmiAddress:
    """Where the manager interface is, and who logs in."""

    host: str
    port: int = 5038
    user: str
    secret: str = field(repr=False)
    tls: bool = False


class AmiClient:
    """One connection. Events that come meanwhile are kept until they are read."""

    def __init__(self, address: AmiAddress) -> None:
        self._address = address
        self._actions = 0
        self._answers: dict[str, asyncio.Future[Message]] = {}
        self._lists: dict[str, list[Message]] = {}
        self._events: asyncio.Queue[Message | None] = asyncio.Queue()
        self._writer: asyncio.StreamWriter | None = None
        self._reading: asyncio.Task[None] | None = None

    async def __aenter__(self) -> Self:
        try:
            async with asyncio.timeout(ANSWER_WITHIN):
                await self._connect()
                await self._log_in()
        except (OSError, TimeoutError, asyncio.IncompleteReadError, ValueError) as error:
            await self.close()
            raise AmiError(f"{self._where} cannot be reached: {type(error).__name__}") from error
        except BaseException:
            await self.close()
            raise
        return self

    async def __aexit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        await self.close()

    @property
    def _where(self) -> str:
        return f"the manager interface at {self._address.host}:{self._address.port}"

    async def close(self) -> None:
        """Hang up; whoever still waits for an answer or an event is told."""
        if self._reading is not None:
            self._reading.cancel()
            with contextlib.suppress(asyncio.CancelledError, AmiError):
                await self._reading
            self._reading = None
        if self._writer is not None:
            self._writer.close()
            with contextlib.suppress(OSError, TimeoutError):
                async with asyncio.timeout(1):
                    await self._writer.wait_closed()
            self._writer = None

    async def heard(self, *, within: float) -> list[Message]:
        """Return the events that came, waiting at most so long for the first; raise AmiError when the connection has ended."""
        found: list[Message] = []
        with contextlib.suppress(TimeoutError):
            async with asyncio.timeout(within):
                found += self._checked(await self._events.get())
        while not self._events.empty():
            found += self._checked(self._events.get_nowait())
        return found

    def _checked(self, event: Message | None) -> list[Message]:
        if event is None:
            raise AmiError(f"{self._where} hung up")
        return [event]

    async def action(self, name: str, /, **headers: str) -> Message:
        """Send an action and return its answer; raise AmiError when it is refused or none comes."""
        number = await self._send(name, headers)
        answer = self._answers[number] = asyncio.get_running_loop().create_future()
        return await self._answered(name, number, answer)

    async def listed(self, name: str, /, **headers: str) -> list[Message]:
        """Send an action that is answered by a list of events, and return them."""
        number = await self._send(name, headers)
        found: list[Message] = []
        self._lists[number] = found
        done = self._answers[number] = asyncio.get_running_loop().create_future()
        try:
            await self._answered(name, number, done)
        finally:
            self._lists.pop(number, None)
        return found

    # ------------------------------------------------------------------ the wire

    async def _connect(self) -> None:
        context = ssl.create_default_context() if self._address.tls else None
        reader, self._writer = await asyncio.open_connection(
            self._address.host, self._address.port, ssl=context, limit=MOST_LINE
        )
        banner = await reader.readline()
        if not banner.startswith(b"Asterisk Call Manager"):
            raise AmiError(f"{self._where} does not greet as Asterisk does")
        self._reading = asyncio.create_task(self._read(reader))

    async def _log_in(self) -> None:
        """Prove that the secret is known without sending it. MD5 is what the protocol knows; use TLS where the way is not your own."""
        challenge = (await self.action("Challenge", AuthType="MD5"))["Challenge"]
        key = hashlib.md5((challenge + self._address.secret).encode(), usedforsecurity=False).hexdigest()
        await self.action("Login", AuthType="MD5", Username=self._address.user, Key=key, Events="agent,call")

    async def _send(self, name: str, headers: Mapping[str, str]) -> str:
        if self._writer is None:
            raise AmiError(f"{self._where} is not connected")
        self._actions += 1
        number = f"ringback-{self._actions}"
        lines = {"Action": name, "ActionID": number, **headers}
        if any("\r" in value or "\n" in value for value in lines.values()):
            raise AmiError("a header of the manager interface is one line")
        text = "".join(f"{key}: {value}\r\n" for key, value in lines.items())
        self._writer.write(f"{text}\r\n".encode())
        try:
            await self._writer.drain()
        except OSError as error:
            raise AmiError(f"{self._where} hung up") from error
        return number

    async def _answered(self, name: str, number: str, answer: asyncio.Future[Message]) -> Message:
        try:
            async with asyncio.timeout(ANSWER_WITHIN):
                found = await answer
        except TimeoutError as error:
            raise AmiError(f"{self._where} did not answer {name}") from error
        finally:
            self._answers.pop(number, None)
        if found.get("Response", "Success") not in ("Success", "Goodbye"):
            raise AmiError(f"{self._where} refused {name}: {found.get('Message', 'no reason given')}")
        return found

    async def _read(self, reader: asyncio.StreamReader) -> None:
        try:
            while True:
                message = await _message(reader)
                if message:
                    self._take(message)
        except (OSError, asyncio.IncompleteReadError, asyncio.LimitOverrunError) as error:
            lost = AmiError(f"{self._where} hung up ({type(error).__name__})")
            for waiting in list(self._answers.values()):
                if not waiting.done():
                    waiting.set_exception(lost)
        finally:
            self._events.put_nowait(None)

    def _take(self, message: Message) -> None:
        number = message.get("ActionID", "")
        waiting = self._answers.get(number)
        found = self._lists.get(number)
        if found is not None and "Event" in message:
            if message.get("EventList") in _LIST_ENDS:
                if waiting is not None and not waiting.done():
                    waiting.set_result(message)
            else:
                found.append(message)
        elif "Response" in message:
            refused = message["Response"] not in ("Success", "Goodbye")
            if waiting is not None and not waiting.done() and (found is None or refused):
                waiting.set_result(message)
        elif "Event" in message:
            self._events.put_nowait(message)


async def _message(reader: asyncio.StreamReader) -> dict[str, str]:
    """Read the lines up to an empty one; of a header that comes twice the first counts."""
    message: dict[str, str] = {}
    while True:
        line = (await reader.readuntil(b"\n")).rstrip(b"\r\n").decode("utf-8", "replace")
        if not line:
            return message
        name, separator, value = line.partition(":")
        if separator:
            message.setdefault(name.strip(), value.strip())
