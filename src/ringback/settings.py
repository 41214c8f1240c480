"""Settings: read once from the environment and a file, frozen, passed on. Nothing else reads the environment."""

from __future__ import annotations

import json
import os
import secrets
import stat
import tomllib
from collections.abc import Mapping
from dataclasses import dataclass, field
from difflib import get_close_matches
from pathlib import Path
from typing import Any
from urllib.parse import urlsplit

from ringback.domain.errors import ConfigurationError
from ringback.postgres.address import ServerAddress, parse_url

DEFAULT_DATA = Path("ringback-data")


@dataclass(frozen=True, slots=True, kw_only=True)
class Settings:
    """Everything an installation may set. Each field's name in capitals after RINGBACK_ is its variable; in the file it is the name itself."""

    data: Path = DEFAULT_DATA  # folder of the embedded database and of the secret
    database_url: str | None = field(default=None, repr=False)  # any PostgreSQL from 15 on; none: the embedded one
    secret: str | None = field(
        default=None, repr=False
    )  # of the installation: signs tokens, derives the roles' passwords
    previous_secrets: tuple[str, ...] = field(default=(), repr=False)  # still verify tokens given out before a change
    host: str = "127.0.0.1"
    port: int = 8080
    internal_host: str = "127.0.0.1"
    internal_port: int = 8081  # interaction manager's own HTTP: offers for application servers elsewhere
    interactions_url: str | None = None  # where an application server that runs alone reads offers
    public_url: str | None = None  # as people's browsers see it; none: http://host:port
    carriers: tuple[str, ...] = ("browser",)
    simulated_carrier: str | None = None  # host:port of its process
    # http://user:password@host:8088/ari; several: NAME=…,NAME=…
    asterisk_url: str | None = field(default=None, repr=False)
    asterisk_capacity: int = 200  # channels at once on each
    asterisk_rate: float = 20.0  # calls that each begins in a second
    asterisk_trunk: str | None = None  # dial string with {digits} or {number} in it
    asterisk_caller_id: str | None = None  # number that telephones show
    asterisk_sounds: str | None = None  # folder that Asterisk reads too: spoken texts are written there
    twilio_account: str | None = None  # AC and 32 digits
    twilio_auth_token: str | None = field(default=None, repr=False)  # signs callbacks, makes keys
    twilio_caller_id: str | None = None  # a number of the account, in E.164
    twilio_api: str = "https://api.twilio.com"
    speech: str | None = None  # command of the speech engine: words in, WAV out; none: espeak-ng
    speech_voice: str | None = None  # for {voice} in that command; none: en-gb
    ice_servers: tuple[dict[str, Any], ...] = ()  # STUN and TURN for browser calls
    relay_only: bool = False  # browsers talk through TURN only: neither learns the other's address
    asterisk_queues: tuple[dict[str, Any], ...] = field(default=(), repr=False)  # queues whose live status is followed
    hints: bool = True  # off: everything by polling once a second
    allow_private_urls: bool = False  # webhooks to private and loopback addresses
    smtp_url: str | None = field(
        default=None, repr=False
    )  # smtp://host:port or smtps://…; none: alerts go by webhook only
    mail_from: str = "ringback@localhost"  # sender of alerts by mail
    api_key_rate: float = (
        50.0  # requests a second of one API key in one process; four times as many at once; 0: no limit
    )
    trusted_proxies: str | None = None  # addresses whose X-Forwarded-For counts
    log_level: str = "info"
    log_format: str = "auto"  # json, console, auto: console on a terminal
    lease: float = 8.0  # seconds until the work of a process that fell silent is taken over
    failpoints: Path | None = None  # crash matrix only: a file of points to die or stall at
    failpoint_trace: Path | None = None

    @property
    def base_url(self) -> str:
        """Where people reach the pages."""
        return (
            self.public_url or f"http://{'localhost' if self.host == '127.0.0.1' else self.host}:{self.port}"
        ).rstrip("/")

    @property
    def address(self) -> ServerAddress | None:
        """The database that was configured; None for the embedded one."""
        return parse_url(self.database_url) if self.database_url else None

    def with_secret(self) -> str:
        """Return the installation's secret: as set, else from the data folder, made there on first use.

        Raises ConfigurationError when others may read the file, or when an outside database has no secret set.
        """
        if self.secret:
            if len(self.secret) < 24:
                raise ConfigurationError("RINGBACK_SECRET is too short: use at least 24 random characters")
            return self.secret
        path = self.data / "secret"
        if self.database_url and not path.exists():
            raise ConfigurationError(
                "RINGBACK_SECRET is not set: every server of an installation needs the same one (24 random characters or more)"
            )
        return _secret_file(path)


def _secret_file(path: Path) -> str:
    path.parent.mkdir(parents=True, exist_ok=True, mode=0o700)
    try:
        descriptor = os.open(path, os.O_CREAT | os.O_EXCL | os.O_WRONLY, 0o600)
    except FileExistsError:
        pass
    else:
        with os.fdopen(descriptor, "w") as file:
            file.write(secrets.token_urlsafe(32))
            file.flush()
            os.fsync(file.fileno())
    status = path.stat()
    if status.st_mode & (stat.S_IRWXG | stat.S_IRWXO):
        raise ConfigurationError(f"{path} can be read by others: chmod 600 {path}")
    secret = path.read_text().strip()
    if len(secret) < 24:
        raise ConfigurationError(
            f"{path} is empty or cut short: restore it, or remove it together with the database beside it"
        )
    return secret


def read_settings(environment: Mapping[str, str] | None = None) -> Settings:
    """Read the file RINGBACK_CONFIG names (TOML), then the environment over it; raise ConfigurationError naming what is wrong."""
    given = os.environ if environment is None else environment
    values: dict[str, Any] = {}
    if path := given.get("RINGBACK_CONFIG"):
        values.update(_read_file(Path(path)))
    for name in Settings.__dataclass_fields__:
        variable = f"RINGBACK_{name.upper()}"
        if given.get(variable, "") != "":
            values[name] = given[variable]
    known = {name: _convert(name, value) for name, value in values.items()}
    settings = Settings(**known)
    if settings.public_url and urlsplit(settings.public_url).scheme not in ("http", "https"):
        raise ConfigurationError("RINGBACK_PUBLIC_URL must start with http:// or https://")
    return settings


def unknown_variables(environment: Mapping[str, str] | None = None) -> Mapping[str, str | None]:
    """Return the RINGBACK_… variables that nothing reads, each with the setting that was probably meant."""
    given = os.environ if environment is None else environment
    known = [f"RINGBACK_{name.upper()}" for name in ("config", "no_skip", *Settings.__dataclass_fields__)]
    strange = sorted(
        name for name in given if name.startswith("RINGBACK_") and name not in known and "_TEST_" not in name
    )
    return {name: next(iter(get_close_matches(name, known, n=1, cutoff=0.8)), None) for name in strange}


def _read_file(path: Path) -> dict[str, Any]:
    try:
        values = tomllib.loads(path.read_text(encoding="utf-8"))
    except (OSError, tomllib.TOMLDecodeError) as error:
        raise ConfigurationError(f"RINGBACK_CONFIG names {path}, which cannot be read: {error}") from error
    unknown = sorted(values.keys() - Settings.__dataclass_fields__.keys())
    if unknown:
        raise ConfigurationError(f"{path} sets {', '.join(unknown)}, which Ringback does not know")
    return values


def _convert(name: str, value: Any) -> Any:
    """Turn a setting as written into its type."""
    try:
        match name:
            case "data" | "failpoints" | "failpoint_trace":
                return Path(value).expanduser()
            case "port" | "internal_port":
                port = int(value)
                if not 0 <= port <= 65535:
                    raise ValueError("a port lies between 0 and 65535")
                return port
            case "asterisk_capacity" | "asterisk_rate":
                number = int(value) if name == "asterisk_capacity" else float(value)
                if not 1 <= number <= 100_000:
                    raise ValueError("a number from 1 on")
                return number
            case "lease":
                lease = float(value)
                if not 1 <= lease <= 60:
                    raise ValueError("between 1 and 60 seconds")
                return lease
            case "api_key_rate":
                rate = float(value)
                if not 0 <= rate <= 100_000:
                    raise ValueError("requests a second, 0 for no limit")
                return rate
            case "hints" | "allow_private_urls" | "relay_only":
                return _flag(value)
            case "carriers" | "previous_secrets":
                parts = value.split(",") if isinstance(value, str) else value
                return tuple(part.strip() for part in parts if part.strip())
            case "ice_servers":
                servers = json.loads(value) if isinstance(value, str) else value
                if not isinstance(servers, list) or not all(
                    isinstance(each, dict) and "urls" in each for each in servers
                ):
                    raise ValueError(
                        'a list such as [{"urls": "turn:turn.example.com", "username": "…", "credential": "…"}]'
                    )
                return tuple(servers)
            case "asterisk_queues":
                queues = json.loads(value) if isinstance(value, str) else value
                if not isinstance(queues, list) or not all(isinstance(each, dict) for each in queues):
                    raise ValueError("a list of mappings (docs/queues/asterisk.md)")
                return tuple(queues)
            case "log_level":
                if value.lower() not in ("debug", "info", "warning", "error"):
                    raise ValueError("debug, info, warning or error")
                return value.lower()
    except (ValueError, TypeError) as error:
        raise ConfigurationError(f"RINGBACK_{name.upper()}={value!r} is not understood: {error}") from error
    return value


def _flag(value: Any) -> bool:
    if isinstance(value, bool):
        return value
    match str(value).lower():
        case "1" | "true" | "yes" | "on":
            return True
        case "0" | "false" | "no" | "off":
            return False
    raise ValueError("on or off")
