"""Rules on mean earnings of a month: those of a year among them, by group and currency."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from functools import partial

import numpy as np
import pandas as pd

from ilms_sdmx.findings import Finding, find
from ilms_sdmx.validation.coded.columns import Array
from ilms_sdmx.validation.coded.table import Coded
from ilms_sdmx.validation.rules.listing import listed, number

#: A year over a month, as a logarithm, and how far groups may be from each other besides.
_TWELVE, _GROUPS = float(np.log(12.0)), float(np.log(2.0))
#: How far the rate of exchange of one period may vary, as a logarithm.
_RATES = 0.1
#: Width of the empty space between earnings of a month and of a year, as a logarithm.
_APART = float(np.log(5.0))
#: Dollars that no mean of all employees, men, women or migrants of a country is for a month.
_DOLLARS = 25_000
_IN_DOLLARS = ("CUR_TYPE_USD", "CUR_TYPE_PPP")
_CURRENCY = "CUR"


def find_annual_earnings(coded: Coded) -> Iterator[Finding]:
    """Findings of earnings that are twelve times others of their area, period and currency."""
    if "MEASURE" not in coded.dimensions:
        return
    levels = coded.levels("MEASURE")
    is_earnings = []
    for level in levels:
        is_earnings.append(level.startswith("EAR_"))
    of_earnings = coded.where("MEASURE", is_earnings)
    is_positive = coded.figures.value > 0
    rows = np.flatnonzero(coded.finite & of_earnings & is_positive)
    if not len(rows):
        return
    apart = _groups_apart(coded, rows)
    make = partial(_find_apart, coded, apart)
    rows_apart = sorted(apart)
    told = np.array(rows_apart, dtype=np.int64)
    yield from listed("earnings-of-a-year", coded, told, make)
    if _CURRENCY not in coded.dimensions:
        return
    in_currency = _apart_in_a_currency(coded, rows)
    other = np.setdiff1d(in_currency, told)
    find_other = partial(_find_in_currency, coded, "currency")
    yield from listed("earnings-of-a-year", coded, other, find_other)
    known = np.concatenate([told, other])
    in_dollars = _too_many_dollars(coded, rows)
    too_many = np.setdiff1d(in_dollars, known)
    find_too_many = partial(_find_in_currency, coded, "dollars")
    yield from listed("earnings-of-a-year", coded, too_many, find_too_many)


@dataclass(frozen=True)
class _Apart:
    """Earnings of one block that are apart from the others.

    Parameters
    ----------
    count, size
        How many they are, and how many the block has.
    usual
        Median of the others.
    """

    count: int
    size: int
    usual: float


def _block(coded: Coded, *more: str) -> Array:
    """Number of area, period and measure of each row."""
    names = coded.among("REF_AREA", "FREQ", "MEASURE", coded.time, *more)
    block, _ = coded.groups(names)
    return block


def _groups_apart(coded: Coded, rows: Array) -> dict[int, _Apart]:
    """First row of each block of which some groups earn in a month what others do in a year."""
    block = _block(coded, _CURRENCY)
    cells = pd.DataFrame({"block": block[rows], "row": rows})
    value = coded.figures.value[rows]
    cells["log"] = np.log(value)
    ordered = cells.sort_values(["block", "log", "row"])
    gap = ordered.groupby("block")["log"].diff()
    widest = gap.groupby(ordered["block"]).max()
    wide_blocks = widest.index[widest > _APART]
    is_wide = ordered["block"].isin(wide_blocks)
    apart = {}
    for _, cells_of_block in ordered[is_wide].groupby("block"):
        odd, others = _sides(cells_of_block)
        usual = others["log"].median()
        middle = odd["log"].median()
        times = abs(middle - usual)
        off = abs(times - _TWELVE)
        if off <= _GROUPS:
            first = odd["row"].min()
            count = len(odd)
            size = len(cells_of_block)
            usual_value = float(np.exp(usual))
            apart[int(first)] = _Apart(count, size, usual_value)
    return apart


def _sides(cells: pd.DataFrame) -> tuple[pd.DataFrame, pd.DataFrame]:
    """Fewer cells on one side of the widest gap, of equal ones the higher; and the others."""
    log = cells["log"]
    gaps = np.diff(log)
    widest = np.argmax(gaps)
    split = int(widest) + 1
    low = cells.iloc[:split]
    high = cells.iloc[split:]
    if len(low) < len(high):
        return low, high
    return high, low


def _find_apart(coded: Coded, apart: dict[int, _Apart], row: int) -> Finding:
    found = apart[row]
    place = coded.place(row)
    read = coded.printed(row)
    times = coded.figures.value[row] / found.usual
    usual = number(found.usual, coded, row)
    return find(
        "earnings-of-a-year",
        place,
        component=coded.measure,
        read=read,
        count=found.count,
        size=found.size,
        times=f"{times:.1f}",
        usual=usual,
    )


def _apart_in_a_currency(coded: Coded, rows: Array) -> Array:
    """Rows of which the other currencies make a twelfth, or twelve times as much.

    What a currency is worth is the median over all groups of an area and period.
    """
    key, _ = coded.others(_CURRENCY)
    block = _block(coded)
    currency = coded.codes(_CURRENCY)
    cells = pd.DataFrame({"key": key[rows], "block": block[rows]})
    cells["currency"] = currency[rows]
    value = coded.figures.value[rows]
    cells["log"] = np.log(value)
    by_currency = cells.groupby(["block", "currency"])["log"]
    cells["log"] -= by_currency.transform("median")
    of_key = cells.groupby("key")["log"]
    size = of_key.transform("size")
    middle = of_key.transform("median")
    # Of two, the higher is told: a year among months is more frequent than the reverse.
    usual = middle.where(size > 2, of_key.transform("min"))
    apart = cells["log"] - usual
    off = (apart.abs() - _TWELVE).abs()
    is_apart = off.to_numpy() < _RATES
    odd: Array = rows[is_apart]
    return odd


def _too_many_dollars(coded: Coded, rows: Array) -> Array:
    is_in_dollars = coded.having(_CURRENCY, _IN_DOLLARS)
    is_above = coded.figures.value > _DOLLARS
    is_too_many = is_in_dollars & is_above
    too_many: Array = rows[is_too_many[rows]]
    return too_many


def _find_in_currency(coded: Coded, case: str, row: int) -> Finding:
    place = coded.place(row)
    read = coded.printed(row)
    currency = coded.text(_CURRENCY, row)
    return find(
        "earnings-of-a-year",
        place,
        case=case,
        component=_CURRENCY,
        read=read,
        currency=currency,
    )
