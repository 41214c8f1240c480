"""`ringback apply FILE`: a business as one document, with its log-ins and widgets. Everything wrong is said at once, and applying twice does nothing."""

from __future__ import annotations

import json
import sys
import tomllib
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import asdict
from pathlib import Path
from typing import Any

import yaml

from ringback.administration.businesses import SQL, find_agent
from ringback.administration.people import put_user
from ringback.callback_application_server.workflows.save_channel import ChannelItem, read_channels, save_channels
from ringback.domain.errors import ConfigurationError, Invalid
from ringback.domain.ids import BusinessId, new_id
from ringback.identity.rules.rights import Role as People
from ringback.installation import Installation, ready_installation
from ringback.interaction_manager.workflows.apply_configuration import ConfigurationInvalid, apply_configuration
from ringback.postgres.address import Role
from ringback.settings import Settings

BY = "cli"


async def apply_file(settings: Settings, file: Path, *, dry_run: bool = False) -> dict[str, Any]:
    """Apply a document and return the difference as plain values. Raises ConfigurationError naming everything that is wrong."""
    document = read_document(file)
    async with ready_installation(settings) as installation:
        return await apply_document(installation, document, dry_run=dry_run)


async def apply_document(
    installation: Installation, document: Mapping[str, Any], *, dry_run: bool = False
) -> dict[str, Any]:
    """Apply a document: first what the interaction manager owns, then channels, then log-ins."""
    channels = read_channels(document.get("channels") or [])
    users = _read_users(document.get("users") or [])
    business, is_new = await _business_of(installation, document)
    interactions = await installation.pool(Role.INTERACTIONS)
    try:
        async with interactions.transaction(business, name="apply_configuration") as tx:
            applied = await apply_configuration(tx, business, dict(document), by=BY, dry_run=dry_run)
    except ConfigurationInvalid as error:
        lines = "\n".join(f"  {each.path} {each.detail}" for each in error.problems)
        raise ConfigurationError(f"nothing was changed; the document is wrong:\n{lines}") from error
    changes = [asdict(each) for each in applied.changes]
    if dry_run and is_new:
        return {
            "business": None,
            "changes": changes,
            "channels": [each.name for each in channels],
            "users": [str(each["email"]) for each in users],
        }
    changed_channels = await _channels(installation, business, channels, dry_run=dry_run)
    changed_users = await _users(installation, business, users, dry_run=dry_run)
    return {"business": str(business), "changes": changes, "channels": changed_channels, "users": changed_users}


def read_document(file: Path) -> dict[str, Any]:
    """Read YAML, TOML or JSON; `-` is standard input (YAML or JSON). Raises ConfigurationError with the line that cannot be read."""
    try:
        text = sys.stdin.read() if str(file) == "-" else file.read_text(encoding="utf-8")
        value = tomllib.loads(text) if file.suffix == ".toml" else yaml.safe_load(text)
    except OSError as error:
        raise ConfigurationError(f"{file} cannot be read: {error.strerror}") from error
    except (yaml.YAMLError, tomllib.TOMLDecodeError, UnicodeDecodeError) as error:
        raise ConfigurationError(f"{file} cannot be understood: {error}") from error
    if not isinstance(value, dict):
        raise ConfigurationError(f"{file} is no document of a business: it has no `business:`")
    return json.loads(json.dumps(value, default=str))  # type: ignore[no-any-return]


def lines_of(difference: Mapping[str, Any]) -> Iterator[str]:
    """Say the difference, a line each."""
    for change in difference["changes"]:
        yield f"{change['kind']} {change['slug']}: {change['act']}"
        for each in change["fields"]:
            yield f"    {each['path']}: {_short(each['before'])} → {_short(each['after'])}"
    for kind in ("channels", "users"):
        for name in difference[kind]:
            yield f"{'widget' if kind == 'channels' else 'log-in'} {name}"
    if not any(difference[kind] for kind in ("changes", "channels", "users")):
        yield "nothing to do: the business is as the document says"


def _short(value: object) -> str:
    text = json.dumps(value, ensure_ascii=False, default=str)
    return text if len(text) <= 70 else text[:67] + "…"


async def _business_of(installation: Installation, document: Mapping[str, Any]) -> tuple[BusinessId, bool]:
    head = document.get("business")
    slug = head.get("slug") if isinstance(head, dict) else None
    dispatcher = await installation.pool(Role.DISPATCHER)
    async with dispatcher.connection() as connection:
        found = await connection.fetchval(SQL["find_business"].text, slug if isinstance(slug, str) else "")
    return BusinessId(found or new_id()), found is None


async def _channels(
    installation: Installation, business: BusinessId, channels: tuple[ChannelItem, ...], *, dry_run: bool
) -> list[str]:
    application = await installation.pool(Role.APPLICATION)
    async with application.transaction(business, name="save_channels") as tx:
        return await save_channels(tx, business, channels, dry_run=dry_run)


def _read_users(users: object) -> list[dict[str, Any]]:
    """Look at the log-ins before anything is changed; raise Invalid naming the path of the first that is wrong."""
    if not isinstance(users, list):
        raise Invalid("users must be a list", field="users")
    for number, user in enumerate(users):
        path = f"users[{number}]"
        if not isinstance(user, dict) or not {"email", "name", "roles"} <= user.keys():
            raise Invalid(f"{path} needs email, name and roles", field=path)
        unknown = user.keys() - {"email", "name", "roles", "agent", "password"}
        if unknown:
            raise Invalid(f"{path}.{sorted(unknown)[0]} is not known here", field=path)
        roles = user["roles"]
        if not isinstance(roles, list) or not roles or any(role not in set(People) for role in roles):
            raise Invalid(f"{path}.roles must list some of {', '.join(People)}", field=path)
    return users


async def _users(
    installation: Installation, business: BusinessId, users: Sequence[Mapping[str, Any]], *, dry_run: bool
) -> list[str]:
    """Make the log-ins that are missing; those that are there keep their passwords."""
    changed = []
    for user in users:
        agent = await find_agent(installation, business, user["agent"]) if user.get("agent") and not dry_run else None
        if await put_user(installation, business, user, agent, dry_run=dry_run):
            changed.append(str(user["email"]))
    return changed
