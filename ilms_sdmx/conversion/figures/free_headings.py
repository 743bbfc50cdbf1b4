"""Headings outside the tables: in the cells around them, in the names of sheet and file."""

from __future__ import annotations

from ilms_sdmx.conversion.layout.places import place_of_address
from ilms_sdmx.conversion.layout.regions import Region
from ilms_sdmx.mapping.expressions import Expression
from ilms_sdmx.mapping.layout import FreeHeading
from ilms_sdmx.tables.cells import Cell, Kind
from ilms_sdmx.words.text import clean


def free_labels(region: Region, headings: tuple[FreeHeading, ...], file: str) -> dict[str, str]:
    """Labels of the headings outside a table, by heading; one that is not there is left out.

    Parameters
    ----------
    file
        Name of the file, which may say a label too.
    """
    labels = {}
    for heading in headings:
        label = _label(region, heading, file)
        if label is not None:
            labels[heading.name] = label
    return labels


def _label(region: Region, heading: FreeHeading, file: str) -> str | None:
    """Label of one heading outside a table."""
    if heading.file:
        return _first_group(heading.file, file)
    if heading.cell:
        return _label_of_cell(region, heading)
    if heading.text:
        return _label_above(region, heading.text)
    if heading.sheet:
        return _first_group(heading.sheet, region.grid.name)
    return None


def _label_of_cell(region: Region, heading: FreeHeading) -> str | None:
    """Label in the cell of an address, or the part of it that the heading takes."""
    place = place_of_address(region.grid, heading.cell)
    text = clean(region.grid.text(place)) if place else ""
    if heading.text:
        return _first_group(heading.text, text)
    return text or None


def _label_above(region: Region, pattern: Expression) -> str | None:
    """Label from the cells above a table: its title goes before that of a table near to it."""
    every = []
    over_the_table = []
    for (row, column), cell in region.grid.cells.items():
        label = _label_of(pattern, cell) if row < region.body else None
        if label is None:
            continue
        every.append((row, label))
        if column in region.columns:
            over_the_table.append((row, label))
    candidates = over_the_table or every
    nearest = [label for row, label in candidates if _is_title_row(region, row)]
    if nearest:
        return nearest[-1]
    return candidates[0][1] if candidates else None


def _label_of(pattern: Expression, cell: Cell) -> str | None:
    """Label that a cell gives; a number gives one only as a whole, such as a year alone."""
    text = clean(cell.text)
    label = _first_group(pattern, text)
    if cell.kind is not Kind.TEXT and label != text:
        return None
    return label


def _is_title_row(region: Region, row: int) -> bool:
    """Whether a row below the table above holds one cell, as a title does."""
    first_row, _ = region.begin
    is_between = region.above <= row <= first_row
    if not region.above or not is_between:
        return False
    return len(region.filled_columns(row)) == 1


def _first_group(pattern: Expression, text: str) -> str | None:
    """First group of an expression in a text."""
    match = pattern.search(text)
    return match.group(1) if match else None
