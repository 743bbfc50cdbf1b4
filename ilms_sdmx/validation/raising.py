"""Raising of findings: severity from the catalogue, long lists cut short with their count said."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from typing import TYPE_CHECKING, Any

import numpy as np

from ilms_sdmx.findings import Finding, Place
from ilms_sdmx.validation.catalogue import RULES

if TYPE_CHECKING:
    from ilms_sdmx.validation.coded import Array, Coded

#: Findings of one rule in one table that are listed one by one; the rest is counted in a last finding.
LISTED = 5_000
_SHOWN = 5
#: What SDMX 3.1 writes for a value that does not apply or is not available.
SPECIAL = ("", "~", "#N/A")


def finding(rule: str, message: str, place: Place, **rest: Any) -> Finding:
    """Make a finding, with the severity that the catalogue gives its rule."""
    return Finding(rule, RULES[rule].severity, message, place, **rest)


def listed(
    rule: str, coded: Coded, rows: Array, make: Callable[[int], Finding], limit: int = LISTED
) -> Iterator[Finding]:
    """Make a finding for each of `rows`, and one that counts those beyond the limit."""
    for row in rows[:limit].tolist():
        yield make(row)
    if len(rows) > limit:
        more = len(rows) - limit
        message = f"{more:,} more of this rule in this table, counted and not listed."
        yield finding(
            rule, message, coded.here, fix="Fix those that are listed, then validate again."
        )


def by_text(
    rule: str, coded: Coded, column: str, bad: Array, make: Callable[[str, int, str], Finding]
) -> Iterator[Finding]:
    """One finding for each distinct text of a column among the rows of mask `bad`, in order of first row.

    `make` is given the text, its first row and what is affected.
    """
    rows = np.flatnonzero(bad)
    if not len(rows):
        return
    codes = coded.codes(column)[rows]
    found, first, counts = np.unique(codes, return_index=True, return_counts=True)
    order = np.argsort(first)[:LISTED]
    for code, start, count in zip(found[order], first[order], counts[order], strict=True):
        text = coded.levels(column)[code] if code >= 0 else ""
        yield make(
            text, int(rows[start]), affected(coded, rows[codes == code][:_SHOWN], int(count))
        )
    if len(found) > LISTED:
        message = f"{len(found) - LISTED:,} further values of {column} are counted, not listed."
        yield finding(rule, message, coded.here, component=column)


def affected(coded: Coded, rows: Array, count: int) -> str:
    """Count of observations and the first few of them, by cell or by key."""
    places = [coded.place(int(row)) for row in rows]
    named = [p.cell or ".".join(p.key.values()) for p in places]
    more = ", ..." if count > len(named) else ""
    return f"{count:,} observation{'s' if count != 1 else ''}: {', '.join(named)}{more}"


def number(value: float, coded: Coded, row: int) -> str:
    """Write a number in the unit and with the decimals of the figure in a row.

    Examples
    --------
    `2815` persons beside a figure of 2.815 thousand is `2.815`.
    """
    scale, unit = coded.figures.scale[row], coded.figures.unit[row]
    decimals = max(0, round(-float(np.log10(unit / scale)))) if unit > 0 else 0
    shown = round(float(value / scale), decimals) + 0.0
    return f"{shown:.{decimals}f}"
