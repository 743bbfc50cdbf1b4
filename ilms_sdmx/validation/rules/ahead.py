"""Periods ahead: figures of a time that had not come when their message was prepared."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import date
from functools import partial

from ilms_sdmx.findings import Finding, find, phrase
from ilms_sdmx.periods import parse_period
from ilms_sdmx.validation.coded.table import Coded
from ilms_sdmx.validation.rules.listing import TextFault, listed_texts

#: Statuses of figures that are no observations: forecasts, and what a model says.
_AHEAD = ("F", "M")
#: Years by which the Buddhist calendar is ahead, and the earliest year that is read as one.
_BUDDHIST, _EARLIEST = 543, 1950


def find_periods_ahead(coded: Coded, day: date) -> Iterator[Finding]:
    """Findings of periods that begin after a day, where a figure is observed in them."""
    if not coded.time or not coded.has(coded.measure):
        return
    levels = coded.levels(coded.time)
    is_ahead = []
    for level in levels:
        is_ahead.append(_begins_after(level, day))
    if not any(is_ahead):
        return
    ahead = coded.where(coded.time, is_ahead) & coded.finite
    if coded.has("OBS_STATUS"):
        ahead &= ~coded.having("OBS_STATUS", _AHEAD)
    make = partial(_find_period, coded, day)
    yield from listed_texts("period-ahead", coded, coded.time, ahead, make)


def _case(coded: Coded, gregorian: int, day: date) -> str:
    """A header may be filled from a template: by its day alone no figure is wrong."""
    if _EARLIEST <= gregorian <= day.year:
        return "buddhist"
    if coded.prepared:
        return "prepared"
    return ""


def _begins_after(text: str, day: date) -> bool:
    period = parse_period(text)
    if period is None:
        return False
    return period.start > day.toordinal()


def _find_period(coded: Coded, day: date, fault: TextFault) -> Finding:
    place = coded.place(fault.row)
    period = parse_period(fault.text)
    year = 0
    if period:
        year = period.year
    gregorian = year - _BUDDHIST
    return find(
        "period-ahead",
        place,
        case=_case(coded, gregorian, day),
        component=coded.time,
        read=fault.text,
        affects=fault.affects,
        day=day.isoformat(),
        when=phrase("when-prepared" if coded.prepared else "when-checked"),
        year=year,
        gregorian=gregorian,
    )
