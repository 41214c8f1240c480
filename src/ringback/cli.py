"""The commands a person types. Each reads its settings, asks the part that knows, and says what happened."""

from __future__ import annotations

import asyncio
import dataclasses
import json
import sys
from pathlib import Path
from typing import Annotated
from uuid import UUID

import typer
from rich.markup import escape
from rich.table import Table

from ringback import __version__, bootstrap, carrier_commands, demonstration, guard_commands
from ringback.administration import configuration, explaining, planning, reading_times, reporting
from ringback.administration.replay_page import show_replay
from ringback.domain.errors import ConfigurationError, Refused
from ringback.domain.ids import CallbackId
from ringback.domain.status import Server
from ringback.findings import Health
from ringback.interaction_manager.rules.why import as_lines
from ringback.people_commands import key_commands, person_commands, user_commands
from ringback.terminal import (
    BusinessOption,
    JsonOption,
    command_settings,
    complain,
    complaints,
    output,
    print_json,
    run,
)

program = typer.Typer(
    name="ringback",
    help="Callbacks from a chat: asked for, promised, kept once. Settings come from RINGBACK_… variables (docs/operations.md).",
    no_args_is_help=True,
    pretty_exceptions_enable=False,
    rich_markup_mode=None,
)
database_commands = typer.Typer(help="The database: where it is, backup, restore.", no_args_is_help=True)
program.add_typer(database_commands, name="database")
program.add_typer(user_commands, name="user")
program.add_typer(key_commands, name="key")
program.add_typer(carrier_commands.commands, name="carrier")
program.add_typer(person_commands, name="person")
program.add_typer(guard_commands.commands, name="do-not-call")


def main() -> None:
    """Run the program; a known error becomes one line and exit code 2, never a traceback."""
    try:
        program()
    except ConfigurationError as error:
        complain(str(error))
    except Refused as error:
        complain(error.detail + (f" {error.next}" if error.next else ""))
    except PermissionError as error:
        complain(
            f"this user may not write {error.filename}: choose another folder with RINGBACK_DATA, or give it to this user"
        )
    except (KeyboardInterrupt, asyncio.CancelledError):
        raise SystemExit(130) from None


def _show_version(wanted: bool) -> None:
    if wanted:
        output.print(f"ringback {__version__}")
        raise typer.Exit


@program.callback()
def every_command(
    version: Annotated[
        bool, typer.Option("--version", help="Print the version and stop.", callback=_show_version, is_eager=True)
    ] = False,
) -> None:
    """Callbacks from a chat: asked for, promised, kept once."""


@program.command()
def serve(
    server: Annotated[
        Server | None, typer.Argument(help="Which of the three to run; all of them when none is named.")
    ] = None,
) -> None:
    """Run the callback application server, the interaction manager and the session management server, or one of them."""
    settings = command_settings()
    servers = frozenset({server}) if server else frozenset(Server)

    def ready() -> None:
        where = f" at {settings.base_url}" if Server.APPLICATION in servers else ""
        output.print(
            f"ringback {__version__}: {', '.join(sorted(servers))} ready{where}. Ctrl-C stops it.", soft_wrap=True
        )

    run(bootstrap.serve(settings, servers, ready=ready))


@program.command()
def demo(
    fresh: Annotated[bool, typer.Option("--fresh", help="Throw the demonstration's data away and begin anew.")] = False,
    port: Annotated[int | None, typer.Option(help="Where the pages are served.", show_default="8080")] = None,
) -> None:
    """Run everything with a demonstration business, and print where to click. Its data is kept for the next time."""
    settings = command_settings()
    if port is not None:
        settings = dataclasses.replace(settings, port=port)
    run(demonstration.run(settings, output, fresh=fresh))


@program.command()
def migrate() -> None:
    """Make the database, its roles and its tables as this version needs them. Running it again does nothing."""
    settings = command_settings()
    applied = run(bootstrap.migrate_database(settings))
    output.print(
        f"applied {', '.join(applied)}" if applied else "nothing to do: the database is as this version needs it"
    )


@program.command()
def doctor(
    resume: Annotated[
        bool,
        typer.Option("--resume", help="Allow dialling again after a restore or a fail-over that you have looked at."),
    ] = False,
    unpark: Annotated[
        bool, typer.Option("--unpark", help="Try parked messages again, after their cause was mended.")
    ] = False,
    as_json: JsonOption = False,
) -> None:
    """Say what is configured, what is reachable, what is wrong, and the mend.

    One line a thing: ok, look (works, and somebody should look) or wrong. Exit code 0 when nothing is wrong, 1 when something is, 2 when
    the settings cannot be read. It tries what it can: carriers, mail server, internal address, queues outside.
    """
    findings = run(bootstrap.examine(command_settings(), resume=resume, unpark=unpark))
    if as_json:
        print_json([dataclasses.asdict(each) for each in findings])
    else:
        table = Table(box=None, pad_edge=False)
        for heading in ("", "what", "how it is", "mend"):
            table.add_column(heading, overflow="fold")
        marks = {Health.GOOD: "ok", Health.WARNING: "[yellow]look[/]", Health.BAD: "[bold red]wrong[/]"}
        for each in findings:
            table.add_row(marks[each.health], each.what, escape(each.line), escape(each.mend or ""))
        output.print(table)
    if any(each.health is Health.BAD for each in findings):
        raise typer.Exit(1)


@program.command()
def apply(
    file: Annotated[
        Path, typer.Argument(help="The business as it should be: YAML, TOML or JSON. - reads standard input.")
    ],
    dry_run: Annotated[bool, typer.Option("--dry-run", help="Show the difference and change nothing.")] = False,
    as_json: JsonOption = False,
) -> None:
    """Create or change a business: queues, agents, hours, policies, log-ins, widgets. Applying the same file twice does nothing.

    All of it is done, or nothing: everything that is wrong is said at once, by --dry-run too. A log-in that exists keeps its password
    (ringback user password sets another).
    """
    difference = run(configuration.apply_file(command_settings(), file, dry_run=dry_run))
    if as_json:
        print_json(difference)
        return
    for line in configuration.lines_of(difference):
        output.print(line, markup=False, soft_wrap=True)
    if dry_run:
        output.print("This is what would be; nothing was changed.")


@program.command()
def report(
    business: Annotated[
        str | None, typer.Option("--business", "-b", help="The business's short name; not needed with --ledger.")
    ] = None,
    since: Annotated[
        str | None, typer.Option("--from", help="First day, such as 2026-11-22; today when left out.")
    ] = None,
    until: Annotated[str | None, typer.Option("--to", help="Last day, included; the first day when left out.")] = None,
    queue: Annotated[str | None, typer.Option(help="One queue's short name.")] = None,
    by: Annotated[str | None, typer.Option(help="Divide by queue, channel, provider or interval.")] = None,
    interval: Annotated[str | None, typer.Option(help="15min, 30min or day, with --by interval.")] = None,
    html: Annotated[Path | None, typer.Option(help="Write a page with charts to this file.")] = None,
    export: Annotated[
        Path | None, typer.Option(help="Write the ledger these figures rest on to this file, for anybody to check.")
    ] = None,
    ledger: Annotated[
        Path | None, typer.Option(help="Compute the figures from an exported ledger, without any database.")
    ] = None,
    as_json: JsonOption = False,
) -> None:
    """Print the score: promises kept and broken with their causes, lateness, service level, coverage, handling time.

    With --ledger, exit code 1 when lines of the file are bad or it was changed after it was written.
    """
    asked = reporting.Asked(since=since, until=until, queue=queue, by=by, interval=interval)
    if ledger is None and business is None:
        complain("name a business with --business, or an exported ledger with --ledger")
    found = None if ledger is None else reporting.open_ledger(ledger, asked)
    read = run(reporting.read_ledger_of(command_settings(), business, asked)) if found is None else found.ledger
    figures = reporting.make_report(read, asked)
    for line in reporting.write_files(read, asked, export=export, html=html):
        complaints.print(line, markup=False, soft_wrap=True)
    if as_json:
        print_json(reporting.json_of(figures, found))
    else:
        output.print(*reporting.tables_of(figures), sep="\n")
    bad = [] if found is None else list(reporting.complaints_of(found))
    for line in bad:
        complaints.print(f"ringback: {ledger}: {line}", markup=False, soft_wrap=True)
    if bad:
        raise typer.Exit(1)


@program.command()
def why(
    callback: Annotated[UUID, typer.Argument(help="The callback's id; a request that was refused has one too.")],
    business: Annotated[
        str | None, typer.Option("--business", "-b", help="The business's short name; every business when left out.")
    ] = None,
    as_json: JsonOption = False,
) -> None:
    """Say in sentences what was decided about a callback, and from what, by the clock of its business."""
    story = run(explaining.explain(command_settings(), CallbackId(callback), business=business))
    if as_json:
        print_json([dataclasses.asdict(each) for each in story.sentences])
        return
    for line in as_lines(story.sentences, story.zone):
        output.print(line, markup=False, soft_wrap=True)


@program.command()
def when(
    text: Annotated[str, typer.Argument(help="What a customer typed; - reads one text a line from standard input.")],
    now: Annotated[str, typer.Option("--now", help="The customer's clock, such as 2026-11-23T10:00.")] = "",
    zone: Annotated[str, typer.Option("--zone", help="The customer's time zone, such as Europe/Berlin.")] = "UTC",
    locale: Annotated[str, typer.Option("--locale", help="The customer's language, such as de or en-GB.")] = "",
    as_json: JsonOption = False,
) -> None:
    """Show how a customer's own words for a time are read: now, a point, a window, ambiguous, or none."""
    clock = reading_times.clock(now, zone)
    for each in sys.stdin if text == "-" else (text,):
        reading = reading_times.read_text(each.rstrip("\n"), clock=clock, locale=locale or None)
        if as_json:
            print(json.dumps(reading_times.as_plain(reading), ensure_ascii=False), flush=True)  # noqa: T201
        else:
            output.print(reading_times.in_words(reading), markup=False, soft_wrap=True)


@program.command()
def shifts(
    file: Annotated[
        Path,
        typer.Argument(help="CSV with agent,day,start,end or skill,day,start,end,agents. - reads standard input."),
    ],
    business: BusinessOption,
    dry_run: Annotated[bool, typer.Option("--dry-run", help="Show the difference and change nothing.")] = False,
    as_json: JsonOption = False,
) -> None:
    """Import shifts by name, or headcounts by skill, from your own planning. Importing the same file twice does nothing."""
    changes = run(planning.import_file(command_settings(), business, file, dry_run=dry_run))
    if as_json:
        print_json(changes)
        return
    for line in planning.lines_of(changes):
        output.print(line, markup=False, soft_wrap=True)


@program.command()
def replay(
    queue_log: Annotated[Path, typer.Argument(help="An Asterisk queue_log; packed with gzip is fine.")],
    queue: Annotated[
        str | None, typer.Option("--queue", help="Which of its queues; may be left out when it has only one.")
    ] = None,
    html: Annotated[Path | None, typer.Option(help="Write a self-contained page with charts.")] = None,
    as_json: JsonOption = False,
) -> None:
    """Play a queue log through the estimate: what each caller would have been told on arrival, and what happened."""
    show_replay(queue_log, queue, html=html, as_json=as_json, output=output, complaints=complaints)


@database_commands.command("start")
def start_database() -> None:
    """Run the embedded database alone until Ctrl-C, for processes that share it (ringback serve application, …)."""
    run(
        bootstrap.run_embedded(
            command_settings(), lambda address: output.print(f"the database runs in {address.host}", soft_wrap=True)
        )
    )


@database_commands.command("where")
def show_database() -> None:
    """Print where the database is. Secrets are not printed."""
    settings = command_settings()
    address = settings.address
    output.print(
        f"{address.host}:{address.port}, database {address.database}"
        if address
        else f"embedded, in {settings.data.resolve()}",
        soft_wrap=True,
        markup=False,
    )


@database_commands.command("backup")
def back_up_database(file: Annotated[Path, typer.Argument(help="Where the backup goes.")]) -> None:
    """Write the whole database to a file, while everything goes on. Keep the secret beside it."""
    run(bootstrap.back_up_database(command_settings(), file))
    output.print(
        f"{file}: {file.stat().st_size:,} bytes. It holds personal data; the installation's secret is not in it.",
        soft_wrap=True,
        markup=False,
    )


@database_commands.command("restore")
def restore_database(file: Annotated[Path, typer.Argument(help="A backup.")]) -> None:
    """Put a backup into an empty database. Nothing is dialled until `ringback doctor --resume`."""
    run(bootstrap.restore_database(command_settings(), file))
    output.print(
        "restored. Dialling is stopped: look at what was promised since the backup, then ringback doctor --resume",
        soft_wrap=True,
    )


if __name__ == "__main__":
    main()
