"""A real homeserver: Synapse on loopback with SQLite, an application service registered, closed to every other server."""

from __future__ import annotations

import contextlib
import json
import os
import subprocess
import sys
import time
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

import httpx

from tests.support.processes import free_port

NAME = "chat.example"
SHARED_SECRET = "registration in tests"
PATIENCE = 60.0  # seconds for its first start


@dataclass(frozen=True, slots=True, kw_only=True)
class Homeserver:
    """Where it is, and how our application service is registered."""

    url: str
    as_token: str
    hs_token: str
    user: str


@contextlib.contextmanager
def synapse(folder: Path, *, pushes_to: str) -> Iterator[Homeserver]:
    """Run it until the end of the block; `pushes_to` is the application service's address."""
    port = free_port()
    server = Homeserver(
        url=f"http://127.0.0.1:{port}",
        as_token="a-token-of-the-application-service",
        hs_token="a-token-of-the-homeserver-itself",
        user=f"@callbacks:{NAME}",
    )
    config = _configure(folder, port, server, pushes_to)
    with (folder / "synapse.out").open("wb") as out:
        process = subprocess.Popen(
            [sys.executable, "-m", "synapse.app.homeserver", "-c", str(config)],
            cwd=folder,
            stdout=out,
            stderr=subprocess.STDOUT,
            env={**os.environ, "SYNAPSE_ASYNC_IO_REACTOR": "0"},
        )
        try:
            _wait(server, process, folder)
            yield server
        finally:
            process.terminate()
            try:
                process.wait(15)
            except subprocess.TimeoutExpired:
                process.kill()
                process.wait(5)


def _configure(folder: Path, port: int, server: Homeserver, pushes_to: str) -> Path:
    registration = folder / "registration.yaml"
    registration.write_text(
        json.dumps(
            {
                "id": "ringback",
                "url": pushes_to,
                "as_token": server.as_token,
                "hs_token": server.hs_token,
                "sender_localpart": "callbacks",
                "rate_limited": False,
                "namespaces": {
                    "users": [{"exclusive": True, "regex": f"@callbacks:{NAME}"}],
                    "aliases": [],
                    "rooms": [],
                },
            }
        )
    )
    generous = {"per_second": 1000, "burst_count": 1000}
    config = folder / "homeserver.yaml"
    config.write_text(
        json.dumps(
            {
                "server_name": NAME,
                "report_stats": False,
                "pid_file": str(folder / "synapse.pid"),
                "signing_key_path": str(folder / "signing.key"),
                "media_store_path": str(folder / "media"),
                "database": {"name": "sqlite3", "args": {"database": str(folder / "homeserver.db")}},
                "listeners": [
                    {
                        "port": port,
                        "type": "http",
                        "bind_addresses": ["127.0.0.1"],
                        "tls": False,
                        "x_forwarded": False,
                        "resources": [{"names": ["client"], "compress": False}],
                    }
                ],
                "registration_shared_secret": SHARED_SECRET,
                "macaroon_secret_key": "a key for tests",
                "form_secret": "a form for tests",
                "trusted_key_servers": [],
                "federation_domain_whitelist": [],
                "app_service_config_files": [str(registration)],
                "rc_message": generous,
                "rc_registration": generous,
                "rc_login": {"address": generous, "account": generous, "failed_attempts": generous},
                "rc_joins": {"local": generous, "remote": generous},
                "rc_invites": {"per_room": generous, "per_user": generous, "per_issuer": generous},
                "presence": {"enabled": False},
                "log_config": _log_config(folder),
            }
        )
    )
    subprocess.run(
        [sys.executable, "-m", "synapse.app.homeserver", "-c", str(config), "--generate-keys"],
        cwd=folder,
        check=True,
        capture_output=True,
        timeout=PATIENCE,
    )
    return config


def _log_config(folder: Path) -> str:
    path = folder / "log.yaml"
    path.write_text(
        json.dumps(
            {
                "version": 1,
                "handlers": {"file": {"class": "logging.FileHandler", "filename": str(folder / "synapse.log")}},
                "root": {"level": "WARNING", "handlers": ["file"]},
                "disable_existing_loggers": False,
            }
        )
    )
    return str(path)


def _wait(server: Homeserver, process: subprocess.Popen[bytes], folder: Path) -> None:
    deadline = time.monotonic() + PATIENCE
    while time.monotonic() < deadline:
        assert process.poll() is None, (folder / "synapse.out").read_text()[-3000:]
        with contextlib.suppress(httpx.HTTPError):
            if httpx.get(f"{server.url}/_matrix/client/versions", timeout=2).status_code == 200:
                return
        time.sleep(0.2)
    raise AssertionError(f"Synapse did not start within {PATIENCE} s")
