"""Where the database is, and as whom each server logs in."""

from __future__ import annotations

import hashlib
import hmac
from dataclasses import dataclass, field, replace
from enum import StrEnum
from typing import Literal, cast, get_args
from urllib.parse import parse_qs, quote, unquote, urlsplit

from ringback.domain.errors import ConfigurationError

SslMode = Literal["disable", "prefer", "allow", "require", "verify-ca", "verify-full"]


class Role(StrEnum):
    """The database roles the program logs in as; the owner of the tables can not log in."""

    MIGRATOR = "ringback_migrator"
    APPLICATION = "ringback_application"
    INTERACTIONS = "ringback_interactions"
    SESSIONS = "ringback_sessions"
    IDENTITY = "ringback_identity"
    DISPATCHER = "ringback_dispatcher"
    READ = "ringback_read"
    OPERATOR = "ringback_operator"  # what belongs to several servers in one transaction; acts as one of them at a time


@dataclass(frozen=True, slots=True, kw_only=True)
class ServerAddress:
    """A PostgreSQL server and database. `host` is a name, an address, or the folder of a Unix socket."""

    host: str
    port: int
    user: str
    password: str | None = field(repr=False, default=None)
    database: str = "ringback"
    ssl: SslMode | None = None

    def as_role(self, role: Role, secret: str) -> ServerAddress:
        """Return the same database as one of our roles sees it."""
        return replace(self, user=role.value, password=role_password(role, secret))

    def to(self, database: str) -> ServerAddress:
        """Return the same server with another database."""
        return replace(self, database=database)

    @property
    def url(self) -> str:
        """The libpq URL, password included: for handing to another process, never for a log."""
        password = f":{quote(self.password, safe='')}" if self.password else ""
        host = f"?host={quote(self.host, safe='')}&port={self.port}" if self.host.startswith("/") else ""
        place = "" if host else f"{self.host}:{self.port}"
        ssl = f"{'&' if host else '?'}sslmode={self.ssl}" if self.ssl else ""
        return f"postgresql://{quote(self.user, safe='')}{password}@{place}/{quote(self.database, safe='')}{host}{ssl}"


def role_password(role: Role, secret: str) -> str:
    """Derive a role's database password from the installation's secret."""
    return hmac.new(secret.encode(), f"database role {role.value}".encode(), hashlib.sha256).hexdigest()


def parse_url(url: str) -> ServerAddress:
    """Read a PostgreSQL URL; raise ConfigurationError when it is not one."""
    parts = urlsplit(url)
    if parts.scheme not in ("postgresql", "postgres"):
        raise ConfigurationError("the database URL must start with postgresql://")
    query = {name: values[-1] for name, values in parse_qs(parts.query).items()}
    ssl = query.get("sslmode")
    if ssl is not None and ssl not in get_args(SslMode):
        raise ConfigurationError(f"the database URL asks for sslmode={ssl}, which does not exist")
    try:
        port = int(query.get("port") or parts.port or 5432)
    except ValueError as error:
        raise ConfigurationError(f"the database URL has no proper port: {error}") from error
    return ServerAddress(
        host=query.get("host") or parts.hostname or "localhost",
        port=port,
        user=unquote(parts.username or query.get("user") or "postgres"),
        password=unquote(parts.password) if parts.password else query.get("password"),
        database=unquote(parts.path.lstrip("/")) or "ringback",
        ssl=cast("SslMode | None", ssl),
    )
