"""The operating-system account that PostgreSQL runs under: ours, or a helper account when we are root.

PostgreSQL refuses to run as root. Instead of opening root's folders to another account, everything that account
must reach (programs, data, socket) is put where it already can.
"""

from __future__ import annotations

import fcntl
import os
import pwd
import shutil
import stat
import subprocess
import time
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from ringback.domain.errors import ConfigurationError

HELPER = "ringback"


@dataclass(frozen=True, slots=True, kw_only=True)
class Account:
    """Who the server's processes run as; `helper` is set when that is somebody else than we are."""

    uid: int
    gid: int
    helper: bool

    def switch(self) -> dict[str, Any]:
        """Return the arguments with which `subprocess` runs a program under this account."""
        return {"user": self.uid, "group": self.gid, "extra_groups": []} if self.helper else {}

    def own(self, path: Path) -> None:
        """Give a file or folder that we made to this account."""
        if self.helper:
            os.chown(path, self.uid, self.gid)

    def reaches(self, path: Path) -> bool:
        """Tell whether this account may walk to a path through all of its parent folders."""
        return not self.helper or all(self._enters(parent.stat()) for parent in path.resolve().parents)

    def may_run(self, program: Path) -> bool:
        """Tell whether this account may execute a program and list the folder that it lies in."""
        return self.reaches(program) and (not self.helper or self._enters(program.stat()))

    def _enters(self, status: os.stat_result) -> bool:
        if status.st_uid == self.uid:
            return bool(status.st_mode & stat.S_IXUSR)
        if status.st_gid == self.gid:
            return bool(status.st_mode & stat.S_IXGRP)
        return bool(status.st_mode & stat.S_IXOTH)


def server_account() -> Account:
    """Return our own account, or, for root, the helper account, which is made on first use."""
    if os.geteuid() != 0:
        return Account(uid=os.geteuid(), gid=os.getegid(), helper=False)
    entry = _find(HELPER) or _make(HELPER)
    return Account(uid=entry.pw_uid, gid=entry.pw_gid, helper=True)


@contextmanager
def _one_at_a_time() -> Iterator[None]:
    """Hold the lock under which accounts are made here.

    `useradd` asks whether the name is taken before it waits for the account files: of two at a time the second
    replaces the first's account, and with it the number that somebody has just begun to work under.
    """
    folder = os.open("/etc", os.O_RDONLY | os.O_DIRECTORY)
    try:
        fcntl.flock(folder, fcntl.LOCK_EX)
        yield
    finally:
        os.close(folder)


def _find(name: str) -> pwd.struct_passwd | None:
    try:
        return pwd.getpwnam(name)
    except KeyError:
        return None


def _make(name: str) -> pwd.struct_passwd:
    if useradd := shutil.which("useradd", path="/usr/sbin:/sbin:/usr/bin:/bin"):
        command = [useradd, "--system", "--user-group", "--no-create-home", "--home-dir", "/nonexistent"]
        command += ["--shell", "/usr/sbin/nologin", name]
    elif adduser := shutil.which("adduser", path="/usr/sbin:/sbin:/usr/bin:/bin"):  # BusyBox, as on Alpine
        command = [adduser, "-S", "-D", "-H", "-h", "/nonexistent", "-s", "/sbin/nologin", name]
    else:
        command = []
    said = "there is no useradd here"
    with _one_at_a_time():
        for _ in range(50 if command else 0):
            if entry := _find(name):
                return entry
            finished = subprocess.run(command, capture_output=True, text=True, check=False)
            if finished.returncode:
                said = finished.stderr.strip()
                time.sleep(0.1)  # another program holds the lock on the account files
    raise ConfigurationError(
        f"PostgreSQL does not run as root and the account {name!r} for it could not be made ({said}): "
        "run Ringback as an ordinary user, or set RINGBACK_DATABASE_URL to a PostgreSQL of your own"
    )
