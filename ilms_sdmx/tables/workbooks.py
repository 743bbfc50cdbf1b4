"""Reading a source file into its cells.

The format is recognised from the content, never from the name.
"""

from __future__ import annotations

import gc
import hashlib
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from os import PathLike
from pathlib import Path

from ilms_sdmx._files import file_name
from ilms_sdmx.errors import TableError
from ilms_sdmx.findings import Finding, Place, Report, find
from ilms_sdmx.tables.archives import Archive
from ilms_sdmx.tables.cells import NOTHING, Cell, Sheet, Workbook
from ilms_sdmx.tables.delimited import is_fixed_width, read_delimited, sniff, told
from ilms_sdmx.tables.fixed_width import read_fixed_width
from ilms_sdmx.tables.html_tables import declared_charset, is_html, read_html
from ilms_sdmx.tables.legacy.encodings import decode
from ilms_sdmx.tables.legacy.fonts import convert_fonts
from ilms_sdmx.tables.legacy.garbled import find_garbled
from ilms_sdmx.tables.ods import read_ods
from ilms_sdmx.tables.xls import read_xls, read_xlsb
from ilms_sdmx.tables.xlsx.workbook import read_xlsx

#: Largest file in bytes that is read.
MAX_BYTES = 200_000_000
#: Most rows that all merges of a sheet may cover together.
MAX_MERGED_ROWS = 3_000_000

#: Beginning of what Excel saved as XML in 2003, which is no web page.
_XML_2003 = b"urn:schemas-microsoft-com:office:spreadsheet"
#: Formats of text without marks of its own.
_SEPARATED = ("csv", "fixed")
_OLE = bytes.fromhex("D0CF11E0A1B11AE1")


def read_workbook(
    source: str | PathLike[str] | bytes,
    *,
    name: str = "",
    encoding: str = "",
    delimiter: str = "",
) -> Workbook:
    r"""Workbook of a file or of its bytes.

    Every non-empty cell of every sheet, hidden ones included.

    Parameters
    ----------
    source
        Path, or the bytes themselves.
    name
        Name to show for bytes.
    encoding, delimiter
        Of a text file; inferred where not given, and the inference is refused where it is not
        certain.

    Raises
    ------
    TableError
        When the file cannot be read: missing, truncated, protected by a password, no table at
        all, or larger than any table. Nothing in the file is executed and no link in it is
        followed.

    Examples
    --------
    >>> book = read_workbook(b"Year;Total\n2019;1.234\n", name="t.csv")
    >>> book["(csv)"]["B2"].text
    '1.234'
    """
    if isinstance(source, bytes):
        data, shown = source, name or "(bytes)"
    else:
        data, file = _load(source)
        shown = name or file
    if not data:
        raise TableError(f"{shown} is empty.")
    kind = _container(data, shown)
    if kind:
        found_encoding = ""
        is_plain = False
        sheets, findings = convert_fonts(_read_container(kind, data, shown))
        findings = (*_find_unread(kind, data), *findings)
    else:
        _refuse_xml_2003(data, shown)
        declared = encoding or declared_charset(data)
        text, found_encoding, evidence = decode(data, shown, declared)
        with _without_collecting():
            kind, sheets = _read_text(text, shown, delimiter)
        findings = tuple(_find_encoding(found_encoding, evidence))
        # Letters of ASCII are never garbled; a page may name others by their numbers.
        is_plain = kind in _SEPARATED and text.isascii()
    notices = () if is_plain else _find_notices(sheets)
    report = Report.of([*findings, *notices]).at(file=shown)
    digest = hashlib.sha256(data).hexdigest()
    return Workbook(shown, digest, kind, sheets, found_encoding, report.findings)


def _refuse_xml_2003(data: bytes, name: str) -> None:
    """Refuse XML Spreadsheet 2003, whatever the file is called."""
    start = data[:2000]
    if _XML_2003 in start and b"<html" not in start.lower():
        raise TableError(
            f"{name} is XML Spreadsheet 2003, which is not read: open it in a spreadsheet "
            "program and save it as .xlsx."
        )


def _load(source: str | PathLike[str]) -> tuple[bytes, str]:
    path = Path(source)
    try:
        size = path.stat().st_size
        if size > MAX_BYTES:
            megabytes = size / 1e6
            most = f"{MAX_BYTES / 1e6:,.0f}"
            words = f"{megabytes:,.0f} MB; more than {most} is not read"
            raise TableError(f"{path.name} has {words}.")
        return path.read_bytes(), file_name(path)
    except OSError as error:
        raise TableError(f"{path} cannot be read: {error.strerror}.") from error
    except ValueError as error:  # a name that no file can have
        raise TableError(f"{str(path)!r} cannot be read: {error}.") from error


def _container(data: bytes, name: str) -> str:
    """Format of a binary file, empty for text."""
    if data.startswith(b"PK"):
        return _zip_kind(Archive(data, name))
    if data.startswith(_OLE):
        if "EncryptedPackage".encode("utf-16-le") in data:
            raise TableError(f"{name} is protected by a password: save a copy without one.")
        return "xls"
    if data[:1024].lstrip().startswith(b"%PDF"):
        raise TableError(f"{name} is a PDF document, not a workbook: ask for the table itself.")
    return ""


def _zip_kind(archive: Archive) -> str:
    if "content.xml" in archive:
        return "ods"
    if "xl/workbook.bin" in archive:
        return "xlsb"
    if "word/document.xml" in archive:
        raise TableError(
            f"{archive.name} is a text document, not a workbook: ask for the table itself."
        )
    return "xlsx"


#: Format to the reader of its bytes.
READERS: dict[str, Callable[[bytes, str], tuple[Sheet, ...]]] = {
    "xlsx": read_xlsx,
    "xls": read_xls,
    "xlsb": read_xlsb,
    "ods": read_ods,
}


@contextmanager
def _without_collecting() -> Iterator[None]:
    """Time in which cells are made: many, in no cycles, which to look for doubles it."""
    collecting = gc.isenabled()
    gc.disable()
    try:
        yield
    finally:
        if collecting:
            gc.enable()


def _read_container(kind: str, data: bytes, name: str) -> tuple[Sheet, ...]:
    """Sheets of a binary file."""
    try:
        with _without_collecting():
            sheets = READERS[kind](data, name)
            for sheet in sheets:
                _refuse_merges(sheet, name)
            return sheets
    except TableError:
        raise
    except (ValueError, ArithmeticError, LookupError, RecursionError) as error:
        raise TableError(f"{name} is damaged: {error}.") from error


def _refuse_merges(sheet: Sheet, name: str) -> None:
    """Refuse merges that together cover more rows than any page has.

    Each is looked up row by row.
    """
    covered = 0
    for merge in sheet.merges:
        bottom = min(merge.bottom, sheet.rows)
        covered += max(0, bottom - merge.top + 1)
    if covered > MAX_MERGED_ROWS:
        raise TableError(
            f"{name}: the merges of the sheet {sheet.name!r} cover {covered:,} rows; not read."
        )


def _read_text(text: str, name: str, delimiter: str) -> tuple[str, tuple[Sheet, ...]]:
    if "\0" in text:
        expected = ".xlsx, .xls, .xlsb, .ods, text or HTML"
        raise TableError(f"{name} is no workbook: expected {expected}.")
    if not delimiter and is_html(text):
        return "html", (read_html(text, name),)
    beginning = text.lstrip("\ufeff \r\n")
    if beginning.startswith(("<?xml", "{\\rtf")):
        what_to_do = "save it as .xlsx, or use the reader of messages"
        raise TableError(f"{name} is an XML or RTF document: {what_to_do}.")
    told_delimiter, text = told(text)
    delimiter = delimiter or told_delimiter or sniff(text)
    if not delimiter and is_fixed_width(text):
        sheet = read_fixed_width(text)
        return "fixed", (sheet,)
    sheet = read_delimited(text, name, delimiter or ",")
    return "csv", (sheet,)


#: Names that only a workbook with macros holds: of parts, and of a directory of old binary
#: files.
_MACROS = (b"xl/vbaProject.bin", b"Basic/Standard/", "_VBA_PROJECT".encode("utf-16-le"))


def _find_unread(kind: str, data: bytes) -> Iterator[Finding]:
    """Findings of what a workbook has and the reader leaves alone."""
    if any(sign in data for sign in _MACROS):
        yield find("macros-not-run")
    if kind == "xlsb":
        yield find("styles-not-read")


def _find_encoding(encoding: str, evidence: str) -> Iterator[Finding]:
    """Findings of an encoding that was inferred from some evidence."""
    if evidence:
        yield find("encoding-inferred", encoding=encoding, evidence=evidence)


def _find_notices(sheets: tuple[Sheet, ...]) -> Iterator[Finding]:
    """Findings of each sheet: what is hidden, what is garbled, and formulas without result."""
    for sheet in sheets:
        yield from _find_hidden(sheet)
        yield from find_garbled(sheet)
        for cell in sheet:
            if cell.extra is NOTHING or not cell.extra.uncached:
                continue
            place = Place(sheet=sheet.name, cell=cell.address)
            yield find("formula-without-result", place, read=cell.extra.formula)


def _find_hidden(sheet: Sheet) -> Iterator[Finding]:
    """Findings of a hidden sheet, and of cells in hidden rows and columns."""
    place = Place(sheet=sheet.name)
    if sheet.hidden and sheet.cells:
        yield find("hidden-sheet", place, count=len(sheet))
    if not sheet.hidden_rows and not sheet.hidden_columns:
        return
    hidden_cells: list[Cell] = []
    for cell in sheet:
        if cell.row in sheet.hidden_rows or cell.column in sheet.hidden_columns:
            hidden_cells.append(cell)
    if hidden_cells:
        count = len(hidden_cells)
        first = hidden_cells[0].address
        yield find("hidden-cells", place, count=count, first=first)
