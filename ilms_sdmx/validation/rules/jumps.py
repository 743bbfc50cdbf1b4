"""Rules along time: jumps, shifts of a whole table, slips by a power of ten."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass

import numpy as np

from ilms_sdmx.findings import Finding, find
from ilms_sdmx.validation.coded.columns import Array
from ilms_sdmx.validation.coded.series import Series, medians
from ilms_sdmx.validation.coded.table import Coded
from ilms_sdmx.validation.rules.listing import listed

#: A ratio counts as a jump when it is so many robust standard deviations from its median ...
_BAND = 5.0
#: ... each at least so wide in logarithms (12 per cent), and the figure at least doubles or
#: halves.
_NARROWEST = 0.12
_LEAST = float(np.log(2.0))
#: Hidiroglou-Berthelot: weight of size, and half-widths of the band in quartile distances.
_HB_SIZE, _HB_BAND, _HB_LEAST, _HB_FLOOR = 0.5, 5.0, 20, 0.05
#: Size guard: a change counts from so many rounding units and such a share of the largest
#: figure of its table.
_UNITS, _SHARE = 20, 0.02
#: Ratios within its own series that a series needs before it can be judged by them.
_OWN = 5
#: Share of a table's series that move together in a level shift, by what ratio, and how many at
#: least.
_TOGETHER, _SHIFT, _SERIES = 0.6, float(np.log(1.5)), 3
_BREAKS = ("B", "D")
#: Slips by a power of ten: how far (in decimal logarithms) the neighbours may be from each
#: other, the figure from the power, and from a thousand, which is what persons for thousands
#: give.
_ALIKE, _EXACT, _ALONE = 0.2, 0.15, 0.3
#: Rounding units of the smaller and the larger figure below which a factor of ten says nothing.
_SMALL, _LARGE = 10, 200
#: Points of a short series, and the factor of a figure apart from both of its neighbours there.
_SHORTEST, _SHORT, _THREE = 3, 8, float(np.log(3.0))
#: Months of a year, and how far a ratio may be off them, as a logarithm: earnings rise.
_MONTHS, _ABOUT = 12, 0.12
_OF_TABLE = ("REF_AREA", "MEASURE", "FREQ")


@dataclass(frozen=True, eq=False)
class _Table:
    """Series of a table with what the rules along time ask of each entry.

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
    def of(cls, coded: Coded, series: Series) -> _Table:
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


def find_jumps(coded: Coded) -> Iterator[Finding]:
    """Findings of all rules along time."""
    series = Series.of(coded)
    if not len(series.rows):
        return
    table = _Table.of(coded, series)
    annual = _annual_earnings(table)
    slips = _slips(series) & ~annual
    shifted = _shifted(table)
    shifts = shifted & ~slips & ~annual
    yield from _find_slips(table, slips)
    yield from _find_shifts(table, shifts)
    follows = _follows(series, slips)
    explained = shifts | slips | follows
    yield from _find_year_jumps(table, explained, annual)


def _follows(series: Series, slips: Array) -> Array:
    """Mark the entry after each slip in the same series: its ratio is wrong as well."""
    follows = np.zeros(len(slips), dtype=bool)
    follows[1:] = slips[:-1]
    return follows & series.same


def _log_ratio(series: Series) -> Array:
    """Logarithm of each figure over the one before; NaN where either is not positive."""
    with np.errstate(divide="ignore", invalid="ignore"):
        log_of_value = np.log(series.value)
        log_of_value_before = np.log(series.before)
        ratio: Array = log_of_value - log_of_value_before
    is_unknown = ~np.isfinite(ratio)
    ratio[is_unknown] = np.nan
    return ratio


def _guarded(table: _Table) -> Array:
    """Mark entries whose change is large enough to matter in their table."""
    series = table.series
    change = np.abs(series.value - series.before)
    least_change = _least_change(table)
    guarded: Array = change > least_change
    return guarded


def _least_change(table: _Table) -> Array:
    """Change from which on each entry matters: in rounding units, in area and period."""
    series = table.series
    largest = np.zeros(table.blocks)
    size = np.abs(series.value)
    np.maximum.at(largest, table.block, size)
    least_of_units = _UNITS * series.unit
    least_of_table = _SHARE * largest[table.block]
    least_change: Array = np.maximum(least_of_units, least_of_table)
    return least_change


def _slips(series: Series) -> Array:
    """Mark entries that are 10, 100, 1000 times, or a tenth ..., both equal neighbours.

    Of two figures only, the later is a slip if it is about a thousand times the other or a
    thousandth.
    """
    one, other = _neighbours(series)
    with np.errstate(divide="ignore", invalid="ignore"):
        first = np.log10(series.value / one)
        second = np.log10(series.value / other)
        ratio = one / other
        apart = np.abs(np.log10(ratio))
        is_power_of_ten = _is_power_of_ten(first, second)
        between = (apart < _ALIKE) & is_power_of_ten
        from_thousand = np.abs(first) - 3
        is_thousand = np.abs(from_thousand) < _ALONE
    has_before = np.isfinite(series.before)
    is_one_of_two = np.isnan(other) & has_before
    of_two = is_one_of_two & is_thousand
    is_telling = _is_telling(series, one)
    slips: Array = (between | of_two) & is_telling
    return slips


def _is_power_of_ten(first: Array, second: Array) -> Array:
    """Mark pairs of decimal logarithms that are both about 1, 2 or 3, or these below zero."""
    sum_of_both = first + second
    power = np.round(sum_of_both / 2)
    off_first = np.abs(first - power)
    off_second = np.abs(second - power)
    off = np.maximum(off_first, off_second)
    size = np.abs(power)
    allowed = np.where(size == 3, _ALONE, _EXACT)
    is_ten_at_least = size >= 1
    is_in_range = is_ten_at_least & (size <= 3)
    is_power: Array = (off < allowed) & is_in_range
    return is_power


def _is_telling(series: Series, neighbour: Array) -> Array:
    """Mark entries that are, with their neighbour, of enough rounding units for a factor."""
    size = np.abs(series.value)
    size_of_neighbour = np.abs(neighbour)
    smaller = np.minimum(size, size_of_neighbour)
    larger = np.maximum(size, size_of_neighbour)
    smaller_is_enough = smaller >= _SMALL * series.unit
    larger_is_enough = larger >= _LARGE * series.unit
    is_telling: Array = smaller_is_enough & larger_is_enough
    return is_telling


def _neighbours(series: Series) -> tuple[Array, Array]:
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


def _entries(series: Series, places: Array) -> dict[int, int]:
    """Place in the series of each of some rows."""
    rows = series.rows[places]
    pairs = zip(rows.tolist(), places.tolist(), strict=True)
    return dict(pairs)


def _find_slips(table: _Table, slips: Array) -> Iterator[Finding]:
    series = table.series
    places = np.flatnonzero(slips)
    entry_of = _entries(series, places)
    one, _ = _neighbours(series)

    def make(row: int) -> Finding:
        entry = entry_of[row]
        neighbour = float(one[entry])
        power = np.round(np.log10(series.value[entry] / neighbour))
        times = 10.0 ** float(power)
        place = table.coded.place(row)
        read = table.coded.printed(row)
        factor = f"{times:g}"
        near = f"{neighbour:.6g}"
        return find("factor-slip", place, read=read, times=factor, near=near)

    rows = np.sort(series.rows[places])
    yield from listed("factor-slip", table.coded, rows, make)


def _shifted(table: _Table) -> Array:
    """Mark entries in which most of their table moved in one direction at once."""
    judged = table.judged
    count = table.count_in_blocks(judged)
    has_enough = count >= _SERIES
    shifted = np.zeros(len(judged), dtype=bool)
    for direction in (1, -1):
        directed = direction * table.ratio
        moved = judged & (directed > _SHIFT)
        moved_count = table.count_in_blocks(moved)
        share = moved_count / np.maximum(count, 1)
        whole_table = (share >= _TOGETHER) & has_enough
        shifted |= moved & whole_table[table.block]
    return shifted


def flagged(coded: Coded, rows: Array) -> Array:
    """Mark rows whose status says that the series breaks there."""
    if not coded.has("OBS_STATUS"):
        return np.zeros(len(rows), dtype=bool)
    return coded.having("OBS_STATUS", _BREAKS)[rows]


def _find_shifts(table: _Table, shifts: Array) -> Iterator[Finding]:
    """One finding for each area and period that shifts without a break flag."""
    series = table.series
    largest = _largest_without_flag(table, shifts)
    entry_of = _entries(series, largest)
    of_earnings = _of_earnings(table)
    counts = table.count_in_blocks(shifts)

    def make(row: int) -> Finding:
        entry = entry_of[row]
        block = table.block[entry]
        place = table.coded.place(row)
        read = table.coded.printed(row)
        count = int(counts[block])
        times, before = _change(table, entry)
        return find(
            "level-shift",
            place,
            case=_case_of_earnings(table, entry, of_earnings),
            component="OBS_STATUS",
            read=read,
            count=count,
            times=times,
            before=before,
        )

    rows = np.sort(series.rows[largest])
    yield from listed("level-shift", table.coded, rows, make)


def _largest_without_flag(table: _Table, shifts: Array) -> Array:
    """Entry of the largest figure of each area and period that shifts without a break flag."""
    has_flag = flagged(table.coded, table.series.rows)
    is_flagged_shift = shifts & has_flag
    explained_blocks = np.unique(table.block[is_flagged_shift])
    is_explained = np.isin(table.block, explained_blocks)
    entries = np.flatnonzero(shifts & ~is_explained)
    value = table.series.value[entries]
    blocks_of_entries = table.block[entries]
    order = np.lexsort((-value, blocks_of_entries))
    largest_first = entries[order]
    ordered_blocks = table.block[largest_first]
    _, first = np.unique(ordered_blocks, return_index=True)
    largest: Array = largest_first[first]
    return largest


def _change(table: _Table, entry: int) -> tuple[str, str]:
    """Words for how many times the figure before an entry is, and for the figure before.

    The first of a series is compared with the one after it.
    """
    series = table.series
    neighbour = series.before[entry]
    if np.isnan(neighbour):
        neighbour = series.after[entry]
    times = series.value[entry] / neighbour
    return f"{times:.2f}", f"{neighbour:.6g}"


def _find_year_jumps(table: _Table, skip: Array, annual: Array) -> Iterator[Finding]:
    """Findings of figures far from what their series does, where no other rule tells why."""
    series = table.series
    judged = table.judged
    is_large = np.abs(table.ratio) > _LEAST
    jumps = judged & is_large & ~skip
    if jumps.any():
        jumps &= _guarded(table)
        jumps &= _outside_own_band(table, judged, jumps)
        jumps &= _hidiroglou_berthelot(table, judged, jumps)
    jumps = _at_the_figure_apart(table, jumps)
    apart = _apart_from_neighbours(table, _THREE)
    apart &= _in_short_series(series)
    after_marked = _after_marked(series, apart)
    after_marked |= _after_marked(series, annual)
    new_jumps = (apart | annual) & ~skip
    jumps = (jumps | new_jumps) & ~after_marked
    jumps &= ~flagged(table.coded, series.rows)
    places = np.flatnonzero(jumps)
    entry_of = _entries(series, places)
    of_earnings = _of_earnings(table)

    def make(row: int) -> Finding:
        entry = entry_of[row]
        place = table.coded.place(row)
        read = table.coded.printed(row)
        times, before = _change(table, entry)
        case = _case_of_jump(table, entry, of_earnings)
        return find("year-jump", place, case=case, read=read, times=times, before=before)

    rows = np.sort(series.rows[places])
    yield from listed("year-jump", table.coded, rows, make)


def _at_the_figure_apart(table: _Table, jumps: Array) -> Array:
    """Jumps, each of a figure that is apart from both neighbours told at that figure.

    The jump back to what the series does comes one entry later, and only there where the figure
    is the first of its series.
    """
    series = table.series
    apart = _apart_from_neighbours(table, _LEAST)
    returns = jumps & _after_marked(series, apart)
    jumps_next = np.append(returns[1:], False)[: len(jumps)]
    at_figure: Array = (jumps & ~returns) | jumps_next
    return at_figure


def _are_twelvefold(ratio: Array) -> Array:
    """Mark ratios, as logarithms, of about twelve or a twelfth: a year and its months."""
    size = np.abs(ratio)
    off: Array = np.abs(size - np.log(_MONTHS))
    return off < _ABOUT


def _of_earnings(table: _Table) -> Array:
    """Mark entries whose measure is earnings."""
    coded = table.coded
    rows = table.series.rows
    if "MEASURE" not in coded.dimensions:
        return np.zeros(len(rows), dtype=bool)
    is_earnings = []
    for level in coded.levels("MEASURE"):
        is_earnings.append(level.startswith("EAR_"))
    return coded.where("MEASURE", is_earnings)[rows]


def _annual_earnings(table: _Table) -> Array:
    """Mark earnings that are twelve times their neighbours in time, or a twelfth."""
    series = table.series
    one, other = _neighbours(series)
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
    is_telling = _is_telling(series, one)
    of_earnings = _of_earnings(table)
    annual: Array = (of_both | of_two) & is_telling & of_earnings
    return annual


def _case_of_earnings(table: _Table, entry: int, of_earnings: Array) -> str:
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


def _case_of_jump(table: _Table, entry: int, of_earnings: Array) -> str:
    """Case of a jump: earnings of a year, or the first figure of a series."""
    before = table.series.before[entry]
    is_first = np.isnan(before)
    case = _case_of_earnings(table, entry, of_earnings)
    if case:
        if is_first:
            return "annual-first"
        return case
    if is_first:
        return "first"
    return ""


def _apart_from_neighbours(table: _Table, least: float) -> Array:
    """Mark figures that are so many times both neighbours, which agree, or such a part of them.

    `least` is the logarithm of how many times at least.
    """
    series = table.series
    one, other = _neighbours(series)
    with np.errstate(divide="ignore", invalid="ignore"):
        ratio = one / other
        alike = np.abs(np.log10(ratio)) < _ALIKE
        first = np.log(series.value / one)
        second = np.log(series.value / other)
    first_size = np.abs(first)
    smaller = np.minimum(first_size, np.abs(second))
    first_sign = np.sign(first)
    same_direction = first_sign == np.sign(second)
    change = np.abs(series.value - one)
    least_change = _least_change(table)
    is_large_change = change > least_change
    is_large = is_large_change & (series.value > 0)
    marked: Array = alike & same_direction & (smaller >= least) & is_large
    return marked


def _in_short_series(series: Series) -> Array:
    """Mark entries of series of few figures, which cannot be judged by their own past."""
    length = np.bincount(series.number)[series.number]
    is_long_enough = length >= _SHORTEST
    is_short: Array = is_long_enough & (length <= _SHORT)
    return is_short


def _after_marked(series: Series, marked: Array) -> Array:
    """Mark entries that come after a marked one: they are what the series was before it."""
    marked_before = np.append(False, marked[:-1])
    before = marked_before[: len(marked)]
    follows: Array = before & series.same
    return follows


def _outside_own_band(table: _Table, judged: Array, jumps: Array) -> Array:
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


def _hidiroglou_berthelot(table: _Table, judged: Array, jumps: Array) -> Array:
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


def _outside_block_band(table: _Table, judged: Array) -> Array:
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


def _effect(table: _Table, judged: Array) -> Array:
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
