"""The commands about the do-not-call list."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated

import typer

from ringback.administration import do_not_call
from ringback.terminal import BusinessOption, JsonOption, command_settings, output, print_json, run

commands = typer.Typer(help="Numbers that are never called.", no_args_is_help=True)
NumberArgument = Annotated[str, typer.Argument(help="In full, such as +441632960123.")]


@commands.command("list")
def list_numbers(business: BusinessOption, as_json: JsonOption = False) -> None:
    """Show the list, newest first."""
    entries = run(do_not_call.list_all(command_settings(), business))
    if as_json:
        print_json(
            [
                {"number": each.number, "source": each.source, "note": each.note, "added_at": each.added_at.isoformat()}
                for each in entries
            ]
        )
        return
    for each in entries:
        output.print(
            f"{each.number}  {each.added_at:%Y-%m-%d}  {each.source}  {each.note or ''}".rstrip(), markup=False
        )
    if not entries:
        output.print("nobody is on the list")


@commands.command("add")
def add(
    number: NumberArgument,
    business: BusinessOption,
    note: Annotated[str | None, typer.Option(help="Why.")] = None,
) -> None:
    """Never call a number again."""
    added = run(do_not_call.add(command_settings(), business, number, note))
    output.print("it is on the list" if added else "it was on the list before")


@commands.command("remove")
def remove(number: NumberArgument, business: BusinessOption) -> None:
    """Let a number be called again."""
    run(do_not_call.remove(command_settings(), business, number))
    output.print("it may be called again")


@commands.command("import")
def take_in(
    file: Annotated[Path, typer.Argument(help="CSV with a column number, and perhaps note.", exists=True)],
    business: BusinessOption,
) -> None:
    """Add every number of a file, or none when a line is wrong."""
    read, added = run(do_not_call.take_in(command_settings(), business, file.read_text(encoding="utf-8-sig")))
    output.print(f"{read} numbers read, {added} of them new")
