"""Fiscal years of the region with their changes, as `dsd/labels/fiscal_years.csv` says."""

from __future__ import annotations

import csv
from dataclasses import dataclass
from datetime import date
from functools import lru_cache

from ilms_sdmx._files import dsd
from ilms_sdmx.periods.calendars.calendar import CalendarYear, YearLabel
from ilms_sdmx.periods.making import range_of_months


@dataclass(frozen=True, slots=True)
class FiscalRule:
    """How the fiscal years of a country run for some time.

    Parameters
    ----------
    is_double
        Whether it holds for labels of two years (`2016-2017`) or of one.
    first, last
        First years of the labels that it holds for.
    start_month
        Month with which the years begin.
    start_offset
        Years from that of the label to that in which the fiscal year begins.
    months
        Length; a year of transition may be shorter.
    note
        The rule in words.
    """

    is_double: bool
    first: int
    last: int
    start_month: int
    start_offset: int
    months: int
    note: str

    def holds(self, label: YearLabel) -> bool:
        """Whether the rule is about a label."""
        if self.is_double != label.is_double:
            return False
        return self.first <= label.number <= self.last


class FiscalCalendar:
    """Fiscal years by country; the number of a label is of the common era."""

    name = "fiscal"

    def year(self, label: YearLabel) -> CalendarYear | None:
        """Fiscal year of the country of a label; None where no rule is known.

        Examples
        --------
        >>> FISCAL.year(YearLabel(2024, "THA")).period.text
        '2023-10-01/P1Y'
        >>> FISCAL.year(YearLabel(2021, "MMR", is_double=True)).period.text
        '2021-10-01/P6M'
        """
        for rule in _rules().get(label.area, ()):
            if rule.holds(label):
                start_year = label.number + rule.start_offset
                first = date(start_year, rule.start_month, 1)
                period = range_of_months(first, rule.months)
                return CalendarYear(period, rule.note)
        return None


FISCAL = FiscalCalendar()


@lru_cache(maxsize=1)
def _rules() -> dict[str, tuple[FiscalRule, ...]]:
    """Rules by country, in the order of the file."""
    rules: dict[str, tuple[FiscalRule, ...]] = {}
    file = dsd() / "labels" / "fiscal_years.csv"
    text = file.read_text(encoding="utf-8")
    for row in csv.DictReader(text.splitlines()):
        area = row["area"]
        known_rules = rules.get(area, ())
        rules[area] = (*known_rules, _rule_of_row(row))
    return rules


def _rule_of_row(row: dict[str, str]) -> FiscalRule:
    is_double = row["label"] == "double"
    first = int(row["first"])
    last = int(row["last"])
    start_month = int(row["start_month"])
    start_offset = int(row["start_offset"])
    months = int(row["months"])
    return FiscalRule(is_double, first, last, start_month, start_offset, months, row["note"])
