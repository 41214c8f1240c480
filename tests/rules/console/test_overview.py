"""The overview from rows: lanes, risks, score, room; and a patch that makes of one view the other."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from typing import Any
from uuid import UUID, uuid4

import msgspec
from hypothesis import given
from hypothesis import strategies as st

from ringback.console.rules.overview import CELL, Snapshot, cells, present_overview
from ringback.console.rules.overview_patch import patch
from ringback.console.wire import ConsoleView
from ringback.domain.workplaces import OpeningNow, Workplace

NOW = datetime(2026, 11, 24, 14, 39, 6, tzinfo=UTC)
BILLING, SUPPORT = UUID(int=1), UUID(int=2)
WORKPLACE = Workplace(
    pause_reasons=("Break",), decline_reasons=(), dispositions=(), agent_ring=20, customer_ring=25, score_target=97.0, notice_below=0.5,
)  # fmt: skip


def minutes(count: float) -> datetime:
    return NOW + timedelta(minutes=count)


def callback(**more: Any) -> dict[str, Any]:
    return {
        "id": uuid4(), "queue": BILLING, "queue_name": "Billing", "person_name": "Jon M.", "destination": "phone", "ending": "123",
        "topic": "Refund", "state": "waiting", "reason": None, "priority": 0, "accepted_at": minutes(-7), "ready_at": minutes(-7),
        "window_start": minutes(-7), "window_end": minutes(5), "early_is_fine": True, "estimate_p10": minutes(1), "estimate_p50": minutes(2),
        "estimate_p90": minutes(4), "slot_start": None, "notices": 0, "places_gained": 0, "places_lost": 0, "customer_attempts": 0,
        "attempts": 0, "named_agent_name": None, "live_agent": None, "live_agent_name": None, "agent_phase": None, "agent_ringing_at": None,
        "customer_phase": None, "customer_ringing_at": None, "attempt_state": None, "joined_at": None, "last_outcome": None,
        "last_ended_at": None, "held_agent_name": None, "capacity": None, "booked": None, **more,
    }  # fmt: skip


def queue(id: UUID, slug: str) -> dict[str, Any]:
    return {
        "id": id,
        "slug": slug,
        "name": slug.capitalize(),
        "offering": True,
        "dialling": True,
        "backlog_cap": None,
        "wait_cap": None,
        "waitlist": False,
        "listed": 0,
        "shut_from": None,
        "shut_until": None,
        "shut_why": None,
        "incident": None,
        "waiting": 0,
        "promised": 0,
    }


def snapshot(*opened: dict[str, Any], **more: Any) -> Snapshot:
    return Snapshot(**{
        "now": NOW, "business": {"name": "Acme Energy", "zone": "Europe/London", "slug": "acme", "may_dial": True},
        "queues": [queue(BILLING, "billing"), queue(SUPPORT, "support")], "agents": [], "open": opened, "done": [], "promises": [],
        "lost": 0, "rung_twice": 0, "slots": [], "alerts": [], "workplaces": {BILLING: WORKPLACE, SUPPORT: WORKPLACE},
        "openings": dict.fromkeys((BILLING, SUPPORT), OpeningNow(open_now=True, until=minutes(200), next_opening=None, zone="Europe/London")),
        "closed": {BILLING: frozenset(), SUPPORT: frozenset()}, "estimates": {}, **more,
    })  # fmt: skip


def view(of: Snapshot, chance: float = 0.9) -> ConsoleView:
    return present_overview(of, queues=None, can_act=True, chance=lambda *_: chance)


def test_no_chance_is_said_of_what_is_not_dialled_at_all():
    stopped = [queue(BILLING, "billing") | {"dialling": False}, queue(SUPPORT, "support")]
    elsewhere = callback(queue=SUPPORT, queue_name="Support")
    rows = view(snapshot(callback(), elsewhere, queues=stopped)).rows
    assert [(row.queue, row.chance) for row in rows] == [("Billing", None), ("Support", 0.9)]
    nowhere = snapshot(
        callback(), elsewhere, business={"name": "Acme", "zone": "UTC", "slug": "acme", "may_dial": False}
    )
    assert [row.chance for row in view(nowhere).rows] == [None, None]


def test_what_is_due_and_not_dialled_is_at_risk_and_what_comes_later_is_not_yet():
    stopped = [queue(BILLING, "billing") | {"dialling": False}, queue(SUPPORT, "support")]
    due, later = callback(), callback(ready_at=minutes(36), window_start=minutes(36), window_end=minutes(51))
    found = view(snapshot(due, later, queues=stopped)).risks
    assert [(risk.callback, risk.kind, risk.chance) for risk in found] == [(due["id"], "stopped", None)]
    assert "Dialling is stopped in" in found[0].why


def test_a_callback_is_in_one_lane_with_one_line_of_why():
    shown = view(snapshot(
        callback(state="calling", live_agent_name="Kim", agent_phase="answered", customer_phase="ringing"),
        callback(state="talking", live_agent_name="Kim"),
        callback(held_agent_name="Ivo", places_gained=2),
        callback(ready_at=minutes(36), window_start=minutes(36), window_end=minutes(51), early_is_fine=False, named_agent_name="Kim"),
        callback(state="asking", last_outcome="unknown", last_ended_at=minutes(-47)),
    ))  # fmt: skip
    assert [(row.lane, row.agent, row.why) for row in shown.rows] == [
        ("calling", "Kim", "Customer rings"),
        ("calling", "Kim", "Talking with Kim"),
        ("waiting", "Ivo", "Ivo is held for it; gained 2 places"),
        ("promised", "Kim", "Asked for Kim"),
        ("asking", None, "Not known if it rang; asked in the chat"),
    ]
    assert shown.rows[2].promise == "by 14:44"
    assert shown.rows[3].promise == "15:15–15:30"
    assert shown.rows[2].place == 1


def test_risks_are_those_under_a_half_those_not_known_and_the_latest_of_a_short_slot():
    slot = {
        "slot_start": minutes(111),
        "capacity": 2,
        "booked": 3,
        "ready_at": minutes(111),
        "estimate_p10": None,
        "window_end": minutes(126),
    }
    booked = [
        callback(person_name=name, accepted_at=minutes(-n), **slot)
        for name, n in (("Priya", 1), ("Hugo", 2), ("Anna", 3))
    ]
    unknown = callback(
        state="asking", last_outcome="unknown", last_ended_at=minutes(-47), window_end=minutes(-46), person_name="Omar"
    )
    shown = view(snapshot(callback(), unknown, *booked), chance=0.38)
    assert [(risk.kind, risk.customer) for risk in shown.risks] == [
        ("unknown", "Omar"),
        ("at_risk", "Jon M."),
        ("short", "Priya"),
    ]
    assert shown.risks[1].chance == 0.38
    assert shown.risks[2].why == "16:30 is short by 1: 3 promised, room for 2. Latest booked first."
    assert shown.score.unknown == 1


def test_the_score_has_a_base_or_no_number():
    hour = datetime(2026, 11, 24, 13)  # noqa: DTZ001 -- by the clock of the business, as the database gives it
    assert view(snapshot()).score.on_time is None
    rows = [
        {"queue": BILLING, "hour": hour, "result": result, "count": count}
        for result, count in (("kept", 187), ("broken", 3), ("withdrawn", 12))
    ]
    score = view(snapshot(promises=rows)).score
    assert (score.kept, score.broken, score.withdrawn, score.on_time) == (187, 3, 12, 98.42)
    assert [(each.hour, each.on_time) for each in score.by_hour] == [("13:00", 98.42)]
    support = present_overview(snapshot(promises=rows), queues={SUPPORT}, can_act=False, chance=lambda *_: 1.0)
    assert support.score.on_time is None
    assert support.can_act is False


def test_a_queue_says_until_or_from_when():
    opening = OpeningNow(
        open_now=False, until=None, next_opening=datetime(2026, 11, 25, 8, tzinfo=UTC), zone="Europe/London"
    )
    shown = view(snapshot(openings={BILLING: opening, SUPPORT: opening}))
    assert shown.queues[0].open_line == "Closed until Wed 25 Nov, 08:00"
    assert view(snapshot()).queues[0].open_line == "Open until 17:59"


def test_the_next_hours_are_quarter_hours_from_the_one_that_runs():
    grid = cells(NOW)
    assert len(grid) == 16
    assert grid[0] == datetime(2026, 11, 24, 14, 30, tzinfo=UTC)
    slots = [{"queue": BILLING, "starts_at": grid[2], "ends_at": grid[2] + CELL, "capacity": 2, "booked": 0}]
    closed = {BILLING: frozenset(grid[14:]), SUPPORT: frozenset(grid[14:])}
    shown = view(
        snapshot(callback(), callback(ready_at=grid[2], slot_start=grid[2]), slots=slots, closed=closed)
    ).staffing
    assert [(cell.promised, cell.room) for cell in shown[:3]] == [(1, 1), (0, 0), (1, 2)]
    assert [cell.closed for cell in shown[13:]] == [False, True, True]


rows = st.lists(
    st.tuples(st.integers(0, 6), st.sampled_from(["waiting", "asking", "calling"]), st.sampled_from(["Kim", "Amir"])),
    unique_by=lambda each: each[0],
)


@given(rows, rows)
def test_a_patch_makes_of_one_view_the_other(first: list[Any], second: list[Any]):
    """What console/rows.ts does with a patch: members replaced, rows by id, those gone left out."""
    before, after = (
        view(
            snapshot(
                *(callback(id=UUID(int=100 + n), state=state, live_agent_name=agent) for n, state, agent in given_rows)
            )
        )
        for given_rows in (first, second)
    )
    change = patch(before, after)
    if change is None:
        assert before == after
        return
    assert not {"rows"} & change.patch.keys()
    kept = {row.id: row for row in before.rows if row.id not in change.gone} | {row.id: row for row in change.rows}
    rebuilt = msgspec.structs.replace(before, **change.patch, rows=sorted(kept.values(), key=lambda row: row.id))
    assert rebuilt == msgspec.structs.replace(after, rows=sorted(after.rows, key=lambda row: row.id))
    assert all(row in after.rows for row in change.rows)
    unchanged = {row.id for row in before.rows} & {row.id for row in after.rows} - {row.id for row in change.rows}
    assert all(
        next(r for r in before.rows if r.id == id) == next(r for r in after.rows if r.id == id) for id in unchanged
    )
