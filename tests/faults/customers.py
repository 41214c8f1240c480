"""Customers of the crash matrix: they ask over the API, repeat until they are answered, cancel and move while it rings, and write all of it down."""

from __future__ import annotations

import asyncio
import random
import time
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from typing import TYPE_CHECKING, Any

import httpx

from tests.faults.centre import AGENTS, SLUG, WAITED_FOR
from tests.faults.journal import Journal

if TYPE_CHECKING:
    from tests.faults.far_ends import FarEnds

TALKS = "answers:0.4+hangs_up:0.6"
SCENARIOS = {  # what the customer's telephone does, and what the customer does; the weight of each
    "talks": 2,
    "talks_at_a_time": 3,
    "misses_then_talks": 1,
    "busy_then_talks": 1,
    "never_there": 1,
    "declines": 1,
    "machine": 1,
    "dropped": 1,
    "events_lost": 1,
    "end_lost": 1,
    "asks_again": 1,
    "waits_long": 1,
    "cancels_at_once": 1,
    "cancels_while_agent_rings": 2,
    "cancels_while_ringing": 2,
    "moves_at_once": 1,
    "moves_while_agent_rings": 2,
    "moves_while_ringing": 2,
    "called_next": 2,
    "reassigned": 2,
}
TELEPHONES = {
    "misses_then_talks": "no_answer",
    "busy_then_talks": "busy",
    "never_there": "no_answer",
    "declines": "declines:0.4",
    "machine": "machine:0.3",
    "dropped": "answers:0.3+loses:0.5",
    "events_lost": "answers:0.3+hangs_up:0.7+drops:ringing+duplicates",
    "end_lost": "answers:0.3+hangs_up:0.5+drops:ended",
    "cancels_while_ringing": "no_answer",
    "moves_while_ringing": "answers:1.5+hangs_up:0.5",
}
SILENT = frozenset({"busy_then_talks"})  # the telephone may never ring, and that is right
FINAL = frozenset({"done", "cancelled", "closed"})


@dataclass(kw_only=True)
class Customers:
    """Everybody who asks. `bases`: the application servers' addresses; `far_ends`: their telephones."""

    bases: list[str]
    key: str
    journal: Journal
    far_ends: FarEnds
    random: random.Random
    accepted: dict[str, str] = field(default_factory=dict)  # callback → scenario
    agents: dict[str, str] = field(default_factory=dict)  # short name → id
    patience: float = 30.0  # seconds that a customer waits for the end of the story
    ahead: tuple[float, float] = (3.0, 5.0)  # seconds from now to which callbacks are moved
    away: int = 0  # how many of those who have to wait keep the agent away whom they wait for
    asking: bool = True
    _number: int = 0
    _tasks: set[asyncio.Task[None]] = field(default_factory=set)
    _client: httpx.AsyncClient = field(
        default_factory=lambda: httpx.AsyncClient(timeout=httpx.Timeout(8.0, connect=1.0))
    )

    async def ask(self, method: str, path: str, body: Any = None, *, key: str | None = None) -> httpx.Response:
        """Ask until there is an answer: a lost connection and an error on the other side are no answers."""
        headers = {"Authorization": f"Bearer {self.key}"} | ({"Idempotency-Key": key} if key else {})
        while True:
            base = self.random.choice(self.bases)
            try:
                answer = await self._client.request(method, f"{base}/api/v1{path}", json=body, headers=headers)
            except httpx.HTTPError:
                await asyncio.sleep(0.1)
                continue
            if answer.status_code < 500 and answer.status_code != 429:
                return answer
            await asyncio.sleep(0.2)

    async def run(self, *, at_once: int) -> None:
        """Keep so many customers busy until told to stop; then see the last ones through."""
        waiting: list[str] = []
        while self.asking:
            while len(self._tasks) < at_once:
                if not waiting:  # each round has each scenario as often as it weighs, in another order
                    waiting = [
                        name for name, weight in self.far_ends.scenarios(SCENARIOS).items() for _ in range(weight)
                    ]
                    self.random.shuffle(waiting)
                self.begin(waiting.pop())
            await asyncio.sleep(0.05)
        await self.settle()

    def begin(self, scenario: str) -> None:
        """Let one more customer ask."""
        self._number += 1
        task = asyncio.create_task(self.one(self._number, scenario))
        self._tasks.add(task)
        task.add_done_callback(self._tasks.discard)

    async def settle(self) -> None:
        """Wait for everybody who is on the way."""
        while self._tasks:
            await asyncio.wait(set(self._tasks))

    async def close(self) -> None:
        """Hang up on whoever still waits."""
        for task in self._tasks:
            task.cancel()
        if self._tasks:
            await asyncio.wait(set(self._tasks))
        await self._client.aclose()

    # ------------------------------------------------------------------ one customer

    async def one(self, n: int, scenario: str) -> None:
        """Ask for a callback and do what the scenario says; return when it is over, or after half a minute."""
        number = self.far_ends.number(n, scenario)
        await self._behave(number, TELEPHONES.get(scenario, TALKS))
        when: dict[str, Any] = {"kind": "asap"}
        if scenario == "talks_at_a_time":
            when = _instant(self.random.uniform(3.5, 7))
        if scenario == "waits_long":
            when = _instant(4)
        body = {
            "provider": f"biz:{SLUG}/q:support" if scenario == "waits_long" else f"biz:{SLUG}/q:billing",
            "when": when,
            "destination": {"number": number},
            "person": {"identity": f"customer-{n}", "name": f"Customer {n}"},
        }
        callback = await self._ask_for(n, body, key=f"ask-{n}", scenario=scenario)
        if callback is None:
            return
        if scenario == "asks_again":  # refused, unless the first one is over already
            await self._ask_for(n, body, key=f"ask-{n}-again", scenario=scenario)
        await self._act(callback, number, scenario)
        await self._until(lambda: self.state_of(callback), FINAL, patience=self.patience)

    async def _ask_for(self, n: int, body: Any, *, key: str, scenario: str) -> str | None:
        """Ask, and wait for yes or no; return the callback, None when it was refused."""
        self.journal.write("asking", key=key, scenario=scenario)
        answer = await self.ask("POST", "/callbacks", body, key=key)
        found = answer.json()
        if answer.status_code == 409:
            self.journal.write("refused", key=key, problem=found.get("type"))
            return None
        assert answer.status_code in (201, 202), f"{answer.status_code}: {answer.text}"
        callback, state = str(found["id"]), found["state"]
        self.far_ends.met(callback, n)
        self.journal.write("answered", key=key, callback=callback, status=answer.status_code, state=state)
        while state == "sent":
            await asyncio.sleep(0.2)
            state = await self.state_of(callback)
        if state == "refused":
            self.journal.write("refused", key=key, callback=callback)
            return None
        self.accepted[callback] = scenario
        self.journal.write("yes", key=key, callback=callback, scenario=scenario)
        return callback

    async def state_of(self, callback: str) -> str:
        """Return how the callback stands."""
        answer = await self.ask("GET", f"/callbacks/{callback}")
        return str(answer.json()["state"]) if answer.status_code == 200 else f"status {answer.status_code}"

    async def _act(self, callback: str, number: str, scenario: str) -> None:
        act, _, when = scenario.partition("_")
        match scenario:
            case "misses_then_talks":
                await self._until_rang(callback, "customer")
                await self._behave(number, TALKS)
            case "busy_then_talks":
                await asyncio.sleep(2)
                await self._behave(number, TALKS)
            case "called_next":
                await self.ask("POST", f"/callbacks/{callback}/call-next", {"reason": "urgent"}, key=f"next-{callback}")
            case "reassigned":
                agent = self.agents[self.random.choice(list(AGENTS))]
                await self.ask(
                    "POST",
                    f"/callbacks/{callback}/reassign",
                    {"reason": "knows them", "agent": agent},
                    key=f"to-{callback}",
                )
            case "waits_long":
                await self._keep_waiting()
            case _ if act in ("cancels", "moves"):
                if when == "while_agent_rings":
                    await self._until_rang(callback, "agent")
                elif when == "while_ringing":
                    await self._until_rang(callback, "customer")
                await (self._cancel(callback) if act == "cancels" else self._move(callback))

    async def _cancel(self, callback: str) -> None:
        self.journal.write("cancelling", callback=callback)
        answer = await self.ask(
            "POST", f"/callbacks/{callback}/cancel", {"reason": "not needed"}, key=f"cancel-{callback}"
        )
        self.journal.write("cancel_answered", callback=callback, status=answer.status_code, answer=answer.json())
        state = await self._until(lambda: self.state_of(callback), FINAL, patience=self.patience)
        self.journal.write("told", callback=callback, state=state)

    async def _move(self, callback: str) -> None:
        when = _instant(self.random.uniform(*self.ahead))
        self.journal.write("moving", callback=callback, start=when["start"])
        answer = await self.ask(
            "POST", f"/callbacks/{callback}/move", {"reason": "later", "when": when}, key=f"move-{callback}"
        )
        self.journal.write(
            "move_answered", callback=callback, status=answer.status_code, start=when["start"], answer=answer.json()
        )

    async def _keep_waiting(self) -> None:
        """Send the only agent away until the promise is broken, and have them come back."""
        self.away += 1
        await asyncio.sleep(26)
        self.away -= 1

    async def _behave(self, number: str, behaviour: str) -> None:
        await self.far_ends.behave(number, behaviour)

    async def _until_rang(self, callback: str, party: str) -> None:
        deadline = time.monotonic() + 15
        while time.monotonic() < deadline and not self.far_ends.rang(callback, party):
            if await self.state_of(callback) in FINAL:
                return
            await asyncio.sleep(0.1)

    async def _until(self, look: Any, wanted: frozenset[str], *, patience: float) -> str:
        deadline = time.monotonic() + patience
        while True:
            found: str = await look()
            if found in wanted or time.monotonic() > deadline:
                return found
            await asyncio.sleep(0.25)

    # ------------------------------------------------------------------ agents

    async def bring_agents(self) -> None:
        """Make everybody available, and again whenever an offer was missed."""
        n = 0
        while True:
            answer = await self.ask("GET", "/agents")
            for agent in answer.json().get("items", []):
                self.agents[agent["slug"]] = agent["id"]
                wish = "paused" if agent["slug"] == WAITED_FOR and self.away else "available"
                if agent["state"] in ({"paused", "offline", "not_responding", "available"} - {wish}):
                    n += 1
                    body = {"state": wish, "reason": "away"}
                    await self.ask("POST", f"/agents/{agent['id']}/state", body, key=f"agent-{time.time_ns()}-{n}")
            await asyncio.sleep(0.5)


def _instant(seconds: float) -> dict[str, Any]:
    at = datetime.now(UTC) + timedelta(seconds=seconds)
    return {"kind": "instant", "start": at.isoformat()}
