"""Series: observations that differ in nothing but their period, in the order of time."""

from __future__ import annotations

from dataclasses import dataclass
from functools import cached_property

import numpy as np
import pandas as pd

from ilms_sdmx.periods import parse_period
from ilms_sdmx.validation.coded import Array, Coded


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
        Ordinal of the period: neighbours of one kind differ by one.
    value
        Figure in the units as reported.
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
        """Series of a data set; observations without a readable period or figure are left out."""
        if not coded.time:
            empty = np.array([], dtype=np.int64)
            return cls(empty, empty, empty, empty, empty, empty.astype(bool))
        period = ordinals(coded)
        number, _ = coded.others(coded.time)
        rows = np.flatnonzero(coded.finite & np.isfinite(period))
        order = rows[np.lexsort((period[rows], number[rows]))]
        same = np.append(False, number[order][1:] == number[order][:-1])[: len(order)]
        figures = coded.figures
        scale = figures.scale[order]
        value, unit = figures.value[order] / scale, figures.unit[order] / scale
        return cls(order, number[order], period[order], value, unit, same)

    @cached_property
    def step(self) -> Array:
        """Periods since the entry before; NaN at the start of a series."""
        return np.where(
            self.same,
            self.period - np.append(np.nan, self.period[:-1])[: len(self.period)],
            np.nan,
        )

    @cached_property
    def before(self) -> Array:
        """Figure of the entry before; NaN at the start of a series."""
        return np.where(
            self.same, np.append(np.nan, self.value[:-1])[: len(self.value)], np.nan
        )

    @cached_property
    def after(self) -> Array:
        """Figure of the next entry; NaN at the end of a series."""
        follows = np.append(self.same[1:], False)[: len(self.same)]
        return np.where(follows, np.append(self.value[1:], np.nan)[: len(self.value)], np.nan)


def ordinals(coded: Coded) -> Array:
    """Ordinal of each row's period; NaN where it is not readable."""
    periods = [parse_period(text) for text in coded.levels(coded.time)]
    places = [np.nan if period is None else period.ordinal for period in periods]
    ordinals: Array = np.array([*places, np.nan])[coded.codes(coded.time)]
    return ordinals


def medians(values: Array, group: Array, size: int) -> Array:
    """Median of each group; NaN for an empty group."""
    found = np.full(size, np.nan)
    middle = pd.Series(values).groupby(group).median()
    found[middle.index.to_numpy(dtype=np.int64)] = middle.to_numpy()
    return found
