"""The API: callbacks asked for, acted on and shown; others' things not found; keys, pages, problems."""

from __future__ import annotations

import asyncio
from datetime import UTC, datetime, timedelta
from typing import Any
from uuid import UUID, uuid4

import pytest

from ringback.domain.ids import new_id
from ringback.interaction_manager.ledger_file import read_ledger
from tests.support.waiting import PATIENCE
from tests.workflows.console.office import Caller, House, Office, wanted


async def booked(caller: Caller, **more: Any) -> dict[str, Any]:
    answer = await caller.post("/api/v1/callbacks", wanted(**more))
    assert answer.status_code == 201, answer.text
    return dict(answer.json())


async def present(office: Office, house: House, *agents: str) -> None:
    """Agents who are there and available."""
    for slug in agents:
        await office.rows(
            "INSERT INTO presence (business, subject, page, seen_at) VALUES ($1, $2, $3, now() + interval '1 hour') RETURNING 1",
            house.id, house.agents[slug], uuid4(),
        )  # fmt: skip
        await office.rows(
            "UPDATE agent_state SET state = 'available', since = now(), idle_since = now() WHERE business = $1 AND agent = $2 RETURNING 1",
            house.id, house.agents[slug],
        )  # fmt: skip


async def keep_waiting(office: Office) -> None:
    """Nothing is dialled in this installation, so that callbacks stay where they are."""
    await office.rows("UPDATE dialling_permit SET allowed = false, reason = 'a test' RETURNING 1")


async def later(hours: int) -> str:
    at = datetime.now(UTC).replace(minute=0, second=0, microsecond=0) + timedelta(hours=hours)
    return at.isoformat()


def problem(answer: Any) -> str:
    assert answer.headers["content-type"].startswith("application/problem+json"), answer.text
    return str(answer.json()["type"]).rsplit("/", 1)[-1]


async def test_a_program_asks_for_a_callback_and_sees_it_everywhere(office: Office, acme: House):
    await present(office, acme, "kim")
    await keep_waiting(office)
    crm = await office.key(acme)
    answer = await crm.post("/api/v1/callbacks", wanted())
    assert answer.status_code == 201, answer.text
    made = answer.json()
    assert answer.headers["location"] == f"/api/v1/callbacks/{made['id']}"
    assert made["state"] == "waiting"
    assert made["queue"] == {"slug": "billing", "name": "Billing"}
    assert made["customer"]["where"] == "number ending 123"
    assert made["created_by"].startswith("key:")
    assert answer.headers["cache-control"] == "no-store"
    assert made["promise"]["early_is_fine"] is True
    assert (await crm.get(f"/api/v1/callbacks/{made['id']}")).json()["id"] == made["id"]
    listed = (await crm.get("/api/v1/callbacks", state="waiting")).json()
    assert [each["id"] for each in listed["items"]] == [made["id"]]
    wrong = await crm.get("/api/v1/callbacks", state="forgotten")
    assert wrong.status_code == 422
    assert "waiting" in wrong.text  # what it may be
    why = (await crm.get(f"/api/v1/callbacks/{made['id']}/why")).json()
    assert why["decisions"][0]["kind"] == "accepted"
    assert [each["topic"] for each in why["sentences"]][:3] == ["asked", "admission", "promise"]
    everywhere = answer.text + str(listed) + str(why)
    assert "2079460" not in everywhere and "7946 0" not in everywhere  # masked wherever it is shown
    queues = (await crm.get("/api/v1/queues")).json()["items"]
    assert {each["slug"]: each["promised"] for each in queues} == {"billing": 1, "support": 0}
    offers = await crm.get("/api/v1/offers", provider="biz:acme/q:support", zone="Europe/London")
    assert offers.status_code == 200, offers.text
    assert offers.json()["provider"] == "biz:acme/q:support"


async def test_what_a_customer_said_of_a_call_is_shown_with_it(office: Office, acme: House):
    await present(office, acme, "kim")
    await keep_waiting(office)
    crm, nadia = await office.key(acme), await office.person(acme, "nadia", "supervisor")
    made = await booked(crm)
    assert (await crm.get(f"/api/v1/callbacks/{made['id']}")).json()["rating"] is None
    await office.rows("UPDATE callback_request SET rating = 'bad' WHERE id = $1 RETURNING 1", UUID(made["id"]))
    assert (await crm.get(f"/api/v1/callbacks/{made['id']}")).json()["rating"] == "bad"
    [listed] = (await crm.get("/api/v1/callbacks")).json()["items"]
    assert listed["rating"] == "bad"
    opened = (await nadia.get(f"/console/v1/callbacks/{made['id']}")).json()
    assert [group["items"] for group in opened["reasons"] if "found the call" in group["title"]] == [
        [{"mark": "no", "text": "Not good"}]
    ]


async def test_the_same_key_gives_the_same_answer_and_does_nothing_twice(office: Office, acme: House):
    await present(office, acme, "kim")
    await keep_waiting(office)
    crm, other = await office.key(acme), await office.key(acme)
    key = str(uuid4())
    first, second, third = await asyncio.gather(*(crm.post("/api/v1/callbacks", wanted(), key=key) for _ in range(3)))
    assert first.status_code == second.status_code == third.status_code == 201
    assert first.json()["id"] == second.json()["id"] == third.json()["id"]
    reused = await crm.post("/api/v1/callbacks", wanted(topic="another"), key=key)
    assert (reused.status_code, problem(reused)) == (422, "idempotency-key-reused")
    theirs = await other.post("/api/v1/callbacks", wanted("+442079460999"), key=key)
    assert theirs.status_code == 201, "a key is its caller's own"
    callback, again = first.json()["id"], str(uuid4())
    cancels = await asyncio.gather(
        *(crm.post(f"/api/v1/callbacks/{callback}/cancel", {"reason": "asked by mail"}, key=again) for _ in range(2))
    )
    assert [each.status_code for each in cancels] == [200, 200]
    assert cancels[0].json() == cancels[1].json()
    audited = await office.rows("SELECT count(*) FROM audit WHERE action = 'callback.cancelled'")
    assert audited[0][0] == 1


async def test_a_key_that_asks_too_often_is_told_when_to_come_back_and_others_are_not_kept_waiting(
    office: Office, acme: House
):
    await present(office, acme, "kim")
    crm, other = await office.key(acme), await office.key(acme)
    nadia = await office.person(acme, "nadia", "supervisor")
    office.key_limit.burst, office.key_limit.per_second = 2, 0.05
    answers = [await crm.get("/api/v1/queues") for _ in range(2)]
    answers += [await crm.post("/api/v1/callbacks", wanted())]
    assert [each.status_code for each in answers] == [200, 200, 429]
    assert problem(answers[2]) == "too-many-requests"
    assert 15 <= int(answers[2].headers["retry-after"]) <= 20
    assert not await office.rows("SELECT 1 FROM callback_request"), "nothing of it was carried out"
    assert (await other.get("/api/v1/queues")).status_code == 200, "a limit is its key's own"
    assert (await nadia.get("/api/v1/queues")).status_code == 200, "people are not counted"


async def test_bad_input_has_a_clear_answer_and_changes_nothing(office: Office, acme: House):
    await present(office, acme, "kim")
    crm = await office.key(acme)
    post = crm.post
    cases = [
        (wanted(provider="nonsense"), 422, "unknown-provider"),
        (wanted(provider="biz:acme/q:nowhere"), 409, "unknown-provider"),
        (wanted(provider="biz:other"), 409, "unknown-provider"),
        (wanted("+4420"), 422, "number-too-short"),
        (wanted("+449098790123"), 422, "number-not-allowed"),
        (wanted(when={"kind": "instant", "zone": "Europe/London"}), 422, "time-invalid"),
        (
            wanted(when={"kind": "instant", "zone": "Europe/London", "start": "2026-11-24T10:00:00"}),
            422,
            "time-invalid",
        ),
        (wanted(when={"kind": "instant", "zone": "Europe/London", "start": "2020-01-01T10:00:00Z"}), 409, "past-time"),
        (wanted(when={"kind": "asap", "zone": "Nowhere/Atlantis"}), 422, "time-invalid"),
        ({**wanted(), "unexpected": 1}, 422, "invalid"),
        (wanted(destination={"chat": str(new_id())}), 404, "not-found"),
        (wanted(person={"id": str(new_id())}), 404, "not-found"),
        (wanted(priority=1000), 422, "invalid"),
        (wanted(language="<script>"), 422, "language-invalid"),
    ]
    for body, status, id in cases:
        answer = await post("/api/v1/callbacks", body)
        assert (answer.status_code, problem(answer) if id else None) == (status, id), (body, answer.text)
    malformed = await crm.http.post(
        "/api/v1/callbacks", content=b"{not json", headers={"content-type": "application/json"}
    )
    assert malformed.status_code == 400
    unsaid = await crm.post("/api/v1/callbacks", {name: value for name, value in wanted().items() if name != "when"})
    assert (unsaid.status_code, unsaid.json()["field"]) == (422, "when")
    empty = await crm.http.post("/api/v1/callbacks")
    assert (empty.status_code, empty.json()["field"]) == (422, "body")
    large = await crm.http.post("/api/v1/callbacks", content=b'{"a":"' + b"x" * 400_000 + b'"}')
    assert large.status_code == 413
    assert (await crm.get("/api/v1/callbacks")).json()["items"] == []


async def test_a_second_callback_while_one_is_open_is_refused_with_what_to_do(office: Office, acme: House):
    await present(office, acme, "kim")
    await keep_waiting(office)
    crm = await office.key(acme)
    await booked(crm, person={"identity": "customer-17", "name": "Dana W."})
    again = await crm.post("/api/v1/callbacks", wanted("+442079460777", person={"identity": "customer-17"}))
    assert (again.status_code, problem(again)) == (409, "one-is-open")
    assert again.json()["next"] == "Move it or cancel it here."


async def test_what_belongs_to_another_business_does_not_exist(office: Office, acme: House):
    await present(office, acme, "kim")
    await keep_waiting(office)
    crm = await office.key(acme)
    callback = (await booked(crm))["id"]
    person = (await crm.get(f"/api/v1/callbacks/{callback}")).json()["customer"]["person"]
    hook = (await crm.post("/api/v1/webhooks", {"url": "http://127.0.0.1:9/"})).json()["id"]
    other = await office.house("other")
    spy = await office.key(other)
    reason = {"reason": "curious"}
    move = {**reason, "when": {"kind": "asap"}}
    for method, path, body in [
        ("GET", f"/api/v1/callbacks/{callback}", None),
        ("GET", f"/api/v1/callbacks/{callback}/why", None),
        ("POST", f"/api/v1/callbacks/{callback}/cancel", reason),
        ("POST", f"/api/v1/callbacks/{callback}/move", move),
        ("POST", f"/api/v1/callbacks/{callback}/reassign", reason),
        ("POST", f"/api/v1/callbacks/{callback}/call-next", reason),
        ("POST", f"/api/v1/callbacks/{callback}/number", {}),
        ("GET", f"/api/v1/persons/{person}/export", None),
        ("POST", f"/api/v1/persons/{person}/erase", reason),
        ("POST", f"/api/v1/agents/{acme.agents['kim']}/state", {"state": "offline"}),
        ("GET", f"/api/v1/webhooks/{hook}", None),
        ("PATCH", f"/api/v1/webhooks/{hook}", {"enabled": False}),
        ("DELETE", f"/api/v1/webhooks/{hook}", None),
        ("POST", f"/api/v1/webhooks/{hook}/test", {}),
        ("GET", f"/api/v1/webhooks/{hook}/deliveries", None),
        ("GET", f"/console/v1/callbacks/{callback}", None),
    ]:
        answer = await spy.http.request(method, path, json=body)
        assert answer.status_code == 404, (method, path, answer.text)
    bulk = await spy.post("/api/v1/bulk", {"action": "cancel", "filter": {"callbacks": [callback]}, "reason": "spite"})
    assert bulk.json()["affected"] == []
    assert (await crm.get(f"/api/v1/callbacks/{callback}")).json()["state"] == "waiting"


async def test_who_is_erased_is_in_no_kept_answer_any_more(office: Office, acme: House):
    await present(office, acme, "kim")
    await keep_waiting(office)
    alex = await office.person(acme, "alex", "admin")
    key = str(uuid4())
    asked = wanted(person={"name": "Dana W."})
    made = (await alex.post("/api/v1/callbacks", asked, key=key)).json()
    await alex.post("/api/v1/bulk", {"action": "cancel", "filter": {"callbacks": [made["id"]]}, "reason": "storm"})
    kept = await office.rows("SELECT answer::text AS text FROM idempotency WHERE answer::text LIKE '%Dana%'")
    assert kept, "an answer is kept for who repeats the request"
    (row,) = await office.rows("SELECT person FROM callback_request WHERE id = $1", UUID(made["id"]))
    async with asyncio.timeout(PATIENCE):
        while (
            erased := await alex.post(f"/api/v1/persons/{row['person']}/erase", {"reason": "asked"})
        ).status_code == 409:
            await asyncio.sleep(0.1)
    assert erased.status_code == 200, erased.text
    assert await office.rows("SELECT 1 FROM idempotency WHERE answer::text LIKE '%Dana%'") == []
    again = await alex.post("/api/v1/callbacks", asked, key=key)
    assert again.json()["id"] == made["id"], "the key still stands for the same callback"


async def test_a_supervisor_of_one_queue_sees_and_touches_that_queue_only(office: Office, acme: House):
    await present(office, acme, "kim", "mira")
    await keep_waiting(office)
    crm = await office.key(acme)
    billing = (await booked(crm))["id"]
    support = (await booked(crm, number="+442079460555", provider="biz:acme/q:support"))["id"]
    sam = await office.person(acme, "sam", "supervisor", queues=[acme.queues["support"]])
    assert [each["id"] for each in (await sam.get("/api/v1/callbacks")).json()["items"]] == [support]
    assert (await sam.get(f"/api/v1/callbacks/{billing}")).status_code == 404
    assert (await sam.post(f"/api/v1/callbacks/{billing}/cancel", {"reason": "no"})).status_code == 404
    assert (await sam.post("/api/v1/queues/billing/levers", {"offering": False, "reason": "no"})).status_code == 404
    assert (await sam.post(f"/api/v1/callbacks/{billing}/number")).status_code == 404
    view = (await sam.get("/console/v1/view")).json()
    assert [queue["slug"] for queue in view["queues"]] == ["support"]
    assert [row["id"] for row in view["rows"]] == [support]
    assert (await sam.get("/console/v1/view", queue="billing")).status_code == 404


async def test_acts_carry_a_reason_are_audited_and_answer_what_came_of_them(office: Office, acme: House):
    await present(office, acme, "kim", "amir")
    await keep_waiting(office)
    nadia = await office.person(acme, "nadia", "supervisor")
    made = await booked(nadia)
    path = f"/api/v1/callbacks/{made['id']}"
    assert made["created_by"].startswith("user:")
    assert problem(await nadia.post(f"{path}/cancel", {"reason": "  "})) == "reason-missing"
    assert (
        await nadia.post(f"{path}/reassign", {"reason": "knows them", "agent": str(acme.agents["amir"])})
    ).status_code == 200
    assert (await nadia.get(path)).json()["agent"] == "Amir Haddad"
    assert (await nadia.post(f"{path}/call-next", {"reason": "no heating"})).status_code == 200
    moved = await nadia.post(
        f"{path}/move",
        {"reason": "asked", "when": {"kind": "instant", "zone": "Europe/London", "start": await later(3)}},
    )
    assert moved.status_code == 200, moved.text
    early = await nadia.post(f"{path}/call-next", {"reason": "hurry"})
    assert (early.status_code, problem(early)) == (409, "not-yet")
    shown = await nadia.post(f"{path}/number")
    assert shown.json() == {"number": "+442079460123"}
    cancelled = await nadia.post(f"{path}/cancel", {"reason": "got through"})
    assert cancelled.json()["detail"] == "Cancelled. No phone will ring."
    assert problem(await nadia.post(f"{path}/cancel", {"reason": "again"})) == "already-over"
    ada = await office.person(acme, "ada", "auditor")
    audit = (await ada.get("/api/v1/audit", subject=f"callback:{made['id']}")).json()["items"]
    assert [each["action"] for each in reversed(audit)] == [
        "callback.requested", "callback.reassigned", "callback.called-next", "callback.moved", "callback.called-next",
        "command.refused", "number.shown", "callback.cancelled", "callback.cancelled", "command.refused",
    ]  # fmt: skip
    assert audit[0]["principal_name"] == "Nadia"
    assert audit[1]["reason"] == "again"
    assert audit[0]["detail"] == {
        "asked": "callback.cancelled", "problem": "already-over", "command": audit[1]["detail"]["command"],
    }, "what was asked for and did not happen says so"  # fmt: skip
    assert (await ada.post(f"{path}/cancel", {"reason": "may not"})).status_code == 403


async def test_a_taken_slot_and_a_closed_day_are_refused_with_what_to_do(office: Office, acme: House):
    await present(office, acme, "kim", "amir")
    await keep_waiting(office)
    alex = await office.person(acme, "alex", "admin")
    slot = {"kind": "instant", "zone": "Europe/London", "start": await later(3)}
    asked = [wanted(number=f"+44207946010{number}", when=slot) for number in range(6)]
    taken = [await alex.post("/api/v1/callbacks", each) for each in asked][-1]
    assert (taken.status_code, problem(taken)) == (409, "slot-taken"), taken.text
    assert "was just taken" in taken.json()["detail"] and taken.json()["next"]
    day = (datetime.now(UTC) + timedelta(days=1)).date()
    config = (await alex.get("/api/v1/configuration")).json()
    support = next(each for each in config["queues"] if each["slug"] == "support")
    support["hours"]["closed_days"] = [{"day": str(day), "name": "Stock-taking"}]
    changed = await alex.http.put("/api/v1/configuration", json={"document": config})
    assert changed.status_code == 200, changed.text
    noon = {"kind": "instant", "zone": "Europe/London", "start": f"{day}T12:00:00+00:00"}
    closed = await alex.post("/api/v1/callbacks", wanted(provider="biz:acme/q:support", when=noon))
    assert (closed.status_code, problem(closed)) == (409, "closed"), closed.text
    assert "Stock-taking" in closed.json()["detail"] and closed.json()["next"].startswith("Support opens")


async def test_bulk_and_levers_name_who_is_affected_before_they_act(office: Office, acme: House):
    await present(office, acme, "kim", "amir")
    await keep_waiting(office)
    nadia = await office.person(acme, "nadia", "supervisor")
    for number in range(3):
        await booked(nadia, number=f"+44207946010{number}", person={"name": f"Person {number}"})
    body = {"action": "cancel", "filter": {"queue": "billing"}, "reason": "storm"}
    preview = (await nadia.post("/api/v1/bulk/preview", body)).json()
    assert {each["customer"] for each in preview["affected"]} == {"Person 0", "Person 1", "Person 2"}
    assert preview["affected"][0]["effect"].startswith("Cancelled")
    assert preview["affected"][0]["promise"].startswith("by ")
    levers = (await nadia.post("/api/v1/queues/billing/levers/preview", {"offering": False, "reason": "storm"})).json()
    assert levers["summary"] == "No new callbacks. 3 stay promised."
    halted = (await nadia.post("/api/v1/queues/billing/levers/preview", {"dialling": False, "reason": "storm"})).json()
    assert halted["summary"].startswith("Nothing rings. ")
    done = await nadia.post("/api/v1/bulk", body)
    assert done.status_code == 200, done.text
    async with asyncio.timeout(PATIENCE):
        while (await nadia.get("/api/v1/callbacks", state="waiting")).json()["items"]:
            await asyncio.sleep(0.1)
    assert problem(await nadia.post("/api/v1/bulk/preview", {**body, "filter": {}})) == "filter-missing"
    stopped = await nadia.post("/api/v1/queues/billing/levers", {"dialling": False, "reason": "fire drill"})
    assert stopped.json()["answer"]["dialling"] is False
    refused = await nadia.post("/api/v1/callbacks", wanted())
    assert (refused.status_code, problem(refused)) == (409, "dialling-stopped")
    assert refused.json()["next"]
    capped = await nadia.post("/api/v1/queues/billing/levers", {"backlog_cap": 40, "reason": "calm"})
    assert capped.json()["answer"]["backlog_cap"] == 40
    removed = await nadia.post("/api/v1/queues/billing/levers", {"backlog_cap": None, "reason": "calm"})
    assert removed.json()["answer"]["backlog_cap"] is None
    assert problem(await nadia.post("/api/v1/queues/billing/levers", {"reason": "none"})) == "lever-missing"


async def test_pages_lead_through_everything_once(office: Office, acme: House):
    await present(office, acme, "kim")
    await keep_waiting(office)
    crm = await office.key(acme)
    made = [(await booked(crm, number=f"+44207946020{n}"))["id"] for n in range(5)]
    seen: list[str] = []
    after: str | None = None
    while True:
        page = (await crm.get("/api/v1/callbacks", limit=2, **({"after": after} if after else {}))).json()
        seen += [each["id"] for each in page["items"]]
        after = page["next"]
        if after is None:
            break
        assert len(page["items"]) == 2
    assert seen == list(reversed(made))
    for cursor in ("nonsense", "e30", "WzEsMl0"):
        assert problem(await crm.get("/api/v1/callbacks", after=cursor)) == "cursor-invalid"
    assert problem(await crm.get("/api/v1/callbacks", limit=1000)) == "page-size-invalid"


async def test_the_configuration_goes_out_and_comes_back_unchanged(office: Office, acme: House):
    crm = await office.key(acme)
    document = (await crm.get("/api/v1/configuration")).json()
    again = await crm.http.put("/api/v1/configuration", json={"document": document})
    assert again.status_code == 200, again.text
    assert again.json()["answer"]["changes"] == []
    alex = await office.person(acme, "alex", "admin")
    await office.person(acme, "nadia", "supervisor")
    whole = (await alex.get("/api/v1/configuration")).json()
    assert [each["roles"] for each in whole["users"]] == [["admin"], ["supervisor"]] and "users" not in document
    unchanged = await alex.http.put("/api/v1/configuration", json={"document": whole})
    assert unchanged.json()["answer"]["changes"] == [], unchanged.text
    whole["users"][1]["roles"] = ["auditor", "supervisor"]
    whole["channels"].append({"name": "Shop", "allowed_origins": ["https://shop.example"]})
    mine = await crm.http.put("/api/v1/configuration", json={"document": whole})
    assert mine.status_code == 403, "a key changes no log-ins"
    assert len((await crm.get("/api/v1/configuration")).json()["channels"]) == len(document["channels"])
    same: Any = {"headers": {"Idempotency-Key": "whole-1"}, "json": {"document": whole}}
    first, second = [await alex.http.put("/api/v1/configuration", **same) for _ in range(2)]
    assert [each["kind"] for each in first.json()["answer"]["changes"]] == ["widget", "log-in"]
    assert first.json() == second.json()
    document = (await crm.get("/api/v1/configuration")).json()
    document["queues"][0]["name"] = "Bills"
    dry = await crm.http.put("/api/v1/configuration", json={"document": document, "dry_run": True})
    assert len(dry.json()["answer"]["changes"]) == 1
    assert (await crm.get("/api/v1/queues")).json()["items"][0]["name"] == "Billing"
    done = await crm.http.put("/api/v1/configuration", json={"document": document})
    assert done.status_code == 200
    assert "Bills" in {each["name"] for each in (await crm.get("/api/v1/queues")).json()["items"]}
    document["queues"][0]["hours"] = {"week": {"mon": ["18:00-08:00-04:00"]}}
    wrong = await crm.http.put("/api/v1/configuration", json={"document": document})
    assert (wrong.status_code, problem(wrong)) == (422, "configuration-invalid")
    assert wrong.json()["field"].startswith("queues[0].hours")


async def test_log_ins_and_keys_are_an_admins_and_never_a_keys(office: Office, acme: House):
    alex = await office.person(acme, "alex", "admin")
    made = await alex.post(
        "/api/v1/users",
        {
            "email": "kim@acme.example",
            "name": "Kim",
            "password": "a long password",
            "roles": ["agent"],
            "agent": str(acme.agents["kim"]),
        },
    )
    assert made.status_code == 201, made.text
    assert "password" not in made.json()
    taken = await alex.post(
        "/api/v1/users", {"email": "KIM@acme.example", "name": "K", "password": "a long password", "roles": ["auditor"]}
    )
    assert (taken.status_code, problem(taken)) == (409, "address-taken")
    me = (await alex.get("/auth/v1/me")).json()["user"]
    last = await alex.http.patch(f"/api/v1/users/{me}", json={"roles": ["auditor"]})
    assert (last.status_code, problem(last)) == (409, "last-admin")
    key = (await alex.post("/api/v1/api-keys", {"name": "crm", "scopes": ["callbacks:read"]})).json()
    listed = (await alex.get("/api/v1/api-keys")).json()["items"]
    assert [(each["prefix"], "key" in each) for each in listed] == [(key["prefix"], False)]
    crm = Caller(office, {"authorization": f"Bearer {key['key']}"})
    assert (await crm.get("/api/v1/callbacks")).status_code == 200
    assert (await alex.http.delete(f"/api/v1/api-keys/{key['id']}")).status_code == 204
    assert (await crm.get("/api/v1/callbacks")).status_code == 401
    assert problem(await alex.post("/api/v1/api-keys", {"name": "x", "scopes": ["accounts:write"]})) == "unknown-scope"


async def test_the_api_describes_itself_without_another_host(office: Office, acme: House):
    nobody = Caller(office)
    schema = (await nobody.get("/api/v1/schema/openapi.json")).json()
    assert schema["openapi"].startswith("3.1")
    assert "/api/v1/callbacks/{id}/cancel" in schema["paths"]
    answers = schema["paths"]["/api/v1/callbacks/{id}/cancel"]["post"]["responses"]
    assert all("application/problem+json" in answers[status]["content"] for status in ("400", "404", "409", "422"))
    assert not [path for path in schema["paths"] if path.startswith(("/desk", "/console", "/widget"))]
    page = await nobody.get("/api/v1/schema")
    assert page.headers["content-type"].startswith("text/html")
    assert "Ask for a callback" in page.text
    assert "<script" not in page.text and "http://" not in page.text and "https://" not in page.text
    assert "script-src 'self'" in page.headers["content-security-policy"]
    assert (await nobody.get("/api/v1/schema.css")).headers["content-type"].startswith("text/css")


async def test_the_ledger_of_the_report_gives_the_report(office: Office, acme: House):
    await present(office, acme, "kim")
    crm = await office.key(acme)
    assert (await crm.post("/api/v1/callbacks", wanted())).status_code == 201
    answer = await crm.get("/api/v1/report/ledger", queue="billing")
    assert answer.status_code == 200, answer.text
    assert answer.headers["content-disposition"].endswith('.ledger"')
    found = read_ledger([line + b"\n" for line in answer.content.splitlines()])
    assert (found.genuine, found.queue, found.problems) == (True, "billing", ())
    assert "2079460" not in answer.text and "7946 0" not in answer.text
    assert (await crm.get("/api/v1/report/ledger", queue="gardening")).status_code == 404
    assert (await crm.get("/api/v1/report", by="mood")).status_code in (400, 422)


@pytest.mark.parametrize(
    "path", ["/api/v1/report", "/api/v1/report?by=interval&interval=15min", "/api/v1/agents", "/api/v1/webhooks"]
)
async def test_lists_answer(office: Office, acme: House, path: str):
    crm = await office.key(acme)
    answer = await crm.get(path)
    assert answer.status_code == 200, answer.text


async def test_an_absence_is_shown_before_it_is_done_and_done_only_as_shown(office: Office, acme: House):
    await present(office, acme, "kim", "amir")
    await keep_waiting(office)
    nadia = await office.person(acme, "nadia", "supervisor")
    made = await booked(nadia, provider="biz:acme/q:billing/a:kim")
    path = f"/api/v1/agents/{acme.agents['kim']}/away"
    body = {"until": await later(9), "reason": "sick"}
    shown = (await nadia.post(f"{path}/preview", body)).json()
    assert [(each["callback"], each["changes"]) for each in shown["affected"]] == [(made["id"], True)]
    assert shown["affected"][0]["effect"] == "Somebody else calls, at the same time; the chat says so"
    old = await nadia.post(path, {**body, "plan": "0" * 32})
    assert (old.status_code, problem(old)) == (409, "plan-changed")
    done = await nadia.post(path, {**body, "plan": shown["plan"]})
    assert done.status_code == 200 and done.json()["summary"] == "1 callback"
    agents = (await nadia.get("/console/v1/view")).json()["agents"]
    kim = next(each for each in agents if each["name"] == "Kim Osei")
    assert kim["away"] and kim["state"] == "offline" and kim["line"].endswith(", sick")
    actions = [each["action"] for each in (await (await office.key(acme)).get("/api/v1/audit")).json()["items"]]
    assert "agent.away" in actions and not [each for each in actions if "preview" in each]
    assert (await nadia.get("/api/v1/alerts")).json()["items"] == []
