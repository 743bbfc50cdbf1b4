"""Labels that come again in each group of rows: `Other` below `Asia`, and below `Europe`."""

from __future__ import annotations

from collections import Counter
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from decimal import Decimal

from ilms_sdmx.drafting.recognition.first_rows import number_at
from ilms_sdmx.drafting.recognition.printed import PrintedTable
from ilms_sdmx.labels.matching import match_label
from ilms_sdmx.labels.rows import row_kind
from ilms_sdmx.periods import read_period

_SEXES = frozenset({"SEX_F", "SEX_M"})
#: Most rows of a table in which groups are looked for.
_MOST_ROWS = 2000


@dataclass(frozen=True)
class _Rows:
    """Rows with figures of a table, their labels and their numbers.

    Parameters
    ----------
    rows
        Rows of the table.
    labels
        Label of each.
    numbers
        Numbers of each, none where a cell has no number.
    """

    rows: Sequence[int]
    labels: Sequence[str]
    numbers: Sequence[Sequence[Decimal] | None]

    def run_below(self, place: int) -> list[int]:
        """Places below a row that add up to it in every column, at least two; else none."""
        target = self.numbers[place]
        if target is None or not any(target):
            return []
        sums = [Decimal(0)] * len(target)
        run: list[int] = []
        for other in range(place + 1, len(self.rows)):
            numbers = self.numbers[other]
            if numbers is None:
                return []
            sums = list(map(Decimal.__add__, sums, numbers))
            run.append(other)
            if sums == list(target):
                return run if len(run) > 1 else []
            if any(map(Decimal.__gt__, sums, target)):
                return []
        return []


def with_repeated_labels(table: PrintedTable) -> PrintedTable:
    """Table that tells labels apart that come again, where sums prove their groups.

    The row of a group is the sum of those below it, and each group has the label once.
    """
    stubs = [column for column in table.stubs if column < table.last_data]
    if len(stubs) != 1 or len(table.body) > _MOST_ROWS:
        return table
    if table.blocks or table.words:
        return table
    labels = [table.text(row, stubs[0]) for row in table.body]
    counts = Counter(labels)
    repeated = {label for label, count in counts.items() if count > 1}
    are_sexes = repeated and all(map(_is_sex, repeated))
    if not repeated or (any(map(_is_of_other_kind, repeated)) and not are_sexes):
        return table
    numbers = [_numbers(table, row) for row in table.body]
    rows = _Rows(table.body, labels, numbers)
    if are_sexes:
        return _with_heads_of_sexes(table, rows)
    return _with_groups(table, rows, repeated)


def _is_sex(label: str) -> bool:
    return match_label(label, "SEX_").code in _SEXES


def _with_heads_of_sexes(table: PrintedTable, rows: _Rows) -> PrintedTable:
    """Table whose rows of men and women are headed by a row that is the sum of them.

    The same where any row is none of these, or a sum does not come out.
    """
    heads: list[int] = []
    place = 0
    while place < len(rows.rows):
        run = rows.run_below(place)
        labels = [rows.labels[other] for other in run]
        if _is_sex(rows.labels[place]) or not run or not all(map(_is_sex, labels)):
            return table
        heads.append(rows.rows[place])
        place += 1 + len(run)
    return replace(table, head_rows=tuple(heads))


def _is_of_other_kind(label: str) -> bool:
    """Whether a label that comes again is blank, a total, a sex or a time."""
    if not label or row_kind(label).kind == "total":
        return True
    return _is_sex(label) or read_period(label).is_time


def _numbers(table: PrintedTable, row: int) -> list[Decimal] | None:
    """Numbers of a row in all columns of figures, none where a cell has no number."""
    numbers: list[Decimal] = []
    for column in table.data:
        number = number_at(table.grid, (row, column))
        if number is None:
            return None
        numbers.append(number)
    return numbers


def _with_groups(table: PrintedTable, rows: _Rows, repeated: set[str]) -> PrintedTable:
    """Table with the groups of its rows, the same where they tell no labels apart."""
    group_of: dict[int, str] = {}
    heads: dict[str, None] = {}
    place = 0
    while place < len(rows.rows):
        label = rows.labels[place]
        run: list[int] = []
        if label not in repeated:
            run = rows.run_below(place)
        for other in run:
            group_of[other] = label
        if run or place - 1 in group_of:
            heads[label] = None
        place += 1 + len(run)
    if not _tell_apart(rows, group_of, repeated):
        return table
    grouped: dict[int, str] = {}
    for other, group in group_of.items():
        if rows.labels[other] in repeated:
            grouped[rows.rows[other]] = group
    return replace(table, grouped=grouped, heads=tuple(heads))


def _tell_apart(rows: _Rows, group_of: Mapping[int, str], repeated: set[str]) -> bool:
    """Whether each label that comes again is once in each of its groups."""
    known: set[tuple[str, str]] = set()
    for place, label in enumerate(rows.labels):
        if label not in repeated:
            continue
        group = group_of.get(place, "")
        if not group or (group, label) in known:
            return False
        known.add((group, label))
    return True
