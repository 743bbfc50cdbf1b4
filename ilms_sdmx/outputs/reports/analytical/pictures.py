"""Charts of a report: bars of countries or classes, and a line through the years."""

from __future__ import annotations

from collections.abc import Sequence
from typing import TYPE_CHECKING

from ilms_sdmx.outputs.reports.analytical.content import Picture
from ilms_sdmx.outputs.reports.analytical.evidence import HeldFigure
from ilms_sdmx.outputs.reports.charts import COLOURS, finished
from ilms_sdmx.outputs.reports.figures import Figure

if TYPE_CHECKING:
    from ilms_sdmx.outputs.reports.catalogues import Catalogue

_WIDTH = 560
#: Bars of a chart: the largest ones.
BARS = 8


def bars(
    id: str,
    title: str,
    parts: Sequence[tuple[str, HeldFigure]],
    source: str,
    words: Catalogue,
) -> Picture:
    """Bars of the largest parts, each with its name and number.

    Parameters
    ----------
    parts
        Name and figure of each, in the order of the bars.
    """
    import altair as alt
    import pandas as pd

    shown = parts[:BARS]
    rows = []
    for name, figure in shown:
        number = words.number(round(figure.value), 0)
        rows.append({"name": name, "value": figure.value, "text": number})
    frame = pd.DataFrame(rows)
    axis = alt.Axis(labelLimit=260)
    y = alt.Y("name:N", sort=None, title=None, axis=axis)
    x = alt.X("value:Q", title=words.text("analysis.persons"), axis=alt.Axis(format="~s"))
    base = alt.Chart(frame).encode(y=y, x=x)
    bar = base.mark_bar(color=COLOURS[0], height={"band": 0.7})
    label = base.mark_text(align="left", dx=4, fontSize=11).encode(text="text:N")
    chart = (bar + label).properties(width=_WIDTH, height=alt.Step(24))
    said = ", ".join(f"{row['name']} {row['text']}" for row in rows)
    return Picture(Figure(id, title, finished(chart), said, sources=((source, ""),)))


def trend(
    id: str,
    title: str,
    history: Sequence[HeldFigure],
    breaks: Sequence[int],
    source: str,
    words: Catalogue,
) -> Picture:
    """Line through the years, from zero up; a break or a missing year opens it.

    Parameters
    ----------
    breaks
        First year after each break.
    """
    import altair as alt
    import pandas as pd

    rows = []
    segment, before = 0, None
    for figure in history:
        is_open = before is not None and figure.year - before > 1
        if figure.year in breaks or is_open:
            segment += 1
        before = figure.year
        rows.append({"year": figure.year, "value": figure.value, "segment": segment})
    frame = pd.DataFrame(rows)
    years = alt.Axis(format="d", tickMinStep=1, title=None)
    x = alt.X("year:Q", axis=years, scale=alt.Scale(zero=False))
    scale = alt.Scale(zero=True)
    persons = words.text("analysis.persons")
    y = alt.Y("value:Q", title=persons, axis=alt.Axis(format="~s"), scale=scale)
    base = alt.Chart(frame)
    encoded = base.encode(x=x, y=y, detail="segment:N")
    layers = encoded.mark_line(color=COLOURS[0], strokeWidth=2) + encoded.mark_point(
        color=COLOURS[0], filled=True, size=45
    )
    known = [year for year in breaks if year in {figure.year for figure in history}]
    if known:
        marks = pd.DataFrame({"year": known, "text": words.text("analysis.break-mark")})
        rule = alt.Chart(marks).mark_rule(strokeDash=[4, 3], color=COLOURS[1]).encode(x=x)
        text = alt.Chart(marks).mark_text(align="left", dx=4, fontSize=11, color=COLOURS[1])
        layers = layers + rule + text.encode(x=x, y=alt.value(8), text="text:N")
    chart = layers.properties(width=_WIDTH, height=200)
    first, last = history[0], history[-1]
    said = (
        f"{first.year}: {words.number(round(first.value), 0)}; "
        f"{last.year}: {words.number(round(last.value), 0)}"
    )
    return Picture(Figure(id, title, finished(chart), said, sources=((source, ""),)))
