"""What each cell of a sheet may be: a figure, a period or words."""

from __future__ import annotations

import re
from collections.abc import Collection, Mapping
from dataclasses import dataclass
from decimal import Decimal
from enum import StrEnum
from functools import cached_property, lru_cache

from ilms_sdmx.conversion.layout.grid import At, Grid
from ilms_sdmx.drafting.recognition.pairs import has_count_and_share
from ilms_sdmx.labels.rows import row_kind
from ilms_sdmx.periods import read_period
from ilms_sdmx.tables.cells import Cell, Kind
from ilms_sdmx.tables.markers import as_marker
from ilms_sdmx.tables.numbers import read_number
from ilms_sdmx.tables.separators import Separators
from ilms_sdmx.words.text import clean, western_digits

#: A year, whole and without separators: `2019 (%)` heads a column, it is no figure.
_YEAR = re.compile(r"(?<![\d.,])(?:19|20|24|25|26)\d\d(?![\d.,]\d|\d)")
#: Numbers below and above are no year of any calendar.
_FIRST_YEAR, _LAST_YEAR = 1000, 2999
#: A figure with a mark of its status behind it: `1,234p`, `800*`.
FLAGGED = re.compile(r"(\d[\d.,\s]*)\s?(\*{1,3}|[prebu]|xx?)/?")
_SEPARATORS = (Separators(".", ","), Separators(",", "."))
#: Two numbers of at most three digits with a dash between them.
_RANGE = re.compile(r"(\d{1,3})\s*[-\u2010-\u2015]\s*(\d{1,3})")
#: Digits of one number with its separators.
_DIGITS = re.compile(r"\d(?:[\d.,]*\d)?")
#: Most letters of a text that begins with a letter and may be a figure with words.
_LONGEST_FIGURE = 40


class CellKind(StrEnum):
    """What a cell may be; a year may also be a figure."""

    FIGURE = "figure"
    PERIOD = "period"
    WORDS = "words"


RowKinds = Mapping[int, CellKind]


@lru_cache(maxsize=65536)
def is_figure_text(text: str) -> bool:
    """Whether a text is digits with at most known words around them, or a mark for a figure."""
    stripped = text.strip()
    if as_marker(text):
        return True
    if FLAGGED.fullmatch(stripped) and not read_period(clean(text)).time_period:
        return True
    if not any(map(str.isdigit, text)):
        return False
    if has_count_and_share(text):
        return True
    if _YEAR.search(western_digits(text)) and not stripped.isdigit():
        return False
    if stripped[:1].isalpha() and len(text) > _LONGEST_FIGURE:
        return False
    if _is_range(text):
        return False
    for separators in _SEPARATORS:
        reading = read_number(text, separators)
        if reading.numbers and not reading.remainder:
            return True
    return False


def _is_range(text: str) -> bool:
    """Whether a text is two ages or sizes: `15 - 19`, `5 – 9`."""
    match = _RANGE.fullmatch(western_digits(clean(text)))
    if match is None:
        return False
    return int(match.group(1)) < int(match.group(2))


def is_worded_figure(text: str) -> bool:
    """Whether a text is one number with a few words of which not all are known.

    >>> is_worded_figure("men only 58"), is_worded_figure("District 9")
    (True, True)
    """
    numbers = _DIGITS.findall(western_digits(text))
    if len(text) > _LONGEST_FIGURE or len(numbers) != 1:
        return False
    return not read_period(clean(text)).time_period


def kind_of(cell: Cell) -> CellKind:
    """Say what a cell may be."""
    if cell.kind is Kind.DATE:
        return CellKind.PERIOD
    if isinstance(cell.value, Decimal) and not _FIRST_YEAR <= cell.value <= _LAST_YEAR:
        return CellKind.FIGURE
    if not _is_figure(cell):
        period = read_period(clean(cell.text))
        if period.time_period:
            return CellKind.PERIOD
        return CellKind.WORDS
    digits = cell.text.strip()
    if not digits.isdigit() or not _YEAR.fullmatch(western_digits(digits)):
        return CellKind.FIGURE
    if read_period(cell.text).is_time:
        return CellKind.PERIOD
    return CellKind.FIGURE


def _is_figure(cell: Cell) -> bool:
    """Whether a cell is a number, or a text that may be one."""
    if cell.kind is Kind.NUMBER:
        return True
    if cell.kind is not Kind.TEXT:
        return False
    return is_figure_text(cell.text)


@dataclass(frozen=True, eq=False)
class SheetKinds:
    """What each cell of a sheet may be.

    Parameters
    ----------
    grid
        Sheet.
    rows
        Row to column to the kind of the cell.
    """

    grid: Grid
    rows: Mapping[int, RowKinds]

    @cached_property
    def merged(self) -> set[At]:
        """Places of the cells that are merged over others."""
        return set(self.grid.origins.values())

    @cached_property
    def first_rows(self) -> dict[tuple[int, str], int]:
        """Column and first text of the rows without figures, each with the first such row."""
        first_rows: dict[tuple[int, str], int] = {}
        for row, kinds in self.rows.items():
            if len(kinds) > 1 and not self.is_body(row):
                column = next(iter(kinds))
                text = self.grid.text((row, column))
                first_rows.setdefault((column, text), row)
        return first_rows

    def row(self, row: int) -> RowKinds:
        """Kinds of the cells of a row, none for a row above or below the sheet."""
        return self.rows.get(row, {})

    def texts(self, row: int) -> list[str]:
        """Texts of the cells of a row."""
        return [self.grid.text((row, column)) for column in self.rows[row]]

    def words(self, row: int) -> set[str]:
        """Texts of the cells of a row that are words."""
        words: set[str] = set()
        for column, kind in self.row(row).items():
            if kind is CellKind.WORDS:
                words.add(self.grid.text((row, column)))
        return words

    def is_body(self, row: int) -> bool:
        """Whether a row has figures next to a label; years alone are a header."""
        kinds = self.row(row)
        return len(kinds) > 1 and CellKind.FIGURE in kinds.values()

    def is_block(self, row: int) -> bool:
        """Whether a row is one period merged over the figures below it."""
        kinds = self.row(row)
        if list(kinds.values()) != [CellKind.PERIOD]:
            return False
        return self.is_merged(row)

    def is_merged(self, row: int) -> bool:
        """Whether the first cell of a row is merged over others."""
        first_column = next(iter(self.rows[row]))
        return (row, first_column) in self.merged

    def columns_of_figures(self, row: int) -> set[int]:
        """Columns in which a row has a figure."""
        kinds = self.row(row)
        return {column for column, kind in kinds.items() if kind is CellKind.FIGURE}

    def continues(self, row: int, columns: Collection[int]) -> bool:
        """Whether what may be years is below columns of figures: 2000 there is no header.

        A header of years has no label, neither words nor a period left of the figures.
        """
        kinds = self.row(row)
        has_words = CellKind.WORDS in kinds.values()
        first_column = min(columns, default=0)
        has_label = has_words or min(kinds) < first_column
        if not has_label:
            return False
        periods = {column for column, kind in kinds.items() if kind is CellKind.PERIOD}
        return not periods.isdisjoint(columns)

    def heads_columns(self, row: int, below: int) -> bool:
        """Whether a row has several words or periods, some of them above figures of another."""
        kinds = self.row(row)
        if len(kinds) < 2:
            return False
        kinds_below = self.row(below)
        return any(kinds_below.get(column) is CellKind.FIGURE for column in kinds)

    def is_one_period(self, row: int) -> bool:
        """Whether a row is one period above several: `2009 - 2011` says nothing of a column."""
        if list(self.row(row).values()) != [CellKind.PERIOD]:
            return False
        kinds_below = list(self.row(row + 1).values())
        return kinds_below.count(CellKind.PERIOD) > 1

    def is_total(self, row: int) -> bool:
        """Whether the first words of a row say that it is a total."""
        for column in self.grid.filled[row]:
            cell = self.grid.cells[row, column]
            if cell.kind is Kind.TEXT:
                return row_kind(clean(cell.text)).kind == "total"
        return False


def kinds_of(grid: Grid) -> SheetKinds:
    """Kinds of every cell of a sheet, by row and column."""
    rows: dict[int, dict[int, CellKind]] = {}
    for (row, column), cell in grid.cells.items():
        kinds = rows.setdefault(row, {})
        kinds[column] = kind_of(cell)
    in_order = dict(sorted(rows.items()))
    return SheetKinds(grid, in_order)
