"""Heads of a table: what stands above its columns and beside its rows, wrapped and indented as printed."""

from __future__ import annotations

from ilms_sdmx.conversion.layout.head_labels import Heads as Heads
from ilms_sdmx.conversion.layout.head_labels import header_text, marks_at
from ilms_sdmx.conversion.layout.marks import NONE
from ilms_sdmx.conversion.layout.places import beside, header_rows, index
from ilms_sdmx.conversion.layout.regions import Region
from ilms_sdmx.conversion.layout.row_heads import row_heads
from ilms_sdmx.mapping.layout import RowHeading

#: Heading of columns whose header rows have no names.
COLUMN = "column"


def heads(region: Region) -> Heads:
    """Labels of all columns and rows of a region."""
    found = Heads()
    found.stubs, found.spread = _stubs(region)
    _column_heads(region, found)
    row_heads(region, found)
    return found


def _stubs(region: Region) -> tuple[dict[str, int], dict[str, tuple[int, ...]]]:
    """Columns of each row heading: under its header, or the next from the left that is still free."""
    found: dict[str, int] = {}
    spread: dict[str, tuple[int, ...]] = {}
    free = list(range(region.left, region.right))
    for heading in region.layout.rows:
        column = index(region.grid.column_numbers, heading.column) if heading.column else None
        if column is not None:
            found[heading.name] = column
            spread[heading.name] = tuple(c for c in free if 0 < c - column < heading.spread)
            free = [c for c in free if c != column and c not in spread[heading.name]]
    for heading in region.layout.rows:
        if heading.header is not None and not heading.column:
            column = _under(region, heading, free)
            if column is not None:
                found[heading.name] = column
                spread[heading.name] = tuple(c for c in free if 0 < c - column < heading.spread)
                free = [c for c in free if c != column and c not in spread[heading.name]]
    for heading in region.layout.rows:
        if heading.header is None and not heading.column and free:
            found[heading.name] = free.pop(0)
            spread[heading.name] = tuple(free[: heading.spread - 1])
            free = free[heading.spread - 1 :]
    return found, spread


def _under(region: Region, heading: RowHeading, free: list[int]) -> int | None:
    assert heading.header is not None
    for column in free:
        for row in range(region.top, region.body):
            if heading.header.matches(header_text(region, row, column)):
                return column
    return None


def _data_columns(region: Region, found: Heads, headed: bool) -> list[int]:
    """Columns of figures: neither labels nor beside a figure, and not blank where no header names them."""
    grid = region.grid
    data = [c for c in range(region.left, region.right) if c not in found.label_columns]
    if region.layout.beside and data:
        first = region.area.left if region.area else grid.column_numbers[data[0]]
        found.beside = beside(grid, region.layout, data, first)
        data = list(found.beside)
    if headed:
        return data
    return [
        c for c in data if any((r, c) in grid.cells for r in range(region.body, region.bottom))
    ]


def _column_heads(region: Region, found: Heads) -> None:
    grid, layout = region.grid, region.layout
    header = header_rows(grid, layout) if layout.figures else [*range(region.top, region.body)]
    data = _data_columns(region, found, bool(header))
    last = [""] * len(header)
    known = [NONE] * len(header)
    for number, column in enumerate(data):
        texts = ["" if row is None else header_text(region, row, column) for row in header]
        marks = [NONE if row is None else marks_at(region, (row, column)) for row in header]
        for level, name in enumerate(layout.columns[: len(header)]):
            if name in layout.fill_columns and not texts[level]:
                texts[level], marks[level] = last[level], known[level]
        last, known = texts, marks
        if any(marks):
            found.column_marks[column] = sum(marks, NONE)
        if layout.column_labels:
            texts = [layout.column_labels[number] if number < len(layout.column_labels) else ""]
        if header and not any(texts):
            continue
        if layout.columns:
            named = zip(layout.columns, texts, strict=False)
            found.columns[column] = {n: t for n, t in named if n}
        else:
            found.columns[column] = {COLUMN: next((t for t in reversed(texts) if t), "")}
    rows = [row for row in header if row is not None]
    places = ((row, column) for row in rows for column in range(region.left, region.right))
    found.labels |= {grid.origin(at) for at in places} & grid.cells.keys()
    if layout.begin:
        found.labels.add(region.begin)
