"""Heads of a table: the labels above its columns and next to its rows."""

from __future__ import annotations

from dataclasses import dataclass, field

from ilms_sdmx.conversion.layout.grid import At
from ilms_sdmx.conversion.layout.marks import NONE, Marks, joined_marks
from ilms_sdmx.conversion.layout.places import columns_to_the_right, header_rows
from ilms_sdmx.conversion.layout.regions import Region
from ilms_sdmx.conversion.layout.rows import RowLabels, row_labels
from ilms_sdmx.conversion.layout.stubs import Stubs, stubs_of
from ilms_sdmx.mapping.layout import TableLayout

#: Heading of columns whose header rows have no names.
COLUMN = "column"
#: Data column to the columns next to it, by heading; None where the column is blank.
Neighbours = dict[int, dict[str, int | None]]


@dataclass(eq=False)
class ColumnLabels:
    """Labels of the columns with figures.

    Parameters
    ----------
    labels
        Column to its labels by heading.
    marks
        Column to the marks of footnotes at its labels, where there are any.
    places
        Places of the cells that are labels.
    """

    labels: dict[int, dict[str, str]] = field(default_factory=dict)
    marks: dict[int, Marks] = field(default_factory=dict)
    places: set[At] = field(default_factory=set)


@dataclass(frozen=True, eq=False)
class Heads:
    """Labels of a region's columns and rows.

    Parameters
    ----------
    stubs
        Columns of the row labels.
    columns
        Labels of the columns with figures.
    rows
        Labels of the rows with figures.
    neighbours
        Columns next to those of figures that hold a heading, where there are any.
    """

    stubs: Stubs
    columns: ColumnLabels
    rows: RowLabels
    neighbours: Neighbours

    def missing(self, layout: TableLayout) -> list[str]:
        """Row headings of the table whose labels are nowhere."""
        names = [heading.name for heading in layout.rows]
        return [name for name in names if name not in self.stubs.columns]

    @property
    def places(self) -> set[At]:
        """Places of all cells that are labels of the table."""
        return self.columns.places | self.rows.places


def heads_of(region: Region) -> Heads:
    """Labels of all columns and rows of a region."""
    stubs = stubs_of(region)
    data = [column for column in region.columns if column not in stubs.every]
    neighbours = _neighbours(region, data)
    if region.layout.next_to:
        data = list(neighbours)
    columns = _column_labels(region, data)
    rows = row_labels(region, stubs, neighbours)
    return Heads(stubs, columns, rows, neighbours)


def _neighbours(region: Region, data: list[int]) -> Neighbours:
    """Columns next to those of figures, where the mapping names what they hold."""
    if not region.layout.next_to or not data:
        return {}
    numbers = region.grid.column_numbers
    first = region.area.left if region.area else numbers[data[0]]
    return columns_to_the_right(region.grid, region.layout, data, first)


def _column_labels(region: Region, data: list[int]) -> ColumnLabels:
    """Labels of the columns with figures, and the marks of footnotes at them."""
    grid, layout = region.grid, region.layout
    header: list[int | None] = [*range(region.top, region.body)]
    if layout.figures:
        header = header_rows(grid, layout)
    if not header:
        data = [column for column in data if _has_cells(region, column)]
    columns = ColumnLabels()
    levels = _Levels(region, header)
    for number, column in enumerate(data):
        texts, marks = levels.read(column)
        if any(marks):
            columns.marks[column] = joined_marks(marks)
        if layout.column_labels:
            texts = list(layout.column_labels[number : number + 1]) or [""]
        if any(texts) or not header:
            columns.labels[column] = _named(layout.columns, texts)
    columns.places.update(_header_places(region, header))
    if layout.begin:
        columns.places.add(region.begin)
    return columns


def _has_cells(region: Region, column: int) -> bool:
    """Whether a column has any cell below the header."""
    cells = region.grid.cells
    rows = range(region.body, region.bottom)
    return any((row, column) in cells for row in rows)


class _Levels:
    """Header rows of a region, by column: a blank cell may repeat that to its left."""

    def __init__(self, region: Region, header: list[int | None]) -> None:
        count = len(header)
        self.region = region
        self.header = header
        self.texts = [""] * count
        self.marks = [NONE] * count

    def read(self, column: int) -> tuple[list[str], list[Marks]]:
        """Text and marks of each header row over a column."""
        texts = []
        marks = []
        for row in self.header:
            if row is None:
                texts.append("")
                marks.append(NONE)
            else:
                texts.append(self.region.header_text(row, column))
                marks.append(self.region.marks_at((row, column)))
        layout = self.region.layout
        for level, name in enumerate(layout.columns[: len(self.header)]):
            if name in layout.fill_columns and not texts[level]:
                texts[level] = self.texts[level]
                marks[level] = self.marks[level]
        self.texts, self.marks = texts, marks
        return texts, marks


def _named(names: tuple[str | None, ...], texts: list[str]) -> dict[str, str]:
    """Labels of a column by heading; the last of those without names."""
    if not names:
        lowest = [text for text in texts if text][-1:]
        return {COLUMN: lowest[0] if lowest else ""}
    labels = {}
    for name, text in zip(names, texts, strict=False):
        if name:
            labels[name] = text
    return labels


def _header_places(region: Region, header: list[int | None]) -> set[At]:
    """Places of the cells of the header rows."""
    places = set()
    for row in header:
        if row is None:
            continue
        for column in region.columns:
            origin = region.grid.origin((row, column))
            if origin in region.grid.cells:
                places.add(origin)
    return places
