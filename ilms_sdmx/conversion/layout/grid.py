"""A sheet without its blank rows and columns: what is where, merges filled, places kept."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass, field
from functools import cached_property
from itertools import groupby
from operator import itemgetter

from ilms_sdmx.tables.cells import NOTHING, Cell, Kind, Sheet, Workbook

#: Row and column, counted from 0 among those that are not blank.
At = tuple[int, int]
_ROW = itemgetter(0)
_COLUMN = itemgetter(1)


def is_blank(cell: Cell | None) -> bool:
    """Whether nothing can be seen in a cell; a formula without result is not nothing."""
    if cell is None:
        return True
    value = cell.value
    if type(value) is str and value and not value.isspace():
        return False
    if cell.kind is not Kind.TEXT:
        return cell.kind is Kind.EMPTY and not cell.uncached
    return not cell.text.strip()


def printed(cell: Cell) -> str:
    """Text of a cell; a formula without result shows itself, for nothing else is there."""
    return cell.extra.formula if cell.uncached else cell.text


@dataclass(frozen=True, eq=False)
class Grid:
    """Cells of one sheet by place.

    Blank rows and columns do not count, so that inserting some changes nothing.

    Parameters
    ----------
    name
        Name of the sheet.
    cells
        Cells that are not blank.
    rows, columns
        Number of rows and columns that are not blank.
    origins
        Place to the place whose cell covers it by a merge.
    """

    name: str
    cells: dict[At, Cell]
    rows: int
    columns: int
    origins: dict[At, At] = field(default_factory=dict)

    def origin(self, at: At) -> At:
        """Place of the cell that shows at a place."""
        return self.origins.get(at, at)

    def text(self, at: At) -> str:
        """Text that shows at a place, empty where nothing does."""
        cell = self.cells.get(self.origin(at))
        return cell.text if cell else ""

    @cached_property
    def filled(self) -> dict[int, list[int]]:
        """Row to the columns of its cells, from the left."""
        filled: dict[int, list[int]] = {}
        for row, places in groupby(self.cells, key=_ROW):
            filled.setdefault(row, []).extend(map(_COLUMN, places))
        for columns in filled.values():
            columns.sort()
        return filled

    @cached_property
    def row_numbers(self) -> list[int]:
        """Rows as the workbook counts them, in order."""
        return sorted({cell.row for cell in self.cells.values()})

    @cached_property
    def column_numbers(self) -> list[int]:
        """Columns as the workbook counts them, in order."""
        return sorted({cell.column for cell in self.cells.values()})

    @cached_property
    def marked(self) -> bool:
        """Whether any cell has raised type."""
        cells = self.cells.values()
        # Most cells have nothing but a value: to look at the object first is fast.
        return any(cell.extra is not NOTHING and cell.superscript for cell in cells)

    def texts(self) -> Iterator[tuple[At, str]]:
        """Places and texts of all cells that hold text."""
        for at, cell in self.cells.items():
            if cell.kind is Kind.TEXT:
                yield at, cell.text


def grids(workbook: Workbook, *, hidden: bool = True) -> list[Grid]:
    """Grids of all sheets, which share their places: a large book keeps less.

    Parameters
    ----------
    hidden
        Whether hidden sheets, rows and columns are read too.
    """
    places: dict[At, At] = {}
    return [grid_of(sheet, hidden=hidden, places=places) for sheet in workbook]


def grid_of(sheet: Sheet, *, hidden: bool = True, places: dict[At, At] | None = None) -> Grid:
    """Grid of a sheet; without `hidden`, what the page does not show is left out."""
    shared = {} if places is None else places
    kept = [cell for cell in sheet if cell.kind is Kind.NUMBER or not is_blank(cell)]
    if not hidden:
        kept = [cell for cell in kept if not sheet.is_hidden(cell.row, cell.column)]
    rows = _positions({cell.row for cell in kept})
    columns = _positions({cell.column for cell in kept})
    cells = {}
    for cell in kept:
        row = rows[cell.row]
        at = (row, columns[cell.column])
        at = shared.setdefault(at, at)
        cells[at] = cell
    origins = _origins(sheet, rows, columns)
    return Grid(sheet.name, cells, len(rows), len(columns), origins)


def _positions(numbers: set[int]) -> dict[int, int]:
    """Number of a row or column in the workbook to its place among those that are not blank."""
    positions = {}
    for position, number in enumerate(sorted(numbers)):
        positions[number] = position
    return positions


def _origins(sheet: Sheet, rows: dict[int, int], columns: dict[int, int]) -> dict[At, At]:
    """Places that a merge covers, each with the place of the cell that shows there."""
    origins = {}
    for merge in sheet.merges:
        if merge.top not in rows or merge.left not in columns:
            continue
        first = (rows[merge.top], columns[merge.left])
        down = _between(rows, merge.top, min(merge.bottom, sheet.rows))
        across = _between(columns, merge.left, min(merge.right, sheet.columns))
        for row in down:
            for column in across:
                if (row, column) != first:
                    origins[row, column] = first
    return origins


def _between(positions: dict[int, int], first: int, last: int) -> list[int]:
    """Places of the rows or columns from a number to another, both included."""
    numbers = range(first, last + 1)
    return [positions[number] for number in numbers if number in positions]
