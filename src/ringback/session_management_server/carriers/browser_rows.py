"""The rows of legs that ring on pages: read, locked in one order, saved by compare-and-set, with the hints that make pages look."""

from __future__ import annotations

from collections.abc import Iterable
from datetime import datetime
from uuid import UUID

import asyncpg

from ringback.domain.errors import LegGone
from ringback.domain.ids import BusinessId, LegId
from ringback.domain.status import Party
from ringback.postgres.database import Transaction
from ringback.postgres.sql import load_sql
from ringback.session_management_server.carriers.protocol import EndCause, LegOrder
from ringback.session_management_server.rules.page_legs import InputKind, PageInput, PageLeg, PageLegState

SQL = load_sql(__file__, "browser.sql")


async def insert_leg(tx: Transaction, order: LegOrder) -> None:
    """Make the leg's row, unless it is there."""
    await tx.run(
        SQL["insert_leg"],
        business=order.business,
        id=order.leg,
        callback=order.callback,
        party=order.party.value,
        subject=UUID(order.address),
        show={"peer_name": order.peer_name, "peer_detail": order.peer_detail, "about": order.about},
    )


async def find_legs(tx: Transaction, ids: Iterable[LegId]) -> list[PageLeg]:
    """Return those of these legs that exist, of the businesses the transaction names."""
    return [_leg(row) for row in await tx.rows(SQL["find_legs"], ids=list(ids))]


async def lock_leg(tx: Transaction, business: BusinessId, leg: LegId) -> PageLeg:
    """Return the leg, held until the transaction ends; LegGone when there is none."""
    found = await lock_legs(tx, business, (leg,))
    if leg not in found:
        raise LegGone(f"no page ever had leg {leg}")
    return found[leg]


async def lock_legs(tx: Transaction, business: BusinessId, ids: Iterable[LegId]) -> dict[LegId, PageLeg]:
    """Return those of these legs that exist, all held until the transaction ends."""
    rows = await tx.rows(SQL["lock_legs"], business=business, ids=list(ids))
    return {LegId(row["id"]): _leg(row) for row in rows}


async def lock_with_peer(tx: Transaction, business: BusinessId, leg: LegId) -> tuple[PageLeg | None, PageLeg | None]:
    """Return the leg and the one it is joined with, both held until the transaction ends."""
    known = [row for row in await find_legs(tx, (leg,)) if row.business == business]
    if not known:
        return None, None
    peer = known[0].peer
    locked = await lock_legs(tx, business, (leg,) if peer is None else (leg, peer))
    one = locked.get(leg)
    if one is not None and one.peer is not None and one.peer not in locked:
        locked |= await lock_legs(tx, business, (one.peer,))  # joined meanwhile; a deadlock is retried by the caller
    return one, locked.get(one.peer) if one is not None and one.peer is not None else None


async def save_leg(tx: Transaction, before: PageLeg, after: PageLeg) -> None:
    """Save what changed, and make the person's pages and every watching process look."""
    if after == before:
        return
    saved = await tx.value(
        SQL["save_leg"],
        business=after.business,
        id=after.id,
        version=before.version,
        state=after.state.value,
        page=after.page,
        peer=after.peer,
        round=after.round,
        alerted_at=after.alerted_at,
        accepted_at=after.accepted_at,
        sound_at=after.sound_at,
        rings_until=after.rings_until,
        joined_at=after.joined_at,
        ended_at=after.ended_at,
        ended_reason=after.ended_reason.value if after.ended_reason else None,
        ended_words=after.ended_words,
    )
    assert saved is not None, "a locked leg has the version it was read with"
    tx.hint("browser_leg", after.id)
    tx.hint("agent" if after.party is Party.AGENT else "chat", after.subject)


async def open_legs(tx: Transaction, ids: Iterable[UUID] | None = None) -> list[tuple[BusinessId, LegId]]:
    """List legs of every business that are not over, or those among `ids` (as the dispatcher)."""
    rows = await (tx.rows(SQL["open_legs"]) if ids is None else tx.rows(SQL["open_legs_among"], ids=list(ids)))
    return [(BusinessId(row["business"]), LegId(row["id"])) for row in rows]


async def open_legs_of(tx: Transaction, business: BusinessId) -> list[UUID]:
    """List the legs of one business that are not over."""
    return [row["id"] for row in await tx.rows(SQL["open_legs_of"], business=business)]


async def legs_with_input(tx: Transaction, *, most: int = 200) -> list[tuple[BusinessId, LegId]]:
    """List legs about which pages have said something new (as the dispatcher)."""
    rows = await tx.rows(SQL["legs_with_input"], most=most)
    return [(BusinessId(row["business"]), LegId(row["leg"])) for row in rows]


async def new_input(tx: Transaction, business: BusinessId, leg: LegId) -> tuple[list[UUID], list[PageInput]]:
    """Return what pages said about the leg and was not applied, in order, and the ids of all of it."""
    rows = await tx.rows(SQL["new_input"], business=business, leg=leg)
    kinds = {kind.value for kind in InputKind}
    said = [
        PageInput(page=row["page"], kind=InputKind(row["kind"]), reason=row["reason"])
        for row in rows
        if row["kind"] in kinds
    ]
    return [row["id"] for row in rows], said


async def input_applied(tx: Transaction, business: BusinessId, leg: LegId, ids: list[UUID]) -> None:
    """Note that it was applied."""
    await tx.run(SQL["input_applied"], business=business, leg=leg, ids=ids)


async def somebody_there(tx: Transaction, leg: PageLeg, *, since: datetime) -> bool:
    """Tell whether a page of the leg's person was seen since."""
    return bool(await tx.value(SQL["somebody_there"], business=leg.business, subject=leg.subject, since=since))


async def pages_seen(tx: Transaction, pages: Iterable[UUID]) -> dict[UUID, datetime]:
    """Return when each page was seen last; those nobody has seen are left out."""
    return {row["page"]: row["seen_at"] for row in await tx.rows(SQL["pages_seen"], pages=list(pages))}


async def pages_heard_since(tx: Transaction) -> datetime | None:
    """Return since when pages could be heard all the time; None while nobody hears them."""
    heard_since: datetime | None = await tx.value(SQL["pages_heard_since"])
    return heard_since


async def all_businesses(tx: Transaction) -> list[BusinessId]:
    """List every business (as the dispatcher)."""
    return [BusinessId(row["id"]) for row in await tx.rows(SQL["businesses"])]


async def purge_legs(tx: Transaction, businesses: list[BusinessId]) -> None:
    """Forget calls that were over yesterday, and the names their pages showed."""
    await tx.run(SQL["purge_legs"], businesses=businesses)


def _leg(row: asyncpg.Record) -> PageLeg:
    return PageLeg(
        business=BusinessId(row["business"]),
        id=LegId(row["id"]),
        party=Party(row["party"]),
        subject=row["subject"],
        state=PageLegState(row["state"]),
        round=row["round"],
        version=row["version"],
        page=row["page"],
        peer=row["peer"],
        alerted_at=row["alerted_at"],
        accepted_at=row["accepted_at"],
        sound_at=row["sound_at"],
        rings_until=row["rings_until"],
        joined_at=row["joined_at"],
        ended_at=row["ended_at"],
        ended_reason=EndCause(row["ended_reason"]) if row["ended_reason"] else None,
        ended_words=row["ended_words"],
    )
