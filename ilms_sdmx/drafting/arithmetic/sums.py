"""Totals of rows and of columns that are the sum of the others, and those that are more."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, replace

from ilms_sdmx.conversion.layout.grid import At
from ilms_sdmx.drafting.arithmetic.amounts import Amounts
from ilms_sdmx.drafting.arithmetic.numbers import NumberGrid
from ilms_sdmx.drafting.arithmetic.results import Arithmetic, Sum
from ilms_sdmx.drafting.recognition.headed import HeadedTable
from ilms_sdmx.drafting.recognition.headings import Heading
from ilms_sdmx.drafting.recognition.roles import EVERY_LABEL, NO_COUNTS, Role, Roles
from ilms_sdmx.drafting.recognition.units import other_measure
from ilms_sdmx.labels.rows import row_kind
from ilms_sdmx.mapping.buckets import Bucket
from ilms_sdmx.sums import SumComparison, SumVerdict, Term, compare

#: Figures of one row or column, each with its label.
Line = Sequence[tuple[str, Term]]
Labels = Mapping[int, str]
#: Roles of headings whose labels are lists that a table may print in part: its largest
#: countries.
_OPEN_LISTS = ("country", "citizenship")


def with_sums(numbers: NumberGrid, arithmetic: Arithmetic) -> Arithmetic:
    """Arithmetic with the totals of rows, of groups of rows and of columns."""
    amounts = Amounts(numbers, arithmetic.roles)
    no_counts = arithmetic.roles.labels_in(NO_COUNTS)
    columns = numbers.printed.columns_without(no_counts)
    for column, heading in numbers.table.rows.items():
        lines = _lines_of_rows(amounts, columns, column)
        arithmetic = _with_heading(amounts, arithmetic, heading, lines)
    counted_rows = _counted_rows(numbers, arithmetic.roles)
    if numbers.table.block is not None:
        lines = _lines_of_groups(amounts, columns, counted_rows)
        arithmetic = _with_heading(amounts, arithmetic, numbers.table.block, lines)
    return _with_columns(amounts, arithmetic, columns, counted_rows)


def _lines_of_rows(amounts: Amounts, columns: Sequence[int], column: int) -> Iterator[Line]:
    """Lines down the columns: rows whose other labels are the same, by a column of labels."""
    table = amounts.numbers.table
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
    return _lines_down(amounts, columns, groups, labels)


def _lines_of_groups(
    amounts: Amounts, columns: Sequence[int], rows: Sequence[int]
) -> Iterator[Line]:
    """Lines down the columns: rows with the same labels, by the words that head groups."""
    table = amounts.numbers.table
    others = list(map(table.printed.filled, table.rows))
    groups = _grouped(rows, others)
    return _lines_down(amounts, columns, groups, table.printed.group_of())


def _lines_down(
    amounts: Amounts,
    columns: Sequence[int],
    groups: Sequence[Sequence[int]],
    labels: Labels,
) -> Iterator[Line]:
    """Lines of groups of rows in each column."""
    for column in columns:
        for group in groups:
            places = [(labels[row], (row, column)) for row in group]
            yield _line(amounts, places)


def _line(amounts: Amounts, places: Iterable[tuple[str, At]]) -> Line:
    """Figures at some places with their labels; places without a cell are left out."""
    line: list[tuple[str, Term]] = []
    for label, place in places:
        term = amounts.term(*place)
        if term is not None:
            line.append((label, term))
    return line


def _grouped(places: Iterable[int], others: Sequence[Labels]) -> list[list[int]]:
    """Rows or columns whose other labels are the same: only they can add up."""
    groups: dict[tuple[str, ...], list[int]] = {}
    for place in places:
        key = tuple(labels.get(place, "") for labels in others)
        groups.setdefault(key, []).append(place)
    return list(groups.values())


def _with_columns(
    amounts: Amounts,
    arithmetic: Arithmetic,
    columns: Sequence[int],
    rows: Sequence[int],
) -> Arithmetic:
    """Arithmetic with the totals of header rows, in rows that count."""
    table = amounts.numbers.table
    where: tuple[tuple[str, str], ...] = ()
    if len(rows) < len(table.body):
        where = tuple((role.heading, role.label) for role in arithmetic.roles.counts)
    header_rows = list(table.columns)
    for row, heading in table.columns.items():
        texts = table.printed.head(row)
        merged = _merged_total(amounts.numbers, arithmetic.roles, columns, row)
        if merged is not None:
            lines = _lines_of_merged(amounts, rows, merged, texts)
            over = table.columns[merged.row_below].name
            arithmetic = _with_heading(amounts, arithmetic, heading, lines, over=over)
            continue
        others = [table.printed.head(other) for other in header_rows if other != row]
        alike = _of_one_measure(amounts, arithmetic.roles, rows, heading, texts)
        if alike:
            arithmetic = arithmetic.with_sums(alike)
            continue
        groups = _grouped(columns, others)
        lines = _lines_across(amounts, rows, groups, texts)
        arithmetic = _with_heading(amounts, arithmetic, heading, lines, where=where)
    return arithmetic


def _of_one_measure(
    amounts: Amounts, roles: Roles, rows: Sequence[int], heading: Heading, texts: Labels
) -> Sum | None:
    """Sum of the columns of one measure among those of several: money next to persons.

    None where all columns are of one, or no measure adds up to the total.
    """
    measures = {label: other_measure(label) for label in heading.labels}
    total = _only_total(roles, heading)
    of_total = [column for column, text in texts.items() if text == total]
    if not total or not any(measures.values()) or len(of_total) != 1:
        return None
    [column_of_total] = of_total
    count = len(rows)
    for measure in dict.fromkeys(measures.values()):
        parts = []
        for label in heading.labels:
            if measures[label] == measure and label != total:
                parts.append(label)
        if len(parts) < 2:
            continue
        columns = [column for column, text in texts.items() if text in parts]
        if _all_add_up(amounts.numbers, rows, columns, column_of_total):
            return Sum(heading.name, total, count, count, parts=tuple(parts))
    return None


def _all_add_up(
    numbers: NumberGrid, rows: Iterable[int], columns: Sequence[int], total: int
) -> bool:
    """Whether figures of all rows add up to that of one column as they are printed."""
    return all(_adds_up(numbers, row, columns, total) for row in rows)


def _adds_up(numbers: NumberGrid, row: int, columns: Iterable[int], total: int) -> bool:
    """Whether figures of a row add up to another as they are printed."""
    printed_total = numbers.at(row, total)
    parts = [part for part in numbers.of_row(row, columns) if part is not None]
    return printed_total is not None and sum(parts) == printed_total


def _lines_across(
    amounts: Amounts,
    rows: Sequence[int],
    groups: Sequence[Sequence[int]],
    texts: Labels,
) -> Iterator[Line]:
    """Lines of groups of columns in each row."""
    for row in rows:
        for group in groups:
            places = [(texts[column], (row, column)) for column in group]
            yield _line(amounts, places)


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
    amounts: Amounts, rows: Iterable[int], merged: _MergedTotal, texts: Labels
) -> Iterator[Line]:
    """Lines of a merged total and its parts in each row."""
    total = texts[merged.column]
    for row in rows:
        places = [(total, (row, merged.column))]
        places += [("", (row, part)) for part in merged.parts]
        yield _line(amounts, places)


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
    amounts: Amounts,
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
    buckets = arithmetic.roles.buckets(heading.name)
    comparisons: list[SumComparison] = []
    labels: set[str] = set()
    for line in lines:
        comparison = _compared(line, total, buckets)
        if comparison is not None:
            comparisons.append(comparison)
            labels.update(_labels_of_parts(line, buckets))
    counted = counted_sum(heading.name, total, comparisons, amounts.rounded_to)
    if len(labels) == 1 and not counted.agree and not over:
        if heading.role != "sex":
            return arithmetic
        return arithmetic.with_roles(Role(heading.name, labels.pop(), Bucket.OF_WHICH))
    if not counted.compared:
        return arithmetic
    is_more = _is_more(heading, labels, counted, comparisons)
    return arithmetic.with_sums(replace(counted, is_more=is_more, where=where, over=over))


def counted_sum(
    heading: str, total: str, comparisons: Iterable[SumComparison], rounded_to: str = ""
) -> Sum:
    """Sum with how many of its comparisons were decided, and how many agree.

    Parameters
    ----------
    heading, total
        Name of the heading, and its label of the total.
    comparisons
        Comparisons of the total with its parts.
    rounded_to
        Words for what all figures are rounded to, said where a sum agrees for that only.
    """
    agree = compared = 0
    is_by_rounding = False
    for comparison in comparisons:
        if comparison.verdict is SumVerdict.OPEN:
            continue
        compared += 1
        if comparison.verdict is SumVerdict.AGREES:
            agree += 1
            is_by_rounding |= comparison.difference != 0
    words = ""
    if is_by_rounding:
        words = rounded_to
    return Sum(heading, total, agree, compared, rounded_to=words)


def _is_more(
    heading: Heading, labels: Iterable[str], counted: Sum, comparisons: Iterable[SumComparison]
) -> bool:
    """Whether a table prints some parts only.

    Every total of an open list is more than its sum.
    """
    if heading.role not in _OPEN_LISTS or counted.agree > counted.compared / 2:
        return False
    for label in labels:
        if row_kind(label).kind == "residual":
            return False
    return all(comparison.difference < 0 for comparison in comparisons)


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
    if len(set(totals)) != 1:
        return ""
    return totals[0]


def _compared(line: Line, total: str, buckets: Mapping[str, Bucket]) -> SumComparison | None:
    """Comparison of the total of a line with its parts.

    None where it has no total or no part.
    """
    parts: list[Term] = []
    whole = Term(None)
    for label, term in line:
        if label == total and whole.value is None:
            whole = term
        if buckets.get(label, Bucket.OBSERVATION) is Bucket.OBSERVATION:
            parts.append(term)
    return compare(parts, whole)


def _labels_of_parts(line: Line, buckets: Mapping[str, Bucket]) -> Iterator[str]:
    """Labels of the parts of a line that have a figure."""
    for label, term in line:
        bucket = buckets.get(label, Bucket.OBSERVATION)
        if term.value is not None and bucket is Bucket.OBSERVATION:
            yield label
