"""Places by the addresses of cells, where no words tell: ranges, header rows, cells beside figures."""

from __future__ import annotations

from bisect import bisect_left, bisect_right
from collections.abc import Collection

from ilms_sdmx.conversion.layout.grid import At, Grid
from ilms_sdmx.mapping.layout import TableLayout
from ilms_sdmx.tables.addresses import Range, position

#: Top, bottom, left and right of a rectangle of places, ends not included.
Bounds = tuple[int, int, int, int]


def bounds(grid: Grid, area: Range) -> Bounds:
    """Places of a range of addresses; blank rows and columns have none."""
    rows, columns = grid.row_numbers, grid.column_numbers
    top, bottom = bisect_left(rows, area.top), bisect_right(rows, area.bottom)
    return top, bottom, bisect_left(columns, area.left), bisect_right(columns, area.right)


def index(numbers: list[int], number: int) -> int | None:
    """Place of a row or column by its number in the workbook; None where it is blank."""
    place = bisect_left(numbers, number)
    return place if place < len(numbers) and numbers[place] == number else None


def at(grid: Grid, address: str) -> At | None:
    """Place of a cell by its address; None where its row or column is blank."""
    row, column = position(address)
    places = index(grid.row_numbers, row), index(grid.column_numbers, column)
    return (places[0], places[1]) if places[0] is not None and places[1] is not None else None


def header_rows(grid: Grid, layout: TableLayout) -> list[int | None]:
    """Places of the header rows that are named by address, in the order of `columns`."""
    return [index(grid.row_numbers, row) for row in layout.column_rows]


def beside(
    grid: Grid, layout: TableLayout, columns: Collection[int], first: int
) -> dict[int, dict[str, int | None]]:
    """Columns of figures to the places of the columns beside them, by heading.

    A column that stands beside one of figures holds none itself; `first` is the number of the first column of
    figures, blank or not.
    """
    numbers = grid.column_numbers
    found: dict[int, dict[str, int | None]] = {}
    taken: set[int] = set()
    for number in range(first, numbers[max(columns, default=-1)] + 1 if columns else first):
        if number not in taken:
            right = {b.name: number + b.right for b in layout.beside}
            taken |= set(right.values())
            if (column := index(numbers, number)) in columns and column is not None:
                found[column] = {name: index(numbers, n) for name, n in right.items()}
    return found
