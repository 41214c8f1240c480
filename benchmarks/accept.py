"""The accept path as benchmarks drive it: the interaction manager's own workflow, behind the same group writer that its messages go through."""

from __future__ import annotations

from collections.abc import Sequence
from uuid import uuid4

from ringback.domain.commands import RequestCallback
from ringback.domain.destinations import Destination, DestinationKind
from ringback.domain.ids import BusinessId, CallbackId, PersonId, new_id
from ringback.domain.times import When, WhenKind
from ringback.interaction_manager.configuration import SettingsCache
from ringback.interaction_manager.workflows.book_callback import book_callbacks
from ringback.postgres.database import Database
from ringback.postgres.group_writer import GroupWriter


def request(provider: str, when: When | None = None) -> RequestCallback:
    """A request of somebody new, who is called in their browser; as soon as possible unless it says otherwise."""
    return RequestCallback(
        callback=CallbackId(new_id()),
        provider=provider,
        when=when or When(kind=WhenKind.ASAP, zone="UTC"),
        destination=Destination(kind=DestinationKind.BROWSER, address=str(uuid4()), proved=True),
        person=PersonId(new_id()),
        named_time=True,
    )


def accepting(database: Database, business: BusinessId) -> GroupWriter[RequestCallback, None]:
    """Return what accepts requests: each is answered after the commit that holds it."""
    cache = SettingsCache()

    async def flush(requests: Sequence[RequestCallback]) -> list[None]:
        async with database.transaction(business, name="apply_interactions.RequestCallback") as tx:
            await book_callbacks(cache, tx, business, requests)
        return [None] * len(requests)

    return GroupWriter(flush, key=lambda each: each.callback)
