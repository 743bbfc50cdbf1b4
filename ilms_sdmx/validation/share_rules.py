"""Shares along time: the part of women, or of a class, in its total against what it has been."""

from __future__ import annotations

from collections.abc import Iterator

import numpy as np

from ilms_sdmx.findings import Finding
from ilms_sdmx.sums import agrees
from ilms_sdmx.validation.coded import Array, Coded
from ilms_sdmx.validation.raising import finding, listed
from ilms_sdmx.validation.series import Series, medians
from ilms_sdmx.validation.sums import Sums
from ilms_sdmx.validation.time_rules import flagged

#: Sums whose parts are always the same; partners come and go.
_RULES = ("sex-sum", "status-sum", "classification-sum")
#: Half-width of the band in robust standard deviations, and in shares of the total at least.
_BAND, _NARROWEST = 5.0, 0.1
#: Periods that make a history, and rounding units from which a total is large enough to have shares.
_HISTORY, _LARGE = 5, 200


def share_findings(coded: Coded, sums: list[Sums]) -> Iterator[Finding]:
    """Report totals whose division departs from its own history, each at the part that departs most."""
    series = Series.of(coded)
    if not len(series.rows):
        return
    for one in sums:
        if one.relation.rule in _RULES and not one.relation.bound:
            yield from _of_relation(coded, series, one)


def _of_relation(coded: Coded, series: Series, sums: Sums) -> Iterator[Finding]:
    share = _shares(coded, sums)[series.rows]
    judged = np.isfinite(share)
    size = int(series.number.max(initial=-1)) + 1
    history = np.bincount(series.number[judged], minlength=size)
    judged &= (history >= _HISTORY)[series.number]
    if not judged.any():
        return
    usual = medians(share[judged], series.number[judged], size)[series.number]
    apart = np.abs(share - usual)
    spread = 1.4826 * medians(apart[judged], series.number[judged], size)[series.number]
    before = np.append(np.nan, share[:-1])[: len(share)]
    moved = np.where(series.same & np.isfinite(before), np.abs(share - before), apart)
    wide = np.maximum(_NARROWEST, _BAND * spread)
    odd = judged & (apart > wide) & (moved > _NARROWEST) & ~flagged(coded, series.rows)
    yield from _findings(coded, series, sums, share, usual, np.flatnonzero(odd))


def _shares(coded: Coded, sums: Sums) -> Array:
    """Share of each part in its total, where the sum is complete, agrees and is large; else NaN."""
    value, unit = coded.figures.value, coded.figures.unit
    total = np.where(sums.row >= 0, value[sums.row], np.nan)
    with np.errstate(invalid="ignore"):
        large = total >= _LARGE * np.where(sums.row >= 0, unit[sums.row], np.nan)
        right = sums.complete & agrees(sums.difference, sums.tolerance)
    total = np.where(large & right, total, np.nan)
    part = sums.touched & coded.having(sums.relation.dimension, sums.relation.parts)
    share: Array = np.where(part, value / total[sums.groups], np.nan)
    return share


def _findings(
    coded: Coded, series: Series, sums: Sums, share: Array, usual: Array, odd: Array
) -> Iterator[Finding]:
    order = odd[np.lexsort((-np.abs(share - usual)[odd], sums.groups[series.rows[odd]]))]
    _, first = np.unique(sums.groups[series.rows[order]], return_index=True)
    entry_of = {int(series.rows[entry]): int(entry) for entry in order[first]}
    relation = sums.relation
    by_row = np.full((2, len(coded)), np.nan)
    by_row[:, series.rows] = share, usual

    def make(row: int) -> Finding:
        entry = entry_of[row]
        now, then = 100 * share[entry], 100 * usual[entry]
        return finding(
            "share-shift",
            f"{coded.text(relation.dimension, row)} is {now:.1f} per cent of {relation.total}, "
            f"where {then:.1f} is usual for it.",
            coded.place(row),
            component=relation.dimension,
            read=f"{now:.1f} per cent",
            expected=f"about {then:.1f} per cent",
            cause=_cause(coded, sums, row, *by_row),
            fix="Check the rows against the source; accept it in the exceptions file if it is right.",
        )

    yield from listed("share-shift", coded, np.array(sorted(entry_of), dtype=np.int64), make)


def _cause(coded: Coded, sums: Sums, row: int, share: Array, usual: Array) -> str:
    """Name the one part with which this one may have changed places: both have their usual shares then."""
    mine = sums.touched & (sums.groups == sums.groups[row]) & (np.arange(len(coded)) != row)
    with np.errstate(invalid="ignore"):
        mine &= (np.abs(share - usual[row]) < _NARROWEST / 2) & (
            np.abs(share[row] - usual) < _NARROWEST / 2
        )
    others = np.flatnonzero(mine)
    if len(others) != 1:
        return ""
    names = [coded.text(sums.relation.dimension, int(r)) for r in (row, others[0])]
    return f"the figures of {names[0]} and {names[1]} may have changed places"
