"""Tables of codes next to a mapping file.

CSV as people and spreadsheets save it, and workbooks.
"""

from __future__ import annotations

import codecs
import csv
import io
from collections.abc import Mapping
from dataclasses import dataclass
from decimal import Decimal
from pathlib import Path

from ilms_sdmx.errors import TableError
from ilms_sdmx.mapping.file.nodes import Node, with_nearest
from ilms_sdmx.tables.cells import Cell, Sheet
from ilms_sdmx.tables.safe_cells import unguarded
from ilms_sdmx.tables.workbooks import read_workbook

#: Columns of a code map, the first two required.
COLUMNS = ("source", "code", "name", "valid_from", "valid_to", "note")
#: Further columns of the list of what a person has to decide.
LISTED = ("map", "component", "suggestions", "rule", "sheet", "cell", "affects", "fix")
#: Old names of columns of the list, still read.
_FORMER = ("mend",)
#: Code of a row that a person has not decided yet.
UNDECIDED = "?"
#: Rules whose findings a code answers, and a period.
LABEL, PERIOD = "unknown-label", "unknown-period"
#: Beginnings of workbooks: ZIP and OLE.
_BOOKS = (b"PK\x03\x04", bytes.fromhex("D0CF11E0A1B11AE1"))

#: Marks at the beginning of a text in UTF-16, and characters between the columns of a text.
_UTF16 = (codecs.BOM_UTF16_LE, codecs.BOM_UTF16_BE)
_DELIMITERS = ",;\t"
_KNOWN = frozenset({*COLUMNS, *LISTED, *_FORMER})


@dataclass(frozen=True, slots=True)
class Row:
    """One row of a table: its number in the file, counted from 1, and its texts by column."""

    number: int
    texts: Mapping[str, str]

    def text(self, column: str) -> str:
        """Text of a column without blanks around it, empty where there is no such column."""
        return self.texts.get(column, "").strip()

    @property
    def source(self) -> str:
        """Label as printed."""
        return self.texts["source"]

    def place(self, node: Node) -> str:
        """Say where the row is in the file that a node names."""
        file = node.text()
        return f"in row {self.number} of {file}"

    @property
    def asks_label(self) -> bool:
        """Whether the row is about a label; every row of a plain code map is."""
        return self.text("rule") in ("", LABEL)

    @property
    def asks_period(self) -> bool:
        """Whether the row is about a period."""
        return self.text("rule") == PERIOD

    def decided(self, node: Node) -> str:
        """Code of the row; a question that is still open is an error."""
        code = self.text("code")
        if code == UNDECIDED:
            question = f"an open question for {self.source!r}"
            node.fail(f"a code {self.place(node)}", question)
        return code


@dataclass(frozen=True, slots=True)
class NamedFile:
    """File that a mapping file names, and its bytes."""

    path: Path
    content: bytes


def load(node: Node, folder: Path) -> NamedFile:
    """File that a node names; it must be next to the mapping or below."""
    expected = "a file next to the mapping"
    name = node.text()
    path = folder / name
    home = folder.resolve()
    if not path.resolve().is_relative_to(home):
        node.fail(expected, repr(name))
    try:
        return NamedFile(path, path.read_bytes())
    except OSError as error:
        node.fail(expected, f"{name!r} ({error.strerror})")


def read_rows(node: Node, raw: bytes) -> list[Row]:
    """Rows of a CSV file or of the first sheet of a workbook, blank ones left out."""
    is_book = raw.startswith(_BOOKS)
    read = _of_workbook if is_book else _of_text
    header, rows = read(node, raw)
    for column in header:
        if column not in _KNOWN:
            listed = ", ".join(COLUMNS)
            node.fail(f"the columns {listed}", with_nearest(column, COLUMNS))
    for column in ("source", "code"):
        if column not in header:
            present = ", ".join(header)
            node.fail("the columns source and code", present or "nothing")
    return [row for row in rows if any(row.texts.values())]


Texts = tuple[list[str], list[Row]]


def _of_text(node: Node, raw: bytes) -> Texts:
    """Header and rows of a CSV file, whatever its delimiter."""
    text = _decoded(node, raw)
    first_line, _, _ = text.partition("\n")
    delimiter = max(_DELIMITERS, key=first_line.count)
    stream = io.StringIO(text)
    lines = list(csv.reader(stream, delimiter=delimiter))
    if not lines:
        return [], []
    header = lines[0]
    rows = []
    for number, line in enumerate(lines[1:], 2):
        row = _row(header, number, line)
        rows.append(row)
    return header, rows


def _row(header: list[str], number: int, line: list[str]) -> Row:
    """Row of a CSV file; an apostrophe before what looks like a formula is left out."""
    texts = dict.fromkeys(header, "")
    texts.update(zip(header, line, strict=False))
    source = texts.get("source", "")
    if "rule" in texts:
        texts["source"] = unguarded(source)
    return Row(number, texts)


def _decoded(node: Node, raw: bytes) -> str:
    """Text of a file in UTF-8, or in UTF-16 with its mark as spreadsheets save it."""
    encoding = "utf-16" if raw.startswith(_UTF16) else "utf-8-sig"
    try:
        return raw.decode(encoding)
    except UnicodeDecodeError as error:
        line = raw[: error.start].count(b"\n") + 1
        met = f"other bytes in line {line} of {node.text()}"
        node.fail("a file in UTF-8: save it as `CSV UTF-8`", met)


def _of_workbook(node: Node, raw: bytes) -> Texts:
    """Header and rows of the first sheet of a workbook."""
    try:
        sheet = read_workbook(raw, name=node.text()).sheets[0]
    except TableError as error:
        node.fail("a workbook or a CSV file", str(error).rstrip("."))
    columns = {}
    for cell in sheet:
        name = cell.text.strip()
        if cell.row == 1 and name:
            columns[name] = cell.column
    rows = []
    for number in range(2, sheet.rows + 1):
        rows.append(_of_sheet(sheet, number, columns))
    return list(columns), rows


def _of_sheet(sheet: Sheet, number: int, columns: dict[str, int]) -> Row:
    """Row of a sheet."""
    texts = {}
    for name, column in columns.items():
        cell = sheet.at(number, column)
        texts[name] = _typed(cell)
    return Row(number, texts)


def _typed(cell: Cell) -> str:
    """Text of a cell as it was typed.

    No format of numbers applied, no raised type split off.
    """
    value = cell.value
    if isinstance(value, Decimal):
        return format(value.normalize(), "f")
    if isinstance(value, str):
        return value
    return cell.text
