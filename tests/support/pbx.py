"""A real Asterisk for tests: its files unpacked into a cache once, an instance with folders and ports of its own for each test session."""

from __future__ import annotations

import asyncio
import contextlib
import os
import secrets
import shutil
import signal
import socket
import subprocess
from collections.abc import Iterator
from dataclasses import dataclass, field
from pathlib import Path

import httpx
import pytest

from tests.support.waiting import PATIENCE

ROOT = Path(__file__).parents[2]
CONFIGURATION = ROOT / "docs" / "carriers" / "asterisk"
WITNESS = ("res_cdrel_custom", "cel_custom")  # modules of the oracle, beside those of the example
CEL_EVENTS = "CHAN_START,ANSWER,BRIDGE_ENTER,HANGUP,CHAN_END"
CEL_LINE = "${eventtype},${eventtime},${CHANNEL(uniqueid)}"  # an oracle of its own: what Asterisk says of each channel
EMPTY = [
    "stasis",
    "cdr",
    "cel",
    "features",
    "sorcery",
    "pjproject",
    "amd",
    "codecs",
    "dnsmgr",
    "udptl",
    "acl",
    "manager",
    "cli",
    "cli_permissions",
    "ccss",
    "websocket_client",
]


@dataclass(kw_only=True)
class Pbx:
    """A running Asterisk."""

    folder: Path
    tree: Path
    http_port: int
    sip_port: int
    password: str = field(repr=False)
    process: subprocess.Popen[bytes] | None = None

    @property
    def cel(self) -> Path:
        """Return the file into which Asterisk writes what becomes of each channel."""
        return self.folder / "log" / "cel-custom" / "legs.csv"

    @property
    def url(self) -> str:
        """Return the address of its REST interface, with user and password."""
        return f"http://ringback:{self.password}@127.0.0.1:{self.http_port}/ari"

    async def start(self) -> None:
        """Start it and wait until SIP is loaded."""
        self.process = launch_asterisk(self.tree, self.folder)
        async with httpx.AsyncClient(base_url=self.url) as http, asyncio.timeout(PATIENCE):
            while True:
                assert self.process.poll() is None, (self.folder / "console").read_text()[-2000:]
                with contextlib.suppress(httpx.HTTPError):
                    answer = await http.get("/asterisk/modules/chan_pjsip.so")
                    if answer.status_code == 200 and answer.json()["status"] == "Running":
                        return
                await asyncio.sleep(0.02)

    async def stop(self, *, kill: bool = False) -> None:
        """End it."""
        if self.process is not None:
            self.process.send_signal(signal.SIGKILL if kill else signal.SIGTERM)
            await asyncio.to_thread(self.process.wait, 20)
            self.process = None


def launch_asterisk(tree: Path, folder: Path) -> subprocess.Popen[bytes]:
    """Start Asterisk from its unpacked files, through their own dynamic loader, on the configuration in `folder`/etc; it prints into `folder`/console."""
    library = next(tree.glob("usr/lib/*/asterisk")).parent
    loader = next(each for each in tree.glob("usr/lib*/ld-linux-*.so.*"))
    command = [loader, "--argv0", "asterisk", "--library-path", library, tree / "usr/sbin/asterisk"]
    with (folder / "console").open("ab") as console:
        return subprocess.Popen(
            [*map(str, command), "-f", "-C", str(folder / "etc/asterisk.conf")],
            stdin=subprocess.DEVNULL,
            stdout=console,
            stderr=console,
            start_new_session=True,
        )


def asterisk_tree() -> Path:
    """Return the folder with Asterisk's files; a machine that cannot have them skips by name."""
    made = subprocess.run(
        ["bash", str(ROOT / "scripts" / "asterisk_tree.sh")], capture_output=True, text=True, check=False, timeout=600
    )
    if made.returncode != 0:
        pytest.skip(f"Asterisk 22 is missing: {made.stderr.strip()[-200:]}")
    return Path(made.stdout.strip().splitlines()[-1])


def new_pbx(folder: Path) -> Pbx:
    """Configure an Asterisk that is not started yet, with the example configuration of the documentation."""
    pbx = Pbx(
        folder=folder,
        tree=asterisk_tree(),
        http_port=_free_port(),
        sip_port=_free_port(),
        password=secrets.token_hex(12),
    )
    _configure(pbx)
    return pbx


@contextlib.contextmanager
def running_pbx(folder: Path) -> Iterator[Pbx]:
    """Start an Asterisk with the example configuration of the documentation."""
    pbx = new_pbx(folder)
    asyncio.run(pbx.start())
    try:
        yield pbx
    finally:
        asyncio.run(pbx.stop(kill=True))
        shutil.rmtree(folder, ignore_errors=True)


def _configure(pbx: Pbx) -> None:
    folder, tree = pbx.folder, pbx.tree
    for name in ("etc", "run", "log", "db", "cache", "keys", "data/sounds", "spool/recording", "spool/tmp", "moh"):
        (folder / name).mkdir(parents=True, exist_ok=True)
    (folder / "data" / "documentation").symlink_to(tree / "usr/share/asterisk/documentation")
    (folder / "data" / "rest-api").symlink_to(tree / "usr/share/asterisk/rest-api")
    sounds = sorted((tree / "usr/share/asterisk/sounds").glob("en*_f_*"))
    if sounds:
        (folder / "data" / "sounds" / "en").symlink_to(sounds[0])
    etc = folder / "etc"
    library = next(tree.glob("usr/lib/*/asterisk"))
    places = {
        "astetcdir": etc, "astmoddir": library / "modules", "astvarlibdir": folder / "db", "astdbdir": folder / "db",
        "astkeydir": folder / "keys", "astdatadir": folder / "data", "astagidir": folder / "data", "astspooldir": folder / "spool",
        "astrundir": folder / "run", "astlogdir": folder / "log", "astcachedir": folder / "cache", "astsbindir": tree / "usr/sbin",
    }  # fmt: skip
    (etc / "asterisk.conf").write_text(
        "[directories]\n" + "".join(f"{name} => {place}\n" for name, place in places.items())
    )
    (etc / "logger.conf").write_text("[general]\n[logfiles]\nmessages => notice,warning,error\n")
    start = 20_000 + (os.getpid() * 37) % 20_000
    for name in EMPTY:
        (etc / f"{name}.conf").write_text("")
    (etc / "cdr.conf").write_text("[general]\nenable=no\n")
    (folder / "log" / "cel-custom").mkdir(exist_ok=True)
    (etc / "cel.conf").write_text(f"[general]\nenable=yes\nevents={CEL_EVENTS}\n")
    (etc / "cel_custom.conf").write_text(f"[mappings]\nlegs.csv => {CEL_LINE}\n")
    replaced = {
        "bindport = 8088": f"bindport = {pbx.http_port}",
        "CHANGE-ME": pbx.password,
        "0.0.0.0:5060": f"127.0.0.1:{pbx.sip_port}",
        "rtpstart = 10000": f"rtpstart = {start}",
        "rtpend = 12000": f"rtpend = {start + 2000}",
        "/usr/share/asterisk/moh": str(folder / "data/sounds/en"),
    }
    for example in CONFIGURATION.glob("*.conf"):
        text = example.read_text(encoding="utf-8")
        for old, new in replaced.items():
            text = text.replace(old, new)
        (etc / example.name).write_text(text)
    with (etc / "modules.conf").open("a") as modules:
        modules.writelines(f"load = {each}.so\n" for each in WITNESS)
    (etc / "ari.conf").chmod(0o600)


def _free_port() -> int:
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return int(probe.getsockname()[1])
