"""A telephone's sound for tests: a tone as PCMU over RTP."""

from __future__ import annotations

import asyncio
import math
import random
import struct

RATE, FRAME = 8000, 160  # samples a second, and in the 20 ms of one packet
HERTZ = 400


async def play_tone(tasks: list[asyncio.Task[None]], to: tuple[str, int] | None) -> int:
    """Send a tone for as long as its task runs, which joins `tasks`; return the port it is sent from."""
    loop = asyncio.get_running_loop()
    transport, _ = await loop.create_datagram_endpoint(asyncio.DatagramProtocol, local_addr=("127.0.0.1", 0))
    tasks.append(asyncio.create_task(_play(transport, to)))
    return int(transport.get_extra_info("sockname")[1])


async def _play(transport: asyncio.DatagramTransport, to: tuple[str, int] | None) -> None:
    tone = bytes(_ulaw(int(16000 * math.sin(2 * math.pi * HERTZ * n / RATE))) for n in range(RATE))
    source, loop = random.getrandbits(32), asyncio.get_running_loop()
    began = loop.time()
    try:
        for n in range(1_000_000):
            at = (n * FRAME) % RATE
            header = struct.pack("!BBHII", 0x80, 0, n & 0xFFFF, (n * FRAME) & 0xFFFFFFFF, source)
            transport.sendto(header + tone[at : at + FRAME], to)
            await asyncio.sleep(max(0.0, began + (n + 1) * FRAME / RATE - loop.time()))
    finally:
        transport.close()


def _ulaw(sample: int) -> int:
    """Encode one sample (ITU-T G.711)."""
    sign = 0x80 if sample < 0 else 0
    magnitude = min(abs(sample), 32635) + 132
    exponent = magnitude.bit_length() - 8
    return ~(sign | (exponent << 4) | ((magnitude >> (exponent + 3)) & 0x0F)) & 0xFF
