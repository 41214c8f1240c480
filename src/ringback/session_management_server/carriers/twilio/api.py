"""Twilio's REST API, as far as it is used: calls, conferences, keys. What was certainly not done is told from what nobody can know."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import UTC, datetime
from email.utils import parsedate_to_datetime
from typing import Any

import httpx

from ringback.domain.errors import CarrierError, CarrierUnreachable
from ringback.session_management_server.carriers.twilio.legs import Seen
from ringback.session_management_server.carriers.twilio.options import TwilioOptions
from ringback.trust import trusted

VERSION = "2010-04-01"
PATIENCE = 2.5  # seconds, less than a verb may take


class TwilioRefused(CarrierError):
    """Twilio answered that it did not do it. `code` is its own error code."""

    def __init__(self, status: int, code: int | None, message: str) -> None:
        super().__init__(f"Twilio answered {status} ({code}): {message}")
        self.status = status
        self.code = code


class NotSent(CarrierError):
    """No connection was made: nothing can have come of it."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Key:
    """An API key: its name and its secret."""

    sid: str
    secret: str = field(repr=False)


class TwilioApi:
    """One account."""

    def __init__(self, options: TwilioOptions) -> None:
        self._account = options.account
        self._owner = (options.account, options.auth_token)
        self._client = httpx.AsyncClient(
            base_url=f"{options.api}/{VERSION}/Accounts/{options.account}",
            timeout=PATIENCE,
            trust_env=False,
            verify=trusted(),
        )

    async def close(self) -> None:
        """Let go of connections."""
        await self._client.aclose()

    async def create_call(self, key: Key, **form: Any) -> Seen:
        """Place a call. Raises TwilioRefused or NotSent: nothing rings; CarrierUnreachable: nobody knows, so never again."""
        return _seen(await self._ask("POST", "/Calls.json", auth=(key.sid, key.secret), form=form))

    async def find_call(self, call: str) -> Seen | None:
        """Return a call as it is."""
        try:
            return _seen(await self._ask("GET", f"/Calls/{call}.json"))
        except TwilioRefused as error:
            if error.status == 404:
                return None
            raise

    async def change_call(self, call: str, **form: str) -> None:
        """End a call (Status) or have it do something else (Twiml)."""
        await self._ask("POST", f"/Calls/{call}.json", form=form)

    async def list_calls(self, number: str, caller_id: str, since: datetime) -> list[tuple[Seen, datetime]]:
        """Return the calls of a caller id to a number since an instant, oldest first, each with when it was created."""
        query = {"To": number, "From": caller_id, "StartTime>": since.date().isoformat(), "PageSize": "200"}
        found = await self._ask("GET", "/Calls.json", query=query)
        calls = [(_seen(each), _instant(each["date_created"])) for each in found["calls"]]
        return sorted((each for each in calls if each[1] >= since), key=lambda each: each[1])

    async def find_conference(self, room: str) -> str | None:
        """Return the conference that goes on under a name."""
        query = {"FriendlyName": room, "Status": "in-progress"}
        found = (await self._ask("GET", "/Conferences.json", query=query))["conferences"]
        return str(found[0]["sid"]) if found else None

    async def change_conference(self, conference: str, call: str | None = None, **form: str) -> None:
        """Announce to a room, or hold or mute one participant."""
        path = f"/Conferences/{conference}" + (f"/Participants/{call}.json" if call else ".json")
        await self._ask("POST", path, form=form)

    async def create_key(self) -> Key:
        """Make an API key; only its holder may create calls with it."""
        made = await self._ask("POST", "/Keys.json", form={"FriendlyName": "ringback"})
        return Key(sid=made["sid"], secret=made["secret"])

    async def delete_key(self, sid: str) -> None:
        """Take a key away, confirmed; one that is gone is fine."""
        try:
            await self._ask("DELETE", f"/Keys/{sid}.json")
        except TwilioRefused as error:
            if error.status != 404:
                raise

    async def _ask(
        self,
        method: str,
        path: str,
        *,
        auth: tuple[str, str] | None = None,
        query: Mapping[str, str] | None = None,
        form: Mapping[str, Any] | None = None,
    ) -> Any:
        try:
            answer = await self._client.request(method, path, auth=auth or self._owner, params=query, data=form)
        except (httpx.ConnectError, httpx.ConnectTimeout, httpx.PoolTimeout) as error:
            raise NotSent(f"Twilio was not reached: {type(error).__name__}") from error
        except httpx.HTTPError as error:
            raise CarrierUnreachable(f"Twilio did not answer: {type(error).__name__}") from error
        if answer.status_code >= 500:
            raise CarrierUnreachable(f"Twilio answered {answer.status_code}")
        if answer.status_code == 204:
            return None
        try:
            body = answer.json()
        except ValueError as error:
            raise CarrierUnreachable("Twilio answered what is no JSON") from error
        if answer.is_success:
            return body
        raise TwilioRefused(answer.status_code, body.get("code"), str(body.get("message", ""))[:200])


def _seen(call: Mapping[str, Any]) -> Seen:
    return Seen(call=call["sid"], status=call["status"])


def _instant(text: str) -> datetime:
    """Read the RFC 2822 times of Twilio's listings."""
    at = parsedate_to_datetime(text)
    return at if at.tzinfo is not None else at.replace(tzinfo=UTC)
