"""The Buddhist Era of Thailand, Laos and Cambodia: 2566 is 2023."""

from __future__ import annotations

from ilms_sdmx.findings import phrase
from ilms_sdmx.periods.calendars.calendar import CalendarYear, YearLabel
from ilms_sdmx.periods.making import calendar_year

#: Years that a table of statistics may speak of.
_YEARS = range(2400, 2701)
_YEARS_BEFORE_COMMON_ERA = 543
_CENTURY = 2500


class BuddhistCalendar:
    """Years of the Buddhist Era, which begin on 1 January."""

    name = "buddhist"

    def year(self, label: YearLabel) -> CalendarYear | None:
        """Year of the Buddhist Era that a label names."""
        if label.number in _YEARS:
            common_year = label.number - _YEARS_BEFORE_COMMON_ERA
            evidence = phrase("buddhist-year", number=label.number, year=common_year)
            period = calendar_year(common_year)
            return CalendarYear(period, evidence)
        if label.number in range(100) and label.short_years == self.name:
            return _short_year(label.number)
        return None


def _short_year(number: int) -> CalendarYear:
    common_year = _CENTURY + number - _YEARS_BEFORE_COMMON_ERA
    digits = f"{number:02d}"
    evidence = phrase("buddhist-year-of-two-digits", digits=digits, year=_CENTURY + number)
    period = calendar_year(common_year)
    return CalendarYear(period, evidence)


BUDDHIST = BuddhistCalendar()
