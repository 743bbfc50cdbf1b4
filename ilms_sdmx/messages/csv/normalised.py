"""Normalised time: the date on which a period begins, for pivot tables; the period itself is lost."""

from __future__ import annotations

import re
from datetime import date, timedelta

_PERIOD = re.compile(r"(\d{4})(?:-([ASTQMWD])(\d{1,3}))?")
_MONTHS = {"A": 12, "S": 6, "T": 4, "Q": 3, "M": 1}


def beginning(period: str) -> str:
    """First day of a time period in ISO 8601; a date, a time or what is no period stays as it is.

    Reporting years are taken to begin on 1 January, weeks are those of ISO 8601.

    Examples
    --------
    >>> [beginning(p) for p in ("2024", "2024-Q3", "2024-M02", "2024-W01", "2024-05", "2024-02-03")]
    ['2024-01-01', '2024-07-01', '2024-02-01', '2024-01-01', '2024-05-01', '2024-02-03']
    """
    start = period.partition("/")[0]  # a range begins where its first part does
    if re.fullmatch(r"\d{4}-\d\d", start):
        return f"{start}-01"
    match = _PERIOD.fullmatch(start)
    if match is None:
        return start
    year, kind, number = int(match[1]), match[2] or "A", int(match[3] or 1)
    try:
        return _first_day(year, kind, number).isoformat()
    except ValueError:
        return period


def _first_day(year: int, kind: str, number: int) -> date:
    if number < 1:
        raise ValueError(number)
    if kind == "W":
        return date.fromisocalendar(year, number, 1)
    if kind == "D":
        return date(year, 1, 1) + timedelta(days=number - 1)
    return date(year, 1 + _MONTHS[kind] * (number - 1), 1)
