"""The log-ins of a business's document: read with everything that is wrong, compared with those there are. Passwords are no part of a comparison."""

from __future__ import annotations

import re
from collections.abc import Collection, Iterator, Mapping, Sequence
from dataclasses import dataclass, field, fields
from typing import Any

from ringback.domain.documents import Change, Problem, compare, plain
from ringback.identity.rules.rights import Role

ADDRESS = re.compile(r"[^@\s]{1,64}@[^@\s]{1,189}")
SHORTEST_PASSWORD = 8
LONGEST_PASSWORD = 256
_REQUIRED = frozenset({"email", "name", "roles"})
_OPTIONAL = frozenset({"agent", "queues", "disabled", "password"})


@dataclass(frozen=True, slots=True, kw_only=True)
class LogIn:
    """One person who logs in; agent and queues by short name. No queues: a supervisor has all."""

    email: str
    name: str
    roles: tuple[str, ...]
    agent: str | None = None
    queues: tuple[str, ...] = ()
    disabled: bool = False


@dataclass(frozen=True, slots=True, kw_only=True)
class GivenLogIn:
    """A log-in as a document gives it, and where. The password counts only when the log-in is made."""

    path: str
    log_in: LogIn
    password: str | None = field(default=None, repr=False)


def key_of(log_in: LogIn) -> str:
    """Return what a log-in is told apart by: its address, in any case."""
    return log_in.email.lower()


def read_log_ins(value: object) -> tuple[tuple[GivenLogIn, ...], list[Problem]]:
    """Read the `users` of a document; with problems, what is read is not to be used."""
    if not isinstance(value, list):
        return (), [Problem(path="users", detail="must be a list")]
    found: list[GivenLogIn] = []
    problems: list[Problem] = []
    for number, given in enumerate(value):
        path = f"users[{number}]"
        wrong = list(_problems(given, path))
        problems += wrong
        if wrong:
            continue
        item = _log_in(given, path)
        if key_of(item.log_in) in {key_of(each.log_in) for each in found}:
            problems.append(Problem(path=f"{path}.email", detail=f"is there twice: {item.log_in.email}"))
        found.append(item)
    return tuple(found), problems


def _log_in(given: Mapping[str, Any], path: str) -> GivenLogIn:
    log_in = LogIn(
        email=given["email"],
        name=given["name"].strip(),
        roles=tuple(sorted(set(given["roles"]))),
        agent=given.get("agent"),
        queues=tuple(sorted(set(given.get("queues") or ()))),
        disabled=given.get("disabled", False),
    )
    return GivenLogIn(path=path, log_in=log_in, password=given.get("password"))


def _problems(given: object, path: str) -> Iterator[Problem]:
    if not isinstance(given, dict):
        yield Problem(path=path, detail="must be a mapping with email, name and roles")
        return
    for key in sorted(map(str, given.keys() - _REQUIRED - _OPTIONAL)):
        yield Problem(path=f"{path}.{key}", detail="is not known here")
    for key in sorted(_REQUIRED - given.keys()):
        yield Problem(path=f"{path}.{key}", detail="is missing")
    email, name, roles, queues = (given.get(key) for key in ("email", "name", "roles", "queues"))
    if "email" in given and not (isinstance(email, str) and ADDRESS.fullmatch(email)):
        yield Problem(path=f"{path}.email", detail="must be an e-mail address")
    if "name" in given and not (isinstance(name, str) and name.strip()):
        yield Problem(path=f"{path}.name", detail="must be the person's name")
    if "roles" in given and not (isinstance(roles, list) and roles and all(role in set(Role) for role in roles)):
        yield Problem(path=f"{path}.roles", detail=f"must list some of {', '.join(Role)}")
        roles = None
    agent = given.get("agent")
    if agent is not None and not isinstance(agent, str):
        yield Problem(path=f"{path}.agent", detail="must be an agent's short name")
    if isinstance(roles, list) and Role.AGENT in roles and agent is None:
        yield Problem(path=f"{path}.agent", detail="is missing: say which agent this person is, or leave the role out")
    if queues is not None and not (isinstance(queues, list) and all(isinstance(each, str) for each in queues)):
        yield Problem(path=f"{path}.queues", detail="must list queues by short name")
    elif queues and isinstance(roles, list) and Role.SUPERVISOR not in roles:
        yield Problem(path=f"{path}.queues", detail="are a supervisor's: add the role, or leave them out")
    if not isinstance(given.get("disabled", False), bool):
        yield Problem(path=f"{path}.disabled", detail="must be true or false")
    password = given.get("password")
    if password is not None and not (
        isinstance(password, str) and SHORTEST_PASSWORD <= len(password) <= LONGEST_PASSWORD
    ):
        words = f"must have {SHORTEST_PASSWORD} to {LONGEST_PASSWORD} characters (quote one that is a number)"
        yield Problem(path=f"{path}.password", detail=words)


def unknown_names(
    given: Sequence[GivenLogIn], *, agents: Collection[str], queues: Collection[str]
) -> Iterator[Problem]:
    """Yield the agents and queues that the business will not have."""
    for each in given:
        if each.log_in.agent is not None and each.log_in.agent not in agents:
            yield Problem(path=f"{each.path}.agent", detail=f"there is no agent {each.log_in.agent}")
        for queue in each.log_in.queues:
            if queue not in queues:
                yield Problem(path=f"{each.path}.queues", detail=f"there is no queue {queue}")


def nobody_administers(current: Sequence[LogIn], given: Sequence[GivenLogIn]) -> bool:
    """Tell whether the document would take the last open log-in of an administrator away."""
    after = {key_of(each): each for each in current} | {key_of(each.log_in): each.log_in for each in given}
    return any(map(_administers, current)) and not any(map(_administers, after.values()))


def _administers(log_in: LogIn) -> bool:
    return Role.ADMIN in log_in.roles and not log_in.disabled


def log_in_changes(current: Sequence[LogIn], given: Sequence[GivenLogIn]) -> tuple[Change, ...]:
    """Return what differs; those that the document does not name stay."""
    return tuple(compare("log-in", current, [each.log_in for each in given], by=key_of, retires=False))


def written_log_in(log_in: LogIn) -> dict[str, Any]:
    """Return a log-in as a document has it, without any password."""
    written = {f.name: plain(getattr(log_in, f.name)) for f in fields(log_in)}
    return {name: value for name, value in written.items() if value not in (None, [], False)}
