"""Workbooks in OpenDocument (.ods).

Values, text as displayed, marks, comments, merges and hidden parts.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass, field, replace
from datetime import datetime
from decimal import Decimal, InvalidOperation
from typing import TYPE_CHECKING

from ilms_sdmx.errors import TableError
from ilms_sdmx.tables.addresses import MAX_COLUMNS, MAX_ROWS, Range
from ilms_sdmx.tables.archives import Archive
from ilms_sdmx.tables.cells import PLAIN, Cell, Extra, Kind, Sheet, Style
from ilms_sdmx.tables.formats import plain_number
from ilms_sdmx.tables.richtext import Rich, from_runs
from ilms_sdmx.tables.xlsx.cells import MAX_CELLS
from ilms_sdmx.tables.xlsx.styles import children, local

if TYPE_CHECKING:
    from lxml.etree import _Element

_NS = "{urn:oasis:names:tc:opendocument:xmlns:"
_TABLE, _OFFICE = _NS + "table:1.0}", _NS + "office:1.0}"
_STYLE, _TEXT = _NS + "style:1.0}", _NS + "text:1.0}"
_MANIFEST = "META-INF/manifest.xml"
_NAME, _STYLE_NAME = _STYLE + "name", _TABLE + "style-name"
_WIDE, _HIGH = _TABLE + "number-columns-repeated", _TABLE + "number-rows-repeated"
_ACROSS, _DOWN = _TABLE + "number-columns-spanned", _TABLE + "number-rows-spanned"
_VISIBILITY = _TABLE + "visibility"
_VALUE_TYPE, _VALUE = _OFFICE + "value-type", _OFFICE + "value"
_CELL, _PARAGRAPH = _TABLE + "table-cell", _TEXT + "p"
#: Attributes of a cell that holds one value and no more.
_PLAIN_KEYS = frozenset(
    {
        _STYLE_NAME,
        _OFFICE + "value-type",
        _OFFICE + "value",
        "{urn:org:documentfoundation:names:experimental:calc:xmlns:calcext:1.0}value-type",
    }
)
#: Elements around rows and columns.
_GROUPS = frozenset(
    f"table-{name}"
    for name in (
        "header-rows",
        "row-group",
        "rows",
        "column-group",
        "header-columns",
        "columns",
    )
)
#: Most cells a repeated cell that holds something may mean.
_MAX_REPEAT = 100_000


@dataclass(slots=True)
class _Styles:
    """Styles of a workbook by their names.

    Parameters
    ----------
    vertical
        Whether the text is raised (`super`) or lowered (`sub`).
    cells
        What the cells of a style share.
    hidden_tables
        Styles of sheets that are not shown.
    """

    vertical: dict[str, str] = field(default_factory=dict)
    cells: dict[str, Style] = field(default_factory=dict)
    hidden_tables: set[str] = field(default_factory=set)


def read_ods(data: bytes, name: str) -> tuple[Sheet, ...]:
    """Sheets of an OpenDocument workbook.

    Raises
    ------
    TableError
        When the file is no whole workbook, is protected, or a cell repeats itself without end.
    """
    archive = Archive(data, name)
    if _MANIFEST in archive and b"encryption-data" in archive.read(_MANIFEST):
        raise TableError(f"{name} is protected by a password: save a copy without one.")
    root = archive.tree("content.xml")
    styles = _read_styles(root)
    body = children(root, "body", "spreadsheet", "table")
    sheets: list[Sheet] = []
    for table in body:
        reader = _Reader(name, styles)
        sheets.append(reader.read(table))
    return tuple(sheets)


def _read_styles(root: _Element) -> _Styles:
    styles = _Styles()
    for element in children(root, "automatic-styles", "style"):
        name = str(element.get(_NAME))
        for text in children(element, "text-properties")[:1]:
            position = str(text.get(_STYLE + "text-position", ""))
            font = str(text.get(_STYLE + "font-name", ""))
            styles.vertical[name] = _vertical(position)
            styles.cells[name] = Style(font=font)
        for table in children(element, "table-properties")[:1]:
            if table.get(_TABLE + "display") == "false":
                styles.hidden_tables.add(name)
    return styles


def _vertical(position: str) -> str:
    """Raised or lowered type by the position of its text (`super 58%`)."""
    for vertical in ("super", "sub"):
        if position.startswith(vertical):
            return vertical
    return ""


def _count(element: _Element, attribute: str) -> int:
    """Number that an attribute says, one where it says none."""
    return int(element.get(attribute) or 1)


def _is_hidden(element: _Element) -> bool:
    return element.get(_VISIBILITY) in {"collapse", "filter"}


class _Reader:
    """State of reading one table."""

    def __init__(self, name: str, styles: _Styles) -> None:
        self.name, self.styles = name, styles
        self.cells: dict[tuple[int, int], Cell] = {}
        self.merges: list[Range] = []
        self.hidden_rows: set[int] = set()
        self.hidden_columns: set[int] = set()

    def read(self, table: _Element) -> Sheet:
        """Sheet of a table element."""
        self._columns(table)
        row = 1
        for element in _flat(table, "table-row"):
            repeat = _count(element, _HIGH)
            if _is_hidden(element):
                end = min(row + repeat, MAX_ROWS + 1)
                self.hidden_rows.update(range(row, end))
            self._row(element, row, repeat)
            row += repeat
        name = str(table.get(_TABLE + "name", ""))
        cells = dict(sorted(self.cells.items()))
        style = str(table.get(_STYLE_NAME))
        is_hidden = style in self.styles.hidden_tables
        rows = frozenset(self.hidden_rows)
        columns = frozenset(self.hidden_columns)
        return Sheet(name, cells, is_hidden, rows, columns, tuple(self.merges))

    def _columns(self, table: _Element) -> None:
        column = 1
        for element in _flat(table, "table-column"):
            repeat = _count(element, _WIDE)
            if _is_hidden(element):
                end = min(column + repeat, MAX_COLUMNS + 1)
                self.hidden_columns.update(range(column, end))
            column += repeat

    def _row(self, row: _Element, number: int, high: int) -> None:
        """Put the cells of a row element into the rows that it means."""
        column = 1
        for element in row:
            if element.tag == _CELL and high == 1 and self._plain(element, number, column):
                column += 1
                continue
            if local(element) not in {"table-cell", "covered-table-cell"}:
                continue
            wide = _count(element, _WIDE)
            if len(element) or element.get(_OFFICE + "value-type"):
                place = Range(number, column, number + high - 1, column + wide - 1)
                self._cell(element, place)
            column += wide

    def _plain(self, element: _Element, row: int, column: int) -> bool:
        """Put a cell of one place, with one paragraph of ASCII and no more, if it is one."""
        attributes = dict(element.items())
        if len(element) != 1 or not _PLAIN_KEYS.issuperset(attributes):
            return False
        paragraph = element[0]
        text = paragraph.text or ""
        is_plain = paragraph.tag == _PARAGRAPH and not len(paragraph) and text.isascii()
        if not is_plain or paragraph.keys() or len(self.cells) >= MAX_CELLS:
            return False
        if row > MAX_ROWS or column > MAX_COLUMNS:
            return False
        style = self.styles.cells.get(str(attributes.get(_STYLE_NAME)), PLAIN)
        kind = attributes.get(_VALUE_TYPE, "string")
        if kind == "string" and text:
            self.cells[row, column] = Cell(row, column, text, Kind.TEXT, style)
            return True
        digits = str(attributes.get(_VALUE, ""))
        is_shown = text == digits and digits.isdigit() and (digits == "0" or digits[0] != "0")
        if kind == "float" and is_shown and style.number_format == "General":
            number = Decimal(digits)
            self.cells[row, column] = Cell(row, column, number, Kind.NUMBER, style)
            return True
        return False

    def _cell(self, element: _Element, place: Range) -> None:
        """Put a cell into every place that it means."""
        self._refuse_repeats(place)
        row = place.top
        column = place.left
        down = _count(element, _DOWN)
        across = _count(element, _ACROSS)
        if down * across > 1:
            last_row = row + down - 1
            last_column = column + across - 1
            merge = Range(row, column, last_row, last_column)
            self.merges.append(merge)
        cell = self._value(element, row, column)
        if cell is None:
            return
        for r in range(row, place.bottom + 1):
            for c in range(column, place.right + 1):
                self.cells[r, c] = replace(cell, row=r, column=c)
        if len(self.cells) > MAX_CELLS:
            raise TableError(
                f"{self.name} has more than {MAX_CELLS:,} cells; that is not read."
            )

    def _refuse_repeats(self, place: Range) -> None:
        """Refuse a cell that repeats itself beyond the sheet, or too often."""
        high = place.bottom - place.top + 1
        wide = place.right - place.left + 1
        is_outside = place.bottom > MAX_ROWS or place.right > MAX_COLUMNS
        is_endless = wide * high > _MAX_REPEAT
        if not is_outside and not is_endless:
            return
        cell = f"a cell at row {place.top}, column {place.left}"
        repeats = f"repeats {high} by {wide} times, more than a sheet can hold"
        raise TableError(f"{self.name}: {cell} {repeats}.")

    def _value(self, element: _Element, row: int, column: int) -> Cell | None:
        """Cell of an element with its value, text and style; None where it holds nothing."""
        kind = str(element.get(_OFFICE + "value-type", "string"))
        style_name = str(element.get(_STYLE_NAME))
        style = self.styles.cells.get(style_name, PLAIN)
        rich = self._text(element)
        extra = _extra(element, rich)
        if kind in {"float", "percentage", "currency"}:
            digits = str(element.get(_OFFICE + "value", ""))
            number = self._number(digits, row, column)
            if kind == "percentage":
                style = replace(style, number_format="0.00%")
            return Cell(row, column, number, Kind.NUMBER, style, extra)
        if kind == "date":
            date = self._date(element, row, column)
            return Cell(row, column, date, Kind.DATE, style, extra)
        if kind == "boolean":
            truth = element.get(_OFFICE + "boolean-value") == "true"
            return Cell(row, column, truth, Kind.BOOLEAN, style, extra)
        if rich.whole:
            return Cell(row, column, rich.whole, Kind.TEXT, style, extra)
        if extra.comment:
            return Cell(row, column, rich.whole, Kind.EMPTY, style, extra)
        return None

    def _number(self, text: str, row: int, column: int) -> Decimal:
        try:
            plain = plain_number(Decimal(text))
            return Decimal(plain)
        except (InvalidOperation, ValueError) as error:
            raise TableError(
                f"{self.name}, row {row}, column {column}: {text!r} is no number."
            ) from error

    def _date(self, element: _Element, row: int, column: int) -> datetime:
        text = str(element.get(_OFFICE + "date-value", ""))
        try:
            return datetime.fromisoformat(text)
        except ValueError as error:
            raise TableError(
                f"{self.name}, row {row}, column {column}: {text!r} is no date."
            ) from error

    def _text(self, element: _Element) -> Rich:
        runs: list[tuple[str, str, str]] = []
        for number, paragraph in enumerate(children(element, "p")):
            if number:
                runs.append(("\n", "", ""))
            runs += self._runs(paragraph, "")
        return from_runs(runs)

    def _runs(self, element: _Element, vertical: str) -> Iterator[tuple[str, str, str]]:
        name = local(element)
        if name == "s":
            blanks = min(_count(element, _TEXT + "c"), 1000)
            yield " " * blanks, vertical, ""
        elif name == "tab":
            yield "\t", vertical, ""
        elif name == "line-break":
            yield "\n", vertical, ""
        style_name = str(element.get(_TEXT + "style-name"))
        style = self.styles.vertical.get(style_name, "")
        inner = vertical
        if style:
            inner = f"{style}script"
        yield element.text or "", inner, ""
        for child in element:
            yield from self._runs(child, inner)
            yield child.tail or "", inner, ""


def _extra(element: _Element, rich: Rich) -> Extra:
    """Marks, comment and formula of a cell."""
    notes = []
    for note in children(element, "annotation"):
        texts = map(str, note.itertext())
        notes.append("".join(texts))
    comment = "\n".join(notes)
    formula = str(element.get(_TABLE + "formula", ""))
    return Extra(
        rich.superscript, rich.subscript, rich.base, comment, formula, fonts=rich.fonts
    )


def _flat(element: _Element, name: str) -> Iterator[_Element]:
    """Rows or columns of a table, those inside groups and headers included."""
    for child in element:
        kind = local(child)
        if kind == name:
            yield child
        elif kind in _GROUPS:
            yield from _flat(child, name)
