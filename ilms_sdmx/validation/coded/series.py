"""Series: observations that differ in nothing but their period, in the order of time."""

from __future__ import annotations

from dataclasses import dataclass
from functools import cached_property

import numpy as np
import pandas as pd

from ilms_sdmx.periods import parse_period, place_in_series
from ilms_sdmx.validation.coded.columns import Array
from ilms_sdmx.validation.coded.table import Coded


@dataclass(frozen=True, eq=False)
class Series:
    """Observed figures sorted by series and period.

    Parameters
    ----------
    rows
        Rows of the data set in that order; the other arrays follow it.
    number
        Number of the series.
    period
        Place of the period in the series: neighbours differ by about one.
    value
        Figure in the units as reported.
    unit
        Rounding unit of the figure.
    same
        Whether the entry before is of the same series.
    """

    rows: Array
    number: Array
    period: Array
    value: Array
    unit: Array
    same: Array

    @classmethod
    def of(cls, coded: Coded) -> Series:
        """Series of a data set, without observations that have no readable period or figure."""
        if not coded.time:
            empty = np.array([], dtype=np.int64)
            return cls(empty, empty, empty, empty, empty, empty.astype(bool))
        period = ordinals(coded)
        number, _ = coded.others(coded.time)
        has_period = np.isfinite(period)
        unordered = np.flatnonzero(coded.finite & has_period)
        order = np.lexsort((period[unordered], number[unordered]))
        rows = unordered[order]
        number = number[rows]
        scale = coded.figures.scale[rows]
        value = coded.figures.value[rows] / scale
        unit = coded.figures.unit[rows] / scale
        previous = _previous(number, -1)
        same = previous == number
        return cls(rows, number, period[rows], value, unit, same)

    @cached_property
    def step(self) -> Array:
        """Periods since the entry before; NaN at the start of a series."""
        previous = _previous(self.period, np.nan)
        apart = self.period - previous
        return np.where(self.same, whole_steps(apart), np.nan)

    @cached_property
    def before(self) -> Array:
        """Figure of the entry before; NaN at the start of a series."""
        entry_before = _previous(self.value, np.nan)
        return np.where(self.same, entry_before, np.nan)

    @cached_property
    def unit_before(self) -> Array:
        """Rounding unit of the entry before; NaN at the start of a series."""
        previous = _previous(self.unit, np.nan)
        return np.where(self.same, previous, np.nan)

    @cached_property
    def unit_after(self) -> Array:
        """Rounding unit of the next entry; NaN at the end of a series."""
        follows = _next(self.same, False)
        return np.where(follows, _next(self.unit, np.nan), np.nan)

    @cached_property
    def after(self) -> Array:
        """Figure of the next entry; NaN at the end of a series."""
        follows = _next(self.same, False)
        next_entry = _next(self.value, np.nan)
        return np.where(follows, next_entry, np.nan)


def _previous(values: Array, first: float) -> Array:
    """Entry before each, and `first` before the first."""
    shifted: Array = np.append(first, values[:-1])
    return shifted[: len(values)]


def _next(values: Array, last: float) -> Array:
    """Entry after each, and `last` after the last."""
    shifted: Array = np.append(values[1:], last)
    return shifted[: len(values)]


def whole_steps(apart: Array) -> Array:
    """Number of periods between places in a series.

    Places of two days of a stock, or of fiscal years before and after their first month
    changed, are not a whole number apart; half a step more or less is the same step.
    """
    steps: Array = np.ceil(apart - 0.5)
    return steps


def ordinals(coded: Coded) -> Array:
    """Place of each row's period in its series; NaN where it is not readable."""
    levels = coded.levels(coded.time)
    periods = []
    for text in levels:
        periods.append(parse_period(text))
    times = coded.codes(coded.time)
    frequencies = [""]
    codes = np.zeros(len(times), dtype=np.int64)
    if "FREQ" in coded.dimensions:
        frequencies = [*coded.levels("FREQ"), ""]
        codes = coded.codes("FREQ")
    places = np.full((len(frequencies), len(periods) + 1), np.nan)
    for row, frequency in enumerate(frequencies):
        for column, period in enumerate(periods):
            if period is not None:
                places[row, column] = place_in_series(period, frequency)
    in_series: Array = places[codes, times]
    return in_series


def medians(values: Array, group: Array, size: int) -> Array:
    """Median of each group; NaN for an empty group."""
    by_group = np.full(size, np.nan)
    grouped = pd.Series(values).groupby(group)
    middle = grouped.median()
    by_group[middle.index.to_numpy(dtype=np.int64)] = middle.to_numpy()
    return by_group
