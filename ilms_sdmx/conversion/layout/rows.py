"""Labels of rows: wrapped, indented, repeated, and rows that head those below."""

from __future__ import annotations

from collections.abc import Collection
from dataclasses import dataclass, field
from enum import StrEnum

from ilms_sdmx.conversion.layout.grid import At
from ilms_sdmx.conversion.layout.marks import NONE, Marks, joined_marks
from ilms_sdmx.conversion.layout.regions import Region
from ilms_sdmx.conversion.layout.stubs import Stubs
from ilms_sdmx.mapping.layout import Blocks, RowHeading, label_in_group
from ilms_sdmx.mapping.patterns import any_matches
from ilms_sdmx.words.text import clean

#: Piece of a label, and the row in which it is.
Piece = tuple[str, int]
#: Row with figures to the pieces of its label.
Pieces = dict[int, list[Piece]]


class RowKind(StrEnum):
    """What a row below the header is: figures, the head of the rows below it, or words."""

    FIGURES = "figures"
    BLOCK = "block"
    WORDS = "words"


@dataclass(eq=False)
class RowLabels:
    """Labels of the rows with figures.

    Parameters
    ----------
    labels
        Row to its labels by heading.
    marks
        Row to the marks of footnotes at its labels, where there are any.
    places
        Places of the cells that are labels.
    """

    labels: dict[int, dict[str, str]] = field(default_factory=dict)
    marks: dict[int, Marks] = field(default_factory=dict)
    places: set[At] = field(default_factory=set)


def row_labels(region: Region, stubs: Stubs, data: Collection[int]) -> RowLabels:
    """Labels of all rows with figures, and the marks of footnotes at them.

    Parameters
    ----------
    data
        Columns of figures where columns next to them hold something else, else none.
    """
    rows = RowLabels()
    kinds = _classified(region, stubs, data, rows.places)
    pieces = {}
    for heading in region.layout.rows:
        if heading.name in stubs.columns:
            pieces[heading.name] = _wrapped(region, stubs, heading, kinds, rows.places)
    reader = _Reader(region, stubs, pieces)
    for row, kind in kinds.items():
        if kind is RowKind.BLOCK:
            reader.read_block(row, follows=kinds.get(row - 1) is RowKind.BLOCK)
        elif kind is RowKind.FIGURES:
            marks = reader.marks(row)
            if marks:
                rows.marks[row] = marks
            rows.labels[row] = reader.read(row)
    return rows


class _Reader:
    """Reader of the rows of a region from the top, which keeps what rows above say."""

    def __init__(self, region: Region, stubs: Stubs, pieces: dict[str, Pieces]) -> None:
        self.region = region
        self.stubs = stubs
        self.pieces = pieces
        self.block = ""
        self.block_marks = NONE
        self.last: dict[str, str] = {}
        self.above: list[tuple[int, str]] = []
        self.groups: dict[str, str] = {}

    def read_block(self, row: int, *, follows: bool) -> None:
        """Take a row as the head of those below, or as one more line of the head above it."""
        region = self.region
        columns = region.filled_columns(row)
        text = clean(region.grid.text((row, columns[0])))
        marks = joined_marks(region.marks_at((row, column)) for column in columns)
        if not follows:
            self.block = text
            self.block_marks = marks
            return
        self.block = f"{self.block} {text}"
        self.block_marks += marks

    def read(self, row: int) -> dict[str, str]:
        """Labels of a row with figures, by heading."""
        layout = self.region.layout
        labels = {}
        for name, pieces in self.pieces.items():
            texts = [text for text, _ in pieces.get(row, ())]
            labels[name] = " ".join(texts)
        if layout.blocks and layout.blocks.figures and labels:
            self._head_with_figures(layout.blocks, labels)
        for heading in layout.rows:
            name = heading.name
            if heading.fill and not labels.get(name):
                labels[name] = self.last.get(name, "")
            if heading.indent and name in labels:
                self._indent(name, row, labels)
            if heading.groups and name in labels:
                labels[name] = self._in_group(heading, labels[name])
        if layout.blocks:
            labels[layout.blocks.name] = self.block
        self.last = labels
        return labels

    def _head_with_figures(self, blocks: Blocks, labels: dict[str, str]) -> None:
        """Take a row with figures as the head of those below, with the label of all of them."""
        first = next(iter(labels))
        if blocks.text.matches(labels[first]):
            self.block = labels[first]
            labels[first] = blocks.figures

    def _in_group(self, heading: RowHeading, label: str) -> str:
        """Label with that of its group before it, where it comes again in each group."""
        name = heading.name
        if any_matches(heading.groups, label):
            self.groups[name] = label
            return label
        group = self.groups.get(name, "")
        if group and any_matches(heading.in_groups, label):
            return label_in_group(group, label)
        return label

    def _indent(self, name: str, row: int, labels: dict[str, str]) -> None:
        """Add the level of an indented label, and the label above it in the tree."""
        level = self._level(name, row)
        while self.above and self.above[-1][0] >= level:
            self.above.pop()
        parent = ""
        if self.above:
            _, parent = self.above[-1]
        labels[f"{name}.level"] = str(level)
        labels[f"{name}.parent"] = parent
        self.above.append((level, labels[name]))

    def _level(self, name: str, row: int) -> int:
        """Indent of a label in the first row that it fills.

        A column to the right is one more.
        """
        grid = self.region.grid
        pieces = self.pieces[name].get(row, ())
        first = row
        while first > self.region.body and len(pieces) > row - first + 1:
            first -= 1
        place = self.stubs.place(grid, name, first)
        cell = grid.cells.get(place)
        if cell is None:
            return 0
        text = cell.text
        blanks = len(text) - len(text.lstrip())
        indent = cell.style.indent or blanks
        _, column = place
        return indent + column - self.stubs.columns[name]

    def marks(self, row: int) -> Marks:
        """Marks at the labels of a row, in all rows that they fill, and in its heading row."""
        marks = self.block_marks
        for heading in self.region.layout.rows:
            for label_row in self._label_rows(heading, row):
                place = self.stubs.place(self.region.grid, heading.name, label_row)
                marks += self.region.marks_at(place)
        return marks

    def _label_rows(self, heading: RowHeading, row: int) -> list[int]:
        """Rows that the label of a row fills; a blank one repeats that above."""
        pieces = self.pieces.get(heading.name, {})
        rows = [label_row for _, label_row in pieces.get(row, ())]
        if rows or not heading.fill:
            return rows
        for earlier, known in reversed(pieces.items()):
            if earlier < row and known:
                return [label_row for _, label_row in known]
        return []


def _classified(
    region: Region, stubs: Stubs, data: Collection[int], places: set[At]
) -> dict[int, RowKind]:
    """Kind of each row below the header; the places of its labels join `places`."""
    kinds = {}
    columns = region.columns
    for row in range(region.body, region.bottom):
        label_cells = []
        data_cells = []
        for column in region.grid.filled.get(row, ()):
            if column in stubs.every:
                label_cells.append((row, column))
            elif column in columns:
                data_cells.append((row, column))
        kinds[row] = _kind_of_row(region, label_cells, data_cells)
        if kinds[row] is RowKind.BLOCK:
            places.update(label_cells, data_cells)
        elif kinds[row] is RowKind.FIGURES or region.layout.figures:
            places.update(label_cells)
        if data:
            places.update(at for at in data_cells if at[1] not in data)
    return kinds


def _kind_of_row(region: Region, label_cells: list[At], data_cells: list[At]) -> RowKind:
    """Kind of a row with these cells."""
    cells = [*label_cells, *data_cells]
    if cells and _is_block(region, cells):
        return RowKind.BLOCK
    if not data_cells:
        return RowKind.WORDS
    first_text = region.grid.text(data_cells[0])
    if any_matches(region.layout.labels, first_text):
        return RowKind.WORDS
    return RowKind.FIGURES


def _is_block(region: Region, cells: list[At]) -> bool:
    """Whether all cells of a row say that it heads those below."""
    blocks = region.layout.blocks
    if blocks is None:
        return False
    return all(blocks.text.matches(region.grid.text(at)) for at in cells)


def _wrapped(
    region: Region,
    stubs: Stubs,
    heading: RowHeading,
    kinds: dict[int, RowKind],
    places: set[At],
) -> Pieces:
    """Pieces of the label of every row with figures, joined over the rows that it fills."""
    wrapping = _Wrapping(heading)
    for row, kind in kinds.items():
        place = stubs.place(region.grid, heading.name, row)
        text = region.label(place)
        if kind is RowKind.FIGURES:
            wrapping.add_figures(row, text)
        elif kind is RowKind.BLOCK:
            wrapping.waiting = []
        elif text and not any_matches(region.layout.labels, text):
            wrapping.add_words((text, row))
            if wrapping.waiting or heading.wrap == "first":
                places.add(place)
    wrapping.end()
    return wrapping.pieces


class _Wrapping:
    """Labels of one heading that go on over several rows, read from the top."""

    def __init__(self, heading: RowHeading) -> None:
        self.heading = heading
        self.pieces: Pieces = {}
        self.waiting: list[Piece] = []
        self.last: int | None = None

    def add_figures(self, row: int, text: str) -> None:
        """Add a row with figures: the words that wait for one belong to it."""
        label = [(text, row)] if text else []
        is_near = self.heading.wrap == "near"
        if is_near and self.waiting and label:
            before = row if self.last is None else self.last
            pieces = self.pieces.setdefault(before, [])
            pieces.extend(self.waiting)
            self.waiting = []
        self.pieces[row] = self.waiting + label
        self.waiting = []
        self.last = row

    def add_words(self, piece: Piece) -> None:
        """Add a row of words: a part of the label above it, or one that waits for figures."""
        heading = self.heading
        if heading.wrap == "first":
            if self.last is not None:
                self.pieces[self.last].append(piece)
            self.waiting = []
        elif heading.wrap == "near" or self._waits(piece):
            self.waiting = [*self.waiting, piece]
        else:
            self.waiting = []

    def _waits(self, piece: Piece) -> bool:
        """Whether a piece of a label whose figures are in its last row waits for them."""
        if self.heading.wrap != "last":
            return False
        wrapped = self.heading.wrapped
        return bool(self.waiting) or wrapped is None or wrapped.matches(piece[0])

    def end(self) -> None:
        """Give the words that still wait to the last row with figures."""
        if self.heading.wrap != "near" or self.last is None:
            return
        pieces = self.pieces[self.last]
        pieces.extend(self.waiting)
