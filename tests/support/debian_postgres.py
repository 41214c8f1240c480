"""Debian's PostgreSQL 15 over TCP, started privately: the oldest release that Ringback runs on, and not ours."""

from __future__ import annotations

import contextlib
import secrets
import signal
import socket
import subprocess
import time
from collections.abc import Iterator
from pathlib import Path

import pytest

from ringback.postgres.address import ServerAddress
from ringback.postgres.embedded.account import server_account
from tests.support.folders import memory_with_room, passable_folder

PROGRAMS = Path("/usr/lib/postgresql/15/bin")


def require_debian_postgres() -> None:
    """Skip, with the name of what is missing, where Debian's server is not installed."""
    if not (PROGRAMS / "postgres").exists():
        pytest.skip("Debian's postgresql-15 is not installed (make system-packages)")


@contextlib.contextmanager
def debian_postgres(*, durable: bool = False) -> Iterator[ServerAddress]:
    """Run a cluster of its own on a free loopback port, as an account that is not root, and remove it at the end."""
    account = server_account()
    with passable_folder("ringback-postgres15-", within=memory_with_room()) as home:
        data, password_file = home / "data", home / "password"
        data.mkdir(mode=0o700)
        password = secrets.token_urlsafe(16)
        password_file.write_text(password)
        for path in (data, password_file):
            account.own(path)
        run = {"cwd": home, "env": {"PATH": "/usr/bin:/bin", "LC_ALL": "C.UTF-8"}, **account.switch()}
        subprocess.run(
            [
                *(
                    PROGRAMS / "initdb",
                    f"--pgdata={data}",
                    "--username=admin",
                    f"--pwfile={password_file}",
                    "--no-sync",
                ),
                *("--auth=scram-sha-256", "--encoding=UTF8", "--locale=C.UTF-8", "--data-checksums"),
            ],
            check=True,
            stdout=subprocess.DEVNULL,
            **run,
        )
        port = _free_port()
        settings = {
            "listen_addresses": "127.0.0.1",
            "port": str(port),
            "unix_socket_directories": "",
            "max_connections": "200",
            "timezone": "UTC",
        }
        if not durable:
            settings |= {"fsync": "off", "synchronous_commit": "off", "full_page_writes": "off"}
        arguments = [argument for name, value in settings.items() for argument in ("-c", f"{name}={value}")]
        with (home / "log").open("wb") as log:
            server = subprocess.Popen(
                [PROGRAMS / "postgres", "-D", data, *arguments], stdout=log, stderr=subprocess.STDOUT, **run
            )
        try:
            _await_port(server, port, home / "log")
            yield ServerAddress(host="127.0.0.1", port=port, user="admin", password=password, database="postgres")
        finally:
            server.send_signal(signal.SIGQUIT)
            server.wait(20)


def _free_port() -> int:
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        port: int = probe.getsockname()[1]
        return port


def _await_port(server: subprocess.Popen[bytes], port: int, log: Path) -> None:
    """Wait until the server takes connections: PostgreSQL opens its port once it can answer, if only with "starting up"."""
    deadline = time.monotonic() + 60
    while "ready to accept connections" not in log.read_text(errors="replace"):
        if server.poll() is not None or time.monotonic() > deadline:
            raise RuntimeError(
                f"Debian's postgresql-15 did not start on port {port}: {log.read_text(errors='replace')}"
            )
        time.sleep(0.05)
