"""What a bulk act would do to each of its callbacks now. Moves are judged like any other, those booked first getting what room there is."""

from __future__ import annotations

from collections import Counter
from collections.abc import Sequence
from datetime import datetime

from ringback.domain.commands import BulkAct, MoveCallback
from ringback.domain.errors import Invalid, Refused
from ringback.domain.ids import BusinessId, QueueId
from ringback.interaction_manager.agents import agent_serves
from ringback.interaction_manager.asking import Asker, lock_person
from ringback.interaction_manager.assignment import read_queue
from ringback.interaction_manager.callbacks import CallbackRow
from ringback.interaction_manager.configuration import SettingsCache, load_settings
from ringback.interaction_manager.operators import read_callbacks
from ringback.interaction_manager.rules.admission import NotAdmitted
from ringback.interaction_manager.rules.plans import ACTIONS, Does, Planned, stays
from ringback.interaction_manager.workflows.judge_request import judge_request
from ringback.interaction_manager.workflows.move_callback import asked_in_move
from ringback.postgres.database import Transaction

MOST = 1000
MOST_MOVED = 100  # each is judged by itself, under the locks of its queue
LONGEST_TEXT = 1000


async def plan_bulk(cache: SettingsCache, tx: Transaction, business: BusinessId, command: BulkAct) -> list[Planned]:
    """Return what becomes of each callback, in the order they were accepted; raise Invalid for an act that cannot be."""
    check(command)
    rows = await read_callbacks(tx, business, command.callbacks)
    notices = {queue: (await read_queue(tx, business, queue)).policy.notices for queue in {row.queue for row in rows}}
    planned = {
        row.id: stays(
            command.action, row.state, has_chat=row.chat is not None, notices=row.notices, most_notices=notices[row.queue]
        )
        for row in rows
    }  # fmt: skip
    free = [row for row in rows if planned[row.id] is None]
    match command.action:
        case "reassign":
            planned |= {
                row.id: each for row, each in zip(free, await _serving(tx, business, command, free), strict=True)
            }
        case "move":
            planned |= {
                row.id: each for row, each in zip(free, await _moves(cache, tx, business, command, free), strict=True)
            }
    return [Planned(callback=row.id, does=planned[row.id] or Does.ACTS) for row in rows]


def check(command: BulkAct) -> None:
    """Raise Invalid, naming the field, for an act that cannot be."""
    if command.action not in ACTIONS:
        raise Invalid(f"{command.action!r} is not one of {', '.join(ACTIONS)}.", field="action")
    if command.action == "move" and command.when is None:
        raise Invalid("To move callbacks, say when.", field="when")
    if command.action == "message" and not (command.text or "").strip():
        raise Invalid("Write what to say.", id="text-missing", field="text")
    if len(command.text or "") > LONGEST_TEXT:
        raise Invalid(f"At most {LONGEST_TEXT} characters.", field="text")
    most = MOST_MOVED if command.action == "move" else MOST
    if len(set(command.callbacks)) > most:
        raise Invalid(f"At most {most} callbacks at once; {len(set(command.callbacks))} were named.", field="callbacks")


async def _serving(tx: Transaction, business: BusinessId, command: BulkAct, rows: Sequence[CallbackRow]) -> list[Does]:
    serves: dict[QueueId, bool] = {}
    for queue in {row.queue for row in rows}:
        serves[queue] = command.agent is None or await agent_serves(tx, business, command.agent, queue) is not None
    return [
        Does.NOT_IN_QUEUE if not serves[row.queue] else Does.THEIRS if row.is_given_to(command.agent) else Does.ACTS
        for row in rows
    ]


async def _moves(
    cache: SettingsCache, tx: Transaction, business: BusinessId, command: BulkAct, rows: Sequence[CallbackRow]
) -> list[Does]:
    """Judge each move, and count what those before it would take of the same slot."""
    assert command.when is not None, "it was checked"
    for row in sorted(rows, key=lambda row: str(row.person)):
        await lock_person(tx, business, Asker.of(row.person, row.destination))
    settings = await load_settings(tx, business, cache)
    taken: Counter[tuple[QueueId, datetime]] = Counter()
    does = []
    for row in rows:
        try:
            move = MoveCallback(command=command.command, callback=row.id, when=command.when, by=command.by)
            judgement = await judge_request(tx, business, cache, asked_in_move(move, row, settings))
        except Refused:
            does.append(Does.NO_ROOM)
            continue
        verdict = judgement.verdict
        if isinstance(verdict, NotAdmitted):
            does.append(Does.NO_ROOM)
            continue
        slot = verdict.possible.slot
        key = (verdict.route.queue.id, slot.start) if slot is not None else None
        if key is not None and slot is not None and not (row.slot_start == slot.start and row.queue == key[0]):
            if taken[key] >= verdict.possible.room:
                does.append(Does.NO_ROOM)
                continue
            taken[key] += 1
        does.append(Does.ACTS)
    return does
