"""Alerts by mail: handed to a real SMTP server, tried again with the same Message-ID, given up when refused for good."""

from __future__ import annotations

from collections.abc import AsyncIterator
from datetime import timedelta
from typing import Any
from unittest.mock import Mock

import pytest

from ringback.callback_application_server.mail.post_office import (
    open_post_office,
    read_mail_server,
    read_sender,
)
from ringback.callback_application_server.rules.tokens import derive_keys
from ringback.callback_application_server.webhooks.post import WebhookPoster
from ringback.callback_application_server.worker import ApplicationServer
from ringback.callback_application_server.workflows.context import ChatContext
from ringback.domain.errors import ConfigurationError
from ringback.domain.events import AlertRaised, AlertResolved
from ringback.domain.ids import BusinessId, CallbackId, new_id
from ringback.domain.status import Server
from ringback.postgres.messages import send
from tests.support.databases import SECRET, Databases
from tests.support.mail_server import MailServerOnLoopback, mail_server


@pytest.fixture
async def smtp() -> AsyncIterator[MailServerOnLoopback]:
    """A mail server on loopback."""
    async with mail_server() as server:
        yield server


class Post:
    """The application server, and what the interaction manager says to it."""

    def __init__(self, databases: Databases, business: BusinessId, url: str | None) -> None:
        self.databases, self.business = databases, business
        context = ChatContext(
            database=databases.application,
            hints=databases.hints,
            offers=Mock(),
            keys=derive_keys(SECRET),
            poster=WebhookPoster(allow_private=False),
        )
        office = open_post_office(url, "Ringback <alerts@acme.example>")
        self.server = ApplicationServer(context, dispatcher=databases.dispatcher, post_office=office)

    async def tell(self, message: AlertRaised | AlertResolved) -> None:
        async with self.databases.interactions.transaction(self.business, name="alert") as tx:
            await send(tx, self.business, Server.APPLICATION, self.business, message)
        await self.server.messages.drain()
        await self.turn()

    async def turn(self) -> None:
        await self.server.timers.drain()
        await self.server.mail.drain()

    async def letters(self) -> list[dict]:
        async with self.databases.administrator() as connection:
            return [dict(row) for row in await connection.fetch("SELECT * FROM mail ORDER BY made_at, id")]

    async def later(self) -> None:
        """The next try is due."""
        async with self.databases.administrator() as connection:
            await connection.execute("UPDATE due SET due_at = now(), lease_until = NULL WHERE kind = 'mail'")
        await self.turn()


async def raised(post: Post, **more: Any) -> AlertRaised:
    async with post.databases.interactions.transaction(post.business, name="now") as tx:
        now = tx.now
    values: dict[str, Any] = {
        "alert": new_id(), "kind": "slot_short", "queue": "billing", "queue_name": "Billing",
        "verdict": "Billing: 1 slot is short, 2 callbacks are more than can be made", "raised_at": now,
        "mail": ("ops@acme.example", "lee@acme.example"), "callbacks": (CallbackId(new_id()),),
    } | more  # fmt: skip
    return AlertRaised(**values)


async def test_an_alert_and_its_end_are_mailed_once_each(databases: Databases, business: BusinessId, smtp):
    post = Post(databases, business, smtp.url)
    alert = await raised(post)
    await post.tell(alert)
    over = AlertResolved(
        alert=alert.alert, kind=alert.kind, queue=alert.queue, queue_name=alert.queue_name, verdict=alert.verdict,
        raised_at=alert.raised_at, resolved_at=alert.raised_at + timedelta(minutes=5), mail=alert.mail,
    )  # fmt: skip
    await post.tell(over)
    await post.later()
    assert [to for to, _ in smtp.took] == [list(alert.mail)] * 2
    first, second = (letter for _, letter in smtp.took)
    assert first["Subject"].strip() == f"[Ringback] {alert.verdict}"
    assert str(alert.callbacks[0]) in first.get_content()
    assert second["Subject"].strip().startswith("[Ringback] Over: ") and "Lasted 5 min: " in second.get_content()
    assert first["From"] == "Ringback <alerts@acme.example>" and first["Auto-Submitted"] == "auto-generated"
    assert all(row["delivered_at"] for row in await post.letters())


async def test_a_letter_that_is_not_taken_is_tried_again_and_a_lost_answer_keeps_its_id(
    databases: Databases, business: BusinessId, smtp
):
    post = Post(databases, business, smtp.url)
    smtp.answers = [451, 0, 1]
    await post.tell(await raised(post))
    assert smtp.took == []
    await post.later()
    await post.later()  # taken, and the answer is lost: it is sent once more
    await post.later()
    assert len(smtp.took) == 2
    assert smtp.took[0][1]["Message-ID"] == smtp.took[1][1]["Message-ID"]
    (row,) = await post.letters()
    assert row["tries"] == 4 and row["delivered_at"] is not None


async def test_refused_for_good_is_given_up(databases: Databases, business: BusinessId, smtp):
    post = Post(databases, business, smtp.url)
    smtp.answers = [554]
    await post.tell(await raised(post))
    (row,) = await post.letters()
    assert row["failed_at"] is not None and row["last_error"] == "answered 554"
    await post.later()
    assert smtp.took == []


async def test_a_process_that_dies_with_a_claimed_letter_leaves_it_to_another(
    databases: Databases, business: BusinessId, smtp
):
    dying = Post(databases, business, smtp.url)
    async with databases.interactions.transaction(business, name="alert") as tx:
        await send(tx, business, Server.APPLICATION, business, await raised(dying))
    await dying.server.messages.drain()
    await dying.server.timers.drain()  # claimed, and never handed in
    another = Post(databases, business, smtp.url)
    await another.turn()
    assert smtp.took == []
    await another.later()
    assert len(smtp.took) == 1


async def test_without_a_mail_server_the_letter_says_why_it_waits(databases: Databases, business: BusinessId):
    post = Post(databases, business, None)
    await post.tell(await raised(post))
    (row,) = await post.letters()
    assert row["last_error"] == "no mail server is configured" and row["failed_at"] is None


async def test_nobody_named_means_no_letter(databases: Databases, business: BusinessId, smtp):
    post = Post(databases, business, smtp.url)
    await post.tell(await raised(post, mail=()))
    assert await post.letters() == [] and smtp.took == []


@pytest.mark.parametrize(
    ("url", "words"),
    [
        ("http://mail", "smtp://"),
        ("smtp://", "smtp://"),
        ("smtp://mail:x", "not understood"),
        ("smtp://me:secret@mail?starttls=off", "in the clear"),
        ("smtp://mail?starttls=maybe", "on or off"),
    ],
)
def test_a_mail_server_that_cannot_be_is_refused_at_the_start(url: str, words: str):
    with pytest.raises(ConfigurationError, match=words):
        read_mail_server(url)


def test_ports_and_encryption_follow_the_scheme():
    assert (read_mail_server("smtps://mail").port, read_mail_server("smtps://mail").tls) == (465, True)
    plain = read_mail_server("smtp://us%40er:p%40ss@mail:2525")
    assert (plain.port, plain.starttls, plain.user, plain.password) == (2525, True, "us@er", "p@ss")
    with pytest.raises(ConfigurationError):
        read_sender("nobody")
