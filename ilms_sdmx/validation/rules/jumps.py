"""Rules along time: jumps, shifts of a whole table, slips by a power of ten."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass

import numpy as np

from ilms_sdmx.findings import Finding, find
from ilms_sdmx.validation.coded.columns import Array
from ilms_sdmx.validation.coded.series import Series, medians
from ilms_sdmx.validation.coded.table import Coded
from ilms_sdmx.validation.rules.listing import listed

#: A ratio counts as a jump when it is so many robust standard deviations from its median ...
_BAND = 5.0
#: ... each at least so wide in logarithms (12 per cent), and the figure at least doubles or halves.
_NARROWEST = 0.12
_LEAST = float(np.log(2.0))
#: Hidiroglou-Berthelot: weight of size, and half-widths of the band in quartile distances.
_HB_SIZE, _HB_BAND, _HB_LEAST, _HB_FLOOR = 0.5, 5.0, 20, 0.05
#: Size guard: a change counts from so many rounding units and such a share of its table's largest figure.
_UNITS, _SHARE = 20, 0.02
#: Ratios within its own series that a series needs before it can be judged by them.
_OWN = 5
#: Share of a table's series that move together in a level shift, by what ratio, and how many at least.
_TOGETHER, _SHIFT, _SERIES = 0.6, float(np.log(1.5)), 3
_BREAKS = ("B", "D")
#: Slips by a power of ten: how far (in decimal logarithms) the neighbours may be from each other, the
#: figure from the power, and from a thousand, which is what persons for thousands give.
_ALIKE, _EXACT, _ALONE = 0.2, 0.15, 0.3
#: Rounding units of the smaller and the larger figure below which a factor of ten says nothing.
_SMALL, _LARGE = 10, 200
_OF_TABLE = ("REF_AREA", "MEASURE", "FREQ")


@dataclass(frozen=True, eq=False)
class _Table:
    """Series of a table with what the rules along time ask of each entry.

    Parameters
    ----------
    coded
        The table.
    series
        Its series.
    ratio
        Logarithm of each figure over the one before; NaN where either is not positive.
    block
        Number of the area and period of each entry.
    blocks
        How many of these there are.
    """

    coded: Coded
    series: Series
    ratio: Array
    block: Array
    blocks: int

    @classmethod
    def of(cls, coded: Coded, series: Series) -> _Table:
        """Table of a data set and its series."""
        block, blocks = coded.groups(coded.among(*_OF_TABLE, coded.time))
        return cls(coded, series, _log_ratio(series), block[series.rows], blocks)


def find_jumps(coded: Coded) -> Iterator[Finding]:
    """Findings of all rules along time."""
    series = Series.of(coded)
    if not len(series.rows):
        return
    table = _Table.of(coded, series)
    slips = _slips(series)
    shifts = _shifted(table) & ~slips
    yield from _find_slips(table, slips)
    yield from _find_shifts(table, shifts)
    next_is_slip = np.append(slips[:-1] & series.same[1:], False)[: len(slips)]
    follows_slip = np.append(False, slips[:-1])[: len(slips)] & series.same
    yield from _find_year_jumps(table, shifts | slips | next_is_slip | follows_slip)


def _log_ratio(series: Series) -> Array:
    """Logarithm of each figure over the one before; NaN where either is not positive."""
    with np.errstate(divide="ignore", invalid="ignore"):
        ratio: Array = np.log(series.value) - np.log(series.before)
    ratio[~np.isfinite(ratio)] = np.nan
    return ratio


def _guarded(table: _Table) -> Array:
    """Mark entries whose change is large enough to matter in their table."""
    series = table.series
    largest = np.zeros(table.blocks)
    np.maximum.at(largest, table.block, np.abs(series.value))
    change = np.abs(series.value - series.before)
    least_change = np.maximum(_UNITS * series.unit, _SHARE * largest[table.block])
    guarded: Array = change > least_change
    return guarded


def _slips(series: Series) -> Array:
    """Mark entries that are 10, 100 or 1000 times, or a tenth ..., both neighbours, which agree.

    Of two figures only, the later is a slip if it is about a thousand times the other or a thousandth.
    """
    one, other = _neighbours(series)
    with np.errstate(divide="ignore", invalid="ignore"):
        apart = np.abs(np.log10(one / other))
        first = np.log10(series.value / one)
        second = np.log10(series.value / other)
        power = np.round((first + second) / 2)
        off = np.maximum(np.abs(first - power), np.abs(second - power))
        size = np.abs(power)
        allowed = np.where(size == 3, _ALONE, _EXACT)
        is_power = (size >= 1) & (size <= 3)
        between = (apart < _ALIKE) & (off < allowed) & is_power
        is_thousand = np.abs(np.abs(first) - 3) < _ALONE
        of_two = np.isnan(other) & np.isfinite(series.before) & is_thousand
    figure, neighbour = np.abs(series.value), np.abs(one)
    smaller = np.minimum(figure, neighbour)
    larger = np.maximum(figure, neighbour)
    enough = (smaller >= _SMALL * series.unit) & (larger >= _LARGE * series.unit)
    slips: Array = (between | of_two) & enough
    return slips


def _neighbours(series: Series) -> tuple[Array, Array]:
    """Give the two figures next to each in time; at an end of a series the two nearest."""
    before, after = series.before, series.after
    one = np.where(np.isnan(before), after, before)
    second_before = np.where(np.isnan(after), _shift(series, 2), after)
    other = np.where(np.isnan(before), _shift(series, -2), second_before)
    return one, other


def _shift(series: Series, by: int) -> Array:
    """Figure `by` entries earlier in the same series; NaN beyond its ends."""
    shifted = np.full(len(series.value), np.nan)
    if abs(by) >= len(shifted):
        return shifted
    source, target = slice(None, -by), slice(by, None)
    if by < 0:
        source, target = slice(-by, None), slice(None, by)
    same = series.number[source] == series.number[target]
    shifted[target] = np.where(same, series.value[source], np.nan)
    return shifted


def _entries(series: Series, places: Array) -> dict[int, int]:
    """Place in the series of each of some rows."""
    rows = series.rows[places].tolist()
    return dict(zip(rows, places.tolist(), strict=True))


def _find_slips(table: _Table, slips: Array) -> Iterator[Finding]:
    series = table.series
    places = np.flatnonzero(slips)
    entry_of = _entries(series, places)
    one, _ = _neighbours(series)

    def make(row: int) -> Finding:
        entry = entry_of[row]
        neighbour = float(one[entry])
        power = np.round(np.log10(series.value[entry] / neighbour))
        times = 10.0 ** float(power)
        return find(
            "factor-slip",
            table.coded.place(row),
            read=table.coded.printed(row),
            times=f"{times:g}",
            near=f"{neighbour:.6g}",
        )

    yield from listed("factor-slip", table.coded, np.sort(series.rows[places]), make)


def _shifted(table: _Table) -> Array:
    """Mark entries in which most of their table moved in one direction at once."""
    block, ratio = table.block, table.ratio
    known = np.isfinite(ratio) & (table.series.step == 1)
    count = np.bincount(block[known], minlength=table.blocks)
    shifted = np.zeros(len(ratio), dtype=bool)
    for direction in (1, -1):
        moved = known & (direction * ratio > _SHIFT)
        moved_count = np.bincount(block[moved], minlength=table.blocks)
        share = moved_count / np.maximum(count, 1)
        whole_table = (share >= _TOGETHER) & (count >= _SERIES)
        shifted |= moved & whole_table[block]
    return shifted


def flagged(coded: Coded, rows: Array) -> Array:
    """Mark rows whose status says that the series breaks there."""
    if not coded.has("OBS_STATUS"):
        return np.zeros(len(rows), dtype=bool)
    return coded.having("OBS_STATUS", _BREAKS)[rows]


def _find_shifts(table: _Table, shifts: Array) -> Iterator[Finding]:
    """One finding for each area and period that shifts without a break flag."""
    series, block = table.series, table.block
    has_flag = flagged(table.coded, series.rows)
    explained = np.unique(block[shifts & has_flag])
    entries = np.flatnonzero(shifts & ~np.isin(block, explained))
    by_size = np.lexsort((-series.value[entries], block[entries]))
    largest_first = entries[by_size]
    _, first = np.unique(block[largest_first], return_index=True)
    chosen = largest_first[first]
    entry_of = _entries(series, chosen)
    counts = np.bincount(block[shifts], minlength=1)

    def make(row: int) -> Finding:
        entry = entry_of[row]
        times = float(np.exp(table.ratio[entry]))
        return find(
            "level-shift",
            table.coded.place(row),
            component="OBS_STATUS",
            read=table.coded.printed(row),
            count=int(counts[block[entry]]),
            times=f"{times:.2f}",
            before=f"{series.before[entry]:.6g}",
        )

    yield from listed("level-shift", table.coded, np.sort(series.rows[chosen]), make)


def _find_year_jumps(table: _Table, skip: Array) -> Iterator[Finding]:
    """Findings of figures far from what their series does, but those that another rule explains."""
    series, ratio = table.series, table.ratio
    judged = np.isfinite(ratio) & (series.step == 1)
    jumps = judged & (np.abs(ratio) > _LEAST) & ~skip
    if jumps.any():
        jumps &= _guarded(table)
        jumps &= _outside_own_band(table, judged, jumps)
        jumps &= _hidiroglou_berthelot(table, judged, jumps)
    jumps &= ~flagged(table.coded, series.rows)
    places = np.flatnonzero(jumps)
    entry_of = _entries(series, places)

    def make(row: int) -> Finding:
        entry = entry_of[row]
        times = float(np.exp(ratio[entry]))
        return find(
            "year-jump",
            table.coded.place(row),
            read=table.coded.printed(row),
            times=f"{times:.2f}",
            before=f"{series.before[entry]:.6g}",
        )

    yield from listed("year-jump", table.coded, np.sort(series.rows[places]), make)


def _outside_own_band(table: _Table, judged: Array, jumps: Array) -> Array:
    """Mark ratios outside the robust band of their series; one too short to judge leaves it to others."""
    number, ratio = table.series.number, table.ratio
    size = int(number.max(initial=-1)) + 1
    has_jump = np.bincount(number[jumps], minlength=size) > 0
    judged = judged & has_jump[number]
    count = np.bincount(number[judged], minlength=size)
    middle = medians(ratio[judged], number[judged], size)
    apart = np.abs(ratio - middle[number])
    spread = 1.4826 * medians(apart[judged], number[judged], size)
    width = _BAND * np.maximum(spread, _NARROWEST)
    outside: Array = judged & (apart > width[number])
    is_long = count[number] >= _OWN
    return np.where(is_long, outside, judged)


def _hidiroglou_berthelot(table: _Table, judged: Array, jumps: Array) -> Array:
    """Mark ratios outside the Hidiroglou-Berthelot band of their area and period.

    Where these have too few series, those of longer series are marked. The effect weighs the ratio, made
    symmetric about the median, with the size of the figure, so that a small figure may move more than a
    large one.
    """
    number, block, blocks = table.series.number, table.block, table.blocks
    ratios_of_series = np.bincount(number[judged], minlength=int(number.max(initial=-1)) + 1)
    has_jump = np.bincount(block[jumps], minlength=blocks) > 0
    judged = judged & has_jump[block]
    effect = _effect(table, judged)
    half = medians(effect[judged], block[judged], blocks)
    low = _quartile(effect, table, judged & (effect <= half[block]))
    high = _quartile(effect, table, judged & (effect >= half[block]))
    floor = np.abs(_HB_FLOOR * half)
    lowest = half - _HB_BAND * np.maximum(half - low, floor)
    highest = half + _HB_BAND * np.maximum(high - half, floor)
    outside = judged & ((effect < lowest[block]) | (effect > highest[block]))
    count = np.bincount(block[judged], minlength=blocks)[block]
    is_long = ratios_of_series[number] >= _OWN
    return np.where(count >= _HB_LEAST, outside, judged & is_long)


def _effect(table: _Table, judged: Array) -> Array:
    """Effect of each change: its ratio about the median of its area and period, weighed by size."""
    times = np.exp(table.ratio)
    medians_of_blocks = medians(times[judged], table.block[judged], table.blocks)
    middle = medians_of_blocks[table.block]
    with np.errstate(invalid="ignore", divide="ignore"):
        around = np.where(times < middle, 1 - middle / times, times / middle - 1)
        size = np.maximum(table.series.value, table.series.before)
        effect: Array = around * size**_HB_SIZE
    return effect


def _quartile(effect: Array, table: _Table, side: Array) -> Array:
    """Median of the effects on one side of the median, which is the quartile."""
    return medians(effect[side], table.block[side], table.blocks)
