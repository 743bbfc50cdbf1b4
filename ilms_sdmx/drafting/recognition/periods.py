"""Periods of a table: what its labels say alone, with their title, or with the rows above."""

from __future__ import annotations

import re
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field, replace

from ilms_sdmx.conversion.filling.dates import dates_of
from ilms_sdmx.drafting.recognition.headed import HeadedTable
from ilms_sdmx.drafting.recognition.headings import Heading
from ilms_sdmx.drafting.recognition.roles import NO_COUNTS, Roles
from ilms_sdmx.findings import is_phrase
from ilms_sdmx.labels.rows import row_kind
from ilms_sdmx.periods import (
    Period,
    PrintedPeriod,
    find_period,
    find_periods,
    parse_period,
    read_period,
    year_written,
)
from ilms_sdmx.periods.tokens import read_tokens
from ilms_sdmx.words import alternation, says
from ilms_sdmx.words.text import clean, western_digits

#: Several years in a title, `2021, 2022 and 2023`, and the part of a year that is said of them.
_YEARS = re.compile(
    rf"(\d{{4}})(?:(?:\s*[,;&-]\s*|\s+{alternation('and', 'years_to')}\s+)+\d{{4}})+",
    re.IGNORECASE,
)
_YEAR = re.compile(r"\d{4}")
#: Number behind a word of the name of a file: `Table_5`, which is no day.
_NUMBER_OF_NAME = re.compile(r"(?<=[^\W\d_]{3})_?\d{1,3}(?!\d)")
#: Countries whose tables print years of the Buddhist Era next to those of the common era.
_TWO_CALENDARS = frozenset({"THA", "LAO", "KHM"})
#: Evidence of months and quarters that name no year.
YEAR_OF_TITLE = "the year of the title"


@dataclass(frozen=True)
class Decision:
    """Value that a draft decides, or asks for.

    Parameters
    ----------
    value
        SDMX period or label, empty where a person must say it.
    evidence
        What says it.
    question
        What a person must decide, empty where the evidence is enough.
    """

    value: str
    evidence: str = ""
    question: str = ""

    @property
    def why(self) -> str:
        """Evidence or question, for a comment."""
        if self.question:
            return f"decide: {self.question}"
        return self.evidence


@dataclass(frozen=True)
class TablePeriods:
    """Periods of a table.

    Parameters
    ----------
    decided
        Labels that do not say their period alone, each with its period.
    constant
        Period of a table that no heading says, None for none.
    headings
        Names of the headings of months or quarters and of their years, where both are there.
    doubt
        Why a title speaks of time but says no period, empty for none.
    """

    decided: Mapping[str, Decision] = field(default_factory=dict)
    constant: PrintedPeriod | None = None
    headings: tuple[str, ...] = ()
    doubt: str = ""

    @property
    def constant_period(self) -> str:
        """SDMX period of the whole table, empty for none."""
        if not self.constant:
            return ""
        return self.constant.time_period


def periods_of(table: HeadedTable, roles: Roles, area: str, file: str = "") -> TablePeriods:
    """Periods of labels that do not say them alone, and of a table without any heading.

    Where no title says a period, the name of the file may.
    """
    periods_of_titles = _periods_of_titles(table, area) or _periods_of_file(file, area)
    heading = table.heading_of("period")
    if heading is None:
        doubt = table.time_question or _doubt_of_titles(table, area)
        constant = None
        if periods_of_titles and not doubt:
            constant = periods_of_titles[0]
            doubt = _doubt_of_sheet(constant, table.sheet, area)
        if doubt:
            constant = None
        return TablePeriods(constant=constant, doubt=doubt)
    names: tuple[str, ...] = ()
    headings = [other for other in table.headings if other.role == "period"]
    without_year = _first_without_year(headings, area)
    if without_year is not None and len(headings) > 1:
        heading = headings[1] if headings[0] is without_year else headings[0]
        names = (without_year.name, heading.name)
    context = _context(table, periods_of_titles, area)
    decided = context.decided(_labels(heading, roles))
    decided.update(_all_years(heading, decided, area))
    return TablePeriods(decided, headings=names)


def _titles(table: HeadedTable) -> list[str]:
    """Words above a table and the name of its sheet, that may say a period."""
    return [*table.titles, table.sheet]


def _periods_of_titles(table: HeadedTable, area: str) -> list[PrintedPeriod]:
    """Periods that titles say, the nearest first."""
    periods: list[PrintedPeriod] = []
    for title in _titles(table):
        period = find_period(clean(title), area=area)
        if period.time_period:
            periods.append(period)
    return periods


def _periods_of_file(file: str, area: str) -> list[PrintedPeriod]:
    """Period that the name of a file says, under the name; none where it says none.

    >>> [period.time_period for period in _periods_of_file("Table_5 January 2019.xlsx", "")]
    ['2019-01']
    """
    name, _, _ = file.rpartition(".")
    words = _NUMBER_OF_NAME.sub("", name).replace("_", " ")
    period = find_period(clean(words), area=area)
    if not period.time_period:
        return []
    return [replace(period, label=file)]


def _doubt_of_titles(table: HeadedTable, area: str) -> str:
    """Why the nearest title that speaks of time says no period, empty where it says one."""
    for title in table.near:
        period = find_period(clean(title), area=area)
        if period.time_period:
            return ""
        if period.is_open:
            return f"{title!r}: {period.reason}"
    return ""


def _doubt_of_sheet(constant: PrintedPeriod, sheet: str, area: str) -> str:
    """Why the period of a title is in doubt: the name of the sheet says another one."""
    period = parse_period(constant.time_period)
    periods_of_sheet = find_periods(clean(sheet), area=area)
    if period is None or not periods_of_sheet:
        return ""
    for other in periods_of_sheet:
        if period.overlaps(other):
            return ""
    said = periods_of_sheet[0].text
    return f"{constant.time_period} by {constant.label!r}, or {said} by the sheet {sheet!r}?"


def _first_without_year(headings: Iterable[Heading], area: str) -> Heading | None:
    """First heading of which most labels are months or quarters without a year."""
    for heading in headings:
        lacking = [read_period(label, area=area).lacks_year for label in heading.labels]
        if lacking.count(True) * 2 > len(lacking):
            return heading
    return None


def _labels(heading: Heading, roles: Roles) -> list[str]:
    """Labels of a heading but those that no figure to be written is under."""
    left_out: set[str] = set()
    for role in roles.of(heading.name):
        if role.bucket in NO_COUNTS or role.sex:
            left_out.add(role.label)
    return [label for label in heading.labels if label not in left_out]


@dataclass(frozen=True)
class _Context:
    """What the titles of a table say of all its periods.

    Parameters
    ----------
    area
        Country, whose fiscal years are known.
    year
        Of the first title that says a period, 0 for none.
    is_fiscal
        Whether years are fiscal ones.
    year_end
        Title that says that figures are of the end of the year.
    part, part_title
        Part of a year that a title says of several years, and the title.
    dates
        Printed form of each real date to its period.
    """

    area: str
    year: int
    is_fiscal: bool
    year_end: str
    part: str
    part_title: str
    dates: Mapping[str, str]

    def decided(self, labels: Iterable[str]) -> dict[str, Decision]:
        """Periods of the labels that do not say them alone."""
        decided: dict[str, Decision] = {}
        year_above = 0
        for label in labels:
            period = read_period(label, area=self.area, fiscal=self.is_fiscal)
            if label in self.dates:
                decided[label] = Decision(self.dates[label], "the date in the cell")
                continue
            if period.time_period:
                year_above = year_written(period.time_period)
            one = self._decide(label, period, year_above)
            if one is not None:
                decided[label] = one
        return decided

    def _decide(self, label: str, period: PrintedPeriod, year_above: int) -> Decision | None:
        """Period of a label; None where the label says it alone."""
        if self.part and _is_named(label, period, self.part_title):
            question = f"{self.part_title!r} says a part of the year"
            return Decision(period.time_period + self.part, question=question)
        if period.lacks_year:
            return self._with_year(label, year_above)
        if self.is_fiscal and period.time_period and "declare" in read_period(label).reason:
            return Decision(period.time_period, period.evidence[-1])
        if self.year_end and _YEAR.fullmatch(period.time_period):
            return Decision(f"{period.time_period}-12", f"{self.year_end!r}")
        if is_phrase(period.reason, "short-year"):
            return self._of_short_year(label)
        if period.time_period or row_kind(label).kind == "total":
            return None
        if _YEAR.fullmatch(western_digits(label)):
            return Decision("", question="a year of which calendar? Its period")
        return Decision("", question=period.reason)

    def _with_year(self, label: str, year_above: int) -> Decision:
        """Period of a month or quarter in the year of the row above, or of the title."""
        year = year_above or self.year
        period = read_period(label, area=self.area, year=year)
        if not period.time_period:
            return Decision("", question=period.reason)
        if year_above:
            return Decision(period.time_period, question="the year of the row above")
        return Decision(period.time_period, YEAR_OF_TITLE)

    def _of_short_year(self, label: str) -> Decision:
        """Period of a year of two digits; a question where two calendars are in use."""
        period = read_period(label, area=self.area, short_years="common").time_period
        if self.area not in _TWO_CALENDARS:
            return Decision(period, question="two digits read as common years")
        other = read_period(label, area=self.area, short_years="buddhist").time_period
        return Decision("", question=f"two digits: {other} (Buddhist Era) or {period}?")


def _context(
    table: HeadedTable, periods_of_titles: Sequence[PrintedPeriod], area: str
) -> _Context:
    """Context of the periods of a table."""
    titles = _titles(table)
    year = 0
    if periods_of_titles:
        year = year_written(periods_of_titles[0].time_period)
    heads_of_stubs = table.printed.texts(table.printed.header, table.printed.stubs)
    texts = (*titles, *heads_of_stubs)
    is_fiscal = any("F" in read_tokens(text).shape for text in texts)
    year_end = ""
    for title in titles:
        if says(title, "year_end"):
            year_end = title
            break
    part, part_title = _part_of_years(titles, area)
    dates = _short_dates(table)
    return _Context(area, year, is_fiscal, year_end, part, part_title, dates)


def _short_dates(table: HeadedTable) -> dict[str, str]:
    """Periods of real dates whose printed form does not say them: `Dec-17`."""
    dates: dict[str, str] = {}
    for text, period in dates_of(table.printed.grid.cells.values()).items():
        if not read_period(text).time_period:
            dates[text] = period
    return dates


def _all_years(
    heading: Heading, decided: Mapping[str, Decision], area: str
) -> dict[str, Decision]:
    """Span of all years for the total below years that follow one another."""
    years: list[int] = []
    totals: list[str] = []
    for label in heading.labels:
        period = read_period(label, area=area).time_period
        is_year = _YEAR.fullmatch(period)
        if is_year and label not in decided:
            years.append(int(period))
        kind = row_kind(label).kind
        if not period and kind == "total":
            totals.append(label)
    years.sort()
    count = len(years)
    others = len(heading.labels) - 1
    is_one_total = len(totals) == 1 and count == others
    if not is_one_total or count < 2:
        return {}
    first = years[0]
    last = years[-1]
    if last - first != count - 1:
        return {}
    total = totals[0]
    span = f"{first}-01-01/P{count}Y"
    return {total: Decision(span, question="all the years together")}


def _is_named(label: str, period: PrintedPeriod, title: str) -> bool:
    """Whether a title names the year that a label is."""
    if not _YEAR.fullmatch(period.time_period):
        return False
    years_of_title = _YEAR.findall(western_digits(title))
    years_of_label = _YEAR.findall(western_digits(label))
    return not {period.time_period, *years_of_label}.isdisjoint(years_of_title)


def _part_of_years(titles: Iterable[str], area: str) -> tuple[str, str]:
    """Part of a year that a title says of all its years (`-01-01/P6M`), and the title."""
    for text in titles:
        title = clean(text)
        first_year_alone = _YEARS.sub(r"\1", title)
        period = parse_period(find_period(first_year_alone, area=area).time_period)
        if period is not None and _is_part_of_year(period):
            return period.text[4:], title
    return "", ""


def _is_part_of_year(period: Period) -> bool:
    """Whether a period is a quarter, a half or some months of a year."""
    if period.is_point:
        return False
    return period.months in range(1, 12)
