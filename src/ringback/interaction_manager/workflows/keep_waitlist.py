"""The waitlist: whom a chat puts on it, and who is told of room when there is some, in the order in which they came."""

from __future__ import annotations

from datetime import timedelta

from ringback.domain.commands import JoinWaitlist
from ringback.domain.errors import Refused
from ringback.domain.events import RoomAppeared, WaitlistAnswered
from ringback.domain.ids import BusinessId, QueueId, new_id
from ringback.domain.offers import Refusal
from ringback.domain.status import Server
from ringback.interaction_manager.booking import load_line, load_rates
from ringback.interaction_manager.configuration import SettingsCache, load_agents, load_settings, lock_queues
from ringback.interaction_manager.ledger import record_decision
from ringback.interaction_manager.operators import (
    expire_invitations,
    invite,
    join_waitlist,
    standing_invitations,
    stop_waitlist,
)
from ringback.interaction_manager.rules.possibility import as_soon_as_possible
from ringback.interaction_manager.rules.routing import route
from ringback.interaction_manager.rules.snapshot import Queue, Snapshot
from ringback.interaction_manager.rules.words import people
from ringback.postgres.database import Transaction
from ringback.postgres.messages import send

INVITE = "invite"  # timer of a queue: room may have appeared
WITHOUT_CAP = 5  # invited at once where no cap says how many there is room for


async def put_on_waitlist(cache: SettingsCache, tx: Transaction, business: BusinessId, command: JoinWaitlist) -> None:
    """Apply JoinWaitlist: answered by WaitlistAnswered."""
    snapshot = await load_agents(tx, business, await load_settings(tx, business, cache))
    place: int | None = None
    try:
        queue = route(snapshot, command.provider, command.topic).queue
    except Refused as refused:
        name, why = "", refused.detail
    else:
        held = await lock_queues(tx, business, snapshot, frozenset({queue.id}))
        queue = held.queues.get(queue.id, queue)
        name, why = queue.name, f"{queue.name} keeps no waitlist any more."
        if queue.waitlist:
            place = await join_waitlist(
                tx, business, id=new_id(), queue=queue.id, provider=command.provider, chat=command.chat,
                person=command.person,
            )  # fmt: skip
    answered = WaitlistAnswered(chat=command.chat, queue_name=name, place=place, why=why if place is None else None)
    await send(tx, business, Server.APPLICATION, command.chat, answered)
    tx.hint("console", business)


async def invite_from_waitlist(cache: SettingsCache, tx: Transaction, business: BusinessId, queue_id: QueueId) -> int:
    """Tell as many of the list as there is room for; return how many were told."""
    snapshot = await load_agents(tx, business, await load_settings(tx, business, cache))
    snapshot = await lock_queues(tx, business, snapshot, frozenset({queue_id}))
    queue = snapshot.queues.get(queue_id)
    if queue is None or not queue.waitlist:
        await _dissolve(tx, business, queue_id, "" if queue is None else queue.name)
        return 0
    await expire_invitations(tx, business, queue.id)
    related = snapshot.related(queue.id)
    snapshot = await load_line(tx, business, snapshot, related)
    snapshot = await load_rates(tx, business, snapshot, related, cache)
    room = room_for(snapshot, queue, tx) - await standing_invitations(tx, business, queue.id)
    if room <= 0:
        return 0
    until = tx.now + timedelta(seconds=queue.policy.slot_hold_by_message)
    invited = await invite(tx, business, queue.id, most=room, until=until)
    if invited:
        await record_decision(
            tx, business, kind="invited", verdict=f"{people(len(invited))} of the waitlist told of room", queue=queue.id,
            room=room, until=until,
        )  # fmt: skip
        tx.hint("console", business)
    for each in sorted(invited, key=lambda each: each.chat.int):
        await send(
            tx,
            business,
            Server.APPLICATION,
            each.chat,
            RoomAppeared(chat=each.chat, provider=each.provider, queue_name=queue.name, until=until),
        )
    return len(invited)


def room_for(snapshot: Snapshot, queue: Queue, tx: Transaction) -> int:
    """Return for how many there is room as soon as possible, those invited included."""
    possible = as_soon_as_possible(snapshot, queue, None, tx.now, queue.hours.zone)
    if isinstance(possible, Refusal):
        return 0
    return WITHOUT_CAP if queue.backlog_cap is None else possible.room


async def _dissolve(tx: Transaction, business: BusinessId, queue: QueueId, name: str) -> None:
    """The lever is off: whoever waited hears that there will be no word."""
    left = await stop_waitlist(tx, business, queue)
    for _, chat in sorted(left, key=lambda each: each[1].int):
        gone = WaitlistAnswered(
            chat=chat, queue_name=name, place=None, why=f"{name or 'The department'} keeps no waitlist any more."
        )
        await send(tx, business, Server.APPLICATION, chat, gone)
