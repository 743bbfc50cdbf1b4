"""How often a series reports: periods that a frequency can hold, and frequencies of periods."""

from __future__ import annotations

import re
from collections.abc import Collection, Iterable, Mapping

from ilms_sdmx.periods.lexical import parse_period
from ilms_sdmx.periods.period import Period

#: Frequency to the months between two periods of a series.
MONTHS: Mapping[str, int] = {"A": 12, "S": 6, "T": 4, "Q": 3, "M": 1}
#: Frequency to the days between two periods of a series.
DAYS: Mapping[str, int] = {"W": 7, "D": 1, "B": 1}
#: Kinds of periods that are days of a stock.
_KINDS_OF_DAYS = frozenset({"GregorianDay", "DateTime"})
#: Frequencies within a day.
_WITHIN_DAY = frozenset({"I", "N"})
#: A multiple of a frequency: `A5` is every five years.
_MULTIPLE = re.compile(r"([A-Z])\d+")
#: Frequency of what repeats at no interval that a code names.
OTHER = "O"
#: Frequencies that dates of a stock may have, the longest interval first.
_OF_POINTS = ("A", "S", "Q", "M")


def holds(frequency: str, period: Period) -> bool:
    """Whether a series of a frequency of SDMX's CL_FREQ can hold a period.

    A day, a moment or a month may be the date of a stock of any series that reports no oftener.
    A range may be longer than the interval (`2017-07-01/P1Y` in a quarterly series) but not
    shorter. An unknown frequency (`_O`) holds any period.

    Examples
    --------
    >>> from ilms_sdmx.periods import parse_period
    >>> forms = ("2024", "2024-04-01/P1Y", "2024-12-31", "2024-Q1", "2024-01-01/P6M")
    >>> [holds("A", parse_period(form)) for form in forms]
    [True, True, True, False, False]
    """
    multiple = _MULTIPLE.fullmatch(frequency)
    if multiple is not None:
        if period.kind == "GregorianYear":
            return True
        return holds(multiple.group(1), period)
    if frequency in _WITHIN_DAY:
        return period.kind in {"DateTime", "TimeRange"}
    if frequency in MONTHS:
        return _holds_months(MONTHS[frequency], period)
    if frequency in DAYS:
        return _holds_days(DAYS[frequency], period)
    return True


def _holds_months(months: int, period: Period) -> bool:
    if period.is_point:
        return period.months <= months
    if period.kind != "TimeRange":
        return period.months == months
    if period.is_year:
        return months <= 12
    months_of_range = period.months or period.days // 28
    return months_of_range >= months


def _holds_days(days: int, period: Period) -> bool:
    if period.kind in _KINDS_OF_DAYS:
        return True
    if period.kind == "TimeRange":
        return period.days >= days
    return period.days == days


def frequencies_of(periods: Iterable[str], points: Collection[str] = ()) -> dict[str, str]:
    """Frequency of each period of one series, in ILO's codes.

    Days are dates of a stock: those of a series with one a year are annual, with one a month
    monthly. Months are annual where no two are of a year, and are several or among `points`.
    A period without a frequency is of another one, `O`; a text that is no period has none.

    Examples
    --------
    >>> frequencies_of(["2017-12-31", "2018-12-31"])
    {'2017-12-31': 'A', '2018-12-31': 'A'}
    >>> frequencies_of(["2018", "2018-10-01/P1Y", "2018-Q1", "2018-01-01/P5M"])
    {'2018': 'A', '2018-10-01/P1Y': 'A', '2018-Q1': 'Q', '2018-01-01/P5M': 'O'}
    """
    parsed: dict[str, Period] = {}
    days: list[Period] = []
    months: list[Period] = []
    for text in periods:
        period = parse_period(text)
        if period is None or text in parsed:
            continue
        parsed[text] = period
        if period.kind in _KINDS_OF_DAYS:
            days.append(period)
        elif period.kind == "GregorianYearMonth":
            months.append(period)
    of_days = _of_points(days)
    of_months = _of_months(months, points)
    frequencies = {}
    for text, period in parsed.items():
        if period.kind in _KINDS_OF_DAYS:
            frequencies[text] = of_days
        elif period.kind == "GregorianYearMonth":
            frequencies[text] = of_months
        else:
            frequencies[text] = period.frequency or OTHER
    return frequencies


def _of_months(months: list[Period], points: Collection[str]) -> str:
    """Frequency of months: annual where no two are of a year, and they are dates of a stock."""
    if _of_points(months) != "A":
        return "M"
    if len(months) > 1:
        return "A"
    for month in months:
        if month.text in points:
            return "A"
    return "M"


def _of_points(points: Collection[Period]) -> str:
    """Frequency of dates: the longest interval that holds no two of them."""
    for frequency in _OF_POINTS:
        months = MONTHS[frequency]
        intervals = set()
        for point in points:
            ordinal = point.ordinal_by_months(months)
            intervals.add(int(ordinal))
        if len(intervals) == len(points):
            return frequency
    return "D"


def place_in_series(period: Period, frequency: str) -> float:
    """Place of a period in a series of a frequency; neighbours differ by about one.

    A fiscal year is counted like a calendar year, a day like the year that it is the stock of.

    Examples
    --------
    >>> from ilms_sdmx.periods import parse_period
    >>> days = [parse_period(day) for day in ("2019-12-31", "2020-12-31")]
    >>> [place_in_series(days[1], code) - place_in_series(days[0], code) for code in "AD"]
    [1.0, 366.0]
    """
    if frequency in MONTHS:
        return period.ordinal_by_months(MONTHS[frequency])
    if frequency in {"W", "D"}:
        return period.ordinal_by_days(DAYS[frequency])
    return period.ordinal
