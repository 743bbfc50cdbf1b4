"""Rows indented below other rows: parts of them, or what they are the sum of."""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Mapping, Sequence

from ilms_sdmx.drafting.arithmetic.amounts import Amounts
from ilms_sdmx.drafting.arithmetic.numbers import NumberGrid
from ilms_sdmx.drafting.arithmetic.results import Arithmetic, Sum
from ilms_sdmx.drafting.recognition.headings import Heading
from ilms_sdmx.drafting.recognition.printed import PrintedTable
from ilms_sdmx.drafting.recognition.roles import EVERY_LABEL, Role
from ilms_sdmx.mapping.buckets import Bucket
from ilms_sdmx.sums import SumVerdict, compare

_DASH = re.compile(r"\s*[-\u2013\u2014\u2022+*\u00b7]\s*(?=[^\W\d])")

Levels = Mapping[int, int]


def with_parts(numbers: NumberGrid, arithmetic: Arithmetic) -> Arithmetic:
    """Arithmetic with rows indented below another: parts of it, or all of a total."""
    for column, heading in numbers.table.rows.items():
        levels = _levels(numbers.printed, column)
        labels = {role.label for role in arithmetic.roles.of(heading.name)}
        if EVERY_LABEL in labels or len(set(levels.values())) < 2:
            continue
        amounts = Amounts(numbers, arithmetic.roles)
        roles = _roles_of_levels(amounts, column, heading, levels, labels)
        arithmetic = arithmetic.with_roles(*roles)
        if Bucket.PERCENT not in {role.bucket for role in arithmetic.roles}:
            sums = _sums_of_levels(amounts, column, heading, levels)
            arithmetic = arithmetic.with_sums(*sums)
    return arithmetic


def _levels(printed: PrintedTable, column: int) -> Levels:
    """Indents of rows, one more for a label that begins with a dash or a dot."""
    indents = printed.indents(column)
    levels: dict[int, int] = {}
    dashes = 0
    for row, indent in indents.items():
        has_dash = _DASH.match(printed.text(row, column)) is not None
        levels[row] = indent + has_dash
        dashes += has_dash
    if dashes == len(indents):
        return indents
    return levels


def _roles_of_levels(
    amounts: Amounts, column: int, heading: Heading, levels: Levels, known: set[str]
) -> list[Role]:
    """Roles of rows indented below another, or of the other where they add up to it."""
    known_labels = set(known)
    roles: list[Role] = []
    parents: list[int] = []
    for row, level in levels.items():
        parents = [parent for parent in parents if levels[parent] < level]
        role: Role | None = None
        if parents:
            role = _role(amounts, column, heading, levels, parents[-1], row)
        if role is not None and role.label not in known_labels:
            roles.append(role)
            if role.bucket is Bucket.TOTAL:
                known_labels.add(role.label)
        parents.append(row)
    return roles


def _role(
    amounts: Amounts,
    column: int,
    heading: Heading,
    levels: Levels,
    parent: int,
    row: int,
) -> Role:
    """Role of a row below another: a part of it, or the other is a total."""
    table = amounts.numbers.table
    name = heading.name
    parent_label = table.row_label(parent, column)
    first_level = min(levels.values())
    is_first_level = levels[parent] == first_level
    rows_below = _rows_below(parent, levels) if is_first_level else []
    if is_first_level and _add_up(amounts, parent, rows_below):
        question = "the rows indented below add up to it"
        return Role(name, parent_label, Bucket.TOTAL, question, is_sum_of_some=True)
    label = table.row_label(row, column)
    return Role(name, label, Bucket.OF_WHICH, f"indented below {parent_label!r}")


def _sums_of_levels(
    amounts: Amounts, column: int, heading: Heading, levels: Levels
) -> list[Sum]:
    """Rows that are the sum of those indented below them, by labels that are there once.

    A check that names its parts compares shares too, which rounding keeps from adding up: this
    is for tables without any.
    """
    numbers = amounts.numbers
    labels = {row: numbers.table.row_label(row, column) for row in levels}
    counts = Counter(labels.values())
    compared = len(numbers.printed.data)
    sums: list[Sum] = []
    for row, label in labels.items():
        rows_below = _rows_below(row, levels)
        parts = tuple(map(labels.__getitem__, rows_below))
        counts_of_labels = map(counts.__getitem__, (label, *parts))
        if len(parts) < 2 or max(counts_of_labels) > 1:
            continue
        if _add_up(amounts, row, rows_below):
            one_sum = Sum(heading.name, label, compared, compared, parts=parts)
            sums.append(one_sum)
    return sums


def _rows_below(parent: int, levels: Levels) -> list[int]:
    """Rows directly below a row, by their indents."""
    inside: list[int] = []
    for row, level in levels.items():
        if row <= parent:
            continue
        if level <= levels[parent]:
            break
        inside.append(row)
    next_level = min(map(levels.__getitem__, inside), default=0)
    return [row for row in inside if levels[row] == next_level]


def _add_up(amounts: Amounts, parent: int, rows: Sequence[int]) -> bool:
    """Whether rows add up to another in every column that has both."""
    for column in amounts.numbers.printed.data:
        total = amounts.term(parent, column)
        if total is None:
            continue
        parts = amounts.of_column(rows, column)
        comparison = compare(parts, total)
        if comparison is not None and comparison.verdict is not SumVerdict.AGREES:
            return False
    return True
