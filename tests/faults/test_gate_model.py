"""Gate, lease and revoke as a small model: two controllers that stall, packets that come late, and a cancel at any moment.

The design holds in it; each of three designs that leave one step out rings a phone twice, or after "cancelled" was said. The model has
no code in common with the product: it is the argument, and the product follows it.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable
from dataclasses import dataclass, field

import pytest
from hypothesis import HealthCheck, Phase, settings
from hypothesis import strategies as st
from hypothesis.stateful import RuleBasedStateMachine, invariant, precondition, rule, run_state_machine_as_test

CONTROLLERS = (0, 1)


@dataclass
class Design:
    """What a design does; each mutant leaves one thing out."""

    checks_epoch: bool = True  # a fence compares the epoch
    fences_first: bool = True  # the fence is committed before the dial is sent
    revokes: bool = True  # an attempt ends only after a confirmed revoke of what may ring


@dataclass
class CarrierLeg:
    """The carrier's object."""

    state: str = "prepared"  # prepared, ringing, ended


@dataclass
class Gate:
    """The one row."""

    state: str = "open"
    epoch: int = 1
    attempt: int = 1


@dataclass
class Attempt:
    """The committed attempt, with at most one leg of the customer."""

    number: int
    leg: int | None = None
    fenced: bool = False
    over: bool = False
    controller: int | None = None
    leased: bool = False


@dataclass
class Process:
    """What a controller believes; a stall keeps it while the world goes on."""

    attempt: int | None = None
    epoch: int = 0
    leg: int | None = None
    may_dial: bool = False
    has_looked: bool = False
    has_fenced: bool = False


@dataclass
class World:
    """Everything there is."""

    gate: Gate = field(default_factory=Gate)
    attempts: dict[int, Attempt] = field(default_factory=lambda: {1: Attempt(number=1)})
    carrier: dict[int, CarrierLeg] = field(default_factory=dict)
    packets: list[tuple[str, int]] = field(default_factory=list)
    rung: Counter[int] = field(default_factory=Counter)
    attempt_of: dict[int, int] = field(default_factory=dict)
    said_cancelled: bool = False
    rang_after_cancelled: bool = False
    legs: int = 0


class GateModel(RuleBasedStateMachine):
    """Any order of steps that processes, the network and the customer can bring about."""

    design = Design()

    def __init__(self) -> None:
        super().__init__()
        self.world = World()
        self.processes = [Process() for _ in CONTROLLERS]

    @property
    def attempt(self) -> Attempt:
        return self.world.attempts[self.world.gate.attempt]

    # ------------------------------------------------------------------ leases

    @precondition(lambda self: not self.attempt.over and not self.attempt.leased)
    @rule(who=st.sampled_from(CONTROLLERS))
    def claim(self, who: int) -> None:
        """Take an attempt that nobody drives; the gate's next epoch shuts the fences of whoever did."""
        attempt = self.attempt
        self.world.gate.epoch += 1
        attempt.controller, attempt.leased = who, True
        # What was never fenced can not be any more: this controller makes a leg of its own.
        self.processes[who] = Process(
            attempt=attempt.number, epoch=self.world.gate.epoch, has_looked=not attempt.fenced
        )

    @precondition(lambda self: self.attempt.leased)
    @rule()
    def lease_runs_out(self) -> None:
        """The controller is stalled or dead for longer than its lease; it does not notice."""
        self.attempt.leased = False

    # ------------------------------------------------------------------ one leg: prepare, fence, dial

    @precondition(lambda self: self._able(self._can_prepare))
    @rule(data=st.data(), late=st.booleans())
    def prepare(self, data: st.DataObject, late: bool) -> None:
        """Ask the carrier for a leg's object. Never again after a fence."""
        process = self.processes[data.draw(st.sampled_from(self._able(self._can_prepare)))]
        assert process.attempt is not None
        self.world.legs += 1
        process.leg = self.world.legs
        self.world.attempt_of[process.leg] = process.attempt
        self._send("prepare", process.leg, late=late)
        if not self.design.fences_first:
            self._send("dial", process.leg, late=late)

    def _can_prepare(self, who: int) -> bool:
        process = self.processes[who]
        if process.attempt is None or process.leg is not None:
            return False
        attempt = self.world.attempts[process.attempt]
        return attempt.controller == who and not attempt.over and not attempt.fenced

    @precondition(lambda self: self._able(self._can_fence))
    @rule(data=st.data())
    def fence(self, data: st.DataObject) -> None:
        """Compare-and-set on the gate, in one transaction with the leg's phase."""
        process, gate = self.processes[data.draw(st.sampled_from(self._able(self._can_fence)))], self.world.gate
        assert process.attempt is not None
        attempt = self.world.attempts[process.attempt]
        gate.state, attempt.fenced, attempt.leg = "dialling", True, process.leg
        process.may_dial = process.has_looked = process.has_fenced = True

    def _can_fence(self, who: int) -> bool:
        """Only what the carrier has confirmed is fenced, once; and the gate has to match."""
        process, gate = self.processes[who], self.world.gate
        if process.leg not in self.world.carrier or process.has_fenced or gate.attempt != process.attempt:
            return False
        return gate.state in ("open", "dialling") and (gate.epoch == process.epoch or not self.design.checks_epoch)

    @precondition(lambda self: self._able(lambda who: self.processes[who].may_dial))
    @rule(data=st.data(), late=st.booleans())
    def dial(self, data: st.DataObject, late: bool) -> None:
        """Send the dial; it may have been decided long ago."""
        process = self.processes[data.draw(st.sampled_from(self._able(lambda who: self.processes[who].may_dial)))]
        assert process.leg is not None
        process.may_dial = False
        self._send("dial", process.leg, late=late)

    def _able(self, can: Callable[[int], bool]) -> list[int]:
        return [who for who in CONTROLLERS if can(who)]

    # ------------------------------------------------------------------ the network and the carrier

    def _send(self, verb: str, leg: int, *, late: bool) -> None:
        if late:
            self.world.packets.append((verb, leg))
        else:
            self._arrive(verb, leg)

    @rule()
    def time_passes(self) -> None:
        """Nothing happens."""

    @precondition(lambda self: self.world.packets)
    @rule(data=st.data())
    def deliver(self, data: st.DataObject) -> None:
        """A packet arrives, however old. (One that never does is lost.)"""
        self._arrive(*self.world.packets.pop(data.draw(st.integers(0, len(self.world.packets) - 1))))

    def _arrive(self, verb: str, leg: int) -> None:
        known = self.world.carrier.get(leg)
        if verb == "prepare" and known is None:
            self.world.carrier[leg] = CarrierLeg()
        elif verb == "dial" and known is not None and known.state == "prepared":
            known.state = "ringing"
            self.world.rung[leg] += 1
            self.world.rang_after_cancelled |= self.world.said_cancelled

    @precondition(lambda self: any(leg.state == "ringing" for leg in self.world.carrier.values()))
    @rule(data=st.data())
    def nobody_answers(self, data: st.DataObject) -> None:
        """A leg ends by itself, and its controller or the next one hears of it: evidence."""
        ringing = sorted(id for id, leg in self.world.carrier.items() if leg.state == "ringing")
        leg = data.draw(st.sampled_from(ringing))
        self.world.carrier[leg].state = "ended"
        self._end(self.world.attempts[self.world.attempt_of[leg]])

    # ------------------------------------------------------------------ recovery, retry, cancel

    @precondition(lambda self: self._able(self._can_recover))
    @rule(data=st.data())
    def recover(self, data: st.DataObject) -> None:
        """Whoever took an attempt over looks its fenced leg up, and revokes it when it does not ring: then it is over."""
        process = self.processes[data.draw(st.sampled_from(self._able(self._can_recover)))]
        assert process.attempt is not None
        attempt = self.world.attempts[process.attempt]
        assert attempt.leg is not None
        process.has_looked = True
        leg = self.world.carrier.get(attempt.leg)
        if leg is None or leg.state != "ringing":  # where it rings, it goes on waiting
            self._revoke(attempt.leg)
            self._end(attempt)

    def _can_recover(self, who: int) -> bool:
        process = self.processes[who]
        if process.attempt is None or process.has_looked:
            return False
        attempt = self.world.attempts[process.attempt]
        return attempt.controller == who and not attempt.over and attempt.leg is not None

    @precondition(lambda self: not self.attempt.over and (self.attempt.fenced or self.world.gate.state == "closed"))
    @rule()
    def give_up(self) -> None:
        """The ring time is over, or the attempt was withdrawn: revoke, and with the evidence it ends."""
        if self.attempt.leg is not None:
            self._revoke(self.attempt.leg)
        self._end(self.attempt)

    @precondition(lambda self: self.attempt.over and self.world.gate.state != "closed" and self.world.gate.attempt < 3)
    @rule()
    def retry(self) -> None:
        """The interaction manager directs another attempt once the one before is over."""
        gate = self.world.gate
        gate.state, gate.attempt, gate.epoch = "open", gate.attempt + 1, gate.epoch + 1
        self.world.attempts[gate.attempt] = Attempt(number=gate.attempt)

    @precondition(lambda self: self.world.gate.state != "closed")
    @rule()
    def cancel(self) -> None:
        """The customer takes it back. "Cancelled" is said at once only where nothing can ring."""
        gate = self.world.gate
        nothing_rings = gate.state == "open" or self.attempt.over
        gate.state, gate.epoch = "closed", gate.epoch + 1
        self.world.said_cancelled |= nothing_rings

    def _revoke(self, leg: int) -> None:
        """Delete the carrier's object and see it gone; a dial that comes later finds nothing."""
        if not self.design.revokes:
            return
        known = self.world.carrier.setdefault(leg, CarrierLeg())
        known.state = "ended"

    def _end(self, attempt: Attempt) -> None:
        attempt.over = True
        if self.world.gate.state == "closed" and attempt.number == self.world.gate.attempt:
            self.world.said_cancelled = True

    # ------------------------------------------------------------------ what must hold

    @invariant()
    def no_phone_rings_twice_for_one_attempt(self) -> None:
        by_attempt: Counter[int] = Counter()
        for leg, count in self.world.rung.items():
            by_attempt[self.world.attempt_of[leg]] += count
        assert all(count <= 1 for count in by_attempt.values()), f"rung per attempt: {by_attempt}"

    @invariant()
    def two_attempts_never_ring_together(self) -> None:
        ringing = [leg for leg, known in self.world.carrier.items() if known.state == "ringing"]
        assert len({self.world.attempt_of[leg] for leg in ringing}) <= 1, "an attempt that is over still rings"
        assert not any(self.world.attempts[self.world.attempt_of[leg]].over for leg in ringing), "over, and it rings"

    @invariant()
    def nothing_rings_after_cancelled_was_said(self) -> None:
        assert not self.world.rang_after_cancelled


class TakenOver(GateModel):
    """The same from where the epoch matters: one controller was stalled with a leg prepared, and another has taken over."""

    def __init__(self) -> None:
        super().__init__()
        self.claim(0)
        stalled, leg = self.processes[0], 1
        self.world.legs, stalled.leg = leg, leg
        self.world.attempt_of[leg], self.world.carrier[leg] = self.attempt.number, CarrierLeg()
        self.lease_runs_out()
        self.claim(1)


SETTINGS = settings(
    max_examples=300,
    stateful_step_count=25,
    deadline=None,
    derandomize=True,
    database=None,
    report_multiple_bugs=False,
    suppress_health_check=list(HealthCheck),
)


def model(design: Design, begins: type[GateModel] = GateModel) -> type[GateModel]:
    """Return the machine for a design."""
    return type("Model", (begins,), {"design": design})


@pytest.mark.parametrize("begins", [GateModel, TakenOver])
def test_the_design_holds(begins: type[GateModel]):
    run_state_machine_as_test(model(Design(), begins), settings=SETTINGS)


@pytest.mark.parametrize(
    ("mutant", "begins"),
    [
        (Design(checks_epoch=False), TakenOver),
        (Design(fences_first=False), GateModel),
        (Design(revokes=False), GateModel),
    ],
    ids=["no epoch check", "fence after dial", "no revoke"],
)
def test_each_step_left_out_is_found(mutant: Design, begins: type[GateModel]):
    thorough = settings(SETTINGS, max_examples=3000, phases=[Phase.generate], derandomize=True)
    with pytest.raises(AssertionError):
        run_state_machine_as_test(model(mutant, begins), settings=thorough)
