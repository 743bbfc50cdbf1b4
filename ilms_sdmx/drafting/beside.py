"""Tables that stand beside each other, told apart by headers that repeat."""

from __future__ import annotations

import itertools

from ilms_sdmx.drafting.found import Found
from ilms_sdmx.words.text import folded


def side_by_side(table: Found) -> list[Found]:
    """Tables that stand beside each other: where a column is headed as the labels at the left are."""
    over = {
        c: {folded(table.text(r, c)) for r in table.header} - {""}
        for c in (*table.stubs, *table.data)
    }
    first = table.stubs[0]
    starts = [
        c for c in table.data if over[first] & over[c] and c - 1 in (*table.data, *table.stubs)
    ]
    starts += [
        c for c in table.stubs if over[first] & over[c] and c > min(table.data) and c != first
    ]
    starts = starts or _titled(table)
    if not starts:
        return [table]
    edges = [0, *sorted(starts), max(over) + 1]
    parts = [_part(table, left, right) for left, right in itertools.pairwise(edges)]
    return parts if all(part.data for part in parts) else [table]


def _titled(table: Found) -> list[int]:
    """Columns after a blank one of the sheet that have a title above a header: tables of their own."""
    grid = table.grid
    above = range(table.header[-1] if table.header else 0)
    found = []
    for column in range(min(table.data) + 1, max(table.data)):
        gap = grid.column_numbers[column] - grid.column_numbers[column - 1] > 1
        if gap and table.header and table.text(table.header[-1], column):
            texts = [grid.cells[r, column].text for r in above if (r, column) in grid.cells]
            found += [column] if any(len(text) > 12 for text in texts) else []
    return found


def _part(table: Found, left: int, right: int) -> Found:
    """Part of tables side by side between two columns, the second not included."""
    inside = [c for c in (*table.stubs, *table.data) if left <= c < right]
    stubs = [c for c in table.stubs if left <= c < right] or [left]
    data = [c for c in inside if c not in stubs]
    title = next((r for r in table.header if not any(table.text(r, c) for c in data)), None)
    top = table.header[0]
    if title is None and all(
        not table.text(top, c) or table.grid.origin((top, c)) == (top, left) for c in data
    ):
        title = top
    header = [r for r in table.header if title is None or r > title]
    if title is None and not header[0] - 1 < 0:
        above = header[0] - 1
        title = above if (above, left) in table.grid.cells and above not in table.body else None
    body = [r for r in table.body if any((r, c) in table.grid.cells for c in data)]
    counting = [c for c in table.counting if left <= c < right]
    return Found(
        table.grid, header, body, stubs, data, table.words, table.blocks, title, left, right,
        table.numbered, counting, {c: more for c, more in table.spread.items() if c in stubs},
    )  # fmt: skip
