"""Periods: the lexical forms of TIME_PERIOD, the frequency each belongs to, and their order in time."""

from __future__ import annotations

import datetime
import re
from calendar import isleap

_ZONE = r"(?:Z|[+-]\d{2}:\d{2})?"
_DATE = r"(?P<year>-?\d{4,})(?:-(?P<month>0[1-9]|1[0-2])(?:-(?P<day>0[1-9]|[12]\d|3[01]))?)?"
_GREGORIAN = re.compile(rf"^{_DATE}(?P<time>T\d{{2}}:\d{{2}}:\d{{2}}(?:\.\d+)?)?{_ZONE}$")
_REPORTING = re.compile(
    r"^(?P<year>\d{4})-(?P<kind>A1|S[12]|T[1-3]|Q[1-4]|M(?:0[1-9]|1[0-2])|W(?:0[1-9]|[1-4]\d|5[0-3])"
    rf"|D(?:00[1-9]|0[1-9]\d|[12]\d\d|3[0-5]\d|36[0-6])){_ZONE}$"
)
_DURATION = r"P(?=.)(?:\d+Y)?(?:\d+M)?(?:\d+D)?(?:T(?=.)(?:\d+H)?(?:\d+M)?(?:\d+(?:\.\d+)?S)?)?"
_RANGE = re.compile(
    rf"^(?P<start>\d{{4}}-\d{{2}}-\d{{2}}(?:T\d{{2}}:\d{{2}}:\d{{2}})?)/{_DURATION}$"
)

#: Frequency code of SDMX's CL_FREQ to the kinds of period it may have.
KINDS: dict[str, frozenset[str]] = {
    "A": frozenset({"year", "A"}),
    "S": frozenset({"S"}),
    "H": frozenset({"S"}),
    "T": frozenset({"T"}),
    "Q": frozenset({"Q"}),
    "M": frozenset({"month", "M"}),
    "W": frozenset({"W"}),
    "D": frozenset({"date", "D"}),
    "B": frozenset({"date", "D"}),
    "I": frozenset({"time"}),
    "N": frozenset({"time"}),
}
_PER_YEAR = {"A": 1, "S": 2, "T": 3, "Q": 4, "M": 12, "W": 53, "D": 366}


def kind(text: str) -> str:
    """Kind of a period: `year`, `month`, `date`, `time`, `range`, the letter of a reporting one; or empty.

    Examples
    --------
    >>> kind("2024"), kind("2024-Q1"), kind("2024Q1"), kind("2024-02-30")
    ('year', 'Q', '', '')
    """
    stripped = text.strip()
    reporting = _REPORTING.match(stripped)
    if reporting:
        return reporting["kind"][0]
    span = _RANGE.match(stripped)
    if span:
        return "range" if kind(span["start"]) else ""
    gregorian = _GREGORIAN.match(stripped)
    if not gregorian or not _real(gregorian):
        return ""
    if gregorian["time"]:
        return "time" if gregorian["day"] else ""
    return "date" if gregorian["day"] else "month" if gregorian["month"] else "year"


def _real(match: re.Match[str]) -> bool:
    """Whether the day is one of its month, and the time one of the day."""
    if match["day"]:
        year, month, day = int(match["year"]), int(match["month"]), int(match["day"])
        longest = (31, 29 if isleap(year) else 28, 31, 30, 31, 30, 31, 31, 30, 31, 30, 31)[
            month - 1
        ]
        if day > longest:
            return False
    if not match["time"]:
        return True
    hour, minute, second = (float(part) for part in match["time"][1:].split(":"))
    return hour < 24 and minute < 60 and second < 60


def fits(text: str, frequency: str) -> bool:
    """Whether a period is one of a frequency of SDMX's CL_FREQ.

    Multiples of a frequency (`A2`, `A5`) also take years and dates; unknown ones (`_O`) take any period.

    Examples
    --------
    >>> fits("2024", "A"), fits("2024-Q1", "A"), fits("2020", "A5")
    (True, False, True)
    """
    found = kind(text)
    if found in ("", "range"):
        return bool(found)
    letter = frequency.rstrip("0123456789")
    if letter != frequency and letter in KINDS:
        return found in KINDS[letter] | {"year", "date"}
    return frequency not in KINDS or found in KINDS[frequency]


def ordinal(text: str) -> float:
    """Place of a period on the scale of its own kind, so that neighbours differ by one; NaN if none.

    Examples
    --------
    >>> ordinal("2024") - ordinal("2023"), ordinal("2024-Q1") - ordinal("2023-Q4")
    (1.0, 1.0)
    """
    found = kind(text)
    parts = text.strip().split("-")
    if found in ("", "range", "time") or len(parts[0]) < 4 or parts[0][:5] > "9998":
        return float("nan")
    if found == "year":
        return float(parts[0][:4])
    if found == "month":
        return float(int(parts[0]) * 12 + int(parts[1][:2]) - 1)
    if found == "date":
        return float(datetime.date(int(parts[0]), int(parts[1]), int(parts[2][:2])).toordinal())
    return float(int(parts[0]) * _PER_YEAR[found] + int(parts[1][1:].rstrip("Z")[:3]) - 1)


def span(text: str) -> tuple[float, float]:
    """First and last day of a period as ordinals of the Gregorian calendar; NaN if it is none.

    Reporting periods are taken with the year starting on 1 January.

    Examples
    --------
    >>> [datetime.date.fromordinal(int(day)).isoformat() for day in span("2024-Q2")]
    ['2024-04-01', '2024-06-30']
    """
    found = kind(text)
    if found == "":
        return float("nan"), float("nan")
    head = (
        text.strip().split("/")[0].split("T")[0] if found in ("range", "time") else text.strip()
    )
    if not "0001" <= head[:5].partition("-")[0][:5] <= "9998":
        return float("nan"), float("nan")
    year = int(head[:4])
    if found in ("range", "time", "date"):
        day = datetime.date(year, int(head[5:7]), int(head[8:10])).toordinal()
        return float(day), float(day)
    if found in ("W", "D"):
        first = datetime.date(year, 1, 1).toordinal()
        step = 7 if found == "W" else 1
        start = first + step * (int(head[6:].rstrip("Z")[:3]) - 1)
        return float(start), float(start + step - 1)
    months = {"year": 12, "A": 12, "S": 6, "T": 4, "Q": 3, "month": 1, "M": 1}[found]
    place = (
        0 if found == "year" else int(head[5:7]) - 1 if found == "month" else int(head[6:8]) - 1
    )
    month = place * months
    after = datetime.date(year + (month + months) // 12, (month + months) % 12 + 1, 1)
    return float(datetime.date(year, month + 1, 1).toordinal()), float(after.toordinal() - 1)
