"""Who is called in the crash matrix, and the witness of what rang there: the simulated carrier's own record, or SIPp's log (telephones.py)."""

from __future__ import annotations

from collections.abc import Mapping
from pathlib import Path
from typing import Any, Protocol

from ringback.domain.errors import CarrierError
from ringback.domain.ids import BusinessId
from ringback.session_management_server.carriers.environment import CarrierEnvironment
from ringback.session_management_server.carriers.simulated import SimulatedCarrier
from ringback.session_management_server.carriers.simulated_record import read_record
from tests.faults.centre import AGENTS, agent_address, customer_number
from tests.faults.oracle import Ring, read_rings
from tests.support.simulated_carrier import CarrierProcess


class FarEnds(Protocol):
    """Agents' and customers' devices behind one carrier."""

    carrier: str
    environment: dict[str, str]
    agents: Mapping[str, str]  # short name → address

    def scenarios(self, known: Mapping[str, int]) -> dict[str, int]:
        """Return which of the scenarios their telephones can play."""

    def number(self, n: int, scenario: str) -> str:
        """Return the n-th customer's number."""

    async def behave(self, number: str, behaviour: str) -> None:
        """Tell a telephone what to do from now on."""

    def met(self, callback: str, n: int) -> None:
        """The n-th customer's callback is this one."""

    def rang(self, callback: str, party: str) -> int:
        """Tell how often somebody's telephone rang for a callback."""

    def rings(self) -> list[Ring]:
        """Return every leg that rang, by the witness."""

    def story(self, callback: str) -> list[str]:
        """Return what the witness saw of a callback, a line each."""

    async def left_over(self, business: BusinessId) -> list[str]:
        """Return what is there at the carrier and should be gone."""


class SimulatedFarEnds:
    """Telephones of the simulated carrier's process, which outlives what is killed."""

    carrier = "simulated"

    def __init__(self, process: CarrierProcess) -> None:
        self._process = process
        self.environment = {"RINGBACK_CARRIERS": "simulated", "RINGBACK_SIMULATED_CARRIER": process.address}
        self.agents: Mapping[str, str] = {name: agent_address(name) for name in AGENTS}
        nothing: Any = None
        self.client = SimulatedCarrier(
            CarrierEnvironment(
                database=nothing, dispatcher=nothing, hints=nothing, options={"address": process.address}
            )
        )
        self._size = -1
        self._rang: dict[tuple[str, str], int] = {}

    def scenarios(self, known: Mapping[str, int]) -> dict[str, int]:
        """All of them."""
        return dict(known)

    def number(self, n: int, scenario: str) -> str:
        """Return a number that says nothing of the scenario."""
        return customer_number(n)

    async def behave(self, number: str, behaviour: str) -> None:
        """Tell the carrier."""
        await self.client.behave(number, behaviour)

    def met(self, callback: str, n: int) -> None:
        """The record names callbacks itself."""

    def rang(self, callback: str, party: str) -> int:
        """Count in the record, read as it grows."""
        path: Path = self._process.record
        size = path.stat().st_size if path.exists() else 0
        if size != self._size:
            self._size = size
            self._rang = {}
            for line in read_record(path):
                if line["what"] == "rang":
                    key = (line["callback"], line["party"])
                    self._rang[key] = self._rang.get(key, 0) + 1
        return self._rang.get((callback, party), 0)

    def rings(self) -> list[Ring]:
        """Read the record."""
        return read_rings(read_record(self._process.record))

    def story(self, callback: str) -> list[str]:
        """Read the record's lines of one callback."""
        lines = [line for line in read_record(self._process.record) if line.get("callback") == callback]
        return [
            f"{line['at']} carrier: {line['party']}'s {line['leg']} {line['what']} {line.get('cause', '')}"
            for line in lines
        ]

    async def left_over(self, business: BusinessId) -> list[str]:
        """Ask for live legs."""
        try:
            return [f"leg {leg} is live at the carrier" for leg in await self.client.legs_of(business)]
        except CarrierError as error:
            return [f"the carrier does not say what is live: {error}"]
