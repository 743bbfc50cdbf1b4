"""Slips by a power of ten: thousands written for persons, a comma in the wrong place."""

from __future__ import annotations

from collections.abc import Iterator

import numpy as np

from ilms_sdmx.findings import Finding, find
from ilms_sdmx.validation.coded.columns import Array
from ilms_sdmx.validation.coded.series import Series
from ilms_sdmx.validation.rules.along_time.series_table import (
    ALIKE,
    SeriesTable,
    are_telling,
    entries_of_rows,
    neighbours,
)
from ilms_sdmx.validation.rules.listing import listed

#: How far a figure may be from a power of ten of its neighbours, as a decimal logarithm, and
#: from a thousand, which is what persons for thousands give.
_EXACT = 0.15
_ALONE = 0.3


def slips_by_ten(series: Series) -> Array:
    """Mark entries that are 10, 100, 1000 times, or a tenth ..., both equal neighbours.

    Of two figures only, the later is a slip if it is about a thousand times the other or a
    thousandth.
    """
    one, other = neighbours(series)
    with np.errstate(divide="ignore", invalid="ignore"):
        first = np.log10(series.value / one)
        second = np.log10(series.value / other)
        ratio = one / other
        apart = np.abs(np.log10(ratio))
        is_power_of_ten = _is_power_of_ten(first, second)
        between = (apart < ALIKE) & is_power_of_ten
        from_thousand = np.abs(first) - 3
        is_thousand = np.abs(from_thousand) < _ALONE
    has_before = np.isfinite(series.before)
    is_one_of_two = np.isnan(other) & has_before
    of_two = is_one_of_two & is_thousand
    is_telling = are_telling(series, one)
    slips: Array = (between | of_two) & is_telling
    return slips


def _is_power_of_ten(first: Array, second: Array) -> Array:
    """Mark pairs of decimal logarithms that are both about 1, 2 or 3, or these below zero."""
    sum_of_both = first + second
    power = np.round(sum_of_both / 2)
    off_first = np.abs(first - power)
    off_second = np.abs(second - power)
    off = np.maximum(off_first, off_second)
    size = np.abs(power)
    allowed = np.where(size == 3, _ALONE, _EXACT)
    is_ten_at_least = size >= 1
    is_in_range = is_ten_at_least & (size <= 3)
    is_power: Array = (off < allowed) & is_in_range
    return is_power


def find_slips(table: SeriesTable, slips: Array) -> Iterator[Finding]:
    """Findings of the slips, each with the figure next to it."""
    series = table.series
    places = np.flatnonzero(slips)
    entry_of = entries_of_rows(series, places)
    one, _ = neighbours(series)

    def make(row: int) -> Finding:
        entry = entry_of[row]
        neighbour = float(one[entry])
        power = np.round(np.log10(series.value[entry] / neighbour))
        times = 10.0 ** float(power)
        place = table.coded.place(row)
        read = table.coded.printed(row)
        factor = f"{times:g}"
        near = f"{neighbour:.6g}"
        return find("factor-slip", place, read=read, times=factor, near=near)

    rows = np.sort(series.rows[places])
    yield from listed("factor-slip", table.coded, rows, make)
