"""One recognised table: its rows and columns, and the labels that show there."""

from __future__ import annotations

import itertools
from collections.abc import Iterable
from dataclasses import dataclass, field
from functools import cached_property, lru_cache

from ilms_sdmx.conversion.layout.grid import At, Grid
from ilms_sdmx.labels.matching import match_label
from ilms_sdmx.periods import read_period
from ilms_sdmx.tables.cells import Cell
from ilms_sdmx.words.text import clean


@lru_cache(maxsize=2)
def cells_by_row(grid: Grid) -> dict[int, list[Cell]]:
    """Cells of each row from the left; the last sheets are kept, for a draft asks often."""
    found: dict[int, list[Cell]] = {}
    for (row, _), cell in grid.cells.items():
        found.setdefault(row, []).append(cell)
    return found


def sheet_row(grid: Grid, row: int) -> int:
    """Row of the sheet, counted from 1, that a row of the grid stands for."""
    return cells_by_row(grid)[row][0].row


def row_texts(grid: Grid, rows: Iterable[int]) -> list[str]:
    """Texts of the cells of rows, from the left, on one line each."""
    return [
        text
        for row in rows
        for cell in cells_by_row(grid).get(row, ())
        if (text := clean(cell.text))
    ]


@dataclass(eq=False)
class Found:
    """One recognised table, in rows and columns of its grid.

    Parameters
    ----------
    header, body
        Rows of the header, and rows with figures.
    words, blocks
        Rows between them that only have a label, and rows that head those below (`2560`).
    stubs, data
        Columns of row labels, and of figures.
    title
        Row of the title above, None where there is none.
    left, right
        Columns of a table that has another beside it, the last not included.
    numbered
        Row below the header that only numbers the columns.
    counting
        Columns that only number the rows.
    spread
        Column of labels to the further ones over which its labels are spread.
    """

    grid: Grid
    header: list[int]
    body: list[int]
    stubs: list[int]
    data: list[int]
    words: list[int] = field(default_factory=list)
    blocks: list[int] = field(default_factory=list)
    title: int | None = None
    left: int = 0
    right: int | None = None
    numbered: list[int] = field(default_factory=list)
    counting: list[int] = field(default_factory=list)
    spread: dict[int, list[int]] = field(default_factory=dict)

    def text(self, row: int, column: int) -> str:
        """Text that shows at a place, merges filled, on one line; a label from any of its columns."""
        if column in self.spread and row not in self.header:
            texts = [self.grid.text((row, c)) for c in (column, *self.spread[column])]
            return clean(next((t for t in reversed(texts) if t), ""))
        return clean(self.grid.text((row, column)))

    def head(self, row: int) -> dict[int, str]:
        """Texts of a header row over the columns of figures, those of merges over several rows once."""
        found = {}
        for column in self.data:
            origin = self.grid.origin((row, column))
            shows = origin[0] == row or origin[0] < self.header[0]
            found[column] = self.text(row, column) if shows else ""
        if self.is_spread(row):
            last = ""
            for column, text in found.items():
                last = found[column] = text or last
        return found

    def is_spread(self, row: int) -> bool:
        """Whether a header row names only the first column of each group, unmerged: years over sexes."""
        texts = [self.grid.cells.get((row, column)) for column in self.data]
        blank = [c for c, cell in zip(self.data, texts, strict=True) if cell is None]
        merged = any(self.grid.origin((row, c)) != (row, c) for c in blank)
        below = [r for r in self.header if r > row]
        named = bool(below) and all(self.text(below[-1], c) for c in blank)
        return texts[0] is not None and bool(blank) and not merged and named

    @cached_property
    def groups(self) -> list[int]:
        """Rows of one word each that head the rows below: sexes, periods, or above labels that come again."""
        alone = [
            r for r in self.words if self.text(r, self.stubs[0]) and r - 1 not in self.words
        ]
        alone = [r for r in alone if r + 1 in self.body and len(self.grid.filled[r]) == 1]
        if len(alone) < 2 or self.blocks or alone[0] > self.body[0]:
            return []
        edges = [*alone, self.body[-1] + 1]
        below = [
            {self.text(r, self.stubs[0]) for r in self.body if a < r < b}
            for a, b in itertools.pairwise(edges)
        ]
        again = all(
            len(a & b) * 2 >= max(len(a), len(b)) > 1 for a, b in itertools.pairwise(below)
        )
        texts = [self.text(r, self.stubs[0]) for r in alone]
        told = all(match_label(t, "SEX_").code or read_period(t).time_period for t in texts)
        return alone if again or told else []

    def group_of(self) -> dict[int, str]:
        """Label of the group of each row with figures."""
        above = {r: max((g for g in self.groups if g < r), default=None) for r in self.body}
        return {r: "" if g is None else self.text(g, self.stubs[0]) for r, g in above.items()}

    @cached_property
    def wrapped(self) -> list[int]:
        """Rows of words directly above a row with figures or more words: the beginning of its label."""
        rows: list[int] = []
        for row in reversed([r for r in self.words if r not in self.groups]):
            follows = row + 1 in self.body or row + 1 in rows
            if follows and sheet_row(self.grid, row + 1) - sheet_row(self.grid, row) == 1:
                rows.append(row)
        return sorted(rows)

    def label(self, row: int, column: int) -> str:
        """Label of a row with figures, with the rows above that it fills."""
        pieces = [self.text(row, column)]
        while row - 1 in self.wrapped and column < max(self.data):
            row -= 1
            pieces.insert(0, self.text(row, column))
        return " ".join(piece for piece in pieces if piece)

    def labels(self, column: int) -> list[str]:
        """Distinct labels of a column, in order."""
        texts = (self.label(row, column) for row in self.body)
        return list(dict.fromkeys(t for t in texts if t))

    def filled(self, column: int) -> dict[int, str]:
        """Label of each row with figures; a blank repeats the one above in a column of groups."""
        texts = {row: self.label(row, column) for row in self.body}
        if not self.is_grouping(column):
            return texts
        last = ""
        for row, text in texts.items():
            last = texts[row] = text or last
        return texts

    def is_grouping(self, column: int) -> bool:
        """Whether a column of labels names only the first row of each group, as a year above its rows."""
        later = [c for c in self.stubs if column < c < max(self.data)]
        blank = [row for row in self.body if not self.text(row, column)]
        named = [row for row in blank if any(self.text(row, c) for c in later)]
        return (
            bool(self.text(self.body[0], column))
            and len(named) * 2 >= len(self.body)
            and named == blank
        )

    def cells(self) -> list[tuple[At, Cell]]:
        """Cells that hold figures, or stand where figures should."""
        places = ((row, column) for row in self.body for column in self.data)
        return [(at, self.grid.cells[at]) for at in places if at in self.grid.cells]
