"""The one place where things are wired together: settings in, running servers out."""

from __future__ import annotations

import asyncio
import contextlib
import functools
import hashlib
import hmac
import signal
import socket
from collections.abc import Awaitable, Callable, Coroutine, Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any, TypeVar
from uuid import UUID

from litestar import Litestar
from litestar.types import ASGIApp

from ringback.business_document import BusinessDocuments
from ringback.callback_application_server.app import ChatEdge
from ringback.callback_application_server.channels.accounts import installed
from ringback.callback_application_server.channels.checking import check_account
from ringback.callback_application_server.channels.edge import open_edge
from ringback.callback_application_server.mail.post_office import open_post_office
from ringback.callback_application_server.persons import Persons
from ringback.callback_application_server.read_chat import ChatReader
from ringback.callback_application_server.rules.tokens import derive_keys
from ringback.callback_application_server.webhooks.post import WebhookPoster
from ringback.callback_application_server.worker import ApplicationServer
from ringback.callback_application_server.workflows.context import ChatContext
from ringback.console.api.schema import openapi_config
from ringback.console.app import routers as console_routers
from ringback.console.known_workplaces import KnownWorkplaces
from ringback.console.parts import Parts
from ringback.doctor import data_that_is_missing
from ringback.doctor import examine as examine_installation
from ringback.domain.errors import ConfigurationError
from ringback.domain.ids import BusinessId, new_id
from ringback.domain.offers import OffersClient
from ringback.domain.status import Server
from ringback.findings import Finding
from ringback.identity.guards import Gatekeeper
from ringback.identity.passwords import Passwords
from ringback.installation import Installation, open_installation, ready_installation
from ringback.interaction_manager.app import internal_routes
from ringback.interaction_manager.app_queue.configuration import read_app_queues
from ringback.interaction_manager.app_queue.connector import QueueConnector
from ringback.interaction_manager.offers import HttpOffers, LocalOffers
from ringback.interaction_manager.worker import InteractionManager
from ringback.interaction_manager.workplaces import Workplaces
from ringback.local_clients import LocalReports
from ringback.pages.limits import limit_of_rate
from ringback.pages.live import LiveHub
from ringback.pages.security import SecurityHeaders
from ringback.pages.serving import bind
from ringback.pages.serving import serve as serve_http
from ringback.postgres import backup, failpoints
from ringback.postgres.address import Role, ServerAddress
from ringback.postgres.cluster import ClusterWatch, resume_dialling
from ringback.postgres.database import Database
from ringback.postgres.hints import Hints
from ringback.postgres.messages import SQL as MESSAGES
from ringback.postgres.migrations import migrate
from ringback.session_management_server.carriers.environment import CarrierEnvironment
from ringback.session_management_server.carriers.registry import carrier_options, open_carriers
from ringback.session_management_server.carriers.twilio.door import TwilioDoor
from ringback.session_management_server.carriers.twilio.options import TwilioOptions
from ringback.session_management_server.worker import SWEEP, SessionManager
from ringback.settings import Settings
from ringback.web_application import create_application

Result = TypeVar("Result")

# ---------------------------------------------------------------- commands on the installation


async def migrate_database(settings: Settings) -> list[str]:
    """Apply what is missing; return the names."""
    async with open_installation(settings) as installation:
        return await migrate(installation.address, secret=installation.secret)


async def back_up_database(settings: Settings, file: Path) -> None:
    """Write a backup."""
    async with open_installation(settings) as installation:
        await backup.back_up(installation.address, file)


async def restore_database(settings: Settings, file: Path) -> None:
    """Restore a backup into an empty database."""
    async with open_installation(settings) as installation:
        await backup.restore(installation.address, file, secret=installation.secret)


async def examine(settings: Settings, *, resume: bool, unpark: bool) -> list[Finding]:
    """Mend what was asked for, then look at everything."""
    if missing := data_that_is_missing(settings):
        return [missing]
    async with open_installation(settings) as installation:
        if resume:
            await resume_dialling(await installation.pool(Role.DISPATCHER))
        if unpark:
            await _unpark(installation)
        shown = internal_secret(installation.secret)
        looks = examine_installation(settings, installation.address, installation.secret, internal_secret=shown)
        return [each async for each in looks]


async def run_embedded(settings: Settings, ready: Callable[[ServerAddress], None]) -> None:
    """Run the embedded database until a signal."""
    if settings.address is not None:
        raise ConfigurationError("RINGBACK_DATABASE_URL is set: that database is run by somebody else")
    async with ready_installation(settings) as installation:
        ready(installation.address)
        await _signal()


async def _unpark(installation: Installation) -> None:
    dispatcher = await installation.pool(Role.DISPATCHER)
    async with dispatcher.connection() as connection:
        parked = await connection.fetch(MESSAGES["parked"].text)
    for row in parked:
        pool = await installation.pool(Role(f"ringback_{row['recipient']}"))
        async with pool.transaction(BusinessId(row["business"]), name="unpark") as tx:
            await tx.run(
                MESSAGES["unpark"], business=row["business"], recipient=row["recipient"], aggregate=row["aggregate"]
            )


# ---------------------------------------------------------------- serving


@dataclass(frozen=True, slots=True, kw_only=True)
class Running:
    """What the servers of one process share."""

    installation: Installation
    hints: Hints
    dispatcher: Database
    process: UUID

    @property
    def settings(self) -> Settings:
        """The installation's settings."""
        return self.installation.settings

    @property
    def phone_carrier(self) -> str | None:
        """What rings telephones, if anything does."""
        return next((name for name in self.settings.carriers if name != "browser"), None)


async def serve(settings: Settings, servers: frozenset[Server], *, ready: Callable[[], None]) -> None:
    """Run these servers until SIGINT or SIGTERM. Raises ConfigurationError when they cannot start."""
    failpoints.configure(
        armed=failpoints.read_plan(settings.failpoints) if settings.failpoints else (), trace=settings.failpoint_trace
    )
    with taken_ports(settings, servers) as listeners:
        async with ready_installation(settings) as installation:
            await run_until_signal(installation, servers, listeners, ready)


@contextlib.contextmanager
def taken_ports(settings: Settings, servers: frozenset[Server]) -> Iterator[dict[str, socket.socket]]:
    """Take the ports of these servers before anything else is started: a ConfigurationError says which one is taken."""
    with contextlib.ExitStack() as taken:
        listeners = {}
        if Server.APPLICATION in servers:
            listeners["pages"] = bind(settings.host, settings.port, variable="RINGBACK_PORT")
            taken.callback(listeners["pages"].close)
        if Server.INTERACTIONS in servers and Server.APPLICATION not in servers:
            internal = bind(settings.internal_host, settings.internal_port, variable="RINGBACK_INTERNAL_PORT")
            listeners["internal"] = internal
            taken.callback(internal.close)
        yield listeners


async def run_until_signal(
    installation: Installation,
    servers: frozenset[Server],
    listeners: dict[str, socket.socket],
    ready: Callable[[], None],
) -> None:
    """Run these servers on an installation whose schema is ready, until SIGINT or SIGTERM."""
    dispatcher = await installation.pool(Role.DISPATCHER)
    hints = Hints(
        installation.address.as_role(Role.DISPATCHER, installation.secret), enabled=installation.settings.hints
    )
    running = Running(installation=installation, hints=hints, dispatcher=dispatcher, process=new_id())
    watch = ClusterWatch(dispatcher, servers="+".join(sorted(servers)), process=running.process)
    await watch.look()
    parts: list[Callable[[], Awaitable[None]]] = [hints.run, watch.run]
    if Server.SESSIONS in servers:
        parts.append(await _session_manager(running))
    if Server.INTERACTIONS in servers:
        parts += await _interaction_manager(running, listeners.get("internal"))
    if Server.APPLICATION in servers:
        parts += await _application_server(
            running, listeners["pages"], local=Server.INTERACTIONS in servers, ready=ready
        )
    else:
        ready()
    await _run_all(parts)


async def _run_all(parts: list[Callable[[], Awaitable[None]]]) -> None:
    """Run every part until a signal; one that ends or fails ends the program."""
    tasks = [asyncio.ensure_future(part()) for part in parts]
    stop = asyncio.ensure_future(_signal())
    try:
        done, _ = await asyncio.wait([*tasks, stop], return_when=asyncio.FIRST_COMPLETED)
        for task in done:
            task.result()
    finally:
        for task in (*tasks, stop):
            task.cancel()
        await asyncio.gather(*tasks, stop, return_exceptions=True)


async def _session_manager(running: Running) -> Callable[[], Awaitable[None]]:
    database = await running.installation.pool(Role.SESSIONS, size=16)
    environment = CarrierEnvironment(database=database, dispatcher=running.dispatcher, hints=running.hints)
    carriers = open_carriers(running.settings.carriers, environment, options=carrier_options(running.settings))
    return SessionManager(
        database=database,
        dispatcher=running.dispatcher,
        hints=running.hints,
        carriers=carriers,
        process=running.process,
        lease=running.settings.lease,
        sweep_every=min(SWEEP, 4 * running.settings.lease),
    ).run


async def _interaction_manager(running: Running, internal: socket.socket | None) -> list[Callable[[], Awaitable[None]]]:
    database = await running.installation.pool(Role.INTERACTIONS, size=16)
    manager = InteractionManager(
        database=database,
        dispatcher=running.dispatcher,
        hints=running.hints,
        phone_carrier=running.phone_carrier,
        lease=running.settings.lease,
    )
    parts: list[Callable[[], Awaitable[None]]] = [manager.run, *follow_queues(running, database)]
    if internal is not None:
        routes = internal_routes(LocalOffers(database), secret=internal_secret(running.installation.secret))
        app = Litestar([routes], openapi_config=None, logging_config=None)
        parts.append(functools.partial(serve_http, app, internal, started=lambda: None))
    return parts


def follow_queues(running: Running, database: Database) -> list[Callable[[], Awaitable[None]]]:
    """Return a connector for each Asterisk whose queues are followed."""
    return [
        QueueConnector(
            each,
            database=database,
            dispatcher=running.dispatcher,
            process=running.process,
            lease=running.settings.lease,
        ).run
        for each in read_app_queues(running.settings.asterisk_queues)
    ]


async def _application_server(
    running: Running, listener: socket.socket, *, local: bool, ready: Callable[[], None]
) -> list[Callable[[], Awaitable[None]]]:
    settings, installation = running.settings, running.installation
    database = await installation.pool(Role.APPLICATION, size=16)
    offers = await _offers(running, local=local)
    context = ChatContext(
        database=database,
        hints=running.hints,
        offers=offers,
        keys=derive_keys(installation.secret, *settings.previous_secrets),
        poster=WebhookPoster(allow_private=settings.allow_private_urls),
        phones=running.phone_carrier is not None,
    )
    server = ApplicationServer(
        context,
        dispatcher=running.dispatcher,
        post_office=open_post_office(settings.smtp_url, settings.mail_from),
        channels=installed(context.poster, public_url=settings.base_url),
        lease=settings.lease,
    )
    hub = LiveHub(running.hints, "chat", "browser_leg", "signal", "agent", "console", "answer")
    ice_servers = [dict(each) for each in settings.ice_servers]
    edge = ChatEdge(
        context=context,
        reader=ChatReader(context=context, ice_servers=ice_servers, relay_only=settings.relay_only),
        hub=hub,
        start_reply=server.start_reply,
    )
    console = console_routers(await _console_parts(running, database, offers), hub)
    console = [*console, open_edge(database, server.channels, server.start_reply)]
    app = create_application(edge, running.dispatcher, console, openapi_config=openapi_config())
    http = functools.partial(
        serve_http,
        await _behind_doors(running, SecurityHeaders(app)),
        listener,
        trusted_proxies=settings.trusted_proxies,
        started=ready,
    )
    return [server.run, hub.run, http]


async def _behind_doors(running: Running, app: ASGIApp) -> ASGIApp:
    """Put before the pages what a carrier is called back by: it needs the rows of the session management server."""
    if "twilio" not in running.settings.carriers:
        return app
    options = TwilioOptions.read(carrier_options(running.settings).get("twilio", {}))
    return TwilioDoor(options, await running.installation.pool(Role.SESSIONS, size=16), app)


async def _console_parts(running: Running, application: Database, offers: OffersClient) -> Parts:
    settings, installation = running.settings, running.installation
    read, identity = await installation.pool(Role.READ), await installation.pool(Role.IDENTITY)
    return Parts(
        read=read,
        application=application,
        identity=identity,
        hints=running.hints,
        gatekeeper=Gatekeeper(
            database=identity, public_url=settings.base_url, spend_key=limit_of_rate(settings.api_key_rate)
        ),
        workplaces=KnownWorkplaces(Workplaces()),
        offers=offers,
        reports=LocalReports(read),
        configurations=BusinessDocuments(await installation.pool(Role.OPERATOR, size=2), Passwords()),
        persons=Persons(application, read),
        ice_servers=settings.ice_servers,
        relay_only=settings.relay_only,
        phones=running.phone_carrier is not None,
        allow_private_urls=settings.allow_private_urls,
        check_channel=check_account,
        key_seed=hmac.digest(installation.secret.encode(), b"api keys", "sha256"),
    )


async def _offers(running: Running, *, local: bool) -> OffersClient:
    """Read offers in this process where the interaction manager runs in it, else over its internal HTTP."""
    if local:
        return LocalOffers(await running.installation.pool(Role.INTERACTIONS, size=16))
    url = running.settings.interactions_url
    if url is None:
        raise ConfigurationError(
            "RINGBACK_INTERACTIONS_URL is not set: an application server on its own reads offers there, "
            "from an interaction manager's RINGBACK_INTERNAL_HOST and _PORT, such as http://127.0.0.1:8081"
        )
    return HttpOffers(url, secret=internal_secret(running.installation.secret))


def internal_secret(secret: str) -> str:
    """Derive what the servers show each other."""
    return hmac.new(secret.encode(), b"internal http", hashlib.sha256).hexdigest()


async def until_terminated(work: Coroutine[Any, Any, Result]) -> Result:
    """Unwind on SIGTERM as on Ctrl-C, so that a database which we started is stopped as well."""
    command = asyncio.ensure_future(work)
    asyncio.get_running_loop().add_signal_handler(signal.SIGTERM, command.cancel)
    return await command


async def _signal() -> None:
    """Wait for SIGINT or SIGTERM; one more after a second, while the stop goes on, ends the program at once.

    One within that second is the same wish: a signal to a process and to its group arrives twice.
    """
    stopped, impatient = asyncio.Event(), asyncio.Event()
    for number in (signal.SIGINT, signal.SIGTERM):
        asyncio.get_running_loop().add_signal_handler(number, _stop_once, stopped, impatient)
    await stopped.wait()


def _stop_once(stopped: asyncio.Event, impatient: asyncio.Event) -> None:
    if impatient.is_set():
        raise SystemExit(130)
    if not stopped.is_set():
        stopped.set()
        asyncio.get_running_loop().call_later(1.0, impatient.set)
