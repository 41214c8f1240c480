"""The report as tables, as a page and from a file, without any database."""

from __future__ import annotations

import json
import re
from dataclasses import replace
from datetime import timedelta
from html.parser import HTMLParser
from pathlib import Path
from uuid import UUID
from xml.etree import ElementTree

import pytest
from typer.testing import CliRunner

from ringback.administration.charts import Series, Tone, bars, lines, ranked
from ringback.administration.report_page import report_page
from ringback.administration.report_words import duration, lateness, lines_of, share
from ringback.cli import program
from ringback.domain.errors import Invalid, NotFound
from ringback.domain.status import AgentState, BrokenCause, PromiseKind, PromiseResult
from ringback.domain.times import TimeWindow
from ringback.interaction_manager.ledger_file import written
from ringback.interaction_manager.rules.ledger import Ending, PromiseFacts
from ringback.interaction_manager.rules.records import Ledger, PromiseRecord, Stretch
from ringback.interaction_manager.rules.report import report_of
from tests.rules.interaction_manager.centre import utc

BEGINS = utc(2026, 11, 24)


def ledger(count: int = 40, hours: float = 24) -> Ledger:
    def one(n: int) -> PromiseRecord:
        start = BEGINS + timedelta(hours=8, minutes=12 * n)
        late = n % 5 == 0
        rang = start + timedelta(minutes=25 if late else 3)
        return PromiseRecord(
            callback=UUID(int=n), kind=PromiseKind.FIRST, queue=("billing", "<support>")[n % 2], channel="web",
            provider="biz:acme", made_at=start, estimate=None,
            facts=PromiseFacts(
                window=TimeWindow(start=start, end=start + timedelta(minutes=15)), early_is_fine=True, first_ring_at=rang
            ),
            result=PromiseResult.BROKEN if late else PromiseResult.KEPT, cause=BrokenCause.LATE if late else None,
            settled_at=rang, ending=Ending(), known=("first_ring_at",),
        )  # fmt: skip

    time = Stretch(
        queue="billing", state=AgentState.ON_A_CALL, begins=BEGINS, ends=BEGINS + timedelta(hours=9), chat_capacity=3
    )
    return Ledger(
        business="acme", zone="Europe/London", begins=BEGINS, ends=BEGINS + timedelta(hours=hours), as_of=BEGINS + timedelta(hours=hours),
        service_level={"": 60.0, "billing": 60.0, "<support>": 20.0}, promises=tuple(one(n) for n in range(count)), stretches=(time,),
    )  # fmt: skip


class Outline(HTMLParser):
    """What a page consists of, and whether its tags close."""

    def __init__(self) -> None:
        super().__init__()
        self.open: list[str] = []
        self.tags: list[tuple[str, dict[str, str | None]]] = []

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        self.tags.append((tag, dict(attrs)))
        if tag not in ("meta", "i"):
            self.open.append(tag)

    def handle_startendtag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        self.tags.append((tag, dict(attrs)))

    def handle_endtag(self, tag: str) -> None:
        if tag != "i":
            assert self.open.pop() == tag


def test_the_page_stands_alone_and_every_chart_has_a_name_and_a_table() -> None:
    text = report_page(ledger())
    outline = Outline()
    outline.feed(text)
    assert outline.open == []
    tags = [tag for tag, _ in outline.tags]
    assert "script" not in tags
    assert not re.search(r"https?://|src=|@import|url\((?!#)", text), "nothing is fetched"
    charts = [attributes for tag, attributes in outline.tags if tag == "svg" and "role" in attributes]
    assert len(charts) == 4
    assert all(each["aria-label"] for each in charts)
    assert tags.count("details") == len(charts)
    assert "prefers-color-scheme:dark" in text
    assert "80.0 %" in text
    assert "T = 60 s" in text
    assert "<support>" not in text, "names are escaped"
    assert "&lt;support&gt;" in text


def test_charts_are_drawn_inside_their_frame_whatever_the_values() -> None:
    for values in ([], [0.0], [None, None], [1e-9, 5.0, None, 1e9], [3.0] * 300):
        labels = [str(n) for n in range(len(values))]
        every = [Series(name="a & b", values=values, tone=Tone.BAD)]
        for figure in (
            bars(title="t", labels=labels, series=every), lines(title="t", labels=labels, series=every),
            ranked(title="t", items=[(label, value or 0.0) for label, value in zip(labels, values, strict=True)]),
        ):  # fmt: skip
            svg = figure[figure.index("<svg") : figure.index("</svg>") + 6]
            for element in ElementTree.fromstring(svg).iter():
                for name in ("y", "height", "y1", "y2", "cy"):
                    assert 0 <= float(element.get(name, 0)) <= 26 * 300 + 30


def test_an_empty_report_shows_no_number() -> None:
    empty = replace(ledger(0), stretches=())
    words = [line.value for line in lines_of(report_of(empty).total)]
    assert words.count("no base") == 9
    assert "No promise ended" in report_page(empty)


def test_words() -> None:
    assert (share(99.97), share(100.0), share(None)) == ("99.9 %", "100.0 %", "no base")
    assert [duration(each) for each in (0, 59.6, 3599, 3660)] == ["0 s", "1 min 00 s", "59 min 59 s", "1 h 01 min"]
    assert (lateness(None, of=3), lateness(0.0, of=3), lateness(None, of=0)) == ("never rang", "in time", "no base")


@pytest.fixture
def exported(tmp_path: Path) -> Path:
    file = tmp_path / "acme.ledger"
    file.write_text("".join(written(ledger())))
    return file


def run(*arguments: str) -> tuple[int, str]:
    result = CliRunner().invoke(program, ["report", *arguments])
    if isinstance(result.exception, Invalid | NotFound):
        return 2, result.exception.detail
    return result.exit_code, result.stdout


def test_a_file_is_reported_without_a_database(exported: Path, tmp_path: Path) -> None:
    code, text = run("--ledger", str(exported), "--json", "--by", "interval", "--interval", "day")
    found = json.loads(text)
    assert (code, found["total"]["first"]["kept"], found["ledger"]["genuine"]) == (0, 32, True)
    assert [group["group"] for group in found["groups"]] == ["2026-11-24"]
    page, again = tmp_path / "page.html", tmp_path / "again.ledger"
    code, text = run("--ledger", str(exported), "--html", str(page), "--export", str(again))
    assert (code, "On time" in text, page.read_text()[:15]) == (0, True, "<!doctype html>")
    assert again.read_text() == exported.read_text()
    assert {each.name for each in tmp_path.iterdir()} == {"acme.ledger", "again.ledger", "page.html"}


def test_a_part_of_a_file(exported: Path) -> None:
    code, text = run("--ledger", str(exported), "--json", "--queue", "billing")
    assert (code, json.loads(text)["total"]["first"]["ended"]) == (0, 20)
    assert run("--ledger", str(exported), "--queue", "gardening")[0] == 2
    assert run("--ledger", str(exported), "--from", "2026-11-25")[0] == 2
    assert run("--ledger", str(exported), "--from", "yesterday")[0] == 2
    assert run("--ledger", str(exported), "--by", "mood")[0] == 2
    assert run("--ledger", str(exported), "--html", str(exported.parent / "nowhere" / "page.html"))[0] == 2
    assert run("--ledger", str(exported.parent / "nowhere.ledger"))[0] == 2


def test_a_file_that_was_changed_is_reported_and_the_exit_code_says_so(exported: Path) -> None:
    lines = exported.read_text().splitlines(keepends=True)
    exported.write_text("".join([*lines[:3], "}{\n", *lines[3:]]))
    result = CliRunner().invoke(program, ["report", "--ledger", str(exported), "--json"])
    assert result.exit_code == 1
    assert json.loads(result.stdout)["ledger"]["problems"][0] == {"line": 4, "why": "not JSON"}
    assert "line 4" in result.stderr
    exported.write_text("".join(lines[:-1]))
    assert run("--ledger", str(exported)) == (
        2,
        "This ledger cannot be read: the file was cut off: its end line is missing after 41 records.",
    )
