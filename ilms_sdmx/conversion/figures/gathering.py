"""Gathering of figures: one row a cell with a figure, with all its headings, as printed."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from ilms_sdmx.conversion.figures.columns import (
    Repeated,
    columns_of_cells,
    joined_columns,
    union,
)
from ilms_sdmx.conversion.figures.model import PRINTED, Figures
from ilms_sdmx.conversion.layout.grid import At
from ilms_sdmx.conversion.layout.heads import Heads
from ilms_sdmx.conversion.layout.marks import NONE, Marks, marks_of
from ilms_sdmx.conversion.layout.regions import Region
from ilms_sdmx.mapping.layout import column
from ilms_sdmx.tables.cells import Cell, Kind
from ilms_sdmx.words.text import clean

if TYPE_CHECKING:
    import numpy as np

#: Most cells of a row above a table that is words and no table.
_MOST_WORDS = 2


def gather(regions: list[tuple[Region, Heads]], free: list[dict[str, str]]) -> Figures:
    """Figures of all regions of one table: the columns of `PRINTED`, one for each heading.

    A blank cell is a figure only where the mapping says what blank means.

    Parameters
    ----------
    free
        Labels of the headings outside the table, for each region.
    """
    import pandas as pd

    cells = []
    pieces = []
    for (region, heads), labels in zip(regions, free, strict=True):
        places = _places(region, heads)
        own_cells = [region.grid.cells.get(at) or _blank_cell(region, at) for at in places]
        pieces.append(_labels(region, heads, labels, places, own_cells))
        cells += own_cells
    columns: dict[str, Any] = dict.fromkeys(PRINTED)
    columns |= columns_of_cells(cells)
    columns |= joined_columns(pieces)
    return Figures(pd.DataFrame(columns))


def _places(region: Region, heads: Heads) -> list[At]:
    """Places of figures in reading order: cells of labelled rows that are no labels."""
    cells = region.grid.cells
    blank_columns: set[int] = set()
    if "" in region.layout.conventions.markers:
        blank_columns.update(heads.columns.labels)
    numbers = [number for number in region.columns if number not in heads.stubs.every]
    if heads.neighbours:
        numbers = [number for number in numbers if number in heads.neighbours]
    places = []
    for row in heads.rows.labels:
        for number in numbers:
            if (row, number) in cells or number in blank_columns:
                places.append((row, number))
    return places


def _blank_cell(region: Region, at: At) -> Cell:
    """Empty cell at a place; its address follows from the cells of its row and column."""
    row = region.grid.row_numbers[at[0]]
    number = region.grid.column_numbers[at[1]]
    return Cell(row, number, None, Kind.TEXT)


def _labels(
    region: Region, heads: Heads, free: dict[str, str], places: list[At], cells: list[Cell]
) -> dict[str, Repeated]:
    """Labels of the figures of one region, by column.

    A heading of the table goes before one outside it, and what the mapping sets before both.
    """
    import numpy as np

    numbers = np.array(places, "int64").reshape(-1, 2)
    rows, columns = numbers.T
    size = len(places)
    layout = region.layout
    grid = region.grid
    labels = {}
    for name, label in free.items():
        labels[column(name)] = Repeated.same(label, size)
    labels["table"] = Repeated.same(layout.name, size)
    labels["sheet"] = Repeated.same(grid.name, size)
    labels |= _marks(region, heads, places, cells)
    labels |= _by_number(heads.rows.labels, rows, grid.rows)
    labels |= _by_number(heads.columns.labels, columns, grid.columns)
    labels |= _neighbour_labels(region, heads, places)
    for name, label in layout.set.items():
        labels[column(name)] = Repeated.same(label, size)
    return labels


def _by_number(
    labels: dict[int, dict[str, str]], numbers: np.ndarray, size: int
) -> dict[str, Repeated]:
    """Labels of the rows or the columns of figures, by column of the figures.

    Parameters
    ----------
    numbers
        Row or column of each figure.
    size
        Number of rows or columns.
    """
    columns = {}
    for name in union(labels.values()):
        texts = [""] * size
        for number, own_labels in labels.items():
            texts[number] = own_labels.get(name, "")
        columns[column(name)] = Repeated(texts, numbers)
    return columns


def _neighbour_labels(region: Region, heads: Heads, places: list[At]) -> dict[str, Repeated]:
    """Labels in the cells next to each figure, by column of the figures."""
    columns = {}
    for heading in region.layout.next_to:
        texts = []
        for row, number in places:
            neighbour = heads.neighbours[number][heading.name]
            text = "" if neighbour is None else region.grid.text((row, neighbour))
            texts.append(clean(text))
        columns[column(heading.name)] = Repeated.each(texts)
    return columns


def _marks(
    region: Region, heads: Heads, places: list[At], cells: list[Cell]
) -> dict[str, Repeated]:
    """Marks at each figure, its row labels, its column labels and the title of its table."""
    conventions = region.layout.conventions
    title = _title_marks(region)
    row_marks = heads.rows.marks
    column_marks = heads.columns.marks
    has_marks = title or row_marks or column_marks
    if not has_marks and not region.grid.marked:
        nothing = Repeated.same("", len(cells))
        return {"footnote": nothing, "marks": nothing}
    certain = []
    every = []
    for (row, number), cell in zip(places, cells, strict=True):
        marks = marks_of("", cell.superscript, conventions)
        marks += row_marks.get(row, NONE)
        marks += column_marks.get(number, NONE)
        marks += title
        certain.append(" ".join(marks.certain))
        every.append(" ".join(marks.certain + marks.perhaps))
    return {"footnote": Repeated.each(certain), "marks": Repeated.each(every)}


def _title_marks(region: Region) -> Marks:
    """Raised marks in the words right above a table.

    Text that begins with its mark is a legend.
    """
    grid = region.grid
    marks = NONE
    for row in range(region.top - 1, -1, -1):
        columns = grid.filled.get(row, [])
        if len(columns) > _MOST_WORDS:
            break
        for number in columns:
            cell = grid.cells[row, number]
            raised = cell.superscript
            if raised and not str(cell.value).startswith(raised):
                marks += marks_of("", raised, region.layout.conventions)
    return marks
