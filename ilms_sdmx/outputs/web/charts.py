"""Line charts as SVG, drawn by the server, without scripts and styles of their own."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from decimal import Decimal, InvalidOperation

from ilms_sdmx.periods import parse_period

#: Lines of a chart, and its size.
MOST_LINES = 8
_WIDTH, _HEIGHT, _LEFT, _BOTTOM, _TOP, _RIGHT = 760, 340, 80, 40, 16, 16
#: Signs at the points of a line, by which lines are told apart without colours.
SIGNS = "●■▲◆○□△◇"


@dataclass(frozen=True)
class Line:
    """One line of a chart.

    Parameters
    ----------
    name
        What it shows.
    sign
        Sign at its points.
    points
        Left and top of each point, with its period and value.
    path
        Points of its line; a gap between periods is a gap in it.
    """

    name: str
    sign: str
    points: tuple[tuple[float, float, str, str], ...]
    path: str


@dataclass(frozen=True)
class LineChart:
    """A chart with its places.

    Parameters
    ----------
    width, height
        Its size.
    lines
        Its lines.
    periods
        Left and text of each period on the axis.
    values
        Top and text of each value on the axis.
    left, right, bottom
        Places of the axes.
    """

    width: int
    height: int
    lines: tuple[Line, ...]
    periods: tuple[tuple[float, str], ...]
    values: tuple[tuple[float, str], ...]
    left: int
    right: int
    bottom: int


def line_chart(series: Mapping[str, Sequence[tuple[str, str]]]) -> LineChart | None:
    """Chart of some series of periods and values; None where nothing can be drawn.

    Parameters
    ----------
    series
        Name to periods and values, as they are written.
    """
    drawn: dict[str, list[tuple[int, str, Decimal, str]]] = {}
    for name, points in list(series.items())[:MOST_LINES]:
        for period, value in points:
            parsed = parse_period(period)
            number = _number(value)
            if parsed is not None and number is not None:
                at = (parsed.start, period, number, value)
                drawn.setdefault(name, []).append(at)
    every = [point for points in drawn.values() for point in points]
    if not every:
        return None
    first, last = min(p[0] for p in every), max(p[0] for p in every)
    low = min(Decimal(0), *(p[2] for p in every))
    high = max(Decimal(0), *(p[2] for p in every)) or Decimal(1)

    def left_of(day: int) -> float:
        share = (day - first) / (last - first) if last > first else 0.5
        return round(_LEFT + share * (_WIDTH - _LEFT - _RIGHT), 1)

    def top_of(value: Decimal) -> float:
        share = float((value - low) / (high - low))
        return round(_HEIGHT - _BOTTOM - share * (_HEIGHT - _BOTTOM - _TOP), 1)

    lines = []
    for number_of_line, (name, found) in enumerate(drawn.items()):
        found.sort()
        placed = [(left_of(day), top_of(v), period, text) for day, period, v, text in found]
        path = " ".join(f"{left},{top}" for left, top, _, _ in placed)
        lines.append(Line(name, SIGNS[number_of_line], tuple(placed), path))
    labels = dict.fromkeys((left_of(day), period) for day, period, _, _ in sorted(every))
    step = max(1, len(labels) // 10)
    periods = tuple(list(labels)[::step])
    values = []
    for part in range(5):
        level = low + (high - low) * part / 4
        values.append((top_of(level), f"{level:,.6g}"))
    return LineChart(
        _WIDTH,
        _HEIGHT,
        tuple(lines),
        periods,
        tuple(values),
        _LEFT,
        _WIDTH - _RIGHT,
        _HEIGHT - _BOTTOM,
    )


def _number(text: str) -> Decimal | None:
    try:
        number = Decimal(text)
    except InvalidOperation:
        return None
    return number if number.is_finite() else None
