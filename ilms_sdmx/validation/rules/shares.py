"""Shares along time: the part of women, or of a class, in a total against what it was."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from functools import partial

import numpy as np

from ilms_sdmx.findings import Finding, find, phrase
from ilms_sdmx.sums import agrees
from ilms_sdmx.validation.arithmetic.evaluated import Sums
from ilms_sdmx.validation.coded.columns import Array
from ilms_sdmx.validation.coded.series import Series, medians
from ilms_sdmx.validation.coded.table import Coded
from ilms_sdmx.validation.rules.along_time.series_table import flagged
from ilms_sdmx.validation.rules.listing import listed

#: Sums whose parts are always the same; partners come and go.
_RULES = ("sex-sum", "status-sum", "classification-sum")
#: Half-width of the band in robust standard deviations, and in shares of the total at least.
_BAND, _NARROWEST = 5.0, 0.1
#: Periods that make a history, and rounding units from which a total is large enough for
#: shares.
_HISTORY, _LARGE = 5, 200


@dataclass(frozen=True, eq=False)
class _Shares:
    """Share of each part in its total, by row; NaN where there is none to judge.

    Parameters
    ----------
    sums
        The relation.
    now
        Share of the row.
    usual
        Median of the shares of its series.
    """

    sums: Sums
    now: Array
    usual: Array


def find_shifted_shares(coded: Coded, sums: Sequence[Sums]) -> Iterator[Finding]:
    """Findings of totals whose division departs from its history, at the oddest part."""
    series = Series.of(coded)
    if not len(series.rows):
        return
    for evaluated in sums:
        relation = evaluated.relation
        if relation.rule in _RULES and not relation.bound:
            yield from _find_shifts(coded, series, evaluated)


def _find_shifts(coded: Coded, series: Series, sums: Sums) -> Iterator[Finding]:
    share_of_row = _shares_of_total(coded, sums)
    share = share_of_row[series.rows]
    judged = np.isfinite(share)
    number = series.number
    last_number = number.max(initial=-1)
    size = int(last_number) + 1
    history = np.bincount(number[judged], minlength=size)
    has_history = history >= _HISTORY
    judged &= has_history[number]
    if not judged.any():
        return
    values = share[judged]
    usual_of_series = medians(values, number[judged], size)
    usual = usual_of_series[number]
    departs = _departs(series, share, usual, judged, size)
    is_odd = judged & departs
    has_flag = flagged(coded, series.rows)
    odd_rows = series.rows[is_odd & ~has_flag]
    now_by_row = _by_row(coded, series, share)
    usual_by_row = _by_row(coded, series, usual)
    shares = _Shares(sums, now_by_row, usual_by_row)
    rows = _most_odd(coded, shares, odd_rows)
    make = partial(_find_shift, coded, shares)
    yield from listed("share-shift", coded, rows, make)


def _by_row(coded: Coded, series: Series, values: Array) -> Array:
    """Value of each row of the data set; NaN for rows that are in no series."""
    by_row = np.full(len(coded), np.nan)
    by_row[series.rows] = values
    return by_row


def _shares_of_total(coded: Coded, sums: Sums) -> Array:
    """Share of each part in a total that is complete, agrees and is large; else NaN."""
    relation = sums.relation
    value = coded.figures.value
    value_of_total = value[sums.row]
    unit = coded.figures.unit
    unit_of_total = unit[sums.row]
    with np.errstate(invalid="ignore"):
        is_large = value_of_total >= _LARGE * unit_of_total
        agreeing = agrees(sums.difference, sums.tolerance)
    has_total = sums.row >= 0
    has_large_total = has_total & is_large
    is_right = has_large_total & sums.complete & agreeing
    total = np.where(is_right, value_of_total, np.nan)
    is_of_parts = coded.having(relation.dimension, relation.parts)
    part = sums.touched & is_of_parts
    share_of_row = value / total[sums.groups]
    share: Array = np.where(part, share_of_row, np.nan)
    return share


def _departs(series: Series, share: Array, usual: Array, judged: Array, size: int) -> Array:
    """Whether a share is outside the band of its series, and moved since the last period."""
    number = series.number
    apart = np.abs(share - usual)
    values = apart[judged]
    deviation = medians(values, number[judged], size)
    spread = 1.4826 * deviation
    usual_band = _BAND * spread[number]
    band = np.maximum(_NARROWEST, usual_band)
    before = np.full(len(share), np.nan)
    before[1:] = share[:-1]
    has_before = series.same & np.isfinite(before)
    change = np.abs(share - before)
    moved = np.where(has_before, change, apart)
    is_outside = apart > band
    departs: Array = is_outside & (moved > _NARROWEST)
    return departs


def _most_odd(coded: Coded, shares: _Shares, rows: Array) -> Array:
    """Row of each total that departs most from what is usual, of equal ones the first code."""
    share_now = shares.now[rows]
    apart = np.abs(share_now - shares.usual[rows])
    # Men depart by as much as women, but for what floating point leaves.
    rounded = np.round(apart, 9)
    groups = shares.sums.groups[rows]
    dimension = shares.sums.relation.dimension
    levels = coded.levels(dimension)
    rank = np.argsort(np.argsort(levels))
    codes = coded.codes(dimension)[rows]
    order = np.lexsort((rank[codes], -rounded, groups))
    ordered_groups = groups[order]
    _, first = np.unique(ordered_groups, return_index=True)
    most_odd = order[first]
    return np.sort(rows[most_odd])


def _find_shift(coded: Coded, shares: _Shares, row: int) -> Finding:
    relation = shares.sums.relation
    place = coded.place(row)
    code = coded.text(relation.dimension, row)
    share = _percentage(shares.now[row])
    usual = _percentage(shares.usual[row])
    read = phrase("per-cent", share=share)
    cause = _cause(coded, shares, row)
    return find(
        "share-shift",
        place,
        component=relation.dimension,
        read=read,
        cause=cause,
        code=code,
        share=share,
        whole=relation.total,
        usual=usual,
    )


def _percentage(share: float) -> str:
    percentage = 100 * share
    return f"{percentage:.1f}"


def _cause(coded: Coded, shares: _Shares, row: int) -> str:
    """Name the one part that may have changed places with a row: both then are as usual."""
    sums = shares.sums
    is_of_group = sums.groups == sums.groups[row]
    terms = np.flatnonzero(is_of_group & sums.touched)
    others = terms[terms != row]
    with np.errstate(invalid="ignore"):
        distance_to_usual = shares.now[others] - shares.usual[row]
        off_other = np.abs(distance_to_usual)
        distance_of_now = shares.now[row] - shares.usual[others]
        off_row = np.abs(distance_of_now)
        larger = np.maximum(off_other, off_row)
        both_fit = larger < _NARROWEST / 2
    candidates = others[both_fit].tolist()
    if len(candidates) != 1:
        return ""
    dimension = sums.relation.dimension
    code = coded.text(dimension, row)
    other = coded.text(dimension, candidates[0])
    return phrase("places-changed", first=code, second=other)
