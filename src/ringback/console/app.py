"""Every route of desk, console, API and log-ins, wired to its parts. A route of the API that names no right does not start."""

from __future__ import annotations

from collections.abc import Sequence

from litestar import Response, Router, get
from litestar.types import ControllerRouterHandler

from ringback.console.api import (
    accounts,
    acts,
    bulk,
    business,
    calendar,
    callbacks,
    channels,
    day,
    do_not_call,
    levers,
    outside,
    recordings,
    reports,
    shifts,
    webhooks,
)
from ringback.console.api.schema import STYLE
from ringback.console.asking import ASKING
from ringback.console.desk import desk_router
from ringback.console.edge import NOT_STORED, dependencies
from ringback.console.feed import OverviewFeed
from ringback.console.overview import overview_router
from ringback.console.parts import Parts
from ringback.identity.app import LogIns
from ringback.identity.app import routers as log_in_routers
from ringback.identity.guards import guard_of
from ringback.pages.live import LiveHub

CALLBACKS = (
    callbacks.create,
    callbacks.list_all,
    callbacks.look,
    callbacks.why,
    calendar.entry,
    acts.cancel,
    acts.move,
    acts.reassign,
    acts.call_next,
    acts.priority,
    acts.number,
    recordings.recordings,
    recordings.sound,
    bulk.preview_bulk,
    bulk.act_in_bulk,
)
BUSINESS = (
    business.offers,
    business.queues,
    levers.preview_levers,
    levers.pull_levers,
    business.agents,
    day.preview_away,
    day.away,
    day.alerts,
    business.set_agent_state,
    shifts.import_shifts,
    shifts.shifts,
    shifts.booked_work,
    business.configuration,
    business.apply_configuration,
    reports.report,
    reports.ledger,
    business.export_person,
    business.erase_person,
)
DO_NOT_CALL = (
    do_not_call.numbers,
    do_not_call.add,
    do_not_call.take_in,
    do_not_call.remove,
)
OUTSIDE = (
    outside.sources,
    outside.report_events,
    outside.report_snapshot,
    outside.interaction,
)
WEBHOOKS = (
    webhooks.endpoints,
    webhooks.create,
    webhooks.look,
    webhooks.change,
    webhooks.remove,
    webhooks.renew,
    webhooks.test,
    webhooks.deliveries,
    webhooks.resend,
)
CHANNELS = (
    channels.channels,
    channels.create,
    channels.look,
    channels.change,
    channels.rotate,
    channels.remove,
)
ACCOUNTS = (
    accounts.users,
    accounts.add_user,
    accounts.look_at_user,
    accounts.alter_user,
    accounts.change_password,
    accounts.keys,
    accounts.add_key,
    accounts.remove_key,
    accounts.audit,
)


@get("/api/v1/schema.css", include_in_schema=False, media_type="text/css")
async def style() -> Response[str]:
    """Return the style of the API's page."""
    return Response(STYLE, media_type="text/css", headers={"cache-control": "public, max-age=3600"})


def routers(parts: Parts, hub: LiveHub) -> Sequence[ControllerRouterHandler]:
    """Return the routes of desk, console, API and log-ins."""
    log_ins = LogIns(database=parts.identity, gatekeeper=parts.gatekeeper, passwords=parts.passwords)
    tagged = {
        "callbacks": CALLBACKS,
        "business": BUSINESS,
        "do-not-call": DO_NOT_CALL,
        "outside": OUTSIDE,
        "channels": CHANNELS,
        "webhooks": WEBHOOKS,
        "accounts": ACCOUNTS,
    }
    api = Router(
        path="/api/v1",
        route_handlers=[Router(path="/", route_handlers=list(group), tags=[tag]) for tag, group in tagged.items()],
        guards=[guard_of(parts.gatekeeper)],
        dependencies={**dependencies(parts), **ASKING},
        response_headers=NOT_STORED,
    )
    feed = OverviewFeed(parts)
    return [*log_in_routers(log_ins), desk_router(parts, hub), overview_router(parts, feed, hub), api, style]
