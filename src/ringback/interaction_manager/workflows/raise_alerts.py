"""Look at the day: what needs a person is raised once and told, what is over is resolved, and who has no place any more is offered a move.

All of it is rows and messages of one transaction: a process that dies in between has told nothing, and the next look tells it.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from datetime import timedelta

from ringback.domain.commands import OfferMove
from ringback.domain.events import AlertRaised, AlertResolved
from ringback.domain.ids import BusinessId, CallbackId, CommandId, QueueId, new_id
from ringback.domain.status import Server
from ringback.interaction_manager.alerts import (
    AlertRow,
    Looked,
    alone,
    look_at_day,
    open_alerts,
    raise_alert,
    resolve_alert,
    see_alert,
    tell_alert,
    told_since,
)
from ringback.interaction_manager.operators import read_callbacks
from ringback.interaction_manager.rules.alerts import AlertKind, Cause, causes, changes, may_tell, to_be_asked
from ringback.postgres.database import Transaction
from ringback.postgres.messages import send

LOOK_AT_DAY = "look_at_day"
HOUR = timedelta(hours=1)
BY = "interaction_manager"
MOST_NAMED = 100  # callbacks in one alert


async def raise_alerts(tx: Transaction, business: BusinessId) -> int:
    """Look at every queue of a business; return how many alerts are open now."""
    if not await alone(tx, business):
        return 0
    looked = {each.look.queue: each for each in await look_at_day(tx, business)}
    found = [cause for each in looked.values() for cause in causes(each.look, each.policy)]
    before = await open_alerts(tx, business)
    calm = max((each.policy.alert_calm for each in looked.values()), default=0.0)
    changed = changes(tx.now, found, [row.alert for row in before], calm=calm)
    rows = {(row.alert.queue, row.alert.kind): row for row in before}
    for cause in changed.raised:
        await raise_alert(tx, business, cause)
    for cause in changed.going_on:
        await see_alert(tx, business, rows[cause.queue, cause.kind], cause)
    messages: list[AlertRaised | AlertResolved] = []
    for alert in changed.resolved:
        row = rows[alert.queue, alert.kind]
        await resolve_alert(tx, business, row.id)
        if alert.told and alert.queue in looked:
            messages.append(_resolved(row, looked[alert.queue], tx))
    after = await open_alerts(tx, business)
    messages += await _tell(tx, business, looked, {(each.queue, each.kind): each for each in found}, after)
    offers = await _offers(tx, business, looked, after)
    if changed.raised or changed.resolved:
        tx.hint("console", business)
    for offer in offers:
        await send(tx, business, Server.INTERACTIONS, offer.callback, offer)
    for message in messages:
        await send(tx, business, Server.APPLICATION, business, message)
    return len(after)


async def _tell(
    tx: Transaction,
    business: BusinessId,
    looked: Mapping[QueueId, Looked],
    found: Mapping[tuple[QueueId, AlertKind], Cause],
    alerts: Sequence[AlertRow],
) -> list[AlertRaised]:
    """Return what is sent out now: the oldest untold ones of each queue, as many as an hour has room for."""
    untold = [row for row in alerts if not row.alert.told and (row.alert.queue, row.alert.kind) in found]
    if not untold:
        return []
    lately = await told_since(tx, business, tx.now - HOUR)
    told = []
    for queue in {row.alert.queue for row in untold}:
        mine, at = [row for row in untold if row.alert.queue == queue], looked[queue]
        room = may_tell(lately.get(queue, 0), len(mine), an_hour=at.policy.alerts_per_hour)
        for row in mine[:room]:
            await tell_alert(tx, business, row.id)
            cause = found[row.alert.queue, row.alert.kind]
            told.append(
                AlertRaised(
                    alert=row.id,
                    kind=cause.kind.value,
                    queue=at.slug,
                    queue_name=at.look.name,
                    verdict=cause.verdict,
                    raised_at=row.alert.raised_at,
                    mail=at.policy.alert_mail,
                    callbacks=cause.callbacks[:MOST_NAMED],
                )
            )
    return told


def _resolved(row: AlertRow, at: Looked, tx: Transaction) -> AlertResolved:
    return AlertResolved(
        alert=row.id,
        kind=row.alert.kind.value,
        queue=at.slug,
        queue_name=at.look.name,
        verdict=row.verdict,
        raised_at=row.alert.raised_at,
        resolved_at=tx.now,
        mail=at.policy.alert_mail,
    )


async def _offers(
    tx: Transaction, business: BusinessId, looked: Mapping[QueueId, Looked], alerts: Sequence[AlertRow]
) -> list[OfferMove]:
    """Return the moves offered now to those who are too many in slots that have been short long enough."""
    wanted: list[CallbackId] = []
    for row in alerts:
        at = looked.get(row.alert.queue)
        if at is not None and row.alert.kind is AlertKind.SLOT_SHORT:
            after = at.policy.offer_moves_after
            wanted += to_be_asked(at.look.short, dict(row.short_since), tx.now, after=after)
    if not wanted:
        return []
    rows = await read_callbacks(tx, business, wanted)
    return [
        OfferMove(command=CommandId(new_id()), callback=row.id, by=BY, reason="its slot is short of people")
        for row in sorted(rows, key=lambda row: row.id.int)
        if row.notices == 0 and row.chat is not None
    ]
