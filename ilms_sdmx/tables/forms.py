"""Forms: workbooks of one sheet in which a person fills the coloured cells."""

from __future__ import annotations

import io
from collections.abc import Sequence
from typing import TYPE_CHECKING

from ilms_sdmx.tables.safe_cells import clean, inert
from ilms_sdmx.tables.saving import new_workbook, save_workbook

if TYPE_CHECKING:
    from openpyxl.worksheet.worksheet import Worksheet

_HEADER, _ASKED = "FFDDE6F0", "FFFFF3C4"


def form(
    title: str,
    columns: Sequence[str],
    rows: Sequence[Sequence[str]],
    *,
    asks: str,
    question: str,
    widths: Sequence[int],
) -> bytes:
    """Bytes of a workbook (.xlsx) whose cells are all text; the same rows give the same bytes.

    Parameters
    ----------
    asks, question
        Column that a person fills, and the text that asks there: those cells are coloured.
    widths
        Of the columns, in characters.
    """
    book = new_workbook()
    sheet = book.create_sheet(title)
    _head(sheet, columns, widths)
    for number, row in enumerate(rows, 2):
        _fill(sheet, number, row, columns.index(asks), question)
    sheet.freeze_panes = "A2"
    sheet.auto_filter.ref = sheet.dimensions
    stream = io.BytesIO()
    save_workbook(book, stream)
    return stream.getvalue()


def _head(sheet: Worksheet, columns: Sequence[str], widths: Sequence[int]) -> None:
    from openpyxl.styles import Font, PatternFill
    from openpyxl.utils import get_column_letter

    for number, (name, width) in enumerate(zip(columns, widths, strict=True), 1):
        cell = sheet.cell(1, number, name)
        cell.font = Font(bold=True)
        cell.fill = PatternFill("solid", fgColor=_HEADER)
        sheet.column_dimensions[get_column_letter(number)].width = width


def _fill(sheet: Worksheet, number: int, row: Sequence[str], asked: int, question: str) -> None:
    from openpyxl.styles import Alignment, PatternFill

    for column, text in enumerate(row):
        cell = sheet.cell(number, column + 1)
        cell.number_format = "@"  # an answer such as 1-2 stays the text that was typed
        cell.alignment = Alignment(vertical="top", wrap_text=True)
        if column == asked and text == question:
            cell.fill = PatternFill("solid", fgColor=_ASKED)
        if text:
            inert(cell, clean(text))
