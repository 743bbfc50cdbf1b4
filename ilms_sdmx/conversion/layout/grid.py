"""A sheet without its blank rows and columns: what stands where, merges filled, places kept."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass, field
from functools import cached_property

from ilms_sdmx.tables.cells import NOTHING, Cell, Kind, Sheet, Workbook

#: Row and column, counted from 0 among those that are not blank.
At = tuple[int, int]


def is_blank(cell: Cell | None) -> bool:
    """Whether nothing can be seen in a cell; a formula without result is not nothing."""
    if cell is None:
        return True
    if cell.kind is Kind.TEXT:
        return not str(cell.value).strip() and not cell.text.strip()
    return cell.kind is Kind.EMPTY and not cell.uncached


def printed(cell: Cell) -> str:
    """Text of a cell; a formula without result shows itself, for nothing else stands there."""
    return cell.extra.formula if cell.uncached else cell.text


@dataclass(frozen=True, eq=False)
class Grid:
    """Cells of one sheet by place; blank rows and columns do not count, so inserting some changes nothing.

    Parameters
    ----------
    cells
        Cells that are not blank.
    rows, columns
        Sizes.
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

    def mark(self, at: At) -> str:
        """Return the raised type at a place, empty where there is none."""
        cell = self.cells.get(self.origin(at))
        return cell.superscript if cell else ""

    @cached_property
    def filled(self) -> dict[int, list[int]]:
        """Row to the columns of its cells, from the left."""
        found: dict[int, list[int]] = {}
        for row, column in self.cells:
            found.setdefault(row, []).append(column)
        return {row: sorted(columns) for row, columns in found.items()}

    @cached_property
    def row_numbers(self) -> list[int]:
        """Rows as the workbook counts them, in order: what stands where a place says."""
        return sorted({cell.row for cell in self.cells.values()})

    @cached_property
    def column_numbers(self) -> list[int]:
        """Columns as the workbook counts them, in order."""
        return sorted({cell.column for cell in self.cells.values()})

    @cached_property
    def marked(self) -> bool:
        """Whether any cell has raised type."""
        return any(c.extra is not NOTHING and c.superscript for c in self.cells.values())

    def texts(self) -> Iterator[tuple[At, str]]:
        """Places and texts of all cells that hold text."""
        return ((at, cell.text) for at, cell in self.cells.items() if cell.kind is Kind.TEXT)


def grids(workbook: Workbook, *, hidden: bool = True) -> list[Grid]:
    """Grids of all sheets, which share their places: a large book keeps less."""
    places: dict[At, At] = {}
    return [grid(sheet, hidden=hidden, places=places) for sheet in workbook]


def grid(sheet: Sheet, *, hidden: bool = True, places: dict[At, At] | None = None) -> Grid:
    """Grid of a sheet; without `hidden`, what the page does not show is left out."""
    shared = {} if places is None else places
    kept = [
        c
        for c in sheet
        if (c.kind is Kind.NUMBER or not is_blank(c))
        and (hidden or not sheet.is_hidden(c.row, c.column))
    ]
    rows = {r: n for n, r in enumerate(sorted({c.row for c in kept}))}
    columns = {c: n for n, c in enumerate(sorted({c.column for c in kept}))}
    cells = {shared.setdefault(at := (rows[c.row], columns[c.column]), at): c for c in kept}
    origins = _origins(sheet, rows, columns)
    return Grid(sheet.name, cells, len(rows), len(columns), origins)


def _origins(sheet: Sheet, rows: dict[int, int], columns: dict[int, int]) -> dict[At, At]:
    found: dict[At, At] = {}
    for merge in sheet.merges:
        if merge.top not in rows or merge.left not in columns:
            continue
        down = [
            rows[r] for r in range(merge.top, min(merge.bottom, sheet.rows) + 1) if r in rows
        ]
        across = [
            columns[c]
            for c in range(merge.left, min(merge.right, sheet.columns) + 1)
            if c in columns
        ]
        first = (rows[merge.top], columns[merge.left])
        found |= {(r, c): first for r in down for c in across if (r, c) != first}
    return found
