"""Tell a customer that their time will probably not be kept, and let them choose; write to them in their chat."""

from __future__ import annotations

from dataclasses import replace

from ringback.domain.commands import OfferMove, WriteToCustomer
from ringback.domain.errors import Conflict, Refused
from ringback.domain.events import OperatorWrote, PromiseAtRisk
from ringback.domain.ids import BusinessId
from ringback.domain.status import CallbackState, Server
from ringback.interaction_manager.assignment import read_queue
from ringback.interaction_manager.callbacks import CallbackRow, lock_callback, read_callback, save_callback
from ringback.interaction_manager.ledger import add_facts, record_decision
from ringback.postgres.database import Transaction
from ringback.postgres.messages import answer, send

SHORT = "We are short of people."


async def offer_move(tx: Transaction, business: BusinessId, command: OfferMove) -> None:
    """Apply OfferMove and leave its answer. It is a notice: whatever follows from it, the promise was not the customer's to give up."""
    try:
        callback = await lock_callback(tx, business, command.callback)
        if callback.state is not CallbackState.WAITING:
            raise Conflict("It does not wait any more.", id="not-waiting")
        most = (await read_queue(tx, business, callback.queue)).policy.notices
        if callback.notices >= most:
            raise Conflict("The customer was told already.", id="told-already")
    except Refused as refused:
        await answer(tx, business, command.command, problem=refused.id, detail=refused.detail)
        return
    await tell_at_risk(tx, business, callback, by=command.by, reason=command.reason, why=command.why or SHORT)
    await answer(tx, business, command.command, notices=callback.notices + 1)


async def tell_at_risk(
    tx: Transaction, business: BusinessId, callback: CallbackRow, *, by: str, reason: str, why: str
) -> None:
    """Say in the chat of a waiting callback, whose row is held, that its time may not hold, with keep, move, cancel."""
    warned = replace(callback, notices=callback.notices + 1)
    await save_callback(tx, business, warned)
    await add_facts(tx, business, callback.id, notice_at=tx.now)
    await record_decision(
        tx, business, kind="move_offered", verdict=f"Told that the time may not hold, a move offered: {reason}",
        callback=callback.id, queue=callback.queue, by=by, notice=warned.notices,
    )  # fmt: skip
    await send(
        tx,
        business,
        Server.APPLICATION,
        callback.id,
        PromiseAtRisk(callback=callback.id, window=callback.window, estimate=None, notice=warned.notices, why=why),
    )
    tx.hint("console", business)


async def write_to_customer(tx: Transaction, business: BusinessId, command: WriteToCustomer) -> None:
    """Apply WriteToCustomer and leave its answer."""
    try:
        callback = await read_callback(tx, business, command.callback)
        if callback.chat is None:
            raise Conflict("It did not come by a chat.", id="no-chat")
    except Refused as refused:
        await answer(tx, business, command.command, problem=refused.id, detail=refused.detail)
        return
    await record_decision(
        tx, business, kind="wrote", verdict=f"Written to in the chat: {command.reason}", callback=callback.id,
        queue=callback.queue, by=command.by,
    )  # fmt: skip
    await send(
        tx, business, Server.APPLICATION, callback.id, OperatorWrote(callback=callback.id, text=command.text.strip())
    )
    await answer(tx, business, command.command)
