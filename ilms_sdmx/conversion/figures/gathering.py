"""Figures of a region: one row a cell with a figure, with all its headings, as printed."""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence
from decimal import Decimal
from typing import TYPE_CHECKING, Any

from ilms_sdmx.conversion.figures.appearance import appearance
from ilms_sdmx.conversion.layout.grid import At, printed
from ilms_sdmx.conversion.layout.heads import Heads
from ilms_sdmx.conversion.layout.marks import NONE, Marks, marks_of
from ilms_sdmx.conversion.layout.places import at
from ilms_sdmx.conversion.layout.regions import Region
from ilms_sdmx.mapping.layout import FreeHeading, column
from ilms_sdmx.tables.cells import MAX_COLUMNS, PLAIN, Cell, Kind, address
from ilms_sdmx.words.text import clean

if TYPE_CHECKING:
    import numpy as np
    import pandas as pd

#: Columns that every frame of figures has beside its headings; rows and columns as the workbook counts them.
FIXED = (
    "table",
    "sheet",
    "cell",
    "row",
    "column_number",
    "text",
    "footnote",
    "marks",
    "number",
    "kind",
    "shown",
)


def figures(
    regions: list[tuple[Region, Heads]], free: tuple[FreeHeading, ...], file: str = ""
) -> pd.DataFrame:
    """Frame of the figures of all regions of one table.

    Columns: those of `FIXED`, then one a heading, called as `layout.column` says. `text` is what is printed,
    `number` the lexical form of a cell that holds a number, missing for text. `footnote` holds the certain
    marks at the figure, its labels and its title; `marks` those that a legend has to confirm too. A blank
    cell is a figure only where the mapping says what blank means.
    """
    import numpy as np
    import pandas as pd

    cells: list[Cell] = []
    pieces: list[dict[str, Labels]] = []
    for region, heads in regions:
        places = _places(region, heads)
        found = [region.grid.cells.get(at) or _blank(region, at) for at in places]
        pieces.append(_headings(region, heads, _free(region, free, file), places, found))
        cells += found
    size = len(cells)
    fixed: dict[str, Any] = {
        "row": np.fromiter((c.row for c in cells), "int64", size),
        "column_number": np.fromiter((c.column for c in cells), "int64", size),
        **_printed(cells),
    }
    fixed["cell"] = _addresses(fixed["row"], fixed["column_number"])
    named = {
        name: _joined([piece.get(name) for piece in pieces], pieces) for name in _union(pieces)
    }
    return pd.DataFrame(
        {name: named.get(name, fixed.get(name)) for name in dict.fromkeys([*FIXED, *named])}
    )


#: Distinct texts of a column, and the number of its text for each figure.
Labels = tuple[list[str], "np.ndarray"]


def _texts(values: Sequence[str | None], numbers: np.ndarray) -> Any:
    """Column of texts from distinct ones: each is stored as text once, and copied by number."""
    import pandas as pd

    return pd.array([*values, None], dtype="str").take(numbers)


def _joined(parts: list[Labels | None], pieces: list[dict[str, Labels]]) -> Any:
    """Column of all regions; empty where a region does not have it."""
    import numpy as np

    values, numbers = [""], []
    for part, piece in zip(parts, pieces, strict=True):
        if part is None:
            numbers.append(np.zeros(len(piece["table"][1]), "int64"))
        else:
            numbers.append(part[1] + len(values))
            values += part[0]
    return _texts(values, np.concatenate(numbers) if numbers else np.zeros(0, "int64"))


def _addresses(rows: np.ndarray, columns: np.ndarray) -> Any:
    """Address of each cell; sheets of one shape share theirs."""
    import pandas as pd

    width = MAX_COLUMNS + 1
    numbers, distinct = pd.factorize(rows * width + columns)
    return _texts([address(*divmod(place, width)) for place in distinct.tolist()], numbers)


def _printed(cells: list[Cell]) -> dict[str, Any]:
    """Columns `text`, `number` and `kind`, made once for each distinct content.

    Content is known by identity: equal numbers need not be written alike (1.0 and 1.00).
    """
    import numpy as np

    seen: dict[tuple[int, int, int, int], int] = {}
    contents = ((id(c.value), id(c.style), id(c.extra), id(c.kind)) for c in cells)
    numbers = np.fromiter(
        (seen.setdefault(content, len(seen)) for content in contents), "int64", len(cells)
    )
    firsts = [cells[n] for n in np.unique(numbers, return_index=True)[1].tolist()]
    return {
        "text": _texts([printed(c) for c in firsts], numbers),
        "shown": _texts([appearance(c) for c in firsts], numbers),
        "number": _texts([_number(c) for c in firsts], numbers),
        "kind": _texts(
            ["uncached" if c.extra.uncached else c.kind.value for c in firsts], numbers
        ),
    }


def _headings(
    region: Region, heads: Heads, free: dict[str, str], places: list[At], found: list[Cell]
) -> dict[str, Labels]:
    """Labels of the figures of one region, by column; a heading of the table goes before a free one."""
    import numpy as np

    rows, columns = np.array(places, "int64").reshape(-1, 2).T
    zeros = np.zeros(len(places), "int64")
    free_labels = {column(name): ([label], zeros) for name, label in free.items()}
    labels: dict[str, Labels] = {
        **free_labels,
        "table": ([region.layout.name], zeros),
        "sheet": ([region.grid.name], zeros),
        **_footnotes(region, heads, places, found),
    }
    for own, numbers, size in (
        (heads.rows, rows, region.grid.rows),
        (heads.columns, columns, region.grid.columns),
    ):
        for name in _union(list(own.values())):
            labels[column(name)] = (
                [own.get(n, {}).get(name, "") for n in range(size)],
                numbers,
            )
    labels |= _beside(region, heads, places)
    return labels | {
        column(name): ([label], zeros) for name, label in region.layout.set.items()
    }


def _beside(region: Region, heads: Heads, places: list[At]) -> dict[str, Labels]:
    """Find what stands beside each figure, by heading."""
    import numpy as np

    found: dict[str, Labels] = {}
    for heading in region.layout.beside:
        columns = [heads.beside[c][heading.name] for _, c in places]
        cells = zip(places, columns, strict=True)
        texts = [
            "" if c is None else clean(region.grid.text((row, c))) for (row, _), c in cells
        ]
        found[column(heading.name)] = texts, np.arange(len(texts))
    return found


def _union(found: Sequence[Mapping[str, object]]) -> list[str]:
    """All keys, in the order in which they first occur."""
    return list(dict.fromkeys(name for one in found for name in one))


def _footnotes(
    region: Region, heads: Heads, places: list[At], found: list[Cell]
) -> dict[str, Labels]:
    """Find the marks at each figure, its row labels, its column labels and the title of its table."""
    import numpy as np

    title = _title_marks(region)
    if not (title or heads.row_marks or heads.column_marks or region.grid.marked):
        nothing = [""], np.zeros(len(found), "int64")
        return {"footnote": nothing, "marks": nothing}
    every = [
        marks_of("", cell.superscript, region.layout.conventions)
        + heads.row_marks.get(at[0], NONE)
        + heads.column_marks.get(at[1], NONE)
        + title
        for at, cell in zip(places, found, strict=True)
    ]
    own = np.arange(len(found))
    return {
        "footnote": ([" ".join(m.certain) for m in every], own),
        "marks": ([" ".join(m.certain + m.perhaps) for m in every], own),
    }


def _title_marks(region: Region) -> Marks:
    """Find raised marks in the words right above a table; text that begins with its mark is a legend."""
    marks, row = NONE, region.top - 1
    cells = region.grid.cells
    while row >= 0 and len(across := region.grid.filled.get(row, [])) <= 2:
        for cell in (cells[row, c] for c in across):
            if cell.superscript and not str(cell.value).startswith(cell.superscript):
                marks += marks_of("", cell.superscript, region.layout.conventions)
        row -= 1
    return marks


def _places(region: Region, heads: Heads) -> list[At]:
    """Places of figures in reading order: every cell beside a labelled row that is no label itself."""
    stubs = heads.label_columns
    columns = [c for c in range(region.left, region.right) if c not in stubs]
    columns = [c for c in columns if c in heads.beside] if heads.beside else columns
    blank = "" in region.layout.conventions.markers
    cells = region.grid.cells
    return [
        (r, c)
        for r in heads.rows
        for c in columns
        if (r, c) in cells or (blank and c in heads.columns)
    ]


def _blank(region: Region, at: At) -> Cell:
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


def _free(region: Region, free: tuple[FreeHeading, ...], file: str) -> dict[str, str]:
    """Headings from the names of the file and the sheet and from the cells above or outside the table."""
    found = {}
    for heading in free:
        label = _group(heading.sheet, region.grid.name) if heading.sheet else None
        if heading.file:
            label = _group(heading.file, file)
        elif heading.cell:
            label = _in_cell(region, heading)
        elif heading.text:
            label = _outside(region, heading.text)
        if label is not None:
            found[heading.name] = label
    return found


def _in_cell(region: Region, heading: FreeHeading) -> str | None:
    """Label in the cell of an address, or the part of it that the heading takes."""
    place = at(region.grid, heading.cell)
    text = clean(region.grid.text(place)) if place else ""
    return _group(heading.text, text) if heading.text else text or None


def _outside(region: Region, pattern: re.Pattern[str]) -> str | None:
    """Label from the cells above a table: its own title before that of a table above it or beside it."""
    grid = region.grid
    told = (
        (at, _group(pattern, clean(text))) for at, text in grid.texts() if at[0] < region.body
    )
    every = [(at, label) for at, label in told if label is not None]
    own = [
        ((r, c), label) for (r, c), label in every if region.left <= c < region.right
    ] or every
    near = [
        label
        for (row, _), label in own
        if region.above and region.above <= row <= region.begin[0] and _alone(region, row)
    ]
    return next(iter([*near[-1:], *(label for _, label in own)]), None)


def _alone(region: Region, row: int) -> bool:
    """Whether a row holds one cell, as a title does and the rows of a table do not."""
    return sum(region.left <= c < region.right for c in region.grid.filled.get(row, ())) == 1


def _group(pattern: re.Pattern[str], text: str) -> str | None:
    match = pattern.search(text)
    return match.group(1) if match else None
