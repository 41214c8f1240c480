"""Those who arrive: they stay on the line, or choose a callback among what the product offers them, and are admitted or refused."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime, timedelta
from uuid import UUID

from benchmarks.days import calls, line
from benchmarks.days.centre import ZONE, Centre
from benchmarks.days.load import HALF_HOUR, PATIENCE, PATIENCE_CV, Day, arrivals, log_normal
from benchmarks.days.people import Call, Callback, Promise, seconds
from ringback.domain.ids import BusinessId, CallbackId
from ringback.domain.offers import Offers, OffersQuery, SlotOffer
from ringback.domain.status import CallbackState, PromiseKind
from ringback.domain.times import When, WhenKind
from ringback.interaction_manager.rules.admission import Admitted, NotAdmitted, admit, timetable_for
from ringback.interaction_manager.rules.ledger import Ending, PromiseFacts
from ringback.interaction_manager.rules.offers import offers

PICK_A_TIME = 0.3  # of those who choose a callback and could have one as soon as possible
TAKE_IT_BACK = 0.03
BUSINESS = BusinessId(UUID(int=9))
ASAP = When(kind=WhenKind.ASAP, zone=ZONE.key)


def simulate(centre: Centre, *, hours: float | None = None) -> None:
    """Run all days; `hours`: only so many of the first one, and as long after it as somebody waits."""
    for day in centre.days:
        for half in (day.opens + n * HALF_HOUR for n in range(int((day.closes - day.opens) / HALF_HOUR) + 1)):
            centre.at(half, lambda day=day, half=half: _shift(centre, day, half))  # type: ignore[misc]
        centre.at(day.opens, lambda: line.every_minute(centre))
        until = day.opens + timedelta(hours=hours) if hours is not None else None
        for at in arrivals(day, centre.chance):
            if until is None or (day.opens <= at < until):
                centre.at(at, lambda at=at: arrive(centre, at))  # type: ignore[misc]
    centre.run(centre.days[-1].closes + timedelta(hours=2))


def _shift(centre: Centre, day: Day, half: datetime) -> None:
    centre.change_shifts(day, half)
    line.work(centre)


def arrive(centre: Centre, at: datetime) -> None:
    """Let somebody in."""
    centre.books.arrived += 1
    if centre.chance.random() < centre.share:
        centre.books.wanted += 1
        if ask(centre):
            return
    if centre.queue.hours.is_open(at):
        call = Call(
            number=centre.books.arrived, arrived_at=at,
            gives_up_at=at + seconds(log_normal(centre.chance, PATIENCE, PATIENCE_CV)),
        )  # fmt: skip
        centre.callers.append(call)
        centre.at(call.gives_up_at, lambda: line.give_up(centre, call))
        line.work(centre)


def ask(centre: Centre) -> bool:
    """Let somebody choose a callback; False when nothing could be promised."""
    if centre.chance.random() >= PICK_A_TIME and book(centre, ASAP):
        return True
    found = offers(
        centre.snapshot(), OffersQuery(business=BUSINESS, provider="biz:bank", zone=ZONE.key), centre.now
    )  # fmt: skip
    slot = _pick(centre, found)
    if slot is None:
        return False
    when = When(kind=WhenKind.SLOT, zone=ZONE.key, start=slot.window.start, end=slot.window.end)
    return book(centre, when)


def _pick(centre: Centre, found: Offers) -> SlotOffer | None:
    """Pick one of the good times of the first day that has any, sooner ones more often."""
    times: Sequence[SlotOffer] = next((day.slots for day in found.days if day.slots), ())
    if not times:
        for refusal in found.refusals:
            centre.books.refusals[refusal.id] += 1
        return None
    return times[int(len(times) * centre.chance.random() ** 1.5)]


def book(centre: Centre, when: When) -> bool:
    """Ask the product's admission, and book what it admits."""
    snapshot = centre.snapshot()
    verdict = admit(
        snapshot, centre.way, when, centre.now, language="en",
        timetable=timetable_for(snapshot, centre.way, when, centre.now),
    )  # fmt: skip
    if isinstance(verdict, NotAdmitted):
        assert verdict.refusal.reason.verdict, "every refusal has a reason"
        centre.books.refusals[verdict.refusal.id] += 1
        return False
    _accept(centre, verdict)
    return True


def _accept(centre: Centre, admitted: Admitted) -> None:
    possible = admitted.possible
    callback = Callback(
        id=CallbackId(centre.new_id()), accepted_at=centre.now, ready_at=possible.ready_at, window=possible.window,
        early_is_fine=admitted.promise.early_is_fine, slot=possible.slot,
        promise=Promise(
            n=0, kind=PromiseKind.FIRST, made_at=centre.now, estimate=None,
            facts=PromiseFacts(window=possible.window, early_is_fine=admitted.promise.early_is_fine),
        ),
    )  # fmt: skip
    centre.callbacks[callback.id] = callback
    if callback.slot is not None:
        centre.booked[callback.id] = callback
    calls.promise(centre, callback, PromiseKind.FIRST, possible.window, possible.wait)
    if centre.chance.random() < TAKE_IT_BACK:
        centre.at(centre.now + seconds(1200 * centre.chance.random()), lambda: _take_back(centre, callback))
    centre.place_in_line(callback, centre.policy.hold_before, lambda: line.work(centre))
    line.work(centre)


def _take_back(centre: Centre, callback: Callback) -> None:
    if callback.state is CallbackState.WAITING:
        if callback.early_is_fine:
            centre.waited(callback.accepted_at, left=True)
        calls.finish(centre, callback, CallbackState.CANCELLED, Ending(withdrawn_at=centre.now))
        line.work(centre)
