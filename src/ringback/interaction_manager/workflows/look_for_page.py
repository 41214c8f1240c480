"""Look for the customer's page before a call that rings there: whoever closed it hears of that in time to come back or to move it."""

from __future__ import annotations

from datetime import timedelta

from ringback.domain.destinations import DestinationKind
from ringback.domain.errors import NotFound
from ringback.domain.events import PAGE_ABSENT, CallbackChanged
from ringback.domain.ids import BusinessId, CallbackId
from ringback.domain.status import CallbackState, Server
from ringback.interaction_manager.assignment import read_queue
from ringback.interaction_manager.callbacks import SQL, CallbackRow, read_callback
from ringback.interaction_manager.ledger import record_decision
from ringback.interaction_manager.rules.policy import Policy
from ringback.postgres.database import Transaction
from ringback.postgres.messages import send
from ringback.postgres.timers import Timer, set_timer

PAGE = "page"
VERDICT = "No page of the customer's is open shortly before the call"


async def set_page_check(tx: Transaction, business: BusinessId, callback: CallbackRow, policy: Policy) -> None:
    """Have the page looked for in time, for a call to a browser that is far enough ahead."""
    at = callback.window.start - timedelta(seconds=policy.presence_check)
    if callback.destination.kind is DestinationKind.BROWSER and policy.presence_check > 0 and at > tx.now:
        await set_timer(tx, business, Server.INTERACTIONS, PAGE, callback.id, at=at)


async def look_for_page(tx: Transaction, timer: Timer) -> None:
    """Timer `page`: when no page is there, say so in the chat, to webhooks (which may send a link) and among the reasons."""
    try:
        callback = await read_callback(tx, timer.business, CallbackId(timer.subject))
    except NotFound:
        return
    if callback.state is not CallbackState.WAITING or callback.window.start <= tx.now:
        return
    policy = (await read_queue(tx, timer.business, callback.queue)).policy
    since = tx.now - timedelta(seconds=policy.presence_timeout)
    if await tx.value(SQL["page_is_there"], business=timer.business, chat=callback.chat, since=since):
        return
    await record_decision(
        tx, timer.business, kind="page_absent", verdict=VERDICT, callback=callback.id, queue=callback.queue
    )
    changed = CallbackChanged(callback=callback.id, state=callback.state, promise=callback.promise, why=PAGE_ABSENT)
    await send(tx, timer.business, Server.APPLICATION, callback.id, changed)
