"""Tables next to each other, told apart by headers that repeat or by titles."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import replace
from itertools import pairwise

from ilms_sdmx.drafting.recognition.printed import PrintedTable
from ilms_sdmx.drafting.recognition.units import says_unit
from ilms_sdmx.words.text import folded

#: Fewest letters of a title above a column, less one.
_SHORT_TITLE = 12


def split_neighbours(table: PrintedTable) -> list[PrintedTable]:
    """Tables next to each other: a column is headed as the labels at the left are."""
    starts = _repeated_headings(table) or _titled_columns(table)
    if not starts:
        return [table]
    end = max(*table.stubs, *table.data) + 1
    parts: list[PrintedTable] = []
    for left, right in pairwise([0, *sorted(starts), end]):
        part = _part(table, left, right)
        if not part.data:
            return [table]
        parts.append(part)
    return parts


def _repeated_headings(table: PrintedTable) -> list[int]:
    """Columns that are headed as the first column of labels is."""
    first = table.stubs[0]
    columns = {*table.data, *table.stubs}
    first_headings = _headings(table, first)
    starts: list[int] = []
    for column in table.data:
        if column - 1 in columns and first_headings & _headings(table, column):
            starts.append(column)
    for column in table.stubs:
        is_later = column != first and column > min(table.data)
        if is_later and first_headings & _headings(table, column):
            starts.append(column)
    return starts


def _headings(table: PrintedTable, column: int) -> set[str]:
    """Texts of the header over a column, in small letters."""
    headings = set(map(folded, table.texts(table.header, [column])))
    return headings - {""}


def _titled_columns(table: PrintedTable) -> list[int]:
    """Columns after a blank one of the sheet that have a title above a header."""
    if not table.header:
        return []
    sheet_columns = table.grid.column_numbers
    starts: list[int] = []
    for column in range(min(table.data) + 1, table.last_data):
        follows_blank = sheet_columns[column] - sheet_columns[column - 1] > 1
        is_headed = follows_blank and table.text(table.header[-1], column)
        if is_headed and _has_title(table, column):
            starts.append(column)
    return starts


def _has_title(table: PrintedTable, column: int) -> bool:
    """Whether a column has a long text above the last row of the header."""
    for row in range(table.header[-1]):
        cell = table.grid.cells.get((row, column))
        if cell is not None and len(cell.text) > _SHORT_TITLE:
            return True
    return False


def _part(table: PrintedTable, left: int, right: int) -> PrintedTable:
    """Part of a table between two columns, the second not included."""
    stubs = _between(table.stubs, left, right) or [left]
    data: list[int] = []
    for column in _between([*table.stubs, *table.data], left, right):
        if column not in stubs:
            data.append(column)
    counting = _between(table.counting, left, right)
    part = replace(table, stubs=stubs, data=data, counting=counting, left=left, right=right)
    codes = _between(table.codes, left, right)
    flags = _between(table.flags, left, right)
    part = replace(part, codes=codes, flags=flags)
    title = _title_in_header(table, left, data)
    if title is None:
        title = _title_above_header(table, left)
    else:
        part = replace(part, header=_rows_below(table, title))
    body = _rows_with_cells(table, data)
    return replace(part, title=title, body=body, spread=_spread(table, stubs))


def _between(columns: Iterable[int], left: int, right: int) -> list[int]:
    return [column for column in columns if left <= column < right]


def _rows_below(table: PrintedTable, title: int) -> list[int]:
    """Rows of the header below a title."""
    return [row for row in table.header if row > title]


def _spread(table: PrintedTable, stubs: Iterable[int]) -> dict[int, Sequence[int]]:
    """Columns of labels to the further ones over which their labels are spread."""
    spread: dict[int, Sequence[int]] = {}
    for column in stubs:
        if column in table.spread:
            spread[column] = table.spread[column]
    return spread


def _rows_with_cells(table: PrintedTable, data: Iterable[int]) -> list[int]:
    """Rows with figures that have a cell in some columns."""
    columns = set(data)
    rows: list[int] = []
    for row in table.body:
        if not columns.isdisjoint(table.grid.filled[row]):
            rows.append(row)
    return rows


def _title_above_header(table: PrintedTable, left: int) -> int | None:
    """Row above the header that has a cell in the first column, None where there is none."""
    above = table.header[0] - 1
    if (above, left) in table.grid.cells and above not in table.body:
        return above
    return None


def _has_unit_at_end(table: PrintedTable, row: int, left: int, data: Sequence[int]) -> bool:
    """Whether a row is a title with a unit at its right end, above a header of its own."""
    last = data[-1]
    texts = {column: table.text(row, column) for column in data}
    over_figures = [column for column, text in texts.items() if text]
    has_text = (row, last) in table.grid.cells
    is_alone = over_figures == [last] and has_text
    if not is_alone or not table.text(row, left) or row == table.header[-1]:
        return False
    has_own_header = bool(table.text(row + 1, left))
    return has_own_header and says_unit(texts[last])


def _title_in_header(table: PrintedTable, left: int, data: list[int]) -> int | None:
    """Last row of the header that is a title or a unit of the part; None for none."""
    title = None
    for row in table.header:
        if any(table.texts([row], data)) and not _has_unit_at_end(table, row, left, data):
            break
        title = row
    if title is not None:
        return title
    top = table.header[0]
    for column in data:
        is_from_left = table.grid.origin((top, column)) == (top, left)
        if table.text(top, column) and not is_from_left:
            return None
    return top
