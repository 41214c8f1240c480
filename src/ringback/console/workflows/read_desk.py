"""Read one agent's desk, in one transaction of the read role."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any
from uuid import UUID

from ringback.console.known_workplaces import KnownWorkplaces
from ringback.console.rules.clock_words import start_of_day, zone
from ringback.console.rules.desk_view import DeskRows, present_desk
from ringback.console.rules.rows import Row
from ringback.console.statements import LIVE_CHATS, OUTSIDE
from ringback.console.views import SQL
from ringback.console.wire import DeskView
from ringback.domain.errors import NotFound
from ringback.domain.ids import AgentId, BusinessId
from ringback.domain.status import AgentState
from ringback.pages.calls import Callee, read_call, view_call
from ringback.postgres.database import Database, Transaction

_AT_HAND = frozenset({AgentState.RESERVED, AgentState.ON_A_CALL, AgentState.WRAP_UP, AgentState.HELD})


async def read_desk(
    read: Database,
    known: KnownWorkplaces,
    business: BusinessId,
    agent: AgentId,
    *,
    page: UUID | None,
    ice_servers: Sequence[Mapping[str, Any]],
    relay_only: bool,
) -> DeskView:
    """Return the desk as this page of it shows it. Raises NotFound for an agent who is not there any more."""
    async with read.transaction(business, name="read_desk") as tx:
        me = await tx.row(SQL["desk_agent"], business=business, agent=agent)
        if me is None:
            raise NotFound("This agent is not there any more.")
        queues = await tx.rows(SQL["desk_queues"], business=business, agent=agent)
        day_start = start_of_day(tx.now, zone(me["zone"]))
        current, talk, transcript = await _at_hand(tx, business, me)
        coming = await tx.rows(
            SQL["desk_next"],
            business=business,
            agent=agent,
            held=me["callback"] if me["state"] == AgentState.HELD else None,
            queues=[queue["id"] for queue in queues],
        )
        with_you = await tx.row(OUTSIDE["with_you"], business=business, agent=agent)
        said: Sequence[Row] = ()
        if with_you is not None and with_you["chat"] is not None:
            said = await tx.rows(SQL["transcript"], business=business, chat=with_you["chat"], now=tx.now)
        done = await tx.rows(SQL["desk_done"], business=business, agent=agent, day_start=day_start)
        chats = await _live_chats(tx, business, agent)
        call = await read_call(tx, Callee(business=business, subject=agent))
        now = tx.now
    head = me
    workplaces = {queue["id"]: known.of(head, queue["id"], queue["policy"], queue["version"]) for queue in queues}
    for row in (current, talk, *done):
        if row is not None and row["queue"] not in workplaces:
            workplaces[row["queue"]] = known.of(head, row["queue"], row["queue_policy"], row["queue_version"])
    if not queues:
        raise NotFound("This agent serves no queue any more.")
    return present_desk(
        DeskRows(
            now=now,
            agent=me,
            queues=queues,
            current=current,
            last_talk=talk,
            transcript=transcript,
            next=coming,
            done=done,
            call=view_call(call, page),
            home=workplaces[queues[0]["id"]],
            workplaces=workplaces,
            shift_ends=known.reader.shift_ends(me["shifts"], [queue["hours"] for queue in queues], me["zone"], now),
            ice_servers=ice_servers,
            relay_only=relay_only,
            with_you=with_you,
            with_you_said=said,
            chats=chats,
        )
    )


async def _live_chats(tx: Transaction, business: BusinessId, agent: AgentId) -> list[tuple[Row, Sequence[Row]]]:
    """Return the agent's live chats with what was said in them, and those that wait in their queues."""
    found: list[tuple[Row, Sequence[Row]]] = []
    for row in await tx.rows(LIVE_CHATS["chats_of_desk"], business=business, agent=agent):
        said: Sequence[Row] = ()
        if row["state"] == "taken":
            said = await tx.rows(LIVE_CHATS["messages_of_live_chat"], business=business, agent=agent, chat=row["chat"])
        found.append((row, said))
    return found


async def _at_hand(tx: Transaction, business: BusinessId, me: Row) -> tuple[Row | None, Row | None, Sequence[Row]]:
    """Return the callback at hand, the person's last talk, and the chat so far."""
    if me["state"] not in _AT_HAND or me["callback"] is None or me["attempt"] is None:
        return None, None, ()
    current = await tx.row(
        SQL["desk_current"], business=business, agent=me["id"], callback=me["callback"], attempt=me["attempt"]
    )
    if current is None:
        return None, None, ()
    talk = await tx.row(SQL["last_talk"], business=business, person=current["person"], attempt=me["attempt"])
    transcript: Sequence[Row] = ()
    if current["chat"] is not None:
        transcript = await tx.rows(SQL["transcript"], business=business, chat=current["chat"], now=tx.now)
    return current, talk, transcript
