"""The replay of a queue log as one HTML page: the score beside simple rules, by day and hour, and what single callers would have heard."""

from __future__ import annotations

import sys
from collections.abc import Callable, Sequence
from datetime import UTC, datetime
from pathlib import Path
from statistics import fmean, median

from rich.console import Console

from ringback.administration.charts import Series, Tone, lines, ranked, table
from ringback.administration.files import write_whole
from ringback.administration.html_page import page, paragraph, section
from ringback.administration.replaying import (
    Replayed,
    complaints_of,
    json_parts,
    percent,
    replay_log,
    rows_of,
    tables_of,
    told,
)
from ringback.administration.report_words import duration
from ringback.interaction_manager.rules.replay import Caller

_MOST_LABELS = 60
_EXAMPLES = 40


def show_replay(
    file: Path, queue: str | None, *, html: Path | None, as_json: bool, output: Console, complaints: Console
) -> None:
    """Play a log and print its score or, with every caller, JSON; what was wrong with the log goes to `complaints`."""
    played = replay_log(file, queue, complaints)
    if html is not None:
        write_whole(html, [replay_page(played)])
    if as_json:
        sys.stdout.writelines(json_parts(played))
    else:
        for each in tables_of(played):
            output.print(each)
    for line in complaints_of(played):
        complaints.print(f"ringback: {file}: {line}", markup=False, soft_wrap=True)


def replay_page(played: Replayed) -> str:
    """Return the page."""
    summary = played.summary
    scored = [each for each in played.callers if each.scored]
    subtitle = f"{played.file.name}, queue {played.queue}: {summary.callers:,} callers, {summary.served:,} served, {summary.waited:,} of them after a wait. Times in UTC."
    sections = [_score(played)]
    if scored:
        sections += [_by_time(scored), _busiest_day(scored), _by_length(scored), _examples(scored)]
    troubles = list(complaints_of(played))
    if troubles:
        sections.append(section("About the log", *(paragraph(each) for each in troubles)))
    return page("What callers would have been told", subtitle, sections)


def _score(played: Replayed) -> str:
    summary = played.summary
    if summary.ours.error_ratio is None:
        return section("How near", paragraph("Nobody in this log was served after a wait.", "big"))
    bars = [
        (name, score.error_ratio or 0.0)
        for name, score in (
            ("Ringback", summary.ours),
            ("last to enter", summary.last_to_enter),
            ("head of line", summary.head_of_line),
            ("queue length", summary.queue_length),
        )
    ]
    return section(
        "How near",
        paragraph(f"{percent(summary.coverage)} of waits lay inside the range", "big"),
        paragraph(
            f"Aim: 80 %. Half of the ranges were narrower than {duration(summary.median_width_s)}. The mean wait was {duration(summary.mean_wait_s)}."
        ),
        ranked(title="Mean error ÷ mean wait, % (less is better)", items=[(n, 100 * v) for n, v in bars], unit=" %"),
        table(["Said on arrival", "Mean error", "Error ÷ mean wait"], [[name, *row] for name, row in rows_of(summary)]),
    )


def _by_time(scored: Sequence[Caller]) -> str:
    days = _grouped(scored, lambda each: f"{_at(each):%Y-%m-%d}")
    hours = _grouped(scored, lambda each: f"{_at(each):%H}:00")
    return section("Over time", _ranges("By day", days), _held("Waits inside the range, by day", days), _ranges("By hour of the day", hours))  # fmt: skip


def _busiest_day(scored: Sequence[Caller]) -> str:
    days = _grouped(scored, lambda each: f"{_at(each):%Y-%m-%d}")
    day, callers = max(days, key=lambda item: (len(item[1]), item[0]))
    parts = _grouped(callers, lambda each: f"{_at(each):%H}:{_at(each).minute // 15 * 15:02d}")
    return section(f"The busiest day, {day}", _ranges("By quarter of an hour", parts))


def _by_length(scored: Sequence[Caller]) -> str:
    """Divide callers into ten parts by what was predicted: where the line is straight, short and long waits are told alike."""
    ordered = sorted(scored, key=lambda each: each.p50)
    parts = [ordered[len(ordered) * i // 10 : len(ordered) * (i + 1) // 10] for i in range(10)]
    groups = [(duration(median(each.p50 for each in part)), part) for part in parts if part]
    return section("By what was predicted", _ranges("Tenths of the callers, by the predicted wait", groups))


def _ranges(title: str, groups: Sequence[tuple[str, Sequence[Caller]]]) -> str:
    groups = groups[-_MOST_LABELS:]

    def row(name: str, tone: Tone, value: Callable[[Caller], float]) -> Series:
        return Series(
            name=name, tone=tone, values=[round(fmean(value(each) for each in part) / 60, 2) for _, part in groups]
        )

    return lines(
        title=f"{title}: mean wait, prediction and range, minutes",
        labels=[label for label, _ in groups],
        series=[row("waited", Tone.OK, lambda each: each.waited or 0.0), row("predicted", Tone.ACCENT, lambda each: each.p50)],
        band=(row("10 %", Tone.QUIET, lambda each: each.p10), row("90 %", Tone.QUIET, lambda each: each.p90)),
    )  # fmt: skip


def _held(title: str, groups: Sequence[tuple[str, Sequence[Caller]]]) -> str:
    groups = groups[-_MOST_LABELS:]
    values = [round(100 * sum(each.inside for each in part) / len(part), 1) for _, part in groups]
    series = [
        Series(name="inside", tone=Tone.ACCENT, values=values),
        Series(name="aim", tone=Tone.QUIET, values=[80.0] * len(groups)),
    ]
    return lines(title=title, labels=[label for label, _ in groups], series=series, unit=" %", most=100.0)


def _examples(scored: Sequence[Caller]) -> str:
    every = max(1, len(scored) // _EXAMPLES)
    rows = [
        [
            f"{_at(each):%Y-%m-%d %H:%M:%S}",
            str(each.ahead),
            f"{each.agents:.0f}",
            told(each),
            duration(each.waited),
            "yes" if each.inside else "no",
        ]
        for each in scored[::every][:_EXAMPLES]
    ]
    headings = ["Arrived", "Ahead", "Agents", "Would have heard", "Waited", "Inside the range"]
    return section("Callers, evenly over the log", table(headings, rows, caption="Callers"))


def _grouped(callers: Sequence[Caller], key: Callable[[Caller], str]) -> list[tuple[str, list[Caller]]]:
    groups: dict[str, list[Caller]] = {}
    for each in callers:
        groups.setdefault(key(each), []).append(each)
    return sorted(groups.items())


def _at(caller: Caller) -> datetime:
    return datetime.fromtimestamp(caller.arrived, UTC)
