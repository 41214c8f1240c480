"""Two ways to ask for offers, and to keep a place for a chat: in the same process, and over the interaction manager's internal HTTP."""

from __future__ import annotations

import asyncio
from collections.abc import Sequence

import httpx
import msgspec

from ringback.domain.errors import Conflict, Invalid, NotFound, RingbackError
from ringback.domain.ids import BusinessId
from ringback.domain.offers import Held, HoldQuery, Offers, OffersQuery
from ringback.interaction_manager.configuration import SettingsCache
from ringback.interaction_manager.workflows.find_offers import find_offers
from ringback.interaction_manager.workflows.hold_slots import hold_slots
from ringback.postgres.database import Database
from ringback.postgres.group_writer import GroupWriter
from ringback.trust import trusted

PATH = "/internal/v1/offers"
HOLDS = "/internal/v1/holds"


class OffersUnavailable(RingbackError):
    """The interaction manager did not answer: nothing is known about what can be offered."""


class LocalOffers:
    """Reads offers from the database, and keeps places there, as the interaction manager. One writer flushes all that gathered."""

    def __init__(self, database: Database, cache: SettingsCache | None = None) -> None:
        self._database = database
        self._cache = cache or SettingsCache()
        self._writer: GroupWriter[HoldQuery, Held | None] = GroupWriter(
            self._hold_together, key=lambda query: (query.business, query.chat)
        )

    async def hold(self, query: HoldQuery) -> Held | None:
        """Keep a place for a chat; None when none is kept."""
        return await self._writer.submit(query)

    async def _hold_together(self, queries: Sequence[HoldQuery]) -> list[Held | None]:
        by_business: dict[BusinessId, list[int]] = {}
        for number, query in enumerate(queries):
            by_business.setdefault(query.business, []).append(number)
        answers: list[Held | None] = [None] * len(queries)
        for business, numbers in by_business.items():
            async with self._database.transaction(business, name="hold_slots") as tx:
                kept = await hold_slots(self._cache, tx, business, [queries[number] for number in numbers])
            for number, held in zip(numbers, kept, strict=True):
                answers[number] = held
        return answers

    async def offers(self, query: OffersQuery) -> Offers:
        """Return what can be offered; raise NotFound (`unknown-provider`) for a provider the business does not have."""
        async with self._database.transaction(query.business, name="find_offers") as tx:
            return await find_offers(self._cache, tx, query)


class HttpOffers:
    """Asks an interaction manager elsewhere. `url`: its internal address; `secret`: what both were given."""

    def __init__(self, url: str, *, secret: str, timeout: float = 3.0) -> None:
        self._timeout = timeout
        self._client = httpx.AsyncClient(
            base_url=url,
            headers={"Authorization": f"Bearer {secret}", "Content-Type": "application/json"},
            timeout=timeout,
            trust_env=False,
            verify=trusted(),
        )

    async def offers(self, query: OffersQuery) -> Offers:
        """Return what can be offered; raise NotFound (`unknown-provider`), or OffersUnavailable when nobody answers."""
        return msgspec.json.decode(await self._ask(PATH, query), type=Offers)

    async def hold(self, query: HoldQuery) -> Held | None:
        """Keep a place for a chat; None when none is kept. Raise OffersUnavailable when nobody answers."""
        return msgspec.json.decode(await self._ask(HOLDS, query), type=Held | None)

    async def _ask(self, path: str, query: OffersQuery | HoldQuery) -> bytes:
        try:
            async with asyncio.timeout(self._timeout):
                response = await self._client.post(path, content=msgspec.json.encode(query))
        except (httpx.HTTPError, TimeoutError) as error:
            raise OffersUnavailable(f"the interaction manager does not answer: {type(error).__name__}") from error
        if response.status_code == 200:
            return response.content
        raise _error_of(response)

    async def close(self) -> None:
        """Close the connections; a second call does nothing."""
        await self._client.aclose()


def _error_of(response: httpx.Response) -> RingbackError:
    try:
        body = response.json()
        id, detail = str(body["type"]).rsplit("/", 1)[-1], str(body["detail"])
    except (ValueError, KeyError, TypeError):
        return OffersUnavailable(f"the interaction manager answered {response.status_code}")
    match response.status_code:
        case 404:
            return NotFound(detail, id=id, field=body.get("field"), next=body.get("next"))
        case 422 | 400:
            return Invalid(detail, id=id, field=body.get("field"), next=body.get("next"))
        case 409:
            return Conflict(detail, id=id, next=body.get("next"))
    return OffersUnavailable(f"the interaction manager answered {response.status_code}: {id}")
