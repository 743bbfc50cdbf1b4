"""Places by the addresses of cells, where no words tell: ranges, rows, cells to the right."""

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
    top = bisect_left(rows, area.top)
    bottom = bisect_right(rows, area.bottom)
    left = bisect_left(columns, area.left)
    right = bisect_right(columns, area.right)
    return top, bottom, left, right


def place_of_number(numbers: list[int], number: int) -> int | None:
    """Place of a row or column by its number in the workbook; None where it is blank."""
    place = bisect_left(numbers, number)
    if place < len(numbers) and numbers[place] == number:
        return place
    return None


def place_of_address(grid: Grid, address: str) -> At | None:
    """Place of a cell by its address; None where its row or column is blank."""
    row_number, column_number = position(address)
    row = place_of_number(grid.row_numbers, row_number)
    column = place_of_number(grid.column_numbers, column_number)
    if row is None or column is None:
        return None
    return row, column


def header_rows(grid: Grid, layout: TableLayout) -> list[int | None]:
    """Places of the header rows that are named by address, in the order of `columns`."""
    return [place_of_number(grid.row_numbers, row) for row in layout.column_rows]


def columns_to_the_right(
    grid: Grid, layout: TableLayout, columns: Collection[int], first: int
) -> dict[int, dict[str, int | None]]:
    """Columns of figures to the places of the columns next to them, by heading.

    Parameters
    ----------
    columns
        Columns that may hold figures; one that is next to a column of figures holds none
        itself.
    first
        Number of the first column of figures in the workbook, blank or not.
    """
    neighbours: dict[int, dict[str, int | None]] = {}
    if not columns:
        return neighbours
    numbers = grid.column_numbers
    taken = set()
    for number in range(first, numbers[max(columns)] + 1):
        if number in taken:
            continue
        places = {}
        for heading in layout.next_to:
            neighbour = number + heading.right
            taken.add(neighbour)
            places[heading.name] = place_of_number(numbers, neighbour)
        column = place_of_number(numbers, number)
        if column is not None and column in columns:
            neighbours[column] = places
    return neighbours
