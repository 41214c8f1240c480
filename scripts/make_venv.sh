#!/usr/bin/env bash
# Makes the virtual environment, or says in one sentence what the machine lacks.
set -euo pipefail
python=$1
venv=$2

if ! command -v "$python" >/dev/null; then
    echo "setup: there is no '$python' here; install Python 3.11 or newer, or say which: make setup PYTHON=python3.12" >&2
    exit 1
fi
if ! "$python" -c 'import sys; raise SystemExit(sys.version_info < (3, 11))'; then
    echo "setup: '$python' is $("$python" --version 2>&1 | head -n 1); Ringback needs Python 3.11 or newer: make setup PYTHON=python3.12" >&2
    exit 1
fi
if ! "$python" -c 'import ensurepip, venv' 2>/dev/null; then
    version=$("$python" -c 'import sys; print("%d.%d" % sys.version_info[:2])')
    echo "setup: this Python has no venv module; on Debian and Ubuntu: apt-get install python3-venv (or python${version}-venv)" >&2
    exit 1
fi
echo "setup: making $venv"
"$python" -m venv "$venv"
