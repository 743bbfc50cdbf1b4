"""Cells, sheets and workbooks as they are: value, text as displayed, format, font and notes."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from datetime import datetime
from decimal import Decimal
from enum import StrEnum
from functools import cached_property

from ilms_sdmx.errors import TableError
from ilms_sdmx.findings import Finding
from ilms_sdmx.tables.addresses import MAX_COLUMNS as MAX_COLUMNS
from ilms_sdmx.tables.addresses import MAX_ROWS as MAX_ROWS
from ilms_sdmx.tables.addresses import Range as Range
from ilms_sdmx.tables.addresses import address as address
from ilms_sdmx.tables.addresses import column_letters as column_letters
from ilms_sdmx.tables.addresses import column_number as column_number
from ilms_sdmx.tables.addresses import position as position
from ilms_sdmx.tables.formats import NumberFormat, display, display_date, number_format


class Kind(StrEnum):
    """Type of a raw value."""

    EMPTY = "empty"
    TEXT = "text"
    NUMBER = "number"
    DATE = "date"
    BOOLEAN = "boolean"
    ERROR = "error"


@dataclass(frozen=True, slots=True)
class Style:
    """What many cells share: number format, font, indent, raised or lowered type."""

    number_format: str = "General"
    font: str = ""
    indent: int = 0
    vertical: str = ""
    bold: bool = False

    @property
    def format(self) -> NumberFormat:
        """Reading of the number format: percent, display in thousands, Buddhist calendar."""
        return number_format(self.number_format)


PLAIN = Style()


@dataclass(frozen=True, slots=True)
class Extra:
    """What few cells have: footnote marks split off, comment, formula."""

    superscript: str = ""
    subscript: str = ""
    text: str | None = None
    comment: str = ""
    formula: str = ""
    uncached: bool = False
    fonts: tuple[str, ...] = ()


NOTHING = Extra()


@dataclass(slots=True)
class Cell:
    """One non-empty cell.

    Parameters
    ----------
    row, column
        Counted from 1.
    value
        As stored: text, `Decimal` (never a float), date, truth value; None for a formula
        without a result.
    """

    row: int
    column: int
    value: str | Decimal | datetime | bool | None
    kind: Kind
    style: Style = PLAIN
    extra: Extra = NOTHING

    @property
    def address(self) -> str:
        """Address such as `B4`."""
        return address(self.row, self.column)

    @property
    def text(self) -> str:
        """Text as displayed, footnote marks in raised or lowered type left out."""
        if self.extra.text is not None:
            return self.extra.text
        value = self.value
        if isinstance(value, str):
            return value
        if isinstance(value, Decimal):
            return display(value, self.style.number_format)
        if isinstance(value, datetime):
            return display_date(value, self.style.number_format)
        if value is None:
            return ""
        return str(value).upper()

    @property
    def superscript(self) -> str:
        """Raised type split off: `120¹` has the text `120` and the superscript `1`."""
        return self.extra.superscript

    @property
    def subscript(self) -> str:
        """Lowered type split off."""
        return self.extra.subscript

    @property
    def comment(self) -> str:
        """Note that a reader of the workbook sees next to the cell."""
        return self.extra.comment

    @property
    def fonts(self) -> tuple[str, ...]:
        """Fonts of the text, that of the cell first.

        Legacy encodings are known by them alone.
        """
        if self.style.font:
            return (self.style.font, *self.extra.fonts)
        return self.extra.fonts

    @property
    def uncached(self) -> bool:
        """Whether the cell is a formula whose result the file does not hold."""
        return self.extra.uncached


@dataclass(frozen=True, eq=False)
class Sheet:
    """One sheet: its non-empty cells by (row, column), in reading order.

    Parameters
    ----------
    hidden
        Whether the sheet itself is hidden; rows and columns that are hidden are listed apart.
    merges
        Merged ranges; the value is in the upper left cell only.
    """

    name: str
    cells: Mapping[tuple[int, int], Cell]
    hidden: bool = False
    hidden_rows: frozenset[int] = frozenset()
    hidden_columns: frozenset[int] = frozenset()
    merges: tuple[Range, ...] = ()

    def __iter__(self) -> Iterator[Cell]:
        return iter(self.cells.values())

    def __len__(self) -> int:
        return len(self.cells)

    def __repr__(self) -> str:
        size = f"{self.rows} rows, {self.columns} columns, {len(self)} cells"
        if self.hidden:
            size = f"{size}, hidden"
        return f"<Sheet {self.name!r}: {size}>"

    def __getitem__(self, where: str) -> Cell:
        """Cell at an address such as `B4`; an empty one where there is nothing."""
        return self.at(*position(where))

    def at(self, row: int, column: int) -> Cell:
        """Cell at a row and column counted from 1; an empty one where there is nothing."""
        return self.cells.get((row, column)) or Cell(row, column, None, Kind.EMPTY)

    def filled(self, row: int, column: int) -> Cell:
        """Cell at a place, or the one whose merge covers it.

        Its own address says where that is.
        """
        cell = self.cells.get((row, column))
        if cell is not None:
            return cell
        merge = self.merge(row, column)
        if merge is None:
            return Cell(row, column, None, Kind.EMPTY)
        return self.at(merge.top, merge.left)

    def merge(self, row: int, column: int) -> Range | None:
        """Range of the merge that covers a place."""
        for merge in self._merges_by_row.get(row, ()):
            if merge.left <= column <= merge.right:
                return merge
        return None

    def is_hidden(self, row: int, column: int) -> bool:
        """Whether the page does not show the cell: its sheet, row or column is hidden."""
        if self.hidden:
            return True
        return row in self.hidden_rows or column in self.hidden_columns

    @cached_property
    def rows(self) -> int:
        """Last row that holds anything."""
        return max((r for r, _ in self.cells), default=0)

    @cached_property
    def columns(self) -> int:
        """Last column that holds anything."""
        return max((c for _, c in self.cells), default=0)

    @cached_property
    def _merges_by_row(self) -> dict[int, list[Range]]:
        index: dict[int, list[Range]] = {}
        for merge in self.merges:
            for row in range(merge.top, min(merge.bottom, self.rows) + 1):
                index.setdefault(row, []).append(merge)
        return index


@dataclass(frozen=True, eq=False)
class Workbook:
    """A source file as read.

    Its name, the hash of its bytes, its sheets, and what was noticed on the way.

    Parameters
    ----------
    name
        Name of the file.
    sha256
        Hash of its bytes.
    sheets
        Its sheets, in order.
    format
        `xlsx`, `xls`, `xlsb`, `ods`, `csv`, `fixed` or `html`, recognised from the content.
    encoding
        Character encoding of a text file, empty for others.
    findings
        What the reading itself has to say: hidden sheets, formulas without result, encodings
        inferred.
    """

    name: str
    sha256: str
    format: str
    sheets: tuple[Sheet, ...]
    encoding: str = ""
    findings: tuple[Finding, ...] = field(default=())

    def __iter__(self) -> Iterator[Sheet]:
        return iter(self.sheets)

    def __len__(self) -> int:
        return len(self.sheets)

    def __repr__(self) -> str:
        sheets = list(self.sheets)
        return f"<Workbook {self.name} ({self.format}): {sheets}>"

    def __getitem__(self, name: str) -> Sheet:
        """Sheet of a name.

        Raises
        ------
        TableError
            When there is none; the message lists those there are.
        """
        for sheet in self.sheets:
            if sheet.name == name:
                return sheet
        names = [repr(sheet.name) for sheet in self]
        raise TableError(f"{self.name} has no sheet {name!r}; it has {', '.join(names)}.")
