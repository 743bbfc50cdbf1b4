"""Rows that are shares of 100."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import replace
from decimal import Decimal

from ilms_sdmx.drafting.arithmetic.numbers import NumberGrid
from ilms_sdmx.drafting.arithmetic.results import Arithmetic
from ilms_sdmx.drafting.recognition.roles import EVERY_LABEL, Role
from ilms_sdmx.mapping.buckets import Bucket

_HUNDRED = Decimal(100)


def with_shares(numbers: NumberGrid, arithmetic: Arithmetic) -> Arithmetic:
    """Arithmetic with rows whose total is 100 in every column: shares, or larger counts."""
    if not _has_row_of_hundreds(numbers):
        return arithmetic
    for column, heading in numbers.table.rows.items():
        numbers_of_label = _numbers_of_labels(numbers, column)
        totals: list[str] = []
        for label, of_label in numbers_of_label.items():
            if len(of_label) > 1 and set(of_label) == {_HUNDRED}:
                totals.append(label)
        if len(totals) == 1:
            roles = arithmetic.roles.without_heading(heading.name)
            roles += _roles_of_shares(heading.name, totals[0], numbers_of_label)
            arithmetic = replace(arithmetic, roles=roles)
    return arithmetic


def _has_row_of_hundreds(numbers: NumberGrid) -> bool:
    """Whether any row has 100 in every column."""
    for row in numbers.body:
        of_row = numbers.of_row(row, numbers.printed.data)
        if set(of_row) - {None} == {_HUNDRED}:
            return True
    return False


def _numbers_of_labels(numbers: NumberGrid, column: int) -> dict[str, list[Decimal]]:
    """Label of a column of labels to the numbers of its row."""
    printed = numbers.printed
    numbers_of_label: dict[str, list[Decimal]] = {}
    for row in printed.body:
        label = numbers.table.row_label(row, column)
        of_row = numbers.of_row(row, printed.data)
        numbers_of_label[label] = [number for number in of_row if number is not None]
    return numbers_of_label


def _roles_of_shares(
    heading: str, total: str, numbers_of_label: Mapping[str, list[Decimal]]
) -> list[Role]:
    """Roles of the labels of a heading whose total is 100."""
    roles: list[Role] = []
    for label, numbers in numbers_of_label.items():
        if max(numbers, default=0) > _HUNDRED:
            question = "a count, the other rows are shares"
            roles.append(Role(heading, label, Bucket.TOTAL, question, is_count=True))
    roles.append(Role(heading, total, Bucket.TOTAL))
    question = f"{total!r} is 100 in every column"
    roles.append(Role(heading, EVERY_LABEL, Bucket.PERCENT, question))
    return roles
