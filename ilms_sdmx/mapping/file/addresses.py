"""Reading of addresses of cells in a mapping file: the fallback where no words tell."""

from __future__ import annotations

import re

from ilms_sdmx.errors import TableError
from ilms_sdmx.mapping.file.nodes import Node
from ilms_sdmx.tables.addresses import (
    MAX_COLUMNS,
    MAX_ROWS,
    Range,
    address,
    column_number,
    position,
)

_OPEN = re.compile(r"\$?([A-Z]{1,3})\$?([1-9][0-9]{0,6}):\$?([A-Z]{1,3})")


def read_cell(node: Node) -> str:
    """Address of one cell, as `B4`."""
    text = node.text()
    try:
        row, column = position(text.strip().upper())
        return address(row, column)
    except TableError:
        node.fail("the address of a cell such as B4", repr(text))


def read_ranges(node: Node) -> tuple[Range, ...]:
    """Ranges of a list or of a single text: `C6:F20`, `C6`, or `C6:F` down to the last row."""
    nodes = node if node.is_list else (node,)
    return tuple(map(_range, nodes))


def _range(node: Node) -> Range:
    text = node.text().strip().upper()
    open_range = _OPEN.fullmatch(text)
    if open_range:
        first_row = int(open_range[2])
        text = f"{text}{MAX_ROWS}" if first_row <= MAX_ROWS else ""
    try:
        return Range.of(text)
    except TableError:
        node.fail("addresses such as C6:F20, or C6:F down to the last row", repr(node.text()))


def read_column(node: Node) -> int:
    """Read a column from its letters, as a number."""
    text = node.text()
    letters = text.strip().upper()
    number = 0
    if re.fullmatch(r"[A-Z]{1,3}", letters):
        number = column_number(letters)
    if not 1 <= number <= MAX_COLUMNS:
        node.fail("the letters of a column such as B", repr(text))
    return number


def read_row(node: Node) -> int:
    """Read the number of a row, counted from 1."""
    number = node.integer()
    if not 1 <= number <= MAX_ROWS:
        text = node.text()
        node.fail("the number of a row", repr(text))
    return number
