"""A tone as a sound file: what a fake microphone plays, so that a test can tell who is heard."""

from __future__ import annotations

import math
import struct
import wave
from pathlib import Path

RATE = 48_000


def write_tone(path: Path, hertz: int, *, seconds: float = 2.0) -> Path:
    """Write a sine at half volume as 16-bit mono; whole periods, so that it loops without a click."""
    frames = round(seconds * hertz) * RATE // hertz
    samples = (int(16_000 * math.sin(2 * math.pi * hertz * n / RATE)) for n in range(frames))
    with wave.open(str(path), "wb") as file:
        file.setnchannels(1)
        file.setsampwidth(2)
        file.setframerate(RATE)
        file.writeframes(b"".join(struct.pack("<h", sample) for sample in samples))
    return path
