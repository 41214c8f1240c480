"""The commands about people: who logs in, API keys, and what is kept about one customer."""

from __future__ import annotations

import sys
from typing import Annotated

import typer

from ringback.administration import people, persons
from ringback.terminal import BusinessOption, command_settings, complain, output, print_json, run

user_commands = typer.Typer(
    help="People who log in: agents, supervisors, administrators, auditors.", no_args_is_help=True
)
key_commands = typer.Typer(help="Keys for the API.", no_args_is_help=True)
person_commands = typer.Typer(
    help="What is kept about one customer: export it, erase it. By id, telephone number (+44…) or signed identity, such as an e-mail address.",
    no_args_is_help=True,
)

WhoArgument = Annotated[
    str, typer.Argument(help="The person's id, number in full (+441632960123), or identity, such as an e-mail address.")
]


@user_commands.command("add")
def add_user(
    email: str,
    name: Annotated[str, typer.Option(help="As colleagues see it.")],
    business: BusinessOption,
    role: Annotated[list[str], typer.Option("--role", help="agent, supervisor, admin or auditor; may be given again.")],
    agent: Annotated[str | None, typer.Option(help="The agent this person is, by short name.")] = None,
    queue: Annotated[
        list[str] | None,
        typer.Option("--queue", help="A supervisor's queue; may be given again. All when none is given."),
    ] = None,
) -> None:
    """Make a log-in. The password is asked for, or read from standard input when that is no terminal."""
    password = _ask_password()
    run(
        people.add_user(
            command_settings(),
            business,
            email=email,
            name=name,
            password=password,
            roles=role,
            agent=agent,
            queues=queue or [],
        )
    )
    output.print(f"{email} may log in")


@user_commands.command("password")
def change_password(email: str) -> None:
    """Set another password and end the person's sessions."""
    run(people.change_password(command_settings(), email, _ask_password()))
    output.print("changed; every session of theirs has ended")


@key_commands.command("create")
def create_key(
    name: str,
    business: BusinessOption,
    scope: Annotated[list[str], typer.Option("--scope", help="Such as callbacks:read; may be given again.")],
) -> None:
    """Make an API key. It is shown once, and kept only as a hash."""
    output.print(run(people.create_key(command_settings(), business, name=name, scopes=scope)), soft_wrap=True)


def _ask_password() -> str:
    if sys.stdin.isatty():
        return str(typer.prompt("Password", hide_input=True, confirmation_prompt=True))
    return sys.stdin.readline().rstrip("\n")


@person_commands.command("export")
def export_person(who: WhoArgument, business: BusinessOption) -> None:
    """Print everything kept about a person as JSON. The export is in the audit."""
    print_json(run(persons.export_one(command_settings(), business, who)))


@person_commands.command("erase")
def erase_person(
    who: WhoArgument,
    business: BusinessOption,
    reason: Annotated[str, typer.Option("--reason", help="Why, for the audit.")],
    yes: Annotated[bool, typer.Option("--yes", help="Do not ask.")] = False,
) -> None:
    """Erase what may be erased of a person: names, numbers, texts. The ledger keeps its counts; it cannot be undone."""
    if not reason.strip():
        complain("say why with --reason: it is kept in the audit")
    settings = command_settings()
    found = run(persons.find_one(settings, business, who))
    output.print(f"person {found.id}, known since {found.since:%Y-%m-%d}, {found.callbacks} callbacks", soft_wrap=True)
    if not yes and not (sys.stdin.isatty() and typer.confirm("Erase this person? It cannot be undone")):
        complain("nothing was erased; --yes erases without asking")
    print_json(run(persons.erase_one(settings, business, str(found.id), reason=reason.strip())))
