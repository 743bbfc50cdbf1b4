"""What a cell for a figure holds: a number, or what a person typed instead."""

from __future__ import annotations

import re
from decimal import Decimal

from ilms_sdmx.findings import Finding, Place, find
from ilms_sdmx.tables.cells import Cell, Kind
from ilms_sdmx.words.text import western_digits

#: Number as a person types it into a cell of text.
_NUMBER = re.compile(r"-?\d+(\.\d+)?")
_FIXED = re.compile(r"0(\.0+)?")


def figure_in(cell: Cell, place: Place) -> tuple[str | None, list[Finding]]:
    """Lexical form of the figure of a cell, None where it holds none, and what is told of it.

    Parameters
    ----------
    cell
        A cell that is not empty.
    place
        Where it is.
    """
    shown = cell.text.strip()
    if cell.uncached:
        return None, [find("formula-without-result", place)]
    if cell.kind is Kind.ERROR:
        return None, [find("malformed-number", place, case="error", read=shown or "#")]
    if cell.kind is Kind.DATE:
        return None, [find("malformed-number", place, case="date", read=shown)]
    if cell.kind is Kind.NUMBER and isinstance(cell.value, Decimal):
        if cell.style.format.percent:
            return None, [find("percent-as-figure", place, case="form", read=shown)]
        return _lexical(cell, cell.value), []
    text = western_digits(shown)
    if cell.kind is Kind.TEXT and _NUMBER.fullmatch(text):
        return text, [find("form-number", place, read=shown)]
    return None, [find("malformed-number", place, case="form", read=shown)]


def _lexical(cell: Cell, value: Decimal) -> str:
    """Text of a number: with the decimals of its format where they are all that it has."""
    is_fixed = _FIXED.fullmatch(cell.style.number_format) and _NUMBER.fullmatch(cell.text)
    if is_fixed and Decimal(cell.text) == value:
        return cell.text
    return format(value, "f")
