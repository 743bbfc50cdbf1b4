"""Tables in text files: separated by a character, or in columns of fixed width."""

from __future__ import annotations

import csv
import io
import re
from collections import Counter
from collections.abc import Iterable

from ilms_sdmx.errors import TableError
from ilms_sdmx.tables.addresses import MAX_COLUMNS, MAX_ROWS
from ilms_sdmx.tables.cells import PLAIN, Cell, Extra, Kind, Sheet
from ilms_sdmx.tables.richtext import split_characters

#: Delimiters that are tried; a comma comes last because it also stands inside numbers.
DELIMITERS = ("\t", ";", "|", ",")
_GROUPED = re.compile(r"(?<=\d),(?=\d{3}(?!\d))|(?<=\w), ")
#: First line by which spreadsheets are told the delimiter; it is no line of the table.
_TOLD = re.compile(r"\A\ufeff?\"?sep=([,;|\t])\"?\r?\n", re.IGNORECASE)
_GAP = re.compile(r"\S {2,}\S")
#: Name of the only sheet of a text file.
TEXT_SHEET = "(csv)"


def told(text: str) -> tuple[str, str]:
    """Delimiter that the first line of a text tells (`sep=;`), empty for none, and the text without it."""
    match = _TOLD.match(text)
    return (match.group(1), text[match.end() :]) if match else ("", text)


def sniff(text: str) -> str:
    """Delimiter of a text, empty for none.

    The one that gives the same number of fields, two or more, in most lines, quoted fields respected; a
    comma between digits alone is none.
    """
    sample = "\n".join(text.splitlines()[:200])
    if is_fixed_width(text):
        sample = _GROUPED.sub("", sample)
    best, found = 0.0, ""
    for delimiter in DELIMITERS:
        widths = [len(r) for r in _rows(sample, delimiter) if any(r)]
        usual, lines = (
            Counter(w for w in widths if w > 1).most_common(1)[0]
            if max(widths, default=0) > 1
            else (0, 0)
        )
        score = lines / len(widths) if usual else 0.0
        if score > best + 1e-9:
            best, found = score, delimiter
    return found if best > (0.8 if is_fixed_width(text) else 0.3) else ""


def is_fixed_width(text: str) -> bool:
    """Whether the columns are held by blanks: three lines or more, and a third of all, have wide gaps."""
    lines = [line for line in text.splitlines()[:300] if line.strip() and "\t" not in line]
    wide = [line for line in lines if _GAP.search(line)]
    return len(wide) >= 3 and len(wide) >= 0.3 * len(lines)


def _rows(text: str, delimiter: str) -> list[list[str]]:
    csv.field_size_limit(10_000_000)
    try:
        return list(csv.reader(io.StringIO(text, newline=""), delimiter=delimiter))
    except csv.Error as error:
        raise TableError(f"The text is not separated by {delimiter!r}: {error}.") from error


def read_delimited(text: str, name: str, delimiter: str) -> Sheet:
    """Sheet of a text whose fields are separated by `delimiter`."""
    return sheet_of_rows(_rows(text, delimiter), name)


def sheet_of_rows(rows: Iterable[list[str]], name: str, sheet: str = TEXT_SHEET) -> Sheet:
    """Sheet of rows of text; empty fields give no cell."""
    cells: dict[tuple[int, int], Cell] = {}
    for number, row in enumerate(rows, 1):
        if len(row) > MAX_COLUMNS or number > MAX_ROWS:
            raise TableError(
                f"{name}: line {number} has {len(row):,} fields; a sheet has at most {MAX_COLUMNS:,} columns "
                f"and {MAX_ROWS:,} rows."
            )
        for column, field in enumerate(row, 1):
            if field and not field.isspace():
                cells[number, column] = text_cell(number, column, field)
    return Sheet(sheet, cells)


def text_cell(row: int, column: int, text: str) -> Cell:
    """Cell of a text, raised and lowered characters split off."""
    rich = split_characters(text)
    if rich.is_plain:
        return Cell(row, column, text, Kind.TEXT)
    return Cell(
        row, column, text, Kind.TEXT, PLAIN, Extra(rich.superscript, rich.subscript, rich.base)
    )
