"""Workbooks in .xlsx and .xlsm: sheets read straight from their parts, styles and rich text included."""

from __future__ import annotations

import posixpath
from collections.abc import Iterator
from dataclasses import dataclass, replace
from datetime import datetime, timedelta
from decimal import Decimal, InvalidOperation
from typing import TYPE_CHECKING

from ilms_sdmx.errors import TableError
from ilms_sdmx.tables.archives import Archive
from ilms_sdmx.tables.cells import (
    MAX_COLUMNS,
    MAX_ROWS,
    NOTHING,
    PLAIN,
    Cell,
    Extra,
    Kind,
    Range,
    Sheet,
    Style,
    position,
)
from ilms_sdmx.tables.formats import plain_number
from ilms_sdmx.tables.richtext import Rich
from ilms_sdmx.tables.xlsx_styles import MAIN, STRICT, children, local, read_strings, read_styles, rich_string

if TYPE_CHECKING:
    from lxml.etree import _Element

#: Most non-empty cells that are read of one workbook.
MAX_CELLS = 5_000_000

_RELATION = "{http://schemas.openxmlformats.org/officeDocument/2006/relationships}id"
_STRICT_RELATION = "{http://purl.oclc.org/ooxml/officeDocument/relationships}id"
_PARTS = ("row", "mergeCell", "col")


@dataclass(slots=True)
class _Book:
    """What all sheets of a workbook share."""

    archive: Archive
    strings: list[str | Rich]
    styles: list[Style]
    epoch: datetime
    cells: int = 0


def read_xlsx(data: bytes, name: str) -> tuple[Sheet, ...]:
    """Sheets of a workbook, hidden ones included; macros are never run, links never followed.

    Raises
    ------
    TableError
        When the file is no whole workbook, is protected, or unpacks to more than a workbook can hold.
    """
    archive = Archive(data, name)
    folder = _main_part(archive)
    root = archive.tree(folder)
    parts = relations(archive, folder)
    named = dict(parts.values())
    book = _Book(
        archive,
        read_strings(archive, named.get("sharedStrings", "")),
        read_styles(archive, named.get("styles", "")),
        _epoch(root),
    )
    sheets = []
    for entry in children(root, "sheets", "sheet"):
        kind, part = parts.get(str(entry.get(_RELATION) or entry.get(_STRICT_RELATION)), ("", ""))
        if kind == "worksheet":
            hidden = str(entry.get("state", "visible")) != "visible"
            sheets.append(_read_sheet(book, part, str(entry.get("name", "")), hidden))
    return tuple(sheets)


def _main_part(archive: Archive) -> str:
    for kind, part in relations(archive, "").values():
        if kind == "officeDocument" and part in archive:
            return part
    raise TableError(f"{archive.name} is a zip archive but no workbook: it has no workbook part.")


def relations(archive: Archive, part: str) -> dict[str, tuple[str, str]]:
    """Relations of a part: id to kind (`worksheet`, `comments`) and the part it points to."""
    folder, file = posixpath.split(part)
    where = posixpath.join(folder, "_rels", f"{file}.rels")
    if where not in archive:
        return {}
    found = {}
    for entry in archive.tree(where):
        if local(entry) != "Relationship" or entry.get("TargetMode") == "External":
            continue
        target = str(entry.get("Target", ""))
        full = (
            target.lstrip("/")
            if target.startswith("/")
            else posixpath.normpath(posixpath.join(folder, target))
        )
        found[str(entry.get("Id"))] = (str(entry.get("Type", "")).rpartition("/")[2], full)
    return found


def _epoch(root: _Element) -> datetime:
    is_1904 = any(p.get("date1904") in {"1", "true"} for p in children(root, "workbookPr"))
    return datetime(1904, 1, 1) if is_1904 else datetime(1899, 12, 30)  # noqa: DTZ001


def _read_sheet(book: _Book, part: str, name: str, hidden: bool) -> Sheet:
    cells: dict[tuple[int, int], Cell] = {}
    hidden_rows: set[int] = set()
    hidden_columns: set[int] = set()
    merges: list[Range] = []
    row_number = 0
    tags = [space + tag for space in (MAIN, STRICT) for tag in _PARTS]
    for element in book.archive.elements(part, *tags):
        kind = local(element)
        if kind == "row":
            row_number = int(element.get("r") or row_number + 1)
            if element.get("hidden") in {"1", "true"}:
                hidden_rows.add(row_number)
            _read_row(book, element, row_number, cells)
        elif kind == "mergeCell":
            merges.append(Range.of(str(element.get("ref"))))
        elif element.get("hidden") in {"1", "true"}:
            last = min(int(element.get("max") or 0), MAX_COLUMNS)
            hidden_columns.update(range(int(element.get("min") or 1), last + 1))
    _add_comments(book.archive, part, cells)
    return Sheet(name, cells, hidden, frozenset(hidden_rows), frozenset(hidden_columns), tuple(merges))


def _read_row(book: _Book, row: _Element, number: int, cells: dict[tuple[int, int], Cell]) -> None:
    column = 0
    for element in row:
        reference = element.get("r")
        column = position(reference)[1] if reference else column + 1
        if column > MAX_COLUMNS or number > MAX_ROWS:
            raise TableError(
                f"{book.archive.name}: a cell at row {number}, column {column} lies outside any sheet "
                f"({MAX_ROWS} rows by {MAX_COLUMNS} columns)."
            )
        if len(element):
            cell = _read_cell(book, element, number, column)
            if cell is not None:
                cells[number, column] = cell
    book.cells += len(row)
    if book.cells > MAX_CELLS:
        raise TableError(f"{book.archive.name} has more than {MAX_CELLS:,} cells; that is not read.")


def _read_cell(book: _Book, element: _Element, row: int, column: int) -> Cell | None:
    kind = element.get("t") or "n"
    number = int(element.get("s") or 0)
    style = book.styles[number] if number < len(book.styles) else PLAIN
    raw, formula, inline = None, "", None
    for child in element:
        name = local(child)
        if name == "v":
            raw = child.text
        elif name == "f":
            formula = "=" + (child.text or "")
        elif name == "is":
            inline = child
    if kind == "s" and raw is not None:
        text = _shared(book, raw)
    elif inline is not None:
        text = rich_string(inline)
    elif raw is None:
        return (
            Cell(row, column, None, Kind.EMPTY, style, Extra(formula=formula, uncached=True))
            if formula
            else None
        )
    else:
        return _scalar(book, raw, kind, Cell(row, column, raw, Kind.TEXT, style, _formula(formula)))
    return _text_cell(text, row, column, style, formula)


def _shared(book: _Book, raw: str) -> str | Rich:
    try:
        return book.strings[int(raw)]
    except (ValueError, IndexError) as error:
        raise TableError(f"{book.archive.name} is damaged: it has no shared string {raw!r}.") from error


def _formula(formula: str) -> Extra:
    return Extra(formula=formula) if formula else NOTHING


def _text_cell(text: str | Rich, row: int, column: int, style: Style, formula: str) -> Cell | None:
    if isinstance(text, Rich):
        extra = Extra(text.superscript, text.subscript, text.base, formula=formula, fonts=text.fonts)
        return Cell(row, column, text.whole, Kind.TEXT, style, extra)
    if not text:
        return None
    if style.vertical in {"superscript", "subscript"}:
        raised, lowered = (text, "") if style.vertical == "superscript" else ("", text)
        extra = Extra(raised, lowered, "", formula=formula)
        return Cell(row, column, text, Kind.TEXT, style, extra)
    return Cell(row, column, text, Kind.TEXT, style, _formula(formula))


def _scalar(book: _Book, raw: str, kind: str, cell: Cell) -> Cell:
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
    elif kind == "d":
        cell.value, cell.kind = datetime.fromisoformat(raw), Kind.DATE
    return cell


def _dated(book: _Book, value: Decimal, style: Style) -> tuple[Decimal | datetime, Kind]:
    if not style.format.is_date or not 0 <= value < 2_958_466:
        return Decimal(plain_number(value)), Kind.NUMBER
    return book.epoch + timedelta(seconds=round(float(value) * 86400)), Kind.DATE


def _add_comments(archive: Archive, part: str, cells: dict[tuple[int, int], Cell]) -> None:
    for kind, target in relations(archive, part).values():
        if kind != "comments" or target not in archive:
            continue
        for where, text in _comments(archive, target):
            cell = cells.get(where)
            if cell is None:
                cell = cells[where] = Cell(*where, None, Kind.EMPTY)
            cell.extra = replace(cell.extra, comment=text)


def _comments(archive: Archive, part: str) -> Iterator[tuple[tuple[int, int], str]]:
    for entry in children(archive.tree(part), "commentList", "comment"):
        texts = (t.text or "" for t in entry.iter() if local(t) == "t")
        yield position(str(entry.get("ref"))), "".join(texts).strip()
