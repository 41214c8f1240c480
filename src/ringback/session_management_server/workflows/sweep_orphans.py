"""Find legs at carriers that belong to nothing here, and revoke them: a prepare that came late, a crash between two steps."""

from __future__ import annotations

import structlog

from ringback.domain.errors import CarrierError
from ringback.domain.ids import BusinessId, LegId
from ringback.postgres.database import Database
from ringback.session_management_server import queries
from ringback.session_management_server.carriers.protocol import Carrier

log = structlog.get_logger(__name__)


async def sweep_orphans(database: Database, business: BusinessId, carrier: Carrier) -> int:
    """Revoke every leg of the business at the carrier that has no live row; return how many there were.

    Rows are committed before their carrier hears of them, so what is read here after the carrier's list knows every live leg.
    """
    there = await carrier.legs_of(business)
    if not there:
        return 0
    async with database.transaction(business, name="sweep") as tx:
        live = await queries.live_among(tx, business, there)
    orphans = [leg for leg in there if leg not in live]
    for leg in orphans:
        log.warning("orphan_leg", carrier=carrier.name, leg=str(leg))
        try:
            await carrier.revoke(business, LegId(leg))
        except CarrierError as error:
            log.warning("orphan_stays", carrier=carrier.name, leg=str(leg), error=type(error).__name__)
    return len(orphans)
