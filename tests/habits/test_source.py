"""Habits of the source that no linter knows. Each test names every place that breaks its habit."""

from __future__ import annotations

import ast
import re
from functools import cache
from pathlib import Path

import pytest

from tests.habits.tracked import ROOT, SOURCE, source_modules

pytestmark = pytest.mark.xdist_group("source")  # all of it is parsed once

LONGEST_MODULE = 400
VAGUE_NAMES = {"utils", "util", "helpers", "helper", "common", "misc", "service", "services", "manager", "tools"}
CLOCKS = {
    "datetime": {"now", "utcnow", "today"},
    "date": {"today"},
    "time": {"time", "time_ns", "monotonic", "monotonic_ns", "perf_counter", "localtime", "gmtime"},
}
CHANCE = {"random", "secrets"}
STATEMENT = re.compile(r"\s*(SELECT|INSERT INTO|UPDATE|DELETE FROM|WITH)\s")


def test_a_module_fits_in_the_head():
    too_long = {
        name(path): lines for path in source_modules() if (lines := len(path.read_text().splitlines())) > LONGEST_MODULE
    }
    assert not too_long, f"a module of more than {LONGEST_MODULE} lines is usually two things: {too_long}"


def test_a_module_says_what_it_is_for():
    silent = [name(path) for path, tree in parsed() if tree.body and not ast.get_docstring(tree)]
    assert not silent, f"begin with a docstring of one or two sentences: {silent}"


def test_a_module_is_named_for_what_is_in_it():
    assert not [name(path) for path in source_modules() if path.stem in VAGUE_NAMES]


def test_only_settings_read_the_environment():
    found = []
    for path, tree in parsed():
        for node in ast.walk(tree):
            reads = isinstance(node, ast.Attribute) and node.attr in {"environ", "environb", "getenv", "getenvb"}
            imports = isinstance(node, ast.ImportFrom) and node.module == "os" and {"environ", "getenv"} & taken(node)
            if (reads or imports) and path != SOURCE / "settings.py":
                found.append(place(path, node))
    assert not found, f"take a setting as a parameter: {found}"


def test_a_rule_gets_time_and_chance_as_values():
    found = []
    for path, tree in parsed():
        if "rules" not in path.relative_to(SOURCE).parts:
            continue
        for node in ast.walk(tree):
            match node:
                case ast.Attribute(value=ast.Name(id=owner) | ast.Attribute(attr=owner), attr=attribute):
                    breaks = attribute in CLOCKS.get(owner, ()) or owner in CHANCE
                case ast.Import():
                    breaks = bool(CHANCE & {alias.name for alias in node.names})
                case ast.ImportFrom(module=module):
                    breaks = module in CHANCE or module == "time"
                case _:
                    breaks = False
            if breaks:
                found.append(place(path, node))
    assert not found, f"a rule reads no clock and throws no dice: {found}"


def test_sql_is_written_in_sql_files():
    """What sets a database up is the exception: its statements take names, which cannot be parameters."""
    found = [
        place(path, node)
        for path, tree in parsed()
        if not path.is_relative_to(SOURCE / "postgres")
        for node in ast.walk(tree)
        if isinstance(node, ast.Constant) and isinstance(node.value, str) and STATEMENT.match(node.value)
    ]
    assert not found, f"write it into the .sql file beside it: {found}"


@cache
def parsed() -> tuple[tuple[Path, ast.Module], ...]:
    return tuple((path, ast.parse(path.read_text())) for path in source_modules())


def name(path: Path) -> str:
    return path.relative_to(ROOT).as_posix()


def place(path: Path, node: ast.AST) -> str:
    return f"{name(path)}:{getattr(node, 'lineno', '?')}"


def taken(node: ast.ImportFrom) -> set[str]:
    return {alias.name for alias in node.names}
