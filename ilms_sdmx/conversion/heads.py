"""Heads of a table: what stands above its columns and beside its rows, wrapped and indented as printed."""

from __future__ import annotations

import re
from dataclasses import dataclass, field

from ilms_sdmx.conversion.addresses import beside, header_rows, index
from ilms_sdmx.conversion.grid import At
from ilms_sdmx.conversion.locating import Region
from ilms_sdmx.conversion.marks import NONE, Marks, flag_tail, marks_of
from ilms_sdmx.mapping.layout import Conventions, RowHeading, any_matches
from ilms_sdmx.tables.text import clean

_NUMBERING = re.compile(r"^\s*(\d{1,3}|[ivxlc]{1,6}|[a-z])[.)]\s+(?=\S)", re.IGNORECASE)
#: Heading of columns whose header rows have no names.
COLUMN = "column"


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
        return next(((row, c) for c in reversed(columns) if region.grid.text((row, c))), (row, columns[0]))


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


def heads(region: Region) -> Heads:
    """Labels of all columns and rows of a region."""
    found = Heads()
    found.stubs, found.spread = _stubs(region)
    _column_heads(region, found)
    _row_heads(region, found)
    return found


def _header_text(region: Region, row: int, column: int) -> str:
    """Text of a header cell; a merge over several header rows counts in its first only."""
    grid = region.grid
    origin = grid.origin((row, column))
    if origin[0] != row and origin[0] >= region.top:
        return ""
    return plain(grid.text((row, column)), region.layout.conventions)


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
            if heading.header.matches(_header_text(region, row, column)):
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
    return [c for c in data if any((r, c) in grid.cells for r in range(region.body, region.bottom))]


def _column_heads(region: Region, found: Heads) -> None:
    grid, layout = region.grid, region.layout
    header = header_rows(grid, layout) if layout.figures else [*range(region.top, region.body)]
    data = _data_columns(region, found, bool(header))
    last = [""] * len(header)
    known = [NONE] * len(header)
    for number, column in enumerate(data):
        texts = ["" if row is None else _header_text(region, row, column) for row in header]
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


def _row_heads(region: Region, found: Heads) -> None:
    kinds = _classify(region, found)
    pieces = {h.name: _wrapped(region, found, h, kinds) for h in region.layout.rows if h.name in found.stubs}
    block, block_marks = "", NONE
    last: dict[str, str] = {}
    above: list[tuple[int, str]] = []
    for row, kind in kinds.items():
        if kind == "block":
            block = _join_block(region, row, kinds, block)
            block_marks = _marks_of_row(region, row, block_marks if kinds.get(row - 1) == "block" else NONE)
        if kind != "figures":
            continue
        labels = {name: " ".join(t for t, _ in parts.get(row, ())) for name, parts in pieces.items()}
        if marks := block_marks + _row_marks(region, found, pieces, row):
            found.row_marks[row] = marks
        for heading in region.layout.rows:
            if heading.fill and not labels.get(heading.name):
                labels[heading.name] = last.get(heading.name, "")
            if heading.indent and heading.name in labels:
                level = _level(region, found, heading.name, pieces[heading.name], row)
                above = [(n, label) for n, label in above if n < level]
                labels[f"{heading.name}.level"] = str(level)
                labels[f"{heading.name}.parent"] = above[-1][1] if above else ""
                above.append((level, labels[heading.name]))
        if region.layout.blocks:
            labels[region.layout.blocks.name] = block
        last = labels
        found.rows[row] = labels


def _marks_of_row(region: Region, row: int, before: Marks) -> Marks:
    """Find the marks of a row that heads others."""
    places = [(row, c) for c in range(region.left, region.right) if (row, c) in region.grid.cells]
    return sum((marks_at(region, at) for at in places), before)


def _row_marks(region: Region, found: Heads, pieces: dict[str, Pieces], row: int) -> Marks:
    """Find the marks at the labels of a row, on all rows that they fill; a blank one repeats that above."""
    marks = NONE
    for heading in region.layout.rows:
        rows = [r for _, r in pieces.get(heading.name, {}).get(row, ())]
        if not rows and heading.fill:
            filled = (r for r in reversed(pieces.get(heading.name, {})) if r < row)
            rows = next(
                ([r for _, r in pieces[heading.name][n]] for n in filled if pieces[heading.name][n]), []
            )
        marks += sum((marks_at(region, found.place(region, heading.name, r)) for r in rows), NONE)
    return marks


def _classify(region: Region, found: Heads) -> dict[int, str]:
    """Kind of each row below the header is: `figures`, `block`, or `words`."""
    kinds: dict[int, str] = {}
    grid, layout, labelled = region.grid, region.layout, found.label_columns
    for row in range(region.body, region.bottom):
        columns = grid.filled.get(row, ())
        cells = [(row, c) for c in columns if region.left <= c < region.right or c in labelled]
        data = [at for at in cells if at[1] not in labelled]
        stubs = [at for at in cells if at[1] in labelled]
        if layout.figures:
            found.labels |= set(stubs)
        found.labels |= {at for at in data if found.beside and at[1] not in found.beside}
        if layout.blocks and cells and all(layout.blocks.text.matches(grid.text(at)) for at in cells):
            kinds[row] = "block"
            found.labels |= set(cells)
        elif data and not any_matches(layout.labels, grid.text(data[0])):
            kinds[row] = "figures"
            found.labels |= set(stubs)
        else:
            kinds[row] = "words"
    return kinds


def _join_block(region: Region, row: int, kinds: dict[int, str], block: str) -> str:
    text = next(
        region.grid.text((row, c)) for c in range(region.left, region.right) if (row, c) in region.grid.cells
    )
    follows = kinds.get(row - 1) == "block"
    return f"{block} {clean(text)}" if follows else clean(text)


#: Row with figures to the pieces of its label, each with the row on which it stands.
Pieces = dict[int, list[tuple[str, int]]]


def _wrapped(region: Region, found: Heads, heading: RowHeading, kinds: dict[int, str]) -> Pieces:
    """Pieces of the label of every row with figures, joined over the rows that it fills."""
    layout = region.layout
    pieces: Pieces = {}
    waiting: list[tuple[str, int]] = []
    last: int | None = None
    for row, kind in kinds.items():
        place = found.place(region, heading.name, row)
        text = plain(region.grid.text(place), layout.conventions)
        if kind == "figures":
            own = [(text, row)] if text else []
            if heading.wrap == "near" and waiting and own:
                pieces.setdefault(last if last is not None else row, []).extend(waiting)
                waiting = []
            pieces[row] = [*waiting, *own]
            waiting, last = [], row
        elif kind == "block":
            waiting = []
        elif text and not any_matches(layout.labels, text):
            waiting = _wait(heading, (text, row), waiting, pieces, last)
            if waiting or heading.wrap == "first":
                found.labels.add(place)
    if heading.wrap == "near" and waiting and last is not None:
        pieces[last].extend(waiting)
    return pieces


def _wait(
    heading: RowHeading,
    piece: tuple[str, int],
    waiting: list[tuple[str, int]],
    pieces: Pieces,
    last: int | None,
) -> list[tuple[str, int]]:
    """Pieces that wait for a row with figures after one more row of words."""
    if heading.wrap == "first":
        if last is not None:
            pieces[last].append(piece)
        return []
    if heading.wrap == "near":
        return [*waiting, piece]
    if heading.wrap == "last" and (waiting or heading.wrapped is None or heading.wrapped.matches(piece[0])):
        return [*waiting, piece]
    return []


def _level(region: Region, found: Heads, name: str, pieces: Pieces, row: int) -> int:
    """Indent of the label of a row, of the first row that it fills; a column to the right is one more."""
    first = row
    while first > region.body and len(pieces.get(row, ())) > row - first + 1:
        first -= 1
    place = found.place(region, name, first)
    cell = region.grid.cells.get(place)
    if cell is None:
        return 0
    text = cell.text
    return (cell.style.indent or len(text) - len(text.lstrip())) + place[1] - found.stubs[name]
