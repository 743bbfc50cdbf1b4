"""Cells of a recognised table that hold more than one figure."""

from __future__ import annotations

import re

from ilms_sdmx.drafting.recognition.printed import PrintedTable
from ilms_sdmx.tables.cells import Kind

_PAIR = re.compile(r"\s*[\d.,\s]*\d\s*\([\d.,\s]*\d\)\s*")


def has_pairs(table: PrintedTable) -> bool:
    """Whether most cells of text hold one number and another in brackets."""
    texts = pairs = 0
    for cell in table.cells.values():
        if cell.kind is Kind.TEXT:
            texts += 1
            pairs += _PAIR.fullmatch(cell.text) is not None
    return pairs * 2 > texts
