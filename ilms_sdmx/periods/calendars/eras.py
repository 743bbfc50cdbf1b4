"""Calendars whose years are known by their number alone."""

from __future__ import annotations

from ilms_sdmx.periods.calendars.buddhist import BUDDHIST
from ilms_sdmx.periods.calendars.calendar import Calendar, YearLabel
from ilms_sdmx.periods.calendars.gregorian import GREGORIAN

#: A new era is one more module and one more entry; no two may have a year of the same number.
ERAS: tuple[Calendar, ...] = (BUDDHIST, GREGORIAN)


def common_year(number: int, short_years: str = "") -> tuple[int, str]:
    """Year of the common era, and the sentence that says how; 0 where the number is no year.

    >>> common_year(2566)[0], common_year(66, "buddhist")[0], common_year(66)[0]
    (2023, 2023, 0)
    """
    label = YearLabel(number, short_years=short_years)
    for calendar in ERAS:
        year = calendar.year(label)
        if year is not None:
            return year.period.year, year.evidence
    return 0, ""
