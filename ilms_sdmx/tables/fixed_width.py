"""Tables in plain text whose columns are held by blanks."""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import dataclass

from ilms_sdmx.tables.addresses import Range
from ilms_sdmx.tables.cells import Cell, Sheet
from ilms_sdmx.tables.delimited import text_cell

_SEGMENT = re.compile(r"\S+(?: \S+)*")
_QUOTED = re.compile(r'"([^"]*)"[\s,;]*')
_RULE = re.compile(r"[-=_+|\s.]*")


@dataclass(frozen=True, slots=True)
class _Piece:
    """Text of a line between two wide gaps.

    Parameters
    ----------
    start, end
        Places of its first character and behind its last one.
    text
        The characters.
    """

    start: int
    end: int
    text: str


def read_fixed_width(text: str, name: str = "(text)") -> Sheet:
    """Sheet of a text in columns.

    A column is where lines with figures have text above one another; a heading over several
    columns is merged over them. Leading blanks of the first column are kept, for they show a
    hierarchy.
    """
    lines: list[str] = []
    for raw_line in text.splitlines():
        line = _without_quotes(raw_line).expandtabs(8).replace("|", " ")
        lines.append(line.rstrip())
    columns = _columns(lines)
    cells: dict[tuple[int, int], Cell] = {}
    merges: list[Range] = []
    for row, line in enumerate(lines, 1):
        if _is_text(line):
            _add_line(cells, merges, row, line, columns)
    return Sheet(name, cells, merges=tuple(merges))


def _without_quotes(line: str) -> str:
    """Line without the quotes around all of it: a list of lines in one column is quoted so."""
    match = _QUOTED.fullmatch(line)
    if match is None:
        return line
    return match.group(1)


def _is_text(line: str) -> bool:
    """Whether a line is neither blank nor a rule drawn with signs."""
    shown = line.strip()
    if not shown:
        return False
    if not _RULE.fullmatch(line):
        return True
    return len(shown) <= 2


def _add_line(
    cells: dict[tuple[int, int], Cell],
    merges: list[Range],
    row: int,
    line: str,
    columns: list[tuple[int, int]],
) -> None:
    """Put the pieces of a line into the cells of its row."""
    for piece in _pieces(line, columns):
        first, last = _covered(columns, piece)
        before = cells.get((row, first))
        if before is not None:
            joined = f"{before.value} {piece.text}"
            cells[row, first] = text_cell(row, first, joined)
            continue
        is_indented = first == 1 and not line[: piece.start].strip()
        indent = ""
        if is_indented:
            indent = " " * piece.start
        cells[row, first] = text_cell(row, first, indent + piece.text)
        if last > first:
            merges.append(Range(row, first, row, last))


def _pieces(line: str, columns: list[tuple[int, int]]) -> list[_Piece]:
    """Pieces of a line; a line whose first piece overflows its column is one piece."""
    pieces = _segments(line)
    if len(columns) < 2:
        return pieces
    first = pieces[0]
    begins_in_first_column = first.start < columns[0][1]
    if begins_in_first_column and first.end > columns[1][0]:
        whole = line.strip()
        return [_Piece(first.start, first.start + len(whole), whole)]
    return pieces


def _segments(line: str) -> list[_Piece]:
    pieces: list[_Piece] = []
    for match in _SEGMENT.finditer(line):
        pieces.append(_Piece(match.start(), match.end(), match.group()))
    return pieces


#: Places of the first character of a column and behind its last one.
_Span = tuple[int, int]


def _columns(lines: Sequence[str]) -> list[_Span]:
    """Spans of the columns: unions of overlapping pieces of the lines that hold figures."""
    spans: list[_Span] = []
    for line in lines:
        pieces = _segments(line)
        if len(pieces) > 1 and _has_figures(pieces):
            spans += [(piece.start, piece.end) for piece in pieces]
    return _union(spans) or [(0, 1)]


def _union(spans: list[_Span]) -> list[_Span]:
    """Spans of which those that overlap are one."""
    columns: list[_Span] = []
    for start, end in sorted(spans):
        if columns and start < columns[-1][1]:
            left, right = columns[-1]
            columns[-1] = (left, max(right, end))
        else:
            columns.append((start, end))
    return columns


def _has_figures(pieces: list[_Piece]) -> bool:
    """Whether every piece but the first is a figure, or as short as a mark in place of one."""
    return all(_is_figure(piece.text) for piece in pieces[1:])


def _is_figure(text: str) -> bool:
    if len(text) <= 3:
        return True
    return any(map(str.isdigit, text))


def _covered(columns: list[tuple[int, int]], piece: _Piece) -> tuple[int, int]:
    """First and last column that a piece is over; the nearest one where it is between two."""
    over = []
    distances = []
    for number, (left, right) in enumerate(columns, 1):
        if piece.start < right and piece.end > left:
            over.append(number)
        distance = min(abs(left - piece.end), abs(piece.start - right))
        distances.append(distance)
    if over:
        return over[0], over[-1]
    nearest = distances.index(min(distances)) + 1
    return nearest, nearest
