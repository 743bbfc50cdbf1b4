"""Recognition of tables on a sheet: where figures lie, what heads them, what stands above and below."""

from __future__ import annotations

import re
from functools import lru_cache

from ilms_sdmx.conversion.layout.grid import Grid
from ilms_sdmx.drafting.columns import columns_of, is_numbering
from ilms_sdmx.drafting.found import Found, cells_by_row, sheet_row
from ilms_sdmx.labels.rows import row_kind
from ilms_sdmx.periods import read_period
from ilms_sdmx.tables.cells import Cell, Kind
from ilms_sdmx.tables.markers import as_marker
from ilms_sdmx.tables.numbers import read_number
from ilms_sdmx.tables.separators import Separators
from ilms_sdmx.words import is_unit_line
from ilms_sdmx.words.text import clean, western_digits

#: A year, whole and without separators: `2019 (%)` heads a column, it is no figure.
_YEAR = re.compile(r"(?<![\d.,])(?:19|20|24|25|26)\d\d(?![\d.,]\d|\d)")
#: A figure with a mark of its status behind it: `1,234p`, `800*`.
FLAGGED = re.compile(r"(\d[\d.,\s]*)\s?(\*{1,3}|[prebu]|xx?)/?")
_WAYS = (Separators(".", ","), Separators(",", "."))


@lru_cache(maxsize=65536)
def is_figure_text(text: str) -> bool:
    """Whether a text is digits with at most known words around them, or a mark in place of a figure."""
    if as_marker(text) or (
        FLAGGED.fullmatch(text.strip()) and not read_period(clean(text)).time_period
    ):
        return True
    if _YEAR.search(western_digits(text)) and not text.strip().isdigit():
        return False
    if not any(c.isdigit() for c in text) or (text.strip()[:1].isalpha() and len(text) > 40):
        return False
    readings = [read_number(text, way) for way in _WAYS]
    return any(r.numbers and not r.remainder for r in readings)


def kind_of(cell: Cell) -> str:
    """Say what a cell may be: `figure`, `period` (a year may also be a figure) or `words`."""
    if cell.kind is Kind.DATE:
        return "period"
    if cell.kind is Kind.NUMBER or (cell.kind is Kind.TEXT and is_figure_text(cell.text)):
        return (
            "period"
            if cell.text.strip().isdigit() and read_period(cell.text).time_period
            else "figure"
        )
    return "period" if read_period(clean(cell.text)).time_period else "words"


def find_tables(grid: Grid) -> list[Found]:
    """Tables of a sheet, from the top."""
    rows = _rows(grid)
    groups = _groups(grid, rows)
    found = []
    taken = -1
    for start, end in groups:
        table = _table(grid, rows, start, end, taken)
        if table is not None:
            found.append(table)
            taken = end
    return found


def _rows(grid: Grid) -> dict[int, dict[int, str]]:
    """Kind of every cell, by row and column."""
    rows: dict[int, dict[int, str]] = {}
    for (row, column), cell in grid.cells.items():
        rows.setdefault(row, {})[column] = kind_of(cell)
    return dict(sorted(rows.items()))


def _is_body(kinds: dict[int, str]) -> bool:
    """Whether a row has figures beside a label; years alone are a header."""
    return "figure" in kinds.values() and len(kinds) > 1


def _is_block(grid: Grid, row: int, kinds: dict[int, str]) -> bool:
    """Whether a row is one period merged over the figures below it."""
    if list(kinds.values()) != ["period"]:
        return False
    (column,) = kinds
    return any(origin == (row, column) for origin in grid.origins.values())


def _groups(grid: Grid, rows: dict[int, dict[int, str]]) -> list[tuple[int, int]]:
    """First and last row with figures of each table."""
    body = [row for row, kinds in rows.items() if _is_body(kinds)]
    body += [
        r for r in rows if r not in body and r - 1 in body and _continues(rows[r], rows[r - 1])
    ]
    groups: list[list[int]] = []
    for row in sorted(body):
        if groups and not _breaks(grid, rows, groups[-1], row):
            groups[-1].append(row)
        else:
            groups.append([row])
    return [(group[0], group[-1]) for group in groups]


def _continues(kinds: dict[int, str], above: dict[int, str]) -> bool:
    """Whether what may be years stands beside a label and below figures: a total of 2000 is no header."""
    periods = [column for column, kind in kinds.items() if kind == "period"]
    return "words" in kinds.values() and any(
        above.get(column) == "figure" for column in periods
    )


def _breaks(grid: Grid, rows: dict[int, dict[int, str]], group: list[int], row: int) -> bool:
    """Whether a new table begins between the last row of a group and another row with figures."""
    last = group[-1]
    between = [r for r in range(last + 1, row) if r in rows and not _is_block(grid, r, rows[r])]
    if _is_odd(grid, rows, last, between, row):
        return False
    if any(_heads_columns(grid, rows[r], rows[row]) for r in between):
        return True
    gap = sheet_row(grid, between[0] if between else row) - sheet_row(grid, last) > 1
    if not gap:
        return False
    ended = len(group) > 3 and row_kind(_label(grid, last)).kind == "total"
    return bool(between) or ended


def _is_odd(
    grid: Grid, rows: dict[int, dict[int, str]], last: int, between: list[int], row: int
) -> bool:
    """Whether one row of words stands between rows with figures without a gap: `the rest` for a figure."""
    places = [sheet_row(grid, r) for r in (last, *between, row)]
    return (
        len(between) == 1
        and rows[between[0]].keys() == rows[last].keys()
        and places[2] - places[0] == 2
    )


def _heads_columns(grid: Grid, kinds: dict[int, str], below: dict[int, str]) -> bool:
    """Whether a row without figures has words or periods above figures of a row below."""
    return (
        any(column in kinds and below[column] == "figure" for column in below)
        and len(kinds) > 1
    )


def _label(grid: Grid, row: int) -> str:
    return next((clean(c.text) for c in cells_by_row(grid)[row] if c.kind is Kind.TEXT), "")


def _table(
    grid: Grid, rows: dict[int, dict[int, str]], start: int, end: int, taken: int
) -> Found | None:
    inside = range(start, end + 1)
    body = [r for r in inside if r in rows and (_is_body(rows[r]) or len(rows[r]) > 1)]
    body = [r for r in body if r != start or not is_numbering(_texts(grid, rows, r))]
    columns = columns_of(grid, rows, body)
    stubs, data = columns.stubs, columns.data
    if not stubs or not data:
        return None
    body = [r for r in body if any(column in rows[r] for column in data)]
    heading = _group_above(rows, start, data) if start - 2 > taken else []
    header, blocks, title = _above(grid, rows, start - len(heading), data, taken)
    numbered = [] if start in body else [start]
    words = [r for r in inside if r in rows and r not in (*body, *numbered)]
    words = heading + [r for r in words if not _is_block(grid, r, rows[r])]
    blocks += [r for r in inside if r in rows and _is_block(grid, r, rows[r])]
    taken_ = [*stubs, *columns.counting, *(c for more in columns.spread.values() for c in more)]
    stubs += _label_columns(rows, [*header, *words], taken_, data)
    return Found(
        grid, header, body, sorted(stubs), data, words, sorted(blocks), title,
        numbered=numbered, counting=columns.counting, spread=columns.spread,
    )  # fmt: skip


def _label_columns(
    rows: dict[int, dict[int, str]], others: list[int], stubs: list[int], data: list[int]
) -> list[int]:
    """Columns right of the figures whose only cells are words, a second language of the labels."""
    return sorted(
        {c for r in others for c, kind in rows[r].items() if c > max(data) and kind == "words"}
        - set(stubs)
    )


def _above(
    grid: Grid, rows: dict[int, dict[int, str]], start: int, data: list[int], taken: int
) -> tuple[list[int], list[int], int | None]:
    """Header rows, block rows and title row above the first row with figures."""
    header: list[int] = []
    blocks: list[int] = []
    row = start - 1
    while row > taken and row in rows:
        kinds = rows[row]
        if _is_block(grid, row, kinds) and not header:
            blocks.append(row)
        elif any(column in kinds for column in data) and not (
            _is_title(grid, row, kinds) or _spans_periods(kinds, rows.get(row + 1, {}))
        ):
            header.insert(0, row)
        else:
            break
        row -= 1
    title = row if row > taken and row in rows and len(rows[row]) == 1 else None
    return header, blocks, title


def _group_above(rows: dict[int, dict[int, str]], start: int, data: list[int]) -> list[int]:
    """Row between the header and the first figures that only has a label: the heading of a group of rows."""
    above, row = rows.get(start - 2, {}), rows.get(start - 1, {})
    alone = len(row) == 1 and not {*row} & {*data}
    return [start - 1] if alone and len({*above} & {*data}) * 2 > len(data) else []


def _texts(grid: Grid, rows: dict[int, dict[int, str]], row: int) -> list[str]:
    return [grid.text((row, column)) for column in rows[row]]


def _spans_periods(kinds: dict[int, str], below: dict[int, str]) -> bool:
    """Whether a row is one period above several: `2009 - 2011` says nothing of a column."""
    return [*kinds.values()] == ["period"] and [*below.values()].count("period") > 1


def _is_title(grid: Grid, row: int, kinds: dict[int, str]) -> bool:
    """Whether a row is one text that heads no column: at the left, a unit, or not merged over several."""
    first = next(iter(kinds))
    merged = [origin for origin in grid.origins.values() if origin == (row, first)]
    text = clean(grid.text((row, first)))
    if len(kinds) > 1:
        return False
    return first == 0 or not merged or len(text) > 40 or is_unit_line(text)
