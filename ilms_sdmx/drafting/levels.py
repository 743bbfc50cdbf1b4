"""Rows indented below other rows: parts of them, or what they are the sum of."""

from __future__ import annotations

import re
from collections import Counter

from ilms_sdmx.drafting.found import Found
from ilms_sdmx.drafting.model import Analysis, Sum
from ilms_sdmx.drafting.sums import ADD_UP, number_at, row_label
from ilms_sdmx.tables.separators import Separators

#: Question about a row that is the sum of rows indented below it.
SUBTOTAL = f"decide: the rows indented below {ADD_UP}"
_DASH = re.compile(r"\s*[-\u2013\u2014\u2022+*\u00b7]\s*(?=[^\W\d])")


def indents(found: Found, column: int) -> dict[int, int]:
    """Indent of the label of each row with figures, by the style of the cell or by leading blanks."""
    cells = {row: found.grid.cells.get((row, column)) for row in found.body}
    return {
        r: c.style.indent or len(c.text) - len(c.text.lstrip())
        for r, c in cells.items()
        if c is not None
    }


def _levels(found: Found, column: int) -> dict[int, int]:
    """Indents of rows, one more for a label that begins with a dash or a dot."""
    own = indents(found, column)
    dashed = {r for r in own if _DASH.match(found.text(r, column))}
    return (
        own
        if len(dashed) == len(own)
        else {r: level + (r in dashed) for r, level in own.items()}
    )


def find_parts(analysis: Analysis, way: Separators) -> None:
    """Rows indented below a row with figures are parts of it, unless they are all of a total."""
    found = analysis.found
    for column, head in analysis.rows.items():
        levels = _levels(found, column)
        named = {label for name, label, *_ in analysis.roles if name == head.name}
        if "/./" in named or len(set(levels.values())) < 2:
            continue
        parents: list[int] = []
        for row, level in levels.items():
            parents = [p for p in parents if levels[p] < level]
            label = row_label(analysis, row, column)
            over = row_label(analysis, parents[-1], column) if parents else ""
            if parents and _adds_up(analysis, parents[-1], levels, way):
                if over not in named:
                    analysis.roles.append((head.name, over, "total", SUBTOTAL))
                    named.add(over)
            elif parents and label not in named:
                analysis.roles.append(
                    (head.name, label, "of_which", f"decide: indented below {over!r}")
                )
            parents.append(row)
        _check_levels(analysis, column, levels, way)


def _check_levels(
    analysis: Analysis, column: int, levels: dict[int, int], way: Separators
) -> None:
    """Check rows against those indented below them that add up to them, by labels that stand once.

    A check that names its parts compares shares too, which rounding keeps from adding up: tables with any
    have none.
    """
    name = analysis.rows[column].name
    if any(bucket == "percent" for *_, bucket, _ in analysis.roles):
        return
    labels = {row: row_label(analysis, row, column) for row in levels}
    once = {label for label, count in Counter(labels.values()).items() if count == 1}
    for row in levels:
        children = _below(row, levels)
        parts = tuple(labels[r] for r in children)
        if (
            len(parts) > 1
            and once.issuperset([labels[row], *parts])
            and _sums_to(analysis, row, children, way)
        ):
            columns = len(analysis.found.data)
            analysis.sums.append(Sum(name, labels[row], columns, columns, parts=parts))


def _below(parent: int, levels: dict[int, int]) -> list[int]:
    """Rows directly below a row, by their indents."""
    below = [r for r in levels if r > parent]
    end = next((r for r in below if levels[r] <= levels[parent]), None)
    inside = [r for r in below if end is None or r < end]
    return [r for r in inside if levels[r] == min(levels[i] for i in inside)]


def _adds_up(analysis: Analysis, parent: int, levels: dict[int, int], way: Separators) -> bool:
    """Whether a row of the first level is the sum of the rows directly below it in every column."""
    if levels[parent] > min(levels.values()):
        return False
    return _sums_to(analysis, parent, _below(parent, levels), way)


def _sums_to(analysis: Analysis, parent: int, children: list[int], way: Separators) -> bool:
    """Whether rows add up to another in every column that has both."""
    for column in analysis.found.data:
        total = number_at(analysis, (parent, column), way)
        parts = [
            v for r in children if (v := number_at(analysis, (r, column), way)) is not None
        ]
        if total is not None and parts and abs(sum(parts) - total) > 1:
            return False
    return True
