"""What is configured, reachable and wrong, and how to mend it: `ringback doctor`."""

from __future__ import annotations

from collections.abc import AsyncIterator, Callable, Coroutine, Iterator, Sequence
from importlib import resources
from typing import Any
from urllib.parse import urlsplit

import asyncpg

from ringback.domain.errors import ConfigurationError
from ringback.domain.ids import BusinessId, new_id
from ringback.domain.status import Server
from ringback.findings import Finding, Health, good, warning
from ringback.postgres.address import Role, ServerAddress
from ringback.postgres.cluster import CLOCK_TOLERANCE, ClusterWatch
from ringback.postgres.cluster import SQL as CLUSTER
from ringback.postgres.database import Database
from ringback.postgres.migrations import pending_migrations
from ringback.postgres.sql import load_sql
from ringback.session_management_server.carriers.registry import installed_carriers
from ringback.settings import Settings, unknown_variables
from ringback.surroundings import examine_port, examine_surroundings

SQL = load_sql(__file__, "doctor.sql")


async def examine(
    settings: Settings, address: ServerAddress, secret: str, *, internal_secret: str
) -> AsyncIterator[Finding]:
    """Look at everything, in the order in which it would fail."""
    for finding in _variables():
        yield finding
    yield _pages(settings)
    yield _calls(settings)
    yield await examine_port(settings)
    async for finding in examine_surroundings(settings, internal_secret=internal_secret):
        yield finding
    try:
        missing = await pending_migrations(address.as_role(Role.READ, secret))
    except (asyncpg.InvalidPasswordError, asyncpg.InvalidAuthorizationSpecificationError):
        yield Finding(
            what="roles",
            health=Health.BAD,
            line="our database roles do not exist, or have passwords from another secret",
            mend="ringback migrate, with the RINGBACK_SECRET of this installation",
        )
        return
    except asyncpg.InvalidCatalogNameError:
        yield Finding(
            what="database",
            health=Health.BAD,
            line=f"there is no database {address.database!r}",
            mend="ringback migrate",
        )
        return
    except ConfigurationError as error:
        yield Finding(what="schema", health=Health.BAD, line=str(error), mend="install the newer Ringback")
        return
    except (OSError, asyncpg.PostgresError, TimeoutError) as error:
        yield Finding(
            what="database",
            health=Health.BAD,
            line=f"not reachable at {address.host}:{address.port}: {str(error) or type(error).__name__}",
            mend="start it, or correct RINGBACK_DATABASE_URL",
        )
        return
    if missing:
        yield Finding(
            what="schema", health=Health.BAD, line=f"{len(missing)} migrations are missing", mend="ringback migrate"
        )
        return
    yield good("schema", "as this program needs it")
    dispatcher = await Database.connect(address, Role.DISPATCHER, secret=secret, size=1)
    try:
        async with dispatcher.connection() as connection:
            for look in _LOOKS:
                for finding in await look(connection):
                    yield finding
        watch = ClusterWatch(dispatcher, servers="doctor", process=new_id())
        yield await _permit(watch)
        async with dispatcher.connection() as connection:
            businesses = [BusinessId(row["id"]) for row in await connection.fetch(SQL["businesses"].text)]
    finally:
        await dispatcher.close()
    for role, query, judge in ((Role.READ, "outside_sources", _sources), (Role.APPLICATION, "webhooks", _webhooks)):
        pool = await Database.connect(address, role, secret=secret, size=1)
        try:
            async with pool.transaction(*businesses, name="examine") as tx:
                rows = await tx.rows(SQL[query])
        finally:
            await pool.close()
        for finding in judge(rows):
            yield finding


def data_that_is_missing(settings: Settings) -> Finding | None:
    """Say so when there is no embedded database yet: looking for one in a mistyped folder must not make one."""
    if settings.address is not None or (settings.data / "database").exists():
        return None
    return Finding(
        what="data",
        health=Health.BAD,
        line=f"there is no database in {settings.data.absolute()}",
        mend="ringback serve makes one; for one that is elsewhere set RINGBACK_DATA or RINGBACK_DATABASE_URL",
    )


def _variables() -> list[Finding]:
    return [
        Finding(
            what="settings",
            health=Health.WARNING,
            line=f"{name} is no setting and has no effect",
            mend=f"did you mean {meant}?" if meant else "docs/operations.md lists all of them",
        )
        for name, meant in unknown_variables().items()
    ]


def _pages(settings: Settings) -> Finding:
    static = resources.files("ringback.console") / "static" / "widget.js"
    if not static.is_file():
        return Finding(what="pages", health=Health.BAD, line="the pages were not built", mend="make web")
    if settings.base_url.startswith("http://") and settings.host not in ("127.0.0.1", "localhost", "::1"):
        return Finding(
            what="pages",
            health=Health.WARNING,
            line="browsers give the microphone to https pages only, and this address is http",
            mend="put a TLS proxy in front and set RINGBACK_PUBLIC_URL",
        )
    return good("pages", f"at {settings.base_url}")


def _calls(settings: Settings) -> Finding:
    missing = [name for name in settings.carriers if name not in installed_carriers()]
    if missing or not settings.carriers:
        return Finding(
            what="calls",
            health=Health.BAD,
            line=f"there is no carrier {', '.join(missing)}"
            if missing
            else "there is no carrier: nobody can be called",
            mend=f"set RINGBACK_CARRIERS to some of {', '.join(sorted(installed_carriers()))}",
        )
    relays = [each for each in settings.ice_servers if "turn" in str(each.get("urls"))]
    if settings.relay_only and not relays:
        return Finding(
            what="calls",
            health=Health.BAD,
            line="RINGBACK_RELAY_ONLY is on and no TURN server is set: no browser call can connect",
            mend="set RINGBACK_ICE_SERVERS, or switch it off",
        )
    if "browser" in settings.carriers and not relays and settings.public_url:
        return Finding(
            what="calls",
            health=Health.WARNING,
            line="no TURN server: callers behind strict networks will not hear each other",
            mend="set RINGBACK_ICE_SERVERS",
        )
    phones = [name for name in settings.carriers if name != "browser"]
    return good(
        "calls",
        f"carriers: {', '.join(settings.carriers)}"
        + ("" if phones else "; no telephone rings, calls are in the browser"),
    )


async def _durability(connection: Any) -> list[Finding]:
    row = await connection.fetchrow(SQL["durability"].text)
    if row["version_number"] < 150000:
        return [
            Finding(
                what="database", health=Health.BAD, line=f"PostgreSQL {row['version']} is too old", mend="15 or newer"
            )
        ]
    off = [name for name in ("fsync", "synchronous_commit", "full_page_writes") if row[name] == "off"]
    if off:
        return [
            Finding(
                what="durability",
                health=Health.BAD,
                line=f"{', '.join(off)} off: an accepted callback may be lost with the power",
                mend="switch it on in postgresql.conf",
            )
        ]
    return [good("database", f"PostgreSQL {row['version']}, durable")]


async def _replicas(connection: Any) -> list[Finding]:
    row = await connection.fetchrow(SQL["replicas"].text)
    if row["standbys"] and not row["synchronous"]:
        return [
            Finding(
                what="standbys",
                health=Health.WARNING,
                line=f"{row['standbys']} standbys, none synchronous: a fail-over may lose accepted callbacks",
                mend="set synchronous_standby_names",
            )
        ]
    return []


async def _messages(connection: Any) -> list[Finding]:
    findings = [
        Finding(
            what="messages",
            health=Health.BAD,
            line=f"{row['recipient']}: {row['aggregate']} is parked after {row['failures']} failures",
            mend="read the log for message_failed, mend the cause, then ringback doctor --unpark",
        )
        for row in await connection.fetch(SQL["parked"].text)
    ]
    findings.extend(
        Finding(
            what="messages",
            health=Health.WARNING,
            line=f"{row['waiting']} wait for the {row['recipient']} server, the oldest for {row['oldest']:.0f} s",
            mend=f"is it running? ringback serve {row['recipient']}",
        )
        for row in await connection.fetch(SQL["waiting_messages"].text)
        if row["oldest"] > 15
    )
    return findings or [good("messages", "none waits too long, none is parked")]


async def _timers(connection: Any) -> list[Finding]:
    rows = await connection.fetch(SQL["overdue_timers"].text)
    return [
        Finding(
            what="timers",
            health=Health.BAD,
            line=f"{row['overdue']} of the {row['server']} server are overdue, the oldest by {row['oldest']:.0f} s",
            mend=f"is it running? ringback serve {row['server']}",
        )
        for row in rows
    ] or [good("timers", "none is overdue")]


async def _processes(connection: Any) -> list[Finding]:
    rows = await connection.fetch(CLUSTER["processes"].text)
    alive = [row for row in rows if row["silent_for"] < 10 and row["server"] != "doctor"]
    if not alive:
        return [Finding(what="servers", health=Health.WARNING, line="none is running", mend="ringback serve")]
    there = {name for row in alive for name in row["server"].split("+")}
    if absent := sorted(server.value for server in Server if server.value not in there):
        return [
            Finding(
                what="servers",
                health=Health.WARNING,
                line=f"{name} is not running anywhere",
                mend=f"ringback serve {name}",
            )
            for name in absent
        ]
    return [good("servers", "; ".join(f"{row['server']} on {row['host']}, pid {row['pid']}" for row in alive))]


async def _permit(watch: ClusterWatch) -> Finding:
    await watch.look()
    if abs(watch.clock_offset) > CLOCK_TOLERANCE:
        return Finding(
            what="clock",
            health=Health.BAD,
            line=f"this machine's clock is {watch.clock_offset:+.1f} s off the database's: it does not dial",
            mend="set both by NTP",
        )
    permit = watch.permit
    if not permit.allowed:
        return Finding(
            what="dialling",
            health=Health.BAD,
            line=f"stopped: {permit.reason}",
            mend="check what was promised around the change, then ringback doctor --resume",
        )
    return good("dialling", f"allowed; clocks {abs(watch.clock_offset) * 1000:.0f} ms apart")


def _sources(rows: Sequence[asyncpg.Record]) -> Iterator[Finding]:
    """Say which contact centres outside report themselves, and which fell silent: their callers are no longer known."""
    for row in rows:
        name = f"{row['business']}/{row['slug']}"
        if row["silent_for"] is None or row["never"]:
            yield warning("outside", f"{name} has sent no snapshot yet: nothing is known of it", "docs/outside.md")
        elif row["silent_for"] > row["stale_after"]:
            line = f"{name} has been silent for {row['silent_for']:.0f} s: its status is stale"
            yield warning("outside", line, "look at the program that reports it; its next snapshot mends all")
        elif row["gap"]:
            yield warning("outside", f"an event of {name} is missing", "its next snapshot mends it")
        else:
            yield good("outside", f"{name} was heard {row['silent_for']:.0f} s ago")


def _webhooks(rows: Sequence[asyncpg.Record]) -> Iterator[Finding]:
    """Say which targets of webhooks fail, and what they answered last."""
    failing = [row for row in rows if row["failing_since"] is not None]
    for row in failing:
        given_up = "; given up" if row["disabled"] else ""
        since = f"{row['failing_since']:%Y-%m-%d %H:%M} UTC"
        line = f"{row['business']}: {urlsplit(row['url']).hostname} fails since {since}{given_up}: {row['last_error'] or 'no answer'}"
        yield warning("webhooks", line, "mend the target; enable it again by PATCH /api/v1/webhooks/{id}")
    if rows and not failing:
        yield good("webhooks", f"{len(rows)} targets, none fails")


_LOOKS: tuple[Callable[[Any], Coroutine[Any, Any, list[Finding]]], ...] = (
    _durability,
    _replicas,
    _processes,
    _messages,
    _timers,
)
