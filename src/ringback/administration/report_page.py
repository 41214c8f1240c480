"""The report as one HTML page to send and to keep: the score, every figure with its definition, charts by time, queue and cause."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import timedelta

from ringback.administration.charts import Series, Tone, bars, lines, ranked, table
from ringback.administration.html_page import page, paragraph, section
from ringback.administration.report_words import (
    causes,
    duration,
    heading,
    lines_of,
    must_be_zero,
    share,
)
from ringback.interaction_manager.rules.intervals import Interval
from ringback.interaction_manager.rules.records import Ledger
from ringback.interaction_manager.rules.report import Figures, GroupBy, Report, report_of

_A_FEW_DAYS = timedelta(days=3)


def report_page(ledger: Ledger, *, queue: str | None = None, interval: Interval | None = None) -> str:
    """Return the page of a ledger; without an interval, days where it is of many, half hours where of a few."""
    if interval is None:
        interval = Interval.DAY if ledger.ends - ledger.begins > _A_FEW_DAYS else Interval.HALF_HOUR
    whole = report_of(ledger, queue=queue, by=GroupBy.INTERVAL, interval=interval)
    divided = {by: report_of(ledger, queue=queue, by=by) for by in GroupBy if by is not GroupBy.INTERVAL}
    sections = [
        _headline(whole),
        _figures(whole),
        _over_time(whole, interval),
        *(_by(by, report.groups) for by, report in divided.items() if len(report.groups) > 1),
    ]
    return page("Promises kept", heading(whole), sections)


def _headline(report: Report) -> str:
    first = report.total.first
    if first.on_time is None:
        return section("On time", paragraph("No promise ended in this time."))
    parts = [
        paragraph(share(first.on_time), "big"),
        paragraph(f"{first.kept} kept · {first.broken} broken · {first.withdrawn} withdrawn, not counted"),
    ]
    if first.causes:
        items = [(cause.replace("_", " "), float(count)) for cause, count in first.causes.items()]
        parts.append(ranked(title="Broken promises by cause", items=items, tone=Tone.BAD))
    return section("On time", *parts)


def _figures(report: Report) -> str:
    rows = [
        [line.name, line.value, line.beside, line.definition]
        for line in (*lines_of(report.total), *must_be_zero(report))
    ]
    return section(
        "Every figure, and what it means", table(["Figure", "Value", "Beside it", "Definition"], rows, caption="Figures")
    )  # fmt: skip


def _over_time(report: Report, interval: Interval) -> str:
    groups = report.groups
    if not groups:
        return section("Over time", paragraph("Nothing happened in this time."))
    labels = _labels(groups, interval, several_days=len({group.group[:10] for group in groups}) > 1)

    def row(name: str, tone: Tone, values: Sequence[float | None]) -> Series:
        return Series(name=name, tone=tone, values=values)

    counts = bars(
        title="Promises by when their window ended", labels=labels,
        series=[
            row("kept", Tone.OK, [group.first.kept for group in groups]),
            row("broken", Tone.BAD, [group.first.broken for group in groups]),
            row("withdrawn", Tone.QUIET, [group.first.withdrawn for group in groups]),
        ],
    )  # fmt: skip
    ratios = lines(
        title="On time and service level", labels=labels, unit=" %", most=100.0,
        series=[
            row("on time", Tone.OK, [group.first.on_time for group in groups]),
            row(f"service level, T = {report.total.service_level.within:g} s", Tone.ACCENT, [group.service_level.share for group in groups]),
        ],
    )  # fmt: skip
    busy = lines(
        title="Agents’ time", labels=labels, unit=" %", most=100.0,
        series=[
            row("occupied", Tone.ACCENT, [group.occupancy.occupied if group.occupancy else None for group in groups]),
            row("held", Tone.HOLD, [group.occupancy.held if group.occupancy else None for group in groups]),
        ],
    )  # fmt: skip
    return section("Over time", counts, ratios, busy)


def _labels(groups: Sequence[Figures], interval: Interval, *, several_days: bool) -> list[str]:
    """Shorten `2026-11-24T14:30+00:00` to what tells the intervals of this page apart."""
    if interval is Interval.DAY:
        return [group.group for group in groups]
    short = [group.group[5:16].replace("T", " ") if several_days else group.group[11:16] for group in groups]
    return [
        f"{label} {group.group[16:]}" if short.count(label) > 1 else label
        for label, group in zip(short, groups, strict=True)
    ]


def _by(by: GroupBy, groups: Sequence[Figures]) -> str:
    rows = [
        [
            group.group or "–",
            share(group.first.on_time),
            str(group.first.kept),
            f"{group.first.broken}: {causes(group.first)}" if group.first.broken else "0",
            str(group.first.withdrawn),
            f"{share(group.service_level.share)} (T = {group.service_level.within:g} s)",
            duration(group.handling.mean),
            share(group.coverage.share),
        ]
        for group in groups
    ]
    headings = [by.value.capitalize(), "On time", "Kept", "Broken", "Withdrawn", "Service level", "Handling time", "Estimates that held"]  # fmt: skip
    return section(f"By {by.value}", table(headings, rows, caption=f"By {by.value}"))
