"""Annotated copies of workbooks: every cell coloured by what became of it, with a comment that says it."""

from __future__ import annotations

import io
from pathlib import Path
from typing import TYPE_CHECKING, Any

from ilms_sdmx._files import replacing
from ilms_sdmx.errors import TableError
from ilms_sdmx.reports.catalogues import Catalogue, catalogue
from ilms_sdmx.reports.sheets import Accounts, card
from ilms_sdmx.tables.addresses import position
from ilms_sdmx.tables.cells import Cell, Kind
from ilms_sdmx.tables.safe_cells import clean, inert

if TYPE_CHECKING:
    from openpyxl import Workbook as Book
    from openpyxl.worksheet.worksheet import Worksheet

    from ilms_sdmx.conversion.result.conversions import Conversion

#: Colours of the buckets, those of the page.
COLOURS = {
    "observation": "D7EBFF",
    "total": "DCF3DD",
    "of_which": "F0E4FB",
    "percent": "FDECCD",
    "ratio": "FDECCD",
    "rate": "FDECCD",
    "other_measure": "E2E2E2",
    "missing": "E2E2E2",
    "ignore": "E2E2E2",
    "label": "ECEFF3",
    "note": "FFF8C9",
    "finding": "FFD3D0",
}
_WRONG = "FFD3D0"
#: Buckets whose cells get no comment unless there is a finding: their colour says it all.
_PLAIN = {"label", "note", "ignore"}


def annotate(
    conversion: Conversion,
    target: str | Path,
    source: str | Path | None = None,
    words: Catalogue | None = None,
) -> None:
    """Write a copy of a converted workbook with colours and comments, and a sheet with legend and findings.

    Parameters
    ----------
    target
        The .xlsx file to write.
    source
        The workbook itself. If it is .xlsx, its layout, formats and formulas are kept; of any other format,
        or without it, the cells are laid out anew as they were displayed.

    Raises
    ------
    TableError
        `source` is not the workbook that was converted.
    """
    words = words or catalogue("en")
    book = _copy(conversion, source)
    accounts = Accounts.of(conversion, {})
    for sheet in conversion.workbook:
        page = book[_title(sheet.name, conversion)]
        blank = [
            sheet[c]
            for s, c in accounts.places
            if s == sheet.name and position(c) not in sheet.cells
        ]
        for cell in (*sheet, *blank):
            _mark(page, cell, sheet.name, accounts, words)
    _legend(book, conversion, words)
    with replacing(Path(target)) as stream:
        book.save(stream)


def _copy(conversion: Conversion, source: str | Path | None) -> Book:
    import hashlib

    from openpyxl import Workbook, load_workbook

    workbook = conversion.workbook
    if source is not None:
        try:
            content = Path(source).read_bytes()
        except OSError as error:
            raise TableError(f"{source} cannot be read: {error.strerror}.") from error
        if hashlib.sha256(content).hexdigest() != workbook.sha256:
            raise TableError(
                f"expected {workbook.name} as it was converted, found another content in {source}."
            )
        if workbook.format == "xlsx":
            return load_workbook(io.BytesIO(content))
    book = Workbook()
    del book[book.sheetnames[0]]
    for sheet in workbook:
        page = book.create_sheet(_title(sheet.name, conversion))
        for cell in sheet:
            _lay(page, cell)
        for merge in sheet.merges:
            if (merge.bottom, merge.right) != (merge.top, merge.left):
                page.merge_cells(str(merge))
    return book


def _title(name: str, conversion: Conversion) -> str:
    """Name of a sheet in the copy: its own in a workbook, one that Excel accepts for a text file."""
    if conversion.workbook.format == "xlsx":
        return name
    return "".join("_" if c in "[]:*?/\\" else c for c in name)[:31] or "Sheet"


def _lay(page: Worksheet, cell: Cell) -> None:
    """Write a cell as it was displayed: numbers as numbers, texts never as formulas."""
    target = page.cell(cell.row, cell.column)
    if cell.kind is Kind.NUMBER and not cell.extra.formula:
        target.value = cell.value
        return
    inert(target, clean(cell.text))


def _mark(
    page: Worksheet, cell: Cell, sheet: str, accounts: Accounts, words: Catalogue
) -> None:
    from openpyxl.cell.cell import MergedCell
    from openpyxl.styles import PatternFill

    target = page.cell(cell.row, cell.column)
    place = sheet, cell.address
    places = accounts.places.get(place, [])
    if isinstance(target, MergedCell) or not places:
        return
    found = [f for _, f in accounts.findings.get(place, [])]
    bucket, wrong = str(places[0]["bucket"]), accounts.wrong(place)
    target.fill = PatternFill("solid", fgColor=_WRONG if wrong else COLOURS[bucket])
    if wrong or bucket not in _PLAIN:
        text = card(cell, places, found, words, refused=place in accounts.refused)
        target.comment = _comment(clean(text), cell.comment)


def _comment(text: str, own: str) -> Any:
    """Comment that keeps what the author of the workbook wrote."""
    from openpyxl.comments import Comment

    lines = text.count("\n") + 2 + len(text) // 45
    return Comment(
        f"{own}\n{text}" if own and own not in text else text, "ilms-sdmx", 16 * lines, 340
    )


def _legend(book: Book, conversion: Conversion, words: Catalogue) -> None:
    """Sheet in front: what the colours mean, how many cells have them, and every finding."""
    from openpyxl.styles import Font, PatternFill

    page = book.create_sheet(_free("ilms-sdmx", book.sheetnames), 0)
    inert(page.cell(1, 1), conversion.summary())
    page.cell(1, 1).font = Font(bold=True)
    row = 3
    for bucket, number in conversion.counts.items():
        page.cell(row, 1).value = words.text(f"bucket.{bucket}")
        page.cell(row, 1).fill = PatternFill("solid", fgColor=COLOURS[bucket])
        page.cell(row, 2).value = number
        row += 1
    frame = conversion.report.frame()[
        ["severity", "rule", "sheet", "cell", "message", "read", "expected", "fix"]
    ]
    lines = [list(frame.columns), *frame.fillna("").to_numpy().tolist()]
    for offset, line in enumerate(lines, row + 1):
        for column, text in enumerate(line, 1):
            inert(page.cell(offset, column), clean(str(text)))
    for letter, width in zip("ABCDEFGH", (22, 24, 16, 10, 70, 24, 24, 50), strict=True):
        page.column_dimensions[letter].width = width
    book.active = 0


def _free(name: str, taken: list[str]) -> str:
    number = 1
    found = name
    while found in taken:
        number += 1
        found = f"{name} {number}"
    return found
