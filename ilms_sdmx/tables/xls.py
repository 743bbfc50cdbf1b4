"""Workbooks in the old binary formats: .xls with its styles, .xlsb by values."""

from __future__ import annotations

import io
from datetime import date, datetime, time
from decimal import Decimal
from typing import Any

from ilms_sdmx.errors import TableError
from ilms_sdmx.tables.addresses import MAX_COLUMNS, MAX_ROWS, Range
from ilms_sdmx.tables.cells import Cell, Extra, Kind, Sheet, Style
from ilms_sdmx.tables.formats import plain_number
from ilms_sdmx.tables.richtext import from_runs

#: Row and column, counted from 1.
_Place = tuple[int, int]


def read_xls(data: bytes, name: str) -> tuple[Sheet, ...]:
    """Sheets of an .xls workbook with formats, fonts, raised type, comments and hidden parts.

    Raises
    ------
    TableError
        When the file is damaged or protected.
    """
    import xlrd
    from xlrd.biffh import XLRDError

    try:
        log = io.StringIO()
        book = xlrd.open_workbook(file_contents=data, formatting_info=True, logfile=log)
        sheets = [_sheet(book, sheet) for sheet in book.sheets()]
        return tuple(sheets)
    except XLRDError as error:
        if "ncrypt" in str(error):
            raise TableError(f"{name} is protected by a password.") from error
        raise TableError(f"{name} is no workbook that can be read: {error}.") from error
    except TableError:
        raise
    except Exception as error:  # the reader of this old format answers damage with any error
        raise TableError(f"{name} is damaged: {type(error).__name__} {error}.") from error


def _sheet(book: Any, sheet: Any) -> Sheet:
    cells = {}
    for row in range(sheet.nrows):
        for column in range(sheet.row_len(row)):
            cell = _cell(book, sheet, row, column)
            if cell is not None:
                cells[row + 1, column + 1] = cell
    merges = []
    for top, bottom, left, right in sheet.merged_cells:
        merges.append(Range(top + 1, left + 1, bottom, right))
    hidden_rows = _hidden(sheet.rowinfo_map)
    hidden_columns = _hidden(sheet.colinfo_map)
    is_hidden = sheet.visibility != 0
    return Sheet(sheet.name, cells, is_hidden, hidden_rows, hidden_columns, tuple(merges))


def _hidden(described: dict[int, Any]) -> frozenset[int]:
    """Numbers of the hidden rows or columns, counted from 1."""
    hidden: list[int] = []
    for number, info in described.items():
        if info.hidden:
            hidden.append(number + 1)
    return frozenset(hidden)


def _cell(book: Any, sheet: Any, row: int, column: int) -> Cell | None:
    """Cell at a place counted from 0; None for an empty one."""
    raw = sheet.cell(row, column)
    style = _style(book, sheet.cell_xf_index(row, column))
    note = sheet.cell_note_map.get((row, column))
    extra = Extra()
    if note:
        extra = Extra(comment=note.text)
    place = (row + 1, column + 1)
    if raw.ctype == 1:
        starts = sheet.rich_text_runlist_map.get((row, column), [])
        return _text(book, raw.value, starts, place, style, extra)
    if raw.ctype == 2:
        number = _number(raw.value)
        return Cell(*place, number, Kind.NUMBER, style, extra)
    if raw.ctype == 3:
        return _dated(book, raw.value, place, style, extra)
    if raw.ctype == 4:
        return Cell(*place, bool(raw.value), Kind.BOOLEAN, style, extra)
    if raw.ctype == 5:
        return Cell(*place, "#ERROR", Kind.ERROR, style, extra)
    if note:
        return Cell(*place, None, Kind.EMPTY, style, extra)
    return None


def _style(book: Any, number: int) -> Style:
    """Style of a number in the list of the workbook."""
    form = book.xf_list[number]
    font = book.font_list[form.font_index]
    number_format = book.format_map[form.format_key].format_str
    indent = form.alignment.indent_level
    vertical = _vertical(font)
    is_bold = bool(font.bold)
    return Style(number_format, font.name, indent, vertical, is_bold)


def _vertical(font: Any) -> str:
    return {1: "superscript", 2: "subscript"}.get(font.escapement, "")


def _number(value: float) -> Decimal:
    exact = Decimal(repr(value))
    return Decimal(plain_number(exact))


def _dated(book: Any, days: float, place: _Place, style: Style, extra: Extra) -> Cell:
    """Cell with the date of a number of days; with the number where its format shows none."""
    import xlrd

    if style.format.is_date and days >= 1:
        date = xlrd.xldate.xldate_as_datetime(days, book.datemode)
        return Cell(*place, date, Kind.DATE, style, extra)
    return Cell(*place, _number(days), Kind.NUMBER, style, extra)


def _text(
    book: Any,
    text: str,
    starts: list[tuple[int, int]],
    place: _Place,
    style: Style,
    extra: Extra,
) -> Cell | None:
    """Cell of a text whose runs have fonts of their own from given places on."""
    if not text:
        return None
    ends = [start for start, _ in starts]
    ends.append(len(text))
    first_end, *further_ends = ends
    runs = [(text[:first_end], style.vertical, "")]
    for (start, number), end in zip(starts, further_ends, strict=True):
        font = book.font_list[number]
        run = (text[start:end], _vertical(font), font.name)
        runs.append(run)
    rich = from_runs(runs)
    marks = Extra(rich.superscript, rich.subscript, rich.base, extra.comment, fonts=rich.fonts)
    return Cell(*place, text, Kind.TEXT, style, marks)


def read_xlsb(data: bytes, name: str) -> tuple[Sheet, ...]:
    """Sheets of an .xlsb workbook by their values; formats, fonts and comments are not read.

    Raises
    ------
    TableError
        When the file is damaged or protected.
    """
    from python_calamine import CalamineError, CalamineWorkbook, SheetVisibleEnum

    tables = []
    try:
        book = CalamineWorkbook.from_filelike(io.BytesIO(data))
        for meta in book.sheets_metadata:
            sheet = book.get_sheet_by_name(meta.name)
            rows = sheet.to_python(skip_empty_area=True)
            tables.append((meta, sheet.start or (0, 0), rows))
    except (CalamineError, OSError, ValueError) as error:
        raise TableError(f"{name} is no workbook that can be read: {error}.") from error
    sheets = []
    for meta, start, rows in tables:
        cells = _values(rows, start, name)
        is_hidden = meta.visible != SheetVisibleEnum.Visible
        sheets.append(Sheet(meta.name, cells, is_hidden))
    return tuple(sheets)


def _values(
    rows: list[list[Any]], start: tuple[int, int], name: str
) -> dict[tuple[int, int], Cell]:
    """Cells of rows of values whose first is at a place counted from 0."""
    cells = {}
    for row, values in enumerate(rows, start[0] + 1):
        for column, value in enumerate(values, start[1] + 1):
            if row > MAX_ROWS or column > MAX_COLUMNS:
                place = f"a cell at row {row}, column {column}"
                raise TableError(f"{name}: {place} lies outside any sheet.")
            if value is not None and value != "":
                cells[row, column] = _plain(row, column, value)
    return cells


def _plain(row: int, column: int, value: Any) -> Cell:
    if isinstance(value, bool):
        return Cell(row, column, value, Kind.BOOLEAN)
    if isinstance(value, int | float):
        return Cell(row, column, _number(value), Kind.NUMBER)
    if isinstance(value, datetime):
        return Cell(row, column, value, Kind.DATE)
    if isinstance(value, date):
        return Cell(row, column, datetime.combine(value, time()), Kind.DATE)
    return Cell(row, column, str(value), Kind.TEXT)
