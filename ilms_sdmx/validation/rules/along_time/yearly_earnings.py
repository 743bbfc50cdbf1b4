"""Earnings of a year among earnings of months: twelve times their neighbours."""

from __future__ import annotations

import numpy as np

from ilms_sdmx.validation.coded.columns import Array
from ilms_sdmx.validation.rules.along_time.series_table import (
    SeriesTable,
    are_telling,
    neighbours,
)

#: Months of a year, and how far a ratio may be off them, as a logarithm: earnings rise.
_MONTHS = 12
_ABOUT = 0.12


def _are_twelvefold(ratio: Array) -> Array:
    """Mark ratios, as logarithms, of about twelve or a twelfth: a year and its months."""
    size = np.abs(ratio)
    off: Array = np.abs(size - np.log(_MONTHS))
    return off < _ABOUT


def are_earnings(table: SeriesTable) -> Array:
    """Mark entries whose measure is earnings."""
    coded = table.coded
    rows = table.series.rows
    if "MEASURE" not in coded.dimensions:
        return np.zeros(len(rows), dtype=bool)
    is_earnings = []
    for level in coded.levels("MEASURE"):
        is_earnings.append(level.startswith("EAR_"))
    return coded.where("MEASURE", is_earnings)[rows]


def annual_earnings(table: SeriesTable) -> Array:
    """Mark earnings that are twelve times their neighbours in time, or a twelfth."""
    series = table.series
    one, other = neighbours(series)
    with np.errstate(divide="ignore", invalid="ignore"):
        first = np.log(series.value / one)
        second = np.log(series.value / other)
        first_sign = np.sign(first)
        same_direction = first_sign == np.sign(second)
    of_one = _are_twelvefold(first)
    of_other = _are_twelvefold(second)
    of_both = of_one & of_other & same_direction
    has_before = np.isfinite(series.before)
    is_one_of_two = np.isnan(other) & has_before
    of_two = is_one_of_two & of_one
    is_telling = are_telling(series, one)
    of_earnings = are_earnings(table)
    annual: Array = (of_both | of_two) & is_telling & of_earnings
    return annual


def case_of_earnings(table: SeriesTable, entry: int, of_earnings: Array) -> str:
    """Case of a jump of earnings by twelve, which has a cause of its own."""
    series = table.series
    neighbour = series.before[entry]
    if np.isnan(neighbour):
        neighbour = series.after[entry]
    times = series.value[entry] / neighbour
    ratio = np.log(times)
    is_annual = of_earnings[entry] and _are_twelvefold(ratio)
    if is_annual:
        return "annual"
    return ""
