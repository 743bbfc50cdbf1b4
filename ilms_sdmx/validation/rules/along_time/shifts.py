"""Shifts: most series of a table move together, and no flag says that they break."""

from __future__ import annotations

from collections.abc import Iterator

import numpy as np

from ilms_sdmx.findings import Finding, find
from ilms_sdmx.validation.coded.columns import Array
from ilms_sdmx.validation.rules.along_time.series_table import (
    SeriesTable,
    entries_of_rows,
    flagged,
    words_of_change,
)
from ilms_sdmx.validation.rules.along_time.yearly_earnings import are_earnings, case_of_earnings
from ilms_sdmx.validation.rules.listing import listed

#: Share of a table's series that move together in a level shift, by what ratio, and how many at
#: least.
_TOGETHER = 0.6
_SHIFT = float(np.log(1.5))
_SERIES = 3


def shifted_together(table: SeriesTable) -> Array:
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


def find_shifts(table: SeriesTable, shifts: Array) -> Iterator[Finding]:
    """One finding for each area and period that shifts without a break flag."""
    series = table.series
    largest = _largest_without_flag(table, shifts)
    entry_of = entries_of_rows(series, largest)
    of_earnings = are_earnings(table)
    counts = table.count_in_blocks(shifts)

    def make(row: int) -> Finding:
        entry = entry_of[row]
        block = table.block[entry]
        place = table.coded.place(row)
        read = table.coded.printed(row)
        count = int(counts[block])
        times, before = words_of_change(table, entry)
        return find(
            "level-shift",
            place,
            case=case_of_earnings(table, entry, of_earnings),
            component="OBS_STATUS",
            read=read,
            count=count,
            times=times,
            before=before,
        )

    rows = np.sort(series.rows[largest])
    yield from listed("level-shift", table.coded, rows, make)


def _largest_without_flag(table: SeriesTable, shifts: Array) -> Array:
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
