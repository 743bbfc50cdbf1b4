"""Writing into cells of a workbook so that nothing else of it changes.

Spreadsheet libraries that read a workbook and save it again drop what they do not know: text
boxes, sparklines, macros, the marks of other programs. Here only the nodes of the edited cells
change, and on their sheets the results of formulas, which are of the figures of before. Every
part of the archive that holds no edited cell stays byte for byte.
"""

from __future__ import annotations

import io
import re
import zipfile
from collections.abc import Mapping
from decimal import Decimal
from typing import TYPE_CHECKING

from ilms_sdmx.errors import TableError
from ilms_sdmx.tables.addresses import address, position
from ilms_sdmx.tables.archives import Archive
from ilms_sdmx.tables.xlsx.styles import local
from ilms_sdmx.tables.xlsx.workbook import sheet_parts

if TYPE_CHECKING:
    from lxml.etree import _Element

#: What a sheet cannot hold as it is: control characters, and what looks like their escapes.
_ESCAPED = re.compile(r"[\x00-\x08\x0b\x0c\x0e-\x1f\r]|_(?=x[0-9A-Fa-f]{4}_)")
#: Content of a cell: a number, a text, with the number of its style where that changes.
Content = tuple["Decimal | str", "str | None"]


class WorkbookEditor:
    """A workbook (.xlsx, .xlsm) whose cells can be set.

    Parameters
    ----------
    data
        Bytes of the workbook.
    name
        Name of the file, for messages.

    Raises
    ------
    TableError
        It is no whole workbook of this kind.
    """

    def __init__(self, data: bytes, name: str) -> None:
        self._data = data
        self._archive = Archive(data, name)
        self._part_of = sheet_parts(self._archive)
        self._edits: dict[str, dict[tuple[int, int], Content]] = {}
        self._trees: dict[str, _Element] = {}
        self._computed: set[str] = set()

    def set(
        self, sheet: str, row: int, column: int, value: Decimal | str, style: str | None = None
    ) -> None:
        """Set a cell, to be written by `content`; its style stays where none is given."""
        if sheet not in self._part_of:
            raise TableError(f"{self._archive.name} has no sheet {sheet!r}.")
        self._edits.setdefault(sheet, {})[row, column] = value, style

    def forget_results(self, sheet: str) -> None:
        """Forget what the formulas of a sheet gave: they are of the figures of before."""
        if sheet in self._part_of:
            self._computed.add(sheet)

    def style_of(self, sheet: str, row: int, column: int) -> str | None:
        """Number of the style of a cell; None where the cell has none."""
        node = _node(self._tree(sheet), row, column)
        return None if node is None else node.get("s")

    def _tree(self, sheet: str) -> _Element:
        part = self._part_of[sheet]
        if part not in self._trees:
            self._trees[part] = self._archive.tree(part)
        return self._trees[part]

    def content(self) -> bytes:
        """Bytes of the workbook with its cells set."""
        changed = {}
        for sheet, part in self._part_of.items():
            edits = self._edits.get(sheet, {})
            if edits or (self._edits and sheet in self._computed):
                changed[part] = _edited(self._tree(sheet), edits)
        target = io.BytesIO()
        with (
            zipfile.ZipFile(io.BytesIO(self._data)) as before,
            zipfile.ZipFile(target, "w") as after,
        ):
            for info in before.infolist():
                part = info.filename.replace("\\", "/").lstrip("/")
                content = changed.get(part)
                if content is None:
                    content = before.read(info)
                after.writestr(info, content, compress_type=info.compress_type)
        return target.getvalue()


def _edited(root: _Element, edits: Mapping[tuple[int, int], Content]) -> bytes:
    """Part of a sheet with cells set."""
    from lxml import etree

    data = next(child for child in root if local(child) == "sheetData")
    _forget_results(data)
    rows = {_row_number(row): row for row in data if local(row) == "row"}
    for (row, column), (value, style) in sorted(edits.items()):
        element = rows.get(row)
        if element is None:
            element = _new_row(data, rows, row)
        _set(_cell(element, row, column), value, style)
    return etree.tostring(root, xml_declaration=True, encoding="UTF-8", standalone=True)


def _forget_results(data: _Element) -> None:
    """Remove results of formulas; a program that opens the workbook computes them."""
    for formula in data.iter("{*}f"):
        cell = formula.getparent()
        if cell is None:
            continue
        for child in list(cell):
            if local(child) == "v":
                cell.remove(child)
        if cell.get("t") != "e":
            cell.attrib.pop("t", "")


def _row_number(row: _Element) -> int:
    return int(row.get("r") or 0)


def _new_row(data: _Element, rows: dict[int, _Element], number: int) -> _Element:
    """Row that a sheet does not have yet, in its place."""
    before = [known for known in rows if known < number]
    element: _Element = data.makeelement(_tag(data, "row"), {"r": str(number)})
    if before:
        data.insert(data.index(rows[max(before)]) + 1, element)
    else:
        data.insert(0, element)
    rows[number] = element
    return element


def _tag(near: _Element, name: str) -> str:
    """Name of an element in the namespace of another."""
    return str(near.tag).rpartition("}")[0] + "}" + name if "}" in str(near.tag) else name


def _cell(row: _Element, number: int, column: int) -> _Element:
    """Cell of a row, made in its place where the row lacks it."""
    place = 0
    for index, child in enumerate(row):
        if local(child) != "c":
            continue
        other = position(str(child.get("r")))[1]
        if other == column:
            return child
        if other < column:
            place = index + 1
    attributes = {"r": address(number, column)}
    element: _Element = row.makeelement(_tag(row, "c"), attributes)
    row.insert(place, element)
    return element


def _node(root: _Element, row: int, column: int) -> _Element | None:
    wanted = address(row, column)
    for child in root.iter("{*}c"):
        if child.get("r") == wanted:
            return child
    return None


def _escape(match: re.Match[str]) -> str:
    return f"_x{ord(match.group()):04X}_"


def _set(cell: _Element, value: Decimal | str, style: str | None) -> None:
    """Set a cell to a number or a text."""
    for child in list(cell):
        cell.remove(child)
    cell.attrib.pop("t", "")
    if style is not None:
        cell.set("s", style)
    if isinstance(value, Decimal):
        number: _Element = cell.makeelement(_tag(cell, "v"), {})
        number.text = format(value, "f")
        cell.append(number)
        return
    cell.set("t", "inlineStr")
    outer: _Element = cell.makeelement(_tag(cell, "is"), {})
    inner: _Element = cell.makeelement(_tag(cell, "t"), {})
    inner.text = _ESCAPED.sub(_escape, value)
    if value != value.strip():
        inner.set("{http://www.w3.org/XML/1998/namespace}space", "preserve")
    outer.append(inner)
    cell.append(outer)
