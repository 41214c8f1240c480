"""Make or change the bots of a business and its emergency words, as a document of the business says them."""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import dataclass, field, replace
from typing import Any

import asyncpg

from ringback.callback_application_server.bots.roster import SQL
from ringback.callback_application_server.rules.bots.turns import Kind
from ringback.domain.documents import Act, Change, FieldChange, Problem, compare
from ringback.domain.errors import Invalid
from ringback.domain.ids import BusinessId, new_id
from ringback.domain.webhooks import SIGNING_MARK, read_target
from ringback.postgres.database import Transaction

_SLUG = re.compile(r"[a-z0-9][a-z0-9-]{0,39}")
_MOST_QUESTIONS = 5000
_KNOWN = frozenset({"slug", "name", "kind", "about", "default", "questions", "url", "secret"})


@dataclass(frozen=True, slots=True, kw_only=True)
class BotItem:
    """One bot. `questions`: question, answer and other wordings of it."""

    slug: str
    name: str
    kind: Kind
    about: tuple[str, ...] = ()
    is_default: bool = False
    questions: tuple[Mapping[str, Any], ...] = field(default=(), repr=False)
    url: str | None = None
    secret: str | None = field(default=None, repr=False)


@dataclass(frozen=True, slots=True, kw_only=True)
class EmergencyItem:
    """Words, and what is said at once when one of them is heard."""

    words: tuple[str, ...]
    text: str


@dataclass(frozen=True, slots=True, kw_only=True)
class BotsItem:
    """Both as a document says them; None: it does not speak of them, and they stay as they are."""

    bots: tuple[BotItem, ...] | None = None
    emergency: EmergencyItem | None = None
    speaks_of_emergency: bool = False


def read_bots(document: Mapping[str, Any]) -> tuple[BotsItem, list[Problem]]:
    """Read `bots` and `emergency` of a document; with problems, what is read is not to be used."""
    problems: list[Problem] = []
    bots: list[BotItem] | None = None
    if "bots" in document:
        bots = []
        given = document["bots"] if document["bots"] is not None else []
        if not isinstance(given, list):
            problems.append(Problem(path="bots", detail="must be a list"))
            given = []
        for number, each in enumerate(given):
            try:
                item = _bot(each, f"bots[{number}]")
            except Invalid as error:
                problems.append(_problem(error))
                continue
            if item.slug in {other.slug for other in bots}:
                problems.append(Problem(path=f"bots[{number}].slug", detail=f"is there twice: {item.slug}"))
            if item.is_default and any(other.is_default for other in bots):
                problems.append(Problem(path=f"bots[{number}].default", detail="can be true of one bot only"))
            bots.append(item)
    emergency = None
    try:
        emergency = _emergency(document.get("emergency"))
    except Invalid as error:
        problems.append(_problem(error))
    found = BotsItem(
        bots=None if bots is None else tuple(bots), emergency=emergency, speaks_of_emergency="emergency" in document
    )
    return found, problems


async def plan_bots(
    tx: Transaction, business: BusinessId, wanted: BotsItem
) -> tuple[tuple[Change, ...], list[Problem]]:
    """Return what the document changes, and what forbids it."""
    rows = {row["slug"]: row for row in await tx.rows(SQL["documents"], business=business)}
    changes: list[Change] = []
    problems = []
    if wanted.bots is not None:
        changes += compare("bot", [_item_of(row) for row in rows.values()], wanted.bots, by=lambda item: item.slug)
        changes = [_without_secrets(each) for each in changes]
        for number, item in enumerate(wanted.bots):
            row = rows.get(item.slug)
            if item.kind is Kind.WEBHOOK and item.secret is None and (row is None or row["secret"] is None):
                detail = "is missing: it signs what the program is sent"
                problems.append(Problem(path=f"bots[{number}].secret", detail=detail))
            if row is not None and item.secret is None and row["secret"] is not None:
                changes = [_without(each, "secret") if each.slug == item.slug else each for each in changes]
    if wanted.speaks_of_emergency:
        row = await tx.row(SQL["emergency"], business=business)
        there = [] if row is None else [EmergencyItem(words=tuple(row["words"]), text=row["text"])]
        said = [] if wanted.emergency is None else [wanted.emergency]
        changes += compare("emergency", there, said, by=lambda _: "words")
    return tuple(each for each in changes if each.act is not Act.CHANGED or each.fields), problems


async def save_bots(tx: Transaction, business: BusinessId, wanted: BotsItem) -> None:
    """Make the bots and the emergency words as they are said; they were planned in this transaction."""
    if wanted.bots is not None:
        rows = {row["slug"]: row for row in await tx.rows(SQL["documents"], business=business)}
        named = [item.slug for item in wanted.bots]
        await tx.run(SQL["drop_bots"], business=business, kept=named)
        default = [item.slug for item in wanted.bots if item.is_default]
        await tx.run(SQL["no_default"], business=business, but=default, now=tx.now)
        for item in wanted.bots:
            await _save(tx, business, item, rows.get(item.slug))
    if wanted.speaks_of_emergency and wanted.emergency is None:
        await tx.run(SQL["drop_emergency"], business=business)
    elif wanted.emergency is not None:
        await tx.run(
            SQL["save_emergency"],
            business=business,
            words=list(wanted.emergency.words),
            text=wanted.emergency.text,
        )


async def written_bots(tx: Transaction, business: BusinessId) -> dict[str, Any]:
    """Return `bots` and `emergency` as a document has them; secrets are left out, and stay when it is applied."""
    rows = await tx.rows(SQL["documents"], business=business)
    emergency = await tx.row(SQL["emergency"], business=business)
    return {
        "bots": [
            {"slug": row["slug"], "name": row["name"], "kind": row["kind"]}
            | ({"about": list(row["about"])} if row["about"] else {})
            | ({"default": True} if row["is_default"] else {})
            | ({"questions": row["questions"]} if row["kind"] == Kind.FAQ else {"url": row["url"]})
            for row in rows
        ],
        "emergency": None if emergency is None else {"words": list(emergency["words"]), "text": emergency["text"]},
    }


async def _save(tx: Transaction, business: BusinessId, item: BotItem, row: asyncpg.Record | None) -> None:
    secret = item.secret or (row["secret"] if row is not None and item.kind is Kind.WEBHOOK else None)
    if row is not None and replace(item, secret=secret) == _item_of(row):
        return
    await tx.run(
        SQL["save_bot"],
        business=business,
        id=row["id"] if row is not None else new_id(),
        slug=item.slug,
        name=item.name,
        kind=item.kind.value,
        about=list(item.about),
        is_default=item.is_default,
        questions=[dict(each) for each in item.questions],
        url=item.url,
        secret=secret,
        now=tx.now,
    )


def _item_of(row: asyncpg.Record) -> BotItem:
    return BotItem(
        slug=row["slug"],
        name=row["name"],
        kind=Kind(row["kind"]),
        about=tuple(row["about"]),
        is_default=row["is_default"],
        questions=tuple(row["questions"]),
        url=row["url"],
        secret=row["secret"],
    )


def _without(change: Change, path: str) -> Change:
    return replace(change, fields=tuple(each for each in change.fields if each.path != path))


def _without_secrets(change: Change) -> Change:
    """A difference says that a secret is another one, not which."""
    hidden = [
        FieldChange(path="secret", before="(secret)", after="(another secret)") if each.path == "secret" else each
        for each in change.fields
    ]
    return replace(change, fields=tuple(hidden))


def _problem(error: Invalid) -> Problem:
    path = error.field or "bots"
    return Problem(path=path, detail=error.detail.removeprefix(path).lstrip())


def _emergency(value: object) -> EmergencyItem | None:
    if value is None:
        return None
    if not isinstance(value, dict) or value.keys() != {"words", "text"}:
        raise _wrong("emergency", "needs words and text, and nothing else")
    words = _texts(value["words"], "emergency.words", longest=100)
    if not words or not all(re.search(r"\w{2}", word) for word in words):
        raise _wrong("emergency.words", "must list words or phrases, such as gas leak")
    return EmergencyItem(words=words, text=_text(value["text"], "emergency.text", longest=2000))


def _bot(item: object, path: str) -> BotItem:
    if not isinstance(item, dict):
        raise _wrong(path, "must be a mapping")
    for unknown in sorted(item.keys() - _KNOWN):
        raise _wrong(f"{path}.{unknown}", "is not known here")
    slug, kind = item.get("slug"), item.get("kind")
    if not isinstance(slug, str) or not _SLUG.fullmatch(slug):
        raise _wrong(f"{path}.slug", "must be a short name such as help")
    if kind not in tuple(Kind):
        raise _wrong(f"{path}.kind", f"must be one of {', '.join(Kind)}")
    if not isinstance(item.get("default", False), bool):
        raise _wrong(f"{path}.default", "must be true or false")
    common = {
        "slug": slug,
        "name": _text(item.get("name"), f"{path}.name", longest=60),
        "about": _texts(item.get("about", []), f"{path}.about", longest=60),
        "is_default": item.get("default", False),
    }
    for foreign in ("url", "secret") if kind == Kind.FAQ else ("questions",):
        if item.get(foreign) is not None:
            raise _wrong(f"{path}.{foreign}", f"does not belong to a bot of kind {kind}")
    if kind == Kind.FAQ:
        return BotItem(kind=Kind.FAQ, questions=_questions(item.get("questions"), f"{path}.questions"), **common)
    return BotItem(kind=Kind.WEBHOOK, url=_url(item.get("url"), f"{path}.url"), secret=_secret(item, path), **common)


def _questions(value: object, path: str) -> tuple[Mapping[str, Any], ...]:
    found = []
    entries = _list(value, path)
    if not 1 <= len(entries) <= _MOST_QUESTIONS:
        raise _wrong(path, f"must list 1 to {_MOST_QUESTIONS} questions with their answers")
    for number, each in enumerate(entries):
        here = f"{path}[{number}]"
        if not isinstance(each, dict) or not {"question", "answer"} <= each.keys() <= {"question", "answer", "also"}:
            raise _wrong(here, "needs question and answer, and perhaps also: other wordings")
        question = {
            "question": _text(each["question"], f"{here}.question", longest=300),
            "answer": _text(each["answer"], f"{here}.answer", longest=4000),
        }
        also = _texts(each.get("also", []), f"{here}.also", longest=300)
        found.append(question | ({"also": list(also)} if also else {}))
    return tuple(found)


def _url(value: object, path: str) -> str:
    try:
        read_target(str(value or ""), allow_private=True)  # where it leads is looked at each time it is asked
    except Invalid as error:
        raise _wrong(path, error.detail) from error
    return str(value)


def _secret(item: Mapping[str, Any], path: str) -> str | None:
    secret = item.get("secret")
    if secret is not None and not (
        isinstance(secret, str) and re.fullmatch(SIGNING_MARK + r"[A-Za-z0-9+/]{32,}={0,2}", secret)
    ):
        raise _wrong(f"{path}.secret", f"must begin with {SIGNING_MARK} and go on with at least 24 bytes in base64")
    return secret


def _text(value: object, path: str, *, longest: int) -> str:
    if not isinstance(value, str) or not value.strip():
        raise _wrong(path, "is missing")
    if len(value) > longest:
        raise _wrong(path, f"is longer than {longest} characters")
    return value.strip()


def _texts(value: object, path: str, *, longest: int) -> tuple[str, ...]:
    return tuple(_text(each, f"{path}[{number}]", longest=longest) for number, each in enumerate(_list(value, path)))


def _list(value: object, path: str) -> list[Any]:
    if not isinstance(value, list):
        raise _wrong(path, "must be a list")
    return value


def _wrong(path: str, why: str) -> Invalid:
    return Invalid(f"{path} {why}", field=path)
