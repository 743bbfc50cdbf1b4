"""Appearance of figures: cells whose page shows another number, or a percent."""

from __future__ import annotations

import re
from decimal import Decimal

from ilms_sdmx.tables.cells import PLAIN, Cell, Kind
from ilms_sdmx.tables.formats import shows_digits

PERCENT, SCALED, VEILED, MARKED = "percent", "scaled", "veiled", "marked"
#: Letters and signs of marks next to digits; those of an exponent are none.
_MARK = re.compile(r"(?!(?<=\d)E[+-]?\d)[^\W\d_]|[*†‡§#!?]")
#: Ways of showing a number that put a mark next to it.
MARKED_WAYS = tuple(f"{kind} {MARKED}".strip() for kind in ("", PERCENT, SCALED, VEILED))


def appearance(cell: Cell) -> str:
    """How the page shows a number: empty where it shows what the cell holds and no more."""
    if cell.kind is not Kind.NUMBER:
        return ""
    if cell.style is PLAIN and cell.extra.text is None:
        return ""
    way = _way(cell)
    return f"{way} {MARKED}".strip() if has_mark(cell.text) else way


def _way(cell: Cell) -> str:
    """How the format of a number cell changes its digits."""
    shown = cell.style.format
    if shown.percent:
        return PERCENT
    if shown.thousands:
        return SCALED
    assert isinstance(cell.value, Decimal)
    if cell.value != 0 and not shows_digits(cell.value, cell.style.number_format):
        return VEILED
    return ""


def has_mark(text: str) -> bool:
    """Whether letters or signs are next to the digits of a printed number.

    >>> [has_mark(text) for text in ("1,234 p", "12*", "(1,234)", "-5.0%", "1.2E+05")]
    [True, True, False, False, False]
    """
    return _MARK.search(text) is not None


def marks_next_to_digits(text: str) -> str:
    """Letters and signs next to the digits of a printed number."""
    return "".join(_MARK.findall(text))
