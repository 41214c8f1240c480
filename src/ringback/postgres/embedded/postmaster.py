"""PostgreSQL's processes: make a data folder, launch, recognise a running one, stop."""

from __future__ import annotations

import contextlib
import os
import secrets
import shutil
import signal
import subprocess
import time
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

import psutil

from ringback.domain.errors import ConfigurationError
from ringback.postgres.embedded.account import Account
from ringback.postgres.embedded.layout import MAJOR_VERSION, PORT, Layout, sync_folder, verify_private, write_privately

ADMINISTRATOR = "ringback_admin"
UNFINISHED = "unfinished-data-"

# Servers that this process launched, kept so that a dead one is reaped instead of lingering as a zombie.
_launched: list[subprocess.Popen[bytes]] = []


@dataclass(frozen=True, slots=True, kw_only=True)
class Postmaster:
    """A running server as its own lock file describes it."""

    pid: int
    socket: Path
    port: int


def find_postmaster(layout: Layout) -> Postmaster | None:
    """Return the server that runs on this data folder, however it was started, or None."""
    try:
        lines = layout.postmaster_pid.read_text().splitlines()
    except FileNotFoundError:
        return None
    if not lines or not lines[0].strip().isdigit():
        return None
    pid = int(lines[0])
    if not _serves(pid, layout.data):
        return None
    if len(lines) < 5 or not lines[4]:  # it has only just begun: what is missing is what we configured
        return Postmaster(pid=pid, socket=layout.socket, port=int(lines[3]) if len(lines) > 3 else 0)
    return Postmaster(pid=pid, socket=Path(lines[4]), port=int(lines[3]))


def clear_stale_lock(layout: Layout) -> None:
    """Remove the lock files of a dead server, the data's and the socket's; end its stray backends.

    Its number may be another program's by now, or that of its remains which nobody reaps, as in a container without an init: a
    new server would take either for a live one. Backends outlive a killed postmaster for a moment and would keep a new one from
    the shared memory.
    """
    if find_postmaster(layout) is None:
        end_strays(layout.data)
        layout.postmaster_pid.unlink(missing_ok=True)
        (layout.socket / f".s.PGSQL.{PORT}.lock").unlink(missing_ok=True)


def end_strays(data: Path, *, patience: float = 2.0) -> None:
    """Wait a moment for PostgreSQL processes of this data folder that lost whoever started them, then kill them."""
    deadline = time.monotonic() + patience
    while strays := list(processes_of(data)):
        if time.monotonic() >= deadline:
            for stray in strays:
                with contextlib.suppress(psutil.NoSuchProcess):
                    stray.kill()
        time.sleep(0.02)


def initialise(layout: Layout, account: Account) -> None:
    """Make the data folder under another name and give it its own only when it is complete."""
    for leftover in layout.folder.glob(f"{UNFINISHED}*"):
        end_strays(leftover, patience=0.0)
        shutil.rmtree(leftover)
    if layout.data.exists():
        _verify_data(layout, account)
        return
    password = secrets.token_urlsafe(32)
    write_privately(layout.password, password)
    unfinished = layout.folder / f"{UNFINISHED}{secrets.token_hex(4)}"
    password_file = layout.folder / "unfinished-password"
    unfinished.mkdir(mode=0o700)
    account.own(unfinished)
    try:
        write_privately(password_file, password)
        account.own(password_file)
        _run(
            account,
            layout.programs / "initdb",
            f"--pgdata={unfinished}",
            f"--username={ADMINISTRATOR}",
            f"--pwfile={password_file}",
            "--auth=scram-sha-256",
            "--encoding=UTF8",
            "--locale-provider=builtin",
            "--builtin-locale=C.UTF-8",
            "--locale=C",
            "--data-checksums",
            "--no-instructions",
        )
    finally:
        password_file.unlink(missing_ok=True)
    unfinished.rename(layout.data)
    sync_folder(layout.folder)


def configure(layout: Layout, account: Account, *, settings: str, access: str) -> None:
    """Write the two configuration files, before the server reads them."""
    for name, text in (("postgresql.conf", settings), ("pg_hba.conf", access)):
        write_privately(layout.data / name, text)
        account.own(layout.data / name)


def launch(layout: Layout, account: Account) -> subprocess.Popen[bytes]:
    """Start the server in a session of its own, so that a Ctrl-C meant for us does not reach it."""
    _reap()
    with layout.start_log.open("wb") as log:
        process = subprocess.Popen(
            [layout.programs / "postgres", "-D", layout.data],
            stdin=subprocess.DEVNULL,
            stdout=log,
            stderr=subprocess.STDOUT,
            cwd=layout.data,
            env=_environment(),
            start_new_session=True,
            umask=0o077,
            **account.switch(),
        )
    _launched.append(process)
    return process


def stop(layout: Layout, *, patience: float) -> None:
    """Stop fast (clients are cut, all is written); after the patience immediately; then for good."""
    for kind, seconds in ((signal.SIGINT, patience), (signal.SIGQUIT, 5.0), (signal.SIGKILL, 5.0)):
        running = find_postmaster(layout)
        if running is None:
            break
        with contextlib.suppress(ProcessLookupError):
            os.kill(running.pid, kind)
        deadline = time.monotonic() + seconds
        while _serves(running.pid, layout.data) and time.monotonic() < deadline:
            time.sleep(0.02)
    end_strays(layout.data)
    _reap()


def withdraw(process: subprocess.Popen[bytes], layout: Layout, *, patience: float) -> None:
    """Stop a server that was launched a moment ago: it may not have written its lock file yet, so its own number is used.

    The request is repeated, because one that comes while the server sets up its signals or recovers is forgotten.
    """
    deadline = time.monotonic() + patience
    while process.poll() is None and time.monotonic() < deadline:
        process.send_signal(signal.SIGINT)
        with contextlib.suppress(subprocess.TimeoutExpired):
            process.wait(0.5)
    stop(layout, patience=patience)


def _serves(pid: int, data: Path) -> bool:
    """Tell whether a process is a live PostgreSQL that works in this data folder; process numbers are reused."""
    _reap()
    try:
        process = psutil.Process(pid)
        if process.status() == psutil.STATUS_ZOMBIE:
            return False
        return process.name().startswith("postgres") and Path(process.cwd()) == data
    except (psutil.NoSuchProcess, psutil.AccessDenied, FileNotFoundError):
        return False


def processes_of(data: Path) -> Iterator[psutil.Process]:
    """Yield the live PostgreSQL processes that work in a data folder, or make one."""
    for process in psutil.process_iter(["name", "cmdline"]):
        name = process.info["name"] or ""
        makes = name == "initdb" and f"--pgdata={data}" in (process.info["cmdline"] or ())
        if makes or (name.startswith("postgres") and _serves(process.pid, data)):
            yield process


def _reap() -> None:
    _launched[:] = [process for process in _launched if process.poll() is None]


def _verify_data(layout: Layout, account: Account) -> None:
    verify_private(layout.data, account)
    major = (layout.data / "PG_VERSION").read_text().strip()
    if major != str(MAJOR_VERSION):
        raise ConfigurationError(
            f"{layout.data} was made by PostgreSQL {major} and this release brings {MAJOR_VERSION}: "
            "docs/operations.md says how to move the data"
        )
    if not layout.password.exists():
        raise ConfigurationError(
            f"{layout.password} is gone, and with it the way into {layout.data}: bring it back from a backup"
        )


def _run(account: Account, *command: str | Path) -> None:
    finished = subprocess.run(
        command,
        capture_output=True,
        text=True,
        check=False,
        cwd="/",
        env=_environment(),
        umask=0o077,
        **account.switch(),
    )
    if finished.returncode != 0:
        raise ConfigurationError(
            f"{Path(command[0]).name} failed: {finished.stderr.strip() or finished.stdout.strip()}"
        )


def _environment() -> dict[str, str]:
    """Return the whole environment of PostgreSQL's programs: nothing of ours, no PG… variable of anybody's."""
    return {"PATH": "/usr/bin:/bin", "LC_ALL": "C", "TZ": "UTC"}
