"""What tells the sheets of one table apart: a period in names or titles, or the names."""

from __future__ import annotations

import re
from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass, replace

from ilms_sdmx.drafting.recognition.headed import HeadedTable
from ilms_sdmx.drafting.recognition.headings import Heading, heading_of
from ilms_sdmx.drafting.recognition.phrases import (
    expression_of,
    same_end,
    same_start,
)
from ilms_sdmx.periods import PrintedPeriod, find_period, read_period
from ilms_sdmx.words import alternation
from ilms_sdmx.words.runs import shortest_run
from ilms_sdmx.words.text import clean, folded

#: Names that programs give to sheets, and bare numbers: they say nothing of the figures.
_UNNAMED = re.compile(rf"(?:{alternation('sheet')})?[\s_.-]*\d{{0,3}}[a-z]?")
#: Forms of a label in a text, the narrowest first.
_FORMS = (r"\d{4}", r"\D+\s\d{4}", r"\d{4}\D+", r".+?", r".+")
#: Most letters before and after a label that an expression names.
_BEFORE, _AFTER = 40, 20


@dataclass(frozen=True)
class Axis:
    """What tells the sheets of one table apart.

    Parameters
    ----------
    heading
        Its labels, one a sheet.
    sheet, text
        Expression of the label in the name of the sheet, or in a cell of it; both empty where
        the label is the name of the sheet itself.
    why
        Evidence or question.
    """

    heading: Heading
    sheet: str = ""
    text: str = ""
    why: str = ""


@dataclass(frozen=True)
class Joint:
    """Whether tables on several sheets are one table, and what tells its sheets apart.

    Parameters
    ----------
    is_one_table
        Whether they are one table.
    axis
        What tells the sheets apart, None where the periods of the table itself do.
    """

    is_one_table: bool
    axis: Axis | None = None


SEVERAL_TABLES = Joint(is_one_table=False)

#: Whether an expression gives the labels of all sheets.
Holds = Callable[[str, Sequence[str]], bool]


def joint_of(group: Sequence[HeadedTable], area: str, languages: tuple[str, ...]) -> Joint:
    """Whether tables of one shape are one, and what tells their sheets apart."""
    if group[0].heading_of("period") is None:
        axis = _axis_of_period(group, area, "period")
        if axis:
            return Joint(True, axis)
        return _joint_of_names(group, area, languages)
    if _lack_years(group, area):
        axis = _axis_of_period(group, area, "year")
        if axis:
            return Joint(True, axis)
        return SEVERAL_TABLES
    period_labels = {table.period_labels for table in group}
    if len(period_labels) == len(group):
        return Joint(is_one_table=True)
    return _joint_of_names(group, area, languages)


def _lack_years(group: Iterable[HeadedTable], area: str) -> bool:
    """Whether most periods of tables are months or quarters without a year."""
    lacking: list[bool] = []
    for table in group:
        for label in table.period_labels:
            period = read_period(label, area=area)
            lacking.append(period.lacks_year)
    return lacking.count(True) * 2 > len(lacking)


@dataclass(frozen=True)
class _Texts:
    """Texts of the sheets of a group, which may say their periods.

    Parameters
    ----------
    texts
        Names or titles, one a sheet.
    periods
        Period of each.
    area
        Country of the texts.
    """

    texts: tuple[str, ...]
    periods: tuple[PrintedPeriod, ...]
    area: str

    @property
    def lexical(self) -> list[str]:
        """SDMX periods, empty where a text says none."""
        return [period.time_period for period in self.periods]

    @property
    def are_distinct(self) -> bool:
        """Whether each text says a period, and no two the same."""
        periods = self.lexical
        distinct = set(periods)
        if not all(periods):
            return False
        return len(distinct) == len(periods)

    @property
    def are_months(self) -> bool:
        """Whether each text is a month or quarter without a year."""
        return all(period.lacks_year for period in self.periods)

    @property
    def labels(self) -> list[str]:
        """Shortest run of words of each text that says its period."""
        labels: list[str] = []
        for text, period in zip(self.texts, self.periods, strict=True):
            labels.append(_period_in_text(text, period, self.area))
        return labels

    def axis(self, name: str, holds: Holds, why: str) -> Axis:
        """Axis of the labels in the texts, of the whole texts without an expression."""
        labels = self.labels
        expression = _expression(self.texts, labels, holds)
        distinct_labels = dict.fromkeys(labels if expression else self.texts)
        heading = Heading(name, "period", tuple(distinct_labels))
        return Axis(heading, text=expression, why=why)


def _texts(texts: Sequence[str], area: str) -> _Texts:
    """Texts with the periods that they say."""
    periods: list[PrintedPeriod] = []
    for text in texts:
        periods.append(find_period(text, area=area))
    return _Texts(tuple(texts), tuple(periods), area)


def _axis_of_period(group: Sequence[HeadedTable], area: str, name: str) -> Axis | None:
    """Axis of time: by the names of the sheets, or by titles where they say more."""
    names = _texts([table.sheet for table in group], area)
    titles = _texts([_title_of_period(table, area) for table in group], area)
    titles_tell = all(titles.texts) and titles.are_distinct
    titles_say_more = titles_tell and titles.lexical != names.lexical
    if names.are_distinct and not titles_say_more:
        return _axis_in_names(names, name)
    if titles_tell:
        return _axis_in_titles(group, titles, name)
    distinct_names = set(map(folded, names.texts))
    if names.are_months and len(distinct_names) == len(group):
        return _axis_in_names(names, name)
    return None


def _title_of_period(table: HeadedTable, area: str) -> str:
    """Nearest text above a table that says a period, empty for none."""
    for text in table.titles:
        title = clean(text)
        period = find_period(title, area=area)
        if period.time_period:
            return title
    return ""


def _axis_in_names(names: _Texts, name: str) -> Axis:
    """Axis whose labels are in the names of the sheets."""

    def holds(expression: str, labels: Sequence[str]) -> bool:
        """Whether each name gives its label."""
        for sheet, label in zip(names.texts, labels, strict=True):
            match = re.search(expression, sheet, re.IGNORECASE)
            if match is None or match.group(1) != label:
                return False
        return True

    axis = names.axis(name, holds, "the period is in the name of the sheet")
    return replace(axis, sheet=axis.text, text="")


def _axis_in_titles(group: Sequence[HeadedTable], titles: _Texts, name: str) -> Axis:
    """Axis whose labels are in the titles of the sheets."""

    def holds(expression: str, labels: Sequence[str]) -> bool:
        """Whether the first cell above each table that matches gives its label."""
        read_labels = [_first_match_above(table, expression) for table in group]
        return read_labels == list(labels)

    return titles.axis(name, holds, "the period is in the title")


def _first_match_above(table: HeadedTable, expression: str) -> str | None:
    """Label that an expression reads from the first cell above a table that it means."""
    first_row = table.body[0]
    regex = re.compile(expression, re.IGNORECASE)
    for (row, _), text in table.printed.grid.texts():
        if row >= first_row:
            continue
        match = regex.search(clean(text))
        if match is not None:
            return match.group(1)
    return None


def _period_in_text(text: str, period: PrintedPeriod, area: str) -> str:
    """Shortest run of words that says the period of a text; the whole text where none does."""
    whole_text = clean(text)
    if not period.time_period:
        return whole_text

    def says_period(run: str) -> bool:
        read = read_period(run, area=area)
        return read.time_period == period.time_period

    return shortest_run(text, says_period) or whole_text


def _expression(texts: Iterable[str], labels: Sequence[str], holds: Holds) -> str:
    """Expression whose group is the label in each text, empty where none was found."""
    before: list[str] = []
    after: list[str] = []
    for text, label in zip(map(clean, texts), labels, strict=True):
        place = text.index(label)
        end = place + len(label)
        before.append(text[:place])
        after.append(text[end:])
    left = expression_of(same_end(before)[-_BEFORE:])
    right = expression_of(same_start(after)[:_AFTER])
    if not any(before):
        left = f"^{left}"
    if not any(after):
        right = f"{right}$"
    for form in _FORMS:
        expression = f"{left}({form}){right}"
        if holds(expression, labels):
            return expression
    return ""


def _joint_of_names(
    group: Sequence[HeadedTable], area: str, languages: tuple[str, ...]
) -> Joint:
    """Joint by the names of the sheets where they are labels: states, sexes, countries."""
    names = [table.sheet for table in group]
    for name in names:
        if _UNNAMED.fullmatch(folded(name)):
            return SEVERAL_TABLES
    topics = set(map(_topic, group))
    if len(set(names)) < len(names) or len(topics) > 1:
        return SEVERAL_TABLES
    heading = heading_of(names, area, languages, above=False)
    if heading.role in {"period", "measure"}:
        heading = replace(heading, role="category")
    question = ""
    if heading.role == "category":
        question = "decide: what do the names of the sheets say?"
    return Joint(True, Axis(replace(heading, name="sheet"), why=question))


def _topic(table: HeadedTable) -> str:
    """Words near a table but for the name of the sheet and for numbers."""
    words = folded(" ".join(table.near))
    words = words.replace(folded(table.sheet), "")
    return re.sub(r"[\d\W]+", " ", words).strip()
