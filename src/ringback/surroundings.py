"""What Ringback needs of others, tried for real by `ringback doctor`: carriers, the mail server, the interaction manager elsewhere, queues outside.

Nothing is changed anywhere: no call is placed, no letter handed in.
"""

from __future__ import annotations

import asyncio
import re
import socket
from collections.abc import AsyncIterator
from urllib.parse import quote, urlsplit
from uuid import uuid4

import httpx
import websockets

from ringback.callback_application_server.mail.post_office import NotTaken, open_post_office
from ringback.domain.errors import ConfigurationError
from ringback.findings import Finding, bad, good, warning
from ringback.interaction_manager.app_queue.ami import AmiClient, AmiError
from ringback.interaction_manager.app_queue.configuration import read_app_queues
from ringback.settings import Settings
from ringback.trust import trusted

PATIENCE = 5.0  # seconds for each thing that is tried
OLDEST_ASTERISK = 18
_NAME = re.compile(r"^[a-z0-9-]+=(?=https?://)")  # of one Asterisk among several


async def examine_surroundings(settings: Settings, *, internal_secret: str) -> AsyncIterator[Finding]:
    """Try each thing that the settings name."""
    if "asterisk" in settings.carriers:
        async for finding in _asterisk(settings):
            yield finding
    if "simulated" in settings.carriers:
        yield await _simulated(settings.simulated_carrier)
    if settings.smtp_url is not None:
        yield await _mail(settings.smtp_url, settings.mail_from)
    if settings.interactions_url is not None:
        yield await _interactions(settings.interactions_url, internal_secret)
    async for finding in _queues(settings):
        yield finding


async def examine_port(settings: Settings) -> Finding:
    """Tell a free port from our own and from one that another program holds."""
    host = "127.0.0.1" if settings.host in ("0.0.0.0", "::") else settings.host  # noqa: S104
    with socket.socket(socket.AF_INET6 if ":" in host else socket.AF_INET, socket.SOCK_STREAM) as probe:
        probe.settimeout(1)
        taken = await asyncio.to_thread(probe.connect_ex, (host, settings.port)) == 0
    if not taken:
        return good("port", f"{settings.port} is free")
    place = f"[{host}]" if ":" in host else host
    try:
        async with httpx.AsyncClient(timeout=PATIENCE, trust_env=False, verify=trusted()) as client:
            said = (await client.get(f"http://{place}:{settings.port}/health")).json()
        if not {"status", "version"} <= said.keys():
            raise ValueError("another program's answer")
    except (httpx.HTTPError, ValueError, AttributeError):
        mend = "stop it, or choose another port with RINGBACK_PORT"
        return bad("port", f"another program answers on {settings.port}", mend)
    return good("port", f"Ringback {said['version']} answers on {settings.port}: {said['status']}")


async def _asterisk(settings: Settings) -> AsyncIterator[Finding]:
    for address in (settings.asterisk_url or "").split(","):
        parts = urlsplit(_NAME.sub("", address.strip()))
        place = f"{parts.scheme}://{parts.hostname}{f':{parts.port}' if parts.port else ''}{parts.path.rstrip('/')}"
        credentials = httpx.BasicAuth(parts.username or "", parts.password or "")
        async with httpx.AsyncClient(timeout=PATIENCE, auth=credentials, trust_env=False, verify=trusted()) as client:
            try:
                answer = await client.get(f"{place}/asterisk/info")
            except httpx.HTTPError as error:
                line = f"{place} does not answer ({type(error).__name__})"
                yield bad("asterisk", line, "start Asterisk, set enabled=yes in its http.conf and ari.conf, or correct RINGBACK_ASTERISK_URL")  # fmt: skip
                continue
            yield _asterisk_of(place, answer)
            if answer.status_code == 200:
                yield await _events(place, credentials)
                yield await _trunk(client, place, settings.asterisk_trunk or "")


def _asterisk_of(place: str, answer: httpx.Response) -> Finding:
    if answer.status_code in (401, 403):
        return bad("asterisk", f"{place} refuses our user", "correct the user and password in RINGBACK_ASTERISK_URL, as in ari.conf")  # fmt: skip
    try:
        version = str(answer.json()["system"]["version"])
        major = int(version.removeprefix("certified/").split(".")[0])
    except (ValueError, KeyError, TypeError):
        return bad("asterisk", f"{place} answers {answer.status_code}, and not as ARI does", "the URL ends in /ari; is res_ari loaded?")  # fmt: skip
    if major < OLDEST_ASTERISK:
        return warning("asterisk", f"version {version} is older than what is tried", f"{OLDEST_ASTERISK} or newer")
    return good("asterisk", f"version {version} at {place}")


async def _events(place: str, credentials: httpx.BasicAuth) -> Finding:
    """Open an event stream under a name of our own, so that nobody's is taken over."""
    scheme, _, rest = place.partition("://")
    header = next(credentials.auth_flow(httpx.Request("GET", "http://asterisk/"))).headers["Authorization"]
    address = (
        f"{'wss' if scheme == 'https' else 'ws'}://{rest}/events?app={quote(f'ringback-doctor-{uuid4().hex[:8]}')}"
    )
    try:
        async with asyncio.timeout(PATIENCE), websockets.connect(address, additional_headers={"Authorization": header}):
            return good("asterisk events", "the event stream opens")
    except (OSError, websockets.WebSocketException, TimeoutError) as error:
        line = f"the event stream does not open ({type(error).__name__})"
        return bad("asterisk events", line, "load res_http_websocket, res_ari_events and app_stasis; a proxy in between must pass WebSockets on")  # fmt: skip


async def _trunk(client: httpx.AsyncClient, place: str, trunk: str) -> Finding:
    technology, _, rest = trunk.partition("/")
    name = rest.rpartition("@")[2].split("/")[0]
    if not name or "{" in name:
        return warning("trunk", f"{trunk or 'none'} names no trunk that can be looked up", "RINGBACK_ASTERISK_TRUNK, such as PJSIP/{digits}@carrier")  # fmt: skip
    try:
        answer = await client.get(f"{place}/endpoints/{quote(technology)}/{quote(name)}")
        state = str(answer.json().get("state", "unknown")) if answer.status_code == 200 else None
    except (httpx.HTTPError, ValueError, AttributeError) as error:
        return bad("trunk", f"could not be looked up ({type(error).__name__})", "look at Asterisk's log")
    if state is None:
        return bad("trunk", f"Asterisk knows no {technology} endpoint {name}", "add it to pjsip.conf, or correct RINGBACK_ASTERISK_TRUNK")  # fmt: skip
    if state == "offline":
        return warning("trunk", f"{technology}/{name} is offline", "look at its registration and qualify: pjsip show endpoint")  # fmt: skip
    return good("trunk", f"{technology}/{name} is {state}")


async def _simulated(address: str | None) -> Finding:
    host, _, port = (address or "").rpartition(":")
    try:
        async with asyncio.timeout(PATIENCE):
            _, writer = await asyncio.open_connection(host, int(port))
    except (OSError, TimeoutError, ValueError) as error:
        line = f"does not answer at {address or 'no address'} ({type(error).__name__})"
        return bad("simulated carrier", line, "start it, or correct RINGBACK_SIMULATED_CARRIER")
    writer.close()
    return good("simulated carrier", f"answers at {address}: no real telephone rings")


async def _mail(url: str, sender: str) -> Finding:
    try:
        office = open_post_office(url, sender)
        assert office is not None, "a URL is set"
        async with asyncio.timeout(PATIENCE * 2):
            await office.knock()
    except (ConfigurationError, NotTaken) as error:
        return bad("mail", str(error), "correct RINGBACK_SMTP_URL; alerts wait and are tried again")
    except TimeoutError:
        return bad("mail", "the mail server does not answer in time", "correct RINGBACK_SMTP_URL")
    return good("mail", "the mail server lets us in")


async def _interactions(url: str, secret: str) -> Finding:
    """Send an empty question: who answers it with what is wrong with it has the same secret."""
    mend = "RINGBACK_INTERACTIONS_URL is an interaction manager's RINGBACK_INTERNAL_HOST and _PORT"
    try:
        async with httpx.AsyncClient(timeout=PATIENCE, trust_env=False, verify=trusted()) as client:
            headers = {"Authorization": f"Bearer {secret}", "Content-Type": "application/json"}
            answer = await client.post(f"{url.rstrip('/')}/internal/v1/offers", headers=headers, content=b"{}")
    except (httpx.HTTPError, httpx.InvalidURL) as error:
        return bad("offers", f"{url} does not answer ({type(error).__name__})", f"ringback serve interactions; {mend}")
    if answer.status_code == 401:
        return bad("offers", f"{url} refuses us", "give both processes the same RINGBACK_SECRET")
    if answer.status_code not in (400, 422):
        return bad("offers", f"{url} answers {answer.status_code}: it is no interaction manager", mend)
    return good("offers", f"an interaction manager answers at {url}")


async def _queues(settings: Settings) -> AsyncIterator[Finding]:
    try:
        queues = read_app_queues(settings.asterisk_queues)
    except ConfigurationError as error:
        yield bad("outside queues", str(error), "docs/queues/asterisk.md")
        return
    for each in queues:
        name = f"{each.business}/{each.source} at {each.address.host}:{each.address.port}"
        try:
            async with AmiClient(each.address):
                yield good("outside queues", f"{name} lets us in")
        except AmiError as error:
            yield bad("outside queues", f"{name}: {error}", "look at manager.conf and RINGBACK_ASTERISK_QUEUES")
