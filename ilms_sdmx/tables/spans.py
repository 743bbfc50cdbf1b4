"""Spans of time and their SDMX lexical form; fiscal years of the region with their changes, as data."""

from __future__ import annotations

import csv
import re
from dataclasses import dataclass
from datetime import date, timedelta
from functools import lru_cache

from ilms_sdmx._files import dsd


@dataclass(frozen=True, slots=True)
class Span:
    """A span that begins on a day and lasts months or days; `form` is how it was printed.

    Forms: `year`, `half`, `quarter`, `month`, `day`, `range` (anything else, fiscal years too).
    """

    first: date
    months: int = 0
    days: int = 0
    form: str = "range"

    @property
    def end(self) -> date:
        """Day after the last one."""
        return _after(self.first, self.months) + timedelta(days=self.days)

    @property
    def lexical(self) -> str:
        """SDMX period: `2019`, `2019-S1`, `2019-Q1`, `2019-03`, `2019-03-31` or `2019-01-01/P9M`."""
        day = self.first
        if self.form == "year" or (self.months == 12 and day.month == day.day == 1):
            return f"{day.year:04d}"
        if self.form == "half" and day.month in {1, 7}:
            return f"{day.year:04d}-S{day.month // 7 + 1}"
        if self.form == "quarter" and day.month in {1, 4, 7, 10}:
            return f"{day.year:04d}-Q{day.month // 3 + 1}"
        if self.months == 1 and day.day == 1:
            return f"{day.year:04d}-{day.month:02d}"
        if self.days == 1 and not self.months:
            return day.isoformat()
        return f"{day.isoformat()}/{self._duration}"

    @property
    def _duration(self) -> str:
        if self.days:
            return f"P{self.days}D"
        return f"P{self.months // 12}Y" if self.months % 12 == 0 else f"P{self.months}M"


#: Lexical forms of a time period in SDMX.
_PERIOD = re.compile(
    r"\d{4}(?:-(?:A1|S[12]|T[1-3]|Q[1-4]|M?(?:0[1-9]|1[0-2])|W(?:0[1-9]|[1-4]\d|5[0-3])|D[0-3]\d{2}|"
    r"(?:0[1-9]|1[0-2])-(?:0[1-9]|[12]\d|3[01])(?:/P[1-9]\d*[YMWD])?))?"
)


def is_period(text: str) -> bool:
    """Whether a text is a time period as SDMX writes it.

    >>> is_period("2019-Q1"), is_period("2016-04-01/P1Y"), is_period("Q1 2019")
    (True, True, False)
    """
    return _PERIOD.fullmatch(text) is not None


def _after(day: date, months: int) -> date:
    count = day.month - 1 + months
    return date(day.year + count // 12, count % 12 + 1, day.day)


def year(number: int) -> Span:
    """Span of a calendar year."""
    return Span(date(number, 1, 1), 12, form="year")


def month(number: int, of_year: int) -> Span:
    """Span of a month."""
    return Span(date(of_year, number, 1), 1, form="month")


def through(first: Span, last: Span) -> Span | None:
    """Span from the first day of one to the last of another, None when it would run backwards."""
    if last.end <= first.first:
        return None
    if first.first.day == 1 and last.end.day == 1:
        months = (last.end.year - first.first.year) * 12 + last.end.month - first.first.month
        return Span(first.first, months)
    return Span(first.first, days=(last.end - first.first).days)


def part(whole: Span, months: int, number: int, form: str) -> Span | None:
    """Part of a year: its quarter or half of a number, None when the year is too short for it."""
    if not 1 <= number * months <= whole.months:
        return None
    return Span(_after(whole.first, (number - 1) * months), months, form=form)


@dataclass(frozen=True, slots=True)
class _FiscalRule:
    label: str
    first: int
    last: int
    start_month: int
    start_offset: int
    months: int
    note: str


@lru_cache(maxsize=1)
def _fiscal_rules() -> dict[str, tuple[_FiscalRule, ...]]:
    rules: dict[str, tuple[_FiscalRule, ...]] = {}
    text = (dsd() / "labels" / "fiscal_years.csv").read_text(encoding="utf-8")
    for row in csv.DictReader(text.splitlines()):
        rule = _FiscalRule(
            row["label"],
            int(row["first"]),
            int(row["last"]),
            int(row["start_month"]),
            int(row["start_offset"]),
            int(row["months"]),
            row["note"],
        )
        rules[row["area"]] = (*rules.get(row["area"], ()), rule)
    return rules


def fiscal_year(area: str, first: int, *, double: bool) -> tuple[Span, str] | None:
    """Span of a fiscal year by its label, and the rule that says so; None where no rule is known.

    Parameters
    ----------
    area
        ISO 3166 alpha-3 code.
    first
        The (first) year of the label, common era.
    double
        Whether the label names two years (`2016-2017`).

    Examples
    --------
    >>> fiscal_year("THA", 2024, double=False)[0].lexical
    '2023-10-01/P1Y'
    >>> fiscal_year("MMR", 2021, double=True)[0].lexical
    '2021-10-01/P6M'
    """
    label = "double" if double else "single"
    for rule in _fiscal_rules().get(area, ()):
        if rule.label == label and rule.first <= first <= rule.last:
            return Span(
                date(first + rule.start_offset, rule.start_month, 1), rule.months
            ), rule.note
    return None
