"""The commands a person types, on a real database: what each says, what it leaves behind, and its exit code."""

from __future__ import annotations

import asyncio
import io
import json
import logging
import re
import subprocess
import sys
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import pytest
import structlog
import yaml
from typer.core import TyperGroup, TyperOption
from typer.main import get_command

from ringback import cli
from ringback.domain.ids import new_id
from ringback.postgres.address import ServerAddress
from tests.journeys.businesses import business
from tests.support.databases import SECRET, drop_database
from tests.support.folders import passable_folder
from tests.support.processes import free_port

PASSWORD = "correct horse battery"


@dataclass(frozen=True, slots=True, kw_only=True)
class Typed:
    """What a command left on the terminal."""

    code: int
    said: str
    complained: str

    @property
    def json(self) -> Any:
        """What it said, as JSON."""
        return json.loads(self.said)


Type = Callable[..., Typed]


@pytest.fixture
def folder() -> Iterator[Path]:
    """A folder for the files of a command."""
    with passable_folder() as found:
        yield found


@pytest.fixture
def ringback(
    database_address: ServerAddress,
    folder: Path,
    monkeypatch: pytest.MonkeyPatch,
    capsys: pytest.CaptureFixture[str],
) -> Iterator[Type]:
    """Type `ringback …` as the operator of an installation on a database of the test's own; `text` is standard input."""
    monkeypatch.setenv("RINGBACK_DATABASE_URL", database_address.url)
    monkeypatch.setenv("RINGBACK_SECRET", SECRET)
    monkeypatch.setenv("RINGBACK_DATA", str(folder / "data"))
    monkeypatch.setenv("RINGBACK_PORT", str(free_port()))
    monkeypatch.setenv("COLUMNS", "200")
    root = logging.getLogger()
    handlers, level, before = list(root.handlers), root.level, structlog.get_config()

    def type_line(*arguments: str | Path, text: str = "") -> Typed:
        monkeypatch.setattr(sys, "argv", ["ringback", *map(str, arguments)])
        monkeypatch.setattr(sys, "stdin", io.StringIO(text))
        capsys.readouterr()
        with pytest.raises(SystemExit) as ended:
            cli.main()
        said, complained = capsys.readouterr()
        assert "Traceback" not in complained
        return Typed(code=int(ended.value.code or 0), said=said, complained=complained)

    yield type_line
    structlog.configure(**before)
    root.handlers[:] = handlers
    root.setLevel(level)


@pytest.fixture
def document(folder: Path) -> Path:
    """A business in a file: an agent, a supervisor, two queues."""
    file = folder / "acme.yaml"
    file.write_text(yaml.safe_dump(business("acme", ["https://shop.example"], agents=("kim",))))
    return file


def changed(document: Path, change: Callable[[dict[str, Any]], object]) -> Path:
    """Write the document again, changed."""
    value = yaml.safe_load(document.read_text())
    change(value)
    document.write_text(yaml.safe_dump(value))
    return document


def commands(group: Any, *path: str) -> Iterator[tuple[tuple[str, ...], Any]]:
    """Return every command with the words that lead to it."""
    for name, command in group.commands.items():
        yield (*path, name), command
        if isinstance(command, TyperGroup):
            yield from commands(command, *path, name)


def test_every_command_says_what_it_does_and_every_option_what_it_is_for(ringback: Type):
    found = list(commands(get_command(cli.program)))
    assert {"serve", "migrate", "doctor", "apply", "report", "why"} <= {words[-1] for words, _ in found}
    for words, command in found:
        shown = ringback(*words, "--help")
        assert shown.code == 0
        assert f"ringback {' '.join(words)}" in shown.said
        assert command.help
        assert command.help.split()[0] in shown.said
        silent = [each.name for each in command.params if isinstance(each, TyperOption) and not each.help]
        assert not silent, f"ringback {' '.join(words)}: options without a word about them"


def test_the_program_starts_and_a_command_that_does_not_exist_is_answered_with_those_that_do():
    def start(*arguments: str) -> subprocess.CompletedProcess[str]:
        program = [sys.executable, "-m", "ringback", *arguments]
        return subprocess.run(program, capture_output=True, text=True, timeout=60, check=False)

    assert re.fullmatch(r"ringback \d+\.\d+\.\d+\n", start("--version").stdout)
    wrong = start("sevre")
    assert wrong.returncode == 2
    assert "No such command 'sevre'" in wrong.stderr


def test_a_document_is_looked_at_applied_and_applied_again(ringback: Type, document: Path):
    looked = ringback("apply", document, "--dry-run")
    assert (looked.code, "nothing was changed" in looked.said) == (0, True)
    assert "queue billing: create" in looked.said
    assert "There is no business 'acme'" in ringback("report", "--business", "acme").complained
    assert ringback("apply", document).said.count("log-in ") == 3
    assert "nothing to do" in ringback("apply", document).said
    changed(document, lambda value: value["agents"][0].update(name="Kim O."))
    assert '"Kim Osei" → "Kim O."' in ringback("apply", document, "--dry-run").said
    assert [each["slug"] for each in ringback("apply", document, "--json").json["changes"]] == ["kim"]
    assert ringback("apply", "-", text=document.read_text()).said == ringback("apply", document).said


def test_a_document_that_is_wrong_changes_nothing_and_names_everything_that_is(
    ringback: Type, document: Path, folder: Path
):
    def spoil(value: dict[str, Any]) -> None:
        value["queues"][0]["hours"]["week"]["mon"] = ["18:00-08:61"]
        value["agents"][0]["queues"] = ["gardening"]

    spoilt = ringback("apply", changed(document, spoil))
    assert spoilt.code == 2
    assert "nothing was changed" in spoilt.complained
    assert "gardening" in spoilt.complained
    assert "hours" in spoilt.complained
    assert "none yet" in ringback("report", "--business", "acme").complained
    document.write_text("business: [")
    broken = ringback("apply", document)
    assert (broken.code, "cannot be understood" in broken.complained) == (2, True)
    absent = ringback("apply", folder / "nowhere.yaml")
    assert (absent.code, "nowhere.yaml cannot be read" in absent.complained) == (2, True)


def test_people_get_log_ins_and_programs_get_keys(ringback: Type, document: Path):
    ringback("apply", document)
    olga = ("olga@acme.example", "--name", "Olga", "--business", "acme")
    assert ringback("user", "add", *olga, "--role", "auditor", text=f"{PASSWORD}\n").said.endswith("may log in\n")
    again = ringback("user", "add", *olga, "--role", "auditor", text=f"{PASSWORD}\n")
    assert (again.code, "has this address already" in again.complained) == (2, True)
    for refused, why in (
        (("ivo@acme.example", "--name", "Ivo", "-b", "acme", "--role", "emperor"), "Roles are some of agent"),
        (("ivo@acme.example", "--name", "Ivo", "-b", "acme", "--role", "agent"), "which agent"),
        (("ivo@acme.example", "--name", "Ivo", "-b", "acme", "--role", "agent", "--agent", "ivo"), "no agent 'ivo'"),
        (("ivo@acme.example", "--name", "Ivo", "-b", "nobody", "--role", "auditor"), "There are: acme"),
        (("ivo", "--name", "Ivo", "-b", "acme", "--role", "auditor"), "e-mail address"),
    ):
        answer = ringback("user", "add", *refused, text=f"{PASSWORD}\n")
        assert answer.code == 2
        assert why in answer.complained
    short = ringback("user", "password", "olga@acme.example", text="short\n")
    assert (short.code, "at least" in short.complained) == (2, True)
    assert ringback("user", "password", "olga@acme.example", text=f"{PASSWORD} 2\n").code == 0
    assert "Nobody logs in" in ringback("user", "password", "ivo@acme.example", text=f"{PASSWORD}\n").complained
    key = ringback("key", "create", "crm", "-b", "acme", "--scope", "callbacks:read")
    assert re.fullmatch(r"rbk_\S+\n", key.said)
    assert ringback("key", "create", "crm", "-b", "acme", "--scope", "callbacks:fly").code == 2
    assert ringback("key", "create", "crm", "-b", "acme").code == 2


def test_a_report_is_a_table_or_json_and_a_day_that_is_none_is_refused(ringback: Type, document: Path):
    ringback("apply", document)
    table = ringback("report", "--business", "acme")
    assert (table.code, "must be 0" in table.said) == (0, True)
    figures = ringback("report", "--business", "acme", "--json").json
    assert (figures["lost"], figures["rung_twice"]) == (0, 0)
    wrong = ringback("report", "--business", "acme", "--from", "yesterday")
    assert (wrong.code, wrong.complained) == (2, "ringback: 'yesterday' is not a day such as 2026-11-22.\n")
    assert "--business" in ringback("report").complained
    assert ringback("why", str(new_id()), "--business", "acme").code == 2
    assert ringback("why", "not-an-id").code == 2


def test_a_backup_is_restored_into_an_empty_database_and_dials_only_after_resume(
    ringback: Type, document: Path, database_address: ServerAddress, folder: Path, monkeypatch: pytest.MonkeyPatch
):
    ringback("apply", document)
    backup = folder / "acme.backup"
    assert "personal data" in ringback("database", "backup", backup).said
    occupied = ringback("database", "restore", backup)
    assert (occupied.code, "holds businesses already" in occupied.complained) == (2, True)
    empty = database_address.to(f"restored_{new_id().hex[:10]}")
    monkeypatch.setenv("RINGBACK_DATABASE_URL", empty.url)
    assert SECRET not in ringback("database", "where").said
    assert empty.database in ringback("database", "where").said
    nothing = ringback("report", "--business", "acme")
    assert (nothing.code, "ringback migrate" in nothing.complained) == (2, True)
    try:
        absent = ringback("database", "restore", folder / "nowhere.backup")
        assert (absent.code, "does not exist" in absent.complained) == (2, True)
        assert "Dialling is stopped" in ringback("database", "restore", backup).said
        assert "nothing to do" in ringback("migrate").said
        assert "nothing to do" in ringback("apply", document).said
        stopped = ringback("doctor", "--json")
        assert (stopped.code, dialling(stopped)) == (1, "bad")
        assert "ringback doctor --resume" in ringback("doctor").said
        assert dialling(ringback("doctor", "--resume", "--json")) == "good"
        assert dialling(ringback("doctor", "--json")) == "good"
    finally:
        asyncio.run(drop_database(database_address, empty.database))


def dialling(examined: Typed) -> str:
    """Return what doctor thinks of dialling."""
    (found,) = (str(each["health"]) for each in examined.json if each["what"] == "dialling")
    return found


def test_settings_that_are_wrong_are_named(ringback: Type, monkeypatch: pytest.MonkeyPatch):
    monkeypatch.setenv("RINGBACK_PORT", "eighty")
    wrong = ringback("database", "where")
    assert (wrong.code, "RINGBACK_PORT='eighty' is not understood" in wrong.complained) == (2, True)
    monkeypatch.delenv("RINGBACK_PORT")
    monkeypatch.setenv("RINGBACK_SECRET", "short")
    assert "RINGBACK_SECRET is too short" in ringback("migrate").complained
    monkeypatch.setenv("RINGBACK_DATABASE_URL", "mysql://db.example/ringback")
    assert "postgresql://" in ringback("database", "where").complained
