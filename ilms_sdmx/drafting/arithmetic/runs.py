"""Rows that are the sum of the rows directly below or above them, whatever their labels say."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from decimal import Decimal
from functools import lru_cache

from ilms_sdmx import structures
from ilms_sdmx.drafting.arithmetic.numbers import NumberGrid
from ilms_sdmx.drafting.arithmetic.results import Arithmetic, Sum
from ilms_sdmx.drafting.recognition.headed import HeadedTable
from ilms_sdmx.drafting.recognition.headings import Heading
from ilms_sdmx.drafting.recognition.roles import EVERY_LABEL, NO_COUNTS, Role
from ilms_sdmx.mapping.buckets import Bucket

#: Most rows of a table in which runs are looked for.
_MOST_ROWS = 2000
#: Smallest number of one column alone that is no sum by chance.
_LARGE = 100
_ZERO = Decimal(0)


@dataclass(frozen=True)
class _Lines:
    """Rows of a table that may be sums or parts, without those that are no counts.

    Parameters
    ----------
    labels
        Label of each row.
    numbers
        Numbers of each row in the columns that count.
    known
        Label to its bucket, where it has one.
    heads
        Labels of rows whose groups several labels prove that come again in each.
    """

    labels: Sequence[str]
    numbers: Sequence[Sequence[Decimal | None]]
    known: Mapping[str, Bucket]
    heads: Sequence[str] = ()

    def run(self, place: int, step: int) -> list[int]:
        """Rows next to a row that add up to it in every column, at least two; else none."""
        target = [number or _ZERO for number in self.numbers[place]]
        is_head = self.labels[place] in self.heads
        if not is_head and not _may_be_sum(target):
            return []
        sums = [_ZERO] * len(target)
        run: list[int] = []
        other = place + step
        while 0 <= other < len(self.labels) and self.labels[other] not in self.known:
            sums = _added(sums, self.numbers[other])
            run.append(other)
            if any(map(Decimal.__gt__, sums, target)):
                return []
            if len(run) > 1 and sums == target:
                return sorted(run)
            other += step
        return []


def _may_be_sum(target: Sequence[Decimal]) -> bool:
    """Whether numbers are enough that a sum is no chance."""
    numbers = list(filter(None, target))
    if len(numbers) < 2:
        return bool(numbers) and numbers[0] >= _LARGE
    return True


def _added(sums: Sequence[Decimal], numbers: Sequence[Decimal | None]) -> list[Decimal]:
    """Sums with the numbers of one more row."""
    added: list[Decimal] = []
    for amount, number in zip(sums, numbers, strict=True):
        added.append(amount + (number or _ZERO))
    return added


def with_runs(numbers: NumberGrid, arithmetic: Arithmetic) -> Arithmetic:
    """Arithmetic with rows without a role that are the sum of those next to them."""
    column = _column_of_labels(numbers.table)
    if column is None:
        return arithmetic
    heading = numbers.table.rows[column]
    lines = _lines(numbers, arithmetic, column)
    if EVERY_LABEL in lines.known or len(set(lines.labels)) < len(lines.labels):
        return arithmetic
    taken: set[int] = set()
    for place, label in enumerate(lines.labels):
        if label in lines.known or place in taken or _is_one(heading, label):
            continue
        run = lines.run(place, 1) or lines.run(place, -1)
        if run:
            taken.update(run)
            arithmetic = _with_run(arithmetic, heading, lines, place, run)
    return arithmetic


def _column_of_labels(table: HeadedTable) -> int | None:
    """Column of the labels that may be sums; None for several, none, or too many rows."""
    columns: list[int] = []
    for column, heading in table.rows.items():
        if heading.role not in {"number", "period"}:
            columns.append(column)
    if len(columns) != 1 or len(table.body) > _MOST_ROWS:
        return None
    return columns[0]


def _lines(numbers: NumberGrid, arithmetic: Arithmetic, column: int) -> _Lines:
    """Rows that may be sums or parts, with their numbers in the columns that count."""
    table = numbers.table
    known = arithmetic.roles.buckets(table.rows[column].name)
    percents = arithmetic.roles.labels_in({Bucket.PERCENT})
    columns = table.printed.columns_without(percents)
    labels: list[str] = []
    of_rows: list[list[Decimal | None]] = []
    for row in table.body:
        label = table.row_label(row, column)
        if known.get(label) not in NO_COUNTS:
            labels.append(label)
            of_rows.append(numbers.of_row(row, columns))
    return _Lines(labels, of_rows, known, table.printed.heads)


def _with_run(
    arithmetic: Arithmetic, heading: Heading, lines: _Lines, place: int, run: Sequence[int]
) -> Arithmetic:
    """Arithmetic with a row that is the sum of a run of others."""
    name = heading.name
    label = lines.labels[place]
    parts = tuple(lines.labels[other] for other in run)
    compared = len(lines.numbers[place])
    side = "above"
    if run[0] > place:
        side = "below"
    question = f"the {len(parts)} rows {side} add up to it"
    role = Role(name, label, Bucket.TOTAL, question, is_sum_of_some=True)
    one_sum = Sum(name, label, compared, compared, parts=parts)
    with_role = arithmetic.with_roles(role)
    return with_role.with_sums(one_sum)


def _is_one(heading: Heading, label: str) -> bool:
    """Whether a label is one country, industry or the like: a sum would be chance."""
    code = heading.code_of(label)
    if not code or heading.role not in {"country", "citizenship"}:
        return bool(code)
    return code.rpartition("_")[2] in _countries()


@lru_cache(maxsize=1)
def _countries() -> frozenset[str]:
    """Codes of single countries and areas."""
    crosswalk = structures.crosswalk()
    is_country = crosswalk["kind"].isin(["country", "former"])
    return frozenset(crosswalk.loc[is_country, "code"].astype(str)) - {""}
