"""Book callbacks, or refuse them with a reason: the transaction before which nobody is told yes. Those who ask at once share it."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime, timedelta

from ringback.domain.commands import RequestCallback
from ringback.domain.destinations import DestinationKind
from ringback.domain.errors import Conflict, Invalid, NotFound, Refused
from ringback.domain.events import CallbackAccepted, CallbackRefused
from ringback.domain.ids import BusinessId, CallbackId, QueueId
from ringback.domain.offers import Reason, Refusal
from ringback.domain.status import CallbackState, PromiseKind, Server
from ringback.domain.times import TimeWindow, WhenKind
from ringback.interaction_manager.asking import Asker
from ringback.interaction_manager.assignment import look_by, mark_repeats, read_queue, wake_queues
from ringback.interaction_manager.booking import Place, free_places, insert_callback, take_places
from ringback.interaction_manager.callbacks import CallbackRow, known_callbacks, read_callback
from ringback.interaction_manager.configuration import SettingsCache
from ringback.interaction_manager.ledger import make_promise, record_decision
from ringback.interaction_manager.operators import leave_waitlist
from ringback.interaction_manager.rules.admission import Admitted, NotAdmitted
from ringback.interaction_manager.rules.policy import Policy
from ringback.interaction_manager.rules.risk import last_moment
from ringback.interaction_manager.rules.routing import Route
from ringback.interaction_manager.rules.turns import hold_from
from ringback.interaction_manager.workflows.judge_request import Asked, begin_judging
from ringback.interaction_manager.workflows.look_for_page import set_page_check
from ringback.postgres.database import Transaction
from ringback.postgres.gate import open_gate
from ringback.postgres.messages import send
from ringback.postgres.timers import set_timer

OFFERED_ON_PAGES = frozenset({"web", "api"})  # elsewhere people answer by message, and take longer


async def book_callback(cache: SettingsCache, tx: Transaction, business: BusinessId, request: RequestCallback) -> None:
    """Apply RequestCallback: answered by CallbackAccepted or CallbackRefused. A request that was accepted before is accepted again."""
    await book_callbacks(cache, tx, business, [request])


async def book_callbacks(
    cache: SettingsCache, tx: Transaction, business: BusinessId, requests: Sequence[RequestCallback]
) -> None:
    """Apply requests of one business that share a commit, in their order, each seeing what the ones before it were given.

    Raises Conflict when a slot is full after all and several came together: each then comes again alone.
    """
    there = await known_callbacks(tx, business, [each.callback for each in requests])
    fresh = [each for each in requests if each.callback not in there]
    for each in requests:
        if each.callback in there:
            await _accepted_before(tx, business, each)
    if not fresh:
        return
    try:
        judging = await begin_judging(tx, business, cache, [_asked(each) for each in fresh])
    except NotFound as error:
        for each in fresh:
            await _refuse(tx, business, each, NotAdmitted(refusal=refusal_of(error)), None)
        return
    booked: list[tuple[CallbackRow, Route]] = []
    places: list[Place] = []
    for each in fresh:
        asked = _asked(each)
        queue: QueueId | None = None
        try:
            judgement = await judging.judge(asked)
            queue = judgement.route.queue.id
            if len(fresh) == 1:
                await judgement.take_place(tx, business)
            elif judgement.place is not None:
                places.append(judgement.place)
        except (NotFound, Invalid, Conflict) as error:
            await _refuse(tx, business, each, NotAdmitted(refusal=refusal_of(error)), queue)
            continue
        verdict = judgement.verdict
        if isinstance(verdict, Admitted):
            callback = _callback(each, verdict, tx.now)
            judging.give(asked, verdict, callback.id)
            booked.append((callback, verdict.route))
            await _accept(tx, business, callback, verdict)
        elif verdict.open_callback != each.callback or not await _accepted_before(tx, business, each):
            # Where it is its own open callback, the same request was judged at the same time elsewhere.
            await _refuse(tx, business, each, verdict, queue)
    await take_places(tx, business, places)
    await _for_all(tx, business, booked)


async def _for_all(tx: Transaction, business: BusinessId, booked: Sequence[tuple[CallbackRow, Route]]) -> None:
    """Do once for all that were accepted together: kept places are booked now, repeats are flagged, the queues are woken."""
    await free_places(tx, business, {callback.chat for callback, _ in booked if callback.chat is not None})
    await _flag_repeats(tx, business, booked)
    await _have_looked_at(tx, business, booked)


async def _have_looked_at(tx: Transaction, business: BusinessId, booked: Sequence[tuple[CallbackRow, Route]]) -> None:
    """Have each queue's work looked at when the first of these comes to its turn: now, or when an agent is to be held for it."""
    first: dict[QueueId, datetime] = {}
    for callback, way in booked:
        at = hold_from(callback.ready_at, hold_before=way.queue.policy.hold_before)
        first[callback.queue] = min(at, first.get(callback.queue, at))
    await wake_queues(tx, business, [queue for queue, at in first.items() if at <= tx.now])
    for queue, at in sorted(first.items()):
        if at > tx.now:
            await look_by(tx, business, queue, at)


def refusal_of(error: Refused) -> Refusal:
    """Turn an error meant for the person who asked into a refusal."""
    return Refusal(id=error.id, reason=Reason(verdict=error.detail), next=error.next)


def _asked(request: RequestCallback) -> Asked:
    return Asked(
        provider=request.provider,
        topic=request.topic,
        when=request.when,
        asker=Asker.of(request.person, request.destination),
        language=request.language,
        named_time=request.named_time,
        priority=request.priority,
        by_message=request.channel not in OFFERED_ON_PAGES,
        chat=request.chat,
        unproved=_is_unproved(request),
        told_by=request.told_by,
    )


def _is_unproved(request: RequestCallback) -> bool:
    """Tell whether nobody vouches for the number: neither a channel, a code, a colleague nor the business's own program."""
    destination = request.destination
    return destination.kind is DestinationKind.PHONE and not destination.proved and request.created_by == "customer"


async def _accepted_before(tx: Transaction, business: BusinessId, request: RequestCallback) -> bool:
    """Say yes once more to a request whose callback is there already, whatever became of it since."""
    try:
        callback = await read_callback(tx, business, request.callback)
    except NotFound:
        return False
    queue = await read_queue(tx, business, callback.queue)
    await send(
        tx,
        business,
        Server.APPLICATION,
        callback.id,
        CallbackAccepted(
            callback=callback.id,
            promise=callback.promise,
            queue_name=queue.name,
            agent_name=None,
            place=None,
            line=None,
        ),
    )
    return True


def _callback(request: RequestCallback, admitted: Admitted, now: datetime) -> CallbackRow:
    way, possible = admitted.route, admitted.possible
    return CallbackRow(
        id=request.callback,
        queue=way.queue.id,
        provider=way.provider,
        named_agent=way.agent.id if way.agent is not None else None,
        chat=request.chat,
        channel=request.channel,
        person=request.person,
        person_name=request.person_name,
        destination=request.destination,
        language=request.language,
        topic=request.topic,
        consent=request.consent,
        created_by=request.created_by,
        when_kind=request.when.kind,
        zone=request.when.zone,
        named_time=request.named_time,
        state=CallbackState.WAITING,
        reason=possible.reason.verdict,
        priority=request.priority,
        accepted_at=now,
        ready_at=possible.ready_at,
        window=possible.window,
        early_is_fine=admitted.promise.early_is_fine,
        estimate=admitted.promise.estimate,
        slot_start=possible.slot.start if possible.slot is not None else None,
        due_version=1,
        customer_attempts=0,
        attempts=0,
        attempt=None,
        declined_by=(),
        notices=0,
        pending=None,
        disposition=None,
        outcome=None,
        finished_at=None,
    )


async def _accept(tx: Transaction, business: BusinessId, callback: CallbackRow, admitted: Admitted) -> None:
    way, possible = admitted.route, admitted.possible
    await insert_callback(tx, business, callback, routed_why=way.why)
    if way.queue.waitlist:
        await leave_waitlist(tx, business, callback.person, queue=way.queue.id, why="booked")
    await open_gate(tx, business, callback.id)
    await make_promise(
        tx,
        business,
        callback,
        kind=PromiseKind.FIRST,
        window=callback.window,
        early_is_fine=callback.early_is_fine,
        estimate=callback.estimate,
        basis=possible.wait.basis if possible.wait is not None else None,
    )
    await record_decision(
        tx,
        business,
        kind="accepted",
        verdict=possible.reason.verdict,
        callback=callback.id,
        queue=callback.queue,
        by=callback.created_by,
        routed=way.why,
        asked=callback.when_kind.value,
        named_time=callback.named_time,
        window_start=callback.window.start,
        window_end=callback.window.end,
        detail=possible.reason.detail,
    )
    await set_promise_timers(tx, business, callback.id, callback.window, way.queue.policy)
    await set_page_check(tx, business, callback, way.queue.policy)
    await set_narrowing(tx, business, callback, way.queue.policy)
    await send(
        tx,
        business,
        Server.APPLICATION,
        callback.id,
        CallbackAccepted(
            callback=callback.id,
            promise=admitted.promise,
            queue_name=way.queue.name,
            agent_name=way.agent.name if way.agent is not None else None,
            place=admitted.place,
            line=admitted.line,
        ),
    )
    tx.hint("console", business)


async def set_promise_timers(
    tx: Transaction, business: BusinessId, callback: CallbackId, window: TimeWindow, policy: Policy
) -> None:
    """Have a promise settled at its end, looked at in time to warn of a risk, and the customer reminded of a time booked well ahead."""
    await set_timer(tx, business, Server.INTERACTIONS, "promise", callback, at=window.end)
    await set_timer(tx, business, Server.INTERACTIONS, "risk", callback, at=max(last_moment(window, policy), tx.now))
    ahead = window.start - tx.now
    if policy.reminder > 0 and ahead >= timedelta(seconds=max(policy.reminder, policy.reminder_if_ahead)):
        at = window.start - timedelta(seconds=policy.reminder)
        await set_timer(tx, business, Server.INTERACTIONS, "reminder", callback, at=at)


async def set_narrowing(tx: Transaction, business: BusinessId, callback: CallbackRow, policy: Policy) -> None:
    """Have the moment inside a window settled and told as it comes."""
    if callback.when_kind is WhenKind.WINDOW and callback.slot_start is not None:
        at = callback.planned_at - timedelta(seconds=policy.narrow_before)
        await set_timer(tx, business, Server.INTERACTIONS, "narrow", callback.id, at=max(at, tx.now))


async def _refuse(
    tx: Transaction, business: BusinessId, request: RequestCallback, refused: NotAdmitted, queue: QueueId | None
) -> None:
    reason = refused.refusal.reason
    await record_decision(
        tx,
        business,
        kind="refused",
        verdict=reason.verdict,
        callback=request.callback,
        queue=queue,
        by=request.created_by,
        id=refused.refusal.id,
        provider=request.provider[:200],
        asked=request.when.kind.value,
        detail=reason.detail,
    )
    await send(
        tx,
        business,
        Server.APPLICATION,
        request.callback,
        CallbackRefused(
            callback=request.callback,
            id=refused.refusal.id,
            detail=reason.verdict,
            next=refused.refusal.next,
            open_callback=refused.open_callback,
        ),
    )


async def _flag_repeats(tx: Transaction, business: BusinessId, booked: Sequence[tuple[CallbackRow, Route]]) -> None:
    """Somebody who asks again within the week is flagged: the agent they talked with calls, where that keeps the promise."""
    since = {callback.id: tx.now - timedelta(seconds=way.queue.policy.repeat_within) for callback, way in booked}
    callbacks = {callback.id: callback for callback, _ in booked}
    earlier = await mark_repeats(tx, business, callbacks.values(), since=since)
    for callback, last in earlier.items():
        await record_decision(
            tx, business, kind="repeat", verdict="Asked again within the week: for the agent they talked with last",
            callback=callback, queue=callbacks[callback].queue, earlier=last,
        )  # fmt: skip
