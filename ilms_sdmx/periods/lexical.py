"""The lexical forms of TIME_PERIOD in SDMX, and the one reader of them."""

from __future__ import annotations

import re
from collections.abc import Callable
from functools import lru_cache

from ilms_sdmx.periods.days import add_months, day_number, week_start
from ilms_sdmx.periods.period import Period

_ZONE = r"(?:Z|[+-](?:0\d|1[0-3]):[0-5]\d|[+-]14:00)?"
_TIME = r"T(?P<hour>\d{2}):(?P<minute>\d{2}):(?P<second>\d{2}(?:\.\d+)?)"
_YEAR = re.compile(rf"(?P<year>-?\d{{4,}}){_ZONE}")
_MONTH = re.compile(rf"(?P<year>-?\d{{4,}})-(?P<month>\d{{2}}){_ZONE}")
_DAY = re.compile(
    rf"(?P<year>-?\d{{4,}})-(?P<month>\d{{2}})-(?P<day>\d{{2}})(?:{_TIME})?{_ZONE}"
)
_REPORTING = re.compile(
    r"(?P<year>\d{4})-"
    r"(?:(?P<short>[ASTQ])(?P<part>\d)|(?P<long>[MW])(?P<two>\d{2})|D(?P<three>\d{3}))"
    rf"{_ZONE}"
)
_DURATION = re.compile(
    r"P(?=.)(?:(?P<years>\d+)Y)?(?:(?P<months>\d+)M)?(?:(?P<days>\d+)D)?"
    r"(?:T(?=.)(?:(?P<hours>\d+)H)?(?:(?P<minutes>\d+)M)?(?:(?P<seconds>\d+(?:\.\d+)?)S)?)?"
)
#: Letter of a reporting period to the name of its kind and its length in months.
_PARTS = {
    "A": ("ReportingYear", 12),
    "S": ("ReportingSemester", 6),
    "T": ("ReportingTrimester", 4),
    "Q": ("ReportingQuarter", 3),
    "M": ("ReportingMonth", 1),
}
_DAY_SECONDS = 86_400


@lru_cache(maxsize=65_536)
def parse_period(text: str) -> Period | None:
    """Period of a text as SDMX writes it; None where it is none.

    Reporting years begin on 1 January where nothing else is said; weeks are those of ISO 8601.

    Examples
    --------
    >>> quarter = parse_period("2020-Q2")
    >>> quarter.kind, quarter.first.isoformat(), quarter.last.isoformat()
    ('ReportingQuarter', '2020-04-01', '2020-06-30')
    >>> [parse_period(text) for text in ("2020-02-30", "2020Q2", "2021-W53")]
    [None, None, None]
    """
    for pattern, reader in _FORMS:
        match = pattern.fullmatch(text)
        if match is not None:
            return _read(reader, match)
    return _range(text)


def year_written(text: str) -> int:
    """Year that a period is written with; 0 for a text that is none.

    >>> [year_written(text) for text in ("2014-10-01/P1Y", "2020-W01", "2019", "")]
    [2014, 2020, 2019, 0]
    """
    period = parse_period(text)
    return 0 if period is None else period.year


def _read(
    reader: Callable[[re.Match[str]], Period | None], match: re.Match[str]
) -> Period | None:
    """Period of a form; None where the calendar has no such month, day or week."""
    try:
        return reader(match)
    except ValueError:
        return None


def _read_year(match: re.Match[str]) -> Period:
    year = int(match["year"])
    start = day_number(year, 1, 1)
    end = day_number(year + 1, 1, 1)
    return Period(match.string, "GregorianYear", year, start, end, months=12)


def _read_month(match: re.Match[str]) -> Period:
    year = int(match["year"])
    month = int(match["month"])
    start = day_number(year, month, 1)
    end = add_months(start, 1)
    return Period(match.string, "GregorianYearMonth", year, start, end, months=1)


def _read_day(match: re.Match[str]) -> Period | None:
    year = int(match["year"])
    month = int(match["month"])
    day = int(match["day"])
    start = day_number(year, month, day)
    if match["hour"] is None:
        return Period(match.string, "GregorianDay", year, start, start + 1)
    seconds = _seconds(match)
    if seconds is None:
        return None
    if seconds == _DAY_SECONDS:
        return Period(match.string, "DateTime", year, start + 1, start + 2)
    return Period(match.string, "DateTime", year, start, start + 1, seconds=seconds)


def _seconds(match: re.Match[str]) -> float | None:
    """Seconds from the beginning of a day; None where there is no such time."""
    hour = int(match["hour"])
    minute = int(match["minute"])
    second = float(match["second"])
    if minute > 59 or second >= 60:
        return None
    minutes = hour * 60 + minute
    seconds = minutes * 60 + second
    if seconds > _DAY_SECONDS:
        return None
    return seconds


def _read_reporting(match: re.Match[str]) -> Period | None:
    year = int(match["year"])
    letter = match["short"] or match["long"] or "D"
    digits = match["part"] or match["two"] or match["three"]
    number = int(digits)
    if number == 0:
        return None
    if letter == "W":
        monday = week_start(year, number)
        return Period(match.string, "ReportingWeek", year, monday, monday + 7)
    period = _part_of_reporting_year(match.string, year, letter, number)
    end_of_year = day_number(year + 1, 1, 1)
    if period.start >= end_of_year:
        return None
    return period


def _part_of_reporting_year(text: str, year: int, letter: str, number: int) -> Period:
    start_of_year = day_number(year, 1, 1)
    if letter == "D":
        start = start_of_year + number - 1
        return Period(text, "ReportingDay", year, start, start + 1)
    kind, months = _PARTS[letter]
    months_before = (number - 1) * months
    start = add_months(start_of_year, months_before)
    end = add_months(start, months)
    return Period(text, kind, year, start, end, months=months)


def _range(text: str) -> Period | None:
    """Range of a first day or moment and a duration; None where the text is none."""
    beginning, _, duration = text.partition("/")
    length = _DURATION.fullmatch(duration)
    match = _DAY.fullmatch(beginning)
    if length is None or match is None:
        return None
    first = _read(_read_day, match)
    if first is None:
        return None
    months = _count(length, "years") * 12 + _count(length, "months")
    seconds = first.seconds + _seconds_of_duration(length)
    full_days, seconds_left = divmod(seconds, _DAY_SECONDS)
    days = _count(length, "days") + int(full_days)
    if seconds_left > 0:
        days += 1
    end = add_months(first.start, months) + days
    if end <= first.start:
        return None
    whole_months = 0 if days else months
    return Period(text, "TimeRange", first.year, first.start, end, months=whole_months)


def _count(length: re.Match[str], unit: str) -> int:
    """Number of a unit in a duration; 0 where it has none."""
    digits = length[unit]
    return int(digits or 0)


def _seconds_of_duration(length: re.Match[str]) -> float:
    hours = _count(length, "hours")
    minutes = hours * 60 + _count(length, "minutes")
    seconds = float(length["seconds"] or 0)
    return minutes * 60 + seconds


#: Forms of a period but ranges, and the reader of each.
_FORMS: tuple[tuple[re.Pattern[str], Callable[[re.Match[str]], Period | None]], ...] = (
    (_YEAR, _read_year),
    (_REPORTING, _read_reporting),
    (_MONTH, _read_month),
    (_DAY, _read_day),
)
