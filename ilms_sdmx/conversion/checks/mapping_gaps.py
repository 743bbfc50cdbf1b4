"""Findings of what a mapping leaves open: undecided lines, idle checks, multipliers."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING

from ilms_sdmx.conversion.figures.model import Figures
from ilms_sdmx.conversion.figures.rules import in_words
from ilms_sdmx.findings import Finding, Place, find, phrase
from ilms_sdmx.mapping.buckets import Bucket
from ilms_sdmx.mapping.document import MappingDocument
from ilms_sdmx.mapping.file.reading import STRICT
from ilms_sdmx.mapping.layout import Check, TableLayout
from ilms_sdmx.tables.cells import Cell, Kind, Sheet, Workbook
from ilms_sdmx.words import any_power, power_of

if TYPE_CHECKING:
    import pandas as pd

#: A number with a fraction that is not nothing.
_FRACTION = re.compile(r"\.\d*[1-9]")
#: Unit of persons.
_PERSONS = "PS"


def find_undecided_lines(mapping: MappingDocument) -> list[Finding]:
    """Finding of the lines of a mapping of version 1 that nobody has confirmed."""
    lines = mapping.undecided
    if not lines:
        return []
    if mapping.version >= STRICT:
        return []
    numbers = ", ".join(map(str, lines))
    place = Place(mapping.name)
    count = len(lines)
    read = phrase("decide-in-lines", count=count, lines=numbers)
    return [find("undecided", place, case="version-1", read=read, count=count)]


def find_checks_without_figures(
    figures: Figures, layouts: tuple[TableLayout, ...]
) -> list[Finding]:
    """Findings of checks whose total or parts are nowhere, so that no sum is compared."""
    findings = []
    for layout in layouts:
        of_table = figures.of_table(layout.name)
        if not len(of_table):
            continue
        for check in layout.checks:
            if not _has_figures(of_table, check):
                idle_check = _idle_check(check, layout)
                findings.append(idle_check)
    return findings


def _has_figures(figures: Figures, check: Check) -> bool:
    """Whether the figures that a check compares are there."""
    named = [where for where in (check.total, check.parts) if where]
    return all(figures.having(where).any() for where in named)


def _idle_check(check: Check, layout: TableLayout) -> Finding:
    """Finding of one check without figures."""
    labels = in_words(check.total or check.parts)
    return find(
        "check-without-figures",
        affects=phrase("sums-not-compared"),
        table=layout.name,
        labels=labels,
        line=check.line,
    )


def find_missing_multipliers(
    figures: Figures, layouts: tuple[TableLayout, ...], workbook: Workbook
) -> list[Finding]:
    """Findings of sheets that say thousands while no figure of theirs has a multiplier.

    A table that says `multiplier: 0` has been looked at by a person.
    """
    if not len(figures):
        return []
    decided = [layout.name for layout in layouts if layout.multiplier is not None]
    findings = []
    for sheet in workbook:
        of_sheet = figures.only(figures.sheet == sheet.name)
        number = _without_multiplier(of_sheet, decided)
        cell = _first_with_power(sheet, of_sheet) if number else None
        if cell is not None:
            missing_multiplier = _missing_multiplier(sheet, cell, number)
            findings.append(missing_multiplier)
    return findings


def _without_multiplier(figures: Figures, decided: list[str]) -> int:
    """Number of counts without a multiplier, none where any figure of the sheet has one."""
    multiplied = figures.multiplier.astype("int64") != 0
    if multiplied.any():
        return 0
    counts = figures.in_role(Bucket.OBSERVATION, Bucket.TOTAL, Bucket.OF_WHICH)
    is_decided = figures.table.isin(decided)
    undecided = counts & ~is_decided
    return int(undecided.sum())


def find_parts_of_persons(
    figures: Figures, units: pd.Series[str], layouts: tuple[TableLayout, ...]
) -> list[Finding]:
    """Findings of persons with a fraction, which may be thousands that no word says.

    A table that says `multiplier: 0` has been looked at by a person.

    Parameters
    ----------
    units
        Unit in which each figure is written.
    """
    decided = [layout.name for layout in layouts if layout.multiplier is not None]
    is_printed = figures.multiplier.astype("int64") == 0
    is_count = figures.in_role(Bucket.OBSERVATION, Bucket.TOTAL, Bucket.OF_WHICH)
    is_undecided = ~figures.table.isin(decided)
    rows = (units == _PERSONS) & is_printed & is_count & is_undecided
    persons = figures.only(rows & figures.has_value)
    findings = []
    for table in persons.table.unique():
        of_table = persons.of_table(table)
        for sheet in of_table.sheet.unique():
            of_sheet = of_table.only(of_table.sheet == sheet)
            findings += _parts_of_persons(of_sheet, str(table))
    return findings


def _parts_of_persons(figures: Figures, table: str) -> list[Finding]:
    """Finding of the figures of a table where some have a fraction: all may be thousands."""
    values = figures.value.astype("str")
    has_fraction = values.str.contains(_FRACTION)
    fractions = figures.only(has_fraction)
    count = len(fractions)
    if not count:
        return []
    cells = ", ".join(figures.cell)
    read = str(fractions.text.iloc[0])
    affects = phrase("figures-written-as-printed", count=len(figures))
    finding = find(
        "fraction-without-unit",
        fractions.place(),
        component="UNIT_MULT",
        read=read,
        affects=affects,
        count=count,
        cells=cells,
        table=table,
    )
    return [finding]


def _first_with_power(sheet: Sheet, figures: Figures) -> Cell | None:
    """First cell that is no figure and whose words say a power of ten."""
    rows = figures.row.tolist()
    column_numbers = figures.column_number.tolist()
    taken = zip(rows, column_numbers, strict=True)
    others = sheet.cells.keys() - set(taken)
    cells = [sheet.cells[place] for place in sorted(others)]
    words = [cell for cell in cells if cell.kind is Kind.TEXT]
    if not any_power(cell.text for cell in words):
        return None
    return next((cell for cell in words if power_of(cell.text)), None)


def _missing_multiplier(sheet: Sheet, cell: Cell, number: int) -> Finding:
    """Finding of a sheet whose words say a power of ten."""
    place = Place(sheet=sheet.name, cell=cell.address)
    power = power_of(cell.text)
    affects = phrase("figures-written-as-printed", count=number)
    return find(
        "multiplier-unsaid",
        place,
        component="UNIT_MULT",
        read=cell.text,
        affects=affects,
        power=power,
    )
