"""Periods made of years, months and days, in the lexical form that SDMX has for them."""

from __future__ import annotations

from datetime import date

from ilms_sdmx.periods.days import add_months, date_of, day_number
from ilms_sdmx.periods.period import Period

#: Months of a reporting period to its letter and the name of its kind.
_REPORTING = {6: ("S", "ReportingSemester"), 3: ("Q", "ReportingQuarter")}


def calendar_year(year: int) -> Period:
    """Period of a calendar year: `2019`."""
    text = f"{year:04d}"
    start = day_number(year, 1, 1)
    end = day_number(year + 1, 1, 1)
    return Period(text, "GregorianYear", year, start, end, months=12)


def calendar_month(year: int, month: int) -> Period:
    """Period of a month: `2019-03`.

    Raises
    ------
    ValueError
        The year has no such month.
    """
    start = day_number(year, month, 1)
    end = add_months(start, 1)
    text = f"{year:04d}-{month:02d}"
    return Period(text, "GregorianYearMonth", year, start, end, months=1)


def calendar_day(year: int, month: int, day: int) -> Period:
    """Period of a day: `2019-03-31`.

    Raises
    ------
    ValueError
        The month has no such day.
    """
    start = day_number(year, month, day)
    text = date_of(start).isoformat()
    return Period(text, "GregorianDay", year, start, start + 1)


def longest_from(day: date) -> Period:
    """Longest period of the calendar that begins on a day: a year, a month or the day.

    >>> [longest_from(date(2017, month, 1)).text for month in (1, 3)]
    ['2017', '2017-03']
    """
    if day.day != 1:
        return calendar_day(day.year, day.month, day.day)
    if day.month != 1:
        return calendar_month(day.year, day.month)
    return calendar_year(day.year)


def longest_until(day: date) -> Period:
    """Longest period of the calendar that ends with a day: a year, a month or the day.

    >>> [longest_until(date(2017, *end)).text for end in ((12, 31), (6, 30), (6, 29))]
    ['2017', '2017-06', '2017-06-29']
    """
    month = calendar_month(day.year, day.month)
    if month.last != day:
        return calendar_day(day.year, day.month, day.day)
    if day.month != 12:
        return month
    return calendar_year(day.year)


def range_of_months(first: date, months: int) -> Period:
    """Period of some months from a day: `2019-01-01/P9M`, or the year or month that it is.

    >>> range_of_months(date(2019, 4, 1), 12).text, range_of_months(date(2019, 1, 1), 12).text
    ('2019-04-01/P1Y', '2019')
    """
    begins_month = first.day == 1
    begins_year = begins_month and first.month == 1
    if begins_year and months == 12:
        return calendar_year(first.year)
    if begins_month and months == 1:
        return calendar_month(first.year, first.month)
    text = f"{first.isoformat()}/{_duration(months)}"
    start = first.toordinal()
    end = add_months(start, months)
    return Period(text, "TimeRange", first.year, start, end, months=months)


def _duration(months: int) -> str:
    years, rest = divmod(months, 12)
    if rest:
        return f"P{months}M"
    return f"P{years}Y"


def range_of_days(first: date, days: int) -> Period:
    """Period of some days from a day: `2017-07-24/P15D`."""
    if days == 1:
        return calendar_day(first.year, first.month, first.day)
    start = first.toordinal()
    text = f"{first.isoformat()}/P{days}D"
    return Period(text, "TimeRange", first.year, start, start + days)


def through_days(first: date, following: date) -> Period:
    """Period from a day to the one before another: `2017-09-21/P355D`."""
    return range_of_days(first, following.toordinal() - first.toordinal())


def through(first: Period, last: Period) -> Period | None:
    """Period from the first day of one to the last of another; None where it runs backwards."""
    days = last.end - first.start
    if days <= 0:
        return None
    begin = first.first
    end = date_of(last.end)
    if begin.day == 1 and end.day == 1:
        years = end.year - begin.year
        months = years * 12 + end.month - begin.month
        return range_of_months(begin, months)
    return range_of_days(begin, days)


def part_of_year(whole: Period, months: int, number: int) -> Period | None:
    """Quarter or half of a year by its number; None where the year is too short for it.

    >>> part_of_year(calendar_year(2019), 3, 2).text
    '2019-Q2'
    """
    months_to_end = number * months
    if not 1 <= months_to_end <= whole.months:
        return None
    start = add_months(whole.start, months_to_end - months)
    first = date_of(start)
    place, months_before = divmod(first.month - 1, months)
    if first.day != 1 or months_before:
        return range_of_months(first, months)
    letter, kind = _REPORTING[months]
    text = f"{first.year:04d}-{letter}{place + 1}"
    end = add_months(start, months)
    return Period(text, kind, first.year, start, end, months=months)
