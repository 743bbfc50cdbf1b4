"""Columns of a recognised table: those of labels, of row numbers, and of figures."""

from __future__ import annotations

import re
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field, replace
from itertools import pairwise

from ilms_sdmx.drafting.recognition.flags import flags_of
from ilms_sdmx.drafting.recognition.kinds import CellKind, SheetKinds, is_worded_figure
from ilms_sdmx.tables.cells import Kind
from ilms_sdmx.words import says
from ilms_sdmx.words.text import clean, western_digits

#: Rows above the first figures in which the header of a column is looked for.
_MOST_HEADERS = 3
#: Words of a header of codes: `Province code`, `ISO 3166`.
_MOST_WORDS = 3
_NUMBER = re.compile(r"\(?(\d{1,3})[.)]*")


@dataclass(frozen=True)
class TableColumns:
    """Columns of a table.

    Parameters
    ----------
    stubs, data
        Columns of labels, and of figures.
    counting
        Columns at the left that number the rows.
    codes
        Columns of codes next to the labels: provinces, countries, places on a map.
    flags
        Columns with the flag of the figure at their left.
    spread
        Column of labels to the further ones over which its labels are spread.
    """

    stubs: tuple[int, ...] = ()
    data: tuple[int, ...] = ()
    counting: tuple[int, ...] = ()
    codes: tuple[int, ...] = ()
    flags: tuple[int, ...] = ()
    spread: Mapping[int, tuple[int, ...]] = field(default_factory=dict)

    @property
    def labels(self) -> set[int]:
        """All columns of labels and of row numbers."""
        columns = {*self.stubs, *self.counting, *self.codes, *self.flags}
        for further in self.spread.values():
            columns.update(further)
        return columns

    def joined(self, column: int) -> TableColumns:
        """Columns in which the labels of a column are spread over the next one too."""
        stubs = dict.fromkeys(self.stubs)
        stubs.pop(column + 1, None)
        stubs[column] = None
        counting = dict.fromkeys(self.counting)
        counting.pop(column, None)
        spread = {**self.spread, column: (column + 1,)}
        return replace(
            self, stubs=tuple(sorted(stubs)), counting=tuple(counting), spread=spread
        )


def columns_of(kinds: SheetKinds, body: Sequence[int]) -> TableColumns:
    """Columns of labels and of figures by most of their cells; a first one of years is labels.

    A column that numbers the rows is none of them, unless it has labels of its own.
    """
    columns = TableColumns(flags=flags_of(kinds, body))
    for column in _filled_columns(kinds, body):
        if column in columns.flags:
            continue
        rows = [row for row in body if column in kinds.rows[row]]
        if _holds_codes(kinds, body, rows, column):
            columns = replace(columns, codes=(*columns.codes, column))
        elif not columns.data and _numbers_rows(kinds, rows, column, columns):
            columns = replace(columns, counting=(*columns.counting, column))
        elif _holds_labels(kinds, rows, column, columns):
            columns = replace(columns, stubs=(*columns.stubs, column))
        else:
            columns = replace(columns, data=(*columns.data, column))
    if not columns.stubs:
        columns = replace(columns, stubs=columns.counting, counting=())
    columns = _with_labels_among_numbers(kinds, body, columns)
    return _with_spread_labels(kinds, body, columns)


def _filled_columns(kinds: SheetKinds, body: Iterable[int]) -> list[int]:
    """Columns with a cell in any row."""
    columns: set[int] = set()
    for row in body:
        columns.update(kinds.rows[row])
    return sorted(columns)


def _holds_codes(
    kinds: SheetKinds, body: Sequence[int], rows: Sequence[int], column: int
) -> bool:
    """Whether a column of numbers is codes: by its header, or by zeros before numbers.

    A code may come again, with another sex or year of the same country.
    """
    texts = list(map(western_digits, _texts(kinds, rows, column)))
    if len(set(texts)) < 2:
        return False
    kinds_of_cells = {kinds.rows[row][column] for row in rows}
    if CellKind.WORDS in kinds_of_cells:
        return False
    if _have_zeros(texts):
        return True
    last = body[-1]
    if last in rows and kinds.is_total(last):
        return False
    header = _header(kinds, body[0], column)
    says_code = len(header.split()) <= _MOST_WORDS and says(header, "code")
    are_distinct = len(set(texts)) == len(texts)
    return says_code and (are_distinct or all(map(str.isdigit, texts)))


def _have_zeros(texts: Sequence[str]) -> bool:
    """Whether texts are digits, as many in each, and some begin with 0: `013`, `204`."""
    widths = set(map(len, texts))
    if widths == {1} or len(widths) > 1:
        return False
    if not all(map(str.isdigit, texts)):
        return False
    return any(text.startswith("0") for text in texts)


def _header(kinds: SheetKinds, first: int, column: int) -> str:
    """Nearest text above the first figures of a column, empty for none."""
    for distance in range(1, _MOST_HEADERS + 1):
        text = kinds.grid.text((first - distance, column))
        if text:
            return text
    return ""


def _texts(kinds: SheetKinds, rows: Iterable[int], column: int) -> list[str]:
    return [kinds.grid.text((row, column)) for row in rows]


def _numbers_rows(
    kinds: SheetKinds, rows: Sequence[int], column: int, columns: TableColumns
) -> bool:
    """Whether a column numbers the rows; left of all labels also groups of rows: 1, 1, 2, 2."""
    texts = _texts(kinds, rows, column)
    if numbers_rows(texts):
        return True
    return not columns.stubs and numbers_groups(texts)


def _holds_labels(
    kinds: SheetKinds, rows: Sequence[int], column: int, columns: TableColumns
) -> bool:
    """Whether a column holds labels, after the columns at its left."""
    figures = words = periods = 0
    for row in rows:
        kind = kinds.rows[row][column]
        figures += kind is CellKind.FIGURE
        words += kind is CellKind.WORDS
        periods += kind is CellKind.PERIOD
    if figures * 2 >= len(rows):
        return False
    if periods == len(rows) and _holds_dates(kinds, rows, column):
        return True
    if figures and columns.stubs and _holds_worded_figures(kinds, rows, column):
        return False
    if words > figures or not columns.stubs:
        return True
    return not columns.data and not figures


def _holds_dates(kinds: SheetKinds, rows: Sequence[int], column: int) -> bool:
    """Whether all cells are dates or periods that are more than a number: `2022-11-01`."""
    for row in rows:
        cell = kinds.grid.cells[row, column]
        if cell.kind is not Kind.DATE and cell.text.strip().isdigit():
            return False
    return bool(rows)


def _holds_worded_figures(kinds: SheetKinds, rows: Sequence[int], column: int) -> bool:
    """Whether all cells of words are one number with words next to it: `men only 58`."""
    for row in rows:
        is_words = kinds.rows[row][column] is CellKind.WORDS
        if is_words and not is_worded_figure(kinds.grid.text((row, column))):
            return False
    return True


def _with_labels_among_numbers(
    kinds: SheetKinds, body: Sequence[int], columns: TableColumns
) -> TableColumns:
    """Columns in which row numbers with labels among them are a part of the labels."""
    for column in columns.counting:
        if column + 1 in columns.stubs and _has_lone_words(kinds, body, column):
            columns = columns.joined(column)
    return columns


def _has_lone_words(kinds: SheetKinds, body: Iterable[int], column: int) -> bool:
    """Whether a column has words in a row where the next one has none."""
    for row in body:
        is_words = kinds.rows[row].get(column) is CellKind.WORDS
        if is_words and not kinds.grid.text((row, column + 1)):
            return True
    return False


def _with_spread_labels(
    kinds: SheetKinds, body: Sequence[int], columns: TableColumns
) -> TableColumns:
    """Columns in which two of labels are one, as each row has its label in one of them."""
    first_data = min(columns.data, default=0)
    before = [column for column in columns.stubs if column < first_data]
    for left, right in pairwise(before):
        if right != left + 1 or left in columns.spread:
            continue
        if _take_turns(kinds, body, left, right):
            return columns.joined(left)
    return columns


def _take_turns(kinds: SheetKinds, body: Iterable[int], left: int, right: int) -> bool:
    """Whether two columns have several texts each, and never both in one row."""
    left_texts = right_texts = 0
    for row in body:
        has_left = bool(kinds.grid.text((row, left)))
        has_right = bool(kinds.grid.text((row, right)))
        if has_left and has_right:
            return False
        left_texts += has_left
        right_texts += has_right
    return min(left_texts, right_texts) > 1


def _row_numbers(texts: Iterable[str]) -> list[int | None]:
    """Numbers that texts are, None for words."""
    numbers: list[int | None] = []
    for text in texts:
        match = _NUMBER.fullmatch(western_digits(clean(text)))
        numbers.append(int(match.group(1)) if match else None)
    return numbers


def numbers_rows(texts: Iterable[str]) -> bool:
    """Whether texts count 1, 2, 3, from 1 again in each group, but for words next to totals.

    >>> numbers_rows(["๑", "๒", "รวม"]), numbers_rows(["1", "3"])
    (True, False)
    """
    numbers = _row_numbers(texts)
    counted = [number for number in numbers if number is not None]
    if len(counted) < 2 or counted[0] != 1:
        return False
    for number, next_number in pairwise(counted):
        if next_number not in (number + 1, 1):
            return False
    return len(numbers) <= 2 * len(counted)


def numbers_groups(texts: Sequence[str]) -> bool:
    """Whether texts count groups of rows that have the number of their group each.

    >>> numbers_groups(["1", "1", "2", "2", "3"]), numbers_groups(["1", "1", "1"])
    (True, False)
    """
    runs: list[str] = []
    for text in texts:
        if not runs or text != runs[-1]:
            runs.append(text)
    return len(runs) > 2 and numbers_rows(runs)


def is_numbering(texts: Sequence[str]) -> bool:
    """Whether a row only numbers the columns: `(1)`, `(2)`, `(3)`."""
    numbers = _row_numbers(texts)
    if len(numbers) < 3 or None in numbers:
        return False
    first = numbers[0] or 0
    expected = list(range(first, first + len(numbers)))
    return first <= 2 and numbers == expected
