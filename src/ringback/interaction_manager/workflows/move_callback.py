"""Give a callback another time, and another provider where one is named. The old place is kept until the new one is certain."""

from __future__ import annotations

from dataclasses import replace
from typing import Any

from ringback.domain.commands import EndAttempt, MoveCallback
from ringback.domain.errors import Conflict, Refused
from ringback.domain.events import CallbackChanged
from ringback.domain.ids import BusinessId
from ringback.domain.providers import Provider
from ringback.domain.status import CallbackState, PromiseKind, Server
from ringback.interaction_manager.asking import Asker
from ringback.interaction_manager.assignment import wake_queues
from ringback.interaction_manager.booking import free_places, retime_callback
from ringback.interaction_manager.callbacks import (
    CallbackRow,
    give_slot_back,
    lock_callback,
    lock_slots,
    read_callback,
    save_callback,
)
from ringback.interaction_manager.configuration import Settings, SettingsCache, load_settings
from ringback.interaction_manager.ledger import make_promise, record_decision, settle_last
from ringback.interaction_manager.rules.admission import Admitted, NotAdmitted
from ringback.interaction_manager.rules.callback_states import CallbackEvent, next_state
from ringback.interaction_manager.rules.ledger import Ending
from ringback.interaction_manager.workflows.book_callback import OFFERED_ON_PAGES, set_narrowing, set_promise_timers
from ringback.interaction_manager.workflows.cancel_callback import CONNECTED, is_customer
from ringback.interaction_manager.workflows.finish_callback import let_go
from ringback.interaction_manager.workflows.judge_request import Asked, Judgement, judge_request
from ringback.interaction_manager.workflows.look_for_page import set_page_check
from ringback.postgres.database import Transaction
from ringback.postgres.gate import GateRow, GateState, read_gate, reschedule, withdraw_for_move
from ringback.postgres.messages import answer, send
from ringback.postgres.timers import cancel_timer

_MOVABLE = frozenset({CallbackState.WAITING, CallbackState.CALLING, CallbackState.ASKING})


async def move_callback(cache: SettingsCache, tx: Transaction, business: BusinessId, command: MoveCallback) -> None:
    """Apply MoveCallback and leave its answer; refused, the callback stays as it was."""
    try:
        callback = await read_callback(tx, business, command.callback)
        _may_move(callback)
        settings = await load_settings(tx, business, cache)
        judgement = await judge_request(tx, business, cache, asked_in_move(command, callback, settings))
        if isinstance(judgement.verdict, NotAdmitted):
            refusal = judgement.verdict.refusal
            raise Conflict(refusal.reason.verdict, id=refusal.id, next=refusal.next)
        await lock_slots(tx, business, callback.queue, [callback.slot_start])
        callback = await lock_callback(tx, business, command.callback)
        _may_move(callback)
        gate = await read_gate(tx, business, callback.id, lock=True)
        if gate.state is GateState.JOINED:
            raise Conflict(CONNECTED, id="connected", next=CONNECTED)
        if not _keeps_its_place(callback, judgement.verdict):
            await judgement.take_place(tx, business)
        if callback.chat is not None:
            await free_places(tx, business, [callback.chat])  # what was kept is booked now
    except Refused as refused:
        await answer(
            tx, business, command.command, problem=refused.id, detail=refused.detail, next=refused.next, field=refused.field
        )  # fmt: skip
        return
    moved = await _move(tx, business, command, callback, gate, judgement, judgement.verdict)
    await answer(
        tx,
        business,
        command.command,
        state=moved.state,
        window_start=moved.window.start,
        window_end=moved.window.end,
        provider=judgement.verdict.route.provider,
    )


def _may_move(callback: CallbackRow) -> None:
    if not callback.is_open:
        raise Conflict("This callback is over already.", id="already-over")
    if callback.state is CallbackState.TALKING:
        raise Conflict(CONNECTED, id="connected", next=CONNECTED)
    if callback.state not in _MOVABLE:
        raise Conflict("This callback is being cancelled.", id="being-cancelled")


def _keeps_its_place(callback: CallbackRow, admitted: Admitted) -> bool:
    """Tell whether the new time lies in the slot whose place the callback has already."""
    slot = admitted.possible.slot
    return slot is not None and slot.start == callback.slot_start and admitted.route.queue.id == callback.queue


def asked_in_move(command: MoveCallback, callback: CallbackRow, settings: Settings) -> Asked:
    """Return what a move asks for: the callback's own provider, where it names none."""
    provider = command.provider
    if provider is None:
        queue = settings.queues.get(callback.queue)
        agent = settings.agents.get(callback.named_agent) if callback.named_agent is not None else None
        provider = str(
            Provider(
                business=settings.slug,
                queue=queue.slug if queue is not None else None,
                agent=agent.slug if agent is not None and callback.queue in agent.queues else None,
            )
        )
    return Asked(
        provider=provider,
        topic=callback.topic,
        when=command.when,
        asker=Asker.of(callback.person, callback.destination),
        language=callback.language,
        named_time=is_customer(command.by),
        priority=callback.priority,
        moving=callback.id,
        also=callback.queue,
        by_message=callback.channel not in OFFERED_ON_PAGES,
        chat=callback.chat if is_customer(command.by) else None,
    )


async def _move(
    tx: Transaction,
    business: BusinessId,
    command: MoveCallback,
    before: CallbackRow,
    gate: GateRow,
    judgement: Judgement,
    admitted: Admitted,
) -> CallbackRow:
    by_customer = is_customer(command.by)
    await settle_last(
        tx, business, before.id, Ending(withdrawn_at=tx.now if by_customer else None, closed_by_us=not by_customer)
    )
    callback = before if _keeps_its_place(before, admitted) else await give_slot_back(tx, business, before)
    way, possible = admitted.route, admitted.possible
    who = "The customer moved it" if by_customer else "Moved by the business"
    verdict = f"{who}: {command.reason}" if command.reason else who
    changes: dict[str, Any] = {
        "queue": way.queue.id,
        "named_agent": way.agent.id if way.agent is not None else None,
        "window": possible.window,
        "ready_at": possible.ready_at,
        "early_is_fine": admitted.promise.early_is_fine,
        "estimate": admitted.promise.estimate,
        "slot_start": possible.slot.start if possible.slot is not None else None,
        "declined_by": (),
        "notices": 0,
        "reason": verdict,
    }
    if gate.attempt is None:
        changes["due_version"] = await reschedule(tx, business, callback.id)
        changes["state"] = next_state(callback.state, CallbackEvent.MOVE)
    else:
        # Something of the old attempt may ring yet: its fences are shut now, and the new one begins after its end.
        changes["due_version"] = await withdraw_for_move(tx, business, callback.id)
        changes["pending"] = {"kind": "move", "command": str(command.command), "by": command.by}
        await send(
            tx,
            business,
            Server.SESSIONS,
            callback.id,
            EndAttempt(callback=callback.id, attempt=gate.attempt, reason="moved"),
        )
    moved = replace(callback, **changes)
    await save_callback(tx, business, moved)
    await retime_callback(tx, business, moved.id, way, command.when, named_time=by_customer)
    await make_promise(
        tx,
        business,
        replace(moved, provider=way.provider),
        kind=PromiseKind.MOVED,
        window=moved.window,
        early_is_fine=moved.early_is_fine,
        estimate=moved.estimate,
        basis=possible.wait.basis if possible.wait is not None else None,
    )
    await record_decision(
        tx,
        business,
        kind="moved",
        verdict=verdict,
        callback=moved.id,
        queue=moved.queue,
        by=command.by,
        why=possible.reason.verdict,
        routed=way.why,
        from_start=before.window.start,
        from_end=before.window.end,
        window_start=moved.window.start,
        window_end=moved.window.end,
    )
    if gate.attempt is None:
        await let_go(tx, business, before)
    await cancel_timer(tx, business, "asking", moved.id)
    await set_promise_timers(tx, business, moved.id, moved.window, way.queue.policy)
    await set_page_check(tx, business, moved, way.queue.policy)
    await set_narrowing(tx, business, replace(moved, when_kind=command.when.kind), way.queue.policy)
    await wake_queues(tx, business, {before.queue, moved.queue})
    await send(
        tx,
        business,
        Server.APPLICATION,
        moved.id,
        CallbackChanged(
            callback=moved.id,
            state=moved.state,
            promise=admitted.promise,
            agent_name=way.agent.name if way.agent is not None else None,
            place=admitted.place,
            line=admitted.line,
            why=verdict,
            moved=True,
        ),
    )
    tx.hint("console", business)
    return moved
