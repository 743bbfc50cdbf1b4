"""Dates: cells that hold a real date say their period better than their short printed form does."""

from __future__ import annotations

from datetime import datetime

from ilms_sdmx.tables.cells import Kind, Workbook
from ilms_sdmx.tables.periods import period_of_date
from ilms_sdmx.tables.text import clean


def printed_dates(workbook: Workbook) -> dict[str, str]:
    """SDMX period of each printed form of a date; a form that stands for two periods is left out.

    `Jan 66` of a cell that holds 2566-01-01 is 2023-01, of text it is a question.
    """
    found: dict[str, set[str]] = {}
    for sheet in workbook:
        for cell in sheet:
            if cell.kind is Kind.DATE and isinstance(cell.value, datetime):
                shown = cell.style.format
                period = period_of_date(cell.value, shown.code if shown.is_date else "").time_period
                found.setdefault(clean(cell.text), set()).add(period)
    return {text: periods.pop() for text, periods in found.items() if len(periods) == 1 and "" not in periods}
