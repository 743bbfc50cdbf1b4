"""Charts of a comparison, each from its tidy frame."""

from __future__ import annotations

from itertools import cycle, islice
from typing import TYPE_CHECKING, Any

import pandas as pd

from ilms_sdmx.outputs.reports.figures import FONT

if TYPE_CHECKING:
    import altair

#: Colours that readers with any colour vision tell apart; the first is ours.
COLOURS = [
    "#0b5cad",
    "#d55e00",
    "#00805e",
    "#a3398f",
    "#8c6d00",
    "#4a5868",
    "#c0392b",
    "#2e9fd0",
]
SHAPES = [
    "circle",
    "diamond",
    "square",
    "triangle-up",
    "cross",
    "triangle-down",
    "triangle-right",
    "stroke",
]
WIDTH = 760
#: Characters of a name from which on a legend has one column.
_LONG = 50


def dots(frame: pd.DataFrame, sides: list[str], title: str = "") -> altair.TopLevelMixin:
    """Dot plot: one line a partner, one dot a side, on a logarithmic scale of persons.

    Figures that are not comparable with ours are hollow, below the line and joined by none.

    Parameters
    ----------
    frame
        Columns `partner`, `side`, `value`, `period`, `verdict`, `source`, `href` and `apart`
        (whether it is not comparable with ours); partners in order.
    sides
        Names of the sides in order: colours and shapes follow it.
    """
    import altair as alt

    partners = list(dict.fromkeys(frame["partner"]))
    axis = alt.Axis(labelLimit=0, grid=True)
    y = alt.Y("partner:N", sort=partners, title=None, axis=axis)
    scale = alt.Scale(type="log", nice=True)
    x = alt.X("value:Q", title="Persons (logarithmic scale)", scale=scale)
    persons = alt.Axis(format="~s", tickCount=6)
    x = x.axis(persons)
    positive = frame[frame["value"] > 0]
    lane = alt.YOffset("apart:N", scale=alt.Scale(domain=[False, True], paddingInner=0.2))
    base = alt.Chart(positive)
    comparable = base.transform_filter("!datum.apart")
    rule = comparable.mark_rule(color="#9aa7b5", strokeWidth=2)
    link = rule.encode(y=y, yOffset=lane, x="min(value):Q", x2="max(value):Q")
    colour = _by_side(alt.Color, sides, COLOURS)
    shape = _by_side(alt.Shape, sides, SHAPES)
    tooltip = _tooltips(["partner", "side", "period", "source", "verdict"])
    encoding = {"x": x, "y": y, "yOffset": lane, "color": colour, "shape": shape}
    encoding |= {"href": "href:N", "tooltip": tooltip}
    points = comparable.mark_point(size=110, filled=True, opacity=0.95)
    points = points.encode(**encoding)
    apart = base.transform_filter("datum.apart")
    hollow = apart.mark_point(size=90, filled=False, strokeWidth=2)
    hollow = hollow.encode(**encoding)
    both = link + points + hollow
    has_apart = bool(positive["apart"].any())
    height = alt.Step(44 if has_apart else 30, **{"for": "position"})
    chart = both.properties(width=WIDTH, height=height, title=title)
    return finished(chart)


def lines(frame: pd.DataFrame, sides: list[str], title: str = "") -> altair.TopLevelMixin:
    """Time series, one line a side and edition; a break opens the line and carries a mark.

    Parameters
    ----------
    frame
        Columns `year` (number), `side`, `value`, `period`, `break`, `segment`, `source`,
        `href` and `apart` (whether its side is not comparable with ours: hollow points, which
        no line joins).
    """
    import altair as alt

    marks = _marks(frame)
    marked = frame.assign(mark=marks)
    base = alt.Chart(marked)
    x, y = _time_axes()
    colour = _by_side(alt.Color, sides, COLOURS)
    shape = _by_side(alt.Shape, sides, SHAPES)
    with_ours = base.transform_filter("!datum.apart")
    line = with_ours.mark_line(strokeWidth=2)
    line = line.encode(x=x, y=y, color=colour, detail="segment:N")
    tooltip = _tooltips(["side", "period", "source", "break"])
    encoding = {"x": x, "y": y, "color": colour, "shape": shape, "tooltip": tooltip}
    points = with_ours.mark_point(size=70, filled=True).encode(href="href:N", **encoding)
    set_apart = base.transform_filter("datum.apart")
    hollow = set_apart.mark_point(size=60, filled=False, strokeWidth=2)
    hollow = hollow.encode(href="href:N", **encoding)
    broken = base.transform_filter("datum.break != ''")
    rule = broken.mark_rule(strokeDash=[3, 3])
    rule = rule.encode(x=x, color=colour)
    with_mark = base.transform_filter("datum.mark != ''")
    label = with_mark.mark_text(align="left", dx=4, dy=-4, fontSize=11)
    top = alt.value(8)
    label = label.encode(x=x, y=top, text="mark:N", color=colour)
    together = rule + line + points + hollow + label
    chart = together.properties(width=WIDTH, height=280, title=title)
    return finished(chart)


def _time_axes() -> tuple[altair.X, altair.Y]:
    """Axes of a time series: years, and persons from zero."""
    import altair as alt

    years = alt.Axis(format="d", tickMinStep=1)
    persons = alt.Axis(format="~s")
    around = alt.Scale(zero=False)
    from_zero = alt.Scale(zero=True)
    x = alt.X("year:Q", title="1 July of each year", axis=years, scale=around)
    y = alt.Y("value:Q", title="Persons", axis=persons, scale=from_zero)
    return x, y


def _marks(frame: pd.DataFrame) -> pd.Series[str]:
    """Words of the breaks that have room: of several within four years the first is for all."""
    has_break = frame["break"] != ""
    broken = frame.loc[has_break, "year"].sort_values(kind="stable")
    kept: list[Any] = []
    last_year = None
    for label, year in broken.items():
        if last_year is None or year - last_year >= 4:
            kept.append(label)
            last_year = year
    has_room = frame.index.isin(kept)
    return frame["break"].where(has_room, "")


def heat_map(frame: pd.DataFrame, title: str = "") -> altair.TopLevelMixin:
    """Mirror heat map: origins by hosts, coloured by how far apart the two statements are.

    Parameters
    ----------
    frame
        Columns `origin`, `host`, `log_ratio` (binary; missing where only one side speaks),
        `text`, `apart` (whether the two are not comparable), and `origin_says`, `host_says`,
        `names`, `concepts`, `href`.
    """
    import altair as alt

    encoding = _heat_encoding()
    base = alt.Chart(frame)
    # A scale would give a missing ratio the colour of zero: these cells are another layer.
    grey = alt.value("#dfe4ea")
    one_side = base.transform_filter("!isValid(datum.log_ratio)")
    one_side = one_side.mark_rect(stroke="#ffffff", strokeWidth=1)
    one_side = one_side.encode(**encoding, color=grey, **_heat_details())
    # Statements that are not comparable have a ratio in brackets, and no colour.
    apart = base.transform_filter("isValid(datum.log_ratio) && datum.apart")
    apart = apart.mark_rect(stroke="#9aa7b5", strokeWidth=1, strokeDash=[3, 2], fill="#ffffff")
    apart = apart.encode(**encoding, **_heat_details())
    both_sides = base.transform_filter("isValid(datum.log_ratio) && !datum.apart")
    both_sides = both_sides.mark_rect(stroke="#ffffff", strokeWidth=1)
    both_sides = both_sides.encode(**encoding, color=_heat_colour(), **_heat_details())
    white = alt.value("#ffffff")
    black = alt.value("#16202c")
    ink = alt.condition("abs(datum.log_ratio) > 1.8 && !datum.apart", white, black)
    text = base.mark_text(fontSize=11)
    text = text.encode(**encoding, text="text:N", color=ink)
    width = alt.Step(46)
    height = alt.Step(30)
    together = one_side + both_sides + apart + text
    chart = together.properties(width=width, height=height, title=title)
    return finished(chart)


def _heat_encoding() -> dict[str, Any]:
    """Places of a heat map: hosts from left to right, origins from top to bottom."""
    import altair as alt

    across = alt.Axis(labelAngle=-45, labelLimit=0)
    down = alt.Axis(labelLimit=0)
    x = alt.X("host:N", title="Host", axis=across)
    y = alt.Y("origin:N", title="Origin", axis=down)
    return {"x": x, "y": y}


def _heat_colour() -> altair.Color:
    """Colour of a cell of a heat map, by the ratio of the two statements."""
    import altair as alt

    scale = alt.Scale(scheme="purpleorange", domain=[-3, 3], clamp=True, reverse=True)
    legend = alt.Legend(
        title=["Origin says …", "what the host says"],
        labelExpr=_RATIO_LABEL,
        values=[-3, -2, -1, 0, 1, 2, 3],
    )
    return alt.Color("log_ratio:Q", scale=scale, legend=legend)


def _heat_details() -> dict[str, Any]:
    """Link and tooltip of a cell of a heat map."""
    import altair as alt

    tooltip = [
        alt.Tooltip("origin:N"),
        alt.Tooltip("host:N"),
        alt.Tooltip("origin_says:Q", title="origin says", format=","),
        alt.Tooltip("host_says:Q", title="host says", format=","),
        alt.Tooltip("names:N", title="sources"),
        alt.Tooltip("concepts:N", title="compares"),
    ]
    return {"href": "href:N", "tooltip": tooltip}


_RATIO_LABEL = (
    "datum.value == 0 ? 'as much as' : "
    "datum.value < 0 ? '1/' + pow(2, -datum.value) : pow(2, datum.value) + '×'"
)


def _by_side(channel: Any, sides: list[str], values: list[str]) -> Any:
    import altair as alt

    repeated = cycle(values)
    of_sides = list(islice(repeated, len(sides)))
    scale = alt.Scale(domain=sides, range=of_sides)
    longest = max(map(len, sides), default=0)
    columns = 1 if longest > _LONG else 2
    legend = alt.Legend(
        title=None, orient="top", columns=columns, rowPadding=8, labelLimit=0, symbolSize=110
    )
    return channel("side:N", scale=scale, legend=legend)


def _tooltips(names: list[str]) -> list[Any]:
    import altair as alt

    tooltips = [alt.Tooltip("value:Q", title="persons", format=",")]
    for name in names:
        tooltips.append(alt.Tooltip(f"{name}:N"))
    return tooltips


def finished(chart: Any) -> altair.TopLevelMixin:
    """Chart in the fonts of the report, on no background of its own."""
    styled = chart.configure(font=FONT, background="white", padding=8)
    styled = styled.configure_axis(
        labelFontSize=12, titleFontSize=12, titleFontWeight="normal", gridColor="#e3e8ee"
    )
    styled = styled.configure_legend(labelFontSize=12, titleFontSize=12)
    styled = styled.configure_title(fontSize=14, anchor="start")
    without_frame: altair.TopLevelMixin = styled.configure_view(stroke=None)
    return without_frame
