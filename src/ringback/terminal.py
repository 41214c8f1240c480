"""What every command does alike: read its settings, run its work until a signal, print, complain in one line."""

from __future__ import annotations

import json
import sys
from collections.abc import Coroutine
from typing import Annotated, Any, NoReturn, TypeVar

import typer
import uvloop
from rich.console import Console

from ringback import bootstrap
from ringback.logging import configure_logging
from ringback.settings import Settings, read_settings

output = Console(highlight=False)
complaints = Console(stderr=True, highlight=False)

BusinessOption = Annotated[str, typer.Option("--business", "-b", help="The business's short name, such as acme.")]
JsonOption = Annotated[bool, typer.Option("--json", help="Print JSON instead of a table.")]
Result = TypeVar("Result")


def command_settings() -> Settings:
    """Read the settings and set the log up as they say."""
    settings = read_settings()
    configure_logging(level=settings.log_level, form=settings.log_format)
    return settings


def run(work: Coroutine[Any, Any, Result]) -> Result:
    """Run a command's work; SIGTERM unwinds it as Ctrl-C does."""
    return uvloop.run(bootstrap.until_terminated(work))


def print_json(value: object) -> None:
    """Print a value as JSON, for programs."""
    sys.stdout.write(json.dumps(value, indent=2, ensure_ascii=False, default=str) + "\n")


def complain(words: str) -> NoReturn:
    """Say what is wrong in one line and end with exit code 2."""
    complaints.print(f"ringback: {words}", style="bold", markup=False, soft_wrap=True)
    raise SystemExit(2)
