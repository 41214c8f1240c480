"""Real telephones for the crash matrix: an Asterisk, SIPp behind its trunk, and SIPp's message log as the witness of what rang.

What a telephone does is the digit of its number after +49307. A leg is known at the far end by the header of its INVITE, a ring by its
180, a second ring by a second Call-ID; whose callback an agent was rung for by the name the INVITE shows.
"""

from __future__ import annotations

import re
import socket
import subprocess
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from datetime import UTC, datetime
from pathlib import Path

import httpx

from ringback.domain.ids import BusinessId
from tests.faults.oracle import Ring
from tests.support.asterisk import free_port
from tests.support.pbx import Pbx

PEOPLE = Path(__file__).with_name("sipp") / "people.xml"
BEHAVIOURS = {"talks": 1, "busy": 2, "ignores": 3, "declines": 4, "slow": 5, "agent": 6, "passes": 7}
CUSTOMERS = {  # what the scenario's telephone does; those not named talk
    "busy_then_talks": "busy",
    "never_there": "ignores",
    "declines": "declines",
    "cancels_while_ringing": "ignores",
    "moves_while_ringing": "slow",
}
CANNOT = frozenset({"misses_then_talks", "machine", "dropped", "events_lost", "end_lost", "asks_again"})
STAFF = {
    "ada": "agent",
    "ben": "agent",
    "cleo": "agent",
    "dan": "agent",
    "hal": "agent",
    "ivy": "agent",
    "jo": "agent",
    "eve": "passes",
    "finn": "ignores",
    "gil": "agent",
}
_BLOCK = re.compile(r"^-{20,} (\d{4}-\d\d-\d\d \d\d:\d\d:\d\d\.\d+)\n", re.MULTILINE)
_INVITED = re.compile(r"^INVITE sip:(\+\d+)@", re.MULTILINE)
_SHOWN = re.compile(r'^From: "Customer (\d+)"', re.MULTILINE)


@dataclass(kw_only=True)
class Call:
    """One Call-ID at the far end."""

    id: str
    number: str
    leg: str
    customer: int | None  # whose call an agent's telephone shows
    rang_at: float | None = None
    answered_at: float | None = None
    ended_at: float | None = None
    cause: str | None = None


def read_calls(text: str, calls: dict[str, Call]) -> str:
    """Read a piece of SIPp's message log into one entry a Call-ID; return where its last message begins, which may not be whole."""
    parts = _BLOCK.split(text)
    for when, block in zip(parts[1::2], parts[2::2], strict=False):
        at = datetime.fromisoformat(when).timestamp()
        message = block.partition("\n\n")[2].lstrip("\n")
        id = _header(message, "Call-ID")
        received = "message received" in block
        if id is None:
            continue
        invited = _INVITED.match(message)
        if invited and received and id not in calls:
            shown = _SHOWN.search(message)
            calls[id] = Call(
                id=id,
                number=invited[1],
                leg=_header(message, "X-Ringback-Leg") or id,
                customer=int(shown[1]) if shown else None,
            )
        elif (call := calls.get(id)) is not None:
            _happened(call, message, at, sent=not received)
    last = max((found.start() for found in _BLOCK.finditer(text)), default=0)
    return text[last:]


def _happened(call: Call, message: str, at: float, *, sent: bool) -> None:
    first = message.partition("\n")[0]
    of_invite = "INVITE" in (_header(message, "CSeq") or "")
    if sent and first.startswith("SIP/2.0 180"):
        call.rang_at = call.rang_at or at
    elif sent and first.startswith("SIP/2.0 200") and of_invite:
        call.answered_at = call.answered_at or at
    elif first.startswith(("BYE", "CANCEL")) or (sent and re.match(r"SIP/2\.0 [4-6]\d\d", first)):
        call.ended_at = call.ended_at or at
        call.cause = call.cause or ("hung_up" if sent else "released")


def _header(message: str, name: str) -> str | None:
    found = re.search(rf"^{name}: *(.+?)\s*$", message, re.MULTILINE)
    return found[1] if found else None


@dataclass(kw_only=True)
class Telephones:
    """SIPp behind the trunk of an Asterisk."""

    folder: Path
    pbx: Pbx
    carrier: str = "asterisk"
    port: int = field(default_factory=lambda: free_port(socket.SOCK_DGRAM))
    environment: dict[str, str] = field(default_factory=dict)
    agents: Mapping[str, str] = field(
        default_factory=lambda: {
            name: f"+49307{BEHAVIOURS[behaviour]}99{n:03}" for n, (name, behaviour) in enumerate(STAFF.items())
        }
    )
    deaths: list[float] = field(default_factory=list)  # when Asterisk died: no telephone is told
    _sipp: subprocess.Popen[bytes] | None = None
    _customers: dict[int, str] = field(default_factory=dict)
    _offset: int = 0
    _unread: str = ""
    _calls: dict[str, Call] = field(default_factory=dict)

    def start(self, *, ari: str | None = None) -> None:
        """Start SIPp. `ari`: where the product reaches Asterisk, when there is something between."""
        command = ["sipp", "-sf", str(PEOPLE), "-i", "127.0.0.1", "-p", str(self.port), "-nostdin", "-aa"]
        command += ["-trace_msg", "-message_file", str(self._log), "-l", "5000"]
        self._sipp = subprocess.Popen(
            command,
            cwd=self.folder,
            stdin=subprocess.DEVNULL,
            stdout=subprocess.DEVNULL,
            stderr=subprocess.DEVNULL,
            env={"TERM": "dumb", "PATH": "/usr/bin:/bin"},
            start_new_session=True,
        )
        self.environment = {
            "RINGBACK_CARRIERS": "asterisk",
            "RINGBACK_ASTERISK_URL": ari or self.pbx.url,
            "RINGBACK_ASTERISK_TRUNK": f"PJSIP/trunk/sip:{{number}}@127.0.0.1:{self.port}",
            "RINGBACK_ASTERISK_CALLER_ID": "+493090009000",
        }

    async def stop(self) -> None:
        """End SIPp and Asterisk."""
        if self._sipp is not None:
            self._sipp.kill()
            self._sipp.wait()
        await self.pbx.stop(kill=True)

    @property
    def _log(self) -> Path:
        return self.folder / "sip.log"

    def scenarios(self, known: Mapping[str, int]) -> dict[str, int]:
        """Those that a telephone plays by its number alone."""
        return {name: weight for name, weight in known.items() if name not in CANNOT}

    def number(self, n: int, scenario: str) -> str:
        """Return the n-th customer's number, which says what their telephone does."""
        return f"+49307{BEHAVIOURS[CUSTOMERS.get(scenario, 'talks')]}{n:05}"

    async def behave(self, number: str, behaviour: str) -> None:
        """A telephone here does what its number says."""

    def met(self, callback: str, n: int) -> None:
        """Keep whose callback it is."""
        self._customers[n] = callback

    def calls(self) -> dict[str, Call]:
        """Read the log as far as it goes."""
        if self._log.exists():
            with self._log.open(errors="replace") as log:
                log.seek(self._offset)
                text = self._unread + log.read()
                self._offset = log.tell()
            self._unread = read_calls(text, self._calls)
        return self._calls

    def rang(self, callback: str, party: str) -> int:
        """Count Call-IDs that were answered with 180."""
        return sum(1 for call, whose, who in self._whose() if whose == callback and who == party and call.rang_at)

    def _whose(self) -> Iterator[tuple[Call, str, str]]:
        staff = set(self.agents.values())
        for call in self.calls().values():
            agent = call.number in staff
            n = call.customer if agent else int(call.number[-5:])
            yield call, self._customers.get(n or 0, f"nobody's ({call.number})"), "agent" if agent else "customer"

    def rings(self) -> list[Ring]:
        """Put SIPp's log and CEL together; what an Asterisk that died left behind ended then."""
        joined = self._joined()
        rings = []
        for call, callback, party in self._whose():
            if call.rang_at is None:
                continue
            died = next((at for at in self.deaths if at > call.rang_at), None)
            ended, cause = call.ended_at, call.cause
            if died is not None and (ended is None or died < ended):
                ended, cause = died, "died"
            rings.append(
                Ring(
                    leg=call.leg,
                    callback=callback,
                    party=party,
                    rang_at=call.rang_at,
                    answered_at=call.answered_at,
                    joined_at=joined.get(call.leg),
                    ended_at=ended,
                    cause=cause,
                )
            )
        return sorted(rings, key=lambda ring: ring.rang_at)

    def _joined(self) -> dict[str, float]:
        """Return when each leg entered a bridge, by CEL."""
        found: dict[str, float] = {}
        if self.pbx.cel.exists():
            for line in self.pbx.cel.read_text(errors="replace").splitlines():
                event, at, channel = (*line.split(","), "", "")[:3]
                if event == "BRIDGE_ENTER" and channel.startswith("rb-"):
                    found.setdefault(channel.removeprefix("rb-"), float(at))
        return found

    def story(self, callback: str) -> list[str]:
        """Return what was seen of a callback."""
        return [
            f"{datetime.fromtimestamp(ring.rang_at, UTC).isoformat()} {ring.party}'s {ring.leg} rang, joined {ring.joined_at}, "
            f"ended {ring.ended_at} {ring.cause}"
            for ring in self.rings()
            if ring.callback == callback
        ]

    async def left_over(self, business: BusinessId) -> list[str]:
        """Return channels and bridges of ours at Asterisk, and telephones still in a call of an Asterisk that lives."""
        try:
            async with httpx.AsyncClient(base_url=self.pbx.url, timeout=5.0) as ari:
                there = [
                    f"{kind[:-1]} {each['id']} is there at Asterisk"
                    for kind in ("channels", "bridges")
                    for each in (await ari.get(f"/{kind}")).json()
                    if each["id"].startswith("rb-")
                ]
        except httpx.HTTPError as error:
            return [f"Asterisk does not answer: {error!r}"]
        return [
            *there,
            *(f"{ring.party}'s telephone is still in a call: {ring.leg}" for ring in self.rings() if not ring.ended_at),
        ]
