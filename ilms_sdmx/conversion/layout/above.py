"""Words above tables: the cells between the header of one and the figures above it."""

from __future__ import annotations

from collections.abc import Iterable, Mapping

from ilms_sdmx.conversion.layout.heads import heads_of
from ilms_sdmx.conversion.layout.regions import Region
from ilms_sdmx.tables.cells import Cell, Kind

#: Name of each sheet to its rows with figures of any table.
FigureRows = Mapping[str, set[int]]


def rows_of_figures(regions: Iterable[Region]) -> FigureRows:
    """Name of each sheet to its rows with figures of any table."""
    rows: dict[str, set[int]] = {}
    for region in regions:
        own = rows.setdefault(region.grid.name, set())
        own.update(heads_of(region).rows.labels)
    return rows


def cells_above(region: Region, rows: FigureRows) -> list[Cell]:
    """Cells with text above the header of a table, in its columns, below any figures there.

    The cell at which the table begins is none of them where the mapping has all of its words.
    """
    begin = region.layout.begin
    is_whole = begin is not None and not begin.pieces and begin.expression is None
    grid = region.grid
    first_row, _ = region.begin
    end = max(region.top, first_row)
    above = [row for row in rows.get(grid.name, ()) if row < end]
    start = max(above, default=-1) + 1
    cells = []
    for row in range(start, end):
        for column in grid.filled.get(row, ()):
            cell = grid.cells[row, column]
            if is_whole and (row, column) == region.begin:
                continue
            if cell.kind is Kind.TEXT and column in region.columns:
                cells.append(cell)
    return cells
