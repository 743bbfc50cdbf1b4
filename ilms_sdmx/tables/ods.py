"""Workbooks in OpenDocument (.ods): values, text as displayed, marks, comments, merges and hidden parts."""

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
#: Most cells a repeated cell that holds something may stand for.
_MAX_REPEAT = 100_000


@dataclass(slots=True)
class _Styles:
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
    if "META-INF/manifest.xml" in archive and b"encryption-data" in archive.read(
        "META-INF/manifest.xml"
    ):
        raise TableError(f"{name} is protected by a password: save a copy without one.")
    root = archive.tree("content.xml")
    styles = _read_styles(root)
    body = children(root, "body", "spreadsheet", "table")
    return tuple(_Reader(name, styles).read(table) for table in body)


def _read_styles(root: _Element) -> _Styles:
    styles = _Styles()
    for element in children(root, "automatic-styles", "style"):
        name = str(element.get(_STYLE + "name"))
        text = next(iter(children(element, "text-properties")), None)
        if text is not None:
            raised = str(text.get(_STYLE + "text-position", ""))
            styles.vertical[name] = next(
                (v for v in ("super", "sub") if raised.startswith(v)), ""
            )
            styles.cells[name] = Style(font=str(text.get(_STYLE + "font-name", "")))
        table = next(iter(children(element, "table-properties")), None)
        if table is not None and table.get(_TABLE + "display") == "false":
            styles.hidden_tables.add(name)
    return styles


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
            repeat = int(element.get(_TABLE + "number-rows-repeated") or 1)
            if element.get(_TABLE + "visibility") in {"collapse", "filter"}:
                self.hidden_rows.update(range(row, min(row + repeat, MAX_ROWS + 1)))
            self._row(element, row, repeat)
            row += repeat
        return Sheet(
            str(table.get(_TABLE + "name", "")),
            dict(sorted(self.cells.items())),
            str(table.get(_TABLE + "style-name")) in self.styles.hidden_tables,
            frozenset(self.hidden_rows),
            frozenset(self.hidden_columns),
            tuple(self.merges),
        )

    def _columns(self, table: _Element) -> None:
        column = 1
        for element in _flat(table, "table-column"):
            repeat = int(element.get(_TABLE + "number-columns-repeated") or 1)
            if element.get(_TABLE + "visibility") in {"collapse", "filter"}:
                self.hidden_columns.update(range(column, min(column + repeat, MAX_COLUMNS + 1)))
            column += repeat

    def _row(self, row: _Element, number: int, repeat: int) -> None:
        column = 1
        for element in row:
            if local(element) not in {"table-cell", "covered-table-cell"}:
                continue
            wide = int(element.get(_TABLE + "number-columns-repeated") or 1)
            if len(element) or element.get(_OFFICE + "value-type"):
                self._cell(element, number, column, wide, repeat)
            column += wide

    def _cell(self, element: _Element, row: int, column: int, wide: int, high: int) -> None:
        if (
            row + high - 1 > MAX_ROWS
            or column + wide - 1 > MAX_COLUMNS
            or wide * high > _MAX_REPEAT
        ):
            raise TableError(
                f"{self.name}: a cell at row {row}, column {column} repeats {high} by {wide} times, "
                "more than a sheet can hold."
            )
        down = int(element.get(_TABLE + "number-rows-spanned") or 1)
        across = int(element.get(_TABLE + "number-columns-spanned") or 1)
        if down * across > 1:
            self.merges.append(Range(row, column, row + down - 1, column + across - 1))
        cell = self._value(element, row, column)
        for r in range(row, row + high):
            for c in range(column, column + wide):
                if cell is not None:
                    self.cells[r, c] = replace(cell, row=r, column=c)
        if len(self.cells) > MAX_CELLS:
            raise TableError(
                f"{self.name} has more than {MAX_CELLS:,} cells; that is not read."
            )

    def _value(self, element: _Element, row: int, column: int) -> Cell | None:
        kind = str(element.get(_OFFICE + "value-type", "string"))
        style = self.styles.cells.get(str(element.get(_TABLE + "style-name")), PLAIN)
        rich = self._text(element)
        comment = "\n".join(
            "".join(map(str, a.itertext())) for a in children(element, "annotation")
        )
        formula = str(element.get(_TABLE + "formula", ""))
        extra = Extra(
            rich.superscript, rich.subscript, rich.base, comment, formula, fonts=rich.fonts
        )
        if kind in {"float", "percentage", "currency"}:
            value = self._number(str(element.get(_OFFICE + "value", "")), row, column)
            style = replace(style, number_format="0.00%") if kind == "percentage" else style
            return Cell(row, column, value, Kind.NUMBER, style, extra)
        if kind == "date":
            return Cell(row, column, self._date(element, row, column), Kind.DATE, style, extra)
        if kind == "boolean":
            truth = element.get(_OFFICE + "boolean-value") == "true"
            return Cell(row, column, truth, Kind.BOOLEAN, style, extra)
        if not rich.whole and not comment:
            return None
        return Cell(
            row, column, rich.whole, Kind.TEXT if rich.whole else Kind.EMPTY, style, extra
        )

    def _number(self, text: str, row: int, column: int) -> Decimal:
        try:
            return Decimal(plain_number(Decimal(text)))
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
            yield " " * min(int(element.get(_TEXT + "c") or 1), 1000), vertical, ""
        elif name in {"tab", "line-break"}:
            yield "\t" if name == "tab" else "\n", vertical, ""
        style = self.styles.vertical.get(str(element.get(_TEXT + "style-name")), "")
        inner = f"{style}script" if style else vertical
        yield element.text or "", inner, ""
        for child in element:
            yield from self._runs(child, inner)
            yield child.tail or "", inner, ""


def _flat(element: _Element, name: str) -> Iterator[_Element]:
    """Rows or columns of a table, those inside groups and headers included."""
    for child in element:
        if local(child) == name:
            yield child
        elif local(child) in {
            "table-header-rows",
            "table-row-group",
            "table-rows",
            "table-column-group",
        } | {
            "table-header-columns",
            "table-columns",
        }:
            yield from _flat(child, name)
