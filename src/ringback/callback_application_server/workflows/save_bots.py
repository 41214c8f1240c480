"""Make or change the bots of a business and its emergency words, as a document of the business says them."""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any

import asyncpg

from ringback.callback_application_server.bots.roster import SQL
from ringback.callback_application_server.rules.bots.turns import Kind
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


def read_bots(value: object) -> tuple[BotItem, ...]:
    """Read the `bots` of a document. Raises Invalid naming the path of the first that is wrong."""
    items = tuple(_bot(item, f"bots[{number}]") for number, item in enumerate(_list(value, "bots")))
    for number, item in enumerate(items):
        if item.slug in {other.slug for other in items[:number]}:
            raise _wrong(f"bots[{number}].slug", "is there twice")
        if item.is_default and any(other.is_default for other in items[:number]):
            raise _wrong(f"bots[{number}].default", "can be true of one bot only")
    return items


def read_emergency(value: object) -> EmergencyItem | None:
    """Read `emergency` of a document. Raises Invalid naming the path of what is wrong."""
    if value is None:
        return None
    if not isinstance(value, dict) or value.keys() != {"words", "text"}:
        raise _wrong("emergency", "needs words and text, and nothing else")
    words = _texts(value["words"], "emergency.words", longest=100)
    if not words or not all(re.search(r"\w{2}", word) for word in words):
        raise _wrong("emergency.words", "must list words or phrases, such as gas leak")
    return EmergencyItem(words=words, text=_text(value["text"], "emergency.text", longest=2000))


async def save_bots(
    tx: Transaction, business: BusinessId, bots: Sequence[BotItem], *, dry_run: bool = False
) -> list[str]:
    """Make the bots exactly these; return the names of those that differed or went."""
    there = {row["slug"]: row for row in await tx.rows(SQL["documents"], business=business)}
    slugs = [item.slug for item in bots]
    changed = [item for item in bots if item.slug not in there or _differs(item, there[item.slug])]
    for item in changed:
        row = there.get(item.slug)
        if item.kind is Kind.WEBHOOK and item.secret is None and (row is None or row["secret"] is None):
            raise _wrong(f"bots.{item.slug}.secret", "is missing: it signs what the program is sent")
    if not dry_run:
        await tx.run(SQL["drop_bots"], business=business, kept=slugs)
        await tx.run(
            SQL["no_default"], business=business, but=[item.slug for item in bots if item.is_default], now=tx.now
        )
        for item in changed:
            row = there.get(item.slug)
            await tx.run(
                SQL["save_bot"],
                business=business,
                id=row["id"] if row else new_id(),
                slug=item.slug,
                name=item.name,
                kind=item.kind.value,
                about=list(item.about),
                is_default=item.is_default,
                questions=[dict(each) for each in item.questions],
                url=item.url,
                secret=item.secret or (row["secret"] if row and item.kind is Kind.WEBHOOK else None),
                now=tx.now,
            )
    return [item.slug for item in changed] + [f"{slug} (removed)" for slug in there if slug not in slugs]


async def save_emergency(
    tx: Transaction, business: BusinessId, item: EmergencyItem | None, *, dry_run: bool = False
) -> bool:
    """Make the emergency words these, or none; say whether they differed."""
    row = await tx.row(SQL["emergency"], business=business)
    if item is None:
        if row is not None and not dry_run:
            await tx.run(SQL["drop_emergency"], business=business)
        return row is not None
    if row is not None and (tuple(row["words"]), row["text"]) == (item.words, item.text):
        return False
    if not dry_run:
        await tx.run(SQL["save_emergency"], business=business, words=list(item.words), text=item.text)
    return True


async def bots_document(tx: Transaction, business: BusinessId) -> list[dict[str, Any]]:
    """Return the bots as a document says them; secrets stay here."""
    rows = await tx.rows(SQL["documents"], business=business)
    return [
        {"slug": row["slug"], "name": row["name"], "kind": row["kind"]}
        | ({"about": list(row["about"])} if row["about"] else {})
        | ({"default": True} if row["is_default"] else {})
        | ({"questions": row["questions"]} if row["kind"] == Kind.FAQ else {"url": row["url"]})
        for row in rows
    ]


async def emergency_document(tx: Transaction, business: BusinessId) -> dict[str, Any] | None:
    """Return the emergency words as a document says them."""
    row = await tx.row(SQL["emergency"], business=business)
    return None if row is None else {"words": list(row["words"]), "text": row["text"]}


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


def _differs(item: BotItem, row: asyncpg.Record) -> bool:
    """A secret that is not said stays as it is."""
    wanted = (item.name, item.kind, item.about, item.is_default, [dict(each) for each in item.questions], item.url)
    there = (row["name"], row["kind"], tuple(row["about"]), row["is_default"], row["questions"], row["url"])
    return wanted != there or item.secret not in (None, row["secret"])


def _wrong(path: str, why: str) -> Invalid:
    return Invalid(f"{path} {why}", field=path)
