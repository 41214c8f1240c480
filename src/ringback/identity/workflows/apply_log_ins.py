"""Make log-ins as a document says, inside the transaction of the whole document: made, or changed but for their passwords."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from uuid import UUID

from ringback.domain.documents import Act, Change, Problem
from ringback.domain.ids import AgentId, BusinessId, QueueId, UserId, new_id
from ringback.identity.queries import SQL as ACCOUNTS
from ringback.identity.queries import find_user
from ringback.identity.rules.log_ins import GivenLogIn, LogIn, key_of, log_in_changes, nobody_administers
from ringback.postgres.database import Transaction
from ringback.postgres.sql import load_sql

SQL = load_sql(__file__, "apply_log_ins.sql")


@dataclass(frozen=True, slots=True, kw_only=True)
class Names:
    """The agents and queues of the business, by short name."""

    agents: Mapping[str, AgentId]
    queues: Mapping[str, QueueId]


@dataclass(frozen=True, slots=True, kw_only=True)
class StoredLogIns:
    """The log-ins there are, in the document's words, and their ids by address."""

    log_ins: tuple[LogIn, ...]
    ids: Mapping[str, UserId]


async def read_stored(tx: Transaction, business: BusinessId, names: Names) -> StoredLogIns:
    """Read every log-in of a business; an agent or queue that was retired is left out."""
    agents = {id: slug for slug, id in names.agents.items()}
    queues = {id: slug for slug, id in names.queues.items()}
    rows = await tx.rows(SQL["log_ins"], business=business)
    return StoredLogIns(
        log_ins=tuple(
            LogIn(
                email=row["email"],
                name=row["name"],
                roles=tuple(sorted(row["roles"])),
                agent=agents.get(row["agent"]),
                queues=tuple(sorted(queues[id] for id in row["queues"] if id in queues)),
                disabled=row["disabled"],
            )
            for row in rows
        ),
        ids={row["email"].lower(): row["id"] for row in rows},
    )


async def plan_log_ins(
    tx: Transaction, stored: StoredLogIns, given: Sequence[GivenLogIn]
) -> tuple[tuple[Change, ...], list[Problem]]:
    """Return what the document changes, and what forbids it."""
    problems = []
    for each in given:
        if key_of(each.log_in) in stored.ids:
            continue
        if await find_user(tx, each.log_in.email) is not None:
            words = f"{each.log_in.email} logs in at another business: use another address"
            problems.append(Problem(path=f"{each.path}.email", detail=words))
        if each.password is None:
            words = "is missing: the log-in is new. Give one, or leave the person out and use ringback user add"
            problems.append(Problem(path=f"{each.path}.password", detail=words))
    if nobody_administers(stored.log_ins, given):
        problems.append(Problem(path="users", detail="leaves nobody to administer this business: keep one admin"))
    return log_in_changes(stored.log_ins, given), problems


async def save_log_ins(
    tx: Transaction,
    business: BusinessId,
    stored: StoredLogIns,
    given: Sequence[GivenLogIn],
    changes: Sequence[Change],
    *,
    names: Names,
    hashes: Mapping[str, str],
) -> None:
    """Store what differs; `hashes`: of the passwords of those that are made, by address. Changed rights end the person's sessions."""
    by_key = {key_of(each.log_in): each.log_in for each in given}
    for change in changes:
        log_in = by_key[change.slug]
        said = {
            "name": log_in.name,
            "roles": list(log_in.roles),
            "agent": names.agents[log_in.agent] if log_in.agent else None,
            "queues": [names.queues[queue] for queue in log_in.queues],
        }
        if change.act is Act.CREATED:
            await _make(tx, business, log_in, hashes[change.slug], said)
            continue
        id = stored.ids[change.slug]
        await tx.run(SQL["save_log_in"], business=business, id=id, disabled=log_in.disabled, now=tx.now, **said)
        if any(each.path not in ("name", "email") for each in change.fields):
            await tx.run(ACCOUNTS["revoke_sessions_of"], business=business, user_id=id, now=tx.now)


async def _make(
    tx: Transaction, business: BusinessId, log_in: LogIn, password_hash: str, said: Mapping[str, object]
) -> None:
    id: UUID = new_id()
    await tx.run(
        ACCOUNTS["insert_user"],
        business=business,
        id=id,
        email=log_in.email,
        password_hash=password_hash,
        now=tx.now,
        **said,
    )
    if log_in.disabled:
        await tx.run(SQL["close_log_in"], business=business, id=id, now=tx.now)
