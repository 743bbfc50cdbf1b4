"""Shares along time: the part of women, or of a class, in its total against what it has been."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from functools import partial

import numpy as np

from ilms_sdmx.findings import Finding, find
from ilms_sdmx.sums import agrees
from ilms_sdmx.validation.arithmetic.evaluated import Sums
from ilms_sdmx.validation.coded.columns import Array
from ilms_sdmx.validation.coded.series import Series, medians
from ilms_sdmx.validation.coded.table import Coded
from ilms_sdmx.validation.rules.jumps import flagged
from ilms_sdmx.validation.rules.listing import listed

#: Sums whose parts are always the same; partners come and go.
_RULES = ("sex-sum", "status-sum", "classification-sum")
#: Half-width of the band in robust standard deviations, and in shares of the total at least.
_BAND, _NARROWEST = 5.0, 0.1
#: Periods that make a history, and rounding units from which a total is large enough for shares.
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
    """Findings of totals whose division departs from its history, at the part that departs most."""
    series = Series.of(coded)
    if not len(series.rows):
        return
    for evaluated in sums:
        relation = evaluated.relation
        if relation.rule in _RULES and not relation.bound:
            yield from _find_shifts(coded, series, evaluated)


def _find_shifts(coded: Coded, series: Series, sums: Sums) -> Iterator[Finding]:
    share = _shares_of_total(coded, sums)[series.rows]
    judged = np.isfinite(share)
    size = int(series.number.max(initial=-1)) + 1
    history = np.bincount(series.number[judged], minlength=size)
    judged &= (history >= _HISTORY)[series.number]
    if not judged.any():
        return
    usual = medians(share[judged], series.number[judged], size)[series.number]
    is_odd = judged & _departs(series, share, usual, judged, size)
    odd_rows = series.rows[is_odd & ~flagged(coded, series.rows)]
    now_by_row = np.full(len(coded), np.nan)
    now_by_row[series.rows] = share
    usual_by_row = np.full(len(coded), np.nan)
    usual_by_row[series.rows] = usual
    shares = _Shares(sums, now_by_row, usual_by_row)
    rows = _most_odd(shares, odd_rows)
    yield from listed("share-shift", coded, rows, partial(_find_shift, coded, shares))


def _shares_of_total(coded: Coded, sums: Sums) -> Array:
    """Share of each part in its total, where the sum is complete, agrees and is large; else NaN."""
    value = coded.figures.value
    unit = coded.figures.unit
    has_total = sums.row >= 0
    total = np.where(has_total, value[sums.row], np.nan)
    with np.errstate(invalid="ignore"):
        is_large = total >= _LARGE * np.where(has_total, unit[sums.row], np.nan)
        is_right = sums.complete & agrees(sums.difference, sums.tolerance)
    total = np.where(is_large & is_right, total, np.nan)
    part = sums.touched & coded.having(sums.relation.dimension, sums.relation.parts)
    share: Array = np.where(part, value / total[sums.groups], np.nan)
    return share


def _departs(series: Series, share: Array, usual: Array, judged: Array, size: int) -> Array:
    """Whether a share is outside the band of its series, and has moved since the period before."""
    apart = np.abs(share - usual)
    spread = 1.4826 * medians(apart[judged], series.number[judged], size)
    band = np.maximum(_NARROWEST, _BAND * spread[series.number])
    before = np.append(np.nan, share[:-1])[: len(share)]
    has_before = series.same & np.isfinite(before)
    moved = np.where(has_before, np.abs(share - before), apart)
    departs: Array = (apart > band) & (moved > _NARROWEST)
    return departs


def _most_odd(shares: _Shares, rows: Array) -> Array:
    """Row of each total that departs most from what is usual, of equal ones the first in time."""
    apart = np.abs(shares.now - shares.usual)[rows]
    groups = shares.sums.groups[rows]
    order = rows[np.lexsort((-apart, groups))]
    _, first = np.unique(shares.sums.groups[order], return_index=True)
    return np.sort(order[first])


def _find_shift(coded: Coded, shares: _Shares, row: int) -> Finding:
    relation = shares.sums.relation
    place = coded.place(row)
    code = coded.text(relation.dimension, row)
    share = f"{100 * shares.now[row]:.1f}"
    usual = f"{100 * shares.usual[row]:.1f}"
    return find(
        "share-shift",
        place,
        component=relation.dimension,
        read=f"{share} per cent",
        cause=_cause(coded, shares, row),
        code=code,
        share=share,
        whole=relation.total,
        usual=usual,
    )


def _cause(coded: Coded, shares: _Shares, row: int) -> str:
    """Name the one part that may have changed places with another: both then have usual shares."""
    sums = shares.sums
    others = sums.touched & (sums.groups == sums.groups[row])
    others[row] = False
    with np.errstate(invalid="ignore"):
        others &= np.abs(shares.now - shares.usual[row]) < _NARROWEST / 2
        others &= np.abs(shares.now[row] - shares.usual) < _NARROWEST / 2
    candidates = np.flatnonzero(others).tolist()
    if len(candidates) != 1:
        return ""
    code = coded.text(sums.relation.dimension, row)
    other = coded.text(sums.relation.dimension, candidates[0])
    return f"the figures of {code} and {other} may have changed places"
