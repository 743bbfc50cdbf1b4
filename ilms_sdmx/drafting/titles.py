"""The period of a table that its title says: read from the title again in the next edition, or set."""

from __future__ import annotations

import re
from collections.abc import Sequence

from ilms_sdmx.drafting.begin import begin_of
from ilms_sdmx.drafting.headings import Heading
from ilms_sdmx.drafting.model import Analysis, Axis
from ilms_sdmx.drafting.targets import topics
from ilms_sdmx.drafting.text import shortest_run
from ilms_sdmx.periods import find_period, read_period
from ilms_sdmx.words.text import clean

_ASKED = "decide"


def period_constant(
    analysis: Analysis, others: Sequence[Analysis]
) -> dict[str, tuple[str, str]]:
    """PrintedPeriod that a title says; one above several tables is asked for where another is as near."""
    if analysis.heading_of("period") or analysis.found.blocks:
        return {}
    if analysis.constant is None:
        return {"period": (_ASKED, "decide: no title says the period")}
    label = analysis.constant.label
    period = analysis.constant.time_period
    if label in {*analysis.near, analysis.sheet}:
        return {"period": (period, f"from {label!r}")}
    own = {label in a.near for a in others if a.sheet == analysis.sheet}
    said = {p for t in analysis.titles if (p := find_period(clean(t)).time_period)}
    shared = own == {False} and len(said) == 1 and "stock" not in topics(analysis.near)
    return {
        "period": (
            period,
            f"from {label!r}, above all tables" if shared else f"decide: from {label!r}",
        )
    }


def read_titles(analyses: list[Analysis], area: str) -> list[Analysis]:
    """Let periods that one title says be read from it, so that the mapping serves the next edition.

    Only one title of a workbook is read so, by an expression with any numbers and months: the periods of
    others, and those of tables that begin with the title itself, are set.
    """
    chosen = ""
    for analysis in analyses:
        found = _axis(analysis, analyses, area)
        if found is not None and chosen in {"", found.text}:
            chosen = found.text
            analysis.axis = found
    return analyses


def _axis(analysis: Analysis, analyses: Sequence[Analysis], area: str) -> Axis | None:
    """Heading of the period in the title of a table, None where nothing says it surely."""
    constant = period_constant(analysis, analyses).get("period", (_ASKED, _ASKED))
    if analysis.axis is not None or analysis.constant is None or constant[1].startswith(_ASKED):
        return None
    title, wanted = clean(analysis.constant.label), constant[0]
    label = shortest_run(title, lambda run: read_period(run, area=area).time_period == wanted)
    if not label or title == analysis.sheet or title in begin_of(analysis.founds).texts:
        return None
    regex = _expression(title, label, area)
    if _read(analysis, regex) != {label}:
        return None
    return Axis(
        Heading("period", "period", (label,), 1.0), text=regex, why=f"{wanted}, {constant[1]}"
    )


def _expression(title: str, label: str, area: str) -> str:
    """Expression of a title up to its period, with any numbers and months."""
    before = title[: title.index(label)]
    near = before if len(before) < 40 else before[-40:].partition(" ")[2]
    start = "^" if near == before else ""
    words = [r"\S+" if _is_month(word, area) else _any(word) for word in label.split(" ")]
    return f"{start}{_any(near)}({' '.join(words)})"


def _is_month(word: str, area: str) -> bool:
    """Whether a word alone says a part of a year: `May`."""
    digits = any(letter.isdigit() for letter in word)
    return not digits and bool(read_period(word, area=area, year=2000).time_period)


def _any(text: str) -> str:
    """Expression of a text with any numbers, years of four digits."""
    escaped = re.escape(text).replace(r"\ ", " ")
    return re.sub(r"\d+", lambda m: r"\d{4}" if len(m.group()) == 4 else r"\d+", escaped)


def _read(analysis: Analysis, regex: str) -> set[str]:
    """Labels that an expression reads from the cells above a table."""
    above = (
        clean(t) for (row, _), t in analysis.found.grid.texts() if row < analysis.found.body[0]
    )
    return {m.group(1) for text in above if (m := re.search(regex, text, re.IGNORECASE))}
