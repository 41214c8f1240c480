"""A callback inside a window, by the API, and its calendar entry: it follows a move and a cancel, and belongs to its business."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta

from tests.workflows.console.office import House, Office, wanted
from tests.workflows.console.test_api import keep_waiting, present


def window(hours: int) -> dict[str, str]:
    start = datetime.now(UTC).replace(minute=0, second=0, microsecond=0) + timedelta(hours=hours)
    return {
        "kind": "window",
        "zone": "UTC",
        "start": start.isoformat(),
        "end": (start + timedelta(hours=2)).isoformat(),
    }


async def test_a_window_asked_for_by_the_api_has_a_calendar_entry_that_follows_it(office: Office, acme: House):
    caller = await office.key(acme, "callbacks:create", "callbacks:read", "callbacks:write")
    answer = await caller.post("/api/v1/callbacks", wanted(when=window(14)))
    assert answer.status_code == 201, answer.text
    path = f"/api/v1/callbacks/{answer.json()['id']}"
    entry = await caller.get(f"{path}/calendar.ics")
    assert entry.status_code == 200 and entry.headers["content-type"].startswith("text/calendar")
    starts = datetime.fromisoformat(window(14)["start"])
    lines = entry.text.split("\r\n")
    assert {f"DTSTART:{starts:%Y%m%dT%H%M%SZ}", "METHOD:PUBLISH", "SEQUENCE:0"} <= set(lines)
    moved = await caller.post(f"{path}/move", {"when": window(18), "reason": "asked by mail"})
    assert moved.status_code in (200, 202), moved.text
    after = (await caller.get(f"{path}/calendar.ics")).text.split("\r\n")
    assert {f"DTSTART:{starts + timedelta(hours=4):%Y%m%dT%H%M%SZ}", "SEQUENCE:1"} <= set(after)
    cancelled = await caller.post(f"{path}/cancel", {"reason": "no need"})
    assert cancelled.status_code in (200, 202), cancelled.text
    gone = (await caller.get(f"{path}/calendar.ics")).text.split("\r\n")
    assert {"METHOD:CANCEL", "STATUS:CANCELLED", "SEQUENCE:2"} <= set(gone)
    assert [line for line in lines if line.startswith("UID:")] == [line for line in gone if line.startswith("UID:")]


async def test_as_soon_as_possible_has_no_entry(office: Office, acme: House):
    await present(office, acme, "kim")
    await keep_waiting(office)
    caller = await office.key(acme, "callbacks:create", "callbacks:read")
    answer = await caller.post("/api/v1/callbacks", wanted())
    assert answer.status_code == 201, answer.text
    assert (await caller.get(f"/api/v1/callbacks/{answer.json()['id']}/calendar.ics")).status_code == 404
