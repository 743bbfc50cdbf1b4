"""Cells of a recognised table that hold more than one figure."""

from __future__ import annotations

from ilms_sdmx.drafting.recognition.pairs import is_pair, share_groups
from ilms_sdmx.drafting.recognition.printed import PrintedTable
from ilms_sdmx.tables.cells import Kind


def has_pairs(table: PrintedTable) -> bool:
    """Whether most cells of text hold one number and another in brackets."""
    texts = _texts(table)
    pairs = sum(map(is_pair, texts))
    return pairs * 2 > len(texts)


def count_and_share(table: PrintedTable) -> str:
    """Expression of cells that hold a count and its share, empty where there are none."""
    return share_groups(_texts(table))


def _texts(table: PrintedTable) -> list[str]:
    """Texts of the cells of figures that are no number cells."""
    texts: list[str] = []
    for cell in table.cells.values():
        if cell.kind is Kind.TEXT:
            texts.append(cell.text)
    return texts
