"""Reading a source file into its cells: the format is recognised from the content, never from the name."""

from __future__ import annotations

import gc
import hashlib
from collections.abc import Callable, Iterator
from os import PathLike
from pathlib import Path

from ilms_sdmx.errors import TableError
from ilms_sdmx.findings import Finding, Place, Severity
from ilms_sdmx.tables import garbled
from ilms_sdmx.tables.archives import Archive
from ilms_sdmx.tables.cells import NOTHING, Sheet, Workbook
from ilms_sdmx.tables.delimited import is_fixed_width, read_delimited, sniff, told
from ilms_sdmx.tables.encodings import decode
from ilms_sdmx.tables.fixed_width import read_fixed_width
from ilms_sdmx.tables.fonts import convert_fonts
from ilms_sdmx.tables.html_tables import declared_charset, is_html, read_html
from ilms_sdmx.tables.ods import read_ods
from ilms_sdmx.tables.xls import read_xls, read_xlsb
from ilms_sdmx.tables.xlsx import read_xlsx

#: Largest file in bytes that is read.
MAX_BYTES = 200_000_000
#: Most rows that all merges of a sheet may cover together.
MAX_MERGED_ROWS = 3_000_000

_OLE = bytes.fromhex("D0CF11E0A1B11AE1")


def read_workbook(
    source: str | PathLike[str] | bytes,
    *,
    name: str = "",
    encoding: str = "",
    delimiter: str = "",
) -> Workbook:
    r"""Workbook of a file or of its bytes: every non-empty cell of every sheet, hidden ones included.

    Parameters
    ----------
    source
        Path, or the bytes themselves.
    name
        Name to show for bytes.
    encoding, delimiter
        Of a text file; inferred where not given, and the inference is refused where it is not certain.

    Raises
    ------
    TableError
        When the file cannot be read: missing, truncated, protected by a password, no table at all, or larger
        than any table. Nothing in the file is executed and no link in it is followed.

    Examples
    --------
    >>> book = read_workbook(b"Year;Total\n2019;1.234\n", name="t.csv")
    >>> book["(csv)"]["B2"].text
    '1.234'
    """
    data, shown = (source, name or "(bytes)") if isinstance(source, bytes) else _load(source)
    shown = name or shown
    if not data:
        raise TableError(f"{shown} is empty.")
    digest = hashlib.sha256(data).hexdigest()
    if kind := _container(data, shown):
        sheets, fonts = convert_fonts(_read_container(kind, data, shown), shown)
        unread = (*_macros(data, shown), *((_unread_styles(shown),) if kind == "xlsb" else ()))
        return Workbook(
            shown, digest, kind, sheets, "", (*unread, *fonts, *_notices(sheets, shown))
        )
    text, found, evidence = decode(data, shown, encoding or declared_charset(data))
    kind, sheets = _read_text(text, shown, delimiter)
    findings = [*_encoding_note(found, evidence, shown), *_notices(sheets, shown)]
    return Workbook(shown, digest, kind, sheets, found, tuple(findings))


def _load(source: str | PathLike[str]) -> tuple[bytes, str]:
    path = Path(source)
    try:
        size = path.stat().st_size
        if size > MAX_BYTES:
            raise TableError(
                f"{path.name} has {size / 1e6:,.0f} MB; more than {MAX_BYTES / 1e6:,.0f} is not read."
            )
        return path.read_bytes(), path.name
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


def _read_container(kind: str, data: bytes, name: str) -> tuple[Sheet, ...]:
    # Cells are many and form no cycles: looking for some while they are made doubles the time.
    collecting = gc.isenabled()
    gc.disable()
    try:
        sheets = READERS[kind](data, name)
        for sheet in sheets:
            _refuse_merges(sheet, name)
        return sheets
    except TableError:
        raise
    except (ValueError, ArithmeticError, LookupError, RecursionError) as error:
        raise TableError(f"{name} is damaged: {error}.") from error
    finally:
        if collecting:
            gc.enable()


def _refuse_merges(sheet: Sheet, name: str) -> None:
    """Refuse merges that together cover more rows than any page has; each is looked up row by row."""
    covered = sum(max(0, min(m.bottom, sheet.rows) - m.top + 1) for m in sheet.merges)
    if covered > MAX_MERGED_ROWS:
        raise TableError(
            f"{name}: the merges of the sheet {sheet.name!r} cover {covered:,} rows; not read."
        )


def _read_text(text: str, name: str, delimiter: str) -> tuple[str, tuple[Sheet, ...]]:
    if "\0" in text:
        raise TableError(
            f"{name} is no workbook: expected .xlsx, .xls, .xlsb, .ods, text or HTML."
        )
    if not delimiter and is_html(text):
        return "html", (read_html(text, name),)
    if text.lstrip("\ufeff \r\n").startswith(("<?xml", "{\\rtf")):
        raise TableError(
            f"{name} is an XML or RTF document: save it as .xlsx, or use the reader of messages."
        )
    found, text = told(text)
    found = delimiter or found or sniff(text)
    if not found and is_fixed_width(text):
        return "fixed", (read_fixed_width(text),)
    return "csv", (read_delimited(text, name, found or ","),)


#: Names that only a workbook with macros holds: of parts, and of a directory of old binary files.
_MACROS = (b"xl/vbaProject.bin", b"Basic/Standard/", "_VBA_PROJECT".encode("utf-16-le"))


def _macros(data: bytes, name: str) -> Iterator[Finding]:
    if any(sign in data for sign in _MACROS):
        yield Finding(
            "macros-not-run",
            Severity.NOTE,
            "The workbook holds macros; they are neither read nor run.",
            Place(file=name),
        )


def _unread_styles(name: str) -> Finding:
    return Finding(
        "styles-not-read",
        Severity.WARNING,
        "Of an .xlsb workbook only the values are read: raised footnote marks cannot be told from digits.",
        Place(file=name),
        fix="Save the workbook as .xlsx.",
    )


def _encoding_note(encoding: str, evidence: str, name: str) -> Iterator[Finding]:
    if encoding in {"cp874", "cp1258", "cp1252"} and evidence != "declared":
        yield Finding(
            "encoding-inferred",
            Severity.WARNING,
            f"The file is not UTF-8; it was read as {encoding}: {evidence}.",
            Place(file=name),
            fix=f"add to conventions:  encoding: {encoding}",
        )


def _notices(sheets: tuple[Sheet, ...], name: str) -> Iterator[Finding]:
    for sheet in sheets:
        place = Place(file=name, sheet=sheet.name)
        if sheet.hidden and sheet.cells:
            yield _notice(
                "hidden-sheet", f"The sheet is hidden and holds {len(sheet)} cells.", place
            )
        partly = sheet.hidden_rows or sheet.hidden_columns
        shut = [
            c
            for c in sheet
            if partly and (c.row in sheet.hidden_rows or c.column in sheet.hidden_columns)
        ]
        if shut:
            text = f"{len(shut)} cells stand in hidden rows or columns, the first at {shut[0].address}."
            yield _notice("hidden-cells", text, place)
        yield from garbled.findings(sheet, name)
        for cell in sheet:
            if cell.extra is not NOTHING and cell.extra.uncached:
                yield Finding(
                    "formula-without-result",
                    Severity.ERROR,
                    "The cell is a formula whose result the file does not hold.",
                    Place(name, sheet.name, cell.address),
                    read=cell.extra.formula,
                    fix="Open the workbook in a spreadsheet, recalculate and save it.",
                )


def _notice(rule: str, message: str, place: Place) -> Finding:
    return Finding(
        rule,
        Severity.WARNING,
        message,
        place,
        fix="add to conventions:  hidden: read  or  hidden: ignore",
    )
