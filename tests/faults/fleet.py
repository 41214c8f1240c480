"""The product's processes as the crash matrix sees them: each killed one is started again, each stalled one goes on when its lease is long over."""

from __future__ import annotations

import asyncio
import contextlib
import json
import os
import signal
import sys
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

ROOT = Path(__file__).parents[2]


@dataclass(frozen=True, kw_only=True)
class Plan:
    """What is armed: (point, fate, how often it is passed before). Processes with a plan of one name share it: each point strikes once."""

    name: str = "nothing"
    points: tuple[tuple[str, str, int], ...] = ()

    def write(self, folder: Path, name: str) -> Path:
        """Write the file that the process reads at each start; what was spent stays spent."""
        path = folder / f"{name}.plan"
        lines = [
            f"{point} {fate} {after} {self.spent(folder, n)}" for n, (point, fate, after) in enumerate(self.points)
        ]
        path.write_text("".join(f"{line}\n" for line in lines))
        return path

    def spent(self, folder: Path, n: int) -> Path:
        """Return the file that says that the n-th point was struck."""
        return folder / f"{self.name}.{n}.spent"

    def left(self, folder: Path) -> list[str]:
        """Return what was not struck yet."""
        return [
            f"{self.name} {point} {fate} after {after}"
            for n, (point, fate, after) in enumerate(self.points)
            if not self.spent(folder, n).exists()
        ]


@dataclass(kw_only=True)
class Member:
    """One process, over all its lives."""

    name: str
    server: str
    environment: dict[str, str]
    plan: Plan = field(default_factory=Plan)
    pid: int | None = None
    wanted: bool = True
    mutant: str | None = None
    skew: float = 0.0  # seconds that its clock is ahead
    gone: asyncio.Event = field(default_factory=asyncio.Event)


class Fleet:
    """Starts, watches and ends them through the launcher."""

    def __init__(self, folder: Path, *, stall: float) -> None:
        self.folder = folder
        self.stall = stall
        self.kills = 0
        self.stalls = 0
        self.surprises: list[str] = []  # ends that nobody ordered
        self.tolerant = False  # a process that finds no database at its start may end, and is started again
        self.members: dict[str, Member] = {}
        self._launcher: asyncio.subprocess.Process | None = None
        self._listening: asyncio.Task[None] | None = None
        self._waking: set[asyncio.Task[None]] = set()

    async def start(self) -> None:
        """Start the launcher."""
        self._launcher = await asyncio.create_subprocess_exec(
            sys.executable,
            "-m",
            "tests.faults.launcher",
            stdin=asyncio.subprocess.PIPE,
            stdout=asyncio.subprocess.PIPE,
            cwd=ROOT,
        )
        self._listening = asyncio.create_task(self._listen())

    def add(self, member: Member) -> None:
        """Start one process and keep it running."""
        self.members[member.name] = member
        self._launch(member)

    def _launch(self, member: Member) -> None:
        assert self._launcher is not None and self._launcher.stdin is not None
        member.gone.clear()
        plan = member.plan.write(self.folder, member.name)
        order = {
            "name": member.name,
            "arguments": ["serve", member.server],
            "environment": {
                **member.environment,
                "RINGBACK_FAILPOINTS": str(plan),
                "RINGBACK_FAILPOINT_TRACE": str(self.folder / f"{member.server}.trace"),
            },
            "log": str(self.folder / f"{member.name}.log"),
            "mutant": member.mutant,
            "skew": member.skew,
        }
        self._launcher.stdin.write(json.dumps(order).encode() + b"\n")

    async def _listen(self) -> None:
        assert self._launcher is not None and self._launcher.stdout is not None
        while line := await self._launcher.stdout.readline():
            said: Mapping[str, Any] = json.loads(line)
            member = self.members[said["name"]]
            match said["what"]:
                case "started":
                    member.pid = said["pid"]
                case "stopped":
                    self.stalls += 1
                    task = asyncio.create_task(self._wake(said["pid"]))
                    self._waking.add(task)
                    task.add_done_callback(self._waking.discard)
                case "ended":
                    self._ended(member, said["code"])

    def _ended(self, member: Member, code: int) -> None:
        member.pid = None
        member.gone.set()
        if not member.wanted:
            return
        if code == -signal.SIGKILL:
            self.kills += 1
        elif not self.tolerant:
            self.surprises.append(f"{member.name} ended with code {code}:\n{self.tail(member.name)}")
        self._launch(member)

    async def _wake(self, pid: int) -> None:
        await asyncio.sleep(self.stall)
        with contextlib.suppress(ProcessLookupError):
            os.kill(pid, signal.SIGCONT)

    def left(self) -> list[str]:
        """Return the armed points that were not struck yet."""
        return sorted({each for member in self.members.values() for each in member.plan.left(self.folder)})

    def signal(self, name: str, number: signal.Signals) -> None:
        """Send a signal to a process that may be gone."""
        pid = self.members[name].pid
        if pid is not None:
            with contextlib.suppress(ProcessLookupError):
                os.kill(pid, number)

    async def again(self, name: str, *, skew: float) -> None:
        """Replace a process by one whose clock is so far ahead."""
        member = self.members[name]
        await self._end([member])
        member.wanted, member.skew = True, skew
        self._launch(member)

    async def disarm(self) -> None:
        """Strike no more: every process that has something armed left is replaced by one that has not."""
        for member in [each for each in self.members.values() if each.plan.left(self.folder)]:
            await self._end([member])
            member.plan = Plan()
            member.wanted = True
            self._launch(member)

    async def remove(self, *names: str) -> None:
        """End processes in good order."""
        await self._end([self.members.pop(name) for name in names])

    async def _end(self, members: Iterable[Member]) -> None:
        ending = list(members)
        for member in ending:
            member.wanted = False
            self._signal(member, signal.SIGCONT)
            self._signal(member, signal.SIGTERM)
        for member in ending:
            self.members.setdefault(member.name, member)
            try:
                async with asyncio.timeout(20):
                    await member.gone.wait()
            except TimeoutError:
                self.surprises.append(f"{member.name} did not stop within 20 s:\n{self.tail(member.name)}")
                self._signal(member, signal.SIGKILL)
                with contextlib.suppress(TimeoutError):
                    async with asyncio.timeout(5):
                        await member.gone.wait()

    def _signal(self, member: Member, number: int) -> None:
        if member.pid is None:
            member.gone.set()
        else:
            with contextlib.suppress(ProcessLookupError):
                os.kill(member.pid, number)

    async def stop(self) -> None:
        """End everything."""
        if self._launcher is None or self._launcher.stdin is None:
            return
        with contextlib.suppress(Exception):
            await self._end(list(self.members.values()))
        self._launcher.stdin.close()
        await self._launcher.wait()
        if self._listening is not None:
            await self._listening

    def tail(self, name: str, lines: int = 25) -> str:
        """Return the end of a process's log."""
        path = self.folder / f"{name}.log"
        return "\n".join(path.read_text(errors="replace").splitlines()[-lines:]) if path.exists() else ""

    def trace(self) -> dict[str, set[str]]:
        """Return the points each server has reached."""
        return {path.stem: set(path.read_text().split()) for path in self.folder.glob("*.trace")}
