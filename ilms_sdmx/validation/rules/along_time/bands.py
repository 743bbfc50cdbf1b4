"""Bands: how far a change may be from those of its series, and of its area and period."""

from __future__ import annotations

import numpy as np

from ilms_sdmx.validation.coded.columns import Array
from ilms_sdmx.validation.rules.along_time.series_table import SeriesTable

#: A ratio counts as a jump when it is so many robust standard deviations from its median ...
_BAND = 5.0
#: ... each at least so wide in logarithms (12 per cent).
_NARROWEST = 0.12
#: Hidiroglou-Berthelot: weight of size, and half-widths of the band in quartile distances.
_HB_SIZE = 0.5
_HB_BAND = 5.0
_HB_LEAST = 20
_HB_FLOOR = 0.05
#: Ratios within its own series that a series needs before it can be judged by them.
_OWN = 5


def outside_own_band(table: SeriesTable, judged: Array, jumps: Array) -> Array:
    """Mark ratios outside the robust band of their series, and all of a short series."""
    number = table.series.number
    has_jump = table.count_in_series(jumps) > 0
    judged = judged & has_jump[number]
    middle = table.medians_of_series(table.ratio, judged)
    middle_of_series = middle[number]
    apart = np.abs(table.ratio - middle_of_series)
    spread = 1.4826 * table.medians_of_series(apart, judged)
    width = _BAND * np.maximum(spread, _NARROWEST)
    width_of_series = width[number]
    outside: Array = judged & (apart > width_of_series)
    count = table.count_in_series(judged)
    is_long = count[number] >= _OWN
    return np.where(is_long, outside, judged)


def hidiroglou_berthelot(table: SeriesTable, judged: Array, jumps: Array) -> Array:
    """Mark ratios outside the Hidiroglou-Berthelot band of their area and period.

    Where these have too few series, those of longer series are marked.
    """
    ratios_of_series = table.count_in_series(judged)
    number = table.series.number
    is_long = ratios_of_series[number] >= _OWN
    has_jump = table.count_in_blocks(jumps) > 0
    judged = judged & has_jump[table.block]
    outside_block_band = _outside_block_band(table, judged)
    outside = judged & outside_block_band
    count = table.count_in_blocks(judged)
    is_large_block = count[table.block] >= _HB_LEAST
    return np.where(is_large_block, outside, judged & is_long)


def _outside_block_band(table: SeriesTable, judged: Array) -> Array:
    """Mark effects outside the band about the median of the judged ones of area and period.

    The quartiles, medians of what is on either side, give its width.
    """
    block = table.block
    effect = _effect(table, judged)
    middle = table.medians_of_blocks(effect, judged)
    is_low = judged & (effect <= middle[block])
    is_high = judged & (effect >= middle[block])
    lower_quartile = table.medians_of_blocks(effect, is_low)
    upper_quartile = table.medians_of_blocks(effect, is_high)
    narrowest = np.abs(_HB_FLOOR * middle)
    below = np.maximum(middle - lower_quartile, narrowest)
    above = np.maximum(upper_quartile - middle, narrowest)
    lowest = middle - _HB_BAND * below
    highest = middle + _HB_BAND * above
    is_below = effect < lowest[block]
    is_above = effect > highest[block]
    outside: Array = is_below | is_above
    return outside


def _effect(table: SeriesTable, judged: Array) -> Array:
    """Effect of each change: its ratio, symmetric about the median of its area and period.

    It is weighed with the size of the figure: a small figure may move more than a large one.
    """
    times = np.exp(table.ratio)
    middle_of_block = table.medians_of_blocks(times, judged)
    middle = middle_of_block[table.block]
    with np.errstate(invalid="ignore", divide="ignore"):
        fall = 1 - middle / times
        rise = times / middle - 1
        around = np.where(times < middle, fall, rise)
        before = table.series.before
        size = np.maximum(table.series.value, before)
        effect: Array = around * size**_HB_SIZE
    return effect
