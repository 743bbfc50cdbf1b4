"""Figures of a region: one row a cell with a figure, with all its headings, as printed."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING, Any

from ilms_sdmx.conversion.heads import Heads
from ilms_sdmx.conversion.locating import Region
from ilms_sdmx.mapping.layout import FreeHeading, column
from ilms_sdmx.tables.cells import Cell, Kind, address
from ilms_sdmx.tables.text import clean

if TYPE_CHECKING:
    import pandas as pd

#: Columns that every frame of figures has beside its headings.
FIXED = ("table", "sheet", "cell", "row", "column_number", "text", "number", "kind")


def figures(region: Region, heads: Heads, free: tuple[FreeHeading, ...]) -> pd.DataFrame:
    """Frame of the figures of a region.

    Columns: those of `FIXED`, then one a heading, called as `layout.column` says. `text` is what is printed,
    `number` the lexical form of a cell that holds a number, missing for text. A blank cell is a figure only
    where the mapping says what blank means.
    """
    import pandas as pd

    places = _places(region, heads)
    cells = [region.grid.cells.get(at) for at in places]
    rows, columns = [r for r, _ in places], [c for _, c in places]
    frame: dict[str, Any] = {
        "table": [region.layout.name] * len(places),
        "sheet": [region.grid.name] * len(places),
        "cell": [_address(region, at, cell) for at, cell in zip(places, cells, strict=True)],
        "row": rows,
        "column_number": columns,
        "text": ["" if c is None else c.text for c in cells],
        "number": [_number(c) for c in cells],
        "kind": ["" if c is None else _kind(c) for c in cells],
    }
    for name in _names(heads.rows):
        labels = {r: found.get(name, "") for r, found in heads.rows.items()}
        frame[column(name)] = [labels.get(r, "") for r in rows]
    for name in _names(heads.columns):
        labels = {c: found.get(name, "") for c, found in heads.columns.items()}
        frame[column(name)] = [labels.get(c, "") for c in columns]
    constants = {**_free(region, free), **region.layout.set}
    frame |= {column(name): [label] * len(places) for name, label in constants.items()}
    result = pd.DataFrame(frame)
    words = [c for c in result.columns if c not in ("row", "column_number")]
    return result.astype(dict.fromkeys(words, "str"))


def _names(labels: dict[int, dict[str, str]]) -> list[str]:
    return list(dict.fromkeys(name for found in labels.values() for name in found))


def _places(region: Region, heads: Heads) -> list[tuple[int, int]]:
    """Places of figures in reading order: every cell beside a labelled row that is no label itself."""
    stubs = set(heads.stubs.values())
    columns = [c for c in range(region.left, region.right) if c not in stubs]
    blank = "" in region.layout.conventions.markers
    cells = region.grid.cells
    return [(r, c) for r in heads.rows for c in columns if (r, c) in cells or (blank and c in heads.columns)]


def _address(region: Region, at: tuple[int, int], cell: Cell | None) -> str:
    """Address of a cell; that of a blank one follows from the cells of its row and column."""
    if cell is not None:
        return cell.address
    row = next(c.row for (r, _), c in region.grid.cells.items() if r == at[0])
    number = next(c.column for (_, n), c in region.grid.cells.items() if n == at[1])
    return address(row, number)


def _number(cell: Cell | None) -> str | None:
    """Lexical form of a number cell; percentages as they are shown, not as they are stored."""
    if cell is None or cell.kind is not Kind.NUMBER:
        return None
    from decimal import Decimal

    value = cell.value
    assert isinstance(value, Decimal)
    shown = value.scaleb(2) if cell.style.format.percent else value
    return format(shown.normalize() if shown == shown.to_integral() else shown, "f")


def _kind(cell: Cell) -> str:
    return "uncached" if cell.uncached else cell.kind.value


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
