"""Customers' words for a time: how many are read as meant, beside dateparser on the same lines, and what a longer text costs. Prints tables and `ratio=…`.

A line of the cases is `id, lang, kind, text, expected_start, expected_end, note`, separated by tabs. A reading is usable when it is what the line
expects, silently wrong when it is a time and not an acceptable one: that costs a wrong call, where a miss costs one more question.
"""

from __future__ import annotations

import argparse
import csv
import json
import statistics
import time
from collections import Counter
from collections.abc import Callable
from dataclasses import dataclass
from datetime import datetime
from pathlib import Path
from zoneinfo import ZoneInfo

import dateparser

from ringback.callback_application_server.rules.understanding import understand
from ringback.callback_application_server.rules.when import ReadingKind, read

CASES = Path(__file__).parent / "data" / "when_cases.tsv"
USABLE_TARGET, SILENT_TARGET = 0.97, 0.01
WALL = "%Y-%m-%dT%H:%M"


@dataclass(frozen=True, slots=True)
class Answer:
    """What a reader made of a text: `kind` and the start on the customer's wall."""

    kind: str
    start: str = ""


def ours(text: str, now: datetime, zone: ZoneInfo) -> Answer:
    """Read with Ringback."""
    reading = read(text, now=now, zone=zone)
    return Answer(reading.kind.value, reading.start.strftime(WALL) if reading.start else "")


def dateparsers(text: str, now: datetime, zone: ZoneInfo) -> Answer:
    """Read with dateparser; it knows points only, and "now" as a point."""
    found = dateparser.parse(
        text, settings={"RELATIVE_BASE": now.replace(tzinfo=None), "PREFER_DATES_FROM": "future", "TIMEZONE": zone.key}
    )
    if found is None:
        return Answer(ReadingKind.NONE)
    start = found.strftime(WALL)
    return Answer(ReadingKind.NOW if start == now.strftime(WALL) else ReadingKind.POINT, start)


def usable(case: dict[str, str], answer: Answer) -> bool:
    """Tell whether the answer is what the line expects."""
    expected, end = case["expected_start"], case["expected_end"]
    match case["kind"]:
        case "point":
            return answer.kind == "point" and answer.start == expected
        case "window":
            return answer.kind in ("window", "point") and expected <= answer.start <= (end or expected)
        case "ask":
            return answer.kind == "ambiguous" or (answer.start != "" and answer.start in expected.split("|"))
        case kind:
            return answer.kind == kind


def score(
    cases: list[dict[str, str]], reader: Callable[[str, datetime, ZoneInfo], Answer], now: datetime, zone: ZoneInfo
) -> tuple[Counter[str], list[dict[str, str]], int]:
    """Return usable answers by kind, the lines that were silently wrong, and how many were."""
    good: Counter[str] = Counter()
    wrong = []
    for case in cases:
        answer = reader(case["text"], now, zone)
        if usable(case, answer):
            good[case["kind"]] += 1
        elif answer.kind in ("now", "point", "window"):
            wrong.append({"text": case["text"], "read": f"{answer.kind} {answer.start}"})
    return good, wrong, len(wrong)


def cost(now: datetime, zone: ZoneInfo, reader: Callable[..., object] = read) -> dict[int, float]:
    """Return the median microseconds for a text once, four and sixteen times as long: the time alone, or everything that is understood."""
    text = "Hello, the invoice 4482 is wrong, please call me back tomorrow after 3, not before. "
    result = {}
    for times in (1, 4, 16):
        seconds = []
        for _ in range(30):
            began = time.perf_counter()
            reader(text * times, now=now, zone=zone)
            seconds.append(time.perf_counter() - began)
        result[times] = statistics.median(seconds) * 1e6
    return result


def main() -> None:
    """Print the table."""
    arguments = argparse.ArgumentParser(description=__doc__)
    arguments.add_argument("--cases", type=Path, default=CASES)
    arguments.add_argument("--now", default="2026-11-23T10:00")
    arguments.add_argument("--zone", default="America/New_York")
    arguments.add_argument("--json", type=Path)
    chosen = arguments.parse_args()
    zone = ZoneInfo(chosen.zone)
    now = datetime.fromisoformat(chosen.now).replace(tzinfo=zone)
    with chosen.cases.open(encoding="utf-8") as file:
        cases = list(csv.DictReader(file, delimiter="\t"))
    kinds = Counter(case["kind"] for case in cases)
    results = {
        name: score(cases, reader, now, zone) for name, reader in (("ringback", ours), ("dateparser", dateparsers))
    }
    print(f"{'kind':<10}{'lines':>7}" + "".join(f"{name:>14}" for name in results))
    for kind, lines in kinds.items():
        print(f"{kind:<10}{lines:>7}" + "".join(f"{good[kind]:>14}" for good, _, _ in results.values()))
    print(f"{'usable':<10}{len(cases):>7}" + "".join(f"{good.total():>14}" for good, _, _ in results.values()))
    print(f"{'silently wrong':<17}" + "".join(f"{wrong:>14}" for _, _, wrong in results.values()))
    for each in results["ringback"][1]:
        print(f"  {each['text']!r} read as {each['read']}")
    costs = cost(now, zone)
    print("cost: " + ", ".join(f"{times}x {microseconds:.0f} us" for times, microseconds in costs.items()))
    whole = cost(now, zone, understand)
    print(
        "everything understood: "
        + ", ".join(f"{times}x {microseconds:.0f} us" for times, microseconds in whole.items())
    )
    good, _, wrong = results["ringback"]
    share, silent = good.total() / len(cases), wrong / len(cases)
    met = share >= USABLE_TARGET and silent <= SILENT_TARGET
    if chosen.json:
        chosen.json.write_text(json.dumps({"usable": share, "silently_wrong": silent, "cost_us": costs}))
    print(
        f"usable={share:.3f} silently_wrong={silent:.3f} ratio={good.total() / max(1, results['dateparser'][0].total()):.2f} "
        f"target={USABLE_TARGET}/{SILENT_TARGET} met={'yes' if met else 'no'}"
    )


if __name__ == "__main__":
    main()
