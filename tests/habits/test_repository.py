"""Habits of the repository: what is written down is true, and nothing in it belongs to one machine."""

from __future__ import annotations

import json
import re
import subprocess

import pytest
from typer.main import get_command

from ringback.cli import program
from ringback.settings import Settings
from tests.habits.tracked import ROOT, text_of, tracked_files

# Spelled so that this file does not hold what it looks for.
REGISTRIES = re.compile(r"(pypi\.(org|io)|pythonhosted\.org|registry\.(npmjs|yarnpkg)\.|" + r"npmmirror\.)")
MACHINE_PATHS = re.compile(r"(?<![\w.~-])/(work|root|home/\w+|Users/\w+)/[\w.]")
UNFINISHED = re.compile(r"\b(TO" + r"DO|FIX" + r"ME|XX" + r"X)\b")
ADDRESS_OPTIONS = (
    "-i ",
    "--index-url",
    "--extra-index-url",
    "--find-links",
    "-f ",
    "--trusted-host",
    "#    pip-compile",
)
NOT_OURS = {"LICENSE"}

TEXTS = {
    path.relative_to(ROOT).as_posix(): text
    for path in tracked_files()
    if path.name not in NOT_OURS and (text := text_of(path)) is not None
}


@pytest.mark.parametrize(("what", "pattern"), [("registry", REGISTRIES), ("path", MACHINE_PATHS), ("note", UNFINISHED)])
def test_no_tracked_file_names_a_registry_a_path_of_one_machine_or_what_is_left_to_do(what, pattern):
    found = [
        f"{name}:{number}: {line.strip()[:100]}"
        for name, text in TEXTS.items()
        for number, line in enumerate(text.splitlines(), 1)
        if pattern.search(line)
    ]
    assert not found, f"{what}: " + "; ".join(found[:10])


@pytest.mark.parametrize("name", ["build", "run", "dev"])
def test_a_requirement_lock_has_versions_and_hashes_and_no_addresses(name):
    text = TEXTS[f"requirements/{name}.txt"]
    assert not any(line.startswith(ADDRESS_OPTIONS) or "://" in line for line in text.splitlines())
    requirements = re.split(r"(?m)^(?=\S)", text)
    assert all("==" in each and "--hash=sha256:" in each for each in requirements if each.strip())


def test_the_locks_agree_with_each_other():
    versions: dict[str, str] = {}
    for name in ("build", "run", "dev"):
        for package, version in re.findall(r"(?m)^([\w.-]+)==([^\s;]+)", TEXTS[f"requirements/{name}.txt"]):
            assert versions.setdefault(package, version) == version, f"{package} is locked at two versions"


def test_the_lock_of_the_pages_has_hashes_and_no_addresses():
    lock = json.loads(TEXTS["web/package-lock.json"])
    for name, package in lock["packages"].items():
        assert "resolved" not in package, f"{name} records where it came from"
        assert "integrity" in package or name == "" or package.get("link"), f"{name} has no hash"


def make_targets() -> set[str]:
    return set(re.findall(r"(?m)^([a-z][\w-]*):", TEXTS["Makefile"]))


DOCUMENTS = [name for name in TEXTS if name.endswith(".md")]


def test_every_make_command_in_a_document_exists():
    for name in DOCUMENTS:
        named = re.findall(r"(?m)(?:`|^\s*\$?\s*)make ([a-z][a-z0-9-]*)", TEXTS[name])
        assert set(named) <= make_targets(), name


def test_every_link_between_documents_leads_somewhere():
    for name in DOCUMENTS:
        for target in re.findall(r"\]\((?!https?:|mailto:|#)([^)#\s]+)", TEXTS[name]):
            assert ((ROOT / name).parent / target).exists(), f"{name}: {target} is not there"


def test_make_help_lists_every_command_with_one_line():
    command = ["make", "--no-print-directory", "help"]
    listed = subprocess.run(command, cwd=ROOT, capture_output=True, text=True, check=True).stdout
    shown = {line.split()[1] for line in listed.splitlines()}
    assert shown == set(re.findall(r"(?m)^([a-z][\w-]*):.*## ", TEXTS["Makefile"]))
    for wanted in ("demo", "setup", "web", "test", "check", "journey", "faults", "bench", "lock", "help"):
        assert wanted in shown


def test_scripts_stop_at_the_first_failure():
    for name in TEXTS:
        if name.endswith(".sh") or name == ".ci/run":
            assert "set -euo pipefail" in TEXTS[name], name


def test_decisions_have_a_number_each_and_their_four_parts():
    decisions = sorted(name for name in TEXTS if re.fullmatch(r"docs/decisions/\d{4}-[\w-]+\.md", name))
    assert len({name.split("/")[-1][:4] for name in decisions}) == len(decisions)
    for name in decisions:
        for part in ("Context", "Decision", "Consequences", "Alternatives"):
            assert re.search(rf"(?m)^(## {part}$|\*\*{part}\.\*\*)", TEXTS[name]), f"{name} has no {part!r}"


def test_every_ringback_command_in_a_document_exists():
    named = {
        command: name
        for name in DOCUMENTS
        for command in re.findall(r"(?m)(?:`|^\s*\$?\s*)(?:\.venv/bin/)?ringback ([a-z][a-z-]+)", TEXTS[name])
    }
    assert not {f"{name}: ringback {command}" for command, name in named.items() if command not in _commands()}


def _commands() -> set[str]:
    """The commands as the program itself lists them."""
    known = set(get_command(program).commands)  # type: ignore[attr-defined]
    assert {"serve", "apply", "database"} <= known
    return known


def test_every_setting_is_in_the_operators_handbook():
    told = set(re.findall(r"RINGBACK_[A-Z_]+", TEXTS["docs/operations.md"]))
    known = {f"RINGBACK_{name.upper()}" for name in Settings.__dataclass_fields__} | {"RINGBACK_CONFIG"}
    assert told == known


def test_every_command_is_in_the_operators_handbook():
    assert not [each for each in sorted(_commands()) if f"ringback {each}" not in TEXTS["docs/operations.md"]]
