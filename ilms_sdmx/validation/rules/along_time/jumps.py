"""Jumps: figures far from what their series does, where no other rule along time tells why."""

from __future__ import annotations

from collections.abc import Iterator

import numpy as np

from ilms_sdmx.findings import Finding, find
from ilms_sdmx.validation.coded.columns import Array
from ilms_sdmx.validation.coded.series import Series
from ilms_sdmx.validation.coded.table import Coded
from ilms_sdmx.validation.rules.along_time.bands import hidiroglou_berthelot, outside_own_band
from ilms_sdmx.validation.rules.along_time.series_table import (
    ALIKE,
    SeriesTable,
    entries_of_rows,
    flagged,
    least_telling_change,
    neighbours,
    words_of_change,
)
from ilms_sdmx.validation.rules.along_time.shifts import find_shifts, shifted_together
from ilms_sdmx.validation.rules.along_time.slips import find_slips, slips_by_ten
from ilms_sdmx.validation.rules.along_time.yearly_earnings import (
    annual_earnings,
    are_earnings,
    case_of_earnings,
)
from ilms_sdmx.validation.rules.listing import listed

#: A figure jumps when it at least doubles or halves.
_LEAST = float(np.log(2.0))
#: Points of a short series, and the factor of a figure apart from both of its neighbours there.
_SHORTEST = 3
_SHORT = 8
_THREE = float(np.log(3.0))


def find_jumps(coded: Coded) -> Iterator[Finding]:
    """Findings of all rules along time."""
    series = Series.of(coded)
    if not len(series.rows):
        return
    table = SeriesTable.of(coded, series)
    annual = annual_earnings(table)
    slips = slips_by_ten(series) & ~annual
    shifted = shifted_together(table)
    shifts = shifted & ~slips & ~annual
    yield from find_slips(table, slips)
    yield from find_shifts(table, shifts)
    follows = _follows(series, slips)
    explained = shifts | slips | follows
    yield from _find_year_jumps(table, explained, annual)


def _follows(series: Series, slips: Array) -> Array:
    """Mark the entry after each slip in the same series: its ratio is wrong as well."""
    follows = np.zeros(len(slips), dtype=bool)
    follows[1:] = slips[:-1]
    return follows & series.same


def _guarded(table: SeriesTable) -> Array:
    """Mark entries whose change is large enough to matter in their table."""
    series = table.series
    change = np.abs(series.value - series.before)
    least_change = least_telling_change(table)
    guarded: Array = change > least_change
    return guarded


def _find_year_jumps(table: SeriesTable, skip: Array, annual: Array) -> Iterator[Finding]:
    """Findings of figures far from what their series does, where no other rule tells why."""
    series = table.series
    judged = table.judged
    is_large = np.abs(table.ratio) > _LEAST
    jumps = judged & is_large & ~skip
    if jumps.any():
        jumps &= _guarded(table)
        jumps &= outside_own_band(table, judged, jumps)
        jumps &= hidiroglou_berthelot(table, judged, jumps)
    jumps = _at_the_figure_apart(table, jumps)
    apart = _apart_from_neighbours(table, _THREE)
    apart &= _in_short_series(series)
    after_marked = _after_marked(series, apart)
    after_marked |= _after_marked(series, annual)
    new_jumps = (apart | annual) & ~skip
    jumps = (jumps | new_jumps) & ~after_marked
    jumps &= ~flagged(table.coded, series.rows)
    places = np.flatnonzero(jumps)
    entry_of = entries_of_rows(series, places)
    of_earnings = are_earnings(table)

    def make(row: int) -> Finding:
        entry = entry_of[row]
        place = table.coded.place(row)
        read = table.coded.printed(row)
        times, before = words_of_change(table, entry)
        case = _case_of_jump(table, entry, of_earnings)
        return find("year-jump", place, case=case, read=read, times=times, before=before)

    rows = np.sort(series.rows[places])
    yield from listed("year-jump", table.coded, rows, make)


def _at_the_figure_apart(table: SeriesTable, jumps: Array) -> Array:
    """Jumps, each of a figure that is apart from both neighbours told at that figure.

    The jump back to what the series does comes one entry later, and only there where the figure
    is the first of its series.
    """
    series = table.series
    apart = _apart_from_neighbours(table, _LEAST)
    returns = jumps & _after_marked(series, apart)
    jumps_next = np.append(returns[1:], False)[: len(jumps)]
    at_figure: Array = (jumps & ~returns) | jumps_next
    return at_figure


def _case_of_jump(table: SeriesTable, entry: int, of_earnings: Array) -> str:
    """Case of a jump: earnings of a year, or the first figure of a series."""
    before = table.series.before[entry]
    is_first = np.isnan(before)
    case = case_of_earnings(table, entry, of_earnings)
    if case:
        if is_first:
            return "annual-first"
        return case
    if is_first:
        return "first"
    return ""


def _apart_from_neighbours(table: SeriesTable, least: float) -> Array:
    """Mark figures that are so many times both neighbours, which agree, or such a part of them.

    `least` is the logarithm of how many times at least.
    """
    series = table.series
    one, other = neighbours(series)
    with np.errstate(divide="ignore", invalid="ignore"):
        ratio = one / other
        alike = np.abs(np.log10(ratio)) < ALIKE
        first = np.log(series.value / one)
        second = np.log(series.value / other)
    first_size = np.abs(first)
    smaller = np.minimum(first_size, np.abs(second))
    first_sign = np.sign(first)
    same_direction = first_sign == np.sign(second)
    change = np.abs(series.value - one)
    least_change = least_telling_change(table)
    is_large_change = change > least_change
    is_large = is_large_change & (series.value > 0)
    marked: Array = alike & same_direction & (smaller >= least) & is_large
    return marked


def _in_short_series(series: Series) -> Array:
    """Mark entries of series of few figures, which cannot be judged by their own past."""
    length = np.bincount(series.number)[series.number]
    is_long_enough = length >= _SHORTEST
    is_short: Array = is_long_enough & (length <= _SHORT)
    return is_short


def _after_marked(series: Series, marked: Array) -> Array:
    """Mark entries that come after a marked one: they are what the series was before it."""
    marked_before = np.append(False, marked[:-1])
    before = marked_before[: len(marked)]
    follows: Array = before & series.same
    return follows
