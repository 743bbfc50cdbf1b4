"""Cells of a row of an .xlsx sheet.

Plain numbers and shared strings, which most are, by the short way.
"""

from __future__ import annotations

from dataclasses import dataclass, field
from datetime import datetime, timedelta
from decimal import Decimal, InvalidOperation
from typing import TYPE_CHECKING

from ilms_sdmx.errors import TableError
from ilms_sdmx.tables.addresses import MAX_COLUMNS, MAX_ROWS, column_number, position
from ilms_sdmx.tables.archives import Archive
from ilms_sdmx.tables.cells import NOTHING, PLAIN, Cell, Extra, Kind, Style
from ilms_sdmx.tables.formats import plain_number
from ilms_sdmx.tables.richtext import Rich
from ilms_sdmx.tables.xlsx.styles import MAIN, STRICT, local, rich_string, unescape

if TYPE_CHECKING:
    from lxml.etree import _Element

#: Most non-empty cells that are read of one workbook.
MAX_CELLS = 5_000_000

#: Days that dates of spreadsheets may count, to the end of the year 9999.
_DAYS = 2_958_466
_VALUES = frozenset({MAIN + "v", STRICT + "v"})


@dataclass(slots=True)
class Book:
    """What all sheets of a workbook share: strings, styles, the first day of its calendar."""

    archive: Archive
    strings: list[str | Rich]
    styles: list[Style]
    epoch: datetime
    cells: int = 0
    dates: list[bool] = field(default_factory=list)
    #: Numbers and columns that were read before, by their text: most come many times.
    numbers: dict[str, Decimal] = field(default_factory=dict)
    columns: dict[str, int] = field(default_factory=dict)
    #: Places of the sheets before: sheets of one shape share them, and a large book keeps a
    #: tenth less.
    places: dict[tuple[int, int], tuple[int, int]] = field(default_factory=dict)

    def __post_init__(self) -> None:
        self.dates = [style.format.is_date for style in self.styles]


def read_row(
    book: Book, row: _Element, number: int, cells: dict[tuple[int, int], Cell]
) -> None:
    """Put the non-empty cells of a row element into `cells`.

    Raises
    ------
    TableError
        For a cell outside any sheet, a number that is none, or too many cells.
    """
    column = 0
    for element in row:
        reference = element.get("r")
        column = _column(book, reference) if reference else column + 1
        if column > MAX_COLUMNS or number > MAX_ROWS:
            raise _outside(book, number, column)
        if len(element):
            cell = _short(book, element, number, column) or _read_cell(
                book, element, number, column
            )
            if cell is not None:
                place = number, column
                cells[book.places.setdefault(place, place)] = cell
    book.cells += len(row)
    if book.cells > MAX_CELLS:
        raise TableError(
            f"{book.archive.name} has more than {MAX_CELLS:,} cells; that is not read."
        )


def refuse_wide_rows(data: bytes, name: str) -> None:
    """Refuse a row of more cells than a sheet has columns, before any element is made of it."""
    start = data.find(b"<row")
    while start >= 0:
        end = data.find(b"</row>", start)
        if end < 0:
            end = len(data)
        if end - start > 4 * MAX_COLUMNS:
            cells = 0
            for tag in (b"<c ", b"<c>", b"<c/"):
                cells += data.count(tag, start, end)
            if cells > MAX_COLUMNS:
                row = f"a row of {cells:,} cells"
                raise TableError(f"{name}: {row} lies outside any sheet; it is not read.")
        start = data.find(b"<row", end)


def _outside(book: Book, row: int, column: int) -> TableError:
    return TableError(
        f"{book.archive.name}: a cell at row {row}, column {column} lies outside any sheet "
        f"({MAX_ROWS} rows by {MAX_COLUMNS} columns)."
    )


def _column(book: Book, reference: str) -> int:
    letters = reference.rstrip("0123456789")
    if found := book.columns.get(letters):
        return found
    if 0 < len(letters) < 4 and letters.isascii() and letters.isupper() and letters.isalpha():
        return book.columns.setdefault(letters, column_number(letters))
    return position(reference)[1]


def _short(book: Book, element: _Element, row: int, column: int) -> Cell | None:
    """Cell that is a whole number or a plain shared string; None for every other."""
    first = element[0]
    if len(element) > 1 or first.tag not in _VALUES:
        return None
    number = int(element.get("s") or 0)
    if number >= len(book.styles):
        return None
    style = book.styles[number]
    kind = element.get("t")
    raw = first.text or ""
    if kind is None or kind == "n":
        if book.dates[number]:
            return None
        value = book.numbers.get(raw)
        if value is None:
            if len(raw) > 15 or not raw.isdigit() or not raw.isascii():
                return None
            value = book.numbers[raw] = Decimal(raw)
        return Cell(row, column, value, Kind.NUMBER, style)
    is_plain = kind == "s" and not style.vertical
    if not is_plain or not raw.isdigit() or not raw.isascii():
        return None
    text = _shared(book, raw)
    if not text or not isinstance(text, str):
        return None
    return Cell(row, column, text, Kind.TEXT, style)


def _read_cell(book: Book, element: _Element, row: int, column: int) -> Cell | None:
    """Cell of an element of any kind; None where it holds nothing."""
    number = int(element.get("s") or 0)
    style = PLAIN
    if number < len(book.styles):
        style = book.styles[number]
    raw, formula, inline = None, "", None
    for child in element:
        name = local(child)
        if name == "v":
            raw = child.text
        elif name == "f":
            formula = "=" + (child.text or "")
        elif name == "is":
            inline = child
    kind = element.get("t") or "n"
    if kind == "s" and raw is not None:
        text = _shared(book, raw)
        return _text_cell(text, row, column, style, formula)
    if inline is not None:
        text = rich_string(inline)
        return _text_cell(text, row, column, style, formula)
    if raw is not None:
        cell = Cell(row, column, raw, Kind.TEXT, style, _formula(formula))
        return _scalar(book, raw, kind, cell)
    if not formula:
        return None
    extra = Extra(formula=formula, uncached=True)
    return Cell(row, column, None, Kind.EMPTY, style, extra)


def _shared(book: Book, raw: str) -> str | Rich:
    try:
        return book.strings[int(raw)]
    except (ValueError, IndexError) as error:
        raise TableError(
            f"{book.archive.name} is damaged: it has no shared string {raw!r}."
        ) from error


def _formula(formula: str) -> Extra:
    if formula:
        return Extra(formula=formula)
    return NOTHING


def _text_cell(
    text: str | Rich, row: int, column: int, style: Style, formula: str
) -> Cell | None:
    if isinstance(text, Rich):
        extra = Extra(
            text.superscript, text.subscript, text.base, formula=formula, fonts=text.fonts
        )
        return Cell(row, column, text.whole, Kind.TEXT, style, extra)
    if not text:
        return None
    if style.vertical == "superscript":
        extra = Extra(text, "", "", formula=formula)
    elif style.vertical == "subscript":
        extra = Extra("", text, "", formula=formula)
    else:
        extra = _formula(formula)
    return Cell(row, column, text, Kind.TEXT, style, extra)


def _scalar(book: Book, raw: str, kind: str, cell: Cell) -> Cell:
    if kind == "n":
        try:
            value = Decimal(raw)
        except InvalidOperation as error:
            raise TableError(
                f"{book.archive.name}, {cell.address}: expected a number, found {raw!r}."
            ) from error
        cell.value, cell.kind = _dated(book, value, cell.style)
    elif kind == "b":
        cell.value, cell.kind = raw.strip() in {"1", "true"}, Kind.BOOLEAN
    elif kind == "e":
        cell.kind = Kind.ERROR
    elif kind == "str":
        cell.value = unescape(raw)
    elif kind == "d":
        cell.value, cell.kind = datetime.fromisoformat(raw), Kind.DATE
    return cell


def _dated(book: Book, value: Decimal, style: Style) -> tuple[Decimal | datetime, Kind]:
    """Number of days as a date where its style shows one, else the number."""
    is_date = style.format.is_date and 0 <= value < _DAYS
    if not is_date:
        return Decimal(plain_number(value)), Kind.NUMBER
    seconds = round(float(value) * 86400)
    return book.epoch + timedelta(seconds=seconds), Kind.DATE
