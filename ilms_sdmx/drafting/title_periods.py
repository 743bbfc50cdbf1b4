"""The period of a table that its title says: read from the title again, or set."""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import replace

from ilms_sdmx.drafting.analysis import Analysis
from ilms_sdmx.drafting.recognition.axes import Axis
from ilms_sdmx.drafting.recognition.beginnings import beginning_of
from ilms_sdmx.drafting.recognition.headings import Heading
from ilms_sdmx.drafting.recognition.periods import YEAR_OF_TITLE, Decision
from ilms_sdmx.drafting.recognition.phrases import expression_of
from ilms_sdmx.drafting.sections.dataflows import topics
from ilms_sdmx.drafting.sections.pins import texts_above
from ilms_sdmx.periods import find_period, read_period, year_written
from ilms_sdmx.words.runs import shortest_run
from ilms_sdmx.words.text import clean

#: Most letters before a period that an expression names.
_BEFORE = 40


def period_of_title(
    analysis: Analysis, every: Sequence[Analysis], area: str
) -> Decision | None:
    """Period that a title says, asked for where another table is as near; else None."""
    if analysis.heading_of("period") is not None or analysis.printed.blocks:
        return None
    constant = analysis.periods.constant
    if constant is None:
        doubt = analysis.periods.doubt or "no title says the period"
        return Decision("", question=doubt)
    words = analysis.table.words
    evidence = f"from {constant.label!r}"
    if constant.label == analysis.file:
        question = f"the name of the file says {constant.time_period}: is it of the figures?"
        return Decision(constant.time_period, question=question)
    if constant.label in {*words.near, analysis.sheet}:
        return Decision(constant.time_period, evidence)
    has_one_period = len(_periods_of_titles(analysis, area)) == 1
    is_shared = _is_above_all(constant.label, analysis, every)
    if is_shared and has_one_period and "stock" not in topics(words.near):
        return Decision(constant.time_period, f"{evidence}, above all tables")
    has_own_title = bool(list(filter(None, words.near)))
    if has_one_period and not has_own_title:
        return Decision(constant.time_period, question=evidence)
    return Decision("", question=f"{constant.time_period}, {evidence}?")


def _is_above_all(title: str, analysis: Analysis, every: Sequence[Analysis]) -> bool:
    """Whether a title is near to no table of the sheet."""
    of_sheet = [other for other in every if other.sheet == analysis.sheet]
    for other in of_sheet:
        if title in other.table.near:
            return False
    return bool(of_sheet)


def _periods_of_titles(analysis: Analysis, area: str) -> set[str]:
    """Periods that the titles of a table say."""
    periods: set[str] = set()
    for title in analysis.table.titles:
        periods.add(find_period(clean(title), area=area).time_period)
    return periods - {""}


def read_title_periods(analyses: Sequence[Analysis], area: str) -> list[Analysis]:
    """Analyses whose periods are read from a title: the mapping serves the next edition.

    Only one title of a workbook is read so, by an expression with any numbers and months: the
    periods of others, and those of tables that begin with the title itself, are set.
    """
    chosen_expression = ""
    with_axes: list[Analysis] = []
    for analysis in analyses:
        axis = _axis(analysis, analyses, area)
        if axis is not None and chosen_expression in {"", axis.text}:
            chosen_expression = axis.text
            analysis = replace(analysis, axis=axis)
        with_axes.append(analysis)
    return with_axes


def with_year_of_title(analysis: Analysis, area: str) -> Analysis:
    """Analysis whose months and quarters take the year of a title, wherever it is said once.

    The year becomes a heading of its own, which the mapping reads from the title of every
    edition.
    """
    decided = analysis.periods.decided
    of_title = [label for label, one in decided.items() if one.evidence == YEAR_OF_TITLE]
    years = {year_written(decided[label].value) for label in of_title}
    heading = analysis.table.heading_of("period")
    if len(years) != 1 or heading is None or analysis.axis is not None or analysis.others:
        return analysis
    year = str(years.pop())

    def says_year(run: str) -> bool:
        return read_period(run, area=area).time_period == year

    name, _, _ = analysis.file.rpartition(".")
    name_in_words = name.replace("_", " ")
    for text in (*texts_above(analysis), name_in_words):
        run = shortest_run(text, says_year)
        if not run or text.count(run) != 1:
            continue
        rest = dict(decided)
        for label in of_title:
            del rest[label]
        periods = replace(analysis.periods, decided=rest, headings=(heading.name,))
        of_year = Heading("year", "period", (run,))
        axis = Axis(of_year, why=YEAR_OF_TITLE)
        return replace(analysis, periods=periods, axis=axis)
    return analysis


def _axis(analysis: Analysis, every: Sequence[Analysis], area: str) -> Axis | None:
    """Heading of the period in the title of a table, None where nothing says it surely."""
    constant = analysis.periods.constant
    period = period_of_title(analysis, every, area)
    if analysis.axis is not None or constant is None or period is None or period.question:
        return None

    def says_period(run: str) -> bool:
        return read_period(run, area=area).time_period == period.value

    title = clean(constant.label)
    label = shortest_run(title, says_period)
    beginning = beginning_of(analysis.every_printed)
    if not label or title == analysis.sheet or title in beginning.texts:
        return None
    expression = _expression(title, label, area)
    if _labels_above(analysis, expression) != {label}:
        return None
    heading = Heading("period", "period", (label,))
    return Axis(heading, text=expression, why=f"{period.value}, {period.why}")


def _expression(title: str, label: str, area: str) -> str:
    """Expression of a title up to its period, with any numbers and months."""
    before = title[: title.index(label)]
    start = "^"
    if len(before) >= _BEFORE:
        before = before[-_BEFORE:].partition(" ")[2]
        start = ""
    words: list[str] = []
    for word in label.split(" "):
        words.append(r"\S+" if _is_month(word, area) else _with_any_numbers(word))
    return f"{start}{_with_any_numbers(before)}({' '.join(words)})"


def _is_month(word: str, area: str) -> bool:
    """Whether a word alone says a part of a year: `May`."""
    if any(map(str.isdigit, word)):
        return False
    return bool(read_period(word, area=area, year=2000).time_period)


def _with_any_numbers(text: str) -> str:
    """Expression of a text with any numbers, years of four digits."""
    return re.sub(r"\d+", _any_number, expression_of(text))


def _any_number(match: re.Match[str]) -> str:
    if len(match.group()) == 4:
        return r"\d{4}"
    return r"\d+"


def _labels_above(analysis: Analysis, expression: str) -> set[str]:
    """Labels that an expression reads from the cells above a table."""
    first_row = analysis.printed.body[0]
    labels: set[str] = set()
    for (row, _), text in analysis.printed.grid.texts():
        if row < first_row:
            match = re.search(expression, clean(text), re.IGNORECASE)
            if match is not None:
                labels.add(match.group(1))
    return labels
