"""What each agent is doing, in one line."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import datetime
from uuid import UUID
from zoneinfo import ZoneInfo

from ringback.console.rules.clock_words import clock, minutes, moment
from ringback.console.rules.customer_words import customer_name
from ringback.console.rules.rows import Row
from ringback.console.wire import ConsoleAgent
from ringback.domain.status import AgentState


def present_agent(row: Row, now: datetime, where: ZoneInfo, names: Mapping[UUID, str]) -> ConsoleAgent:
    """Return an agent as the console shows them. `names`: of the queues."""
    return ConsoleAgent(
        id=row["id"], name=row["name"], state=row["state"], since=row["since"], line=_line(row, now, where),
        away=_is_away(row, now), queues=sorted(names[queue] for queue in row["queues"] if queue in names),
    )  # fmt: skip


def _is_away(row: Row, now: datetime) -> bool:
    return row["away_from"] is not None and row["away_from"] <= now < row["away_until"]


def _line(row: Row, now: datetime, where: ZoneInfo) -> str:
    first = row["name"].split(" ")[0]
    so_long = f"{minutes(now - row['since'])} min"
    match AgentState(row["state"]):
        case AgentState.AVAILABLE | AgentState.IN_CHATS:
            return f"for {so_long}"
        case AgentState.HELD:
            at = f" at {clock(row['window_start'], where)}" if row["window_start"] and row["window_start"] > now else ""
            return f"{first} for {_customer(row)}{at}"
        case AgentState.RESERVED:
            return f"{first} for {_customer(row)}"
        case AgentState.ON_A_CALL:
            return f"{first} with {_customer(row)}, {so_long}"
        case AgentState.WRAP_UP:
            return f"until {clock(row['until'], where)}" if row["until"] else so_long
        case AgentState.PAUSED:
            return f"{(row['reason'] or 'paused').lower()}, {so_long}"
        case AgentState.NOT_RESPONDING | AgentState.OFFLINE:
            if _is_away(row, now):
                why = f", {row['away_why']}" if row["away_why"] else ""
                return f"away until {moment(row['away_until'], now, where)}{why}"
            return f"since {moment(row['since'], now, where)}"


def _customer(row: Row) -> str:
    if row["destination"] is None:
        return "a callback"
    return customer_name(row["person_name"], row["destination"], row["ending"])
