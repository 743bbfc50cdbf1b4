"""Periods of labels as the mapping says years are; a real date says more than its short printed form."""

from __future__ import annotations

from datetime import datetime

from ilms_sdmx.mapping.document import MappingDocument
from ilms_sdmx.mapping.model import DatePatternMap
from ilms_sdmx.periods import PrintedPeriod, period_of_date, read_period
from ilms_sdmx.tables.cells import Kind, Workbook
from ilms_sdmx.words.text import clean


def printed_dates(workbook: Workbook) -> dict[str, str]:
    """SDMX period of each printed form of a date; a form that stands for two periods is left out.

    `Jan 66` of a cell that holds 2566-01-01 is 2023-01, of text it is a question.
    """
    found: dict[str, set[str]] = {}
    for sheet in workbook:
        for cell in sheet:
            if cell.kind is Kind.DATE and isinstance(cell.value, datetime):
                shown = cell.style.format
                period = period_of_date(
                    cell.value, shown.code if shown.is_date else ""
                ).time_period
                found.setdefault(clean(cell.text), set()).add(period)
    return {
        text: periods.pop()
        for text, periods in found.items()
        if len(periods) == 1 and "" not in periods
    }


def read_label(
    label: str, component: DatePatternMap, mapping: MappingDocument
) -> PrintedPeriod:
    """PrintedPeriod of a label, read as the mapping says years are."""
    return read_period(
        label,
        area=mapping.source.get("area", ""),
        year=int(component.options.get("year", "0")),
        fiscal=mapping.conventions.fiscal,
        short_years=mapping.conventions.short_years,
    )
