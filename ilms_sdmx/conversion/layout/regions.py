"""Regions: where the tables of the mapping are, by their own words or by addresses."""

from __future__ import annotations

import difflib
from dataclasses import dataclass

from ilms_sdmx.conversion.layout.grid import At, Grid
from ilms_sdmx.conversion.layout.marks import NONE, Marks, marks_of, plain_label
from ilms_sdmx.conversion.layout.places import bounds
from ilms_sdmx.findings import Finding, Place, find, phrase
from ilms_sdmx.mapping.layout import TableLayout
from ilms_sdmx.mapping.patterns import Labels, Pattern, any_matches
from ilms_sdmx.tables.addresses import Range
from ilms_sdmx.words.text import clean

#: Places of cells with their texts.
Texts = list[tuple[At, str]]
#: Texts of a sheet among which the nearest to a missing title is looked for.
_MOST_TEXTS = 2000


@dataclass(frozen=True)
class Region:
    """One table on one sheet: its first header row, and the rectangle that it fills.

    Parameters
    ----------
    layout
        The table of the mapping.
    grid
        The sheet.
    begin
        Place of the cell by which the table was found.
    top, bottom, left, right
        The rectangle, ends not included.
    above
        First row below where the table above this one begins, 0 where there is none.
    area
        Addresses of the figures where the mapping names them; the rectangle is theirs alone
        then.
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

    @property
    def columns(self) -> range:
        """Columns of the rectangle."""
        return range(self.left, self.right)

    def filled_columns(self, row: int) -> list[int]:
        """Columns of the rectangle with a cell in a row."""
        filled = self.grid.filled.get(row, ())
        return [column for column in filled if self.left <= column < self.right]

    def label(self, at: At) -> str:
        """Text at a place on one line, without what the conventions declare as no part."""
        return plain_label(self.grid.text(at), self.layout.conventions)

    def header_text(self, row: int, column: int) -> str:
        """Text of a header cell; a merge over several header rows counts in its first only."""
        origin_row, _ = self.grid.origin((row, column))
        if origin_row != row and origin_row >= self.top:
            return ""
        return self.label((row, column))

    def marks_at(self, at: At) -> Marks:
        """Marks of footnotes at a label."""
        cell = self.grid.cells.get(self.grid.origin(at))
        if cell is None:
            return NONE
        return marks_of(cell.text, cell.superscript, self.layout.conventions)


def locate(grids: list[Grid], layouts: tuple[TableLayout, ...]) -> list[Region]:
    """Regions of every table of the mapping on every sheet, in the order of the sheets."""
    regions = []
    for grid in grids:
        wanted = [layout for layout in layouts if _may_be_on(layout, grid)]
        if wanted:
            regions += _regions_of_sheet(grid, wanted)
    return regions


def find_missing_tables(
    regions: list[Region], grids: list[Grid], layouts: tuple[TableLayout, ...]
) -> list[Finding]:
    """Findings of the tables of the mapping that no sheet has."""
    located = {region.layout.name for region in regions}
    findings = []
    for layout in layouts:
        if layout.name in located or layout.optional:
            continue
        sheets = [grid for grid in grids if _may_be_on(layout, grid)]
        if sheets:
            findings.append(_missing_table(layout, sheets))
        else:
            findings.append(_missing_sheet(layout, grids))
    return findings


@dataclass(frozen=True)
class Missing:
    """A table that is not on a sheet where the mapping expects it.

    Parameters
    ----------
    layout
        The table.
    near
        Text of the sheet that is nearest to the words at which it begins, empty for none.
    """

    layout: TableLayout
    near: str


def missing_of_sheets(
    regions: list[Region], grids: list[Grid], layouts: tuple[TableLayout, ...]
) -> dict[str, Missing]:
    """Name of each sheet to the first table that begins at words and is on no sheet."""
    located = {region.layout.name for region in regions}
    missing: dict[str, Missing] = {}
    for layout in layouts:
        begin = layout.begin
        if layout.name in located or layout.optional or begin is None:
            continue
        for grid in grids:
            if _may_be_on(layout, grid) and grid.name not in missing:
                missing[grid.name] = Missing(layout, _nearest(begin, [grid]))
    return missing


def _may_be_on(layout: TableLayout, grid: Grid) -> bool:
    """Whether a table may be on a sheet, by the name of the sheet."""
    return not layout.sheets or any_matches(layout.sheets, grid.name)


def _regions_of_sheet(grid: Grid, layouts: list[TableLayout]) -> list[Region]:
    """Regions of one sheet: first those that are named by addresses."""
    texts = _texts(grid, layouts)
    labels = Labels([text for _, text in texts])
    regions = []
    begins = []
    for layout in layouts:
        for area in layout.figures:
            region = _region_at_address(grid, area, layout, texts)
            if region is not None:
                regions.append(region)
        if layout.begin:
            for place in layout.begin.places(labels):
                begins.append((texts[place][0], layout))
    begins.sort(key=lambda begin: begin[0])
    starts = [_Start(at, _last_column(grid, at, layout)) for at, layout in begins]
    for at, layout in begins:
        regions.append(_region(grid, at, layout, starts, texts))
    return regions


@dataclass(frozen=True)
class _Start:
    """Where a table begins, and the last column that its header rows fill."""

    at: At
    last_column: int


def _last_column(grid: Grid, at: At, layout: TableLayout) -> int:
    """Last column that the header rows of a table fill without a gap, from where it begins."""
    row, column = at
    first = row + 1 if layout.title else row
    filled: set[int] = set()
    for header_row in range(first, first + max(1, layout.header)):
        filled.update(grid.filled.get(header_row, ()))
    last = column
    while last + 1 in filled:
        last += 1
    return last


def _texts(grid: Grid, layouts: list[TableLayout]) -> Texts:
    """Texts by which tables are found: of all cells where a table begins at a number."""
    if _are_found_by_number(layouts):
        return [(at, cell.text) for at, cell in grid.cells.items()]
    # Figures are text in files of text: most cells need not be compared with any words.
    return [(at, text) for at, text in grid.texts() if not text.isdecimal()]


def _are_found_by_number(layouts: list[TableLayout]) -> bool:
    """Whether a table begins or ends at a number such as a year, or may: by an expression."""
    for layout in layouts:
        for pattern in (layout.begin, layout.end):
            if pattern is not None and _may_be_number(pattern):
                return True
    return False


def _may_be_number(pattern: Pattern) -> bool:
    """Whether a number alone may have the words of a pattern."""
    if pattern.expression or pattern.pieces:
        return pattern.matches("2018") or pattern.matches("1")
    return pattern.text.strip().isdecimal()


def _region_at_address(
    grid: Grid, area: Range, layout: TableLayout, texts: Texts
) -> Region | None:
    """Region of figures with addresses; None where their cells are empty."""
    top, bottom, left, right = bounds(grid, area)
    for end in _ends(layout, texts, left, right):
        if end > top:
            bottom = min(bottom, end)
    region = Region(layout, grid, (top, left), top, bottom, left, right, area=area)
    for row in range(top, bottom):
        if region.filled_columns(row):
            return region
    return None


def _ends(layout: TableLayout, texts: Texts, left: int, right: int) -> list[int]:
    """Rows that no longer belong to a table by its word."""
    if layout.end is None:
        return []
    columns = range(0 if layout.figures else left, right)
    ends = []
    for (row, column), text in texts:
        if column in columns and layout.end.matches(text):
            ends.append(row)
    return ends


def _region(
    grid: Grid, at: At, layout: TableLayout, starts: list[_Start], texts: Texts
) -> Region:
    """Region of a table that begins at a place, as far as the tables around it let it go."""
    row, _ = at
    left, right = _sides(grid, at, starts)
    bottom = grid.rows
    above = 0
    for start in starts:
        start_row, start_column = start.at
        if not left <= start_column < right:
            continue
        if start_row > row:
            bottom = min(bottom, start_row)
        elif start_row < row:
            above = max(above, start_row + 1)
    for end in _ends(layout, texts, left, right):
        if end > row:
            bottom = min(bottom, end)
    top = row + 1 if layout.title else row
    top = min(top, bottom)
    return Region(layout, grid, at, top, bottom, left, right, above)


def _sides(grid: Grid, at: At, starts: list[_Start]) -> tuple[int, int]:
    """First column of a table, and the first behind it.

    A table that begins lower is next to this one where it begins behind its last header cell
    and a blank, and this one is next to a table that ends before it in the same way.
    """
    row, column = at
    last_column = max(start.last_column for start in starts if start.at == at)
    left = 0
    right = grid.columns
    for start in starts:
        other_row, other_column = start.at
        is_lower = other_row > row and other_column > last_column
        is_lower = is_lower and _has_blank_before(grid, start.at)
        if other_column > column and (other_row == row or is_lower):
            right = min(right, other_column)
        is_higher = other_row < row and start.last_column < column
        is_higher = is_higher and _has_blank_before(grid, at)
        if other_column < column and (other_row == row or is_higher):
            left = column
    return left, right


def _has_blank_before(grid: Grid, at: At) -> bool:
    """Whether the cell to the left of a place is blank, or a blank column is between them."""
    row, column = at
    if column == 0:
        return False
    numbers = grid.column_numbers
    is_apart = numbers[column] - numbers[column - 1] > 1
    return is_apart or grid.origin((row, column - 1)) not in grid.cells


def _missing_sheet(layout: TableLayout, grids: list[Grid]) -> Finding:
    """Finding of a table whose sheet is not there."""
    names = [repr(grid.name) for grid in grids]
    known = ", ".join(names)
    wanted = ", ".join(map(str, layout.sheets))
    affects = _whole(layout)
    name = layout.name
    line = layout.line
    return find(
        "sheet-not-found", read=known, affects=affects, wanted=wanted, table=name, line=line
    )


def _missing_table(layout: TableLayout, sheets: list[Grid]) -> Finding:
    """Finding of a table that is not on its sheets."""
    rule = "table-not-found"
    place = Place(sheet=sheets[0].name if len(sheets) == 1 else "")
    affects = _whole(layout)
    name = layout.name
    line = layout.line
    if layout.begin:
        near = _nearest_text(layout.begin, sheets)
        begin = str(layout.begin)
        return find(rule, place, read=near, affects=affects, begin=begin, table=name, line=line)
    case = "figures"
    where = ", ".join(map(str, layout.figures))
    return find(rule, place, case=case, affects=affects, where=where, table=name, line=line)


def _whole(layout: TableLayout) -> str:
    """What a table that is not there affects."""
    return phrase("whole-table", table=repr(layout.name))


def _nearest_text(begin: Pattern, sheets: list[Grid]) -> str:
    """Text of the sheets that is nearest to the words of a table, as a finding says it."""
    near = _nearest(begin, sheets)
    return phrase("nearest", near=repr(near)) if near else ""


def _nearest(begin: Pattern, sheets: list[Grid]) -> str:
    """Text of the sheets that is nearest to the words of a table, empty where none is near."""
    texts: dict[str, None] = {}
    for grid in sheets:
        for _, text in grid.texts():
            texts[clean(text)] = None
    candidates = list(texts)[:_MOST_TEXTS]
    near = difflib.get_close_matches(begin.text, candidates, n=1, cutoff=0.5)
    return near[0] if near else ""
