"""A queue log of yesterday played through today's rules: what callers would have been told, and what happened."""

from __future__ import annotations

import gzip
import json
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

from rich.console import Console
from rich.progress import BarColumn, MofNCompleteColumn, Progress, TextColumn, TimeRemainingColumn
from rich.table import Table

from ringback.administration.report_words import duration, share
from ringback.callback_application_server.rules.times_in_words import estimate_range
from ringback.domain.commands import Estimate
from ringback.domain.errors import Invalid, NotFound
from ringback.interaction_manager.rules.queue_log import QueueLog, read_queue_log
from ringback.interaction_manager.rules.replay import Caller, Replay, Score, Summary, summary_of

_SHOWN = 20  # bad lines that are named one by one
_GZIP = b"\x1f\x8b"


@dataclass(frozen=True, slots=True, kw_only=True)
class Replayed:
    """A log that was played, and its score."""

    file: Path
    queue: str
    log: QueueLog
    callers: Sequence[Caller]
    summary: Summary


def replay_log(file: Path, queue: str | None, console: Console) -> Replayed:
    """Play a log, with a bar on the console. Raises Invalid when it holds no queue's events, NotFound for a queue that is not in it."""
    log = read_log(file)
    name = chosen_queue(log, file, queue)
    played = Replay(name)
    columns = (TextColumn("{task.description}"), BarColumn(), MofNCompleteColumn(), TimeRemainingColumn())
    with Progress(*columns, console=console, transient=True, disable=not console.is_terminal) as progress:
        task = progress.add_task("events", total=len(log.events))
        for done in played.play(log.events):
            progress.update(task, completed=done)
    return Replayed(file=file, queue=name, log=log, callers=played.callers, summary=summary_of(played.callers))


def read_log(file: Path) -> QueueLog:
    """Read a log, packed with gzip or not."""
    try:
        with file.open("rb") as opened:
            packed = opened.read(2) == _GZIP
        opener: Callable[..., Any] = gzip.open if packed else open
        with opener(file, "rt", encoding="utf-8", errors="replace", newline="\n") as text:
            return read_queue_log(text)
    except (OSError, EOFError) as error:
        why = error.strerror if isinstance(error, OSError) and error.strerror else str(error)
        raise Invalid(f"{file} cannot be read: {why}.", field="file") from error


def chosen_queue(log: QueueLog, file: Path, queue: str | None) -> str:
    """Return the queue that is asked for, or the only one."""
    found = ", ".join(f"{name} ({count:,} events)" for name, count in log.queues.most_common(20))
    if not log.queues:
        raise Invalid(
            f"{file} holds no event of any queue: {log.lines:,} lines, {len(log.bad):,} of them bad.", field="file"
        )
    if queue is None and len(log.queues) == 1:
        return next(iter(log.queues))
    if queue is None:
        raise Invalid("Name one of the log's queues with --queue.", field="queue", next=f"It has {found}.")
    if queue not in log.queues:
        raise NotFound(
            f"There is no queue {queue} in {file}.", id="unknown-queue", field="queue", next=f"It has {found}."
        )
    return queue


def told(caller: Caller) -> str:
    """Return what the caller would have heard: the range, rounded as a person would."""
    begins = datetime.fromtimestamp(caller.arrived, UTC)
    after = [begins + timedelta(seconds=each) for each in (caller.p10, caller.p50, caller.p90)]
    return estimate_range(Estimate(p10=after[0], p50=after[1], p90=after[2]), begins)


def complaints_of(played: Replayed) -> Iterator[str]:
    """Say what was wrong with the log: bad lines by number, what was mended, events nobody knows."""
    for each in played.log.bad[:_SHOWN]:
        yield f"line {each.number} is left out: {each.why}"
    if len(played.log.bad) > _SHOWN:
        yield f"{len(played.log.bad) - _SHOWN:,} more bad lines are left out"
    yield from played.log.remarks
    if played.log.unknown:
        names = ", ".join(f"{name} ({count:,})" for name, count in played.log.unknown.most_common(10))
        yield f"events that mean nothing here: {names}"


def json_parts(played: Replayed) -> Iterator[str]:
    """Write the replay as JSON, caller by caller."""
    yield '{"summary": ' + json.dumps(summary_as_plain(played.summary), indent=2) + ',\n"callers": ['
    for number, caller in enumerate(played.callers):
        yield (",\n" if number else "\n") + json.dumps(caller_as_plain(caller), ensure_ascii=False)
    yield "\n]}\n"


def summary_as_plain(summary: Summary) -> dict[str, Any]:
    """Return the summary as JSON has it; docs/estimate.md defines every key."""
    return {
        "callers": summary.callers,
        "served": summary.served,
        "waited": summary.waited,
        "mean_wait_s": _rounded(summary.mean_wait_s),
        **_score(summary.ours),
        "coverage": _rounded(summary.coverage, 5),
        "median_width_s": _rounded(summary.median_width_s),
        "last_to_enter": _score(summary.last_to_enter),
        "head_of_line": _score(summary.head_of_line),
        "queue_length": _score(summary.queue_length),
    }


def caller_as_plain(caller: Caller) -> dict[str, Any]:
    """Return one caller as JSON has it."""
    return {
        "line": caller.line,
        "call": caller.call,
        "arrived": datetime.fromtimestamp(caller.arrived, UTC).isoformat(),
        "ahead": caller.ahead,
        "agents": _rounded(caller.agents, 2),
        "told": told(caller),
        "p10_s": _rounded(caller.p10),
        "p50_s": _rounded(caller.p50),
        "p90_s": _rounded(caller.p90),
        "outcome": caller.outcome,
        "waited_s": _rounded(caller.waited),
        "scored": caller.scored,
        "head_of_line_s": _rounded(caller.head_of_line),
        "last_to_enter_s": _rounded(caller.last_to_enter),
        "queue_length_s": _rounded(caller.queue_length),
    }


def _score(score: Score) -> dict[str, float | None]:
    return {"mae_s": _rounded(score.mae_s), "error_ratio": _rounded(score.error_ratio, 5)}


def _rounded(value: float | None, digits: int = 3) -> float | None:
    return None if value is None else round(value, digits)


def tables_of(played: Replayed) -> Iterator[Table]:
    """Draw the score beside the simple rules."""
    summary = played.summary
    title = f"{played.file.name}, queue {played.queue}: {summary.callers:,} callers, {summary.served:,} served, {summary.waited:,} after a wait"
    table = Table("said on arrival", "mean error", "error ÷ mean wait", title=title, title_justify="left")
    for name, score in rows_of(summary):
        table.add_row(name, *score)
    yield table
    beside = Table("range", "", show_header=False)
    beside.add_row("mean wait", duration(summary.mean_wait_s))
    beside.add_row("waits inside the 10–90 % range", percent(summary.coverage))
    beside.add_row("median width of the range", duration(summary.median_width_s))
    yield beside


def rows_of(summary: Summary) -> Iterator[tuple[str, tuple[str, str]]]:
    """Give each rule with its error in words."""
    for name, score in (
        ("Ringback", summary.ours),
        ("last to enter", summary.last_to_enter),
        ("head of line", summary.head_of_line),
        ("queue length", summary.queue_length),
    ):
        ratio = "–" if score.error_ratio is None else f"{score.error_ratio:.3f}"
        yield name, (duration(score.mae_s), ratio)


def percent(ratio: float | None) -> str:
    """Return a ratio as people read it."""
    return share(None if ratio is None else 100.0 * ratio)
