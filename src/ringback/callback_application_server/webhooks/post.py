"""Sends one signed body over HTTP: to the addresses that were checked, without redirects, proxies or patience."""

from __future__ import annotations

import asyncio
import socket
from collections.abc import Mapping
from dataclasses import dataclass

import httpx

from ringback.domain.errors import Refused
from ringback.domain.webhooks import WebhookTarget, is_public, read_target
from ringback.trust import trusted

CONNECT_TIMEOUT = 5.0
TIMEOUT = 15.0


@dataclass(frozen=True, slots=True, kw_only=True)
class Answer:
    """How a try went: a status, or the error before there was one."""

    status: int | None
    error: str | None = None
    body: bytes = b""  # of what was asked for with `longest`
    retry_after: float | None = None  # seconds


class WebhookPoster:
    """Resolves, checks and posts. Every address a name resolves to must be public, and the connection goes to one that was checked."""

    def __init__(self, *, allow_private: bool) -> None:
        self._allow_private = allow_private
        self._client = httpx.AsyncClient(
            follow_redirects=False,
            trust_env=False,
            verify=trusted(),
            timeout=httpx.Timeout(TIMEOUT, connect=CONNECT_TIMEOUT),
            limits=httpx.Limits(max_connections=64, max_keepalive_connections=0),
        )

    async def post(
        self,
        url: str,
        body: str,
        headers: Mapping[str, str],
        *,
        within: float = TIMEOUT,
        longest: int = 0,
        method: str = "POST",
    ) -> Answer:
        """Post once; whatever goes wrong is in the answer. `longest`: so many bytes of what comes back are read, and more is an error."""
        try:
            async with asyncio.timeout(within):
                target = read_target(url, allow_private=self._allow_private)
                addresses = await self._resolve(target)
                return await self._send(method, target, addresses, body, headers, longest)
        except Refused as error:
            return Answer(status=None, error=error.id)
        except TimeoutError:
            return Answer(status=None, error="timed out")
        except OSError as error:
            return Answer(status=None, error=f"not resolved: {type(error).__name__}")
        except (httpx.HTTPError, httpx.InvalidURL) as error:
            return Answer(status=None, error=type(error).__name__)

    async def close(self) -> None:
        """Close the client."""
        await self._client.aclose()

    async def _resolve(self, target: WebhookTarget) -> list[str]:
        loop = asyncio.get_running_loop()
        found = await loop.getaddrinfo(target.host, target.port, type=socket.SOCK_STREAM)
        addresses = list(dict.fromkeys(str(entry[4][0]) for entry in found))
        if not self._allow_private and not all(is_public(address) for address in addresses):
            raise Refused("This name leads to a private address.", id="url-not-allowed")
        return addresses

    async def _send(
        self,
        method: str,
        target: WebhookTarget,
        addresses: list[str],
        body: str,
        headers: Mapping[str, str],
        longest: int,
    ) -> Answer:
        for address in addresses[:-1]:
            try:
                return await self._send_to(address, method, target, body, headers, longest)
            except (httpx.ConnectError, httpx.ConnectTimeout):
                continue
        return await self._send_to(addresses[-1], method, target, body, headers, longest)

    async def _send_to(
        self, address: str, method: str, target: WebhookTarget, body: str, headers: Mapping[str, str], longest: int
    ) -> Answer:
        host = f"[{address}]" if ":" in address else address
        request = self._client.build_request(
            method,
            f"{target.scheme}://{host}:{target.port}{target.path}",
            content=body.encode(),
            headers={**headers, "host": target.authority, "user-agent": "Ringback-Webhooks"},
            extensions={"sni_hostname": target.host},
        )
        answer = await self._client.send(request, stream=True)
        try:
            read = bytearray()
            if longest:
                async for chunk in answer.aiter_bytes():
                    read += chunk
                    if len(read) > longest:
                        return Answer(status=answer.status_code, error="too long")
            after = answer.headers.get("retry-after", "")
            return Answer(
                status=answer.status_code, body=bytes(read), retry_after=float(after) if after.isdecimal() else None
            )
        finally:
            await answer.aclose()
