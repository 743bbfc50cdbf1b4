"""Listing of findings: long lists are cut short and the rest is counted."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from typing import NamedTuple

import numpy as np

from ilms_sdmx.findings import Finding, find, phrase
from ilms_sdmx.validation.coded.columns import Array
from ilms_sdmx.validation.coded.table import Coded

#: Findings of one rule in one table that are listed one by one; a last finding counts the rest.
LISTED = 5_000
_SHOWN = 5


class TextFault(NamedTuple):
    """A text of a column that breaks a rule.

    Parameters
    ----------
    text
        The text, empty where the component is absent.
    row
        Its first row.
    affects
        Count of its observations and the first few of them.
    """

    text: str
    row: int
    affects: str


def listed(
    rule: str, coded: Coded, rows: Array, make: Callable[[int], Finding], limit: int = LISTED
) -> Iterator[Finding]:
    """Findings for each of `rows`, and one that counts those beyond the limit."""
    for row in rows[:limit].tolist():
        yield make(row)
    more = len(rows) - limit
    if more > 0:
        yield find(rule, coded.here, case="more", count=more)


def listed_texts(
    rule: str, coded: Coded, column: str, bad: Array, make: Callable[[TextFault], Finding]
) -> Iterator[Finding]:
    """Findings for each distinct text of a column in mask `bad`, in the order of texts."""
    rows = np.flatnonzero(bad)
    if not len(rows):
        return
    codes_of_rows = coded.codes(column)[rows]
    ranks = coded.ranks(column)[codes_of_rows]
    by_text = np.argsort(ranks, kind="stable")
    texts, starts = np.unique(ranks[by_text], return_index=True)
    rows_of_texts = np.split(rows[by_text], starts[1:])
    for rows_of_text in rows_of_texts[:LISTED]:
        count = len(rows_of_text)
        row = int(rows_of_text[0])
        affects = affected(coded, rows_of_text, count)
        text = coded.text(column, row)
        text_fault = TextFault(text, row, affects)
        yield make(text_fault)
    more = len(texts) - LISTED
    if more > 0:
        yield find(rule, coded.here, case="more-values", component=column, count=more)


def affected(coded: Coded, rows: Array, count: int) -> str:
    """Count of observations and the first few of them, by cell or by key."""
    names = []
    for row in rows[:_SHOWN].tolist():
        place = coded.place(row)
        key = ".".join(place.key.values())
        names.append(place.cell or key)
    if count > len(names):
        names.append("...")
    return phrase("observations", count=count, places=", ".join(names))


def number(value: float, coded: Coded, row: int) -> str:
    """Text of a number in the unit and with the decimals of the figure in a row.

    Examples
    --------
    `2815` persons next to a figure of 2.815 thousand is `2.815`.
    """
    scale = coded.figures.scale[row]
    unit = coded.figures.unit[row]
    decimals = 0
    if unit > 0:
        power = float(np.log10(unit / scale))
        decimals = max(0, round(-power))
    rounded = round(float(value / scale), decimals)
    unsigned_zero = rounded + 0.0
    return f"{unsigned_zero:.{decimals}f}"
