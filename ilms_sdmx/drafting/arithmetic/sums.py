"""Totals of rows and of columns that are the sum of the others, and those that are more."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from decimal import Decimal

from ilms_sdmx.drafting.arithmetic.numbers import NumberGrid
from ilms_sdmx.drafting.arithmetic.results import Arithmetic, Sum
from ilms_sdmx.drafting.recognition.headed import HeadedTable
from ilms_sdmx.drafting.recognition.headings import Heading
from ilms_sdmx.drafting.recognition.roles import EVERY_LABEL, NO_COUNTS, Role, Roles
from ilms_sdmx.labels.rows import row_kind
from ilms_sdmx.mapping.layout import Bucket

#: Labels of one row or column, each with its number.
Line = Sequence[tuple[str, Decimal | None]]
Labels = Mapping[int, str]
#: Largest difference of a sum and its total that agree.
_TOLERANCE = 1


@dataclass(frozen=True)
class _Comparison:
    """Sums of lines and their totals.

    Parameters
    ----------
    pairs
        Sum and total of each line that has both.
    labels
        Labels of the parts.
    """

    pairs: Sequence[tuple[Decimal, Decimal]]
    labels: frozenset[str]

    @property
    def agree(self) -> int:
        """How many sums agree."""
        agree = 0
        for parts, total in self.pairs:
            agree += abs(parts - total) <= _TOLERANCE
        return agree

    @property
    def is_more(self) -> bool:
        """Whether every total is more than its sum, and most sums do not agree."""
        if self.agree > len(self.pairs) / 2:
            return False
        return all(parts < total for parts, total in self.pairs)


def with_sums(numbers: NumberGrid, arithmetic: Arithmetic) -> Arithmetic:
    """Arithmetic with the totals of rows, of groups of rows and of columns."""
    no_counts = arithmetic.roles.labels_in(NO_COUNTS)
    columns = numbers.printed.columns_without(no_counts)
    for column, heading in numbers.table.rows.items():
        lines = _lines_of_rows(numbers, columns, column)
        arithmetic = _with_heading(arithmetic, heading, lines)
    counted_rows = _counted_rows(numbers, arithmetic.roles)
    if numbers.table.block is not None:
        lines = _lines_of_groups(numbers, columns, counted_rows)
        arithmetic = _with_heading(arithmetic, numbers.table.block, lines)
    return _with_columns(numbers, arithmetic, columns, counted_rows)


def _lines_of_rows(numbers: NumberGrid, columns: Sequence[int], column: int) -> Iterator[Line]:
    """Lines down the columns: rows whose other labels are the same, by a column of labels."""
    table = numbers.table
    labels = {row: table.row_label(row, column) for row in table.body}
    others: list[Labels] = []
    for other in table.rows:
        if other != column and other < table.printed.last_data:
            others.append(table.printed.filled(other))
    if table.block is not None:
        others.append(table.printed.group_of())
    if table.printed.blocks:
        others.append(table.printed.block_of())
    groups = _grouped(table.body, others)
    return _lines_down(numbers, columns, groups, labels)


def _lines_of_groups(
    numbers: NumberGrid, columns: Sequence[int], rows: Sequence[int]
) -> Iterator[Line]:
    """Lines down the columns: rows with the same labels, by the words that head groups."""
    table = numbers.table
    others = list(map(table.printed.filled, table.rows))
    groups = _grouped(rows, others)
    return _lines_down(numbers, columns, groups, table.printed.group_of())


def _lines_down(
    numbers: NumberGrid,
    columns: Sequence[int],
    groups: Sequence[Sequence[int]],
    labels: Labels,
) -> Iterator[Line]:
    """Lines of groups of rows in each column."""
    for column in columns:
        for group in groups:
            yield [(labels[row], numbers.at(row, column)) for row in group]


def _grouped(places: Iterable[int], others: Sequence[Labels]) -> list[list[int]]:
    """Rows or columns whose other labels are the same: only they can add up."""
    groups: dict[tuple[str, ...], list[int]] = {}
    for place in places:
        key = tuple(labels.get(place, "") for labels in others)
        groups.setdefault(key, []).append(place)
    return list(groups.values())


def _with_columns(
    numbers: NumberGrid,
    arithmetic: Arithmetic,
    columns: Sequence[int],
    rows: Sequence[int],
) -> Arithmetic:
    """Arithmetic with the totals of header rows, in rows that count."""
    table = numbers.table
    where: tuple[tuple[str, str], ...] = ()
    if len(rows) < len(table.body):
        where = tuple((role.heading, role.label) for role in arithmetic.roles.counts)
    header_rows = list(table.columns)
    for row, heading in table.columns.items():
        texts = table.printed.head(row)
        merged = _merged_total(numbers, arithmetic.roles, columns, row)
        if merged is not None:
            lines = _lines_of_merged(numbers, rows, merged, texts)
            over = table.columns[merged.row_below].name
            arithmetic = _with_heading(arithmetic, heading, lines, over=over)
            continue
        others = [table.printed.head(other) for other in header_rows if other != row]
        groups = _grouped(columns, others)
        lines = _lines_across(numbers, rows, groups, texts)
        arithmetic = _with_heading(arithmetic, heading, lines, where=where)
    return arithmetic


def _lines_across(
    numbers: NumberGrid,
    rows: Sequence[int],
    groups: Sequence[Sequence[int]],
    texts: Labels,
) -> Iterator[Line]:
    """Lines of groups of columns in each row."""
    for row in rows:
        for group in groups:
            yield [(texts[column], numbers.at(row, column)) for column in group]


@dataclass(frozen=True)
class _MergedTotal:
    """Total merged over the row below it, which names the parts.

    Parameters
    ----------
    column
        Column of the total.
    parts
        Columns of the parts.
    row_below
        Row of the header that names the parts.
    """

    column: int
    parts: Sequence[int]
    row_below: int


def _merged_total(
    numbers: NumberGrid, roles: Roles, columns: Sequence[int], row: int
) -> _MergedTotal | None:
    """Total of a header row that is merged over the row below, if all others are its parts."""
    table = numbers.table
    total = _only_total(roles, table.columns[row])
    row_below = _row_below(table, row)
    if not total or row_below is None:
        return None
    if roles.of(table.columns[row_below].name):
        return None
    texts = table.printed.head(row)
    labels = table.printed.head(row_below)
    parts: list[int] = []
    totals: list[int] = []
    for column in columns:
        if labels[column]:
            parts.append(column)
        elif texts[column] == total:
            totals.append(column)
    distinct_parts = set(map(labels.__getitem__, parts))
    if len(totals) != 1 or len(parts) + 1 != len(columns):
        return None
    if len(parts) < 2 or len(distinct_parts) < len(parts):
        return None
    return _MergedTotal(totals[0], parts, row_below)


def _row_below(table: HeadedTable, row: int) -> int | None:
    """Next row of the header, None for the last."""
    for other in table.columns:
        if other > row:
            return other
    return None


def _lines_of_merged(
    numbers: NumberGrid, rows: Iterable[int], merged: _MergedTotal, texts: Labels
) -> Iterator[Line]:
    """Lines of a merged total and its parts in each row."""
    total = texts[merged.column]
    for row in rows:
        line: list[tuple[str, Decimal | None]] = [(total, numbers.at(row, merged.column))]
        for number in numbers.of_row(row, merged.parts):
            line.append(("", number))
        yield line


def _counted_rows(numbers: NumberGrid, roles: Roles) -> list[int]:
    """Rows that hold no percents, by their labels or as all rows do that are no counts."""
    counts = {(role.heading, role.label) for role in roles.counts}
    percents: set[int] = set()
    for column, heading in numbers.table.rows.items():
        buckets = roles.buckets(heading.name)
        of_shares = EVERY_LABEL in buckets
        for row in numbers.body:
            label = numbers.table.row_label(row, column)
            is_share = of_shares and (heading.name, label) not in counts
            if is_share or buckets.get(label) is Bucket.PERCENT:
                percents.add(row)
    return [row for row in numbers.body if row not in percents]


def _with_heading(
    arithmetic: Arithmetic,
    heading: Heading,
    lines: Iterable[Line],
    *,
    where: tuple[tuple[str, str], ...] = (),
    over: str = "",
) -> Arithmetic:
    """Arithmetic with a check where a heading has one total, and how many sums agree."""
    total = _only_total(arithmetic.roles, heading)
    if not total:
        return arithmetic
    comparison = _compared(lines, total, arithmetic.roles.buckets(heading.name))
    agree = comparison.agree
    if len(comparison.labels) == 1 and not agree and not over:
        if heading.role != "sex":
            return arithmetic
        (label,) = comparison.labels
        return arithmetic.with_roles(Role(heading.name, label, Bucket.OF_WHICH))
    if not comparison.pairs:
        return arithmetic
    compared = len(comparison.pairs)
    is_more = comparison.is_more
    one_sum = Sum(heading.name, total, agree, compared, is_more, where=where, over=over)
    return arithmetic.with_sums(one_sum)


def _only_total(roles: Roles, heading: Heading) -> str:
    """Label of the total of a heading, empty where it has none, several, or shares."""
    if heading.role == "measure":
        return ""
    totals: list[str] = []
    for role in roles.of(heading.name):
        if role.label == EVERY_LABEL:
            return ""
        if role.bucket is Bucket.TOTAL and not role.is_sum_of_some:
            totals.append(role.label)
    if len(totals) > 1:
        totals = [label for label in totals if row_kind(label).kind == "total"]
    return totals[0] if len(set(totals)) == 1 else ""


def _compared(lines: Iterable[Line], total: str, buckets: Mapping[str, Bucket]) -> _Comparison:
    """Sums of the parts of lines and their totals, where a line has both."""
    pairs: list[tuple[Decimal, Decimal]] = []
    labels: set[str] = set()
    for line in lines:
        amount = _number_of(line, total)
        if amount is None:
            continue
        parts = _parts_of(line, buckets)
        labels.update(parts)
        if parts:
            pairs.append((sum(parts.values(), Decimal(0)), amount))
    return _Comparison(pairs, frozenset(labels))


def _number_of(line: Line, label: str) -> Decimal | None:
    """Number of the first place of a line with a label."""
    for other, number in line:
        if other == label:
            return number
    return None


def _parts_of(line: Line, buckets: Mapping[str, Bucket]) -> dict[str, Decimal]:
    """Parts of a line by label, those with the same label together."""
    parts: dict[str, Decimal] = {}
    for label, number in line:
        bucket = buckets.get(label, Bucket.OBSERVATION)
        if number is not None and bucket is Bucket.OBSERVATION:
            parts[label] = parts.get(label, Decimal(0)) + number
    return parts
