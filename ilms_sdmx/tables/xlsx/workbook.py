"""Workbooks in .xlsx and .xlsm.

Sheets read straight from their parts, styles and rich text included.
"""

from __future__ import annotations

import posixpath
from collections.abc import Iterator
from dataclasses import dataclass, field, replace
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
        When the file is no whole workbook, is protected, or unpacks to more than a workbook can
        hold.
    """
    archive = Archive(data, name)
    folder = _main_part(archive)
    root = archive.tree(folder)
    part_of_kind = dict(relations(archive, folder).values())
    strings = read_strings(archive, part_of_kind.get("sharedStrings", ""))
    styles = read_styles(archive, part_of_kind.get("styles", ""))
    book = Book(archive, strings, styles, _epoch(root))
    sheets = []
    for name, part, is_hidden in _sheets(archive, folder, root):
        sheets.append(_read_sheet(book, part, name, is_hidden))
    return tuple(sheets)


def sheet_parts(archive: Archive) -> dict[str, str]:
    """Part of each sheet by its name, in the order of the workbook."""
    folder = _main_part(archive)
    root = archive.tree(folder)
    return {name: part for name, part, _ in _sheets(archive, folder, root)}


def _sheets(archive: Archive, folder: str, root: _Element) -> Iterator[tuple[str, str, bool]]:
    """Name and part of each sheet, and whether it is hidden."""
    parts = relations(archive, folder)
    for entry in children(root, "sheets", "sheet"):
        relation = entry.get(_RELATION) or entry.get(_STRICT_RELATION)
        kind, part = parts.get(str(relation), ("", ""))
        if kind != "worksheet":
            continue
        is_hidden = entry.get("state", "visible") != "visible"
        yield str(entry.get("name", "")), part, is_hidden


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
    parts = {}
    for entry in archive.tree(where):
        if local(entry) != "Relationship" or entry.get("TargetMode") == "External":
            continue
        kind = str(entry.get("Type", "")).rpartition("/")[2]
        target = _target(folder, str(entry.get("Target", "")))
        parts[str(entry.get("Id"))] = (kind, target)
    return parts


def _target(folder: str, target: str) -> str:
    """Name of the part that a relation of a part in a folder points to."""
    if target.startswith("/"):
        return target.lstrip("/")
    return posixpath.normpath(posixpath.join(folder, target))


def _epoch(root: _Element) -> datetime:
    """First day of the calendar of a workbook, day 0 of its dates."""
    for properties in children(root, "workbookPr"):
        if properties.get("date1904") in {"1", "true"}:
            return datetime(1904, 1, 1)  # noqa: DTZ001
    return datetime(1899, 12, 30)  # noqa: DTZ001


@dataclass(slots=True)
class _Outline:
    """What a sheet says of its rows, columns and merges, as far as it is read.

    Parameters
    ----------
    row
        Number of the row that was read last.
    described
        Sum of the numbers of all described columns: a bomb repeats them.
    hidden_rows, hidden_columns
        Numbers of the hidden ones.
    merges
        Merged ranges.
    """

    row: int = 0
    described: int = 0
    hidden_rows: set[int] = field(default_factory=set)
    hidden_columns: set[int] = field(default_factory=set)
    merges: list[Range] = field(default_factory=list)


def _read_sheet(book: Book, part: str, name: str, hidden: bool) -> Sheet:
    """Sheet of a part of the archive."""
    cells: dict[tuple[int, int], Cell] = {}
    outline = _Outline()
    tags = [space + tag for space in (MAIN, STRICT) for tag in _PARTS]
    check = partial(refuse_wide_rows, name=book.archive.name)
    for element in book.archive.elements(part, *tags, check=check):
        kind = local(element)
        if kind == "row":
            outline.row = int(element.get("r") or outline.row + 1)
            if _is_hidden(element):
                outline.hidden_rows.add(outline.row)
            read_row(book, element, outline.row, cells)
        elif kind == "mergeCell":
            merge = Range.of(str(element.get("ref")))
            outline.merges.append(merge)
        elif _is_hidden(element):
            _hide_columns(outline, element, book.archive.name)
    _add_comments(book.archive, part, cells)
    rows = frozenset(outline.hidden_rows)
    columns = frozenset(outline.hidden_columns)
    return Sheet(name, cells, hidden, rows, columns, tuple(outline.merges))


def _is_hidden(element: _Element) -> bool:
    return element.get("hidden") in {"1", "true"}


def _hide_columns(outline: _Outline, element: _Element, file: str) -> None:
    """Note the columns of an element as hidden."""
    first = int(element.get("min") or 1)
    last = int(element.get("max") or 0)
    last = min(last, MAX_COLUMNS)
    outline.described += last
    if outline.described > 100 * MAX_COLUMNS:
        raise TableError(f"{file} describes more columns than a sheet has.")
    outline.hidden_columns.update(range(first, last + 1))


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
    """Places of the comments in a part, and their texts."""
    for entry in children(archive.tree(part), "commentList", "comment"):
        texts: list[str] = []
        for element in entry.iter():
            if local(element) == "t":
                texts.append(element.text or "")
        text = "".join(texts)
        address = str(entry.get("ref"))
        yield position(address), text.strip()
