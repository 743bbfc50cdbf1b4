"""SDMX periods and reference dates as spans of days."""

from __future__ import annotations

import calendar
import re
from datetime import date, timedelta

_YEAR = re.compile(r"^(\d{4})(?:-A1)?$")
_PART = re.compile(r"^(\d{4})-?([SHTQM])(\d{1,2})$")
_MONTH = re.compile(r"^(\d{4})-(\d{2})$")
_DAY = re.compile(r"^(\d{4})-(\d{2})-(\d{2})(?:T.*)?$")
_WEEK = re.compile(r"^(\d{4})-W(\d{1,2})$")
_RANGE = re.compile(r"^(\d{4}-\d{2}-\d{2})(?:T[^/]*)?/P(?:(\d+)Y)?(?:(\d+)M)?(?:(\d+)D)?$")
_MONTHS = {"S": 6, "H": 6, "T": 4, "Q": 3, "M": 1}


def span(period: str) -> tuple[int, int] | None:
    """First and last day of a period as ordinals; None where the text is no SDMX period.

    Examples
    --------
    >>> from datetime import date
    >>> from ilms_sdmx.comparison.dates import span
    >>> [date.fromordinal(day).isoformat() for day in span("2020-Q2")]
    ['2020-04-01', '2020-06-30']
    """
    try:
        return _span(period)
    except (ValueError, OverflowError):
        return None


def middle(period: str) -> int | None:
    """Ordinal of the middle day of a period: 1 July for a year."""
    days = span(period)
    return None if days is None else days[0] + max(0, days[1] - days[0] - 1) // 2


def _span(period: str) -> tuple[int, int] | None:
    if found := _YEAR.match(period):
        return _months(int(found[1]), 1, 12)
    if found := _PART.match(period):
        length = _MONTHS[found[2]]
        return _months(int(found[1]), (int(found[3]) - 1) * length + 1, length)
    if found := _MONTH.match(period):
        return _months(int(found[1]), int(found[2]), 1)
    if found := _DAY.match(period):
        day = date(*map(int, found.groups())).toordinal()
        return day, day
    if found := _WEEK.match(period):
        monday = date.fromisocalendar(int(found[1]), int(found[2]), 1).toordinal()
        return monday, monday + 6
    return _range(period)


def _months(year: int, month: int, length: int) -> tuple[int, int]:
    last_year, last_month = divmod(year * 12 + month + length - 2, 12)
    last_day = calendar.monthrange(last_year, last_month + 1)[1]
    return date(year, month, 1).toordinal(), date(
        last_year, last_month + 1, last_day
    ).toordinal()


def _range(period: str) -> tuple[int, int] | None:
    found = _RANGE.match(period)
    if not found:
        return None
    first = date.fromisoformat(found[1])
    years, months, days = (int(n or 0) for n in found.groups()[1:])
    year, month = divmod(first.year * 12 + first.month - 1 + years * 12 + months, 12)
    day = min(first.day, calendar.monthrange(year, month + 1)[1])
    return first.toordinal(), (date(year, month + 1, day) + timedelta(days)).toordinal() - 1
