"""The do-not-call list over the API: read, added to, imported, taken from, and obeyed when a callback is asked for."""

from __future__ import annotations

from urllib.parse import quote

from tests.workflows.console.office import House, Office, wanted
from tests.workflows.console.test_api import keep_waiting, present, problem

NUMBER = "+442079460444"


async def test_a_listed_number_is_not_called_until_it_is_taken_off(office: Office, acme: House):
    await present(office, acme, "kim")
    await keep_waiting(office)
    admin = await office.key(acme)
    listed = await admin.post("/api/v1/do-not-call", {"number": "+44 (20) 7946-0444", "note": "asked by mail"})
    assert (listed.status_code, listed.json()["number"], listed.json()["source"]) == (201, NUMBER, "added")
    refused = await admin.post("/api/v1/callbacks", wanted(NUMBER))
    assert (refused.status_code, problem(refused)) == (409, "do-not-call")
    assert refused.json()["detail"] == "This number is on the list of those that are not called."
    path = f"/api/v1/do-not-call/{quote(NUMBER)}"
    assert (await admin.http.delete(path)).status_code == 204
    assert (await admin.http.delete(path)).status_code == 404
    assert (await admin.post("/api/v1/callbacks", wanted(NUMBER))).status_code in (200, 201, 202)
    audit = (await admin.get("/api/v1/audit")).json()["items"]
    said = {entry["action"]: entry["subject"] for entry in audit if entry["action"].startswith("do_not_call")}
    assert said == {"do_not_call.added": "number:…444", "do_not_call.removed": "number:…444"}


async def test_a_file_is_imported_whole_or_not_at_all(office: Office, acme: House):
    admin = await office.key(acme)
    wrong = "number,note\n+442079460001,\n2079460002,no plus\n+44x,\n"
    answer = await admin.post("/api/v1/do-not-call/import", {"csv": wrong})
    assert (answer.status_code, problem(answer)) == (422, "csv-invalid")
    assert "line 3:" in answer.json()["detail"] and "line 4:" in answer.json()["detail"]
    assert (await admin.get("/api/v1/do-not-call")).json() == {"items": [], "next": None}
    right = "\ufeffNote;x,Number\nmoved,+44 20 7946 0001\n,+442079460002\n,+442079460002\n"
    assert (await admin.post("/api/v1/do-not-call/import", {"csv": right})).json() == {"read": 2, "added": 2}
    assert (await admin.post("/api/v1/do-not-call/import", {"csv": right})).json() == {"read": 2, "added": 0}
    first = (await admin.get("/api/v1/do-not-call", limit=1)).json()
    second = (await admin.get("/api/v1/do-not-call", limit=1, after=first["next"])).json()
    assert {first["items"][0]["number"], second["items"][0]["number"]} == {"+442079460001", "+442079460002"}
    assert second["next"] is None and first["items"][0]["source"] == "import"
    one = (await admin.get("/api/v1/do-not-call", number="+44 20 7946 0001")).json()
    assert ([each["number"] for each in one["items"]], one["next"]) == (["+442079460001"], None)
    assert (await admin.get("/api/v1/do-not-call", number="+442079460009")).json()["items"] == []
    assert problem(await admin.get("/api/v1/do-not-call", number="0001")) == "number-invalid"


async def test_who_may_not_see_numbers_does_not_see_the_list_nor_change_it(office: Office, acme: House):
    crm = await office.key(acme, "callbacks:write")
    assert (await crm.get("/api/v1/do-not-call")).status_code == 403
    assert (await crm.post("/api/v1/do-not-call", {"number": NUMBER})).status_code == 403
    assert (await crm.http.delete(f"/api/v1/do-not-call/{quote(NUMBER)}")).status_code == 403


async def test_another_business_has_a_list_of_its_own(office: Office, acme: House):
    admin, stranger = await office.key(acme), await office.key(await office.house("globex"))
    await admin.post("/api/v1/do-not-call", {"number": NUMBER})
    assert (await stranger.get("/api/v1/do-not-call")).json()["items"] == []
    assert (await stranger.http.delete(f"/api/v1/do-not-call/{quote(NUMBER)}")).status_code == 404


async def test_a_number_that_was_called_often_is_refused_with_its_problem(office: Office, acme: House):
    await present(office, acme, "kim")
    await keep_waiting(office)
    admin = await office.key(acme)
    number = "+442079460445"
    await office.rows(
        "INSERT INTO phone_ring (business, leg, party, target, block, at, day, per_minute, cost) "
        "SELECT $1, gen_random_uuid(), 'customer', target_of($2), '+44207946', now(), now()::date, 1, 0 "
        "FROM generate_series(1, 8) RETURNING 1",
        acme.id,
        number,
    )
    refused = await admin.post("/api/v1/callbacks", wanted(number))
    assert (refused.status_code, problem(refused)) == (409, "number-called-too-often")
