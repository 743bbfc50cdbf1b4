"""Periods as a person writes them: `October 2014 to September 2015` for `2014-10-01/P1Y`."""

from __future__ import annotations

from typing import NamedTuple

from ilms_sdmx.periods.days import date_parts
from ilms_sdmx.periods.lexical import parse_period

_MONTHS = """
January February March April May June July August September October November December
"""
_ORDINALS = ("first", "second", "third", "fourth")
_PARTS = {3: "quarter", 6: "half"}


class _Day(NamedTuple):
    """A day of any year, also of those for which Python has no date."""

    year: int
    month: int
    day: int

    @property
    def month_in_words(self) -> str:
        """Month and year."""
        return f"{_name_of_month(self.month)} {self.year}"

    @property
    def in_words(self) -> str:
        """Day, month and year."""
        return f"{self.day} {self.month_in_words}"


def spoken(text: str) -> str:
    """Period in English words; the text itself where it is no period.

    Examples
    --------
    >>> from ilms_sdmx.periods.spoken import spoken
    >>> [spoken(text) for text in ("2019", "2019-Q1", "2019-05", "2019-05-31")]
    ['2019', 'first quarter of 2019', 'May 2019', '31 May 2019']
    >>> spoken("2019-10-01/P1Y")
    'October 2019 to September 2020'
    """
    period = parse_period(text)
    if period is None:
        return text
    first = _day(period.start)
    last = _day(period.end - 1)
    if first == last:
        return first.in_words
    following = _day(period.end)
    if first.day == 1 and following.day == 1:
        return _whole_months(first, last)
    return f"{first.in_words} to {last.in_words}"


def _day(number: int) -> _Day:
    year, month, day = date_parts(number)
    return _Day(year, month, day)


def _whole_months(first: _Day, last: _Day) -> str:
    """Words for the months from one to another."""
    if first.year != last.year:
        return f"{first.month_in_words} to {last.month_in_words}"
    count = last.month - first.month + 1
    if count == 1:
        return first.month_in_words
    if count == 12:
        return str(first.year)
    part = _part_of_year(first.month, count)
    if part:
        return f"{part} of {first.year}"
    return f"{_name_of_month(first.month)} to {last.month_in_words}"


def _name_of_month(month: int) -> str:
    names = _MONTHS.split()
    return names[month - 1]


def _part_of_year(month: int, count: int) -> str:
    """Name of the quarter or the half of a year that so many months from one on are."""
    name = _PARTS.get(count, "")
    before = month - 1
    if not name or before % count:
        return ""
    ordinal = _ORDINALS[before // count]
    return f"{ordinal} {name}"
