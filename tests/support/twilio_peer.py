"""A small Twilio of our own, in a process of its own: keeps calls on disk, fetches TwiML, posts signed callbacks, and misbehaves as told.

    python -m tests.support.twilio_peer --record rang.jsonl --account AC… --token … [--port N]

It shares no code with the carrier: URLs, signatures and documents are made and read here a second time. `POST /far/behave` (number, words of
the simulated carrier's behaviours), `/far/leave` and `/far/press` play the people.
"""

from __future__ import annotations

import argparse
import asyncio
import base64
import contextlib
import hashlib
import hmac
import json
import os
import socket
import sys
import time
import uuid
import xml.etree.ElementTree as ElementTree
from collections import defaultdict
from dataclasses import asdict, dataclass, field
from email.utils import formatdate
from pathlib import Path
from typing import Any
from urllib.parse import parse_qs, parse_qsl

import httpx
import uvicorn

from ringback.session_management_server.carriers.simulated_behaviour import Act, Behaviour, parse_behaviour

FINAL = ("completed", "busy", "no-answer", "failed", "canceled")


def sid(kind: str) -> str:
    return kind + uuid.uuid4().hex


@dataclass
class Call:
    sid: str
    to: str
    from_: str
    url: str
    callback: str
    timeout: float
    key: str
    status: str = "queued"
    created: float = field(default_factory=time.time)
    sip: int | None = None
    rang: bool = False


class Peer:
    """The state of one account."""

    def __init__(self, record: Path, account: str, token: str) -> None:
        self.account, self.token, self.path = account, token, record
        self.calls: dict[str, Call] = {}
        self.keys: dict[str, str] = {}
        self.rooms: dict[str, set[str]] = defaultdict(set)
        self.room_sids: dict[str, str] = {}
        self.behaviours: dict[str, Behaviour] = {}
        self.changed: dict[str, asyncio.Event] = defaultdict(asyncio.Event)
        self.running: dict[str, asyncio.Task[None]] = {}
        self.keypad: dict[str, asyncio.Queue[str]] = defaultdict(asyncio.Queue)
        self.kept_back: dict[str, list[tuple[str, dict[str, str]]]] = defaultdict(list)
        self.tasks: set[asyncio.Task[Any]] = set()
        self.http = httpx.AsyncClient(timeout=10, trust_env=False)
        if record.exists():
            self._remember()

    def _remember(self) -> None:
        for line in self.path.read_text().splitlines():
            entry = json.loads(line)
            if entry["what"] == "call":
                call = Call(**entry["call"])
                self.calls[call.sid] = call
            elif entry["what"] == "key":
                self.keys[entry["sid"]] = entry["secret"]
            elif entry["what"] == "key_gone":
                self.keys.pop(entry["sid"], None)
        for call in self.calls.values():
            call.status = call.status if call.status in FINAL else "completed"

    def write(self, what: str, **more: Any) -> None:
        with self.path.open("a") as file:
            file.write(json.dumps({"what": what, **more}) + "\n")
            file.flush()
            os.fsync(file.fileno())

    def spawn(self, coroutine: Any) -> None:
        _ = self.keep(asyncio.create_task(coroutine))

    def keep(self, task: asyncio.Task[Any]) -> asyncio.Task[Any]:
        self.tasks.add(task)
        task.add_done_callback(self.tasks.discard)
        return task

    # ------------------------------------------------------------------ what it posts

    async def post(self, url: str, fields: dict[str, str]) -> str:
        text = url + "".join(name + fields[name] for name in sorted(fields))
        signature = base64.b64encode(hmac.new(self.token.encode(), text.encode(), hashlib.sha1).digest()).decode()
        for pause in (0.1, 0.3, 1.0):
            try:
                answer = await self.http.post(url, data=fields, headers={"X-Twilio-Signature": signature})
                if answer.status_code < 500:
                    return answer.text
            except httpx.HTTPError:
                pass
            await asyncio.sleep(pause)
        return ""

    def about(self, call: Call, **more: str) -> dict[str, str]:
        fields = {"AccountSid": self.account, "CallSid": call.sid, "CallStatus": call.status, "To": call.to}
        fields |= {"From": call.from_, "Direction": "outbound-api", "ApiVersion": "2010-04-01"}
        if call.sip is not None:
            fields["SipResponseCode"] = str(call.sip)
        return fields | more

    async def become(self, call: Call, status: str, *, sip: int | None = None) -> None:
        if call.status in FINAL:
            return
        call.status, call.sip = status, sip if sip is not None else call.sip
        self.write("call", call=asdict(call))
        self.changed[call.sid].set()
        await self.tell(call, status)

    async def tell(self, call: Call, status: str) -> None:
        how = self.how(call.to)
        if how.drops in ("all", status):
            return
        post = (call.callback, self.about(call, Timestamp=formatdate(usegmt=True)))
        if how.reorders and not self.kept_back[call.sid] and status not in FINAL:
            self.kept_back[call.sid].append(post)
            return
        late = self.kept_back.pop(call.sid, [])
        for url, fields in (post, *late) * (2 if how.duplicates else 1):
            self.spawn(self._post_after(how.late, url, fields))

    async def _post_after(self, pause: float, url: str, fields: dict[str, str]) -> None:
        await asyncio.sleep(pause)
        await self.post(url, fields)

    def how(self, number: str) -> Behaviour:
        return self.behaviours.get(number, Behaviour())

    # ------------------------------------------------------------------ a call

    async def ring(self, call: Call) -> None:
        how = self.how(call.to)
        await self.tell(call, "initiated")
        quick = {
            Act.BUSY: ("busy", 486),
            Act.UNREACHABLE: ("failed", 480),
            Act.ABSENT: ("failed", 480),
            Act.FAILS: ("failed", 404),
        }
        if how.act in quick:
            status, code = quick[how.act]
            await self.become(call, status, sip=code)
            return
        call.rang = True
        self.write("rang", number=call.to, sid=call.sid)
        await self.become(call, "ringing")
        wait = call.timeout if how.act is Act.NO_ANSWER else min(how.after, call.timeout)
        await self.sleep_unless_over(call, wait)
        if call.status in FINAL:
            return
        if how.act is Act.NO_ANSWER or how.after > call.timeout:
            await self.become(call, "no-answer", sip=487)
        elif how.act is Act.DECLINES:
            await self.become(call, "busy", sip=603)
        else:
            await self.become(call, "in-progress")
            if how.leaves is not None:
                self.spawn(self.leave_after(call, how.leaves))
            self.follow(call, call.url)

    async def sleep_unless_over(self, call: Call, seconds: float) -> None:
        end = time.monotonic() + seconds
        while call.status not in FINAL and time.monotonic() < end:
            await asyncio.sleep(min(0.02, max(0.001, end - time.monotonic())))

    async def leave_after(self, call: Call, seconds: float) -> None:
        await asyncio.sleep(seconds)
        await self.end(call, "completed")

    async def end(self, call: Call, status: str) -> None:
        self.leave_rooms(call)
        if (task := self.running.pop(call.sid, None)) is not None and task is not asyncio.current_task():
            task.cancel()
        await self.become(call, status)

    def leave_rooms(self, call: Call) -> None:
        for members in self.rooms.values():
            if call.sid in members:
                members.discard(call.sid)
                for other in members:
                    self.changed[other].set()

    def follow(self, call: Call, url: str | None = None, document: str | None = None) -> None:
        if (task := self.running.pop(call.sid, None)) is not None:
            task.cancel()
        self.leave_rooms(call)
        self.running[call.sid] = self.keep(asyncio.create_task(self.obey(call, url, document)))

    async def obey(self, call: Call, url: str | None, document: str | None) -> None:
        """Do what the documents say, one after another, until none is left."""
        while call.status == "in-progress":
            if document is None:
                document = await self.post(url or "", self.about(call)) if url else ""
            url, document = await self.run(call, document), None
            if url is None:
                await self.end(call, "completed")

    async def run(self, call: Call, document: str) -> str | None:
        try:
            verbs = list(ElementTree.fromstring(document))
        except ElementTree.ParseError:
            return None
        for verb in verbs:
            match verb.tag:
                case "Gather":
                    for words in verb.findall("Say"):
                        self.write("said", sid=call.sid, words=words.text or "")
                    await asyncio.sleep(0.05 * len(verb.findall("Say")))
                    with contextlib.suppress(TimeoutError):
                        async with asyncio.timeout(float(verb.get("timeout", "5"))):
                            digits = await self.keypad[call.sid].get()
                        answer = await self.post(verb.get("action", ""), self.about(call, Digits=digits))
                        return await self.run(call, answer)
                case "Say":
                    self.write("said", sid=call.sid, words=verb.text or "")
                case "Redirect":
                    return verb.text
                case "Dial":
                    await self.confer(call, verb.find("Conference"))
                case "Hangup":
                    return None
        return None

    async def confer(self, call: Call, room: Any) -> None:
        name = room.text
        self.rooms[name].add(call.sid)
        self.room_sids.setdefault(name, sid("CF"))
        self.write("joined", room=name, sid=call.sid)
        how, met = self.how(call.to), False
        while call.sid in self.rooms[name]:
            if len(self.rooms[name]) > 1:
                if not met and how.hangs_up is not None:
                    self.spawn(self.leave_after(call, how.hangs_up))
                met = True
            elif met and room.get("endConferenceOnExit") == "true":
                self.rooms[name].discard(call.sid)
                return
            self.changed[call.sid].clear()
            with contextlib.suppress(TimeoutError):
                async with asyncio.timeout(0.05):
                    await self.changed[call.sid].wait()

    # ------------------------------------------------------------------ what it is asked

    def may(self, headers: dict[bytes, bytes]) -> str | None:
        with contextlib.suppress(ValueError, UnicodeDecodeError):
            user, _, secret = (
                base64.b64decode(headers.get(b"authorization", b"").removeprefix(b"Basic ")).decode().partition(":")
            )
            if (user, secret) == (self.account, self.token) or (user in self.keys and self.keys[user] == secret):
                return user
        return None

    def shown(self, call: Call) -> dict[str, Any]:
        return {
            "sid": call.sid,
            "to": call.to,
            "from": call.from_,
            "status": call.status,
            "date_created": formatdate(call.created),
        }

    async def answer(
        self, method: str, path: str, query: dict[str, str], form: list[tuple[str, str]], user: str
    ) -> tuple[int, Any]:
        said = dict(form)
        match method, path.split("/"):
            case "POST", ["Calls.json"]:
                return await self.create(said, form, user)
            case "GET", ["Calls.json"]:
                found = [c for c in self.calls.values() if c.to == query.get("To") and c.from_ == query.get("From")]
                return 200, {"calls": [self.shown(each) for each in found]}
            case "GET", ["Calls", name] if name.removesuffix(".json") in self.calls:
                return 200, self.shown(self.calls[name.removesuffix(".json")])
            case "POST", ["Calls", name] if name.removesuffix(".json") in self.calls:
                return await self.update(self.calls[name.removesuffix(".json")], said)
            case "GET", ["Conferences.json"]:
                room = query.get("FriendlyName", "")
                there = [{"sid": self.room_sids[room]}] if self.rooms.get(room) else []
                return 200, {"conferences": there}
            case "POST", ["Conferences", *rest]:
                self.write("conference", path=rest, said=said)
                return 200, {}
            case "POST", ["Keys.json"]:
                made = sid("SK")
                self.keys[made] = uuid.uuid4().hex
                self.write("key", sid=made, secret=self.keys[made])
                return 201, {"sid": made, "secret": self.keys[made]}
            case "DELETE", ["Keys", name]:
                if self.keys.pop(name.removesuffix(".json"), None) is None:
                    return 404, {"code": 20404, "message": "no such key"}
                self.write("key_gone", sid=name.removesuffix(".json"))
                return 204, None
        return 404, {"code": 20404, "message": "not found"}

    async def create(self, said: dict[str, str], form: list[tuple[str, str]], user: str) -> tuple[int, Any]:
        how = self.how(said["To"])
        if how.act is Act.INVALID:
            return 400, {"code": 21211, "message": "Invalid 'To' Phone Number"}
        wanted = [value for name, value in form if name == "StatusCallbackEvent"]
        assert wanted == ["initiated", "ringing", "answered", "completed"], wanted
        call = Call(
            sid("CA"), said["To"], said["From"], said["Url"], said["StatusCallback"], float(said["Timeout"]), user
        )
        self.calls[call.sid] = call
        self.write("call", call=asdict(call))
        self.spawn(self.ring(call))
        if how.slow:
            await asyncio.sleep(how.slow)
        return 201, self.shown(call)

    async def update(self, call: Call, said: dict[str, str]) -> tuple[int, Any]:
        if call.status in FINAL:
            return 404, {"code": 21220, "message": "Call is not in-progress"}
        if "Twiml" in said:
            if call.status != "in-progress":
                return 400, {"code": 21220, "message": "Call is not in-progress"}
            self.follow(call, document=said["Twiml"])
        elif said.get("Status") in ("completed", "canceled"):
            await self.end(call, "completed" if call.status == "in-progress" else "canceled")
        return 200, self.shown(call)

    async def far(self, path: str, said: dict[str, str]) -> tuple[int, Any]:
        if path == "behave":
            self.behaviours[said["number"]] = parse_behaviour(said["words"])
        else:
            for call in [c for c in self.calls.values() if c.to == said["number"] and c.status == "in-progress"]:
                if path == "press":
                    self.keypad[call.sid].put_nowait(said["key"])
                else:
                    await self.end(call, "completed")
        return 200, {}

    async def __call__(self, scope: Any, receive: Any, send: Any) -> None:
        if scope["type"] != "http":
            return
        body = b""
        while (message := await receive())["type"] == "http.request":
            body += message.get("body", b"")
            if not message.get("more_body"):
                break
        form, path = parse_qsl(body.decode(), keep_blank_values=True), scope["path"]
        if path.startswith("/far/"):
            status, answer = await self.far(path.removeprefix("/far/"), dict(form))
        elif (user := self.may(dict(scope["headers"]))) is None:
            status, answer = 401, {"code": 20003, "message": "Authenticate"}
        else:
            query = {name: values[0] for name, values in parse_qs(scope["query_string"].decode()).items()}
            under = path.removeprefix(f"/2010-04-01/Accounts/{self.account}/")
            status, answer = await self.answer(scope["method"], under, query, form, user)
        await send(
            {"type": "http.response.start", "status": status, "headers": [(b"content-type", b"application/json")]}
        )
        await send({"type": "http.response.body", "body": b"" if answer is None else json.dumps(answer).encode()})


async def main() -> None:
    options = argparse.ArgumentParser()
    for name in ("record", "account", "token"):
        options.add_argument(f"--{name}", required=True)
    options.add_argument("--port", type=int, default=0)
    given = options.parse_args()
    listener = socket.create_server(("127.0.0.1", given.port))
    peer = Peer(Path(given.record), given.account, given.token)
    server = uvicorn.Server(uvicorn.Config(peer, log_level="warning", lifespan="off", timeout_graceful_shutdown=1))
    sys.stdout.write(f"listening on {listener.getsockname()[1]}\n")
    sys.stdout.flush()
    await server.serve(sockets=[listener])


if __name__ == "__main__":
    asyncio.run(main())
