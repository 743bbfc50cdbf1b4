"""Workbooks in .xlsx and .xlsm: sheets read straight from their parts, styles and rich text included."""

from __future__ import annotations

import posixpath
from collections.abc import Iterator
from dataclasses import replace
from datetime import datetime
from functools import partial
from typing import TYPE_CHECKING

from ilms_sdmx.errors import TableError
from ilms_sdmx.tables.addresses import MAX_COLUMNS, Range, position
from ilms_sdmx.tables.archives import Archive
from ilms_sdmx.tables.cells import Cell, Kind, Sheet
from ilms_sdmx.tables.xlsx.cells import Book, read_row, refuse_wide_rows
from ilms_sdmx.tables.xlsx.styles import (
    MAIN,
    STRICT,
    children,
    local,
    read_strings,
    read_styles,
)

if TYPE_CHECKING:
    from lxml.etree import _Element

_RELATION = "{http://schemas.openxmlformats.org/officeDocument/2006/relationships}id"
_STRICT_RELATION = "{http://purl.oclc.org/ooxml/officeDocument/relationships}id"
_PARTS = ("row", "mergeCell", "col")


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
    book = Book(
        archive,
        read_strings(archive, named.get("sharedStrings", "")),
        read_styles(archive, named.get("styles", "")),
        _epoch(root),
    )
    sheets = []
    for entry in children(root, "sheets", "sheet"):
        kind, part = parts.get(
            str(entry.get(_RELATION) or entry.get(_STRICT_RELATION)), ("", "")
        )
        if kind == "worksheet":
            hidden = str(entry.get("state", "visible")) != "visible"
            sheets.append(_read_sheet(book, part, str(entry.get("name", "")), hidden))
    return tuple(sheets)


def _main_part(archive: Archive) -> str:
    for kind, part in relations(archive, "").values():
        if kind == "officeDocument" and part in archive:
            return part
    raise TableError(
        f"{archive.name} is a zip archive but no workbook: it has no workbook part."
    )


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


def _read_sheet(book: Book, part: str, name: str, hidden: bool) -> Sheet:
    cells: dict[tuple[int, int], Cell] = {}
    hidden_rows: set[int] = set()
    hidden_columns: set[int] = set()
    merges: list[Range] = []
    row_number = spans = 0
    tags = [space + tag for space in (MAIN, STRICT) for tag in _PARTS]
    check = partial(refuse_wide_rows, name=book.archive.name)
    for element in book.archive.elements(part, *tags, check=check):
        kind = local(element)
        if kind == "row":
            row_number = int(element.get("r") or row_number + 1)
            if element.get("hidden") in {"1", "true"}:
                hidden_rows.add(row_number)
            read_row(book, element, row_number, cells)
        elif kind == "mergeCell":
            merges.append(Range.of(str(element.get("ref"))))
        elif element.get("hidden") in {"1", "true"}:
            last = min(int(element.get("max") or 0), MAX_COLUMNS)
            spans += last
            if spans > 100 * MAX_COLUMNS:
                raise TableError(
                    f"{book.archive.name} describes more columns than a sheet has."
                )
            hidden_columns.update(range(int(element.get("min") or 1), last + 1))
    _add_comments(book.archive, part, cells)
    return Sheet(
        name, cells, hidden, frozenset(hidden_rows), frozenset(hidden_columns), tuple(merges)
    )


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
