"""`ringback carrier …`: the machines that place calls, taken out of service and put back, and a test call through each."""

from __future__ import annotations

import asyncio
import getpass
from typing import Annotated

import typer
from rich.console import Console
from rich.table import Table

from ringback.domain.errors import ConfigurationError
from ringback.installation import open_installation
from ringback.postgres.address import Role
from ringback.session_management_server.carriers.asterisk.checking import QUIET, Side, place_test_call
from ringback.session_management_server.carriers.asterisk.options import Machine, read_machines
from ringback.session_management_server.carriers.nodes import NodeBook, NodeState
from ringback.session_management_server.carriers.registry import carrier_options
from ringback.settings import Settings, read_settings

ASTERISK = "asterisk"

commands = typer.Typer(help="What places calls: drained for maintenance, resumed, tried.", no_args_is_help=True)
output = Console(highlight=False)

NameArgument = Annotated[
    str, typer.Argument(help="As RINGBACK_ASTERISK_URL names it; host:port where it gives no name.")
]


@commands.command("list")
def list_machines() -> None:
    """List the machines that the settings name, and which of them are drained."""
    settings = read_settings()
    states = {each.name: each for each in asyncio.run(_states(settings))}
    table = Table("machine", "channels at most", "calls a second", "state")
    for machine in _machines(settings):
        table.add_row(
            machine.name, str(machine.capacity), f"{machine.rate:g}", _state_in_words(states.get(machine.name))
        )
    output.print(table)


def _state_in_words(state: NodeState | None) -> str:
    if state is None or state.drained_at is None:
        return "in use"
    return f"drained by {state.drained_by} since {state.drained_at:%Y-%m-%d %H:%M} UTC"


@commands.command()
def drain(name: NameArgument) -> None:
    """Begin no new calls there; those it has go on. For maintenance."""
    _set_drained(name, drained=True)
    output.print(f"{name} begins no new calls; `ringback carrier resume {name}` puts it back.")


@commands.command()
def resume(name: NameArgument) -> None:
    """Begin calls there again."""
    _set_drained(name, drained=False)
    output.print(f"{name} begins calls again.")


@commands.command()
def check(
    first: Annotated[str, typer.Argument(help="A number in E.164, or endpoint:NAME for a telephone registered there.")],
    second: Annotated[str, typer.Argument(help="The other one.")],
    on: Annotated[
        str | None, typer.Option("--on", help="Which machine; every one that is named, unless given.")
    ] = None,
    seconds: Annotated[float, typer.Option(help="How long each is listened to.", min=0.5, max=60)] = 3.0,
) -> None:
    """Place a test call between two telephones that make a sound when they answer, and say what is heard from each."""
    machines = [each for each in _machines(read_settings()) if on in (None, each.name)]
    if not machines:
        raise ConfigurationError(f"RINGBACK_ASTERISK_URL names no {on!r}")
    well = True
    for machine in machines:
        sides = asyncio.run(place_test_call(machine.options, first, second, seconds=seconds))
        for side in sides:
            output.print(f"{machine.name}: {_said(side)}")
        well = well and all(side.is_well for side in sides)
    output.print("sound goes both ways" if well else "this call would not have worked")
    raise typer.Exit(0 if well else 1)


def _said(side: Side) -> str:
    if side.problem is not None or not side.answered:
        return f"{side.address}: {side.problem or 'did not answer'}"
    heard = f"{side.received} packets at {side.level:.0f} dB" if side.received else "nothing"
    if side.received and side.level <= QUIET:
        heard += ", which is silence"
    return f"{side.address}: answered; heard from it: {heard}; sent to it: {side.sent} packets"


def _machines(settings: Settings) -> list[Machine]:
    return read_machines(carrier_options(settings)[ASTERISK])


def _set_drained(name: str, *, drained: bool) -> None:
    if not asyncio.run(_drain(read_settings(), name, drained=drained)):
        raise ConfigurationError(f"there is no machine {name!r}; `ringback carrier list` names them")


async def _states(settings: Settings) -> list[NodeState]:
    async with open_installation(settings) as installation:
        return await NodeBook(await installation.pool(Role.SESSIONS, size=1), ASTERISK).states()


async def _drain(settings: Settings, name: str, *, drained: bool) -> bool:
    async with open_installation(settings) as installation:
        book = NodeBook(await installation.pool(Role.SESSIONS, size=1), ASTERISK)
        await book.register([each.name for each in _machines(settings)])
        return await book.drain(name, drained=drained, by=getpass.getuser())
