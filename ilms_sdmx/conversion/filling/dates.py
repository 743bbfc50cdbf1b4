"""Periods of labels as the mapping says years are.

A real date says more than its printed form.
"""

from __future__ import annotations

from collections.abc import Iterable
from datetime import datetime

from ilms_sdmx.mapping.document import MappingDocument
from ilms_sdmx.mapping.model import DatePatternMap
from ilms_sdmx.periods import PrintedPeriod, period_of_date, read_period
from ilms_sdmx.tables.cells import Cell, Kind, Workbook
from ilms_sdmx.words.text import clean


def printed_dates(workbook: Workbook) -> dict[str, str]:
    """SDMX period of each printed form of a date; a form of two periods is left out.

    `Jan 66` of a cell that holds 2566-01-01 is 2023-01, of text it is a question.
    """
    cells: list[Cell] = []
    for sheet in workbook:
        cells += sheet
    return dates_of(cells)


def dates_of(cells: Iterable[Cell]) -> dict[str, str]:
    """SDMX period of each printed form of the dates in some cells, as `printed_dates`."""
    periods_of_form: dict[str, set[str]] = {}
    for cell in cells:
        period = _period_of_cell(cell)
        if period is not None:
            periods_of_form.setdefault(clean(cell.text), set()).add(period)
    dates = {}
    for form, periods in periods_of_form.items():
        if len(periods) == 1 and "" not in periods:
            dates[form] = periods.pop()
    return dates


def _period_of_cell(cell: Cell) -> str | None:
    """Period of a cell that holds a date, empty where it is none; None for other cells."""
    if cell.kind is not Kind.DATE or not isinstance(cell.value, datetime):
        return None
    shown = cell.style.format
    code = shown.code if shown.is_date else ""
    return period_of_date(cell.value, code).time_period


def read_label(
    label: str, component: DatePatternMap, mapping: MappingDocument
) -> PrintedPeriod:
    """Period of a label, read as the mapping says years are."""
    conventions = mapping.conventions
    area = mapping.source.get("area", "")
    year = int(component.options.get("year", "0"))
    return read_period(
        label,
        area=area,
        year=year,
        fiscal=conventions.fiscal,
        short_years=conventions.short_years,
    )
