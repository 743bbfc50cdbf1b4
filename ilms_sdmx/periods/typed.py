"""Periods of what a program holds: numbers that are years, dates, and periods of pandas."""

from __future__ import annotations

from datetime import date, datetime, time
from typing import Any

from ilms_sdmx.periods import making
from ilms_sdmx.periods.frequencies import MONTHS
from ilms_sdmx.periods.lexical import parse_period
from ilms_sdmx.periods.period import Period

#: Years that a number may be.
_YEARS = range(1000, 10_000)
#: Months of the periods that are parts of a year.
_PARTS = (6, 3)
_WEEK = 7
_MIDNIGHT = time()


def period_of_value(value: Any, frequency: str = "") -> str:
    """Lexical form of a year as a number, a date or moment, a period of pandas, or a text.

    A date on which a period of the frequency begins is that period; any other is the day
    itself. A moment keeps its time of day.

    Parameters
    ----------
    value
        A whole number, a float that is one, `datetime.date`, `datetime.datetime`,
        `pandas.Timestamp`, `pandas.Period`, or a text that is a period of SDMX already.
    frequency
        Code of FREQ of the series, empty where it is not known.

    Raises
    ------
    ValueError
        It is no period, or nobody can say which one; the message says why.

    Examples
    --------
    >>> period_of_value(2022.0), period_of_value(date(2022, 1, 1), "A")
    ('2022', '2022')
    >>> period_of_value(date(2022, 4, 1), "Q"), period_of_value(date(2022, 12, 31), "A")
    ('2022-Q2', '2022-12-31')
    """
    if isinstance(value, str):
        return _of_text(value.strip())
    if isinstance(value, bool):
        raise ValueError("it is no period")
    if hasattr(value, "start_time") and hasattr(value, "end_time"):
        return _of_span(value.start_time, value.end_time)
    if isinstance(value, datetime):
        return _of_moment(value, frequency)
    if isinstance(value, date):
        return _of_day(value, frequency)
    return _of_number(value)


def _of_text(text: str) -> str:
    if parse_period(text) is None:
        raise ValueError("it is no period of SDMX, such as 2022, 2022-Q1 or 2022-01")
    return text


def _of_number(value: Any) -> str:
    try:
        year = int(value)
    except (TypeError, ValueError, OverflowError):
        raise ValueError("it is no period") from None
    if year != value:
        raise ValueError("it is no whole year")
    if year not in _YEARS:
        raise ValueError("it is no year of four digits")
    return making.calendar_year(year).text


def _of_day(day: date, frequency: str) -> str:
    """Period of the frequency that begins on a day, or the day."""
    months = MONTHS.get(frequency, 0)
    period = _beginning(day, months)
    if period is not None:
        return period.text
    if frequency == "W" and day.isoweekday() == 1:
        return _week(day)
    return _calendar_day(day).text


def _calendar_day(day: date) -> Period:
    return making.calendar_day(day.year, day.month, day.day)


def _of_moment(moment: datetime, frequency: str) -> str:
    """Day of a moment at which one begins, else the moment."""
    if moment.tzinfo is None and moment.time() == _MIDNIGHT:
        day = moment.date()
        return _of_day(day, frequency)
    text = moment.isoformat()
    in_utc = text.replace("+00:00", "Z")
    return _of_text(in_utc)


def _beginning(day: date, months: int) -> Period | None:
    """Period of so many months that begins on a day, by the calendar; None for none."""
    if day.day != 1 or not months:
        return None
    number, rest = divmod(day.month - 1, months)
    if rest:
        return None
    if months in _PARTS:
        year = making.calendar_year(day.year)
        return making.part_of_year(year, months, number + 1)
    return making.range_of_months(day, months)


def _week(monday: date) -> str:
    year, week, _ = monday.isocalendar()
    return f"{year:04d}-W{week:02d}"


def _of_span(start: datetime, end: datetime) -> str:
    """Period between two moments, the last of which is the end of a day."""
    begins_day = start.time() == _MIDNIGHT
    ends_day = (end.hour, end.minute) == (23, 59)
    if not begins_day or not ends_day:
        raise ValueError("it is part of a day")
    first = _calendar_day(start.date())
    last = _calendar_day(end.date())
    whole = making.through(first, last)
    if whole is None:
        raise ValueError("it ends before it begins")
    if whole.days == _WEEK and start.isoweekday() == 1:
        return _week(start.date())
    part = _beginning(start.date(), whole.months)
    return (part or whole).text
