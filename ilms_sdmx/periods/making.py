"""Periods made of years, months and days, in the lexical form that SDMX has for them."""

from __future__ import annotations

from datetime import date

from ilms_sdmx.periods.days import add_months, date_of, day_number
from ilms_sdmx.periods.period import Period

#: Months of a reporting period to its letter and the name of its kind.
_REPORTING = {6: ("S", "ReportingSemester"), 3: ("Q", "ReportingQuarter")}


def calendar_year(year: int) -> Period:
    """Period of a calendar year: `2019`."""
    start, end = day_number(year, 1, 1), day_number(year + 1, 1, 1)
    return Period(f"{year:04d}", "GregorianYear", year, start, end, months=12)


def calendar_month(year: int, month: int) -> Period:
    """Period of a month: `2019-03`.

    Raises
    ------
    ValueError
        The year has no such month.
    """
    start = day_number(year, month, 1)
    end = add_months(start, 1)
    return Period(f"{year:04d}-{month:02d}", "GregorianYearMonth", year, start, end, months=1)


def calendar_day(year: int, month: int, day: int) -> Period:
    """Period of a day: `2019-03-31`.

    Raises
    ------
    ValueError
        The month has no such day.
    """
    start = day_number(year, month, day)
    return Period(date_of(start).isoformat(), "GregorianDay", year, start, start + 1)


def range_of_months(first: date, months: int) -> Period:
    """Period of some months from a day: `2019-01-01/P9M`, or the year or month that it is.

    >>> range_of_months(date(2019, 4, 1), 12).text, range_of_months(date(2019, 1, 1), 12).text
    ('2019-04-01/P1Y', '2019')
    """
    if months == 12 and (first.month, first.day) == (1, 1):
        return calendar_year(first.year)
    if months == 1 and first.day == 1:
        return calendar_month(first.year, first.month)
    years, rest = divmod(months, 12)
    duration = f"P{months}M" if rest else f"P{years}Y"
    text = f"{first.isoformat()}/{duration}"
    start = first.toordinal()
    return Period(
        text, "TimeRange", first.year, start, add_months(start, months), months=months
    )


def range_of_days(first: date, days: int) -> Period:
    """Period of some days from a day: `2017-07-24/P15D`."""
    if days == 1:
        return calendar_day(first.year, first.month, first.day)
    start = first.toordinal()
    text = f"{first.isoformat()}/P{days}D"
    return Period(text, "TimeRange", first.year, start, start + days)


def through(first: Period, last: Period) -> Period | None:
    """Period from the first day of one to the last of another; None where it would run backwards."""
    if last.end <= first.start:
        return None
    begin, end = first.first, date_of(last.end)
    if begin.day == 1 and end.day == 1:
        months = (end.year - begin.year) * 12 + end.month - begin.month
        return range_of_months(begin, months)
    return range_of_days(begin, last.end - first.start)


def part_of_year(whole: Period, months: int, number: int) -> Period | None:
    """Quarter or half of a year by its number; None where the year is too short for it.

    >>> part_of_year(calendar_year(2019), 3, 2).text
    '2019-Q2'
    """
    if not 1 <= number * months <= whole.months:
        return None
    start = add_months(whole.start, (number - 1) * months)
    first = date_of(start)
    if first.day != 1 or (first.month - 1) % months:
        return range_of_months(first, months)
    letter, kind = _REPORTING[months]
    text = f"{first.year:04d}-{letter}{first.month // months + 1}"
    return Period(text, kind, first.year, start, add_months(start, months), months=months)
