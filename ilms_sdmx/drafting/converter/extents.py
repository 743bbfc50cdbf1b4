"""Ranges of the figures that a parameter sheet of the SDMX Converter reads on a data sheet."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from itertools import pairwise
from typing import NoReturn

from ilms_sdmx.drafting.converter.parameters import Parameters
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
    """Place of the figures on a data sheet.

    Parameters
    ----------
    top, left
        First row and column.
    bottom, right
        Last row (0 for the last of the sheet) and column.
    rows, columns
        Rows and columns that are skipped.
    """

    top: int
    left: int
    bottom: int
    right: int
    rows: tuple[int, ...] = ()
    columns: tuple[int, ...] = ()

    @property
    def ranges(self) -> list[str]:
        """Addresses of the figures, as a mapping file writes them."""
        addresses: list[str] = []
        column_runs = _runs(self.left, self.right, self.columns)
        for top, bottom in _runs(self.top, self.bottom, self.rows):
            for left, right in column_runs:
                end = f"{column_letters(right)}{bottom or ''}"
                addresses.append(f"{address(top, left)}:{end}")
        return addresses

    @property
    def skipped(self) -> list[str]:
        """Addresses of the rows and columns that are skipped."""
        addresses: list[str] = []
        last_letters = column_letters(MAX_COLUMNS)
        for row in self.rows:
            addresses.append(f"A{row}:{last_letters}{row}")
        for column in self.columns:
            letters = column_letters(column)
            last = self.bottom or ""
            addresses.append(f"{letters}{self.top}:{letters}{last}")
        return addresses


def _runs(first: int, last: int, skipped: Sequence[int]) -> list[tuple[int, int]]:
    """Pieces from first to last (0 for no end) without the numbers that are skipped."""
    runs: list[tuple[int, int]] = []
    start = first
    for number in sorted(skipped):
        if number < first or (last and number > last):
            continue
        if number > start:
            runs.append((start, number - 1))
        start = number + 1
    if not last or start <= last:
        runs.append((start, last))
    return runs


def extent_of(parameters: Parameters, sheets: Sequence[Sheet]) -> Extent:
    """Extent of the figures; that of the data sheets where only blank cells end them.

    Raises
    ------
    MappingError
        A setting that is no number or no address.
    """
    settings = parameters.settings
    top, left = position(settings["DataStart"].upper())
    bottom, right = 0, 0
    if settings.get("DataEnd"):
        bottom, right = _place(parameters, "DataEnd")
    elif settings.get("NumColumns"):
        right = left + _number(parameters, "NumColumns") - 1
    if not bottom:
        bottom = _last_row(sheets, top, _number(parameters, "MaxEmptyRows"))
    if not right:
        right = _last_column(sheets, top)
    skipped_rows = _numbers(parameters, "SkipRows")
    skipped_columns = _numbers(parameters, "SkipColumns")
    return Extent(top, left, bottom, max(right, left), skipped_rows, skipped_columns)


def _last_row(sheets: Sequence[Sheet], top: int, most_blank: int) -> int:
    """Last row of figures of all sheets; 0 where blank rows end the figures of none."""
    last_rows: list[int] = []
    ended = False
    for sheet in sheets:
        end = _row_before_blanks(sheet, top, most_blank)
        ended = ended or bool(end)
        last_rows.append(end or sheet.rows)
    if not ended:
        return 0
    return max(last_rows)


def _row_before_blanks(sheet: Sheet, top: int, most_blank: int) -> int:
    """Last row before as many blank ones as end the data; 0 where nothing follows them."""
    filled_rows = sorted({cell.row for cell in sheet if cell.row >= top})
    for row, following in pairwise(filled_rows):
        if most_blank and following - row > most_blank:
            return row
    return 0


def _last_column(sheets: Sequence[Sheet], top: int) -> int:
    """Last column with a cell below the first row of figures."""
    last = 0
    for sheet in sheets:
        for cell in sheet:
            if cell.row >= top:
                last = max(last, cell.column)
    return last or MAX_COLUMNS


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
    numbers: list[int] = []
    for written in parameters.settings.get(name, "").split(","):
        text = written.strip().upper()
        if not text:
            continue
        if text.isdigit():
            numbers.append(int(text))
        elif text.isalpha() and text.isascii():
            numbers.append(column_number(text))
        else:
            _fail(parameters, name, "numbers apart by commas")
    return tuple(numbers)


def _fail(parameters: Parameters, name: str, expected: str) -> NoReturn:
    read = parameters.settings.get(name, "")
    raise MappingError(f"{parameters.sheet}: expected {expected} for {name}, found {read!r}.")
