"""A real Asterisk 22 with one queue, and SIPp's callers and agents: no root, chroot or systemd is needed to run them.

The tree is unpacked by scripts/asterisk_tree.sh into the user's cache and entered through its own dynamic loader.
"""

from __future__ import annotations

import asyncio
import contextlib
import os
import random
import shutil
import signal
import socket
import subprocess
from collections.abc import AsyncIterator
from dataclasses import dataclass, field
from pathlib import Path

import pytest

from ringback.interaction_manager.app_queue.ami import AmiAddress, AmiClient, AmiError
from tests.support.pbx import asterisk_tree, launch_asterisk
from tests.support.waiting import PATIENCE

SCENARIOS = Path(__file__).parent / "sipp"
SECRET = "a secret that no log may hold"
_MODULES = """
res_timing_timerfd res_sorcery_config res_sorcery_memory res_sorcery_astdb pbx_config func_callerid func_channel func_logic
codec_ulaw res_rtp_asterisk res_musiconhold bridge_simple bridge_native_rtp bridge_softmix bridge_holding format_pcm app_dial
app_queue app_verbose res_pjproject res_pjsip res_pjsip_session res_pjsip_pubsub res_pjsip_sdp_rtp res_pjsip_caller_id
res_pjsip_endpoint_identifier_ip res_pjsip_endpoint_identifier_user res_pjsip_endpoint_identifier_anonymous
res_pjsip_authenticator_digest res_pjsip_outbound_authenticator_digest res_pjsip_registrar chan_pjsip
"""
_EMPTY = """
stasis cdr cel features indications sorcery pjproject codecs dnsmgr udptl acl cli cli_permissions ccss http ari queuerules
"""


def free_port(kind: socket.SocketKind) -> int:
    """Return a port that is free just now."""
    with socket.socket(socket.AF_INET, kind) as probe:
        probe.bind(("127.0.0.1", 0))
        return int(probe.getsockname()[1])


@dataclass(slots=True, kw_only=True)
class Asterisk:
    """One Asterisk with the queue `support`; its ports stay when it is started again."""

    tree: Path
    folder: Path
    agents: tuple[str, ...]
    sip: int = field(default_factory=lambda: free_port(socket.SOCK_DGRAM))
    ami: int = field(default_factory=lambda: free_port(socket.SOCK_STREAM))
    agent_port: int = field(default_factory=lambda: free_port(socket.SOCK_DGRAM))
    process: subprocess.Popen[bytes] | None = None

    @property
    def address(self) -> AmiAddress:
        """Where its manager interface is."""
        return AmiAddress(host="127.0.0.1", port=self.ami, user="ringback", secret=SECRET)

    async def start(self) -> None:
        """Start it and wait until it takes calls."""
        self._write()
        self.process = launch_asterisk(self.tree, self.folder)
        async with asyncio.timeout(PATIENCE):
            while not await self._takes_calls():
                assert self.process.poll() is None, (self.folder / "console").read_text()[-2000:]
                await asyncio.sleep(0.05)

    async def _takes_calls(self) -> bool:
        with contextlib.suppress(AmiError):
            async with AmiClient(self.address) as ami:
                await ami.action("ModuleCheck", Module="chan_pjsip")
                return bool(await ami.listed("QueueStatus"))
        return False

    def stop(self, number: signal.Signals = signal.SIGKILL) -> None:
        """End it at once: nothing it keeps is wanted."""
        if self.process is not None and self.process.poll() is None:
            self.process.send_signal(number)
            self.process.wait(10)

    def _write(self) -> None:
        etc = self.folder / "etc"
        for name in ("etc", "run", "log", "db", "spool", "keys", "cache", "data"):
            (self.folder / name).mkdir(exist_ok=True, parents=True)
        documents = self.folder / "data/documentation"
        if not documents.is_symlink():
            documents.symlink_to(self.tree / "usr/share/asterisk/documentation")
        modules = next(self.tree.glob("usr/lib/*/asterisk/modules"))
        media = random.randrange(22000, 48000, 200)
        files = {
            "asterisk": "[directories]\n"
            + "".join(f"{key} => {self.folder / name}\n" for key, name in _FOLDERS.items())
            + f"astmoddir => {modules}\n[options]\nhideconnect = yes\n",
            "logger": "[general]\n[logfiles]\nmessages => notice,warning,error\n",
            "modules": "[modules]\nautoload = no\n" + "".join(f"load = {name}.so\n" for name in _MODULES.split()),
            "rtp": f"[general]\nrtpstart={media}\nrtpend={media + 199}\n",
            "musiconhold": "[general]\n",
            "manager": f"[general]\nenabled=yes\nbindaddr=127.0.0.1\nport={self.ami}\n"
            f"[ringback]\nsecret={SECRET}\nread=agent,call\nwrite=agent,call,reporting,system\n",
            "queues": "[general]\npersistentmembers=no\n[support]\nstrategy=rrmemory\ntimeout=15\nretry=1\n"
            "joinempty=yes\nleavewhenempty=no\nringinuse=no\nannounce-frequency=0\nperiodic-announce-frequency=0\n"
            + "".join(f"member => PJSIP/{agent},0,{agent}\n" for agent in self.agents),
            "extensions": "[calls]\nexten => support,1,Answer()\n same => n,Queue(support)\n same => n,Hangup()\n",
            "pjsip": "[udp]\ntype=transport\nprotocol=udp\n"
            f"bind=127.0.0.1:{self.sip}\n[anonymous]\ntype=endpoint\ncontext=calls\n{_CODECS}"
            + "".join(
                f"[{agent}]\ntype=aor\ncontact=sip:{agent}@127.0.0.1:{self.agent_port}\n"
                f"[{agent}]\ntype=endpoint\naors={agent}\ncontext=calls\n{_CODECS}"
                for agent in self.agents
            ),
        }
        for name, text in (dict.fromkeys(_EMPTY.split(), "") | files).items():
            (etc / f"{name}.conf").write_text(text)


_CODECS = "disallow=all\nallow=ulaw\ndirect_media=no\nsend_connected_line=no\n"
_FOLDERS = {
    "astetcdir": "etc", "astvarlibdir": "db", "astdbdir": "db", "astkeydir": "keys", "astdatadir": "data",
    "astspooldir": "spool", "astrundir": "run", "astlogdir": "log", "astcachedir": "cache",
}  # fmt: skip


@dataclass(slots=True, kw_only=True)
class Phones:
    """SIPp's far ends of one Asterisk, all ended with the test."""

    asterisk: Asterisk
    folder: Path
    running: list[subprocess.Popen[bytes]] = field(default_factory=list)

    def call(self, number: str, *, seconds: float = 600.0) -> subprocess.Popen[bytes]:
        """Call the queue; they hang up after so long, or when hung up on."""
        return self._run(
            "caller", "-s", "support", "-key", "number", number, "-d", str(int(seconds * 1000)), "-m", "1",
            f"127.0.0.1:{self.asterisk.sip}",
        )  # fmt: skip

    def answer(self) -> subprocess.Popen[bytes]:
        """Answer for every agent."""
        return self._run("agent", "-p", str(self.asterisk.agent_port))

    def _run(self, scenario: str, *arguments: str) -> subprocess.Popen[bytes]:
        command = ["sipp", "-sf", str(SCENARIOS / f"{scenario}.xml"), "-i", "127.0.0.1", "-nostdin", *arguments]
        phone = subprocess.Popen(
            command, cwd=self.folder, stdin=subprocess.DEVNULL, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL,
            env={**os.environ, "TERM": "dumb"}, start_new_session=True,
        )  # fmt: skip
        self.running.append(phone)
        return phone

    def stop(self) -> None:
        """End every far end."""
        for phone in self.running:
            if phone.poll() is None:
                phone.kill()
            phone.wait(5)


def require_sipp() -> None:
    """Skip, with the name of what is missing, where SIPp is not installed."""
    if shutil.which("sipp") is None:
        pytest.skip("SIPp is not installed (Debian's sip-tester: scripts/system_packages.sh)")


@contextlib.asynccontextmanager
async def real_queue(folder: Path, *agents: str) -> AsyncIterator[tuple[Asterisk, Phones]]:
    """Run an Asterisk with the queue `support` and these members, and give telephones to call it with."""
    require_sipp()
    asterisk = Asterisk(tree=asterisk_tree(), folder=folder, agents=agents)
    phones = Phones(asterisk=asterisk, folder=folder)
    try:
        await asterisk.start()
        yield asterisk, phones
    finally:
        phones.stop()
        asterisk.stop()
