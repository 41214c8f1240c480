"""A contact centre outside reports over REST, as its page in the docs says."""

from __future__ import annotations

import json
import re
from datetime import UTC, datetime, timedelta
from typing import Any

from tests.habits.tracked import ROOT
from tests.workflows.console.office import Caller, House, Office
from tests.workflows.console.test_api import booked, keep_waiting, present, problem

PAGE = (ROOT / "docs/outside.md").read_text(encoding="utf-8")
SNAPSHOT, EVENTS = (json.loads(each) for each in re.findall(r"-d '(\{.*?\})'\n```", PAGE, re.DOTALL))
OLD = datetime(2026, 11, 23, 10, tzinfo=UTC)


def lately(body: Any) -> Any:
    """Return the example as if it were written now."""
    if isinstance(body, dict):
        return {key: lately(value) for key, value in body.items()}
    if isinstance(body, list):
        return [lately(each) for each in body]
    if isinstance(body, str) and body.endswith("Z"):
        return (datetime.now(UTC) - timedelta(seconds=20) + (datetime.fromisoformat(body) - OLD)).isoformat()
    return body


async def put(caller: Caller, body: Any) -> Any:
    return await caller.http.put("/api/v1/outside/pbx/snapshot", json=body)


async def test_the_example_of_the_docs_works(office: Office, acme: House):
    pbx = await office.key(acme, "outside:write")
    crm = await office.key(acme, "callbacks:read")
    first = await put(pbx, lately(SNAPSHOT))
    assert first.status_code == 200, first.text
    assert first.json() == {"applied": 1, "repeated": 0, "seq": 41, "unknown": [], "joined": {}}
    done = await pbx.post("/api/v1/outside/pbx/events", lately(EVENTS))
    assert done.json() == {"applied": 4, "repeated": 0, "seq": 45, "unknown": [], "joined": {}}
    again = await pbx.post("/api/v1/outside/pbx/events", lately(EVENTS))
    assert (again.json()["applied"], again.json()["repeated"]) == (0, 4)
    (source,) = (await crm.get("/api/v1/outside")).json()["items"]
    assert source["live"] and (source["expected"], source["waiting"], source["talking"]) == (46, 1, 0)
    billing = next(each for each in (await crm.get("/api/v1/queues")).json()["items"] if each["slug"] == "billing")
    assert (billing["outside"]["source"], billing["outside"]["waiting"]) == ("pbx", 1)
    looked = (await crm.get("/api/v1/outside/pbx/interactions/c-16")).json()
    assert (looked["state"], looked["ended_why"], looked["agent"]) == ("ended", "talked", "kim")


async def test_a_gap_is_a_conflict_that_names_the_missing_event(office: Office, acme: House):
    pbx = await office.key(acme, "outside:write")
    body = {"seq": 3, "kind": "agent", "at": datetime.now(UTC).isoformat(), "agent": "kim", "state": "busy"}
    unknown = await pbx.post("/api/v1/outside/pbx/events", {"events": [body]})
    assert (unknown.status_code, problem(unknown)) == (409, "snapshot-needed")
    await put(pbx, {"seq": 0, "at": datetime.now(UTC).isoformat(), "queues": ["billing"]})
    gap = await pbx.post("/api/v1/outside/pbx/events", {"events": [body]})
    assert (gap.status_code, problem(gap)) == (409, "event-missing") and "Event 1 " in gap.json()["detail"]
    crm = await office.key(acme, "callbacks:read")
    (source,) = (await crm.get("/api/v1/outside")).json()["items"]
    assert not source["live"] and source["event_missing_since"] is not None


async def test_who_may_not_report_does_not_and_nonsense_is_named(office: Office, acme: House):
    crm = await office.key(acme, "callbacks:write")
    assert (await put(crm, lately(SNAPSHOT))).status_code == 403
    pbx = await office.key(acme, "outside:write")
    event = {"seq": 1, "kind": "arrived", "at": "2026-11-23T10:00:00Z", "interaction": "c", "queue": "billing"}
    for wrong, field in (
        ({"seq": 0}, "events[0].seq"),
        ({"at": "2026-11-23T10:00:00"}, "events[0].at"),
        ({"caller": {"number": "0207946"}}, "events[0].caller.number"),
        ({"priority": 1000}, "events[0].priority"),
    ):
        refused = await pbx.post("/api/v1/outside/pbx/events", {"events": [event | wrong]})
        assert (refused.status_code, refused.json().get("field")) == (422, field), refused.text
    assert (await pbx.post("/api/v1/outside/Not_a_name/events", {"events": []})).status_code == 422
    other = await office.key(await office.house("other"), "callbacks:read")
    await put(pbx, lately(SNAPSHOT))
    assert (await other.get("/api/v1/outside")).json()["items"] == []
    assert (await other.get("/api/v1/outside/pbx/interactions/c-17")).status_code == 404


async def test_who_got_through_is_on_the_desk_of_the_agent_who_answered(office: Office, acme: House):
    await present(office, acme, "kim")
    await keep_waiting(office)
    supervisor = await office.person(acme, "nadia", "supervisor")
    made = await booked(supervisor, person={"identity": "customer-17", "name": "Dana W."}, topic="October bill")
    pbx = await office.key(acme, "outside:write")
    now = datetime.now(UTC).isoformat()
    await put(pbx, {"seq": 0, "at": now, "queues": ["billing"]})
    caller = {"identity": "customer-17"}
    arrived = {"seq": 1, "kind": "arrived", "at": now, "interaction": "c", "queue": "billing", "caller": caller}
    answered = {"seq": 2, "kind": "answered", "at": now, "interaction": "c", "agent": "kim"}
    done = await pbx.post("/api/v1/outside/pbx/events", {"events": [arrived, answered]})
    assert done.json()["joined"] == {"c": made["id"]}
    kim = await office.person(acme, "kim", "agent", agent="kim")
    with_you = (await kim.get("/desk/v1/view")).json()["with_you"]
    assert (with_you["callback"], with_you["customer"], with_you["topic"]) == (made["id"], "Dana W.", "October bill")
    crm = await office.key(acme, "callbacks:read")
    looked = (await crm.get("/api/v1/outside/pbx/interactions/c")).json()["callback"]
    assert (looked["id"], looked["name"], looked["topic"]) == (made["id"], "Dana W.", "October bill")
    await pbx.post(
        "/api/v1/outside/pbx/events", {"events": [{"seq": 3, "kind": "ended", "at": now, "interaction": "c"}]}
    )
    assert (await kim.get("/desk/v1/view")).json()["with_you"] is None
