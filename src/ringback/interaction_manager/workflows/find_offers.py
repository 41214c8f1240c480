"""Load the snapshot that offers rest on, and let the rule speak. Changes nothing and holds nothing."""

from __future__ import annotations

from datetime import timedelta

from ringback.domain.errors import Invalid
from ringback.domain.offers import Offers, OffersQuery
from ringback.interaction_manager.asking import Asker, load_open
from ringback.interaction_manager.booking import (
    load_bookings,
    load_line,
    load_rates,
    load_reach,
)
from ringback.interaction_manager.configuration import SettingsCache, load_agents, load_settings
from ringback.interaction_manager.operators import load_waitlist
from ringback.interaction_manager.rules.offers import offers, shown_queues
from ringback.interaction_manager.rules.reading import zone_of
from ringback.interaction_manager.rules.routing import route
from ringback.interaction_manager.workflows.judge_request import read_when
from ringback.postgres.database import Transaction


async def find_offers(cache: SettingsCache, tx: Transaction, query: OffersQuery) -> Offers:
    """Say what can be offered; raise NotFound or Invalid (`unknown-provider`, `time-invalid`)."""
    if query.when is not None:
        read_when(query.when)
    try:
        zone_of(query.zone)
    except ValueError as error:
        raise Invalid(f"{error}.", id="time-invalid", field="zone") from error
    business = query.business
    settings = await load_settings(tx, business, cache)
    way = route(settings.snapshot({}), query.provider, query.topic)
    shown = shown_queues(settings.snapshot({}), way.queue.id)
    every = frozenset(id for queue in shown for id in settings.structure.related(queue))
    snapshot = await load_agents(tx, business, settings, every)
    snapshot = await load_open(tx, business, snapshot, Asker(person=query.person))
    snapshot = await load_waitlist(tx, business, snapshot, every, query.person)
    snapshot = await load_line(tx, business, snapshot, every)
    snapshot = await load_rates(tx, business, snapshot, every, cache)
    far = await load_reach(tx, business, snapshot, way.queue)
    ahead = far.around(tx.now, tx.now + timedelta(days=way.queue.policy.days_ahead + 2))
    snapshot = await load_bookings(tx, business, snapshot, snapshot.related(way.queue.id), [ahead], chat=query.chat)
    return offers(snapshot, query, tx.now)
