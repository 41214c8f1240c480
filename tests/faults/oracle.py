"""The judge: compares what the carrier rang, by its own record, with what the customers were told, by their journal. The ledger is judged, and never asked."""

from __future__ import annotations

import math
from collections import Counter, defaultdict
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime
from itertools import pairwise
from typing import Any

from tests.faults.centre import RETRY_DELAY
from tests.faults.customers import FINAL, SILENT

FENCE_TO_RING = 2.2  # seconds from a fence that was let through to its ring: what was let through before a move may ring so much later
SLACK = 0.05
HANGING_UP = 2.0  # seconds until two who were joined in the moment of a move are apart again
_ABNORMAL = frozenset({"lost", "carrier_lost"})


@dataclass(kw_only=True)
class Ring:
    """One leg that rang, as the carrier wrote it down. Seconds since the epoch."""

    leg: str
    callback: str
    party: str
    rang_at: float
    answered_at: float | None = None
    joined_at: float | None = None
    ended_at: float | None = None
    cause: str | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class LedgerLeg:
    """What the product says about one leg: whether it certainly rang, whether it may have."""

    leg: str
    callback: str
    rang: bool
    may_have_rung: bool


@dataclass(frozen=True, slots=True, kw_only=True)
class Move:
    """Another time: asked for, told (never, where the answer was only that it is on its way), and when it begins."""

    asked: float
    told: float
    start: float


@dataclass(kw_only=True)
class Story:
    """What a customer was told about one callback."""

    callback: str
    scenario: str
    cancelled_at: float | None = None  # told that it is over and nothing will ring
    cancel_asked: bool = False
    moves: list[Move] = field(default_factory=list)


@dataclass(kw_only=True)
class Verdict:
    """What was found, one line each."""

    accepted: int = 0
    lost: list[str] = field(default_factory=list)
    rung_twice: list[str] = field(default_factory=list)
    wrong_certainty: list[str] = field(default_factory=list)

    def red(self) -> list[str]:
        """Return every finding."""
        return [
            *(f"lost: {each}" for each in self.lost),
            *(f"rung twice: {each}" for each in self.rung_twice),
            *(f"wrong certainty: {each}" for each in self.wrong_certainty),
        ]


def read_rings(lines: Iterable[Mapping[str, Any]]) -> list[Ring]:
    """Put the carrier's record together: one entry a leg, in the order of their rings."""
    rings: dict[str, Ring] = {}
    for line in lines:
        at = datetime.fromisoformat(line["at"]).timestamp()
        if line["what"] == "rang":
            rings[line["leg"]] = Ring(leg=line["leg"], callback=line["callback"], party=line["party"], rang_at=at)
        elif (ring := rings.get(line["leg"])) is not None:
            setattr(ring, f"{line['what']}_at", at)
            ring.cause = line.get("cause", ring.cause)
    return sorted(rings.values(), key=lambda ring: ring.rang_at)


def read_stories(lines: Iterable[Mapping[str, Any]]) -> dict[str, Story]:
    """Put the journal together: every callback that a customer was told yes about."""
    stories: dict[str, Story] = {}
    asked: dict[str, float] = {}
    for line in lines:
        callback = line.get("callback", "")
        match line["what"]:
            case "yes":
                stories[callback] = Story(callback=callback, scenario=line["scenario"])
            case "moving":
                asked[callback] = line["at"]
            case "cancelling":
                stories[callback].cancel_asked = True
            case "cancel_answered":
                answer = line["answer"].get("answer", {})
                if line["status"] == 200 and answer.get("state") in FINAL:
                    stories[callback].cancelled_at = line["at"]
            case "told":
                if line["state"] in ("cancelled", "closed") and stories[callback].cancelled_at is None:
                    stories[callback].cancelled_at = line["at"]
            case "move_answered" if line["status"] in (200, 202):  # 202: accepted, and decided some time after
                start = datetime.fromisoformat(line["start"]).timestamp()
                told = line["at"] if line["status"] == 200 else math.inf
                stories[callback].moves.append(Move(asked=asked[callback], told=told, start=start))
    return stories


def judge(
    stories: Mapping[str, Story], rings: Sequence[Ring], finals: Mapping[str, str], ledger: Iterable[LedgerLeg]
) -> Verdict:
    """Judge a run that came to rest. `finals`: how each accepted callback ended, as its customer is told."""
    verdict = Verdict(accepted=len(stories))
    by_callback: dict[str, list[Ring]] = defaultdict(list)
    for ring in rings:
        by_callback[ring.callback].append(ring)
    for story in stories.values():
        customer = [ring for ring in by_callback[story.callback] if ring.party == "customer"]
        verdict.lost += _lost(story, customer, finals.get(story.callback, "nowhere"))
        verdict.rung_twice += _after_cancel(story, by_callback[story.callback])
        verdict.rung_twice += _before_move(story, customer)
    for callback, heard in by_callback.items():
        moves = stories[callback].moves if callback in stories else []
        verdict.rung_twice += _twice(callback, [ring for ring in heard if ring.party == "customer"], moves)
        verdict.rung_twice += _two_agents(callback, [ring for ring in heard if ring.party == "agent"])
    verdict.wrong_certainty += _certainty(rings, {leg.leg: leg for leg in ledger})
    return verdict


def _lost(story: Story, rings: Sequence[Ring], final: str) -> list[str]:
    if final not in FINAL:
        return [f"{story.callback} ({story.scenario}) was promised and is {final}"]
    if final == "done" and not any(ring.joined_at for ring in rings):
        return [f"{story.callback} ({story.scenario}) is done, and nobody was joined"]
    if final != "done" and not rings and not story.cancel_asked and story.scenario not in SILENT:
        return [f"{story.callback} ({story.scenario}) is {final}, and its customer was never rung"]
    return []


def _twice(callback: str, rings: Sequence[Ring], moves: Sequence[Move]) -> list[str]:
    """Two calls that overlap, come sooner than the retry rule allows, or follow a talk that did not break off."""
    found = [
        f"{callback}: {leg} was dialled {count} times"
        for leg, count in Counter(ring.leg for ring in rings).items()
        if count > 1
    ]
    for first, second in pairwise(rings):
        what = f"{callback}: {first.leg} and {second.leg}"
        moved = any(first.rang_at < move.told and second.rang_at >= move.start - SLACK for move in moves)
        if first.ended_at is None or second.rang_at < first.ended_at:
            found.append(f"{what} overlap")
        elif second.rang_at - first.ended_at < RETRY_DELAY - SLACK and not moved:
            found.append(f"{what} are {second.rang_at - first.ended_at:.2f} s apart")
    for n, ring in enumerate(rings[:-1]):
        if ring.joined_at and ring.cause not in _ABNORMAL and not _cut_off_by_move(ring, rings[n + 1], moves):
            found.append(f"{callback}: {rings[n + 1].leg} rang after the talk of {ring.leg}")
    broken = sum(1 for ring in rings[:-1] if ring.joined_at and ring.cause in _ABNORMAL)
    if broken > 1:
        found.append(f"{callback}: rang {broken} times after talks that broke off")
    return found


def _cut_off_by_move(ring: Ring, later: Ring, moves: Sequence[Move]) -> bool:
    """The customer answered while the move was being committed: both are hung up at once, and the promise is the new time."""
    if ring.joined_at is None or ring.ended_at is None or ring.ended_at - ring.joined_at > HANGING_UP:
        return False
    return any(
        ring.rang_at < move.told and ring.joined_at > move.asked and later.rang_at >= move.start - SLACK
        for move in moves
    )


def _two_agents(callback: str, rings: Sequence[Ring]) -> list[str]:
    """Agents are tried in turn, never two at once."""
    return [
        f"{callback}: two agents were rung at once, {first.leg} and {second.leg}"
        for first, second in pairwise(rings)
        if first.ended_at is None or second.rang_at < first.ended_at
    ]


def _after_cancel(story: Story, rings: Sequence[Ring]) -> list[str]:
    """Once it was said that no phone will ring, none does."""
    told = story.cancelled_at
    if told is None:
        return []
    return [
        f"{story.callback}: {ring.party}'s {ring.leg} rang after the customer was told that it is over"
        for ring in rings
        if ring.ended_at is None or ring.ended_at > told + SLACK
    ]


def _before_move(story: Story, rings: Sequence[Ring]) -> list[str]:
    """Once another time was promised, nobody is called before it."""
    return [
        f"{story.callback}: {ring.leg} rang {move.start - ring.rang_at:.1f} s before the time it was moved to"
        for move in story.moves
        for ring in rings
        if move.told + FENCE_TO_RING < ring.rang_at < move.start - SLACK
    ]


def _certainty(rings: Sequence[Ring], ledger: Mapping[str, LedgerLeg]) -> list[str]:
    """What the ledger is sure of must be so."""
    rang = {ring.leg: ring for ring in rings}
    found = [
        f"{ring.callback}: {leg} rang, and the ledger knows no such leg"
        for leg, ring in rang.items()
        if leg not in ledger
    ]
    for leg in ledger.values():
        if leg.rang and leg.leg not in rang:
            found.append(f"{leg.callback}: the ledger says that {leg.leg} rang, and it did not")
        if not leg.may_have_rung and leg.leg in rang:
            found.append(f"{leg.callback}: the ledger says that {leg.leg} did not ring, and it did")
    return found
