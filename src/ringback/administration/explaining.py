"""`ringback why`: what was decided about one callback, and from what, of whichever business it is."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from zoneinfo import ZoneInfo

from ringback.administration.businesses import SQL, find_business
from ringback.domain.errors import NotFound
from ringback.domain.ids import BusinessId, CallbackId
from ringback.domain.reports import Sentence
from ringback.installation import Installation, ready_installation
from ringback.local_clients import LocalReports
from ringback.postgres.address import Role
from ringback.settings import Settings


@dataclass(frozen=True, slots=True, kw_only=True)
class Explanation:
    """The sentences, and the zone by whose clock they are told."""

    zone: ZoneInfo
    sentences: Sequence[Sentence]


async def explain(settings: Settings, callback: CallbackId, *, business: str | None) -> Explanation:
    """Tell the story of a callback. Raises NotFound where no business, or not this one, has it."""
    async with ready_installation(settings) as installation:
        reports = LocalReports(await installation.pool(Role.READ))
        for each in [await find_business(installation, business)] if business else await _every(installation):
            try:
                sentences = await reports.sentences(each, callback)
            except NotFound:
                continue
            return Explanation(zone=await reports.zone(each), sentences=sentences)
    raise NotFound(f"There is no callback {callback}{f' at {business}' if business else ''}.")


async def _every(installation: Installation) -> list[BusinessId]:
    dispatcher = await installation.pool(Role.DISPATCHER)
    async with dispatcher.connection() as connection:
        slugs = [row["slug"] for row in await connection.fetch(SQL["list_businesses"].text)]
    return [await find_business(installation, slug) for slug in slugs]
