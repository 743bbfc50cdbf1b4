"""Labels of a table by column and row, each on one line, and the marks that stand at them."""

from __future__ import annotations

import re
from dataclasses import dataclass, field

from ilms_sdmx.conversion.layout.grid import At
from ilms_sdmx.conversion.layout.marks import NONE, Marks, flag_tail, marks_of
from ilms_sdmx.conversion.layout.regions import Region
from ilms_sdmx.mapping.layout import Conventions
from ilms_sdmx.words.text import clean

_NUMBERING = re.compile(r"^\s*(\d{1,3}|[ivxlc]{1,6}|[a-z])[.)]\s+(?=\S)", re.IGNORECASE)


@dataclass(eq=False)
class Heads:
    """Labels of a region's columns and rows.

    Parameters
    ----------
    columns
        Data column to its labels by heading.
    stubs
        Column of each row heading, by name.
    spread
        Further columns of the row headings whose labels are spread over several.
    rows
        Row with figures to its labels by heading.
    beside
        Data column to the columns beside it, by heading; None where the column is blank.
    labels
        Places of cells that are labels of the table.
    row_marks, column_marks
        Row and column to the marks of footnotes at their labels, where there are any.
    """

    columns: dict[int, dict[str, str]] = field(default_factory=dict)
    stubs: dict[str, int] = field(default_factory=dict)
    spread: dict[str, tuple[int, ...]] = field(default_factory=dict)
    rows: dict[int, dict[str, str]] = field(default_factory=dict)
    labels: set[At] = field(default_factory=set)
    beside: dict[int, dict[str, int | None]] = field(default_factory=dict)
    row_marks: dict[int, Marks] = field(default_factory=dict)
    column_marks: dict[int, Marks] = field(default_factory=dict)

    @property
    def label_columns(self) -> set[int]:
        """All columns of row labels."""
        return {*self.stubs.values(), *(c for columns in self.spread.values() for c in columns)}

    def place(self, region: Region, name: str, row: int) -> At:
        """Place of the label of a row: the last of its columns that is not blank."""
        columns = [self.stubs[name], *self.spread.get(name, ())]
        return next(
            ((row, c) for c in reversed(columns) if region.grid.text((row, c))),
            (row, columns[0]),
        )


def plain(label: str, conventions: Conventions) -> str:
    """Label on one line, without the numbering, footnote marks and flags that the conventions declare."""
    text = clean(label)
    if conventions.footnotes:
        text = clean(conventions.footnotes.sub(" ", text))
    if conventions.flags:
        text = flag_tail(tuple(conventions.flags)).sub("", text)
    return _NUMBERING.sub("", text, count=1) if conventions.numbering else text


def marks_at(region: Region, at: At) -> Marks:
    """Find the marks of footnotes at a label."""
    cell = region.grid.cells.get(region.grid.origin(at))
    return marks_of(cell.text, cell.superscript, region.layout.conventions) if cell else NONE


def header_text(region: Region, row: int, column: int) -> str:
    """Text of a header cell; a merge over several header rows counts in its first only."""
    grid = region.grid
    origin = grid.origin((row, column))
    if origin[0] != row and origin[0] >= region.top:
        return ""
    return plain(grid.text((row, column)), region.layout.conventions)
