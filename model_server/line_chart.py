"""Line charts as SVG, for the curves of training and evaluation: panels of one picture, without a plotting library.

Points that are not finite are left out.
"""

from __future__ import annotations

import math
from collections.abc import Sequence
from dataclasses import dataclass
from xml.sax.saxutils import escape

PANEL_WIDTH, PANEL_HEIGHT = 480, 270
_LEFT, _RIGHT, _TOP, _BOTTOM = 52, 148, 40, 42
_PAGE, _PANEL, _GRID, _TEXT, _QUIET = "#0e1116", "#151a21", "#262d37", "#e6e9ee", "#9aa4b2"
_COLOURS = ("#5aa9ff", "#ffb454", "#6fd08c", "#e57fb0", "#b39df3", "#f07167", "#7fd1d6", "#c9c25f")
_LABEL_GAP = 13
_SMOOTH_FROM = 60  # points; longer lines are drawn as a running mean over a faint line


@dataclass(frozen=True, slots=True)
class Line:
    """One curve; `quiet` ones, such as baselines, are dashed."""

    name: str
    points: Sequence[tuple[float, float]]
    quiet: bool = False


@dataclass(frozen=True, slots=True)
class Chart:
    """One panel; `across` labels the horizontal axis. `low` and `high` fix the vertical one, else the points do."""

    title: str
    across: str
    lines: Sequence[Line]
    low: float | None = None
    high: float | None = None


def svg(charts: Sequence[Chart], *, columns: int = 2) -> str:
    """The panels in rows, as one SVG document."""
    columns = max(1, min(columns, len(charts)))
    rows = max(1, -(-len(charts) // columns))
    width, height = columns * PANEL_WIDTH, rows * PANEL_HEIGHT
    panels = [
        f'<g transform="translate({index % columns * PANEL_WIDTH} {index // columns * PANEL_HEIGHT})">'
        f"{''.join(_panel(chart))}</g>"
        for index, chart in enumerate(charts)
    ]
    return (
        f'<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 {width} {height}" width="{width}" height="{height}" '
        f'font-family="system-ui, sans-serif" font-size="11" fill="{_TEXT}">'
        f'<rect width="{width}" height="{height}" fill="{_PAGE}"/>{"".join(panels)}</svg>\n'
    )


def ticks(low: float, high: float, about: int = 5) -> list[float]:
    """Round numbers that cover the range, in steps of 1, 2 or 5 times a power of ten."""
    span = high - low or abs(high) or 1.0
    rough = span / about
    power = 10.0 ** math.floor(math.log10(rough))
    step = next(factor * power for factor in (1, 2, 5, 10) if factor * power >= rough * 0.999)
    first, last = math.floor(low / step + 1e-9), math.ceil(high / step - 1e-9)
    return [round(index * step, 12) for index in range(first, max(last, first + 1) + 1)]


def _panel(chart: Chart) -> list[str]:
    kept = [(line, [p for p in line.points if all(map(math.isfinite, p))]) for line in chart.lines]
    kept = [(line, points) for line, points in kept if points]
    parts = [
        f'<rect x="6" y="6" width="{PANEL_WIDTH - 12}" height="{PANEL_HEIGHT - 12}" rx="8" fill="{_PANEL}"/>',
        f'<text x="20" y="28" font-size="13" font-weight="600">{escape(chart.title)}</text>',
    ]
    if not kept:
        return [*parts, f'<text x="20" y="{PANEL_HEIGHT // 2}" fill="{_QUIET}">nothing measured yet</text>']
    everything = [point for _, points in kept for point in points]
    axes = _Axes.around(everything, chart)
    parts += axes.grid(chart.across)
    ends: list[tuple[float, str, str]] = []
    for index, (line, points) in enumerate(kept):
        colour = _COLOURS[index % len(_COLOURS)]
        parts += _drawn(line, points, colour, axes)
        ends.append((axes.y(_smooth(points)[-1][1]), line.name, colour))
    return parts + _names(ends, axes)


def _drawn(line: Line, points: Sequence[tuple[float, float]], colour: str, axes: _Axes) -> list[str]:
    smooth = _smooth(points)
    dashes = ' stroke-dasharray="5 4"' if line.quiet else ""
    parts: list[str] = []
    if len(points) > _SMOOTH_FROM:
        parts.append(f'<path d="{axes.path(points)}" fill="none" stroke="{colour}" stroke-opacity=".22"/>')
    parts.append(f'<path d="{axes.path(smooth)}" fill="none" stroke="{colour}" stroke-width="1.8"{dashes}/>')
    if len(points) <= 12:
        parts += [f'<circle cx="{axes.x(x):.1f}" cy="{axes.y(y):.1f}" r="2.4" fill="{colour}"/>' for x, y in points]
    return parts


def _names(ends: list[tuple[float, str, str]], axes: _Axes) -> list[str]:
    """The names of the lines at their ends, moved apart so that they do not overlap."""
    placed: list[float] = []
    parts: list[str] = []
    for wanted, _, _ in sorted(ends):
        at = max(wanted, placed[-1] + _LABEL_GAP) if placed else max(wanted, _TOP)
        placed.append(at)
    overflow = max(0.0, placed[-1] - (PANEL_HEIGHT - _BOTTOM + 4)) if placed else 0.0
    for at, (_, name, colour) in zip(placed, sorted(ends), strict=True):
        parts.append(
            f'<text x="{axes.right + 8:.1f}" y="{at - overflow + 4:.1f}" fill="{colour}">{escape(name)}</text>'
        )
    return parts


def _smooth(points: Sequence[tuple[float, float]]) -> list[tuple[float, float]]:
    """Long, noisy lines as running means over a tenth of their length; short ones unchanged."""
    if len(points) <= _SMOOTH_FROM:
        return list(points)
    reach = max(2, len(points) // 20)
    means: list[tuple[float, float]] = []
    for index, (x, _) in enumerate(points):
        near = [y for _, y in points[max(0, index - reach) : index + reach + 1]]
        means.append((x, sum(near) / len(near)))
    return means


@dataclass(frozen=True, slots=True)
class _Axes:
    """The axes of a panel: from values to pixels."""

    across: tuple[float, float]
    marks: list[float]

    @classmethod
    def around(cls, points: Sequence[tuple[float, float]], chart: Chart) -> _Axes:
        low = min(y for _, y in points) if chart.low is None else chart.low
        high = max(y for _, y in points) if chart.high is None else chart.high
        first, last = min(x for x, _ in points), max(x for x, _ in points)
        return cls((first, last if last > first else first + 1), ticks(low, high))

    @property
    def right(self) -> float:
        return PANEL_WIDTH - _RIGHT

    def x(self, value: float) -> float:
        first, last = self.across
        return _LEFT + (value - first) / (last - first) * (self.right - _LEFT)

    def y(self, value: float) -> float:
        low, high = self.marks[0], self.marks[-1]
        share = min(max((value - low) / (high - low), 0.0), 1.0)
        return PANEL_HEIGHT - _BOTTOM - share * (PANEL_HEIGHT - _TOP - _BOTTOM)

    def path(self, points: Sequence[tuple[float, float]]) -> str:
        return "M" + "L".join(f"{self.x(x):.1f} {self.y(y):.1f}" for x, y in points)

    def grid(self, across: str) -> list[str]:
        bottom = PANEL_HEIGHT - _BOTTOM
        parts: list[str] = []
        for mark in self.marks:
            at = self.y(mark)
            parts.append(f'<path d="M{_LEFT} {at:.1f}H{self.right}" stroke="{_GRID}"/>')
            parts.append(f'<text x="{_LEFT - 8}" y="{at + 4:.1f}" text-anchor="end" fill="{_QUIET}">{mark:g}</text>')
        first, last = self.across
        inside = [mark for mark in ticks(first, last) if first <= mark <= last]
        for mark in inside:
            parts.append(
                f'<text x="{self.x(mark):.1f}" y="{bottom + 16}" text-anchor="middle" fill="{_QUIET}">{mark:g}</text>'
            )
        middle = (_LEFT + self.right) / 2
        parts.append(
            f'<text x="{middle:.1f}" y="{bottom + 31}" text-anchor="middle" fill="{_QUIET}">{escape(across)}</text>'
        )
        return parts
