"""Tables in plain text whose columns are held by blanks."""

from __future__ import annotations

import re
from collections.abc import Sequence

from ilms_sdmx.tables.addresses import Range
from ilms_sdmx.tables.cells import Cell, Sheet
from ilms_sdmx.tables.delimited import text_cell

_SEGMENT = re.compile(r"\S+(?: \S+)*")
_RULE = re.compile(r"[-=_+|\s.]*")


def read_fixed_width(text: str, name: str = "(text)") -> Sheet:
    """Sheet of a text in columns.

    A column is where lines with figures have text above one another; a heading over several columns is
    merged over them. Leading blanks of the first column are kept, for they show a hierarchy.
    """
    lines = [line.expandtabs(8).replace("|", " ").rstrip() for line in text.splitlines()]
    columns = _columns(lines)
    cells: dict[tuple[int, int], Cell] = {}
    merges: list[Range] = []
    for row, line in enumerate(lines, 1):
        if not line.strip() or (_RULE.fullmatch(line) and len(line.strip()) > 2):
            continue
        for start, piece in _pieces(line, columns):
            first, last = _covered(columns, start, start + len(piece))
            lead = " " * start if first == 1 and not line[:start].strip() else ""
            old = cells.get((row, first))
            cells[row, first] = text_cell(
                row, first, f"{old.value} {piece}" if old else lead + piece
            )
            if last > first and old is None:
                merges.append(Range(row, first, row, last))
    return Sheet(name, cells, merges=tuple(merges))


def _pieces(line: str, columns: list[tuple[int, int]]) -> list[tuple[int, str]]:
    """Pieces of a line with their places; a line whose first piece overflows its column is one piece."""
    found = [(m.start(), m.group()) for m in _SEGMENT.finditer(line)]
    if (
        len(columns) > 1
        and found[0][0] < columns[0][1]
        and found[0][0] + len(found[0][1]) > columns[1][0]
    ):
        return [(found[0][0], line.strip())]
    return found


def _columns(lines: Sequence[str]) -> list[tuple[int, int]]:
    """Spans of the columns: unions of overlapping pieces of the lines that hold figures in several pieces."""
    spans = sorted(
        (m.start(), m.end())
        for line in lines
        if len(pieces := list(_SEGMENT.finditer(line))) > 1 and _has_figures(pieces)
        for m in pieces
    )
    columns: list[tuple[int, int]] = []
    for start, end in spans:
        if columns and start < columns[-1][1]:
            columns[-1] = (columns[-1][0], max(columns[-1][1], end))
        else:
            columns.append((start, end))
    return columns or [(0, 1)]


def _has_figures(pieces: list[re.Match[str]]) -> bool:
    figures = [
        p for p in pieces[1:] if any(c.isdigit() for c in p.group()) or len(p.group()) <= 3
    ]
    return len(figures) == len(pieces) - 1


def _covered(columns: list[tuple[int, int]], start: int, end: int) -> tuple[int, int]:
    """First and last column that a piece stands over; the nearest where it stands between two."""
    over = [i for i, (left, right) in enumerate(columns, 1) if start < right and end > left]
    if over:
        return over[0], over[-1]
    nearest = min(
        range(len(columns)),
        key=lambda i: min(abs(columns[i][0] - end), abs(start - columns[i][1])),
    )
    return nearest + 1, nearest + 1
