"""Do one thing to many callbacks that a preview named: one command each, so that each is decided, answered and recorded by itself."""

from __future__ import annotations

from ringback.domain.commands import BulkAct, CancelCallback, MoveCallback, ReassignCallback
from ringback.domain.errors import Invalid, Refused
from ringback.domain.ids import BusinessId, CallbackId, CommandId, new_id
from ringback.domain.status import Server
from ringback.interaction_manager.ledger import record_decision
from ringback.postgres.database import Transaction
from ringback.postgres.messages import answer, send

MOST = 1000


async def act_in_bulk(tx: Transaction, business: BusinessId, command: BulkAct) -> None:
    """Apply BulkAct: leave one command for each callback, and their ids as the answer."""
    try:
        commands = [_one(command, callback) for callback in _named(command)]
    except Refused as refusal:
        await answer(tx, business, command.command, problem=refusal.id, detail=refusal.detail)
        return
    for one in commands:
        await send(tx, business, Server.INTERACTIONS, one.callback, one)
    await record_decision(
        tx, business, kind="bulk", verdict=f"{command.action} {len(commands)} callbacks: {command.reason}",
        by=command.by, callbacks=[each.callback for each in commands],
    )  # fmt: skip
    await answer(tx, business, command.command, commands={str(each.callback): str(each.command) for each in commands})


def _named(command: BulkAct) -> list[CallbackId]:
    """Return the callbacks, each once, in the order of their ids: the order in which message heads are locked."""
    callbacks = sorted(set(command.callbacks))
    if len(callbacks) > MOST:
        raise Invalid(f"At most {MOST} callbacks at once; {len(callbacks)} were named.", field="callbacks")
    return callbacks


def _one(command: BulkAct, callback: CallbackId) -> CancelCallback | MoveCallback | ReassignCallback:
    id = CommandId(new_id())
    match command.action:
        case "cancel":
            return CancelCallback(command=id, callback=callback, by=command.by, reason=command.reason)
        case "move":
            if command.when is None:
                raise Invalid("To move callbacks, say when.", field="when")
            return MoveCallback(command=id, callback=callback, when=command.when, by=command.by, reason=command.reason)
        case "reassign":
            return ReassignCallback(
                command=id, callback=callback, agent=command.agent, by=command.by, reason=command.reason
            )
        case _:
            raise Invalid(f"{command.action!r} is not one of cancel, move, reassign.", field="action")
