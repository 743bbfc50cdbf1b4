"""Columns of a recognised table: which hold labels, which only number the rows, which hold figures."""

from __future__ import annotations

import itertools
import re
from collections.abc import Iterable, Sequence
from dataclasses import dataclass

from ilms_sdmx.conversion.layout.grid import Grid
from ilms_sdmx.words.text import clean, western_digits

_NUMBER = re.compile(r"\(?(\d{1,3})[.)]*")


@dataclass(frozen=True)
class Columns:
    """Columns of a table.

    Parameters
    ----------
    stubs, data
        Columns of labels, and of figures.
    counting
        Columns at the left that number the rows.
    spread
        Column of labels to the further ones over which its labels are spread.
    """

    stubs: list[int]
    data: list[int]
    counting: list[int]
    spread: dict[int, list[int]]


def columns_of(grid: Grid, rows: dict[int, dict[int, str]], body: list[int]) -> Columns:
    """Columns of labels and of figures by what most of their cells are; a first one of years is labels.

    A column that numbers the rows is none of them, unless labels stand in it that stand nowhere else.
    """
    found = Columns([], [], [], {})
    for column in sorted({column for row in body for column in rows[row]}):
        kinds = [rows[row][column] for row in body if column in rows[row]]
        texts = [grid.text((row, column)) for row in body if column in rows[row]]
        figures = kinds.count("figure")
        is_stub = figures < len(kinds) / 2 and (
            kinds.count("words") > figures
            or not found.stubs
            or (not found.data and not figures)
        )
        if not found.data and numbers_rows(texts):
            found.counting.append(column)
        else:
            (found.stubs if is_stub else found.data).append(column)
    if not found.stubs:
        found.stubs.extend(found.counting)
        found.counting.clear()
    _spread(grid, rows, body, found)
    return found


def _spread(
    grid: Grid, rows: dict[int, dict[int, str]], body: list[int], found: Columns
) -> None:
    """Join columns that hold the labels of one heading: each row has its label in one of them."""
    for column in [c for c in found.counting if c + 1 in found.stubs]:
        alone = [
            r for r in body if rows[r].get(column) == "words" and not grid.text((r, column + 1))
        ]
        if alone:
            found.counting.remove(column)
            found.stubs[found.stubs.index(column + 1)] = column
            found.spread[column] = [column + 1]
    for left, right in itertools.pairwise(
        [c for c in found.stubs if c < min(found.data, default=0)]
    ):
        both = [r for r in body if grid.text((r, left)) and grid.text((r, right))]
        either = (
            [r for r in body if grid.text((r, left))],
            [r for r in body if grid.text((r, right))],
        )
        if (
            right == left + 1
            and not both
            and min(map(len, either)) > 1
            and left not in found.spread
        ):
            found.stubs.remove(right)
            found.spread[left] = [right]
            break


def numbers_rows(texts: Iterable[str]) -> bool:
    """Whether texts count 1, 2, 3, from 1 again in each group, but for words beside totals.

    >>> numbers_rows(["๑", "๒", "รวม"]), numbers_rows(["1", "3"])
    (True, False)
    """
    found = [_NUMBER.fullmatch(western_digits(clean(text))) for text in texts]
    counted = [int(match.group(1)) for match in found if match]
    words = len(found) - len(counted)
    steps = all(b in (a + 1, 1) for a, b in itertools.pairwise(counted))
    return len(counted) > 1 and counted[0] == 1 and steps and words <= len(counted)


def is_numbering(texts: Sequence[str]) -> bool:
    """Whether a row only numbers the columns: `(1)`, `(2)`, `(3)`."""
    found = [_NUMBER.fullmatch(western_digits(clean(text))) for text in texts]
    counted = [int(match.group(1)) for match in found if match]
    steps = all(b == a + 1 for a, b in itertools.pairwise(counted))
    return len(counted) > 2 and len(counted) == len(found) and counted[0] <= 2 and steps
