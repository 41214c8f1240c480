"""Shifts come in by CSV and rows, all or nothing; what is booked goes out by interval."""

from __future__ import annotations

import csv
import io
from datetime import UTC, datetime, timedelta
from typing import Any

from tests.workflows.console.office import Caller, House, Office
from tests.workflows.console.test_api import problem

HALF = timedelta(minutes=30)
DAY = (datetime.now(UTC) + timedelta(days=2)).date()


async def imported(caller: Caller, **body: Any) -> Any:
    return await caller.http.put("/api/v1/shifts", json=body)


async def room(caller: Caller, hour: int) -> int:
    """Return how many callbacks of billing can be booked in the slot at this hour."""
    found = (await caller.get("/api/v1/offers", provider="biz:acme/q:billing", zone="UTC")).json()
    at = datetime(DAY.year, DAY.month, DAY.day, hour, tzinfo=UTC)
    slots = {slot["window"]["start"]: slot["room"] for day in found["days"] for slot in day["more"]}
    return max((room for start, room in slots.items() if datetime.fromisoformat(start) == at), default=0)


async def test_named_shifts_are_imported_once_and_move_what_is_offered(office: Office, acme: House):
    wfm = await office.key(acme, "configuration:write", "offers:read", "reports:read")
    assert await room(wfm, 9) == await room(wfm, 20) > 0
    text = f"agent,day,start,end\nkim,{DAY},08:00,12:00\namir,{DAY},,\n"
    trial = await imported(wfm, csv=text, dry_run=True)
    assert trial.json()["answer"]["changes"] == [
        {"agent": "amir", "day": str(DAY), "before": None, "after": "off"},
        {"agent": "kim", "day": str(DAY), "before": None, "after": "08:00-12:00"},
    ]
    assert (await wfm.get("/api/v1/shifts", until=str(DAY))).json() == {"shifts": [], "headcount": []}
    assert (await imported(wfm, csv=text)).json()["answer"] == trial.json()["answer"]
    assert (await imported(wfm, csv=text)).json()["answer"]["changes"] == []
    assert await room(wfm, 9) > 0 == await room(wfm, 20)
    listed = (await wfm.get("/api/v1/shifts", since=str(DAY))).json()["shifts"]
    assert listed == [
        {"agent": "amir", "day": str(DAY), "spans": []},
        {"agent": "kim", "day": str(DAY), "spans": ["08:00-12:00"]},
    ]


async def test_a_headcount_caps_what_is_offered(office: Office, acme: House):
    wfm = await office.key(acme, "configuration:write", "offers:read", "reports:read")
    before = await room(wfm, 9)
    row = {"skill": "queue:billing", "day": str(DAY), "start": "08:00", "end": "10:00", "agents": 0}
    done = await imported(wfm, headcount=[row])
    assert done.status_code == 200, done.text
    assert await room(wfm, 9) == 0 < before and await room(wfm, 20) == before
    again = await imported(wfm, headcount=[row | {"agents": 2}])
    (change,) = again.json()["answer"]["changes"]
    assert (change["before"], change["after"]) == (0, 2) and await room(wfm, 9) == before


async def test_a_wrong_line_leaves_everything_as_it_was(office: Office, acme: House):
    wfm = await office.key(acme, "configuration:write")
    refused = await imported(wfm, csv=f"agent,day,start,end\nkim,{DAY},08:00,12:00\nkym,{DAY},08:00,12:00\n")
    assert (refused.status_code, problem(refused)) == (422, "shifts-invalid")
    assert "line 3: there is no agent kym" in refused.json()["detail"]
    assert (await wfm.get("/api/v1/shifts", until=str(DAY))).json()["shifts"] == []
    reader = await office.key(acme, "configuration:read")
    assert (await imported(reader, csv="agent,day,start,end\n")).status_code == 403


async def test_what_is_booked_goes_out_by_interval(office: Office, acme: House):
    crm = await office.key(acme, "callbacks:write", "reports:read")
    at = datetime(DAY.year, DAY.month, DAY.day, 9, tzinfo=UTC)
    for n in range(2):
        made = await crm.post(
            "/api/v1/callbacks",
            {
                "provider": "biz:acme/q:billing",
                "when": {"kind": "instant", "zone": "UTC", "start": (at + n * HALF).isoformat()},
                "destination": {"number": f"+44207946010{n}"},
                "person": {"identity": f"customer-{n}"},
            },
        )
        assert made.status_code == 201, made.text
    found = (await crm.get("/api/v1/booked-work", since=str(DAY), until=str(DAY))).json()["items"]
    assert [datetime.fromisoformat(each.pop("starts_at")) for each in found] == [at, at + HALF]
    assert [datetime.fromisoformat(each.pop("ends_at")) for each in found] == [at + HALF, at + 2 * HALF]
    assert found == 2 * [{"queue": "billing", "skills": [], "bookings": 1, "work_seconds": 300.0, "agents": 0.17}]
    text = (await crm.get("/api/v1/booked-work", since=str(DAY), until=str(DAY), format="csv", interval=60)).text
    (row,) = csv.DictReader(io.StringIO(text))
    assert (row["queue"], row["bookings"], row["agents"]) == ("billing", "2", "0.17")
    assert (await crm.get("/api/v1/booked-work", interval=7)).status_code == 422
