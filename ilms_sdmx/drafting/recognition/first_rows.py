"""First rows: figures that look like years, and titles with a unit or a year at their end."""

from __future__ import annotations

from collections.abc import Collection, Iterable, Sequence
from decimal import Decimal
from itertools import pairwise

from ilms_sdmx.conversion.layout.grid import At, Grid
from ilms_sdmx.drafting.recognition.kinds import CellKind, SheetKinds
from ilms_sdmx.periods import find_period, read_period
from ilms_sdmx.tables.cells import Kind
from ilms_sdmx.words import is_unit_line, power_of, says
from ilms_sdmx.words.text import clean, western_digits

#: Fewest years that follow one another in a header of an era that is not read.
_FEWEST_YEARS = 3
#: Years of all calendars that tables print, from the Burmese to the Buddhist.
_FIRST_YEAR, _LAST_YEAR = 1200, 2700


def rows_like_years(kinds: SheetKinds, body: Collection[int]) -> set[int]:
    """Rows above those with figures whose numbers look like years, and that are figures.

    Sums prove it: the total counts the row. Else its label and the row above say it: a header
    below a header has no label of its own, or names no column that has a name already.
    """
    rows: set[int] = set()
    for first in sorted(body):
        row = first - 1
        above: list[int] = []
        while row not in body and _may_be_figures(kinds, row):
            above.insert(0, row)
            row -= 1
        if above and _are_figures(kinds, above, _last_of(body, first)):
            rows.update(above)
    return rows


def counts_years(kinds: SheetKinds, row: int) -> bool:
    """Whether a row without a header above only counts years of any era: `1436`, `1437`.

    Figures of one row next to each other do not follow one another.
    """
    kind_of_column = kinds.row(row)
    first_column, *columns = kind_of_column
    if len(columns) < _FEWEST_YEARS:
        return False
    if kind_of_column[first_column] is not CellKind.WORDS:
        return False
    columns_above = kinds.row(row - 1).keys()
    if not columns_above.isdisjoint(columns):
        return False
    years = [_year(kinds, (row, column)) for column in columns]
    follow = [later - earlier for earlier, later in pairwise(years)]
    is_step_of_one = set(follow) in ({1}, {-1})
    if not is_step_of_one:
        return False
    return min(years) >= _FIRST_YEAR and max(years) <= _LAST_YEAR


def _last_of(body: Collection[int], first: int) -> int:
    """Last row of those with figures that follow one another."""
    last = first
    while last + 1 in body:
        last += 1
    return last


def _may_be_figures(kinds: SheetKinds, row: int) -> bool:
    """Whether a row has a label of words, and only numbers of four digits behind it.

    A period that is more than a year is a label next to it.
    """
    last_word = -1
    columns: list[int] = []
    for column, kind in kinds.row(row).items():
        if kind is CellKind.FIGURE:
            return False
        if kind is CellKind.PERIOD and _year(kinds, (row, column)):
            columns.append(column)
        elif kind is CellKind.WORDS or last_word >= 0:
            last_word = column
        else:
            return False
    if last_word < 0 or not columns:
        return False
    return last_word < columns[0]


def _year(kinds: SheetKinds, at: At) -> int:
    """Number of four digits in a cell, 0 for another text or a date."""
    cell = kinds.grid.cells[at]
    digits = western_digits(cell.text.strip())
    if cell.kind is Kind.DATE or not digits.isdigit():
        return 0
    return int(digits)


def _are_figures(kinds: SheetKinds, rows: Sequence[int], last: int) -> bool:
    """Whether rows that may be figures are some."""
    first = rows[0]
    columns: list[int] = []
    for column, kind in kinds.row(first).items():
        if kind is CellKind.PERIOD and _year(kinds, (first, column)):
            columns.append(column)
    if _add_up(kinds, rows, last, columns):
        return True
    return _has_headed_label(kinds, first, columns)


def _add_up(kinds: SheetKinds, rows: Sequence[int], last: int, columns: Iterable[int]) -> bool:
    """Whether the last row is a total that counts the rows in all of some columns."""
    if not kinds.is_total(last):
        return False
    return all(_adds_up(kinds, rows, last, column) for column in columns)


def _adds_up(kinds: SheetKinds, rows: Sequence[int], last: int, column: int) -> bool:
    """Whether the last row is the sum of the rows above it with some more, not without."""
    total = number_at(kinds.grid, (last, column))
    parts: list[Decimal] = []
    for row in range(rows[0], last):
        number = number_at(kinds.grid, (row, column))
        if number is not None:
            parts.append(number)
    if not total or len(parts) <= len(rows):
        return False
    return sum(parts) == total


def number_at(grid: Grid, at: At) -> Decimal | None:
    """Whole number of a cell, None for none."""
    cell = grid.cells.get(at)
    if cell is None:
        return None
    if isinstance(cell.value, Decimal):
        return cell.value
    digits = western_digits(cell.text.strip()).replace(",", "").replace(".", "")
    if not digits.isdigit():
        return None
    return Decimal(digits)


def _has_headed_label(kinds: SheetKinds, row: int, columns: Sequence[int]) -> bool:
    """Whether a row has a label, and the row above names that column and each figure."""
    if kinds.is_body(row - 1):
        return False
    heads = kinds.row(row - 1)
    label_column = min(kinds.row(row))
    if label_column not in heads or not set(columns) <= heads.keys():
        return False
    label = clean(kinds.grid.text((row, label_column)))
    if _says_time(label):
        return False
    head = clean(kinds.grid.text((row - 1, label_column)))
    return head != label


def _says_time(label: str) -> bool:
    """Whether a label is a word for time: `Year` before the years of a header."""
    period = read_period(label)
    if period.time_period or period.lacks_year:
        return True
    return says(label, "year")


def is_title_with_end(kinds: SheetKinds, row: int) -> bool:
    """Whether a row is a title with a unit or a year at its right end, above a whole header."""
    columns = list(kinds.row(row))
    if len(columns) != 2:
        return False
    first, last = columns
    below = kinds.row(row + 1)
    if first not in below or len(below) < 2 or kinds.is_merged(row):
        return False
    if last < max(below):
        return False
    text = clean(kinds.grid.text((row, last)))
    if is_unit_line(text) or power_of(text):
        return True
    if len(below) == 2 or not _says_period(text):
        return False
    return last > first + 1


def _says_period(text: str) -> bool:
    """Whether a text is a period, or says one."""
    if read_period(text).time_period:
        return True
    return bool(find_period(text).time_period)
