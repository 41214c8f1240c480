"""People on telephones who speak in tones, hear, and press keys: what each says and hears is RTP on loopback."""

from __future__ import annotations

import asyncio
import functools
import math
import random
import struct
from collections.abc import Sequence
from dataclasses import dataclass, field

from tests.support.rtp import FRAME, RATE, _ulaw
from tests.support.sip_phones import SipPhones, _Call

SILENCE = bytes([0xFF]) * FRAME
KEYS = "0123456789*#"


@dataclass(kw_only=True)
class Person:
    """`hertz`: the tone they speak in. `says`: stretches of (seconds, speaking), the last for ever. `keys`: pressed so long after picking up."""

    hertz: int = 400
    says: Sequence[tuple[float, bool]] = ((0.0, True),)
    keys: Sequence[tuple[float, str]] = ()
    leaves_after: float | None = None
    lost_after: float | None = None  # nothing comes from their device any more, and it does not hang up
    heard: list[int] = field(default_factory=list)  # samples

    def loudness(self, hertz: int, *, since: int = 0) -> float:
        """Return how much of what was heard is that tone, 0 to 1 of its energy (Goertzel)."""
        return tone_share(self.heard[since:], hertz)


def tone_share(samples: Sequence[int], hertz: int, rate: int = RATE) -> float:
    """Return which share of the energy is at one frequency."""
    energy = sum(each * each for each in samples)
    if not energy or len(samples) < rate // 5:
        return 0.0
    real = sum(each * math.cos(2 * math.pi * hertz * n / rate) for n, each in enumerate(samples))
    imaginary = sum(each * math.sin(2 * math.pi * hertz * n / rate) for n, each in enumerate(samples))
    return 2 * (real * real + imaginary * imaginary) / len(samples) / energy


class TalkingPhones(SipPhones):
    """SipPhones whose people have a voice, ears and fingers."""

    def __init__(self) -> None:
        super().__init__()
        self.people: dict[str, Person] = {}
        self.invites: dict[str, str] = {}  # number → the From line it was shown

    def person(self, number: str, person: Person | None = None, behaviour: str = "answers") -> Person:
        """Let somebody live behind a number."""
        self.behave(number, behaviour)
        self.people[number] = person or Person()
        return self.people[number]

    def _invited(
        self, first: str, call_id: str, headers: dict[str, list[str]], addr: tuple[str, int], body: str
    ) -> None:
        known = set(self.calls)
        super()._invited(first, call_id, headers, addr, body)
        for call in (each for id, each in self.calls.items() if id not in known):
            self.invites[call.user] = "\n".join(f"{name}: {'; '.join(values)}" for name, values in headers.items())

    async def _act(self, call: _Call, behaviour: str) -> None:
        if behaviour == "declines":
            await super()._act(call, behaviour)
            return
        person = self.people[call.user]
        ears = _Ears(person)
        transport, _ = await asyncio.get_running_loop().create_datagram_endpoint(
            lambda: ears, local_addr=("127.0.0.1", 0)
        )
        port = transport.get_extra_info("sockname")[1]
        await asyncio.sleep(1.5 if behaviour == "slow" else 0.05)
        if call.over:
            transport.close()
            return
        call.answered = True
        sdp = (
            "v=0\r\no=- 1 1 IN IP4 127.0.0.1\r\ns=-\r\nc=IN IP4 127.0.0.1\r\nt=0 0\r\n"
            f"m=audio {port} RTP/AVP 0 101\r\na=rtpmap:0 PCMU/8000\r\na=rtpmap:101 telephone-event/8000\r\na=fmtp:101 0-16\r\n"
        )
        self._reply(call.peer, call.invite, "200 OK", tag=call.tag, body=sdp)
        try:
            await _speak(transport, call.sound_to, person)
            self.hang_up(call.user)
        finally:
            transport.close()


class _Ears(asyncio.DatagramProtocol):
    def __init__(self, person: Person) -> None:
        self._person = person

    def datagram_received(self, data: bytes, addr: tuple[str, int]) -> None:
        if len(data) > 12 and data[1] & 0x7F == 0:
            self._person.heard += [_linear(each) for each in data[12:]]


async def _speak(transport: asyncio.DatagramTransport, to: tuple[str, int] | None, person: Person) -> None:
    keys = sorted(person.keys)
    source, loop = random.getrandbits(32), asyncio.get_running_loop()
    began, sequence, frame = loop.time(), 0, 0
    while person.leaves_after is None or frame * FRAME / RATE < person.leaves_after:
        now = frame * FRAME / RATE
        if person.lost_after is not None and now >= person.lost_after:
            await asyncio.Event().wait()
        stamp = (frame * FRAME) & 0xFFFFFFFF
        if keys and now >= keys[0][0]:
            for packet in _key(keys.pop(0)[1]):
                transport.sendto(
                    struct.pack("!BBHII", 0x80, packet[0], sequence & 0xFFFF, stamp, source) + packet[1], to
                )
                sequence += 1
        speech = _tone(person.hertz, frame * FRAME) if _speaks(person.says, now) else SILENCE
        transport.sendto(struct.pack("!BBHII", 0x80, 0, sequence & 0xFFFF, stamp, source) + speech, to)
        sequence += 1
        frame += 1
        await asyncio.sleep(max(0.0, began + frame * FRAME / RATE - loop.time()))


@functools.cache
def _second(hertz: int) -> bytes:
    return bytes(_ulaw(int(12000 * math.sin(2 * math.pi * hertz * n / RATE))) for n in range(RATE))


def _tone(hertz: int, begin: int) -> bytes:
    at = begin % RATE
    return _second(hertz)[at : at + FRAME]


def _speaks(says: Sequence[tuple[float, bool]], now: float) -> bool:
    for seconds, speaking in says[:-1]:
        if now < seconds:
            return speaking
        now -= seconds
    return says[-1][1]


def _key(key: str) -> list[tuple[int, bytes]]:
    """Return the packets of one key (RFC 4733): payload type with its marker, and event, end and volume, duration."""
    code = KEYS.index(key)
    steps = [(n * FRAME, False) for n in range(1, 6)] + [(6 * FRAME, True)] * 3
    return [
        (101 | (0x80 if n == 0 else 0), struct.pack("!BBH", code, (0x80 if end else 0) | 10, duration))
        for n, (duration, end) in enumerate(steps)
    ]


def _linear(code: int) -> int:
    """Decode one sample (ITU-T G.711)."""
    code = ~code & 0xFF
    magnitude = (((code & 0x0F) << 3) + 132) << ((code & 0x70) >> 4)
    return 132 - magnitude if code & 0x80 else magnitude - 132
