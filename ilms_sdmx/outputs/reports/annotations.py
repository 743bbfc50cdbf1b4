"""Annotated copies of workbooks: cells coloured by what became of them, with comments."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path
from typing import IO, TYPE_CHECKING, Any

from ilms_sdmx._files import replacing
from ilms_sdmx.errors import TableError
from ilms_sdmx.findings.languages import ENGLISH
from ilms_sdmx.outputs.reports.catalogues import Catalogue, catalogue
from ilms_sdmx.outputs.reports.conversion import summary
from ilms_sdmx.outputs.reports.sheets import Accounts, card
from ilms_sdmx.tables.addresses import position
from ilms_sdmx.tables.cells import Cell, Kind, Sheet
from ilms_sdmx.tables.safe_cells import clean, inert
from ilms_sdmx.tables.saving import new_workbook, open_workbook, save_workbook

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
#: Column of the findings to the key of its heading, where that is not its name.
_HEADINGS = {
    "sheet": "findings.place",
    "cell": "observations.cell",
    "message": "findings.what",
}
#: Buckets whose cells get no comment unless there is a finding: their colour says it all.
_PLAIN = {"label", "note", "ignore"}
#: Letter to width of the columns of the legend.
_WIDTHS = {"A": 22, "B": 24, "C": 16, "D": 10, "E": 70, "F": 24, "G": 24, "H": 50}
#: Signs that the name of a sheet of Excel cannot have.
_NOT_IN_NAMES = str.maketrans(dict.fromkeys("[]:*?/\\", "_"))


def annotate(
    conversion: Conversion,
    target: str | Path | IO[bytes],
    source: str | Path | None = None,
    words: Catalogue | None = None,
    created: str = "",
) -> None:
    """Write a copy of a converted workbook with colours, comments, legend and findings.

    Parameters
    ----------
    target
        The .xlsx file to write; never the source itself.
    source
        The workbook itself. If it is .xlsx, its layout, formats and formulas are kept; of any
        other format, or without it, the cells are laid out anew as they were displayed.
    created
        Time of the copy, ISO 8601; the same conversion and time give the same bytes.

    Raises
    ------
    TableError
        `source` is not the workbook that was converted.
    OutputError
        The copy cannot be written.
    """
    if not hasattr(conversion, "workbook"):
        kind = type(conversion).__name__
        raise TypeError(f"expected a Conversion, then the file to write; found {kind} first")
    words = words or catalogue("en")
    conversion = replace(conversion, report=words.report(conversion.report))
    book = _copy(conversion, source, created)
    accounts = Accounts.of(conversion, {})
    for sheet in conversion.workbook:
        page = book[_title(sheet.name, conversion)]
        for cell in (*sheet, *_blank_cells(sheet, accounts)):
            _mark(page, cell, sheet.name, accounts, words)
    _legend(book, conversion, words)
    inputs = [] if source is None else [Path(source)]
    with replacing(target, inputs) as stream:
        save_workbook(book, stream, created)


def _blank_cells(sheet: Sheet, accounts: Accounts) -> list[Cell]:
    """Cells of a sheet that hold nothing and have a place in the accounts."""
    blank = []
    for name, address in accounts.places:
        if name == sheet.name and position(address) not in sheet.cells:
            blank.append(sheet[address])
    return blank


def _copy(conversion: Conversion, source: str | Path | None, created: str) -> Book:
    """Copy of the workbook: its own content where it is .xlsx, else its cells laid out anew."""
    workbook = conversion.workbook
    if source is not None:
        content = _content(conversion, source)
        if workbook.format == "xlsx":
            return open_workbook(content, created)
    book = new_workbook(created)
    for sheet in workbook:
        page = book.create_sheet(_title(sheet.name, conversion))
        for cell in sheet:
            _lay(page, cell)
        for merge in sheet.merges:
            if (merge.bottom, merge.right) != (merge.top, merge.left):
                page.merge_cells(str(merge))
    return book


def _content(conversion: Conversion, source: str | Path) -> bytes:
    """Bytes of the workbook that was converted."""
    import hashlib

    try:
        content = Path(source).read_bytes()
    except OSError as error:
        raise TableError(f"{source} cannot be read: {error.strerror}.") from error
    workbook = conversion.workbook
    digest = hashlib.sha256(content).hexdigest()
    if digest != workbook.sha256:
        raise TableError(
            f"expected {workbook.name} as it was converted, found another content in {source}."
        )
    return content


def _title(name: str, conversion: Conversion) -> str:
    """Name of a sheet in the copy: for a text file one that Excel accepts."""
    if conversion.workbook.format == "xlsx":
        return name
    allowed = name.translate(_NOT_IN_NAMES)
    return allowed[:31] or "Sheet"


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
    bucket = str(places[0]["bucket"])
    wrong = accounts.wrong(place)
    colour = _WRONG
    if not wrong:
        colour = COLOURS[bucket]
    target.fill = PatternFill("solid", fgColor=colour)
    if bucket in _PLAIN and not wrong:
        return
    findings = [finding for _, finding in accounts.findings.get(place, [])]
    text = card(cell, places, findings, words, refused=place in accounts.refused)
    target.comment = _comment(clean(text), cell.comment)


def _comment(text: str, authors_text: str) -> Any:
    """Comment that keeps what the author of the workbook wrote."""
    from openpyxl.comments import Comment

    lines = text.count("\n") + 2 + len(text) // 45
    if authors_text and authors_text not in text:
        text = f"{authors_text}\n{text}"
    return Comment(text, "ilms-sdmx", 16 * lines, 340)


def _legend(book: Book, conversion: Conversion, words: Catalogue) -> None:
    """Sheet in front: what the colours mean, how many cells have them, and every finding."""
    from openpyxl.styles import Font

    name = _free("ilms-sdmx", book.sheetnames)
    page = book.create_sheet(name, 0)
    title = page.cell(1, 1)
    inert(title, summary(conversion, words))
    title.font = Font(name="Calibri", bold=True)
    last = _lay_colours(page, conversion, words)
    for _, notice in words.notices:
        last += 1
        inert(page.cell(last, 1), notice)
    _lay_findings(page, last + 2, conversion, words)
    for letter, width in _WIDTHS.items():
        page.column_dimensions[letter].width = width
    book.active = 0


def _lay_colours(page: Worksheet, conversion: Conversion, words: Catalogue) -> int:
    """Write each colour with its bucket and its number of cells; the last row is given."""
    from openpyxl.styles import PatternFill

    row = 2
    for bucket, number in conversion.counts.items():
        row += 1
        name = page.cell(row, 1)
        name.value = words.text(f"bucket.{bucket}")
        name.fill = PatternFill("solid", fgColor=COLOURS[bucket])
        page.cell(row, 2).value = number
    return row


def _lay_findings(page: Worksheet, top: int, conversion: Conversion, words: Catalogue) -> None:
    """Write every finding, one row each, below a row of headings."""
    columns = ["severity", "rule", "sheet", "cell", "message", "read", "expected", "fix"]
    frame = conversion.report.frame()[columns].fillna("")
    headings = columns
    if words.language != ENGLISH:
        headings = [words.text(_HEADINGS.get(name, f"findings.{name}")) for name in columns]
    lines = [headings, *frame.to_numpy().tolist()]
    for row, line in enumerate(lines, top):
        for column, text in enumerate(line, 1):
            inert(page.cell(row, column), clean(str(text)))


def _free(name: str, taken: list[str]) -> str:
    """Name for a sheet that no other sheet has."""
    number = 1
    free = name
    while free in taken:
        number += 1
        free = f"{name} {number}"
    return free
