"""Recognition of tables on a sheet: where figures are, what heads them, what is above them."""

from __future__ import annotations

from collections.abc import Collection, Iterable, Sequence
from dataclasses import dataclass, replace

from ilms_sdmx.conversion.layout.grid import Grid
from ilms_sdmx.drafting.recognition.columns import TableColumns, columns_of, is_numbering
from ilms_sdmx.drafting.recognition.first_rows import (
    counts_years,
    is_title_with_end,
    rows_like_years,
)
from ilms_sdmx.drafting.recognition.kinds import CellKind, SheetKinds, kinds_of
from ilms_sdmx.drafting.recognition.neighbours import split_neighbours
from ilms_sdmx.drafting.recognition.printed import PrintedTable
from ilms_sdmx.drafting.recognition.repeated import with_repeated_labels
from ilms_sdmx.drafting.recognition.units import says_unit
from ilms_sdmx.words import is_unit_line
from ilms_sdmx.words.text import clean

#: Most letters of a text that may head a column.
_LONGEST_HEADING = 40


def find_tables(grid: Grid) -> list[PrintedTable]:
    """Tables of a sheet, from the top, those next to each other from the left."""
    kinds = kinds_of(grid)
    tables: list[PrintedTable] = []
    last_taken = -1
    for first, last in _row_groups(kinds):
        if counts_years(kinds, first) and first < last:
            first += 1
        table = _table(kinds, first, last, last_taken)
        if table is not None:
            tables += map(with_repeated_labels, split_neighbours(table))
            last_taken = last
    return tables


def _row_groups(kinds: SheetKinds) -> list[tuple[int, int]]:
    """First and last row with figures of each table."""
    body = _rows_with_figures(kinds)
    body |= rows_like_years(kinds, body)
    groups: list[list[int]] = []
    for row in sorted(body):
        if groups and not _is_new_table(kinds, groups[-1], row):
            groups[-1].append(row)
        else:
            groups.append([row])
    return [(group[0], group[-1]) for group in groups]


def _rows_with_figures(kinds: SheetKinds) -> set[int]:
    """Rows with figures, and those that go on below them, though their numbers may be years."""
    body: set[int] = set()
    columns: set[int] = set()
    for row in kinds.rows:
        if row - 1 not in body:
            columns = set()
        goes_on = kinds.continues(row, columns) and not _repeats_header(kinds, row, body)
        if kinds.is_body(row) or goes_on:
            body.add(row)
            columns |= kinds.columns_of_figures(row)
    return body


def _is_new_table(kinds: SheetKinds, group: Sequence[int], row: int) -> bool:
    """Whether a new table begins between the last row of a group and another with figures."""
    last = group[-1]
    others = range(last + 1, row)
    between = [other for other in others if not kinds.is_block(other)]
    if _is_one_row_of_words(kinds, last, between, row):
        return False
    for other in between:
        if kinds.heads_columns(other, row):
            return True
    sheet_rows = kinds.grid.row_numbers
    next_row = row
    if between:
        next_row = between[0]
    if sheet_rows[next_row] - sheet_rows[last] < 2:
        return False
    if between:
        return True
    return len(group) > 3 and kinds.is_total(last)


def _is_one_row_of_words(
    kinds: SheetKinds, last: int, between: Sequence[int], row: int
) -> bool:
    """Whether one row of words is between rows with figures without a gap: `the rest`."""
    if len(between) != 1 or _repeats_header(kinds, between[0]):
        return False
    sheet_rows = kinds.grid.row_numbers
    columns = kinds.row(last).keys()
    same_columns = kinds.row(between[0]).keys() == columns
    if not same_columns:
        return False
    return sheet_rows[row] - sheet_rows[last] == 2


def _repeats_header(kinds: SheetKinds, row: int, body: Collection[int] = ()) -> bool:
    """Whether a row has the first text of a row above: the header again, or that of others.

    Rows of the body are no headers.
    """
    column, *others = kinds.row(row)
    if not others:
        return False
    text = kinds.grid.text((row, column))
    first_row = kinds.first_rows.get((column, text), row)
    if first_row >= row or kinds.row(row)[column] is not CellKind.WORDS:
        return False
    if first_row in body:
        return False
    return kinds.words(row) <= kinds.words(first_row)


def _table(kinds: SheetKinds, first: int, last: int, last_taken: int) -> PrintedTable | None:
    """Table of the rows from the first to the last with figures, None without labels."""
    inside = range(first, last + 1)
    body = _body(kinds, inside)
    columns = columns_of(kinds, body)
    if not columns.stubs or not columns.data:
        return None
    body = _with_figures(kinds, body, columns)
    group_rows: list[int] = []
    if first - 2 > last_taken:
        group_rows = _group_heading(kinds, first, columns)
    above = _rows_above(kinds, first - len(group_rows), columns, last_taken)
    numbered = []
    if first not in body:
        numbered = [first]
    words = list(group_rows)
    blocks = list(above.blocks)
    for row in sorted({*inside} - {*body, *numbered}):
        rows_of_kind = words
        if kinds.is_block(row):
            rows_of_kind = blocks
        rows_of_kind.append(row)
    further_stubs = _columns_right(kinds, [*above.header, *words], columns)
    stubs = sorted([*columns.stubs, *further_stubs])
    table = PrintedTable(kinds.grid, above.header, body, stubs, columns.data)
    table = replace(table, counting=columns.counting, spread=columns.spread)
    table = replace(table, codes=columns.codes, flags=columns.flags)
    table = replace(table, words=words, blocks=sorted(blocks), numbered=numbered)
    return replace(table, title=above.title)


def _with_figures(kinds: SheetKinds, rows: Iterable[int], columns: TableColumns) -> list[int]:
    """Rows with a cell in a column of figures."""
    data = set(columns.data)
    with_figures: list[int] = []
    for row in rows:
        if not data.isdisjoint(kinds.rows[row]):
            with_figures.append(row)
    return with_figures


def _body(kinds: SheetKinds, inside: Sequence[int]) -> list[int]:
    """Rows with several cells, without a first one that only numbers the columns."""
    rows = [row for row in inside if len(kinds.row(row)) > 1]
    if rows and rows[0] == inside[0] and is_numbering(kinds.texts(rows[0])):
        return rows[1:]
    return rows


def _columns_right(kinds: SheetKinds, rows: Iterable[int], columns: TableColumns) -> list[int]:
    """Columns right of the figures that only have words: the labels in a second language."""
    last_data = max(columns.data)
    columns_of_words: set[int] = set()
    for row in rows:
        for column, kind in kinds.rows[row].items():
            if column > last_data and kind is CellKind.WORDS:
                columns_of_words.add(column)
    return sorted(columns_of_words - columns.labels)


@dataclass(frozen=True)
class _RowsAbove:
    """Rows above the first row with figures.

    Parameters
    ----------
    header, blocks
        Rows that head the columns, and rows that head the rows below.
    title
        Row of the title, None where there is none.
    """

    header: list[int]
    blocks: list[int]
    title: int | None


def _rows_above(
    kinds: SheetKinds, first: int, columns: TableColumns, last_taken: int
) -> _RowsAbove:
    """Header, blocks and title above the first row with figures."""
    header: list[int] = []
    blocks: list[int] = []
    row = first - 1
    while row > last_taken and row in kinds.rows:
        if kinds.is_block(row) and not header:
            blocks.append(row)
        elif header and _is_title_with_unit(kinds, row, header[0], columns):
            return _RowsAbove(header, blocks, row)
        elif _is_header(kinds, row, columns):
            header.insert(0, row)
        else:
            break
        row -= 1
    is_above = row > last_taken and row in kinds.rows
    has_title = is_above and (len(kinds.row(row)) == 1 or is_title_with_end(kinds, row))
    return _RowsAbove(header, blocks, row if has_title else None)


def _is_title_with_unit(kinds: SheetKinds, row: int, below: int, columns: TableColumns) -> bool:
    """Whether a row is a title with a unit or a period at its right end, above a header.

    The header below it has words over the labels of its own, or names every column.
    """
    cells = kinds.row(row)
    if len(cells) != 2 or len(columns.data) < 2:
        return False
    first_column, last_column = cells
    is_left_title = first_column not in columns.data
    if not is_left_title or last_column not in columns.data:
        return False
    if cells[first_column] is not CellKind.WORDS:
        return False
    if (row, last_column) in kinds.merged:
        return False
    cells_below = kinds.row(below)
    columns_named = {first_column, *columns.data}
    if not columns_named <= cells_below.keys():
        return False
    if cells[last_column] is CellKind.PERIOD:
        return CellKind.PERIOD not in cells_below.values()
    text = kinds.grid.text((row, last_column))
    return says_unit(clean(text))


def _is_header(kinds: SheetKinds, row: int, columns: TableColumns) -> bool:
    """Whether a row heads columns of figures."""
    if kinds.row(row).keys().isdisjoint(columns.data):
        return False
    if is_title_with_end(kinds, row):
        return False
    if _is_title(kinds, row) and not _is_inside_header(kinds, row, columns):
        return False
    return not kinds.is_one_period(row)


def _is_inside_header(kinds: SheetKinds, row: int, columns: TableColumns) -> bool:
    """Whether one text over the figures is below words over the labels and over itself."""
    cells = list(kinds.row(row))
    above = kinds.row(row - 1)
    has_labels_above = not columns.labels.isdisjoint(above)
    return len(cells) == 1 and has_labels_above and cells[0] in above


def _group_heading(kinds: SheetKinds, first: int, columns: TableColumns) -> list[int]:
    """Row between the header and the first figures that only has a label: it heads a group.

    Tables next to each other have the same label each, or each its period.
    """
    data = set(columns.data)
    row = first - 1
    cells = kinds.row(row)
    if not cells or not data.isdisjoint(cells):
        return []
    labels = set(kinds.texts(row))
    are_periods = set(cells.values()) == {CellKind.PERIOD}
    if len(labels) > 1 and not are_periods:
        return []
    cells_above = kinds.row(row - 1)
    headed = data.intersection(cells_above)
    if len(headed) * 2 > len(data):
        return [row]
    return []


def _is_title(kinds: SheetKinds, row: int) -> bool:
    """Whether a row is one text that heads no column: at the left, a unit, or not merged."""
    columns = list(kinds.rows[row])
    if len(columns) > 1:
        return False
    text = clean(kinds.grid.text((row, columns[0])))
    if columns[0] == 0 or len(text) > _LONGEST_HEADING:
        return True
    return not kinds.is_merged(row) or is_unit_line(text)
