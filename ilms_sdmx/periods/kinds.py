"""Kinds of periods in plain words: what may be in the place of a period in a title."""

from __future__ import annotations

from ilms_sdmx.periods.lexical import parse_period
from ilms_sdmx.periods.period import Period

#: Kinds that SDMX has forms of, by their forms.
_OF_FORMS = {
    "GregorianYear": "year",
    "GregorianYearMonth": "month",
    "GregorianDay": "day",
    "ReportingYear": "year",
    "ReportingSemester": "half",
    "ReportingTrimester": "4 months",
    "ReportingQuarter": "quarter",
    "ReportingMonth": "month",
    "ReportingWeek": "week",
    "ReportingDay": "day",
}
#: Months of the kinds that have a word.
_OF_MONTHS = {12: "year", 6: "half", 3: "quarter", 1: "month"}
#: Any period.
ANY = "period"
#: Units of kinds that are counted, and most digits of their number.
_COUNTED = frozenset({"months", "years", "days"})
_MOST_DIGITS = 4
_WORDS = frozenset({ANY, "week", "day", *_OF_MONTHS.values()})


def is_kind(text: str) -> bool:
    """Whether a text names a kind of periods: `year`, `quarter`, `9 months`.

    >>> is_kind("half"), is_kind("9 months"), is_kind("title")
    (True, True, False)
    """
    if text in _WORDS:
        return True
    number, _, unit = text.partition(" ")
    is_number = number.isascii() and number.isdigit() and not number.startswith("0")
    return is_number and len(number) <= _MOST_DIGITS and unit in _COUNTED


def kind_of(time_period: str) -> str:
    """Kind of a period, empty for what is no period.

    >>> [kind_of(text) for text in ("2019", "2019-Q1", "2019-01-01/P9M", "2018-10-01/P1Y")]
    ['year', 'quarter', '9 months', 'year']
    """
    period = parse_period(time_period)
    return _kind(period) if period is not None else ""


def _kind(period: Period) -> str:
    """Kind of a period that is one."""
    if period.kind in _OF_FORMS:
        return _OF_FORMS[period.kind]
    if period.is_year:
        return "year"
    if period.months in _OF_MONTHS:
        return _OF_MONTHS[period.months]
    if period.months and period.months % 12 == 0:
        return f"{period.months // 12} years"
    if period.months:
        return f"{period.months} months"
    return "day" if period.days == 1 else f"{period.days} days"


def is_of_kind(time_period: str, kind: str) -> bool:
    """Whether a period is of a kind; every period is a `period`."""
    own_kind = kind_of(time_period)
    return bool(own_kind) and kind in (ANY, own_kind)
