"""Starts the product's processes by fork, so that one that is killed is back in a blink: `python -m tests.faults.launcher`.

Reads one JSON object a line (`name`, `arguments`, `environment`, `log`, `mutant`), and tells on standard output who started, stopped
by SIGSTOP or ended. Each child is a process of its own, running the product's own command line; it ends when this one does.
"""

from __future__ import annotations

import contextlib
import ctypes
import json
import os
import select
import signal
import sys
import traceback
from datetime import timedelta
from typing import Any

import ringback.bootstrap  # all that a child would have to import
import ringback.cli
import tests.faults.mutants as mutants
from ringback.session_management_server.worker import SessionManager

_DIE_WITH_PARENT = 1  # PR_SET_PDEATHSIG


def main() -> None:
    """Serve until standard input ends."""
    running: dict[int, str] = {}
    buffer = b""
    while True:
        ready, _, _ = select.select([0], [], [], 0.02)
        if ready:
            block = os.read(0, 65536)
            if not block:
                break
            buffer += block
            while b"\n" in buffer:
                line, _, buffer = buffer.partition(b"\n")
                order = json.loads(line)
                pid = _fork(order)
                running[pid] = order["name"]
                _tell(what="started", name=order["name"], pid=pid)
        _reap(running)
    for pid in running:
        with contextlib.suppress(ProcessLookupError):
            os.kill(pid, signal.SIGKILL)


def _reap(running: dict[int, str]) -> None:
    while running:
        pid, status = os.waitpid(-1, os.WNOHANG | os.WUNTRACED)
        if pid == 0:
            return
        if os.WIFSTOPPED(status):
            _tell(what="stopped", name=running[pid], pid=pid)
        else:
            _tell(what="ended", name=running.pop(pid), pid=pid, code=os.waitstatus_to_exitcode(status))


def _tell(**said: Any) -> None:
    os.write(1, json.dumps(said).encode() + b"\n")


def _fork(order: dict[str, Any]) -> int:
    pid = os.fork()
    if pid:
        return pid
    code = 1
    try:
        _become(order)
        ringback.cli.main()
        code = 0
    except SystemExit as end:
        code = end.code if isinstance(end.code, int) else 1
    except BaseException:  # noqa: BLE001 -- the log must say why a child died
        traceback.print_exc()
    finally:
        sys.stdout.flush()
        sys.stderr.flush()
        os._exit(code)


def _become(order: dict[str, Any]) -> None:
    """Turn the fork into what the order says."""
    ctypes.CDLL(None).prctl(_DIE_WITH_PARENT, signal.SIGKILL)
    os.setsid()
    log = os.open(order["log"], os.O_WRONLY | os.O_CREAT | os.O_APPEND, 0o600)
    null = os.open(os.devnull, os.O_RDONLY)
    for source, target in ((null, 0), (log, 1), (log, 2)):
        os.dup2(source, target)
    os.environ.clear()
    os.environ.update(order["environment"])
    sys.argv = ["ringback", *order["arguments"]]
    if order.get("skew"):
        _set_clock_off(order["skew"])
    if order.get("mutant"):
        mutants.apply(order["mutant"])


def _set_clock_off(seconds: float) -> None:
    """Let the sessions server's own clock be off by so much."""
    defaults = SessionManager.__init__.__kwdefaults__
    assert defaults is not None and "clock" in defaults
    right = defaults["clock"]
    defaults["clock"] = lambda: right() + timedelta(seconds=seconds)


if __name__ == "__main__":
    main()
