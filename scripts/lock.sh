#!/usr/bin/env bash
# Compiles the requirement locks from pyproject.toml with uv, in an environment that is thrown away.
# They record versions and hashes for every platform and Python from 3.11 on, and never where to download from.
set -euo pipefail
cd "$(dirname "$0")/.."
python=$1
shift

folder=$(mktemp -d)
trap 'rm -rf "$folder"' EXIT
"$python" -m venv "$folder/venv"
"$folder/venv/bin/python" -m pip --quiet --disable-pip-version-check install uv

compile() {
    local out=requirements/$1
    shift
    "$folder/venv/bin/uv" pip compile --quiet --universal --python-version 3.11 --generate-hashes \
        --no-header --no-annotate --no-emit-index-url --no-emit-find-links --output-file "$out" "$@"
}

compile run.txt "$@" pyproject.toml
compile build.txt "$@" --group build --constraint requirements/run.txt
compile dev.txt "$@" --group dev --constraint requirements/run.txt --constraint requirements/build.txt
compile channels.txt "$@" --group channels --constraint requirements/run.txt --constraint requirements/dev.txt
compile bench.txt "$@" --group bench --constraint requirements/run.txt --constraint requirements/dev.txt
