"""A stream over a bad network: lost, doubled, late and in pieces, it leaves the same as one that came whole."""

from __future__ import annotations

import random
from datetime import datetime, timedelta
from typing import Any

import pytest

from ringback.domain.ids import AgentId
from ringback.domain.outside import OutsideAgentState, OutsideEvent, OutsideKind, OutsideSnapshot
from ringback.interaction_manager.workflows.report_outside import Reported, take_events, take_snapshot
from tests.workflows.interaction_manager.floor import Floor

EVENTS = 150


def history(chance: random.Random, begins: datetime) -> list[OutsideEvent]:
    """A morning at a contact centre: every event is possible where it stands."""
    events: list[OutsideEvent] = []
    waiting: list[str] = []
    talking: list[str] = []

    def add(kind: OutsideKind, interaction: str | None, **more: Any) -> None:
        at = begins + timedelta(seconds=3 * len(events))
        events.append(OutsideEvent(seq=len(events) + 1, kind=kind, at=at, interaction=interaction, **more))

    while len(events) < EVENTS:
        match chance.choice(("arrived", "answered", "ended", "abandoned", "transferred", "agent")):
            case "arrived":
                waiting.append(f"c-{len(events)}")
                add(OutsideKind.ARRIVED, waiting[-1], queue=chance.choice(("billing", "support")))
            case "answered" if waiting:
                talking.append(waiting.pop(chance.randrange(len(waiting))))
                add(OutsideKind.ANSWERED, talking[-1], agent="kim")
            case "ended" if talking:
                add(OutsideKind.ENDED, talking.pop(chance.randrange(len(talking))))
            case "abandoned" if waiting:
                add(OutsideKind.ABANDONED, waiting.pop(0))
            case "transferred" if talking:
                waiting.append(talking.pop(0))
                add(OutsideKind.TRANSFERRED, waiting[-1], queue="support")
            case "agent":
                add(OutsideKind.AGENT, None, agent="kim", state=chance.choice(list(OutsideAgentState)))
    return events


class Wire:
    """Reports of one source, as they come in."""

    def __init__(self, floor: Floor, source: str, chance: random.Random) -> None:
        self.floor = floor
        self.source = source
        self.chance = chance

    async def begin(self, at: datetime) -> None:
        async with self.floor.databases.interactions.transaction(self.floor.business, name="report") as tx:
            nothing = OutsideSnapshot(seq=0, at=at, queues=("billing", "support"))
            await take_snapshot(tx, self.floor.business, self.source, nothing)

    async def report(self, events: list[OutsideEvent]) -> Reported:
        async with self.floor.databases.interactions.transaction(self.floor.business, name="report") as tx:
            return await take_events(tx, self.floor.business, self.source, events)

    async def badly(self, events: list[OutsideEvent]) -> int:
        """Send pieces that overlap, are shuffled, arrive twice or not at all, and go on from what is expected; return the gaps that were seen."""
        gaps, at = 0, 0
        while at < len(events):
            piece = events[max(0, at - self.chance.randrange(4)) : at + 1 + self.chance.randrange(12)]
            piece = [each for each in piece if self.chance.random() > 0.15] * self.chance.choice((1, 1, 2))
            self.chance.shuffle(piece)
            done = await self.report(piece)
            gaps += done.expected is not None
            at = done.seq
            if self.chance.random() < 0.2:  # an old report that was stuck somewhere
                await self.report(events[: self.chance.randrange(1, len(events))][:9])
        return gaps


@pytest.mark.parametrize("seed", [1, 2, 3])
async def test_a_bad_network_changes_nothing_in_the_end(floor: Floor, seed: int):
    chance = random.Random(seed)
    queue = await floor.queue()
    await floor.queue("support")
    kim: AgentId = await floor.agent("kim", queue)
    begins = await floor.now() - timedelta(seconds=3 * EVENTS)
    events = history(chance, begins)
    whole, bad = Wire(floor, "whole", chance), Wire(floor, "bad", chance)
    await whole.begin(begins)
    await bad.begin(begins)
    assert (await whole.report(events)).applied == EVENTS
    assert await bad.badly(events) > 0
    first, second = [await left_by(floor, source) for source in ("whole", "bad")]
    assert first == second and len(first) > 20
    states = await floor.sql("SELECT agent, state, since FROM outside_agent ORDER BY source")
    assert len({tuple(row) for row in states}) == 1 and states[0]["agent"] == kim
    seqs = await floor.sql("SELECT DISTINCT seq, gap_at FROM outside_source")
    assert [(row["seq"], row["gap_at"]) for row in seqs] == [(EVENTS, None)]


async def left_by(floor: Floor, source: str) -> list[tuple[Any, ...]]:
    rows = await floor.sql(
        "SELECT ref, queue, state, arrived_at, answered_at, ended_at, ended_why, i.agent FROM outside_interaction i "
        "JOIN outside_source s ON s.id = i.source WHERE s.slug = $1 ORDER BY ref",
        source,
    )
    return [tuple(row) for row in rows]
