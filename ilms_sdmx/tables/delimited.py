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

#: Delimiters that are tried; a comma comes last because it also is inside numbers.
DELIMITERS = ("\t", ";", "|", ",")
_GROUPED = re.compile(r"(?<=\d),(?=\d{3}(?!\d))|(?<=\w), ")
#: First line by which spreadsheets are told the delimiter; it is no line of the table.
_TOLD = re.compile(r"\A\ufeff?\"?sep=([,;|\t])\"?\r?\n", re.IGNORECASE)
_GAP = re.compile(r"\S {2,}\S")
#: Name of the only sheet of a text file.
TEXT_SHEET = "(csv)"


def told(text: str) -> tuple[str, str]:
    """Delimiter that the first line of a text gives (`sep=;`), and the text without that line.

    The delimiter is empty where no line gives one.
    """
    first_line = _TOLD.match(text)
    if first_line is None:
        return "", text
    return first_line.group(1), text[first_line.end() :]


def sniff(text: str) -> str:
    """Delimiter of a text, empty for none.

    The one that gives the same number of fields, two or more, in most lines, quoted fields
    respected; a comma between digits alone is none.
    """
    sample = "\n".join(text.splitlines()[:200])
    if is_fixed_width(text):
        sample = _GROUPED.sub("", sample)
    best_score, best_delimiter = 0.0, ""
    for delimiter in DELIMITERS:
        score = _score(sample, delimiter)
        if score > best_score + 1e-9:
            best_score, best_delimiter = score, delimiter
    needed = 0.3
    if is_fixed_width(text):
        needed = 0.8
    if best_score > needed:
        return best_delimiter
    return ""


def _score(sample: str, delimiter: str) -> float:
    """Share of the lines of a text that have the usual number of fields, two or more."""
    widths = [len(row) for row in _rows(sample, delimiter) if any(row)]
    lines_of_width = Counter(widths)
    lines_of_width.pop(1, None)
    if not lines_of_width:
        return 0.0
    usual = lines_of_width.most_common(1)[0]
    return usual[1] / len(widths)


def is_fixed_width(text: str) -> bool:
    """Whether the columns are held by blanks.

    Three lines or more, and a third of all, have wide gaps.
    """
    lines = wide_lines = 0
    for line in text.splitlines()[:300]:
        if "\t" in line or not line.strip():
            continue
        lines += 1
        if _GAP.search(line):
            wide_lines += 1
    return wide_lines >= 3 and wide_lines >= 0.3 * lines


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
    kind = Kind.TEXT
    for number, row in enumerate(rows, 1):
        fields = len(row)
        if fields > MAX_COLUMNS or number > MAX_ROWS:
            raise _too_large(name, number, fields)
        # No letter of ASCII is raised: most rows need not be looked at any further.
        make = Cell if "".join(row).isascii() else text_cell
        for column, field in enumerate(row, 1):
            if field and not field.isspace():
                cells[number, column] = make(number, column, field, kind)
    return Sheet(sheet, cells)


def _too_large(name: str, line: int, fields: int) -> TableError:
    size = f"line {line} has {fields:,} fields"
    most = f"at most {MAX_COLUMNS:,} columns and {MAX_ROWS:,} rows"
    return TableError(f"{name}: {size}; a sheet has {most}.")


def text_cell(row: int, column: int, text: str, kind: Kind = Kind.TEXT) -> Cell:
    """Cell of a text, raised and lowered characters split off."""
    rich = split_characters(text)
    if rich.is_plain:
        return Cell(row, column, text, kind)
    extra = Extra(rich.superscript, rich.subscript, rich.base)
    return Cell(row, column, text, kind, PLAIN, extra)
