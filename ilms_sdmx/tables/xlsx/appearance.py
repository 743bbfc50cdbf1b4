"""How sheets of an .xlsx file look: widths of columns, and whether they run from the right."""

from __future__ import annotations

import posixpath
import re
import zipfile
from collections.abc import Mapping
from dataclasses import dataclass, field
from pathlib import Path

#: Bytes of a sheet in which its look is told, before the cells.
_HEAD = 65_536
_COLUMN = re.compile(rb"<(?:\w+:)?col\s([^>]*)>")
_VIEW = re.compile(rb"<(?:\w+:)?sheetView\s([^>]*)>")
_SHEET = re.compile(r"<(?:\w+:)?sheet\s([^>]*)>")
_RELATION = re.compile(r"<Relationship\s([^>]*)>")
_ATTRIBUTE = re.compile(r"([\w:]+)\s*=\s*\"([^\"]*)\"")
_MOST_COLUMNS = 500
_MOST_BYTES = 4_000_000


@dataclass(frozen=True)
class Appearance:
    """How a sheet looks.

    Parameters
    ----------
    widths
        Number of a column to its width, in signs.
    is_right_to_left
        Whether the first column is at the right.
    """

    widths: Mapping[int, float] = field(default_factory=dict)
    is_right_to_left: bool = False


def appearances(path: Path) -> dict[str, Appearance]:
    """Name of each sheet to its look; none for files of other formats.

    What cannot be read is left out: no figure depends on it.
    """
    try:
        with zipfile.ZipFile(path) as archive:
            return {name: _look(archive, part) for name, part in _parts(archive).items()}
    except (OSError, zipfile.BadZipFile, KeyError, ValueError, RuntimeError):
        return {}


def _head(archive: zipfile.ZipFile, name: str, size: int) -> bytes:
    with archive.open(name) as stream:
        return stream.read(size)


def _parts(archive: zipfile.ZipFile) -> dict[str, str]:
    """Name of each sheet to its part of the archive."""
    from html import unescape

    book = _head(archive, "xl/workbook.xml", _MOST_BYTES).decode("utf-8", "replace")
    told = _head(archive, "xl/_rels/workbook.xml.rels", _MOST_BYTES).decode("utf-8", "replace")
    targets = {}
    for relation in _RELATION.findall(told):
        fields = dict(_ATTRIBUTE.findall(relation))
        targets[fields.get("Id", "")] = fields.get("Target", "")
    parts = {}
    for sheet in _SHEET.findall(book):
        fields = dict(_ATTRIBUTE.findall(sheet))
        target = targets.get(fields.get("r:id", ""), "")
        part = target.lstrip("/") if target.startswith("/") else posixpath.join("xl", target)
        parts[unescape(fields.get("name", ""))] = posixpath.normpath(part)
    return {name: part for name, part in parts.items() if part in archive.namelist()}


def _look(archive: zipfile.ZipFile, part: str) -> Appearance:
    """Look of one sheet."""
    head = _head(archive, part, _HEAD).partition(b"sheetData")[0]
    view = _VIEW.search(head)
    is_right_to_left = view is not None and b'rightToLeft="1"' in view[1]
    widths: dict[int, float] = {}
    for column in _COLUMN.findall(head):
        fields = dict(_ATTRIBUTE.findall(column.decode("utf-8", "replace")))
        width = float(fields.get("width", "0"))
        first, last = int(fields.get("min", "1")), int(fields.get("max", "0"))
        for number in range(first, min(last, _MOST_COLUMNS) + 1):
            widths[number] = width
    return Appearance(widths, is_right_to_left)
