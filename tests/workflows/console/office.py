"""An office for tests: a real database, the real interaction manager and application server at work, and desk, console and API over real HTTP."""

from __future__ import annotations

import asyncio
import contextlib
import json
from collections.abc import AsyncIterator, Awaitable, Callable, Mapping
from dataclasses import dataclass
from typing import Any
from uuid import UUID, uuid4

import httpx
from argon2 import PasswordHasher
from litestar import Litestar
from websockets.asyncio.client import ClientConnection, connect

from ringback.business_document import BusinessDocuments
from ringback.callback_application_server.channels.checking import check_account
from ringback.callback_application_server.persons import Persons
from ringback.callback_application_server.rules.tokens import derive_keys
from ringback.callback_application_server.webhooks.post import WebhookPoster
from ringback.callback_application_server.worker import ApplicationServer
from ringback.callback_application_server.workflows.context import ChatContext
from ringback.console.api.schema import openapi_config
from ringback.console.app import routers
from ringback.console.known_workplaces import KnownWorkplaces
from ringback.console.parts import Parts
from ringback.domain.ids import AgentId, BusinessId
from ringback.identity.guards import Gatekeeper
from ringback.identity.passwords import Passwords
from ringback.identity.workflows.create_api_key import create_api_key
from ringback.identity.workflows.create_user import create_user
from ringback.interaction_manager.offers import LocalOffers
from ringback.interaction_manager.worker import InteractionManager
from ringback.interaction_manager.workflows.apply_configuration import apply_configuration
from ringback.interaction_manager.workplaces import Workplaces
from ringback.local_clients import LocalReports
from ringback.pages.limits import RateLimit
from ringback.pages.live import LiveHub
from ringback.pages.security import LARGEST_BODY, SecurityHeaders
from ringback.pages.serving import bind, serve
from ringback.problems import EXCEPTION_HANDLERS
from ringback.trust import trusted
from tests.support.databases import SECRET, Databases
from tests.support.waiting import PATIENCE

WEEK = dict.fromkeys(("mon", "tue", "wed", "thu", "fri", "sat", "sun"), ["00:00-24:00"])
PASSWORD = "correct horse battery"
EVERY_SCOPE = (
    "callbacks:write", "numbers:read", "queues:write", "agents:write", "configuration:write", "outside:write", "reports:read",
    "persons:write", "webhooks:write", "audit:read",
)  # fmt: skip


def document(slug: str) -> dict[str, Any]:
    """A business with two departments, open at every hour, and three agents."""
    return {
        "business": {
            "slug": slug,
            "name": slug.capitalize(),
            "zone": "Europe/London",
            "policy": {"calling_hours": {"start": "00:00", "end": "23:59:59"}},
        },
        "queues": [
            {"slug": "billing", "name": "Billing", "default": True, "hours": {"week": WEEK}},
            {"slug": "support", "name": "Support", "hours": {"week": WEEK}},
        ],
        "agents": [
            {"slug": "kim", "name": "Kim Osei", "queues": ["billing", "support"], "home": "billing"},
            {"slug": "amir", "name": "Amir Haddad", "queues": ["billing"]},
            {"slug": "mira", "name": "Mira Novak", "queues": ["support"]},
        ],
    }


class Caller:
    """Somebody who calls the API: a key, or a browser with a cookie."""

    def __init__(self, office: Office, headers: Mapping[str, str] | None = None) -> None:
        self.office = office
        self.http = httpx.AsyncClient(base_url=office.url, headers=dict(headers or {}), timeout=20, verify=trusted())

    async def get(self, path: str, **parameters: Any) -> httpx.Response:
        return await self.http.get(path, params=parameters)

    async def post(self, path: str, body: Any = None, *, key: str | None = None, **headers: str) -> httpx.Response:
        own = {"idempotency-key": key or str(uuid4())} | headers
        return await self.http.post(path, json={} if body is None else body, headers=own)

    async def log_in(self, email: str, password: str = PASSWORD) -> httpx.Response:
        return await self.post("/auth/v1/login", {"email": email, "password": password})

    @contextlib.asynccontextmanager
    async def live(self, path: str, *, page: UUID | None = None) -> AsyncIterator[Live]:
        """Open a page's WebSocket with the cookie."""
        cookie = "; ".join(f"{name}={value}" for name, value in self.http.cookies.items())
        headers = {"cookie": cookie, "origin": self.office.url}
        async with connect(self.office.url.replace("http", "ws") + path, additional_headers=headers) as socket:
            await socket.send(json.dumps({"hello": {"page": str(page or uuid4()), "after": 0}}))
            yield Live(socket)


class Live:
    """What comes out of a page's WebSocket."""

    def __init__(self, socket: ClientConnection) -> None:
        self.socket = socket

    async def until(self, wanted: Callable[[dict[str, Any]], bool]) -> dict[str, Any]:
        async with asyncio.timeout(PATIENCE):
            while True:
                event: dict[str, Any] = json.loads(await self.socket.recv())
                if wanted(event):
                    return event


@dataclass(slots=True, kw_only=True)
class House:
    """One business of the office."""

    id: BusinessId
    slug: str
    agents: dict[str, AgentId]
    queues: dict[str, UUID]


class Office:
    """Everything of one installation but the session management server."""

    def __init__(self, databases: Databases) -> None:
        self.databases = databases
        self.url = ""
        self.passwords = Passwords(PasswordHasher(time_cost=1, memory_cost=8, parallelism=1))
        offers = LocalOffers(databases.interactions)
        self.key_limit = RateLimit(burst=1000, per_second=1000)
        self.gatekeeper = Gatekeeper(
            database=databases.identity, public_url="http://ringback.example", spend_key=self.key_limit.spend
        )
        self.parts = Parts(
            read=databases.read,
            application=databases.application,
            identity=databases.identity,
            hints=databases.hints,
            gatekeeper=self.gatekeeper,
            workplaces=KnownWorkplaces(Workplaces()),
            offers=offers,
            reports=LocalReports(databases.read),
            configurations=BusinessDocuments(databases.operator, self.passwords),
            persons=Persons(databases.application, databases.read),
            passwords=self.passwords,
            phones=True,
            allow_private_urls=True,
            check_channel=check_account,
        )
        self.manager = InteractionManager(
            database=databases.interactions,
            dispatcher=databases.dispatcher,
            hints=databases.hints,
            phone_carrier="simulated",
        )
        context = ChatContext(
            database=databases.application,
            hints=databases.hints,
            offers=offers,
            keys=derive_keys(SECRET),
            poster=WebhookPoster(allow_private=True),
            phones=True,
        )
        self.application = ApplicationServer(context, dispatcher=databases.dispatcher)
        self.hub = LiveHub(databases.hints, "agent", "console", "chat")
        self.app = Litestar(
            list(routers(self.parts, self.hub)),
            exception_handlers=EXCEPTION_HANDLERS,
            request_max_body_size=LARGEST_BODY,
            openapi_config=openapi_config(),
            logging_config=None,
        )

    @contextlib.asynccontextmanager
    async def open(self) -> AsyncIterator[Office]:
        """Run everything while the block runs."""
        listener = bind("127.0.0.1", 0, variable="PORT")
        self.url = f"http://127.0.0.1:{listener.getsockname()[1]}"
        started = asyncio.Event()
        work: list[Awaitable[None]] = [
            serve(SecurityHeaders(self.app), listener, started=started.set),
            self.hub.run(),
            self.manager.run(),
            self.application.run(),
        ]
        tasks = [asyncio.ensure_future(each) for each in work]
        try:
            async with asyncio.timeout(PATIENCE):
                await started.wait()
            yield self
        finally:
            for task in tasks:
                task.cancel()
            await asyncio.gather(*tasks, return_exceptions=True)

    async def house(self, slug: str = "acme") -> House:
        """Make a business."""
        business = await self.databases.make_business(slug, name=slug.capitalize())
        async with self.databases.interactions.transaction(business, name="apply") as tx:
            await apply_configuration(tx, business, document(slug), by="test")
        async with self.databases.administrator() as connection:
            agents = await connection.fetch("SELECT slug, id FROM agent WHERE business = $1", business)
            queues = await connection.fetch("SELECT slug, id FROM queue WHERE business = $1", business)
        return House(
            id=business,
            slug=slug,
            agents={row["slug"]: row["id"] for row in agents},
            queues={row["slug"]: row["id"] for row in queues},
        )

    async def key(self, house: House, *scopes: str) -> Caller:
        """A program with a key."""
        made = await create_api_key(self.databases.identity, house.id, name="test", scopes=scopes or EVERY_SCOPE)
        return Caller(self, {"authorization": f"Bearer {made.key}"})

    async def person(self, house: House, name: str, *roles: str, agent: str | None = None, queues: Any = ()) -> Caller:
        """Somebody who is logged in, in a browser on our own page."""
        email = f"{name}@{house.slug}.example"
        await create_user(
            self.databases.identity,
            self.passwords,
            house.id,
            email=email,
            name=name.capitalize(),
            password=PASSWORD,
            roles=roles,
            agent=house.agents[agent] if agent else None,
            queues=queues,
        )
        caller = Caller(self, {"origin": self.url})
        answer = await caller.log_in(email)
        assert answer.status_code == 200, answer.text
        return caller

    async def rows(self, sql: str, *arguments: Any) -> Any:
        """Look into the database as its administrator."""
        async with self.databases.administrator() as connection:
            return await connection.fetch(sql, *arguments)


def wanted(number: str = "+442079460123", **more: Any) -> dict[str, Any]:
    """A callback as soon as possible to a number."""
    return {
        "provider": "biz:acme/q:billing",
        "when": {"kind": "asap", "zone": "Europe/London"},
        "destination": {"number": number},
        "person": {"name": "Dana W."},
        "topic": "October bill looks too high",
        **more,
    }
