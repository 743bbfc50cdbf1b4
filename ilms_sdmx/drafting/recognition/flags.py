"""Columns with nothing but the flags of the figures at their left: value, flag, value, flag."""

from __future__ import annotations

import re
from collections.abc import Iterable, Sequence

from ilms_sdmx.drafting.recognition.kinds import CellKind, SheetKinds
from ilms_sdmx.words import says
from ilms_sdmx.words.text import clean

#: A flag: one or two letters or stars, perhaps in brackets.
_FLAG = re.compile(r"\(?(?:[A-Za-z]{1,2}|\*{1,3})[)/]?")
#: Rows above the first figures in which the header of a column is looked for.
_MOST_HEADERS = 3


def flags_of(kinds: SheetKinds, body: Sequence[int]) -> tuple[int, ...]:
    """Columns of flags, where each column of figures has one at its right, or a blank one."""
    rows = {column: _rows_of(kinds, body, column) for column in _columns(kinds, body)}
    flags: list[int] = []
    for column, filled in rows.items():
        if _holds_flags(kinds, body, filled, column):
            flags.append(column)
    numbers = kinds.grid.column_numbers
    right_of_figures = set()
    for column, filled in rows.items():
        if _holds_figures(kinds, filled, column):
            right_of_figures.add(numbers[column] + 1)
    if not flags or not {numbers[column] for column in flags} <= right_of_figures:
        return ()
    for column in rows:
        if column not in flags and numbers[column] in right_of_figures:
            return ()
    return tuple(flags)


def _columns(kinds: SheetKinds, body: Iterable[int]) -> list[int]:
    """Columns with a cell in any row."""
    columns: set[int] = set()
    for row in body:
        columns.update(kinds.rows[row])
    return sorted(columns)


def _rows_of(kinds: SheetKinds, body: Iterable[int], column: int) -> list[int]:
    """Rows in which a column has a cell."""
    return [row for row in body if column in kinds.rows[row]]


def _holds_figures(kinds: SheetKinds, rows: Iterable[int], column: int) -> bool:
    """Whether a column has figures or years, and no words."""
    found = {kinds.rows[row][column] for row in rows}
    return CellKind.FIGURE in found and CellKind.WORDS not in found


def _holds_flags(
    kinds: SheetKinds, body: Sequence[int], rows: Iterable[int], column: int
) -> bool:
    """Whether a column has nothing but flags, below a header that is blank or says so."""
    for row in rows:
        text = kinds.grid.text((row, column))
        if not _FLAG.fullmatch(clean(text)):
            return False
    for distance in range(1, _MOST_HEADERS + 1):
        cell = kinds.grid.cells.get((body[0] - distance, column))
        if cell is not None and not says(clean(cell.text), "legend"):
            return False
    return True
