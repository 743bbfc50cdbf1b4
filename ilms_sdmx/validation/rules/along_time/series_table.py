"""Series of a table, with what the rules along time ask of each entry."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from ilms_sdmx.validation.coded.columns import Array
from ilms_sdmx.validation.coded.series import Series, medians
from ilms_sdmx.validation.coded.table import Coded

#: Size guard: a change counts from so many rounding units and such a share of the largest
#: figure of its table.
_UNITS = 20
_SHARE = 0.02
#: Status of a figure before which the series breaks.
_BREAKS = ("B", "D")
#: How far neighbours that agree may be from each other, as a decimal logarithm.
ALIKE = 0.2
#: Rounding units of the smaller and the larger figure below which a factor of ten says nothing.
_SMALL = 10
_LARGE = 200
_OF_TABLE = ("REF_AREA", "MEASURE", "FREQ")


@dataclass(frozen=True, eq=False)
class SeriesTable:
    """Series of a table, its changes, and the blocks of one area and period.

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
    def of(cls, coded: Coded, series: Series) -> SeriesTable:
        """Table of a data set and its series."""
        columns = coded.among(*_OF_TABLE, coded.time)
        block_of_row, blocks = coded.groups(columns)
        ratio = _log_ratio(series)
        block = block_of_row[series.rows]
        return cls(coded, series, ratio, block, blocks)

    @property
    def judged(self) -> Array:
        """Mask of the entries one period after the one before, with a ratio."""
        step = self.series.step
        is_next_period = step == 1
        judged: Array = np.isfinite(self.ratio) & is_next_period
        return judged

    def count_in_blocks(self, mask: Array) -> Array:
        """Number of marked entries in each area and period."""
        return np.bincount(self.block[mask], minlength=self.blocks)

    def medians_of_blocks(self, values: Array, mask: Array) -> Array:
        """Median of the values of marked entries in each area and period."""
        return medians(values[mask], self.block[mask], self.blocks)

    @property
    def series_count(self) -> int:
        """Number of series."""
        number = self.series.number
        last_number = number.max(initial=-1)
        return int(last_number) + 1

    def count_in_series(self, mask: Array) -> Array:
        """Number of marked entries in each series."""
        numbers = self.series.number[mask]
        return np.bincount(numbers, minlength=self.series_count)

    def medians_of_series(self, values: Array, mask: Array) -> Array:
        """Median of the values of marked entries in each series."""
        numbers = self.series.number[mask]
        return medians(values[mask], numbers, self.series_count)


def _log_ratio(series: Series) -> Array:
    """Logarithm of each figure over the one before; NaN where either is not positive."""
    with np.errstate(divide="ignore", invalid="ignore"):
        log_of_value = np.log(series.value)
        log_of_value_before = np.log(series.before)
        ratio: Array = log_of_value - log_of_value_before
    is_unknown = ~np.isfinite(ratio)
    ratio[is_unknown] = np.nan
    return ratio


def least_telling_change(table: SeriesTable) -> Array:
    """Change from which on each entry matters: in rounding units, in area and period."""
    series = table.series
    largest = np.zeros(table.blocks)
    size = np.abs(series.value)
    np.maximum.at(largest, table.block, size)
    least_of_units = _UNITS * series.unit
    least_of_table = _SHARE * largest[table.block]
    least_change: Array = np.maximum(least_of_units, least_of_table)
    return least_change


def are_telling(series: Series, neighbour: Array) -> Array:
    """Mark entries that are, with their neighbour, of enough rounding units for a factor."""
    size = np.abs(series.value)
    size_of_neighbour = np.abs(neighbour)
    smaller = np.minimum(size, size_of_neighbour)
    larger = np.maximum(size, size_of_neighbour)
    smaller_is_enough = smaller >= _SMALL * series.unit
    larger_is_enough = larger >= _LARGE * series.unit
    is_telling: Array = smaller_is_enough & larger_is_enough
    return is_telling


def neighbours(series: Series) -> tuple[Array, Array]:
    """Give the two figures next to each in time; at an end of a series the two nearest."""
    before = series.before
    after = series.after
    is_first = np.isnan(before)
    is_last = np.isnan(after)
    one = np.where(is_first, after, before)
    after_or_second_before = np.where(is_last, _shift(series, 2), after)
    shift = _shift(series, -2)
    other = np.where(is_first, shift, after_or_second_before)
    return one, other


def _shift(series: Series, by: int) -> Array:
    """Figure `by` entries earlier in the same series; NaN beyond its ends."""
    shifted = np.full(len(series.value), np.nan)
    if abs(by) >= len(shifted):
        return shifted
    if by < 0:
        source = slice(-by, None)
        target = slice(None, by)
    else:
        source = slice(None, -by)
        target = slice(by, None)
    number_of_source = series.number[source]
    same = number_of_source == series.number[target]
    value_of_source = series.value[source]
    shifted[target] = np.where(same, value_of_source, np.nan)
    return shifted


def entries_of_rows(series: Series, places: Array) -> dict[int, int]:
    """Place in the series of each of some rows."""
    rows = series.rows[places]
    pairs = zip(rows.tolist(), places.tolist(), strict=True)
    return dict(pairs)


def flagged(coded: Coded, rows: Array) -> Array:
    """Mark rows whose status says that the series breaks there."""
    if not coded.has("OBS_STATUS"):
        return np.zeros(len(rows), dtype=bool)
    return coded.having("OBS_STATUS", _BREAKS)[rows]


def words_of_change(table: SeriesTable, entry: int) -> tuple[str, str]:
    """Words for how many times the figure before an entry is, and for the figure before.

    The first of a series is compared with the one after it.
    """
    series = table.series
    neighbour = series.before[entry]
    if np.isnan(neighbour):
        neighbour = series.after[entry]
    times = series.value[entry] / neighbour
    return f"{times:.2f}", f"{neighbour:.6g}"
