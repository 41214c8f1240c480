"""The console's overview from rows: score, risks, levers, the next four hours, agents, lanes."""

from __future__ import annotations

from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from uuid import UUID
from zoneinfo import ZoneInfo

from ringback.console.rules.agent_lines import present_agent
from ringback.console.rules.clock_words import EN_DASH, moment, zone
from ringback.console.rules.overview_rows import Chance, Frame, done_rows, lane_of, open_rows, risks
from ringback.console.rules.rows import Row
from ringback.console.wire import (
    BusinessHead,
    ConsoleAlert,
    ConsoleQueue,
    ConsoleScore,
    ConsoleView,
    HourScore,
    StaffedSlot,
)
from ringback.domain.commands import Estimate
from ringback.domain.providers import Provider
from ringback.domain.status import CallbackState, Outcome, PromiseResult
from ringback.domain.times import TimeWindow
from ringback.domain.workplaces import OpeningNow, Workplace

AHEAD = timedelta(hours=4)
CELL = timedelta(minutes=15)


@dataclass(frozen=True, slots=True, kw_only=True)
class Snapshot:
    """Everything one business's consoles are drawn from, read at one moment."""

    now: datetime
    business: Row
    queues: Sequence[Row]
    agents: Sequence[Row]
    open: Sequence[Row]
    done: Sequence[Row]
    promises: Sequence[Row]
    lost: int  # of the whole business, as the report counts them
    rung_twice: int
    slots: Sequence[Row]
    alerts: Sequence[Row]
    workplaces: Mapping[UUID, Workplace]
    openings: Mapping[UUID, OpeningNow]
    closed: Mapping[UUID, frozenset[datetime]]  # cells in which a queue is closed
    estimates: Mapping[UUID, Estimate | None]  # what a new one is told now


def present_overview(
    snapshot: Snapshot, *, queues: Collection[UUID] | None, can_act: bool, chance: Chance
) -> ConsoleView:
    """Return the console for these queues (None: all)."""
    where = zone(snapshot.business["zone"])
    shown = [queue for queue in snapshot.queues if queues is None or queue["id"] in queues]
    ids = {queue["id"] for queue in shown}
    frame = Frame(
        now=snapshot.now,
        where=where,
        workplaces=snapshot.workplaces,
        chance=chance,
        stopped=frozenset(queue["id"] for queue in shown if not (queue["dialling"] and snapshot.business["may_dial"])),
    )
    opened = [row for row in snapshot.open if row["queue"] in ids]
    done = [row for row in snapshot.done if row["queue"] in ids]
    return ConsoleView(
        now=snapshot.now,
        business=BusinessHead(name=snapshot.business["name"], zone=snapshot.business["zone"]),
        queues=[_queue(queue, snapshot, where) for queue in shown],
        score=_score(snapshot, ids, opened),
        risks=risks(opened, frame),
        staffing=_staffing(snapshot, ids, opened),
        agents=[
            present_agent(agent, snapshot.now, where, {queue["id"]: queue["name"] for queue in snapshot.queues})
            for agent in snapshot.agents
            if not ids.isdisjoint(agent["queues"])
        ],
        alerts=[
            ConsoleAlert(
                id=row["id"],
                kind=row["kind"],
                queue=next(queue["slug"] for queue in shown if queue["id"] == row["queue"]),
                verdict=row["verdict"],
                raised_at=row["raised_at"],
            )
            for row in snapshot.alerts
            if row["queue"] in ids
        ],
        rows=open_rows(opened, frame) + done_rows(done, frame),
        waiting_estimate=_waiting_estimate(shown, snapshot),
        can_act=can_act,
    )


def _queue(row: Row, snapshot: Snapshot, where: ZoneInfo) -> ConsoleQueue:
    return ConsoleQueue(
        slug=row["slug"],
        provider=str(Provider(business=snapshot.business["slug"], queue=row["slug"])),
        name=row["name"],
        offering=row["offering"],
        dialling=row["dialling"],
        open_line=open_line(snapshot.openings[row["id"]], snapshot.now, where),
        waiting=row["waiting"],
        promised=row["promised"],
        backlog_cap=row["backlog_cap"],
        wait_cap=row["wait_cap"],
        waitlist=row["waitlist"],
        listed=row["listed"],
        shut_line=_shut_line(row, snapshot.now, where),
        incident=row["incident"],
    )


def shut_of(row: Row) -> TimeWindow | None:
    """Return when an operator has closed a queue, or will."""
    return None if row["shut_from"] is None else TimeWindow(start=row["shut_from"], end=row["shut_until"])


def _shut_line(row: Row, now: datetime, where: ZoneInfo) -> str | None:
    shut = shut_of(row)
    if shut is None or shut.end <= now:
        return None
    begins = "Closed" if shut.start <= now else f"Closes {moment(shut.start, now, where)}"
    why = f": {row['shut_why']}" if row["shut_why"] else ""
    return f"{begins}, open again {moment(shut.end, now, where)}{why}"


def open_line(opening: OpeningNow, now: datetime, where: ZoneInfo) -> str:
    """Return `Open until 18:00`, `Closed until Wed 25 Nov, 08:00`."""
    if opening.open_now:
        return f"Open until {moment(opening.until, now, where)}" if opening.until else "Open"
    return f"Closed until {moment(opening.next_opening, now, where)}" if opening.next_opening else "Closed"


def _score(snapshot: Snapshot, ids: Collection[UUID], opened: Sequence[Row]) -> ConsoleScore:
    counts: dict[str, int] = {}
    hours: dict[datetime, dict[str, int]] = {}
    for row in snapshot.promises:
        if row["queue"] in ids:
            counts[row["result"]] = counts.get(row["result"], 0) + row["count"]
            hour = hours.setdefault(row["hour"], {})
            hour[row["result"]] = hour.get(row["result"], 0) + row["count"]
    unknown = sum(
        1 for row in opened if row["state"] == CallbackState.ASKING and row["last_outcome"] == Outcome.UNKNOWN
    )
    targets = [snapshot.workplaces[id].score_target for id in ids]
    return ConsoleScore(
        kept=counts.get(PromiseResult.KEPT, 0),
        broken=counts.get(PromiseResult.BROKEN, 0),
        withdrawn=counts.get(PromiseResult.WITHDRAWN, 0),
        lost=snapshot.lost,
        rung_twice=snapshot.rung_twice,
        unknown=unknown,
        on_time=_on_time(counts),
        by_hour=[HourScore(hour=f"{hour:%H:%M}", on_time=_on_time(hours[hour])) for hour in sorted(hours)],
        target=max(targets, default=95.0),
    )


def _on_time(counts: Mapping[str, int]) -> float | None:
    kept, broken = counts.get(PromiseResult.KEPT, 0), counts.get(PromiseResult.BROKEN, 0)
    return None if kept + broken == 0 else round(100 * kept / (kept + broken), 2)


def cells(now: datetime) -> list[datetime]:
    """Return the quarter hours from the one that runs to four hours ahead."""
    begun = now.replace(minute=now.minute - now.minute % 15, second=0, microsecond=0)
    return [begun + CELL * n for n in range(AHEAD // CELL)]


def _staffing(snapshot: Snapshot, ids: Collection[UUID], opened: Sequence[Row]) -> list[StaffedSlot]:
    """Return what is promised and what there is room for. Where room was not counted, or the quarter hour runs, none is said to be missing."""
    grid = cells(snapshot.now)
    promised = dict.fromkeys(grid, 0)
    room: dict[datetime, int] = {}
    for row in opened:
        cell = _cell_of(row, snapshot.now)
        if cell in promised:
            promised[cell] += 1
    for slot in snapshot.slots:
        if slot["queue"] not in ids:
            continue
        for cell in grid:  # a slot of half an hour has its room in both of its quarter hours
            if _floor(slot["starts_at"]) <= cell < slot["ends_at"]:
                room[cell] = room.get(cell, 0) + slot["capacity"]
    return [
        StaffedSlot(
            slot=cell,
            promised=promised[cell],
            room=max(room.get(cell, 0), promised[cell]) if cell <= snapshot.now else room.get(cell, promised[cell]),
            closed=bool(ids) and all(cell in snapshot.closed[id] for id in ids),
        )
        for cell in grid
    ]


def _cell_of(row: Row, now: datetime) -> datetime | None:
    if lane_of(row, now) not in ("waiting", "promised"):
        return None
    return _floor(max(row["slot_start"] or row["ready_at"], _floor(now)))


def _floor(at: datetime) -> datetime:
    return at.replace(minute=at.minute - at.minute % 15, second=0, microsecond=0)


def closed_cells(now: datetime) -> list[TimeWindow]:
    """Return the windows of the cells, for asking whether a queue is closed in them."""
    return [TimeWindow(start=cell, end=cell + CELL) for cell in cells(now)]


def _waiting_estimate(queues: Sequence[Row], snapshot: Snapshot) -> str | None:
    told = [
        (queue["name"], _range(estimate, snapshot.now))
        for queue in queues
        if (estimate := snapshot.estimates.get(queue["id"])) is not None
    ]
    if not told:
        return None
    if len(queues) == 1:
        return f"a new one is told {told[0][1]}"
    return "a new one is told " + ", ".join(f"{name} {words}" for name, words in told[:3])


def _range(estimate: Estimate, now: datetime) -> str:
    low = max(0, round((estimate.p10 - now).total_seconds() / 60))
    high = max(1, round((estimate.p90 - now).total_seconds() / 60))
    if low == 0:
        return f"up to {high} min"
    return f"{low}{EN_DASH}{high} min" if low < high else f"{high} min"
