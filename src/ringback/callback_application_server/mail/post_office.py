"""Hands letters to a mail server over SMTP, each in a thread of its own with a time limit."""

from __future__ import annotations

import asyncio
import smtplib
import ssl
from collections.abc import Sequence
from dataclasses import dataclass, field
from datetime import datetime
from email.message import EmailMessage
from email.utils import format_datetime, parseaddr
from urllib.parse import parse_qs, unquote, urlsplit

from ringback.domain.errors import ConfigurationError

TIMEOUT = 20.0  # seconds for each step of the conversation
REFUSED_FOR_GOOD = range(500, 600)


@dataclass(frozen=True, slots=True, kw_only=True)
class MailServer:
    """Where letters are handed in. `starttls`: encrypted after the greeting; `tls`: from the first byte."""

    host: str
    port: int
    tls: bool
    starttls: bool
    user: str | None = None
    password: str | None = field(default=None, repr=False)


@dataclass(frozen=True, slots=True, kw_only=True)
class Letter:
    """One letter. `id` makes its Message-ID, the same over all tries."""

    id: str
    recipients: Sequence[str]
    subject: str
    body: str = field(repr=False)
    at: datetime


class NotTaken(Exception):
    """The mail server did not take a letter. `for_good`: trying again is of no use."""

    def __init__(self, words: str, *, for_good: bool) -> None:
        super().__init__(words)
        self.for_good = for_good


def read_mail_server(url: str) -> MailServer:
    """Read `smtp://host:port`, `smtps://user:password@host`; `?starttls=off` for a server beside us. Raises ConfigurationError."""
    try:
        parts = urlsplit(url)
        port = parts.port
    except ValueError as error:
        raise ConfigurationError(f"RINGBACK_SMTP_URL is not understood: {error}") from error
    if parts.scheme not in ("smtp", "smtps") or not parts.hostname:
        raise ConfigurationError(
            "RINGBACK_SMTP_URL is smtp://host:port or smtps://host:port, with user:password@ if need be"
        )
    starttls = parse_qs(parts.query).get("starttls", ["on"])[-1]
    if starttls not in ("on", "off"):
        raise ConfigurationError("RINGBACK_SMTP_URL: starttls is on or off")
    tls = parts.scheme == "smtps"
    if parts.username and not tls and starttls == "off":
        raise ConfigurationError(
            "RINGBACK_SMTP_URL would send a password in the clear: use smtps:// or leave starttls on"
        )
    return MailServer(
        host=parts.hostname,
        port=port or (465 if tls else 587),
        tls=tls,
        starttls=not tls and starttls == "on",
        user=unquote(parts.username) if parts.username else None,
        password=unquote(parts.password) if parts.password else None,
    )


def read_sender(address: str) -> str:
    """Return the sender's address as given; raise ConfigurationError when it is none."""
    if "@" not in parseaddr(address)[1]:
        raise ConfigurationError("RINGBACK_MAIL_FROM is not a mail address")
    return address


def open_post_office(url: str | None, sender: str) -> PostOffice | None:
    """Return where letters are handed in; None where no mail server is set. Raises ConfigurationError."""
    return None if url is None else PostOffice(read_mail_server(url), read_sender(sender))


class PostOffice:
    """Hands letters in at one mail server, as one sender."""

    def __init__(self, server: MailServer, sender: str) -> None:
        self._server = server
        self._sender = sender
        self._domain = parseaddr(sender)[1].rpartition("@")[2]

    async def hand_in(self, letter: Letter) -> None:
        """Have the mail server take a letter; raise NotTaken."""
        try:
            await asyncio.to_thread(self._hand_in, self.written(letter), list(letter.recipients))
        except smtplib.SMTPRecipientsRefused as error:
            codes = [code for code, _ in error.recipients.values()]
            raise NotTaken(
                f"recipients refused: {codes}", for_good=all(code in REFUSED_FOR_GOOD for code in codes)
            ) from error
        except smtplib.SMTPResponseException as error:
            raise NotTaken(f"answered {error.smtp_code}", for_good=error.smtp_code in REFUSED_FOR_GOOD) from error
        except (smtplib.SMTPException, OSError) as error:
            raise NotTaken(f"{type(error).__name__}: {error}"[:200], for_good=False) from error

    def written(self, letter: Letter) -> EmailMessage:
        """Return a letter as it goes over the wire."""
        message = EmailMessage()
        message["From"] = self._sender
        message["To"] = ", ".join(letter.recipients)
        message["Subject"] = letter.subject
        message["Date"] = format_datetime(letter.at)
        message["Message-ID"] = f"<{letter.id}@{self._domain}>"
        message["Auto-Submitted"] = "auto-generated"  # RFC 3834: nobody's holiday notice answers it
        message.set_content(letter.body)
        return message

    async def knock(self) -> None:
        """See whether the mail server lets us in, and hand nothing in; raise NotTaken."""
        try:
            await asyncio.to_thread(self._knock)
        except smtplib.SMTPResponseException as error:
            raise NotTaken(f"the mail server answers {error.smtp_code}", for_good=False) from error
        except (smtplib.SMTPException, OSError) as error:
            raise NotTaken(f"the mail server: {type(error).__name__}: {error}"[:200], for_good=False) from error

    def _knock(self) -> None:
        with self._open() as connection:
            connection.noop()

    def _hand_in(self, message: EmailMessage, recipients: list[str]) -> None:
        with self._open() as connection:
            connection.send_message(message, to_addrs=recipients)

    def _open(self) -> smtplib.SMTP:
        """Connect, encrypted and logged in as the server's address says."""
        server = self._server
        context = ssl.create_default_context()
        connection: smtplib.SMTP = (
            smtplib.SMTP_SSL(server.host, server.port, timeout=TIMEOUT, context=context)
            if server.tls
            else smtplib.SMTP(server.host, server.port, timeout=TIMEOUT)
        )
        try:
            if server.starttls:
                connection.starttls(context=context)
            if server.user is not None:
                connection.login(server.user, server.password or "")
        except BaseException:
            connection.close()
            raise
        return connection
