"""Charts of a comparison, each from its tidy frame."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import pandas as pd

from ilms_sdmx.reports.figures import FONT

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


def dots(frame: pd.DataFrame, sides: list[str], title: str = "") -> altair.TopLevelMixin:
    """Dot plot: one line a partner, one dot a side, on a logarithmic scale of persons.

    Parameters
    ----------
    frame
        Columns `partner`, `side`, `value`, `period`, `verdict`, `source`, `href`; partners in order.
    sides
        Names of the sides in order: colours and shapes follow it.
    """
    import altair as alt

    order = list(dict.fromkeys(frame["partner"]))
    y = alt.Y("partner:N", sort=order, title=None, axis=alt.Axis(labelLimit=220, grid=True))
    x = alt.X(
        "value:Q", title="Persons (logarithmic scale)", scale=alt.Scale(type="log", nice=True)
    )
    x = x.axis(alt.Axis(format="~s", tickCount=6))
    base = alt.Chart(frame[frame["value"] > 0])
    link = base.mark_rule(color="#9aa7b5", strokeWidth=2).encode(
        y=y, x="min(value):Q", x2="max(value):Q"
    )
    points = base.mark_point(size=110, filled=True, opacity=0.95).encode(
        y=y,
        x=x,
        color=_by_side(alt.Color, sides, COLOURS),
        shape=_by_side(alt.Shape, sides, SHAPES),
        href="href:N",
        tooltip=_tooltips(["partner", "side", "period", "source", "verdict"]),
    )
    chart = (link + points).properties(width=WIDTH, height=alt.Step(26), title=title)
    return finished(chart)


def lines(frame: pd.DataFrame, sides: list[str], title: str = "") -> altair.TopLevelMixin:
    """Time series, one line a side and edition; a break opens the line and carries a mark.

    Parameters
    ----------
    frame
        Columns `year` (number), `side`, `value`, `period`, `break`, `segment`, `source`, `href`.
    """
    import altair as alt

    base = alt.Chart(frame.assign(mark=_marks(frame)))
    x = alt.X(
        "year:Q",
        title="1 July of each year",
        axis=alt.Axis(format="d", tickMinStep=1),
        scale=alt.Scale(zero=False),
    )
    y = alt.Y(
        "value:Q", title="Persons", axis=alt.Axis(format="~s"), scale=alt.Scale(zero=True)
    )
    colour, shape = _by_side(alt.Color, sides, COLOURS), _by_side(alt.Shape, sides, SHAPES)
    line = base.mark_line(strokeWidth=2).encode(x=x, y=y, color=colour, detail="segment:N")
    tooltip = _tooltips(["side", "period", "source", "break"])
    points = base.mark_point(size=70, filled=True).encode(
        x=x, y=y, color=colour, shape=shape, href="href:N", tooltip=tooltip
    )
    broken = base.transform_filter("datum.break != ''")
    rule = broken.mark_rule(strokeDash=[3, 3]).encode(x=x, color=colour)
    said = base.transform_filter("datum.mark != ''")
    label = said.mark_text(align="left", dx=4, dy=-4, fontSize=11).encode(
        x=x, y=alt.value(8), text="mark:N", color=colour
    )
    return finished(
        (rule + line + points + label).properties(width=WIDTH, height=280, title=title)
    )


def _marks(frame: pd.DataFrame) -> pd.Series[str]:
    """Words of the breaks that have room: of several within four years the first stands for all."""
    broken = frame.loc[frame["break"] != "", "year"].sort_values(kind="stable")
    kept: list[Any] = []
    for label, year in broken.items():
        if not kept or year - broken[kept[-1]] >= 4:
            kept.append(label)
    return frame["break"].where(frame.index.isin(kept), "")


def heat_map(frame: pd.DataFrame, title: str = "") -> altair.TopLevelMixin:
    """Mirror heat map: origins by hosts, coloured by how far apart the two statements are.

    Parameters
    ----------
    frame
        Columns `origin`, `host`, `log_ratio` (binary; missing where only one side speaks), `text`, and
        `origin_says`, `host_says`, `names`, `href`.
    """
    import altair as alt

    x = alt.X("host:N", title="Host", axis=alt.Axis(labelAngle=-45, labelLimit=220))
    y = alt.Y("origin:N", title="Origin", axis=alt.Axis(labelLimit=180))
    scale = alt.Scale(scheme="purpleorange", domain=[-3, 3], clamp=True, reverse=True)
    legend = alt.Legend(
        title=["Origin says …", "what the host says"],
        labelExpr=_RATIO_LABEL,
        values=[-3, -2, -1, 0, 1, 2, 3],
    )
    base = alt.Chart(frame)
    tooltip = [
        alt.Tooltip("origin:N"),
        alt.Tooltip("host:N"),
        alt.Tooltip("origin_says:Q", title="origin says", format=","),
        alt.Tooltip("host_says:Q", title="host says", format=","),
        alt.Tooltip("names:N", title="sources"),
    ]
    # A scale would give a missing ratio the colour of zero: these cells are a layer of their own.
    cells = [
        base.transform_filter(f"{test}isValid(datum.log_ratio)")
        .mark_rect(stroke="#ffffff", strokeWidth=1)
        .encode(x=x, y=y, color=colour, href="href:N", tooltip=tooltip)
        for test, colour in (
            ("!", alt.value("#dfe4ea")),
            ("", alt.Color("log_ratio:Q", scale=scale, legend=legend)),
        )
    ]
    ink = alt.condition(
        "abs(datum.log_ratio) > 1.8", alt.value("#ffffff"), alt.value("#16202c")
    )
    text = base.mark_text(fontSize=11).encode(x=x, y=y, text="text:N", color=ink)
    size = alt.Step(46), alt.Step(30)
    return finished(
        (cells[0] + cells[1] + text).properties(width=size[0], height=size[1], title=title)
    )


_RATIO_LABEL = (
    "datum.value == 0 ? 'as much as' : "
    "datum.value < 0 ? '1/' + pow(2, -datum.value) : pow(2, datum.value) + '×'"
)


def _by_side(channel: Any, sides: list[str], values: list[str]) -> Any:
    import altair as alt

    scale = alt.Scale(domain=sides, range=[values[n % len(values)] for n in range(len(sides))])
    legend = alt.Legend(
        title=None, orient="top", columns=2, rowPadding=8, labelLimit=350, symbolSize=110
    )
    return channel("side:N", scale=scale, legend=legend)


def _tooltips(names: list[str]) -> list[Any]:
    import altair as alt

    return [
        alt.Tooltip("value:Q", title="persons", format=","),
        *(alt.Tooltip(f"{n}:N") for n in names),
    ]


def finished(chart: Any) -> altair.TopLevelMixin:
    """Chart in the fonts of the report, on no background of its own."""
    styled: altair.TopLevelMixin = (
        chart.configure(font=FONT, background="white", padding=8)
        .configure_axis(
            labelFontSize=12, titleFontSize=12, titleFontWeight="normal", gridColor="#e3e8ee"
        )
        .configure_legend(labelFontSize=12, titleFontSize=12)
        .configure_title(fontSize=14, anchor="start")
        .configure_view(stroke=None)
    )
    return styled
