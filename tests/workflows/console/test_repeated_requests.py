"""Every write of the API, as its document lists them, is done once for its Idempotency-Key; and lists are pages."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import UTC, datetime, timedelta
from typing import Any
from uuid import UUID, uuid4

import httpx
import pytest

from ringback.domain.ids import new_id
from tests.workflows.console.office import PASSWORD, Caller, House, Office, wanted
from tests.workflows.console.test_api import booked, keep_waiting, later, present, problem

WRITES = ("post", "put", "patch", "delete")
# These change nothing, or carry a number of their own for each event: a repetition is safe without a key.
SAFE_WITHOUT = {
    "post /api/v1/bulk/preview",
    "post /api/v1/queues/{slug}/levers/preview",
    "post /api/v1/agents/{id}/away/preview",
    "post /api/v1/callbacks/{id}/number",
    "post /api/v1/outside/{source}/events",
    "put /api/v1/outside/{source}/snapshot",
}
DAY = datetime.now(UTC).date() + timedelta(days=3)


def writes(schema: dict[str, Any]) -> Iterator[tuple[str, dict[str, Any]]]:
    for path, item in schema["paths"].items():
        if path.startswith("/api/v1"):
            for method in WRITES:
                if method in item:
                    yield f"{method} {path}", item[method]


async def cases(office: Office, acme: House, admin: Caller) -> dict[str, tuple[str, Any, Any]]:
    """For each write: where to, what, and what else under the same key has to be refused."""
    ids = [(await booked(admin, number=f"+44207946010{n}", person={"name": f"Person {n}"}))["id"] for n in range(5)]
    person = new_id()
    await office.rows(
        "INSERT INTO person (business, id, name, created_at) VALUES ($1, $2, 'Old', now()) RETURNING 1", acme.id, person
    )
    user = {"email": "new@acme.example", "name": "New", "password": PASSWORD, "roles": ["auditor"]}
    made = (await admin.post("/api/v1/users", {**user, "email": "other@acme.example"})).json()["id"]
    key = (await admin.post("/api/v1/api-keys", {"name": "k", "scopes": ["offers:read"]})).json()["id"]
    hooks = [(await admin.post("/api/v1/webhooks", {"url": f"http://127.0.0.1:9/{n}"})).json()["id"] for n in range(2)]
    delivery = (await admin.post(f"/api/v1/webhooks/{hooks[0]}/test")).json()["delivery"]
    site = {"name": "Help", "allowed_origins": ["https://www.acme.example"]}
    sites = [(await admin.post("/api/v1/channels", {**site, "name": f"Site {n}"})).json()["id"] for n in range(2)]
    document = (await admin.get("/api/v1/configuration")).json()
    why, other = {"reason": "asked by mail"}, {"reason": "another"}
    return {
        "post /api/v1/callbacks": ("/callbacks", wanted("+442079460177"), wanted("+442079460178")),
        "post /api/v1/callbacks/{id}/cancel": (f"/callbacks/{ids[0]}/cancel", why, other),
        "post /api/v1/callbacks/{id}/move": (
            f"/callbacks/{ids[1]}/move",
            {**why, "when": {"kind": "instant", "start": await later(3)}},
            {**other, "when": {"kind": "asap"}},
        ),
        "post /api/v1/callbacks/{id}/reassign": (
            f"/callbacks/{ids[2]}/reassign",
            {**why, "agent": str(acme.agents["kim"])},
            {**other, "agent": None},
        ),
        "post /api/v1/callbacks/{id}/call-next": (f"/callbacks/{ids[3]}/call-next", why, other),
        "post /api/v1/callbacks/{id}/priority": (
            f"/callbacks/{ids[3]}/priority",
            {**why, "priority": 5},
            {**why, "priority": 6},
        ),
        "post /api/v1/bulk": (
            "/bulk",
            {**why, "action": "cancel", "filter": {"callbacks": [ids[4]]}},
            {**other, "action": "cancel", "filter": {"callbacks": [ids[4]]}},
        ),
        "post /api/v1/queues/{slug}/levers": (
            "/queues/support/levers",
            {**why, "offering": False},
            {**why, "offering": True},
        ),
        "post /api/v1/agents/{id}/away": (f"/agents/{acme.agents['mira']}/away", why, other),
        "post /api/v1/agents/{id}/state": (
            f"/agents/{acme.agents['amir']}/state",
            {**why, "state": "offline"},
            {**other, "state": "offline"},
        ),
        "put /api/v1/shifts": (
            "/shifts",
            {"csv": f"agent,day,start,end\nkim,{DAY},08:00,12:00\n"},
            {"csv": f"agent,day,start,end\nkim,{DAY},08:00,13:00\n"},
        ),
        "put /api/v1/configuration": (
            "/configuration",
            {"document": document},
            {"document": document, "dry_run": True},
        ),
        "post /api/v1/persons/{id}/erase": (f"/persons/{person}/erase", why, other),
        "post /api/v1/do-not-call": ("/do-not-call", {"number": "+442079460801"}, {"number": "+442079460802"}),
        "post /api/v1/do-not-call/import": (
            "/do-not-call/import",
            {"csv": "number\n+442079460803\n"},
            {"csv": "number\n+442079460804\n"},
        ),
        "delete /api/v1/do-not-call/{number}": ("/do-not-call/+442079460801", None, {"other": 1}),
        "post /api/v1/channels": ("/channels", site, {**site, "name": "Else"}),
        "patch /api/v1/channels/{id}": (
            f"/channels/{sites[0]}",
            {"allowed_origins": ["https://acme.example", "https://shop.acme.example"]},
            {"name": "Nowhere"},
        ),
        "post /api/v1/channels/{id}/key": (f"/channels/{sites[0]}/key", {}, {"other": 1}),
        "delete /api/v1/channels/{id}": (f"/channels/{sites[1]}", None, {"other": 1}),
        "post /api/v1/webhooks": (
            "/webhooks",
            {"url": "http://127.0.0.1:9/x"},
            {"url": "http://127.0.0.1:9/y"},
        ),
        "patch /api/v1/webhooks/{id}": (f"/webhooks/{hooks[0]}", {"enabled": True}, {"enabled": False}),
        "post /api/v1/webhooks/{id}/secret": (f"/webhooks/{hooks[0]}/secret", {}, {"other": 1}),
        "post /api/v1/webhooks/{id}/test": (f"/webhooks/{hooks[0]}/test", {}, {"other": 1}),
        "post /api/v1/webhooks/{id}/deliveries/{delivery}/resend": (
            f"/webhooks/{hooks[0]}/deliveries/{delivery}/resend",
            {},
            {"other": 1},
        ),
        "delete /api/v1/webhooks/{id}": (f"/webhooks/{hooks[1]}", None, {"other": 1}),
        "post /api/v1/users": ("/users", user, {**user, "password": "another good one"}),
        "patch /api/v1/users/{id}": (f"/users/{made}", {"name": "Newer"}, {"name": "Newest"}),
        "put /api/v1/users/{id}/password": (
            f"/users/{made}/password",
            {"password": "quite another one"},
            {"password": "yet another one"},
        ),
        "post /api/v1/api-keys": (
            "/api-keys",
            {"name": "crm", "scopes": ["offers:read"]},
            {"name": "crm", "scopes": ["callbacks:read"]},
        ),
        "delete /api/v1/api-keys/{id}": (f"/api-keys/{key}", None, {"other": 1}),
    }


def lasting(answer: httpx.Response) -> Any:
    """What an answer says, without what changes by itself: a delivery to a webhook may fail in between."""
    said = answer.json() if answer.content else None
    return {name: value for name, value in said.items() if name != "failing_since"} if isinstance(said, dict) else said


async def test_every_write_of_the_document_is_done_once_for_its_key(office: Office, acme: House):
    await present(office, acme, "kim", "amir")
    await keep_waiting(office)
    admin = await office.person(acme, "alex", "admin")
    document = (await admin.get("/api/v1/schema/openapi.json")).json()
    takes = {
        name: any(each["name"].lower() == "idempotency-key" for each in operation.get("parameters", []))
        for name, operation in writes(document)
    }
    assert {name for name, reads in takes.items() if not reads} == SAFE_WITHOUT
    done = await cases(office, acme, admin)
    assert set(done) == set(takes) - SAFE_WITHOUT, "a write without a case here is not shown to honour its key"

    async def send(name: str, path: str, body: Any, key: str) -> httpx.Response:
        headers = {"idempotency-key": key}
        method = name.partition(" ")[0].upper()
        if body is None:
            return await admin.http.request(method, f"/api/v1{path}", headers=headers)
        return await admin.http.request(method, f"/api/v1{path}", headers=headers, json=body)

    for name, (path, body, another) in done.items():
        key = str(uuid4())
        first = await send(name, path, body, key)
        assert first.status_code < 300, f"{name}: {first.text}"
        audited = await office.rows("SELECT count(*) FROM audit")
        again = await send(name, path, body, key)
        assert again.status_code == first.status_code, name
        assert lasting(again) == lasting(first), name
        assert await office.rows("SELECT count(*) FROM audit") == audited, f"{name}: done twice"
        refused = await send(name, path, another, key)
        assert (refused.status_code, problem(refused)) == (422, "idempotency-key-reused"), f"{name}: {refused.text}"


async def test_what_is_kept_of_a_request_tells_no_secret_and_a_lost_key_comes_again_only_while_it_is_good(
    office: Office, acme: House
):
    admin = await office.person(acme, "alex", "admin")
    body = {"name": "crm", "scopes": ["callbacks:read"]}
    made = (await admin.post("/api/v1/api-keys", body, key="lost")).json()
    again = (await admin.post("/api/v1/api-keys", body, key="lost")).json()
    assert again == made
    hook = (await admin.post("/api/v1/webhooks", {"url": "http://127.0.0.1:9/"}, key="hook")).json()
    kept = str([dict(row) for row in await office.rows("SELECT * FROM idempotency")])
    assert made["key"] not in kept and hook["secret"] not in kept
    program = Caller(office, {"authorization": f"Bearer {again['key']}"})
    assert (await program.get("/api/v1/queues")).status_code == 200
    await admin.http.delete(f"/api/v1/api-keys/{made['id']}")
    gone = await admin.post("/api/v1/api-keys", body, key="lost")
    assert (gone.status_code, problem(gone)) == (409, "key-shown-before") and "Revoke" in gone.json()["next"]
    await admin.post(f"/api/v1/webhooks/{hook['id']}/secret")
    stale = await admin.post("/api/v1/webhooks", {"url": "http://127.0.0.1:9/"}, key="hook")
    assert (stale.status_code, problem(stale)) == (409, "secret-replaced")


async def test_an_erasure_that_is_refused_is_not_in_the_audit(office: Office, acme: House):
    crm = await office.key(acme)
    refused = await crm.post(f"/api/v1/persons/{new_id()}/erase", {"reason": "asked"})
    assert refused.status_code == 404
    missing = await crm.http.delete(f"/api/v1/webhooks/{new_id()}")
    assert missing.status_code == 404
    assert not await office.rows("SELECT 1 FROM audit WHERE action IN ('person.erased', 'webhook.deleted')")


async def test_widgets_are_made_changed_and_taken_away_by_an_admin(office: Office, acme: House):
    admin, nadia = await office.person(acme, "alex", "admin"), await office.person(acme, "nadia", "supervisor")
    body = {"name": "Help", "allowed_origins": ["https://www.acme.example"], "accent": "#0B5C70"}
    assert (await nadia.post("/api/v1/channels", body)).status_code == 403
    made = (await admin.post("/api/v1/channels", body)).json()
    assert made["key"].startswith("wk_") and made["accent"] == "#0B5C70" and made["signs_identities"] is False
    taken = await admin.post("/api/v1/channels", body)
    assert (taken.status_code, problem(taken)) == (409, "name-taken")
    wrongs: tuple[dict[str, Any], ...] = (
        {"allowed_origins": ["www.acme.example"]},
        {"allowed_origins": []},
        {"accent": "red"},
    )
    for wrong in wrongs:
        answer = await admin.http.patch(f"/api/v1/channels/{made['id']}", json=wrong)
        assert (answer.status_code, answer.json()["field"]) == (422, next(iter(wrong)))
    secret = "s" * 24
    changed = await admin.http.patch(
        f"/api/v1/channels/{made['id']}",
        json={"allowed_origins": ["https://shop.acme.example"], "identity_secret": secret},
    )
    assert changed.json()["allowed_origins"] == ["https://shop.acme.example"] and changed.json()["signs_identities"]
    rotated = (await admin.post(f"/api/v1/channels/{made['id']}/key")).json()
    found = "SELECT id FROM ringback.find_channel($1)"
    assert not await office.rows(found, made["key"]), "the old key opens no chat"
    assert [row["id"] for row in await office.rows(found, rotated["key"])] == [UUID(made["id"])]
    globex = await office.house("globex")
    theirs = await office.person(globex, "bob", "admin")
    assert (await theirs.get(f"/api/v1/channels/{made['id']}")).status_code == 404
    assert (await theirs.http.delete(f"/api/v1/channels/{made['id']}")).status_code == 404
    assert (await theirs.get("/api/v1/channels")).json()["items"] == []
    assert (await admin.http.delete(f"/api/v1/channels/{made['id']}")).status_code == 204
    assert not await office.rows(found, rotated["key"])
    audit = (await admin.get("/api/v1/audit", subject=f"channel:{made['id']}")).json()
    assert [each["action"] for each in reversed(audit["items"])] == [
        "channel.created", "channel.changed", "channel.key-rotated", "channel.deleted",
    ]  # fmt: skip
    assert secret not in str(audit)
    back = (await admin.post("/api/v1/channels", body)).json()
    assert back["id"] == made["id"] and back["key"] not in (made["key"], rotated["key"])


async def test_every_list_is_read_in_pages(office: Office, acme: House):
    admin = await office.person(acme, "alex", "admin")
    await office.person(acme, "nadia", "supervisor")
    for n in range(3):
        await admin.post("/api/v1/webhooks", {"url": f"http://127.0.0.1:9/{n}"})
        await admin.post("/api/v1/channels", {"name": f"Site {n}", "allowed_origins": ["*"]})
        await admin.post("/api/v1/api-keys", {"name": f"k{n}", "scopes": ["offers:read"]})
        await office.rows(
            "INSERT INTO outside_source (business, id, slug) VALUES ($1, $2, $3) RETURNING 1",
            acme.id, new_id(), f"pbx-{n}",
        )  # fmt: skip
        await office.rows(
            "INSERT INTO alert (business, id, queue, kind, verdict, raised_at, seen_at, resolved_at) VALUES ($1, $2, $3, 'backlog', 'much', now(), now(), now()) RETURNING 1",
            acme.id, new_id(), acme.queues["billing"],
        )  # fmt: skip
    lists = {
        "queues": 2, "agents": 3, "webhooks": 3, "channels": 3, "api-keys": 3, "users": 2, "outside": 3, "alerts": 3,
    }  # fmt: skip
    for name, count in lists.items():
        path, more = f"/api/v1/{name}", {"resolved": "true"} if name == "alerts" else {}
        whole = (await admin.get(path, after="", **more)).json()  # an empty `after` is the beginning
        assert (len(whole["items"]), whole["next"]) == (count, None), name
        found, after = [], ""
        while after is not None:
            page = (await admin.get(path, after=after, limit=1, **more)).json()
            assert len(page["items"]) == 1, name
            found += page["items"]
            after = page["next"]
        assert found == whole["items"], name
        assert problem(await admin.get(path, after="nonsense", **more)) == "cursor-invalid", name
        assert problem(await admin.get(path, limit=201, **more)) == "page-size-invalid", name


@pytest.mark.parametrize("name", ["queues", "agents"])
async def test_no_page_shows_what_is_not_ones_own(office: Office, acme: House, name: str):
    sam = await office.person(acme, "sam", "supervisor", queues=[acme.queues["support"]])
    first = (await sam.get(f"/api/v1/{name}", limit=1)).json()
    assert all(each["slug"] not in ("billing", "amir") for each in first["items"])


async def test_a_wrong_word_is_answered_with_those_that_are_right(office: Office, acme: House):
    crm = await office.key(acme)
    when = await crm.post("/api/v1/callbacks", wanted(when={"kind": "soon"}))
    assert (when.status_code, problem(when), when.json()["field"]) == (422, "invalid", "when.kind")
    assert when.json()["detail"] == "This is one of asap, slot, instant, window."
    act = await crm.post("/api/v1/bulk", {"action": "delete", "filter": {"queue": "billing"}, "reason": "x"})
    assert act.json()["detail"] == "This is one of cancel, move, reassign, message, offer_move."
    assert (await crm.get("/api/v1/booked-work", format="xml")).json()["detail"] == "This is one of json, csv."
    state = await crm.post(f"/api/v1/agents/{acme.agents['kim']}/state", {"state": "asleep"})
    assert state.json()["detail"] == "This is one of available, paused, offline."


async def test_accounts_on_channels_are_made_and_changed_and_their_secrets_are_never_shown(office: Office, acme: House):
    admin = await office.person(acme, "alex", "admin")
    credentials = {"account_sid": "AC" + "0" * 32, "auth_token": "not to be shown"}
    body = {"name": "SMS", "kind": "twilio-sms", "credentials": credentials, "options": {"from": "+447700900000"}}
    answer = await admin.post("/api/v1/channels", body)
    made = answer.json()
    assert (made["kind"], made["options"]) == ("twilio-sms", body["options"]) and "not to be shown" not in answer.text
    changed = await admin.http.patch(f"/api/v1/channels/{made['id']}", json={"options": {"from": "+447700900001"}})
    assert changed.json()["options"] == {"from": "+447700900001"}
    (row,) = await office.rows("SELECT credentials, options FROM ringback.channel WHERE id = $1", UUID(made["id"]))
    assert "not to be shown" in str(row["credentials"])
    for wrong, member in (
        ({**body, "name": "Two", "credentials": {}}, "credentials.account_sid"),
        ({**body, "name": "Two", "options": {}}, "options.from"),
        ({**body, "name": "Two", "kind": "pigeon"}, "kind"),
    ):
        refused = await admin.post("/api/v1/channels", wrong)
        assert (refused.status_code, refused.json()["field"]) == (422, member)
