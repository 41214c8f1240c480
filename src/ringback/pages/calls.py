"""The calls that ring on pages: what a page shows is the leg's row, what it says goes into a table, signals pass from page to page."""

from __future__ import annotations

from dataclasses import dataclass, field
from datetime import datetime, timedelta
from typing import Any
from uuid import UUID

from ringback.domain.errors import Conflict, Invalid, NotFound
from ringback.domain.ids import BusinessId, LegId
from ringback.pages.call_wire import CallInput, CallView, LiveSignal, SignalInput
from ringback.postgres.database import Transaction
from ringback.postgres.sql import load_sql

__all__ = ["CallInput", "CallView", "Callee", "LiveSignal", "SeenLeg", "SignalInput"]

SQL = load_sql(__file__, "calls.sql")

INPUT_KINDS = frozenset({"alerted", "accept", "decline", "hang_up", "take", "sound", "lost", "hold", "resume"})
SIGNAL_KINDS = frozenset({"offer", "answer", "candidate"})
LONGEST_SIGNAL = 32_768
SHOWN_AFTER_END = timedelta(seconds=8)


@dataclass(frozen=True, slots=True, kw_only=True)
class Callee:
    """Who a page belongs to: an agent or a chat."""

    business: BusinessId
    subject: UUID


@dataclass(frozen=True, slots=True, kw_only=True)
class SeenLeg:
    """What was read of a leg, and its version: nothing changed while that stays."""

    version: int
    leg: LegId
    state: str
    row: Any = field(repr=False)


async def read_call(tx: Transaction, callee: Callee) -> SeenLeg | None:
    """Return the leg to show, if any."""
    row = await tx.row(SQL["call_of"], business=callee.business, subject=callee.subject, since=tx.now - SHOWN_AFTER_END)
    return None if row is None else SeenLeg(version=row["version"], leg=LegId(row["id"]), state=row["state"], row=row)


def view_call(seen: SeenLeg | None, page: UUID | None) -> CallView | None:
    """Return the leg as this page shows it: `elsewhere` when another page holds it."""
    if seen is None:
        return None
    row, show = seen.row, seen.row["show"]
    return CallView(
        leg=row["id"],
        party=row["party"],
        state=row["state"],
        elsewhere=row["page"] is not None and row["page"] != page,
        page=row["page"],
        peer_name=show.get("peer_name", ""),
        peer_detail=show.get("peer_detail", ""),
        about=show.get("about"),
        rings_until=row["rings_until"],
        joined_at=row["joined_at"],
        round=row["round"],
        ended_reason=row["ended_reason"],
    )


async def put_input(tx: Transaction, callee: Callee, leg: LegId, key: UUID, said: CallInput) -> None:
    """Keep what a page says until the session management server applies it. Raises NotFound for a leg of somebody else, Invalid."""
    if said.kind not in INPUT_KINDS:
        raise Invalid(f"A page cannot say {said.kind[:40]!r}.", id="call-input-unknown", field="kind")
    await _own_leg(tx, callee, leg)
    await tx.run(
        SQL["put_input"],
        business=callee.business,
        leg=leg,
        id=key,
        page=said.page,
        kind=said.kind,
        reason=said.reason[:200] if said.reason else None,
    )
    tx.hint("page_input", leg)


async def put_signal(tx: Transaction, callee: Callee, leg: LegId, key: UUID, said: SignalInput) -> None:
    """Pass a signal to the page at the other end. Raises NotFound, Invalid, Conflict (`call-not-joined`: there is no other end yet)."""
    if said.kind not in SIGNAL_KINDS:
        raise Invalid(f"There is no signal {said.kind[:40]!r}.", id="signal-unknown", field="kind")
    if len(said.payload) > LONGEST_SIGNAL:
        raise Invalid("This signal is too long.", id="signal-too-long", field="payload")
    row = await _own_leg(tx, callee, leg)
    if row["peer"] is None or row["state"] == "ended":
        raise Conflict("There is nobody at the other end.", id="call-not-joined")
    peer = row["peer"]
    if await tx.row(SQL["signal_known"], business=callee.business, leg=peer, key=key) is not None:
        return
    number = await tx.value(SQL["next_signal_id"], business=callee.business, leg=peer)
    await tx.run(
        SQL["put_signal"],
        business=callee.business,
        leg=peer,
        id=number,
        key=key,
        round=said.round,
        kind=said.kind,
        payload=said.payload,
    )
    other = await tx.row(SQL["whose_leg"], business=callee.business, leg=peer)
    if other is not None:
        tx.hint("agent" if other["party"] == "agent" else "chat", other["subject"])


async def read_signals(tx: Transaction, callee: Callee, leg: LegId, after: int) -> list[LiveSignal]:
    """Return the signals for a leg of this page's, after the last one it saw."""
    await _own_leg(tx, callee, leg)
    rows = await tx.rows(SQL["signals_after"], business=callee.business, leg=leg, after=after)
    return [LiveSignal(id=row["id"], round=row["round"], kind=row["kind"], payload=row["payload"]) for row in rows]


async def see_page(tx: Transaction, callee: Callee, page: UUID) -> datetime:
    """A page is there: so its person can be rung on it. Returns when it was seen."""
    seen_at: datetime = await tx.value(SQL["see_page"], business=callee.business, subject=callee.subject, page=page)
    return seen_at


async def leave_page(tx: Transaction, callee: Callee, page: UUID, *, seen_at: datetime) -> None:
    """A page that was seen last at `seen_at` has closed: nothing rings there. One that came back meanwhile stays."""
    await tx.run(SQL["leave_page"], business=callee.business, subject=callee.subject, page=page, seen_at=seen_at)


async def _own_leg(tx: Transaction, callee: Callee, leg: LegId) -> Any:
    row = await tx.row(SQL["leg_of"], business=callee.business, leg=leg, subject=callee.subject)
    if row is None:
        raise NotFound("There is no such call here.", id="call-not-found")
    return row
