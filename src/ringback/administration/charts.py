"""Charts for self-contained HTML pages: inline SVG that can be read without colour, in the dark, and as a table."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from enum import StrEnum
from html import escape
from math import ceil, floor, log10

WIDTH, HEIGHT = 760, 260
LEFT, RIGHT, TOP, BOTTOM = 52, 12, 12, 34


class Tone(StrEnum):
    """What a series means; each has a colour by light and by dark, and a texture of its own."""

    ACCENT = "accent"
    OK = "ok"
    WARN = "warn"
    BAD = "bad"
    HOLD = "hold"
    QUIET = "quiet"


@dataclass(frozen=True, slots=True, kw_only=True)
class Series:
    """One row of values, one a label; None where there is nothing to show."""

    name: str
    values: Sequence[float | None]
    tone: Tone = Tone.ACCENT


def bars(*, title: str, labels: Sequence[str], series: Sequence[Series], unit: str = "") -> str:
    """Draw stacked bars, one a label."""
    totals = [sum(each.values[i] or 0.0 for each in series) for i in range(len(labels))]
    scale = _Scale.of(totals, labels)
    drawn = []
    for i in range(len(labels)):
        base = 0.0
        for each in series:
            value = each.values[i] or 0.0
            if value > 0:
                y, under = scale.y(base + value), scale.y(base)
                shape = f'x="{scale.left(i):.1f}" y="{y:.1f}" width="{scale.bar:.1f}" height="{under - y:.1f}"'
                drawn.append(f'<rect class="fill {each.tone}" {shape}><title>{_point(labels[i], each, value, unit)}</title></rect>')  # fmt: skip
                if each.tone in (Tone.BAD, Tone.HOLD, Tone.WARN):
                    drawn.append(f'<rect class="texture" fill="url(#texture-{each.tone})" {shape}/>')
            base += value
    return _figure(title, scale.frame(unit) + "".join(drawn), labels, series, unit)


def lines(
    *,
    title: str,
    labels: Sequence[str],
    series: Sequence[Series],
    unit: str = "",
    band: tuple[Series, Series] | None = None,
    most: float | None = None,
) -> str:
    """Draw lines, each broken where it has no value; `band`: what lies between two of them is shaded; `most`: the axis's end."""
    every = [*series, *(band or ())]
    known = [value for each in every for value in each.values if value is not None]
    scale = _Scale.of([most] if most is not None else known, labels)
    drawn = [_band(scale, *band)] if band else []
    for number, each in enumerate(series):
        for run in _runs(each.values):
            points = " ".join(f"{scale.middle(i):.1f},{scale.y(value):.1f}" for i, value in run)
            drawn.append(f'<polyline class="line {each.tone} dash-{number % 3}" points="{points}"/>')
            drawn += [
                f'<circle class="fill {each.tone}" cx="{scale.middle(i):.1f}" cy="{scale.y(value):.1f}" r="2.6">'
                f"<title>{_point(labels[i], each, value, unit)}</title></circle>"
                for i, value in run
            ]
    return _figure(title, scale.frame(unit) + "".join(drawn), labels, every, unit)


def ranked(*, title: str, items: Sequence[tuple[str, float]], unit: str = "", tone: Tone = Tone.ACCENT) -> str:
    """Draw one bar across for each item, in the order given, its words beside it."""
    top = max((value for _, value in items), default=0.0) or 1.0
    row = 26
    drawn = []
    for i, (name, value) in enumerate(items):
        y, width = i * row + 4, 360 * value / top
        drawn.append(f'<text class="tick" x="216" y="{y + 13}" text-anchor="end">{escape(name)}</text>')
        drawn.append(f'<rect class="fill {tone}" x="224" y="{y}" width="{max(width, 1):.1f}" height="18" rx="2"/>')
        drawn.append(f'<text class="value" x="{230 + width:.1f}" y="{y + 13}">{_number(value)}{escape(unit)}</text>')
    series = [Series(name=title, values=[value for _, value in items], tone=tone)]
    labels = [name for name, _ in items]
    return _figure(title, "".join(drawn), labels, series, unit, height=max(row * len(items), row), legend=False)


def table(headings: Sequence[str], rows: Iterable[Sequence[str]], *, caption: str = "") -> str:
    """Write a table; the first cell of a row names it."""
    head = "".join(f'<th scope="col">{escape(each)}</th>' for each in headings)
    body = "".join(
        f'<tr><th scope="row">{escape(row[0])}</th>{"".join(f"<td>{escape(each)}</td>" for each in row[1:])}</tr>'
        for row in rows
    )
    said = f"<caption>{escape(caption)}</caption>" if caption else ""
    named = escape(caption or headings[0], quote=True)
    return (
        f'<div class="frame" tabindex="0" role="region" aria-label="{named}">'
        f"<table>{said}<thead><tr>{head}</tr></thead><tbody>{body}</tbody></table></div>"
    )


@dataclass(frozen=True, slots=True, kw_only=True)
class _Scale:
    """Where values and labels lie."""

    top: float
    step: float
    labels: Sequence[str]

    @classmethod
    def of(cls, values: Sequence[float], labels: Sequence[str]) -> _Scale:
        most = max(values, default=0.0) or 1.0
        rough = most / 4
        power = 10.0 ** floor(log10(rough))
        step = next(nice * power for nice in (1, 2, 2.5, 5, 10) if nice * power >= rough * 0.999)
        return cls(top=step * ceil(most / step - 1e-9), step=step, labels=labels)

    @property
    def _each(self) -> float:
        return (WIDTH - LEFT - RIGHT) / max(1, len(self.labels))

    @property
    def bar(self) -> float:
        return max(1.0, min(self._each * 0.72, 48.0))

    def middle(self, i: int) -> float:
        return LEFT + (i + 0.5) * self._each

    def left(self, i: int) -> float:
        return self.middle(i) - self.bar / 2

    def y(self, value: float) -> float:
        return TOP + (HEIGHT - TOP - BOTTOM) * (1 - min(value, self.top) / self.top)

    def frame(self, unit: str) -> str:
        drawn = []
        for n in range(round(self.top / self.step) + 1):
            value = n * self.step
            y = self.y(value)
            drawn.append(f'<line class="grid" x1="{LEFT}" x2="{WIDTH - RIGHT}" y1="{y:.1f}" y2="{y:.1f}"/>')
            drawn.append(f'<text class="tick" x="{LEFT - 6}" y="{y + 4:.1f}" text-anchor="end">{_number(value)}{escape(unit)}</text>')  # fmt: skip
        longest = max((len(label) for label in self.labels), default=1)
        every = max(1, ceil(len(self.labels) * (longest * 7 + 10) / (WIDTH - LEFT - RIGHT)))
        for i in range(0, len(self.labels), every):
            label = escape(self.labels[i])
            drawn.append(f'<text class="tick" x="{self.middle(i):.1f}" y="{HEIGHT - 12}" text-anchor="middle">{label}</text>')  # fmt: skip
        return "".join(drawn)


def _runs(values: Sequence[float | None]) -> list[list[tuple[int, float]]]:
    runs: list[list[tuple[int, float]]] = [[]]
    for i, value in enumerate(values):
        if value is not None:
            runs[-1].append((i, value))
        elif runs[-1]:
            runs.append([])
    return [run for run in runs if run]


def _band(scale: _Scale, low: Series, high: Series) -> str:
    both = [(i, a, b) for i, (a, b) in enumerate(zip(low.values, high.values, strict=True)) if a is not None and b is not None]  # fmt: skip
    up = [f"{scale.middle(i):.1f},{scale.y(b):.1f}" for i, _, b in both]
    down = [f"{scale.middle(i):.1f},{scale.y(a):.1f}" for i, a, _ in reversed(both)]
    return f'<polygon class="band" points="{" ".join(up + down)}"/>' if both else ""


def _number(value: float) -> str:
    return f"{value:,.0f}" if abs(value - round(value)) < 1e-9 else f"{value:,.1f}"


def _point(label: str, series: Series, value: float, unit: str) -> str:
    return escape(f"{label}, {series.name}: {_number(value)}{unit}")


def _figure(
    title: str,
    drawing: str,
    labels: Sequence[str],
    series: Sequence[Series],
    unit: str,
    *,
    height: int = HEIGHT,
    legend: bool = True,
) -> str:
    """Put a drawing into a figure with its name, its legend in words, and the same as a table."""
    keys = "".join(f'<span><i class="key {each.tone}"></i>{escape(each.name)}</span>' for each in series)
    rows = [
        [label, *("–" if each.values[i] is None else f"{_number(each.values[i] or 0.0)}{unit}" for each in series)]
        for i, label in enumerate(labels)
    ]
    said = escape(title, quote=True)
    return (
        f"<figure><figcaption>{escape(title)}</figcaption>"
        + (f'<p class="legend">{keys}</p>' if legend else "")
        + f'<svg viewBox="0 0 {WIDTH} {height}" role="img" aria-label="{said}">{drawing}</svg>'
        + f"<details><summary>As a table</summary>{table(['', *(each.name for each in series)], rows, caption=title)}</details></figure>"
    )
