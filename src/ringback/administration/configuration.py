"""`ringback apply FILE`: a business as one document, with its log-ins and widgets. Everything wrong is said at once, and applying twice does nothing."""

from __future__ import annotations

import json
import sys
import tomllib
from collections.abc import Iterator, Mapping
from pathlib import Path
from typing import Any

import yaml

from ringback.administration.businesses import SQL
from ringback.business_document import BusinessDocuments
from ringback.domain.documents import ConfigurationInvalid
from ringback.domain.errors import ConfigurationError
from ringback.domain.ids import BusinessId, new_id
from ringback.identity.passwords import Passwords
from ringback.installation import Installation, ready_installation
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
    """Apply a document in one transaction, all of it or nothing; `business` is None while there is none yet."""
    business, is_new = await _business_of(installation, document)
    documents = BusinessDocuments(await installation.pool(Role.OPERATOR), Passwords())
    try:
        applied = await documents.apply(business, dict(document), by=BY, dry_run=dry_run)
    except ConfigurationInvalid as error:
        lines = "\n".join(f"  {each.path} {each.detail}" for each in error.problems)
        raise ConfigurationError(f"nothing was changed; the document is wrong:\n{lines}") from error
    return {"business": None if dry_run and is_new else str(business), **applied}


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
    _read_questions(value, file)
    return json.loads(json.dumps(value, default=str))  # type: ignore[no-any-return]


def _read_questions(document: dict[str, Any], file: Path) -> None:
    """Put the questions of bots that name a file into the document: `questions_file: faq.yaml`, beside it."""
    bots = document.get("bots")
    for bot in bots if isinstance(bots, list) else []:
        if (
            isinstance(bot, dict)
            and "questions" not in bot
            and isinstance(named := bot.pop("questions_file", None), str)
        ):
            there = (file.parent if str(file) != "-" else Path()) / named
            try:
                bot["questions"] = yaml.safe_load(there.read_text(encoding="utf-8"))
            except OSError as error:
                raise ConfigurationError(f"{there} cannot be read: {error.strerror}") from error
            except (yaml.YAMLError, UnicodeDecodeError) as error:
                raise ConfigurationError(f"{there} cannot be understood: {error}") from error


def lines_of(difference: Mapping[str, Any]) -> Iterator[str]:
    """Say the difference, a line each."""
    for change in difference["changes"]:
        yield f"{change['kind']} {change['slug']}: {change['act']}"
        for each in change["fields"]:
            yield f"    {each['path']}: {_short(each['before'])} → {_short(each['after'])}"
    if not difference["changes"]:
        yield "nothing to do: the business is as the document says"
    yield from difference["notes"]


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
