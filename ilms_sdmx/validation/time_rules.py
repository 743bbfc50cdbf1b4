"""Rules along time: jumps, shifts of a whole table, slips by a power of ten, gaps and copied years."""

from __future__ import annotations

from collections.abc import Iterator

import numpy as np

from ilms_sdmx.findings import Finding
from ilms_sdmx.validation.coded import Array, Coded
from ilms_sdmx.validation.raising import finding, listed
from ilms_sdmx.validation.series import Series, medians

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
#: Slips by a power of ten: how far (in decimal logarithms) the neighbours may lie from each other, the figure
#: from the power, and from a thousand, which is what persons for thousands give.
_ALIKE, _EXACT, _ALONE = 0.2, 0.15, 0.3
#: Rounding units of the smaller and the larger figure below which a factor of ten says nothing.
_SMALL, _LARGE = 10, 200


def time_findings(coded: Coded) -> Iterator[Finding]:
    """Check a table by all rules along time."""
    series = Series.of(coded)
    if not len(series.rows):
        return
    ratio = _log_ratio(series)
    block, blocks = _blocks(coded, series)
    slips = _slips(series)
    shifts = _shifted(coded, series, ratio, block, blocks) & ~slips
    yield from _slip_findings(coded, series, slips)
    yield from _shift_findings(coded, series, ratio, block, shifts)
    near = slips | np.append(slips[:-1] & series.same[1:], False)[: len(slips)]
    after = np.append(False, slips[:-1])[: len(slips)] & series.same
    yield from _jump_findings(coded, series, ratio, block, blocks, shifts | near | after)


def _log_ratio(series: Series) -> Array:
    """Logarithm of each figure over the one before; NaN where either is not positive."""
    with np.errstate(divide="ignore", invalid="ignore"):
        ratio: Array = np.log(series.value) - np.log(series.before)
    ratio[~np.isfinite(ratio)] = np.nan
    return ratio


def _blocks(coded: Coded, series: Series) -> tuple[Array, int]:
    """One number for each area and period of the table."""
    by = [d for d in ("REF_AREA", "MEASURE", "FREQ", coded.time) if d in coded.dimensions]
    block, size = coded.groups(by)
    return block[series.rows], size


def _guarded(series: Series, block: Array, blocks: int) -> Array:
    """Entries whose change is large enough to matter in their table."""
    largest = np.zeros(blocks)
    np.maximum.at(largest, block, np.abs(series.value))
    change = np.abs(series.value - series.before)
    guarded: Array = change > np.maximum(_UNITS * series.unit, _SHARE * largest[block])
    return guarded


def _slips(series: Series) -> Array:
    """Entries that are 10, 100 or 1000 times, or a tenth ..., both neighbours, which agree with each other.

    Of two figures only, the later is a slip if it is about a thousand times the other or a thousandth.
    """
    one, other = _beside(series)
    with np.errstate(divide="ignore", invalid="ignore"):
        apart = np.abs(np.log10(one / other))
        first, second = np.log10(series.value / one), np.log10(series.value / other)
        power = np.round((first + second) / 2)
        off = np.maximum(np.abs(first - power), np.abs(second - power))
        near = np.where(np.abs(power) == 3, _ALONE, _EXACT)
        slips = (apart < _ALIKE) & (off < near) & (np.abs(power) >= 1) & (np.abs(power) <= 3)
        alone = (
            np.isnan(other) & np.isfinite(series.before) & (np.abs(np.abs(first) - 3) < _ALONE)
        )
    smaller, larger = (
        np.minimum(np.abs(series.value), np.abs(one)),
        np.maximum(np.abs(series.value), np.abs(one)),
    )
    enough = (smaller >= _SMALL * series.unit) & (larger >= _LARGE * series.unit)
    found: Array = (slips | alone) & enough
    return found


def _beside(series: Series) -> tuple[Array, Array]:
    """Pick the two figures beside each in time; at an end of a series the two nearest."""
    before, after = series.before, series.after
    one = np.where(np.isnan(before), after, before)
    other = np.where(
        np.isnan(before),
        _shift(series, -2),
        np.where(np.isnan(after), _shift(series, 2), after),
    )
    return one, other


def _shift(series: Series, by: int) -> Array:
    """Figure `by` entries earlier in the same series; NaN beyond its ends."""
    shifted = np.full(len(series.value), np.nan)
    if abs(by) >= len(shifted):
        return shifted
    source, target = (
        (slice(None, -by), slice(by, None)) if by > 0 else (slice(-by, None), slice(None, by))
    )
    same = series.number[source] == series.number[target]
    shifted[target] = np.where(same, series.value[source], np.nan)
    return shifted


def _slip_findings(coded: Coded, series: Series, slips: Array) -> Iterator[Finding]:
    places = np.flatnonzero(slips)
    entry_of = dict(zip(series.rows[places].tolist(), places.tolist(), strict=True))

    def make(row: int) -> Finding:
        entry = entry_of[row]
        beside = (
            series.before[entry] if np.isfinite(series.before[entry]) else series.after[entry]
        )
        times = float(series.value[entry] / beside)
        power = 10.0 ** float(np.round(np.log10(times)))
        said = f"{power:.0f} times" if power > 1 else f"one {1 / power:.0f}th of"
        return finding(
            "factor-slip",
            f"The figure is about {said} its neighbours in time.",
            coded.place(row),
            read=coded.text(coded.dataset.components.measures[0], row),
            expected=f"about {beside:.6g}, as beside it",
            cause="unit (persons for thousands), decimal point, or a footnote mark read as a digit",
            fix="Check the unit of the column and the marks in the cell.",
        )

    yield from listed("factor-slip", coded, np.sort(series.rows[places]), make)


def _shifted(coded: Coded, series: Series, ratio: Array, block: Array, blocks: int) -> Array:
    """Entries in which most of their table moved the same way at once."""
    known = np.isfinite(ratio) & (series.step == 1)
    count = np.bincount(block[known], minlength=blocks)
    shifted = np.zeros(len(ratio), dtype=bool)
    for direction in (1, -1):
        moved = known & (direction * ratio > _SHIFT)
        share = np.bincount(block[moved], minlength=blocks) / np.maximum(count, 1)
        whole = (share >= _TOGETHER) & (count >= _SERIES)
        shifted |= moved & whole[block]
    return shifted


def flagged(coded: Coded, rows: Array) -> Array:
    """Rows whose status says that the series breaks there."""
    if "OBS_STATUS" not in coded.dataset.observations:
        return np.zeros(len(rows), dtype=bool)
    return coded.having("OBS_STATUS", _BREAKS)[rows]


def _shift_findings(
    coded: Coded, series: Series, ratio: Array, block: Array, shifts: Array
) -> Iterator[Finding]:
    """One finding for each area and period that shifts without a break flag."""
    explained = np.unique(block[shifts & flagged(coded, series.rows)])
    entries = np.flatnonzero(shifts & ~np.isin(block, explained))
    largest = entries[np.lexsort((-series.value[entries], block[entries]))]
    _, first = np.unique(block[largest], return_index=True)
    chosen = largest[first]
    entry_of = dict(zip(series.rows[chosen].tolist(), chosen.tolist(), strict=True))
    counts = np.bincount(block[shifts]) if shifts.any() else np.array([0])

    def make(row: int) -> Finding:
        entry = entry_of[row]
        times = float(np.exp(ratio[entry]))
        return finding(
            "level-shift",
            f"{counts[block[entry]]} series move together: this one to {times:.2f} times the period before.",
            coded.place(row),
            component="OBS_STATUS",
            read=coded.text(coded.dataset.components.measures[0], row),
            expected=f"about {series.before[entry]:.6g}, or OBS_STATUS B",
            cause="a new source, definition or coverage",
            fix="If the series breaks here, set OBS_STATUS to B and name the new source.",
        )

    yield from listed("level-shift", coded, np.sort(series.rows[chosen]), make)


def _jump_findings(
    coded: Coded, series: Series, ratio: Array, block: Array, blocks: int, skip: Array
) -> Iterator[Finding]:
    judged = np.isfinite(ratio) & (series.step == 1)
    jumps = judged & (np.abs(ratio) > _LEAST) & ~skip
    if jumps.any():
        jumps &= _guarded(series, block, blocks)
        jumps &= _own_band(series, ratio, judged, jumps)
        jumps &= _hidiroglou_berthelot(series, ratio, block, blocks, judged, jumps)
    jumps &= ~flagged(coded, series.rows)
    places = np.flatnonzero(jumps)
    entry_of = dict(zip(series.rows[places].tolist(), places.tolist(), strict=True))

    def make(row: int) -> Finding:
        entry = entry_of[row]
        times = float(np.exp(ratio[entry]))
        return finding(
            "year-jump",
            f"The figure is {times:.2f} times that of the period before, far from what its series does.",
            coded.place(row),
            read=coded.text(coded.dataset.components.measures[0], row),
            expected=f"about {series.before[entry]:.6g}, as in the period before",
            fix="Check the figure; accept it in the exceptions file with the reason if it is right.",
        )

    yield from listed("year-jump", coded, np.sort(series.rows[places]), make)


def _own_band(series: Series, ratio: Array, judged: Array, jumps: Array) -> Array:
    """Mark ratios outside the robust band of their own series; one too short to judge leaves it to others."""
    number = series.number
    size = int(number.max(initial=-1)) + 1
    judged = judged & (np.bincount(number[jumps], minlength=size) > 0)[number]
    count = np.bincount(number[judged], minlength=size)
    middle = medians(ratio[judged], number[judged], size)
    apart = np.abs(ratio - middle[number])
    spread = 1.4826 * medians(apart[judged], number[judged], size)
    wide = _BAND * np.maximum(spread, _NARROWEST)
    outside: Array = judged & (apart > wide[number])
    return np.where(count[number] >= _OWN, outside, judged)


def _hidiroglou_berthelot(
    series: Series, ratio: Array, block: Array, blocks: int, judged: Array, jumps: Array
) -> Array:
    """Mark ratios outside the Hidiroglou-Berthelot band of their area and period, if that has enough series.

    The effect weighs the ratio, made symmetric about the median, with the size of the figure, so that a small
    figure may move more than a large one.
    """
    own = np.bincount(series.number[judged], minlength=int(series.number.max(initial=-1)) + 1)[
        series.number
    ]
    judged = judged & (np.bincount(block[jumps], minlength=blocks) > 0)[block]
    middle = medians(np.exp(ratio[judged]), block[judged], blocks)[block]
    with np.errstate(invalid="ignore", divide="ignore"):
        times = np.exp(ratio)
        around = np.where(times < middle, 1 - middle / times, times / middle - 1)
        effect = around * np.maximum(series.value, series.before) ** _HB_SIZE
    half = medians(effect[judged], block[judged], blocks)
    low, high = (
        _quartile(effect, block, blocks, judged, half, upper) for upper in (False, True)
    )
    floor = np.abs(_HB_FLOOR * half)
    centre = half[block]
    below = _HB_BAND * np.maximum(half - low, floor)[block]
    above = _HB_BAND * np.maximum(high - half, floor)[block]
    outside = judged & ((effect < centre - below) | (effect > centre + above))
    count = np.bincount(block[judged], minlength=blocks)[block]
    return np.where(count >= _HB_LEAST, outside, judged & (own >= _OWN))


def _quartile(
    effect: Array, block: Array, blocks: int, judged: Array, half: Array, upper: bool
) -> Array:
    """Median of the effects on one side of the median, which is the quartile."""
    side = judged & ((effect >= half[block]) if upper else (effect <= half[block]))
    return medians(effect[side], block[side], blocks)
