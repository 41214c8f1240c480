"""Each figure of a report in words: what it is called, its value, what stands beside it, and its definition."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from zoneinfo import ZoneInfo

from ringback.interaction_manager.rules.report import Figures, Report
from ringback.interaction_manager.rules.score import Score


@dataclass(frozen=True, slots=True, kw_only=True)
class Line:
    """One figure."""

    name: str
    value: str
    beside: str
    definition: str


def share(value: float | None) -> str:
    """Return `98.4 %`, never rounded up to a hundred that it is not; `no base` of nothing."""
    if value is None:
        return "no base"
    return f"{min(value, 99.9) if value < 100 else value:.1f} %"


def duration(seconds: float | None) -> str:
    """Return `6 min 08 s`, `42 s`; `no base` of nothing."""
    if seconds is None:
        return "no base"
    whole = round(seconds)
    if whole < 60:
        return f"{whole} s"
    if whole < 3600:
        return f"{whole // 60} min {whole % 60:02d} s"
    return f"{whole // 3600} h {whole % 3600 // 60:02d} min"


def lateness(seconds: float | None, *, of: int) -> str:
    """Return how late a percentile was."""
    if of == 0:
        return "no base"
    if seconds is None:
        return "never rang"
    return "in time" if seconds == 0 else f"{duration(seconds)} late"


def causes(score: Score) -> str:
    """Return `2 no agent, 1 carrier`."""
    return ", ".join(f"{count} {cause.replace('_', ' ')}" for cause, count in score.causes.items()) or "none"


def _ratio(score: Score) -> str:
    waiting = f", {score.undecided} not decided yet" if score.undecided else ""
    return f"{score.kept} kept, {score.broken} broken, {score.withdrawn} withdrawn{waiting}"


def heading(report: Report) -> str:
    """Return what a report is of, with T."""
    where = f"queue {report.queue}" if report.queue else "all queues"
    within = report.total.service_level.within
    zone = ZoneInfo(report.zone)
    begins, ends = (f"{at.astimezone(zone):%Y-%m-%d %H:%M}" for at in (report.begins, report.ends))
    return f"{report.business}, {where}: {begins} to {ends}, {report.zone}; T = {within:g} s"


def lines_of(figures: Figures) -> Iterator[Line]:
    """Yield the figures of one group."""
    first, late, served = figures.first, figures.lateness, figures.service_level
    yield Line(
        name="On time", value=share(first.on_time), beside=f"{_ratio(first)}; {first.kept_early} kept early",
        definition="Kept ÷ (kept + broken), over first promises whose window ended in the interval.",
    )  # fmt: skip
    yield Line(
        name="Broken, by cause", value=str(first.broken), beside=causes(first),
        definition="One cause each: unknown, changed after our notice, late, joined too slowly, carrier, closed by us, expired, never dialled, no agent.",
    )  # fmt: skip
    yield Line(
        name="Retries on time", value=share(figures.retry.on_time), beside=f"{_ratio(figures.retry)}; {causes(figures.retry)}",
        definition="The same ratio for the promises of later tries.",
    )  # fmt: skip
    yield Line(
        name="Moved on time", value=share(figures.moved.on_time), beside=f"{_ratio(figures.moved)}; {causes(figures.moved)}",
        definition="The same ratio for promises given when a callback was moved.",
    )  # fmt: skip
    beside = " · ".join(f"{name[1:]} %: {lateness(value, of=late.of)}" for name, value in late.percentiles.items())
    yield Line(
        name="Lateness, half of them", value=lateness(late.percentiles["p50"], of=late.of),
        beside=f"{beside} · {late.never_rung} of {late.of} never rang",
        definition="First ring after the window’s end, over kept and broken; never rung counts as endless.",
    )  # fmt: skip
    yield Line(
        name=f"Service level, T = {served.within:g} s", value=share(served.share), beside=f"{served.met} of {served.due}",
        definition="Joined within T of the request or of the window’s start ÷ all due and not withdrawn.",
    )  # fmt: skip
    covered = figures.coverage
    yield Line(
        name="Estimates that held", value=share(covered.share),
        beside=f"{covered.judged} judged, {covered.never_reached} never reached, median width {duration(covered.median_width)}",
        definition="Estimates whose 10–90 % range held the first moment a qualified agent was ready for that place.",
    )  # fmt: skip
    handled = figures.handling
    yield Line(
        name="Handling time", value=duration(handled.mean),
        beside=f"{handled.joined} joined; {handled.unanswered} tries without answer, {duration(handled.unanswered_mean)} each",
        definition="Accept to end of wrap-up per joined callback; unanswered attempts apart.",
    )  # fmt: skip
    tried = figures.attempts
    per = "no base" if tried.per_success is None else f"{tried.per_success:.2f}"
    yield Line(
        name="Attempts per success", value=per, beside=f"{tried.dialled} dialled, {tried.joined} joined",
        definition="Customer legs dialled ÷ callbacks of which one was joined.",
    )  # fmt: skip
    yield Line(
        name="Places", value=f"{figures.places.gained} gained, {figures.places.lost} lost",
        beside=f"{figures.places.overtaken} callbacks were overtaken",
        definition="Places in line gained by being called before others, and lost by being overtaken; who and why is in each callback’s decisions.",
    )  # fmt: skip
    if figures.occupancy is not None:
        yield Line(
            name="Occupancy", value=share(figures.occupancy.occupied),
            beside=f"held {share(figures.occupancy.held)}, {duration(3600 * figures.occupancy.staffed_hours)} staffed",
            definition="(Ringing + talk + hold + wrap-up + chat time ÷ chat capacity) ÷ (logged in − paused); held apart.",
        )  # fmt: skip


def must_be_zero(report: Report) -> Iterator[Line]:
    """Yield the counts that are to be 0."""
    yield Line(
        name="Lost", value=str(report.lost), beside="is to be 0",
        definition="The customer was shown yes and there is no callback, or nothing will wake an open one.",
    )  # fmt: skip
    yield Line(
        name="Rung twice", value=str(report.rung_twice), beside="is to be 0",
        definition="Customer legs that may have rung after an earlier one of their callback and should not have.",
    )  # fmt: skip
    yield Line(
        name="Judged differently", value=str(report.misjudged), beside="is to be 0",
        definition="Promises whose recorded result is not what their own facts give when they are judged again.",
    )  # fmt: skip
