"""People with telephones, played over SIP on loopback: they answer, decline, ignore, hang up; each INVITE is counted by its Call-ID."""

from __future__ import annotations

import asyncio
import re
from dataclasses import dataclass, field

from tests.support.rtp import play_tone

_USER = re.compile(r"^INVITE sip:(\+?[\w.]+)@")


@dataclass
class _Call:
    user: str
    peer: tuple[str, int]
    invite: dict[str, list[str]]
    tag: str
    sound_to: tuple[str, int] | None = None
    answered: bool = False
    over: bool = False
    tasks: list[asyncio.Task[None]] = field(default_factory=list)


class SipPhones(asyncio.DatagramProtocol):
    """One UDP port with any number of people behind it; who is dialled is the user part of the request."""

    def __init__(self, *, sound: bool = False) -> None:
        self.sound = sound  # whoever answers plays a tone into the call
        self.behaviours: dict[str, str] = {}
        self.calls: dict[str, _Call] = {}
        self.rung: dict[str, set[str]] = {}
        self.transport: asyncio.DatagramTransport | None = None
        self.port = 0

    async def start(self) -> None:
        """Listen on a free port of loopback."""
        loop = asyncio.get_running_loop()
        transport, _ = await loop.create_datagram_endpoint(lambda: self, local_addr=("127.0.0.1", 0))
        self.transport = transport
        self.port = transport.get_extra_info("sockname")[1]

    def stop(self) -> None:
        """Hang every call up and listen no more."""
        for call in self.calls.values():
            for task in call.tasks:
                task.cancel()
        if self.transport is not None:
            self.transport.close()

    def behave(self, user: str, behaviour: str) -> None:
        """Tell a person what to do when rung: answers, declines, busy, ignores, unknown, silent."""
        self.behaviours[user] = behaviour

    def datagram_received(self, data: bytes, addr: tuple[str, int]) -> None:
        """Answer a request."""
        text = data.decode("utf-8", "replace")
        head, _, body = text.partition("\r\n\r\n")
        first, *lines = head.split("\r\n")
        headers: dict[str, list[str]] = {}
        for line in lines:
            name, _, value = line.partition(":")
            headers.setdefault(name.strip().lower(), []).append(value.strip())
        if first.startswith("SIP/2.0"):
            return
        call_id = headers["call-id"][0]
        method = first.split()[0]
        if method == "INVITE":
            self._invited(first, call_id, headers, addr, body)
        elif method == "CANCEL":
            self._reply(addr, headers, "200 OK")
            call = self.calls.get(call_id)
            if call is not None and not call.answered and not call.over:
                self._end(call)
                self._reply(addr, call.invite, "487 Request Terminated", tag=call.tag)
        elif method == "BYE":
            self._reply(addr, headers, "200 OK")
            if call_id in self.calls:
                self._end(self.calls[call_id])
        elif method == "OPTIONS":
            self._reply(addr, headers, "200 OK")

    def _invited(
        self, first: str, call_id: str, headers: dict[str, list[str]], addr: tuple[str, int], body: str
    ) -> None:
        match = _USER.match(first)
        assert match
        user = match[1]
        if call_id in self.calls:
            return  # sent again
        behaviour = self.behaviours.get(user, "answers")
        if behaviour == "silent":
            return
        media = re.search(r"m=audio (\d+) ", body)
        sound_to = ("127.0.0.1", int(media[1])) if media else None
        call = _Call(user=user, peer=addr, invite=headers, tag=f"t{len(self.calls)}", sound_to=sound_to)
        self.calls[call_id] = call
        self._reply(addr, headers, "100 Trying")
        refusals = {"busy": "486 Busy Here", "unknown": "404 Not Found", "congested": "503 Service Unavailable"}
        if behaviour in refusals:
            self._end(call)
            self._reply(addr, headers, refusals[behaviour], tag=call.tag)
            return
        self.rung.setdefault(user, set()).add(call_id)
        self._reply(addr, headers, "180 Ringing", tag=call.tag)
        if behaviour != "ignores":
            call.tasks.append(asyncio.get_running_loop().create_task(self._act(call, behaviour)))

    async def _act(self, call: _Call, behaviour: str) -> None:
        await asyncio.sleep(0.05)
        if call.over:
            return
        if behaviour == "declines":
            self._end(call)
            self._reply(call.peer, call.invite, "603 Decline", tag=call.tag)
            return
        call.answered = True
        port = await play_tone(call.tasks, call.sound_to) if self.sound else 9
        body = (
            "v=0\r\no=- 1 1 IN IP4 127.0.0.1\r\ns=-\r\nc=IN IP4 127.0.0.1\r\nt=0 0\r\n"
            f"m=audio {port} RTP/AVP 0\r\na=rtpmap:0 PCMU/8000\r\n"
        )
        self._reply(call.peer, call.invite, "200 OK", tag=call.tag, body=body)

    def hang_up(self, user: str) -> None:
        """The person hangs up."""
        for call_id, call in self.calls.items():
            if call.user == user and call.answered and not call.over:
                self._end(call)
                target = re.search(r"<(sip:[^>]+)>", call.invite["contact"][0])
                assert target and self.transport
                lines = [
                    f"BYE {target[1]} SIP/2.0",
                    f"Via: SIP/2.0/UDP 127.0.0.1:{self.port};branch=z9hG4bK-{call.tag}-bye",
                    f"From: {call.invite['to'][0]};tag={call.tag}",
                    f"To: {call.invite['from'][0]}",
                    f"Call-ID: {call_id}",
                    "CSeq: 1 BYE",
                    "Max-Forwards: 70",
                    "Content-Length: 0",
                    "",
                    "",
                ]
                self.transport.sendto("\r\n".join(lines).encode(), call.peer)

    def _end(self, call: _Call) -> None:
        call.over = True
        for task in call.tasks:
            if task is not asyncio.current_task():
                task.cancel()

    def _reply(
        self, addr: tuple[str, int], headers: dict[str, list[str]], status: str, *, tag: str = "", body: str = ""
    ) -> None:
        assert self.transport
        to = headers["to"][0] + (f";tag={tag}" if tag and ";tag=" not in headers["to"][0] else "")
        lines = [
            f"SIP/2.0 {status}",
            *(f"Via: {each}" for each in headers["via"]),
            f"From: {headers['from'][0]}",
            f"To: {to}",
        ]
        lines += [f"Call-ID: {headers['call-id'][0]}", f"CSeq: {headers['cseq'][0]}"]
        lines += [f"Contact: <sip:people@127.0.0.1:{self.port}>"]
        if body:
            lines += ["Content-Type: application/sdp"]
        lines += [f"Content-Length: {len(body)}", "", body]
        self.transport.sendto("\r\n".join(lines).encode(), addr)
