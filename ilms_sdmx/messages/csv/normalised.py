"""Normalised time: the date on which a period begins, for pivot tables; the period itself is lost."""

from __future__ import annotations

from ilms_sdmx.periods import parse_period
from ilms_sdmx.periods.days import date_parts


def beginning(text: str) -> str:
    """First day of a time period in ISO 8601; a date, a moment or what is no period stays as it is.

    Reporting years are taken to begin on 1 January, weeks are those of ISO 8601.

    Examples
    --------
    >>> [beginning(p) for p in ("2024", "2024-Q3", "2024-M02", "2024-W01", "2024-05", "2024-02-03")]
    ['2024-01-01', '2024-07-01', '2024-02-01', '2024-01-01', '2024-05-01', '2024-02-03']
    """
    period = parse_period(text)
    if period is None or period.kind == "DateTime":
        return text
    year, month, day = date_parts(period.start)
    return f"{year:04d}-{month:02d}-{day:02d}"
