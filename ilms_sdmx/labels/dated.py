"""Age groups that a spreadsheet took for dates: `9-May` was 5-9."""

from __future__ import annotations

import re

from ilms_sdmx.periods import read_period
from ilms_sdmx.words.text import clean

#: A day or a short year, and a month, in either order.
_NUMBER_AND_MONTH = re.compile(
    r"(?P<first>\d{1,2})\W+(?P<month>[^\W\d_]+)|(?P<before>[^\W\d_]+)\W+(?P<second>\d{1,2})"
)


def ages_of_date(label: str) -> str:
    """Age group that a label was before it became a date; empty for any other label.

    >>> ages_of_date("9-May"), ages_of_date("Oct-14"), ages_of_date("10-14")
    ('5-9', '10-14', '')
    """
    match = _NUMBER_AND_MONTH.fullmatch(clean(label))
    if match is None:
        return ""
    month = _number_of_month(match["month"] or match["before"])
    other = int(match["first"] or match["second"])
    if not month or month >= other:
        return ""
    return f"{month}-{other}"


def _number_of_month(word: str) -> int:
    """Number of a month by its name, 0 for another word."""
    period = read_period(word, year=2000).time_period
    _, dash, month = period.partition("-")
    return int(month) if dash and month.isdigit() else 0
