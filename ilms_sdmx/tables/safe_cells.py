"""Texts in cells of a workbook that no spreadsheet takes for formulas."""

from __future__ import annotations

from typing import Any

#: First characters of texts that spreadsheets take for formulas.
RISKY = ("=", "+", "-", "@", "\t", "\r")


def inert(cell: Any, text: str) -> None:
    """Put a text into a cell so that no spreadsheet takes it for a formula, even if edited."""
    cell.value = text
    if text.startswith(RISKY):
        cell.data_type = "s"
        cell.quotePrefix = True


def clean(text: str) -> str:
    """Text without the control characters that a workbook cannot hold."""
    from openpyxl.cell.cell import ILLEGAL_CHARACTERS_RE

    return str(ILLEGAL_CHARACTERS_RE.sub("\ufffd", text))
