"""Spoken texts: any engine that is a program takes words on its standard input and writes a WAV to its standard output."""

from __future__ import annotations

import array
import asyncio
import io
import itertools
import shlex
import wave
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path

from ringback.domain.errors import CarrierError, ConfigurationError

ENGINE = "espeak-ng -v {voice} -s {speed} --stdin --stdout"
VOICE = "en-gb"
SPEED = 180  # words a minute
FASTEST = 300
RATE = 8000  # samples a second, as telephones carry them
PATIENCE = 2.5  # seconds an engine may take


@dataclass(frozen=True, slots=True, kw_only=True)
class Speech:
    """`command`: the engine's, with {voice} and {speed} where it takes them. `folder` is read by the telephone exchange too."""

    folder: Path
    command: str = ENGINE
    voice: str = VOICE

    def __post_init__(self) -> None:
        if not shlex.split(self.command):
            raise ConfigurationError("RINGBACK_SPEECH needs a command, such as espeak-ng --stdin --stdout")

    async def speak(self, name: str, words: str, *, most: float | None = None) -> Path:
        """Write the words as `folder`/name.wav and return the path without its ending; `most` seconds, by faster speech, then by a cut."""
        samples = await self._samples(words, SPEED)
        if most is not None and len(samples) > most * RATE:
            samples = await self._samples(words, min(FASTEST, round(SPEED * len(samples) / (most * RATE)) + 5))
            samples = samples[: int(most * RATE)]
        path = self.folder / f"{name}.wav"
        await asyncio.to_thread(_write, path, samples)
        return path.with_suffix("")

    def forget(self, prefix: str) -> None:
        """Delete what was spoken under names that begin so."""
        for path in self.folder.glob(f"{prefix}*.wav"):
            path.unlink(missing_ok=True)

    async def _samples(self, words: str, speed: int) -> array.array[int]:
        command = [each.format(voice=self.voice, speed=speed) for each in shlex.split(self.command)]
        try:
            process = await asyncio.create_subprocess_exec(
                *command,
                stdin=asyncio.subprocess.PIPE,
                stdout=asyncio.subprocess.PIPE,
                stderr=asyncio.subprocess.DEVNULL,
            )
        except OSError as error:
            raise CarrierError(f"the speech engine {command[0]} cannot be started ({type(error).__name__})") from error
        try:
            async with asyncio.timeout(PATIENCE):
                sound, _ = await process.communicate(words.encode())
        except TimeoutError as error:
            raise CarrierError(f"the speech engine {command[0]} takes too long") from error
        finally:
            if process.returncode is None:
                process.kill()
        if process.returncode:
            raise CarrierError(f"the speech engine {command[0]} failed with {process.returncode}")
        return telephone_samples(sound)


def telephone_samples(sound: bytes) -> array.array[int]:
    """Return a WAV of 16 bits as 8,000 samples a second of one channel: each the mean of those it stands for.

    Engines that stream write a length that is not yet known: what is there counts.
    """
    try:
        with wave.open(io.BytesIO(sound)) as file:
            rate, channels, width = file.getframerate(), file.getnchannels(), file.getsampwidth()
            begin = sound.index(b"data") + 8
    except (wave.Error, EOFError, ValueError) as error:
        raise CarrierError("the speech engine wrote no WAV") from error
    if width != 2 or rate < RATE:
        raise CarrierError("the speech engine's WAV needs 16 bits and at least 8000 samples a second")
    samples = array.array("h", sound[begin : begin + (len(sound) - begin) // 2 * 2])[::channels]
    step = rate / RATE
    edges = [round(n * step) for n in range(int(len(samples) / step) + 1)]
    return array.array("h", (sum(samples[a:b]) // (b - a) for a, b in itertools.pairwise(edges) if b > a))


def _write(path: Path, samples: array.array[int]) -> None:
    part = path.with_suffix(".part")
    with wave.open(str(part), "wb") as file:
        file.setnchannels(1)
        file.setsampwidth(2)
        file.setframerate(RATE)
        file.writeframes(samples.tobytes())
    part.replace(path)


def speech_of(options: Mapping[str, str]) -> Speech | None:
    """Read a carrier's options: words are spoken into a folder that the telephone exchange reads too. Without one there is no speech."""
    if not options.get("sounds"):
        return None
    folder = Path(options["sounds"])
    if not folder.is_dir():
        raise ConfigurationError(f"RINGBACK_ASTERISK_SOUNDS: there is no folder {folder}")
    return Speech(folder=folder, command=options.get("speech") or ENGINE, voice=options.get("voice") or VOICE)
