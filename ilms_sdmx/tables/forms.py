"""Forms: workbooks of one sheet in which a person fills the coloured cells."""

from __future__ import annotations

import io
import re
import zipfile
from collections.abc import Sequence
from typing import TYPE_CHECKING

from ilms_sdmx.tables.safe_cells import clean, inert

if TYPE_CHECKING:
    from openpyxl.worksheet.worksheet import Worksheet

_HEADER, _ASKED = "FFDDE6F0", "FFFFF3C4"
#: Time of every part of the archive: the first that a ZIP can write.
_EPOCH = (1980, 1, 1, 0, 0, 0)
_STAMP = re.compile(rb"(<dcterms:(?:created|modified)[^>]*>)[^<]*")


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
    from openpyxl import Workbook

    book = Workbook()
    del book[book.sheetnames[0]]
    sheet = book.create_sheet(title)
    _head(sheet, columns, widths)
    for number, row in enumerate(rows, 2):
        _fill(sheet, number, row, columns.index(asks), question)
    sheet.freeze_panes = "A2"
    sheet.auto_filter.ref = sheet.dimensions
    stream = io.BytesIO()
    book.save(stream)
    return _timeless(stream.getvalue())


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


def _timeless(content: bytes) -> bytes:
    """Workbook without the time at which it was written."""
    stream = io.BytesIO()
    with zipfile.ZipFile(io.BytesIO(content)) as old, zipfile.ZipFile(stream, "w") as new:
        for name in old.namelist():
            data = old.read(name)
            if name == "docProps/core.xml":
                data = _STAMP.sub(rb"\g<1>1980-01-01T00:00:00Z", data)
            entry = zipfile.ZipInfo(name, _EPOCH)
            entry.compress_type = zipfile.ZIP_DEFLATED
            new.writestr(entry, data)
    return stream.getvalue()
