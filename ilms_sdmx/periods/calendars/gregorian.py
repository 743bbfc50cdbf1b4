"""The Gregorian calendar: years of the common era."""

from __future__ import annotations

from ilms_sdmx.findings import phrase
from ilms_sdmx.periods.calendars.calendar import CalendarYear, YearLabel
from ilms_sdmx.periods.making import calendar_year

#: Years that a table of statistics may speak of.
_YEARS = range(1800, 2201)
#: Two digits below this are years of this century.
_LAST_CENTURY = 70


class GregorianCalendar:
    """Years of the common era."""

    name = "common"

    def year(self, label: YearLabel) -> CalendarYear | None:
        """Year of the common era that a label names."""
        if label.number in _YEARS:
            period = calendar_year(label.number)
            return CalendarYear(period)
        if label.number in range(100) and label.short_years == self.name:
            return _short_year(label.number)
        return None


def _short_year(number: int) -> CalendarYear:
    century = 2000 if number < _LAST_CENTURY else 1900
    full_year = century + number
    evidence = phrase("year-of-two-digits", digits=f"{number:02d}", year=full_year)
    period = calendar_year(full_year)
    return CalendarYear(period, evidence)


GREGORIAN = GregorianCalendar()
