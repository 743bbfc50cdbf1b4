"""Addresses of cells and ranges (`B4`, `A4:B7`), and the numbers of rows and columns."""

from __future__ import annotations

import re
from dataclasses import dataclass
from functools import lru_cache

from ilms_sdmx.errors import TableError

#: Limits of the formats themselves: what lies beyond is an attack or damage.
MAX_ROWS, MAX_COLUMNS = 1_048_576, 16_384

_ADDRESS = re.compile(r"\$?([A-Z]{1,3})\$?([1-9][0-9]{0,6})")


@lru_cache(maxsize=MAX_COLUMNS)
def column_letters(column: int) -> str:
    """Letters of a column number, counted from 1: 28 is `AB`."""
    letters = ""
    while column:
        column, rest = divmod(column - 1, 26)
        letters = chr(65 + rest) + letters
    return letters


def address(row: int, column: int) -> str:
    """Address of a cell, rows and columns counted from 1: `address(4, 2)` is `B4`."""
    return f"{column_letters(column)}{row}"


def position(text: str) -> tuple[int, int]:
    """Row and column of an address such as `B4`, counted from 1.

    Raises
    ------
    TableError
        For what is no address of a cell.
    """
    address = _ADDRESS.fullmatch(text)
    if not address:
        raise TableError(f"Expected the address of a cell such as B4, found {text!r}.")
    letters, digits = address.groups()
    return int(digits), column_number(letters)


@lru_cache(maxsize=MAX_COLUMNS)
def column_number(letters: str) -> int:
    """Column number of letters, counted from 1: `AB` is 28."""
    number = 0
    for letter in letters:
        number = number * 26 + ord(letter) - 64
    return number


@dataclass(frozen=True, slots=True)
class Range:
    """Rectangle of cells, both corners included, counted from 1."""

    top: int
    left: int
    bottom: int
    right: int

    @classmethod
    def of(cls, text: str) -> Range:
        """Range of an address such as `A4:B7` or `A4`."""
        first, _, last = text.partition(":")
        first_row, first_column = position(first)
        last_row, last_column = position(last or first)
        top, bottom = sorted((first_row, last_row))
        left, right = sorted((first_column, last_column))
        return cls(top, left, bottom, right)

    def __contains__(self, place: tuple[int, int]) -> bool:
        row, column = place
        is_row_inside = self.top <= row <= self.bottom
        return is_row_inside and self.left <= column <= self.right

    def __str__(self) -> str:
        first = address(self.top, self.left)
        last = address(self.bottom, self.right)
        return f"{first}:{last}"
