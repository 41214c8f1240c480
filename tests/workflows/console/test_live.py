"""Desk and console live: the whole view once, then what changed; presence by the desk's heartbeat; a revoked session sees nothing more."""

from __future__ import annotations

import asyncio
import json
from typing import Any
from uuid import UUID, uuid4

import pytest
from websockets.asyncio.client import connect
from websockets.exceptions import ConnectionClosed, InvalidStatus

from ringback.domain.ids import AttemptId, CallbackId, LegId, new_id
from tests.support.waiting import PATIENCE
from tests.workflows.console.office import Caller, House, Office
from tests.workflows.console.test_api import booked, keep_waiting, present, problem


async def test_the_console_is_sent_once_and_then_only_what_changed(office: Office, acme: House):
    await present(office, acme, "kim")
    await keep_waiting(office)
    nadia = await office.person(acme, "nadia", "supervisor")
    async with nadia.live("/console/v1/live") as console, nadia.live("/console/v1/live?queue=support") as support:
        first = await console.until(lambda event: True)
        assert first["type"] == "view"
        view = first["view"]
        assert [queue["slug"] for queue in view["queues"]] == ["billing", "support"]
        assert view["queues"][0]["open_line"] == "Open"
        assert view["score"]["on_time"] is None, "no base, no number"
        assert len(view["staffing"]) == 16
        assert view["can_act"] is True
        assert (await support.until(lambda event: True))["view"]["queues"][0]["slug"] == "support"
        made = await booked(nadia)
        patch = await console.until(lambda event: event["type"] == "patch" and event["rows"])
        row = patch["rows"][0]
        assert (row["id"], row["lane"], row["queue"], row["place"]) == (made["id"], "waiting", "Billing", 1)
        assert row["customer"] == "Dana W." and row["promise"].startswith("by ")
        assert row["chance"] is None, "nothing is dialled in this installation: there is no chance to show"
        assert "rows" not in patch["patch"] and "business" not in patch["patch"]
        await nadia.post(f"/api/v1/callbacks/{made['id']}/cancel", {"reason": "got through"})
        done = await console.until(lambda event: any(row["lane"] == "done" for row in event["rows"]))
        assert done["rows"][0]["id"] == made["id"]
    detail = (await nadia.get(f"/console/v1/callbacks/{made['id']}")).json()
    assert detail["cannot"] == "It is over."
    assert detail["reasons"][1]["title"].startswith("Why by ")
    assert detail["history"][0]["text"]


async def test_a_revoked_session_is_told_to_log_in_again(office: Office, acme: House):
    nadia = await office.person(acme, "nadia", "supervisor")
    async with nadia.live("/console/v1/live") as console:
        await console.until(lambda event: event["type"] == "view")
        await nadia.post("/auth/v1/logout")
        await console.socket.send('{"here": true}')
        with pytest.raises(ConnectionClosed) as closed:
            await console.until(lambda event: False)
    assert closed.value.rcvd is not None and closed.value.rcvd.code == 4401


async def test_nobody_opens_a_socket_without_a_log_in_or_from_another_page(office: Office, acme: House):
    nobody = Caller(office)
    with pytest.raises((ConnectionClosed, InvalidStatus)) as refused:
        async with nobody.live("/console/v1/live") as console:
            await console.until(lambda event: True)
    assert isinstance(refused.value, ConnectionClosed) and refused.value.rcvd is not None
    assert refused.value.rcvd.code == 4401
    kim = await office.person(acme, "kim", "agent", agent="kim")
    cookie = "; ".join(f"{name}={value}" for name, value in kim.http.cookies.items())
    async with connect(
        office.url.replace("http", "ws") + "/desk/v1/live",
        additional_headers={"cookie": cookie, "origin": "https://evil.example"},
    ) as socket:
        await socket.send(json.dumps({"hello": {"page": str(uuid4())}}))
        with pytest.raises(ConnectionClosed) as foreign:
            await socket.recv()
    assert foreign.value.rcvd is not None and foreign.value.rcvd.code == 4401


async def test_an_open_desk_is_presence_and_its_agent_becomes_available(office: Office, acme: House):
    kim = await office.person(acme, "kim", "agent", agent="kim")
    async with kim.live("/desk/v1/live") as desk:
        first = (await desk.until(lambda event: True))["view"]
        assert first["agent"]["name"] == "Kim Osei"
        assert first["agent"]["queues"] == ["Billing", "Support"]
        assert first["state"]["name"] == "offline"
        assert first["current"] is None and first["next"] == [] and first["done_today"] == []
        assert first["pause_reasons"] and first["decline_reasons"]
        seen = await office.rows("SELECT 1 FROM presence WHERE subject = $1", acme.agents["kim"])
        assert len(seen) == 1
        assert (await kim.post("/desk/v1/state", {"state": "available"})).json() == {"accepted": True}
        shown = await desk.until(
            lambda event: event["type"] == "view" and event["view"]["state"]["name"] == "available"
        )
        assert shown["view"]["state"]["reason"] is None
        reasonless = await kim.post("/desk/v1/state", {"state": "paused"})
        assert problem(reasonless) == "reason-needed"
        await kim.post("/desk/v1/state", {"state": "paused", "reason": "Break"})
        paused = await desk.until(lambda event: event["type"] == "view" and event["view"]["state"]["name"] == "paused")
        assert paused["view"]["state"]["reason"] == "Break"
    async with asyncio.timeout(PATIENCE):
        while await office.rows("SELECT 1 FROM presence WHERE subject = $1 AND left_at IS NULL", acme.agents["kim"]):
            await asyncio.sleep(0.05)


async def a_call(
    office: Office, acme: House, callback: str, *, phase: str = "ringing", agent: str = "kim"
) -> tuple[AttemptId, LegId]:
    """Rows as the other servers leave them while a callback rings an agent."""
    attempt, leg, business, kim = AttemptId(new_id()), LegId(new_id()), acme.id, acme.agents[agent]
    await office.rows(
        "INSERT INTO attempt (business, id, callback, number, state, direction, customer_address, agent, not_before, not_after, epoch, due_version, began_at)"
        " VALUES ($1, $2, $3, 1, 'ringing_agent', '{}', '+442079460123', $4, now(), now() + interval '1 hour', 1, 1, now()) RETURNING 1",
        business, attempt, UUID(callback), kim,
    )  # fmt: skip
    await office.rows(
        "INSERT INTO leg (business, id, attempt, callback, party, agent, n, carrier, phase, dialled_at, ringing_at, rings_until)"
        " VALUES ($1, $2, $3, $4, 'agent', $5, 1, 'browser', $6, now(), now(), now() + interval '20 seconds') RETURNING 1",
        business, leg, attempt, UUID(callback), kim, phase,
    )  # fmt: skip
    await office.rows(
        "INSERT INTO browser_leg (business, id, callback, party, subject, state, rings_until, show)"
        " VALUES ($1, $2, $3, 'agent', $4, 'ringing', now() + interval '20 seconds', '{\"peer_name\": \"Dana W.\", \"peer_detail\": \"Billing\"}') RETURNING 1",
        business, leg, UUID(callback), kim,
    )  # fmt: skip
    await office.rows(
        "INSERT INTO assignment (business, id, callback, attempt, agent, reasons, made_at) VALUES ($1, $2, $3, $4, $5,"
        " '{\"verdict\": \"The customer asked for them\", \"detail\": {\"skills\": \"billing 5\"}}', now()) RETURNING 1",
        business, new_id(), UUID(callback), attempt, kim,
    )  # fmt: skip
    await office.rows(
        "UPDATE agent_state SET state = 'reserved', callback = $3, attempt = $4, since = now() WHERE business = $1 AND agent = $2 RETURNING 1",
        business, kim, UUID(callback), attempt,
    )  # fmt: skip
    return attempt, leg


async def test_a_ringing_callback_shows_who_what_why_and_until_when(office: Office, acme: House):
    await present(office, acme, "kim")
    await keep_waiting(office)
    kim = await office.person(acme, "kim", "agent", agent="kim")
    made = await booked(kim)
    attempt, leg = await a_call(office, acme, made["id"])
    view = (await kim.get("/desk/v1/view", page=str(uuid4()))).json()
    current: dict[str, Any] = view["current"]
    assert (current["stage"], current["attempt"], current["callback"]) == ("ringing_you", str(attempt), made["id"])
    assert current["accept_by"] and view["call"]["rings_until"]
    assert current["customer"]["name"] == "Dana W."
    assert current["customer"]["where"] == "Phone ending 123"
    assert current["customer"]["local_time"] == "Same as yours"
    assert current["promised"].startswith("By ") and current["promised"].endswith(", as soon as possible")
    assert current["why_you"] == "The customer asked for you, and you have the billing skill."
    assert {each["code"] for each in current["dispositions"]} >= {"solved", "call_again"}
    assert view["call"]["peer_name"] == "Dana W."
    assert "2079460" not in str(view) and "7946 0" not in str(view)
    page = str(uuid4())
    said = await kim.post(f"/desk/v1/calls/{leg}/inputs", {"page": page, "kind": "accept"})
    assert said.json() == {"accepted": True}
    amir = await office.person(acme, "amir", "agent", agent="amir")
    assert (await amir.post(f"/desk/v1/calls/{leg}/inputs", {"page": page, "kind": "accept"})).status_code == 404
    assert (await amir.post(f"/desk/v1/attempts/{attempt}/disposition", {"code": "solved"})).status_code == 404
    nosy = await amir.post(f"/api/v1/callbacks/{made['id']}/number")
    assert nosy.status_code == 404
    own = await kim.post(f"/api/v1/callbacks/{made['id']}/number")
    assert own.json()["number"] == "+442079460123"
    assert (
        problem(await kim.post(f"/desk/v1/calls/{leg}/inputs", {"page": page, "kind": "explode"}))
        == "call-input-unknown"
    )


async def test_an_agent_who_calls_again_hears_whether_it_is_booked(office: Office, acme: House):
    await present(office, acme, "kim")
    await keep_waiting(office)
    kim, nadia = (
        await office.person(acme, "kim", "agent", agent="kim"),
        await office.person(acme, "nadia", "supervisor"),
    )
    made = await booked(kim)

    async def says(code: str) -> Any:
        attempt, _ = await a_call(office, acme, made["id"])
        await office.rows("UPDATE agent_state SET state = 'wrap_up' WHERE agent = $1 RETURNING 1", acme.agents["kim"])
        answer = await kim.post(f"/desk/v1/attempts/{attempt}/disposition", {"code": code})
        for table in ("browser_leg", "leg", "assignment", "attempt"):
            await office.rows(f"DELETE FROM {table} WHERE callback = $1 RETURNING 1", UUID(made["id"]))
        assert answer.status_code == 200, answer.text
        return answer.json()

    refused = await says("call_again")
    assert refused["booked"] is False, "this person has one that is open"
    assert refused["words"].startswith("The new call was not booked. ")
    assert (await nadia.post(f"/api/v1/callbacks/{made['id']}/cancel", {"reason": "a test"})).status_code == 200
    yes = await says("call_again")
    assert yes["booked"] is True and yes["words"].startswith("The new call is booked, "), yes
    assert (await says("solved")) == {"accepted": True, "booked": None, "words": None}


async def test_what_comes_for_an_agent_is_listed_with_what_may_be_called_now(office: Office, acme: House):
    await present(office, acme, "kim")
    await keep_waiting(office)
    kim = await office.person(acme, "kim", "agent", agent="kim")
    now = await booked(kim)
    view = (await kim.get("/desk/v1/view")).json()
    assert [each["callback"] for each in view["next"]] == [now["id"]]
    assert view["next"][0]["can_call_now"] is True
    assert view["next"][0]["when"].startswith("by ") and view["next"][0]["when"].endswith("· Billing")
    assert view["next"][0]["dialling"] is True
    nadia = await office.person(acme, "nadia", "supervisor")
    gives = {"reason": "knows them", "agent": str(acme.agents["kim"])}
    assert (await nadia.post(f"/api/v1/callbacks/{now['id']}/reassign", gives)).status_code == 200
    assert (await kim.get("/desk/v1/view")).json()["next"][0]["when"].endswith("· given to you")
    again = await nadia.post(
        "/api/v1/bulk/preview", {"action": "reassign", "filter": {"callbacks": [now["id"]]}, **gives}
    )
    assert [(each["effect"], each["changes"]) for each in again.json()["affected"]] == [
        ("Stays: it is theirs already", False)
    ]
    serves = {each["name"]: each["queues"] for each in (await nadia.get("/console/v1/view")).json()["agents"]}
    assert serves["Kim Osei"] == ["Billing", "Support"]
    called = await kim.post(f"/desk/v1/callbacks/{now['id']}/call-now")
    assert called.json() == {"accepted": True}
    named = await office.rows("SELECT named_agent FROM callback WHERE id = $1", UUID(now["id"]))
    assert named[0]["named_agent"] == acme.agents["kim"]
    other = await kim.post(f"/desk/v1/callbacks/{CallbackId(new_id())}/call-now")
    assert other.status_code == 404


async def test_many_consoles_of_one_business_are_read_once(office: Office, acme: House):
    nadia = await office.person(acme, "nadia", "supervisor")
    answers = await asyncio.gather(*(nadia.get("/console/v1/view") for _ in range(8)))
    assert len({answer.json()["now"] for answer in answers}) <= 3, "pages of one business share a reading"
