"""Two ways to ask for offers: in the same process, and over the interaction manager's internal HTTP."""

from __future__ import annotations

import asyncio

import httpx
import msgspec

from ringback.domain.errors import Conflict, Invalid, NotFound, RingbackError
from ringback.domain.offers import Offers, OffersQuery
from ringback.interaction_manager.configuration import SettingsCache
from ringback.interaction_manager.workflows.find_offers import find_offers
from ringback.postgres.database import Database

PATH = "/internal/v1/offers"


class OffersUnavailable(RingbackError):
    """The interaction manager did not answer: nothing is known about what can be offered."""


class LocalOffers:
    """Reads offers from the database, as the interaction manager."""

    def __init__(self, database: Database, cache: SettingsCache | None = None) -> None:
        self._database = database
        self._cache = cache or SettingsCache()

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
        )

    async def offers(self, query: OffersQuery) -> Offers:
        """Return what can be offered; raise NotFound (`unknown-provider`), or OffersUnavailable when nobody answers."""
        try:
            async with asyncio.timeout(self._timeout):
                response = await self._client.post(PATH, content=msgspec.json.encode(query))
        except (httpx.HTTPError, TimeoutError) as error:
            raise OffersUnavailable(f"the interaction manager does not answer: {type(error).__name__}") from error
        if response.status_code == 200:
            return msgspec.json.decode(response.content, type=Offers)
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
