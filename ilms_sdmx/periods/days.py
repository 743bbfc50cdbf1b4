"""Days as numbers: day 1 is 0001-01-01 of the Gregorian calendar, for years of any size."""

from __future__ import annotations

import calendar
from datetime import date, timedelta

#: Years after which the Gregorian calendar repeats, and their days.
_CYCLE_YEARS, _CYCLE_DAYS = 400, 146_097


def day_number(year: int, month: int, day: int) -> int:
    """Give the number of a day.

    Raises
    ------
    ValueError
        The month has no such day.

    Examples
    --------
    >>> day_number(1, 1, 1), day_number(2020, 2, 29) - day_number(2020, 2, 28)
    (1, 1)
    """
    cycles, years_before = divmod(year - 1, _CYCLE_YEARS)
    same_day = date(years_before + 1, month, day)
    day_of_cycle = same_day.toordinal()
    return cycles * _CYCLE_DAYS + day_of_cycle


def date_parts(number: int) -> tuple[int, int, int]:
    """Year, month and day of the month of a day.

    >>> date_parts(day_number(2024, 2, 29))
    (2024, 2, 29)
    """
    cycles, day_of_cycle = divmod(number - 1, _CYCLE_DAYS)
    same_day = date.fromordinal(day_of_cycle + 1)
    year = same_day.year + cycles * _CYCLE_YEARS
    return year, same_day.month, same_day.day


def add_months(number: int, months: int) -> int:
    """Give the same day some months later, or the last of its month where that is shorter.

    >>> date_parts(add_months(day_number(2019, 1, 31), 1))
    (2019, 2, 28)
    """
    year, month, day = date_parts(number)
    months_before = year * 12 + month - 1
    later_year, later_month = divmod(months_before + months, 12)
    later_month += 1
    cycle_year = (later_year - 1) % _CYCLE_YEARS + 1
    _, longest = calendar.monthrange(cycle_year, later_month)
    later_day = min(day, longest)
    return day_number(later_year, later_month, later_day)


def week_start(year: int, week: int) -> int:
    """Give the number of the Monday with which a week of ISO 8601 begins.

    Raises
    ------
    ValueError
        The year has no such week.
    """
    cycles, years_before = divmod(year - 1, _CYCLE_YEARS)
    monday = date.fromisocalendar(years_before + 1, week, 1)
    day_of_cycle = monday.toordinal()
    return cycles * _CYCLE_DAYS + day_of_cycle


def date_of(number: int) -> date:
    """Date of a day.

    Raises
    ------
    OverflowError
        Python has no date for a year before 1 or after 9999.
    """
    return date.min + timedelta(days=number - 1)


def year_of(number: int) -> int:
    """Year of a day.

    >>> year_of(day_number(2024, 12, 31))
    2024
    """
    year, _, _ = date_parts(number)
    return year
