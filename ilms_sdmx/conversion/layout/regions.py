"""Finding of tables by their own words: where each begins and where it ends."""

from __future__ import annotations

import difflib
from dataclasses import dataclass

from ilms_sdmx.conversion.layout.grid import At, Grid
from ilms_sdmx.conversion.layout.places import bounds
from ilms_sdmx.findings import Finding, Place, Severity
from ilms_sdmx.mapping.layout import Pattern, TableLayout, any_matches
from ilms_sdmx.tables.addresses import Range
from ilms_sdmx.words.text import clean


@dataclass(frozen=True)
class Region:
    """One table on one sheet: its first header row, and the rectangle that it fills (end not included).

    `above` is the first row below where the table above it begins, 0 where there is none. `area` holds the
    addresses of the figures where the mapping names them; the rectangle is theirs alone then.
    """

    layout: TableLayout
    grid: Grid
    begin: At
    top: int
    bottom: int
    left: int
    right: int
    above: int = 0
    area: Range | None = None

    @property
    def body(self) -> int:
        """First row below the header."""
        return min(self.top + self.layout.header, self.bottom)


def locate(
    grids: list[Grid], layouts: tuple[TableLayout, ...], file: str
) -> tuple[list[Region], list[Finding]]:
    """Every table of the mapping on every sheet, in the order of the sheets, and those that are not there."""
    regions: list[Region] = []
    for grid in grids:
        wanted = [t for t in layouts if not t.sheets or any_matches(t.sheets, grid.name)]
        regions += _on_sheet(grid, wanted)
    found = {r.layout.name for r in regions}
    missing = [t for t in layouts if t.name not in found and not t.optional]
    return regions, [_not_found(t, grids, file) for t in missing]


def _on_sheet(grid: Grid, layouts: list[TableLayout]) -> list[Region]:
    texts = list(grid.texts()) if layouts else []
    if layouts and any(not c.kind.value.startswith("text") for c in grid.cells.values()):
        texts = (
            [(at, cell.text) for at, cell in grid.cells.items()] if _numeric(layouts) else texts
        )
    begins = [
        (at, t) for t in layouts for at, text in texts if t.begin and t.begin.matches(text)
    ]
    begins.sort(key=lambda b: b[0])
    starts = [at for at, _ in begins]
    by_address = [_at_address(grid, area, t, texts) for t in layouts for area in t.figures]
    return [r for r in by_address if r] + [
        _region(grid, at, t, starts, texts) for at, t in begins
    ]


def _at_address(
    grid: Grid, area: Range, layout: TableLayout, texts: list[tuple[At, str]]
) -> Region | None:
    """Region of figures with addresses; None where nothing stands there."""
    top, bottom, left, right = bounds(grid, area)
    bottom = min([r for r in _ends(layout, texts, left, right) if r > top] + [bottom])
    there = any(left <= c < right for r in range(top, bottom) for c in grid.filled.get(r, ()))
    return (
        Region(layout, grid, (top, left), top, bottom, left, right, area=area)
        if there
        else None
    )


def _ends(layout: TableLayout, texts: list[tuple[At, str]], left: int, right: int) -> list[int]:
    """Rows that no longer belong to a table by its word."""
    columns = range(0 if layout.figures else left, right)
    return [
        r for (r, c), text in texts if layout.end and c in columns and layout.end.matches(text)
    ]


def _numeric(layouts: list[TableLayout]) -> bool:
    """Whether a table begins at a number, such as a year."""
    return any(t.begin.text.isdigit() for t in layouts if t.begin)


def _region(
    grid: Grid, at: At, layout: TableLayout, starts: list[At], texts: list[tuple[At, str]]
) -> Region:
    row, column = at
    beside = [c for r, c in starts if r == row]
    left = column if min(beside) < column else 0
    right = min((c for c in beside if c > column), default=grid.columns)
    below = [r for r, c in starts if r > row and left <= c < right]
    ends = [r for r in _ends(layout, texts, left, right) if r > row]
    bottom = min([*below, *ends], default=grid.rows)
    top = row + 1 if layout.title else row
    above = max((r + 1 for r, c in starts if r < row and left <= c < right), default=0)
    return Region(layout, grid, at, min(top, bottom), bottom, left, right, above)


def _not_found(layout: TableLayout, grids: list[Grid], file: str) -> Finding:
    names = [g.name for g in grids]
    there = [g for g in grids if not layout.sheets or any_matches(layout.sheets, g.name)]
    if not there:
        wanted = ", ".join(map(str, layout.sheets))
        return Finding(
            "sheet-not-found",
            Severity.ERROR,
            f"No sheet is called {wanted}, where the table {layout.name!r} should stand.",
            place=Place(file),
            read=", ".join(map(repr, names)),
            expected=f"a sheet {wanted}",
            fix=f"correct sheets of the table {layout.name!r} (line {layout.line} of the mapping)",
            affects=f"the whole table {layout.name!r}",
        )
    where = ", ".join(map(str, layout.figures))
    lack = f"No cell says {str(layout.begin)!r}, where the table {layout.name!r} should begin."
    return Finding(
        "table-not-found",
        Severity.ERROR,
        lack
        if layout.begin
        else f"Nothing stands in {where}, where the table {layout.name!r} should be.",
        place=Place(file, there[0].name if len(there) == 1 else ""),
        read=_nearest(layout.begin, there) if layout.begin else "",
        expected=str(layout.begin or f"figures in {where}"),
        fix=f"correct where the table {layout.name!r} lies (line {layout.line} of the mapping)",
        affects=f"the whole table {layout.name!r}",
    )


def _nearest(begin: Pattern, grids: list[Grid]) -> str:
    texts = {clean(text): None for g in grids for _, text in g.texts()}
    near = difflib.get_close_matches(begin.text, list(texts)[:2000], n=1, cutoff=0.5)
    return f"nearest: {near[0]!r}" if near else ""
