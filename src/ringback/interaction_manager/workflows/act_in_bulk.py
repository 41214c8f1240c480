"""Do one thing to many callbacks: planned first, then one command each, so that each is decided, answered and recorded by itself."""

from __future__ import annotations

from ringback.domain.commands import (
    BulkAct,
    CancelCallback,
    MoveCallback,
    OfferMove,
    ReassignCallback,
    WriteToCustomer,
)
from ringback.domain.errors import Conflict, Invalid, Refused
from ringback.domain.ids import BusinessId, CallbackId, CommandId, new_id
from ringback.domain.status import Server
from ringback.interaction_manager.configuration import SettingsCache
from ringback.interaction_manager.ledger import record_decision
from ringback.interaction_manager.rules.plans import CHANGES, fingerprint
from ringback.interaction_manager.workflows.plan_bulk import plan_bulk
from ringback.postgres.database import Transaction
from ringback.postgres.messages import answer, send

One = CancelCallback | MoveCallback | ReassignCallback | OfferMove | WriteToCustomer
CHANGED = "Something changed since this was shown. Look at it again."


async def act_in_bulk(cache: SettingsCache, tx: Transaction, business: BusinessId, command: BulkAct) -> None:
    """Apply BulkAct: answer with the plan, and leave one command for each callback that it changes."""
    try:
        planned = await plan_bulk(cache, tx, business, command)
        mark = fingerprint((command.action, command.when, command.agent, command.text), planned)
        if command.plan not in (None, mark):
            raise Conflict(CHANGED, id="plan-changed")
        wanted = [each.callback for each in planned if each.does in CHANGES]
        commands = [] if command.dry_run else [_one(command, callback) for callback in wanted]
    except Refused as refusal:
        await answer(tx, business, command.command, problem=refusal.id, detail=refusal.detail, field=refusal.field)
        return
    if commands:
        await record_decision(
            tx, business, kind="bulk", verdict=f"{command.action} {len(commands)} callbacks: {command.reason}",
            by=command.by, callbacks=[each.callback for each in commands], plan=mark,
        )  # fmt: skip
    for one in sorted(commands, key=lambda one: one.callback.int):  # the order in which message heads are locked
        await send(tx, business, Server.INTERACTIONS, one.callback, one)
    await answer(
        tx,
        business,
        command.command,
        plan=mark,
        effects={str(each.callback): each.does for each in planned},
        commands={str(each.callback): str(each.command) for each in commands},
    )


def _one(command: BulkAct, callback: CallbackId) -> One:
    id = CommandId(new_id())
    match command.action:
        case "cancel":
            return CancelCallback(command=id, callback=callback, by=command.by, reason=command.reason)
        case "move" if command.when is not None:
            return MoveCallback(command=id, callback=callback, when=command.when, by=command.by, reason=command.reason)
        case "reassign":
            return ReassignCallback(
                command=id, callback=callback, agent=command.agent, by=command.by, reason=command.reason
            )
        case "offer_move":
            return OfferMove(
                command=id, callback=callback, by=command.by, reason=command.reason, why=command.text or None
            )
        case "message" if command.text:
            return WriteToCustomer(
                command=id, callback=callback, text=command.text, by=command.by, reason=command.reason
            )
    raise Invalid(f"{command.action!r} cannot be done so.", field="action")
