"""Figures of a region: one row a cell with a figure, with all its headings, as printed."""

from __future__ import annotations

import re
from decimal import Decimal
from typing import TYPE_CHECKING, Any

from ilms_sdmx.conversion.heads import Heads
from ilms_sdmx.conversion.locating import Region
from ilms_sdmx.mapping.layout import FreeHeading, column
from ilms_sdmx.tables.cells import PLAIN, Cell, Kind
from ilms_sdmx.tables.text import clean

if TYPE_CHECKING:
    import pandas as pd

#: Columns that every frame of figures has beside its headings; rows and columns as the workbook counts them.
FIXED = ("table", "sheet", "cell", "row", "column_number", "text", "footnote", "number", "kind")


def figures(regions: list[tuple[Region, Heads]], free: tuple[FreeHeading, ...]) -> pd.DataFrame:
    """Frame of the figures of all regions of one table.

    Columns: those of `FIXED`, then one a heading, called as `layout.column` says. `text` is what is printed,
    `number` the lexical form of a cell that holds a number, missing for text. A blank cell is a figure only
    where the mapping says what blank means.
    """
    import pandas as pd

    pieces = [_columns(region, heads, free) for region, heads in regions]
    names = list(dict.fromkeys(name for piece in pieces for name in piece))
    whole: dict[str, list[Any]] = {name: [] for name in names}
    for piece in pieces:
        size = len(piece["cell"])
        for name in names:
            whole[name] += piece.get(name) or [""] * size
    result = pd.DataFrame({n: v for n, v in whole.items() if n in ("row", "column_number")}, columns=names)
    for name in names:
        if name not in ("row", "column_number"):
            result[name] = pd.array(whole[name], dtype="str")
    return result


def _columns(region: Region, heads: Heads, free: tuple[FreeHeading, ...]) -> dict[str, list[Any]]:
    """Columns of the figures of one region."""
    places = _places(region, heads)
    cells = region.grid.cells
    found = [cells.get(at) or _blank(region, at) for at in places]
    size = len(places)
    frame: dict[str, list[Any]] = {
        "table": [region.layout.name] * size,
        "sheet": [region.grid.name] * size,
        "cell": [c.address for c in found],
        "row": [c.row for c in found],
        "column_number": [c.column for c in found],
        "text": [c.text for c in found],
        "footnote": _footnotes(region, heads, places, found),
        "number": [_number(c) for c in found],
        "kind": ["uncached" if c.extra.uncached else c.kind.value for c in found],
    }
    for name in _names(heads.rows):
        labels = {r: labels.get(name, "") for r, labels in heads.rows.items()}
        frame[column(name)] = [labels.get(r, "") for r, _ in places]
    for name in _names(heads.columns):
        labels = {c: labels.get(name, "") for c, labels in heads.columns.items()}
        frame[column(name)] = [labels.get(c, "") for _, c in places]
    constants = {**_free(region, free), **region.layout.set}
    return frame | {column(name): [label] * size for name, label in constants.items()}


def _footnotes(region: Region, heads: Heads, places: list[tuple[int, int]], found: list[Cell]) -> list[str]:
    """List the marks in raised type at each figure, its row labels and its column labels."""
    if not region.grid.marked:
        return [""] * len(found)
    stubs, header = heads.stubs.values(), range(region.top, region.body)
    rows = {r: [region.grid.mark((r, c)) for c in stubs] for r in heads.rows}
    columns = {c: [region.grid.mark((r, c)) for r in header] for c in heads.columns}
    marks = [
        [c.superscript, *rows[at[0]], *columns.get(at[1], [])] for at, c in zip(places, found, strict=True)
    ]
    return [" ".join(dict.fromkeys(m for m in own if m)) for own in marks]


def _names(labels: dict[int, dict[str, str]]) -> list[str]:
    return list(dict.fromkeys(name for found in labels.values() for name in found))


def _places(region: Region, heads: Heads) -> list[tuple[int, int]]:
    """Places of figures in reading order: every cell beside a labelled row that is no label itself."""
    stubs = set(heads.stubs.values())
    columns = [c for c in range(region.left, region.right) if c not in stubs]
    blank = "" in region.layout.conventions.markers
    cells = region.grid.cells
    return [(r, c) for r in heads.rows for c in columns if (r, c) in cells or (blank and c in heads.columns)]


def _blank(region: Region, at: tuple[int, int]) -> Cell:
    """Empty cell at a place; its address follows from the cells of its row and column."""
    row = next(c.row for (r, _), c in region.grid.cells.items() if r == at[0])
    number = next(c.column for (_, n), c in region.grid.cells.items() if n == at[1])
    return Cell(row, number, None, Kind.TEXT)


def _number(cell: Cell) -> str | None:
    """Lexical form of a number cell; percentages as they are shown, not as they are stored."""
    if cell.kind is not Kind.NUMBER:
        return None
    value = cell.value
    percent = cell.style is not PLAIN and cell.style.format.percent
    text = str(value)
    if text.isdigit() and not percent:
        return text
    assert isinstance(value, Decimal)
    shown = value.scaleb(2) if percent else value
    return format(shown.normalize() if shown == shown.to_integral() else shown, "f")


def _free(region: Region, free: tuple[FreeHeading, ...]) -> dict[str, str]:
    """Headings from the name of the sheet and from the cells above or outside the table."""
    found = {}
    for heading in free:
        label = _first(heading.sheet, [region.grid.name]) if heading.sheet else None
        if heading.text:
            texts = [text for (row, _), text in region.grid.texts() if row < region.body]
            label = _first(heading.text, [clean(t) for t in texts])
        if label is not None:
            found[heading.name] = label
    return found


def _first(pattern: re.Pattern[str], texts: list[str]) -> str | None:
    return next((m.group(1) for t in texts if (m := pattern.search(t))), None)
