"""The demonstration as a stranger meets it: it says where to click, ends with Ctrl-C, keeps what it has, begins anew when asked."""

from __future__ import annotations

import asyncio
import contextlib
import io
import os
import re
import signal
import subprocess
import sys
import time
from collections.abc import Iterator
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any
from uuid import uuid4

import httpx
import psutil
import pytest
from rich.console import Console

from ringback import demonstration
from ringback.demonstration import PEOPLE
from ringback.domain.errors import ConfigurationError
from ringback.settings import Settings
from tests.support.folders import memory_with_room, passable_folder
from tests.support.processes import free_port

REPOSITORY = Path(__file__).parents[2]
MAKE = ("make", "-C", str(REPOSITORY), f"VENV={sys.prefix}", "-o", f"{sys.prefix}/.project", "demo")
PROGRAM = (sys.executable, "-m", "ringback", "demo")
RESUMED = "My meter shows nothing"
PATIENCE = 60.0


def gone(processes: list[psutil.Process]) -> bool:
    """Tell whether none of them runs; one that only waits to be reaped by us is over."""
    return not any(each.is_running() and each.status() != psutil.STATUS_ZOMBIE for each in processes)


@dataclass(kw_only=True)
class Stranger:
    """Somebody with a terminal, a folder and a port."""

    folder: Path
    port: int = field(default_factory=free_port)
    started: list[psutil.Process] = field(default_factory=list)
    terminal: subprocess.Popen[bytes] | None = None

    @property
    def data(self) -> Path:
        """Where the demonstration keeps what it has."""
        return self.folder / "data"

    @property
    def url(self) -> str:
        """Where its pages are."""
        return f"http://localhost:{self.port}"

    @property
    def environment(self) -> dict[str, str]:
        """A shell's, with the folder chosen."""
        own = {
            name: value for name, value in os.environ.items() if not name.startswith(("RINGBACK_", "MAKE", "MFLAGS"))
        }
        return {**own, "RINGBACK_DATA": str(self.data), "RINGBACK_LOG_FORMAT": "json"}

    def tries(self, *options: str) -> subprocess.CompletedProcess[str]:
        """Start the demonstration where it cannot start, and read what it says."""
        return subprocess.run(
            [*PROGRAM, *options], env=self.environment, capture_output=True, text=True, timeout=PATIENCE, check=False
        )

    def starts(self, *command: str) -> str:
        """Start the demonstration as the terminal's foreground job, and return what it printed when it is ready."""
        said, complained = self.folder / "said", self.folder / "complained"
        with said.open("wb") as out, complained.open("wb") as errors:
            self.terminal = subprocess.Popen(
                command, env=self.environment, stdout=out, stderr=errors, start_new_session=True
            )
        deadline = time.monotonic() + PATIENCE
        while "Ctrl-C stops." not in (words := said.read_text()):
            assert self.terminal.poll() is None, words + complained.read_text()
            assert time.monotonic() < deadline, words + complained.read_text()
            time.sleep(0.05)
        first = psutil.Process(self.terminal.pid)
        self.started += [first, *first.children(recursive=True)]
        return words

    def presses_ctrl_c(self) -> str:
        """Interrupt the foreground job, all of its processes, and return what it printed until it had ended."""
        assert self.terminal is not None
        os.killpg(self.terminal.pid, signal.SIGINT)
        self.terminal.wait(PATIENCE)
        assert gone(self.started), "nothing runs on, the database neither"
        assert (self.folder / "complained").read_text() == "", "and it ends without a complaint"
        return (self.folder / "said").read_text()

    def cuts_the_power(self) -> None:
        """Kill every process at once, the database's too."""
        assert self.terminal is not None
        for each in self.started:
            with contextlib.suppress(psutil.NoSuchProcess):
                each.kill()
        self.terminal.wait(PATIENCE)
        deadline = time.monotonic() + PATIENCE
        while not gone(self.started):
            assert time.monotonic() < deadline
            time.sleep(0.02)

    def logs_in(self, email: str, password: str) -> int:
        """Try a log-in of those that were printed."""
        body = {"email": email, "password": password}
        return httpx.post(f"{self.url}/auth/v1/login", json=body, headers={"origin": self.url}).status_code

    def opens_a_chat(self) -> str:
        """Open the chat that the customer's page has in it, write in it, and return its token."""
        page = httpx.get(f"{self.url}/demo/acme").raise_for_status().text
        (key,) = re.findall(r'data-widget-key="([^"]+)"', page)
        httpx.get(f"{self.url}/widget.js").raise_for_status()
        origin = {"origin": self.url}
        asked = {"widget_key": key, "zone": "Europe/London"}
        opened = httpx.post(f"{self.url}/widget/v1/chats", json=asked, headers=origin).raise_for_status().json()
        assert opened["business"]["name"] == "Acme Energy"
        own = {**origin, "authorization": f"Bearer {opened['token']}", "idempotency-key": str(uuid4())}
        httpx.post(f"{self.url}/widget/v1/messages", json={"text": RESUMED}, headers=own).raise_for_status()
        return str(opened["token"])

    def looks_into_the_chat(self, token: str) -> httpx.Response:
        """Read the chat again."""
        return httpx.get(f"{self.url}/widget/v1/chat", headers={"authorization": f"Bearer {token}"})


@pytest.fixture
def stranger() -> Iterator[Stranger]:
    """Somebody who has never started it; whatever they leave running is ended."""
    with passable_folder(within=memory_with_room()) as folder:
        made = Stranger(folder=folder)
        yield made
        if made.terminal is not None:
            made.cuts_the_power()


def log_ins(words: str) -> dict[str, str]:
    """Return who may log in with what, as it was printed."""
    return dict(re.findall(r"log in as (\S+), password (\S+)", words))


def starts_here(data: Path, port: int, *, fresh: bool = False, settings: dict[str, Any] | None = None) -> None:
    """Start it in this process, which has begun already: for starts that fail at once."""
    own = Settings(data=data, port=port, **(settings or {}))
    asyncio.run(demonstration.run(own, Console(file=io.StringIO()), fresh=fresh))


def complaint(failed: subprocess.CompletedProcess[str]) -> str:
    """Return the one line of a start that could not be."""
    assert failed.returncode == 2
    assert failed.stdout == ""
    (line,) = failed.stderr.splitlines()
    return line


def test_it_says_where_to_click_ends_with_ctrl_c_keeps_what_it_has_and_begins_anew_when_asked(stranger: Stranger):
    words = stranger.starts(*MAKE, f"ARGS=--port {stranger.port}")
    people = log_ins(words)
    assert set(people) == {f"{slug}@acme.example" for slug, _, _ in PEOPLE}
    links = set(re.findall(r"http://\S+", words))
    assert {link.removeprefix(stranger.url) for link in links} == {"/demo/acme", "/desk", "/console", "/api/v1/schema"}
    for link in links:
        assert httpx.get(link, follow_redirects=True).status_code == 200, link
    for slug in {role: slug for slug, _, role in PEOPLE}.values():  # one of each role
        email = f"{slug}@acme.example"
        assert stranger.logs_in(email, people[email]) == 200
    chat = stranger.opens_a_chat()

    line = complaint(stranger.tries("--port", str(stranger.port), "--fresh"))
    assert f"port {stranger.port} on 127.0.0.1 cannot be taken" in line
    assert "RINGBACK_PORT" in line
    with pytest.raises(ConfigurationError, match="another Ringback uses the data"):
        starts_here(stranger.data, free_port(), fresh=True)
    assert RESUMED in stranger.looks_into_the_chat(chat).text, "what could not start has thrown nothing away"

    stranger.cuts_the_power()
    words = stranger.starts(*PROGRAM, "--port", str(stranger.port))
    assert f"Going on with the data in {stranger.data}" in words
    assert log_ins(words) == people
    assert RESUMED in stranger.looks_into_the_chat(chat).text
    assert stranger.presses_ctrl_c().endswith("Stopped. Nothing is lost: make demo goes on where it was.\n")

    words = stranger.starts(*MAKE, "FRESH=1", f"ARGS=--port {stranger.port}")
    anew = log_ins(words)
    assert anew.keys() == people.keys()
    assert not set(anew.values()) & set(people.values())
    assert stranger.looks_into_the_chat(chat).status_code == 401
    stranger.opens_a_chat()
    stranger.presses_ctrl_c()


@pytest.mark.parametrize("fresh", [False, True])
def test_it_leaves_another_installations_data_alone(stranger: Stranger, fresh: bool):
    stranger.data.mkdir(mode=0o700)
    (stranger.data / "secret").write_text("of somebody who is in earnest")
    with pytest.raises(ConfigurationError, match="is not a demonstration's"):
        starts_here(stranger.data, stranger.port, fresh=fresh)
    assert [each.name for each in stranger.data.iterdir()] == ["secret"]


@pytest.mark.parametrize(
    "settings", [{"database_url": "postgresql://db.example/ringback"}, {"host": "0.0.0.0"}], ids=["database", "host"]
)
def test_it_is_for_this_machine_and_its_own_database_only(stranger: Stranger, settings: dict[str, str]):
    with pytest.raises(ConfigurationError, match="unset RINGBACK_"):
        starts_here(stranger.data, stranger.port, settings=settings)
    assert not stranger.data.exists()
