"""Workbooks in the old binary formats: .xls with its styles, .xlsb by values."""

from __future__ import annotations

import io
from datetime import date, datetime, time
from decimal import Decimal
from typing import Any

from ilms_sdmx.errors import TableError
from ilms_sdmx.tables.addresses import MAX_COLUMNS, MAX_ROWS, Range
from ilms_sdmx.tables.cells import Cell, Extra, Kind, Sheet, Style
from ilms_sdmx.tables.formats import number_format, plain_number
from ilms_sdmx.tables.richtext import from_runs


def read_xls(data: bytes, name: str) -> tuple[Sheet, ...]:
    """Sheets of an .xls workbook with number formats, fonts, raised type, comments and hidden parts.

    Raises
    ------
    TableError
        When the file is damaged or protected.
    """
    import xlrd
    from xlrd.biffh import XLRDError

    try:
        book = xlrd.open_workbook(
            file_contents=data, formatting_info=True, logfile=io.StringIO()
        )
        return tuple(_sheet(book, sheet) for sheet in book.sheets())
    except XLRDError as error:
        hint = (
            "protected by a password"
            if "ncrypt" in str(error)
            else f"no workbook that can be read: {error}"
        )
        raise TableError(f"{name} is {hint}.") from error
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
    rows = frozenset(r + 1 for r, info in sheet.rowinfo_map.items() if info.hidden)
    columns = frozenset(c + 1 for c, info in sheet.colinfo_map.items() if info.hidden)
    merges = tuple(
        Range(top + 1, left + 1, bottom, right)
        for top, bottom, left, right in sheet.merged_cells
    )
    return Sheet(sheet.name, cells, sheet.visibility != 0, rows, columns, merges)


def _cell(book: Any, sheet: Any, row: int, column: int) -> Cell | None:
    raw = sheet.cell(row, column)
    form = book.xf_list[sheet.cell_xf_index(row, column)]
    font = book.font_list[form.font_index]
    style = Style(
        book.format_map[form.format_key].format_str,
        font.name,
        form.alignment.indent_level,
        {1: "superscript", 2: "subscript"}.get(font.escapement, ""),
        bool(font.bold),
    )
    note = sheet.cell_note_map.get((row, column))
    extra = Extra(comment=note.text if note else "")
    place = (row + 1, column + 1)
    if raw.ctype == 1:
        return _text(book, sheet, raw.value, place, style, extra)
    if raw.ctype in {2, 3}:
        return _number(book, raw, place, style, extra)
    if raw.ctype == 4:
        return Cell(*place, bool(raw.value), Kind.BOOLEAN, style, extra)
    if raw.ctype == 5:
        return Cell(*place, "#ERROR", Kind.ERROR, style, extra)
    return Cell(*place, None, Kind.EMPTY, style, extra) if note else None


def _number(book: Any, raw: Any, place: tuple[int, int], style: Style, extra: Extra) -> Cell:
    import xlrd

    if raw.ctype == 3 and number_format(style.number_format).is_date and raw.value >= 1:
        return Cell(
            *place,
            xlrd.xldate.xldate_as_datetime(raw.value, book.datemode),
            Kind.DATE,
            style,
            extra,
        )
    return Cell(
        *place, Decimal(plain_number(Decimal(repr(raw.value)))), Kind.NUMBER, style, extra
    )


def _text(
    book: Any, sheet: Any, text: str, place: tuple[int, int], style: Style, extra: Extra
) -> Cell | None:
    if not text:
        return None
    starts = [(0, None), *sheet.rich_text_runlist_map.get((place[0] - 1, place[1] - 1), [])]
    runs = []
    for (start, font), (end, _) in zip(starts, [*starts[1:], (len(text), None)], strict=True):
        known = book.font_list[font] if font is not None else None
        vertical = (
            {1: "superscript", 2: "subscript"}.get(known.escapement, "")
            if known
            else style.vertical
        )
        runs.append((text[start:end], vertical, known.name if known else ""))
    rich = from_runs(runs)
    extra = Extra(rich.superscript, rich.subscript, rich.base, extra.comment, fonts=rich.fonts)
    return Cell(*place, text, Kind.TEXT, style, extra)


def read_xlsb(data: bytes, name: str) -> tuple[Sheet, ...]:
    """Sheets of an .xlsb workbook by their values; formats, fonts and comments are not read.

    Raises
    ------
    TableError
        When the file is damaged or protected.
    """
    from python_calamine import CalamineError, CalamineWorkbook, SheetVisibleEnum

    try:
        book = CalamineWorkbook.from_filelike(io.BytesIO(data))
        found = []
        for meta in book.sheets_metadata:
            sheet = book.get_sheet_by_name(meta.name)
            found.append((meta, sheet.start or (0, 0), sheet.to_python(skip_empty_area=True)))
    except (CalamineError, OSError, ValueError) as error:
        raise TableError(f"{name} is no workbook that can be read: {error}.") from error
    return tuple(
        Sheet(meta.name, _values(rows, start, name), meta.visible != SheetVisibleEnum.Visible)
        for meta, start, rows in found
    )


def _values(
    rows: list[list[Any]], start: tuple[int, int], name: str
) -> dict[tuple[int, int], Cell]:
    cells = {}
    for row, values in enumerate(rows, start[0] + 1):
        for column, value in enumerate(values, start[1] + 1):
            if row > MAX_ROWS or column > MAX_COLUMNS:
                raise TableError(
                    f"{name}: a cell at row {row}, column {column} lies outside any sheet."
                )
            if value != "" and value is not None:
                cells[row, column] = _plain(row, column, value)
    return cells


def _plain(row: int, column: int, value: Any) -> Cell:
    if isinstance(value, bool):
        return Cell(row, column, value, Kind.BOOLEAN)
    if isinstance(value, int | float):
        return Cell(row, column, Decimal(plain_number(Decimal(repr(value)))), Kind.NUMBER)
    if isinstance(value, datetime):
        return Cell(row, column, value, Kind.DATE)
    if isinstance(value, date):
        return Cell(row, column, datetime.combine(value, time()), Kind.DATE)
    return Cell(row, column, str(value), Kind.TEXT)
