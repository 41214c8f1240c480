"""Webhooks: signed so that anybody's library believes them, tried again, given up, never sent to private addresses."""

from __future__ import annotations

import asyncio
import contextlib
import json
from collections.abc import AsyncIterator
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from typing import Any
from uuid import UUID, uuid4

import pytest
import uvicorn
from standardwebhooks import Webhook, WebhookVerificationError

from ringback.callback_application_server.rules import priority_lookup
from ringback.callback_application_server.rules.webhook_retries import DELAYS, DISABLED_AFTER, next_try
from ringback.callback_application_server.rules.webhook_signatures import headers
from ringback.callback_application_server.webhooks.post import WebhookPoster
from ringback.callback_application_server.webhooks.publish import with_webhooks
from ringback.domain.commands import PromiseMade
from ringback.domain.errors import Invalid
from ringback.domain.events import CallbackAccepted
from ringback.domain.ids import CallbackId
from ringback.domain.times import TimeWindow
from ringback.domain.webhooks import is_public, new_secret, read_target
from tests.support.waiting import PATIENCE
from tests.workflows.console.office import House, Office
from tests.workflows.console.test_api import booked, keep_waiting, present, problem


@dataclass(slots=True, kw_only=True)
class Receiver:
    """Somebody's system: answers as it is told, keeps what it got."""

    url: str = ""
    statuses: list[int] = field(default_factory=list)  # of the next answers; then 204
    says: bytes = b""
    got: list[tuple[dict[str, str], bytes]] = field(default_factory=list)

    async def __call__(self, scope: Any, receive: Any, send: Any) -> None:
        body = b""
        while True:
            message = await receive()
            body += message.get("body", b"")
            if not message.get("more_body"):
                break
        self.got.append(({name.decode(): value.decode() for name, value in scope["headers"]}, body))
        status = self.statuses.pop(0) if self.statuses else 204
        location = [(b"location", self.url.encode() + b"elsewhere")] if 300 <= status < 400 else []
        await send({"type": "http.response.start", "status": status, "headers": location})
        await send({"type": "http.response.body", "body": self.says})

    async def until(self, count: int) -> None:
        async with asyncio.timeout(PATIENCE):
            while len(self.got) < count:
                await asyncio.sleep(0.02)

    def of(self, kind: str) -> list[dict[str, Any]]:
        return [json.loads(body) for _, body in self.got if json.loads(body)["type"] == kind]


@pytest.fixture
async def receiver() -> AsyncIterator[Receiver]:
    """A receiver on loopback."""
    receiver = Receiver()
    server = uvicorn.Server(uvicorn.Config(receiver, port=0, log_config=None, lifespan="off"))
    server.install_signal_handlers = lambda: None  # type: ignore[attr-defined]
    task = asyncio.create_task(server.serve())
    async with asyncio.timeout(PATIENCE):
        while not server.started:
            await asyncio.sleep(0.01)
    receiver.url = f"http://127.0.0.1:{server.servers[0].sockets[0].getsockname()[1]}/"
    yield receiver
    server.should_exit = True
    with contextlib.suppress(asyncio.CancelledError):
        await task


async def test_what_happens_is_told_signed_and_without_numbers(office: Office, acme: House, receiver: Receiver):
    await present(office, acme, "kim")
    await keep_waiting(office)
    crm = await office.key(acme)
    made = (await crm.post("/api/v1/webhooks", {"url": receiver.url})).json()
    assert made["secret"].startswith("whsec_")
    assert "secret" not in (await crm.get(f"/api/v1/webhooks/{made['id']}")).json()
    callback = await booked(crm)
    await crm.post(f"/api/v1/callbacks/{callback['id']}/cancel", {"reason": "got through"})
    async with asyncio.timeout(PATIENCE):
        while not (receiver.of("callback.finished") and receiver.of("promise.settled")):
            await asyncio.sleep(0.02)
    assert receiver.of("promise.settled")[0]["data"]["result"] == "broken"
    assert receiver.of("promise.settled")[0]["data"]["cause"] == "closed_by_us"
    accepted, finished = receiver.of("callback.accepted"), receiver.of("callback.finished")
    assert accepted[0]["data"]["callback"] == finished[0]["data"]["callback"] == callback["id"]
    assert accepted[0]["data"]["destination"] == "phone"
    assert datetime.fromisoformat(accepted[0]["data"]["promise"]["window"]["end"]).tzinfo is not None
    verify = Webhook(made["secret"])
    for sent, body in receiver.got:
        verify.verify(body, sent)
        assert b"2079460" not in body and b"7946 0" not in body and b"October" not in body and b"Dana" not in body
        with pytest.raises(WebhookVerificationError):
            verify.verify(body + b" ", sent)
    deliveries = (await crm.get(f"/api/v1/webhooks/{made['id']}/deliveries")).json()["items"]
    assert {each["event"] for each in deliveries} >= {"callback.accepted", "callback.finished"}


async def test_a_system_that_looks_customers_up_sets_the_priority_and_one_that_fails_leaves_it(
    office: Office, acme: House, receiver: Receiver, monkeypatch: pytest.MonkeyPatch
):
    monkeypatch.setattr(
        priority_lookup, "WITHIN", PATIENCE
    )  # a machine that stands still for two seconds is not what is shown
    await present(office, acme, "kim")
    await keep_waiting(office)
    crm = await office.key(acme)
    everything = (await crm.post("/api/v1/webhooks", {"url": receiver.url})).json()
    made = (await crm.post("/api/v1/webhooks", {"url": receiver.url, "events": ["callback.lookup"]})).json()
    receiver.statuses, receiver.says = [200] * 9, b'{"priority": 40, "reason": "gold customer"}'
    callback = await booked(crm)
    async with asyncio.timeout(PATIENCE):
        while not await office.rows("SELECT 1 FROM callback WHERE priority = 40 AND id = $1", UUID(callback["id"])):
            await asyncio.sleep(0.02)
    (said,) = await office.rows("SELECT verdict, by FROM decision WHERE kind = 'prioritised'")
    assert (said["verdict"], said["by"]) == ("Priority 40: gold customer", "lookup")
    asked = receiver.of("callback.lookup")
    assert [each["data"]["callback"] for each in asked] == [callback["id"]], (
        "who did not ask for it by name is not asked"
    )
    sent, body = next((headers, body) for headers, body in receiver.got if json.loads(body) == asked[0])
    Webhook(made["secret"]).verify(body, sent)
    with pytest.raises(WebhookVerificationError):
        Webhook(everything["secret"]).verify(body, sent)
    await crm.post(f"/api/v1/callbacks/{callback['id']}/cancel", {"reason": "got through"})
    receiver.statuses, receiver.says = [500] * 99, b""
    again = await booked(crm)
    async with asyncio.timeout(PATIENCE):
        while True:
            tried = (await crm.get(f"/api/v1/webhooks/{made['id']}/deliveries")).json()["items"]
            if len(tried) == 2 and tried[0]["failed_at"]:
                break
            await asyncio.sleep(0.02)
    assert (tried[0]["tries"], tried[0]["last_error"]) == (1, "status 500: the priority stays")
    assert await office.rows("SELECT 1 FROM callback WHERE priority = 0 AND id = $1", UUID(again["id"]))


async def test_one_that_fails_is_tried_again_with_the_same_id_and_can_be_sent_again(
    office: Office, acme: House, receiver: Receiver
):
    crm = await office.key(acme)
    hook = (await crm.post("/api/v1/webhooks", {"url": receiver.url, "events": ["webhook.test"]})).json()
    receiver.statuses = [500, 302]
    await crm.post(f"/api/v1/webhooks/{hook['id']}/test")
    await receiver.until(1)
    for tries in (1, 2):
        async with asyncio.timeout(PATIENCE):
            while (await deliveries(crm, hook))[0]["tries"] < tries:
                await asyncio.sleep(0.05)
        await office.rows("UPDATE due SET due_at = now() WHERE kind = 'webhook' RETURNING 1")
    await receiver.until(3)
    async with asyncio.timeout(PATIENCE):
        while (await deliveries(crm, hook))[0]["delivered_at"] is None:
            await asyncio.sleep(0.05)
    assert len({sent["webhook-id"] for sent, _ in receiver.got}) == 1
    assert len(receiver.got) == 3, "a redirect is a failure, and is not followed"
    delivery = (await deliveries(crm, hook))[0]
    assert delivery["tries"] == 3 and delivery["last_error"] is None
    assert (await crm.get(f"/api/v1/webhooks/{hook['id']}")).json()["failing_since"] is None
    assert not await office.rows("SELECT 1 FROM due WHERE kind = 'webhook'")
    await crm.post(f"/api/v1/webhooks/{hook['id']}/deliveries/{delivery['id']}/resend")
    await receiver.until(4)
    assert receiver.got[3][0]["webhook-id"] == receiver.got[0][0]["webhook-id"]


async def test_an_address_that_fails_for_days_or_is_gone_is_not_called_any_more(
    office: Office, acme: House, receiver: Receiver
):
    crm = await office.key(acme)
    hooks = [(await crm.post("/api/v1/webhooks", {"url": receiver.url})).json()["id"] for _ in range(2)]
    receiver.statuses = [410, 500]
    await crm.post(f"/api/v1/webhooks/{hooks[0]}/test")
    await receiver.until(1)
    await office.rows(
        "UPDATE webhook_endpoint SET failing_since = now() - $2::interval WHERE id = $1 RETURNING 1",
        UUID(hooks[1]),
        DISABLED_AFTER,
    )
    await crm.post(f"/api/v1/webhooks/{hooks[1]}/test")
    await receiver.until(2)
    for hook in hooks:
        async with asyncio.timeout(PATIENCE):
            while (await crm.get(f"/api/v1/webhooks/{hook}")).json()["disabled_at"] is None:
                await asyncio.sleep(0.05)
        assert problem(await crm.post(f"/api/v1/webhooks/{hook}/test")) == "webhook-disabled"
    enabled = await crm.http.patch(f"/api/v1/webhooks/{hooks[0]}", json={"enabled": True})
    assert enabled.json()["disabled_at"] is None
    assert enabled.json()["failing_since"] is None


async def test_private_addresses_are_refused_by_name_by_number_and_after_resolution():
    for url in (
        "http://hooks.example/", "https://user:word@hooks.example/", "ftp://hooks.example/", "https:///path", "https://localhost/",
        "https://127.0.0.1/", "https://10.1.2.3/", "https://169.254.169.254/latest", "https://[::1]/", "https://[fd00::1]/",
        "https://[::ffff:127.0.0.1]/", "https://[64:ff9b::7f00:1]/", "https://0.0.0.0/", "https://hooks.example/#x", "https://a b/",
    ):  # fmt: skip
        with pytest.raises(Invalid):
            read_target(url, allow_private=False)
    target = read_target("https://hooks.example:8443/ring?x=1", allow_private=False)
    assert (target.authority, target.path) == ("hooks.example:8443", "/ring?x=1")
    for address in ("127.0.0.1", "192.168.0.1", "100.64.0.1", "::1", "fe80::1%eth0", "224.0.0.1", "2002:7f00:1::"):
        assert not is_public(address), address
    assert is_public("1.1.1.1") and is_public("2606:4700:4700::1111")
    poster = WebhookPoster(allow_private=False)
    try:
        # A name that leads home: what counts is where it leads.
        answer = await poster.post("https://ip6-localhost/", "{}", {})
        assert answer.status is None
        assert answer.error == "url-not-allowed" or str(answer.error).startswith("not resolved")
    finally:
        await poster.close()


async def test_a_name_that_resolves_to_loopback_is_not_posted_to(receiver: Receiver, monkeypatch: pytest.MonkeyPatch):
    poster = WebhookPoster(allow_private=False)
    loop = asyncio.get_running_loop()

    async def resolves_home(*_: Any, **__: Any) -> list[Any]:
        return [(2, 1, 6, "", ("1.1.1.1", 443)), (2, 1, 6, "", ("127.0.0.1", 443))]

    monkeypatch.setattr(loop, "getaddrinfo", resolves_home)  # the resolver is the outside world
    try:
        answer = await poster.post("https://rebind.example/", "{}", {})
    finally:
        await poster.close()
    assert (answer.status, answer.error) == (None, "url-not-allowed")
    assert receiver.got == []


def test_tries_are_spread_over_about_a_day():
    now = datetime.fromisoformat("2026-11-24T10:00:00+00:00")
    times = [next_try(uuid4(), n, now) for n in range(1, len(DELAYS) + 1)]
    assert all(at is not None and at > now for at in times)
    assert next_try(uuid4(), len(DELAYS) + 1, now) is None
    assert timedelta(hours=20) < sum(DELAYS, timedelta()) < timedelta(hours=36)


def test_a_signature_is_over_id_time_and_the_very_bytes():
    secret, at = new_secret(b"0" * 32), datetime.fromisoformat("2026-11-24T10:00:00+00:00")
    one = headers(secret, id="a", at=at, body="{}")
    assert one["webhook-signature"].startswith("v1,")
    others = [
        headers(secret, id="b", at=at, body="{}"),
        headers(secret, id="a", at=at + timedelta(seconds=1), body="{}"),
        headers(secret, id="a", at=at, body="{ }"),
        headers(new_secret(b"1" * 32), id="a", at=at, body="{}"),
    ]
    assert one["webhook-signature"] not in {each["webhook-signature"] for each in others}


async def test_a_message_that_is_rolled_back_tells_nobody(office: Office, acme: House, receiver: Receiver):
    crm = await office.key(acme)
    await crm.post("/api/v1/webhooks", {"url": receiver.url})
    now = datetime.now().astimezone()
    message = CallbackAccepted(
        callback=CallbackId(uuid4()),
        promise=PromiseMade(window=TimeWindow(start=now, end=now + timedelta(minutes=5)), early_is_fine=True),
        queue_name="Billing", agent_name=None, place=1, line=1,
    )  # fmt: skip

    async def fails(*_: Any) -> None:
        raise RuntimeError("the chat could not be told")

    handler = with_webhooks({CallbackAccepted: fails})[CallbackAccepted]
    with pytest.raises(RuntimeError):
        async with office.databases.application.transaction(acme.id, name="apply") as tx:
            await handler(tx, acme.id, message)
    assert not await office.rows("SELECT 1 FROM webhook_delivery")


async def deliveries(crm: Any, hook: dict[str, Any]) -> list[dict[str, Any]]:
    return list((await crm.get(f"/api/v1/webhooks/{hook['id']}/deliveries")).json()["items"])
