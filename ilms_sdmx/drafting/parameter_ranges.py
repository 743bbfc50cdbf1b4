"""Ranges of the figures that a parameter sheet of the SDMX Converter reads on a data sheet."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from itertools import pairwise
from typing import NoReturn

from ilms_sdmx.drafting.parameter_sheets import Parameters
from ilms_sdmx.errors import MappingError, TableError
from ilms_sdmx.tables.addresses import (
    MAX_COLUMNS,
    address,
    column_letters,
    column_number,
    position,
)
from ilms_sdmx.tables.cells import Sheet


@dataclass(frozen=True)
class Extent:
    """Where figures lie: first and last row (0 for the last of the sheet) and column, and what is skipped."""

    top: int
    left: int
    bottom: int
    right: int
    rows: tuple[int, ...] = ()
    columns: tuple[int, ...] = ()

    @property
    def ranges(self) -> list[str]:
        """Addresses of the figures, as a mapping file writes them."""
        return [
            f"{address(top, left)}:{column_letters(right)}{bottom or ''}"
            for top, bottom in _between(self.top, self.bottom, self.rows)
            for left, right in _between(self.left, self.right, self.columns)
        ]

    @property
    def skipped(self) -> list[str]:
        """Addresses of the rows and columns that are skipped."""
        rows = [f"A{row}:{column_letters(MAX_COLUMNS)}{row}" for row in self.rows]
        letters = [column_letters(c) for c in self.columns]
        return rows + [f"{c}{self.top}:{c}{self.bottom or ''}" for c in letters]


def _between(first: int, last: int, left_out: Sequence[int]) -> list[tuple[int, int]]:
    """Split into runs from first to last (0 for no end) without some numbers."""
    runs, start = [], first
    for number in sorted(n for n in left_out if n >= first and (not last or n <= last)):
        if number > start:
            runs.append((start, number - 1))
        start = number + 1
    return [*runs, (start, last)] if not last or start <= last else runs


def extent(parameters: Parameters, sheets: Sequence[Sheet]) -> Extent:
    """Extent of the figures; that of the data sheets where the parameters leave the end to blank cells.

    Raises
    ------
    MappingError
        A setting that is no number or no address.
    """
    said = parameters.settings
    top, left = position(said["DataStart"].upper())
    bottom, right = 0, 0
    if said.get("DataEnd"):
        bottom, right = _place(parameters, "DataEnd")
    elif said.get("NumColumns"):
        right = left + _number(parameters, "NumColumns") - 1
    if not bottom:
        ends = [
            (_last_row(s, top, _number(parameters, "MaxEmptyRows")), s.rows) for s in sheets
        ]
        bottom = max(end or last for end, last in ends) if any(end for end, _ in ends) else 0
    if not right:
        right = max((c.column for s in sheets for c in s if c.row >= top), default=MAX_COLUMNS)
    rows, columns = (_numbers(parameters, name) for name in ("SkipRows", "SkipColumns"))
    return Extent(top, left, bottom, max(right, left), rows, columns)


def _last_row(sheet: Sheet, top: int, most: int) -> int:
    """Last row before as many blank ones as end the data; 0 where nothing follows them."""
    filled = sorted({c.row for c in sheet if c.row >= top})
    for row, following in pairwise(filled):
        if most and following - row > most:
            return row
    return 0


def _place(parameters: Parameters, name: str) -> tuple[int, int]:
    try:
        return position(parameters.settings[name].upper())
    except TableError:
        _fail(parameters, name, "the address of a cell")


def _number(parameters: Parameters, name: str) -> int:
    text = parameters.settings.get(name, "") or "0"
    if not text.isdigit():
        _fail(parameters, name, "a number")
    return int(text)


def _numbers(parameters: Parameters, name: str) -> tuple[int, ...]:
    """Rows or columns of a list; the Converter counts columns, letters are taken too."""
    parts = [
        p.strip().upper() for p in parameters.settings.get(name, "").split(",") if p.strip()
    ]
    if not all(p.isdigit() or (p.isalpha() and p.isascii()) for p in parts):
        _fail(parameters, name, "numbers apart by commas")
    return tuple(int(p) if p.isdigit() else column_number(p) for p in parts)


def _fail(parameters: Parameters, name: str, expected: str) -> NoReturn:
    found = parameters.settings.get(name, "")
    raise MappingError(f"{parameters.sheet}: expected {expected} for {name}, found {found!r}.")
