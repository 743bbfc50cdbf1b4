"""The figures of a recognised table as numbers, each cell read once."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from decimal import Decimal
from functools import cached_property

from ilms_sdmx.conversion.layout.grid import At
from ilms_sdmx.drafting.recognition.headed import HeadedTable
from ilms_sdmx.drafting.recognition.pairs import has_count_and_share, is_pair
from ilms_sdmx.drafting.recognition.printed import PrintedTable
from ilms_sdmx.tables.cells import PLAIN, Cell, Kind
from ilms_sdmx.tables.numbers import read_number
from ilms_sdmx.tables.separators import Separators

#: Name of a heading, with a label of it.
Pair = tuple[str, str]
#: Names of the headings of a figure, each with its label.
Key = tuple[Pair, ...]


@dataclass(frozen=True, eq=False)
class NumberGrid:
    """Figures of a table as numbers.

    Parameters
    ----------
    table
        Table of the figures.
    numbers
        Place to the number that is shown there; places without a number are left out.
    """

    table: HeadedTable
    numbers: Mapping[At, Decimal]

    @property
    def printed(self) -> PrintedTable:
        """Rows and columns of the table."""
        return self.table.printed

    @property
    def body(self) -> Sequence[int]:
        """Rows with figures."""
        return self.table.body

    def at(self, row: int, column: int) -> Decimal | None:
        """Number at a place, None where none can be read."""
        return self.numbers.get((row, column))

    def of_row(self, row: int, columns: Iterable[int]) -> list[Decimal | None]:
        """Numbers of a row in some columns."""
        return [self.numbers.get((row, column)) for column in columns]

    def of_column(self, rows: Iterable[int], column: int) -> list[Decimal]:
        """Numbers of a column in some rows, those that can be read."""
        numbers: list[Decimal] = []
        for row in rows:
            number = self.numbers.get((row, column))
            if number is not None:
                numbers.append(number)
        return numbers

    @cached_property
    def keys(self) -> dict[At, Key]:
        """Place of each cell of figures to its headings and labels."""
        keys: dict[At, Key] = {}
        for row, column in self.printed.cells:
            keys[row, column] = self.row_keys[row] + self.column_keys[column]
        return keys

    def places_of(self, pair: Pair) -> list[At]:
        """Places of the cells of figures under a label of a heading."""
        rows = [row for row in self.printed.body if pair in self.row_keys[row]]
        columns = self.printed.data
        if not rows:
            rows = list(self.printed.body)
            columns = [column for column in columns if pair in self.column_keys[column]]
        places: list[At] = []
        for row in rows:
            for column in columns:
                if (row, column) in self.printed.cells:
                    places.append((row, column))
        return places

    @cached_property
    def row_keys(self) -> dict[int, Key]:
        """Headings and labels of each row with figures."""
        table = self.table
        printed = self.printed
        labels: list[tuple[str, Mapping[int, str]]] = []
        for column, heading in table.rows.items():
            shown: dict[int, str] = {}
            for row, text in printed.filled(column).items():
                shown[row] = table.shown(text)
            labels.append((heading.name, shown))
        if printed.blocks:
            labels.append(("period", printed.block_of()))
        if table.block is not None:
            labels.append((table.block.name, printed.group_of()))
        return _keys(labels, printed.body)

    @cached_property
    def column_keys(self) -> dict[int, Key]:
        """Headings and labels of each column of figures."""
        labels: list[tuple[str, Mapping[int, str]]] = []
        for row, heading in self.table.columns.items():
            texts = self.printed.head(row)
            labels.append((heading.name, texts))
        return _keys(labels, self.printed.data)

    @cached_property
    def by_labels(self) -> dict[Key, Decimal]:
        """Numbers by their headings and labels."""
        numbers: dict[Key, Decimal] = {}
        for place, key in self.keys.items():
            if place in self.numbers:
                numbers[key] = self.numbers[place]
        return numbers


def _keys(
    labels: Iterable[tuple[str, Mapping[int, str]]], places: Sequence[int]
) -> dict[int, Key]:
    """Headings and labels of rows or columns."""
    keys: dict[int, Key] = {}
    for place in places:
        keys[place] = tuple((name, label_of[place]) for name, label_of in labels)
    return keys


def numbers_of(table: HeadedTable, separators: Separators) -> NumberGrid:
    """Figures of a table as numbers, each cell read once."""
    numbers: dict[At, Decimal] = {}
    for place, cell in table.printed.cells.items():
        number = _number(cell, separators)
        if number is not None:
            numbers[place] = number
    return NumberGrid(table, numbers)


def _number(cell: Cell, separators: Separators) -> Decimal | None:
    """Number that a cell shows, None where none can be read."""
    if isinstance(cell.value, Decimal):
        is_percent = cell.style is not PLAIN and cell.style.format.percent
        if is_percent:
            return cell.value.scaleb(2)
        return cell.value
    if cell.kind is not Kind.TEXT:
        return None
    reading = read_number(cell.text, separators)
    if reading.value:
        return Decimal(reading.value)
    if not is_pair(cell.text) and not has_count_and_share(cell.text):
        return None
    first = reading.numbers[0].value if reading.numbers else ""
    return Decimal(first) if first else None
