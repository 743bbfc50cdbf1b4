"""Heads of rows: labels wrapped over several rows, indented, repeated, and rows that head those below."""

from __future__ import annotations

from ilms_sdmx.conversion.layout.head_labels import Heads, marks_at, plain
from ilms_sdmx.conversion.layout.marks import NONE, Marks
from ilms_sdmx.conversion.layout.regions import Region
from ilms_sdmx.mapping.layout import RowHeading, any_matches
from ilms_sdmx.words.text import clean

#: Row with figures to the pieces of its label, each with the row on which it stands.
Pieces = dict[int, list[tuple[str, int]]]


def row_heads(region: Region, found: Heads) -> None:
    """Find the labels of all rows with figures, and the marks of footnotes at them."""
    kinds = _classify(region, found)
    pieces = {
        h.name: _wrapped(region, found, h, kinds)
        for h in region.layout.rows
        if h.name in found.stubs
    }
    block, block_marks = "", NONE
    last: dict[str, str] = {}
    above: list[tuple[int, str]] = []
    for row, kind in kinds.items():
        if kind == "block":
            block = _join_block(region, row, kinds, block)
            block_marks = _marks_of_row(
                region, row, block_marks if kinds.get(row - 1) == "block" else NONE
            )
        if kind != "figures":
            continue
        labels = {
            name: " ".join(t for t, _ in parts.get(row, ())) for name, parts in pieces.items()
        }
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
    places = [
        (row, c) for c in range(region.left, region.right) if (row, c) in region.grid.cells
    ]
    return sum((marks_at(region, at) for at in places), before)


def _row_marks(region: Region, found: Heads, pieces: dict[str, Pieces], row: int) -> Marks:
    """Find the marks at the labels of a row, on all rows that they fill; a blank one repeats that above."""
    marks = NONE
    for heading in region.layout.rows:
        rows = [r for _, r in pieces.get(heading.name, {}).get(row, ())]
        if not rows and heading.fill:
            filled = (r for r in reversed(pieces.get(heading.name, {})) if r < row)
            rows = next(
                (
                    [r for _, r in pieces[heading.name][n]]
                    for n in filled
                    if pieces[heading.name][n]
                ),
                [],
            )
        marks += sum(
            (marks_at(region, found.place(region, heading.name, r)) for r in rows), NONE
        )
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
        if (
            layout.blocks
            and cells
            and all(layout.blocks.text.matches(grid.text(at)) for at in cells)
        ):
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
        region.grid.text((row, c))
        for c in range(region.left, region.right)
        if (row, c) in region.grid.cells
    )
    follows = kinds.get(row - 1) == "block"
    return f"{block} {clean(text)}" if follows else clean(text)


def _wrapped(
    region: Region, found: Heads, heading: RowHeading, kinds: dict[int, str]
) -> Pieces:
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
    if heading.wrap == "last" and (
        waiting or heading.wrapped is None or heading.wrapped.matches(piece[0])
    ):
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
