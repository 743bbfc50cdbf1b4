"""Titles of tables that a mapping has not pinned."""

from __future__ import annotations

from collections.abc import Iterable, Iterator

from ilms_sdmx.conversion.figures.pinned import bears_on_meaning
from ilms_sdmx.conversion.layout.regions import Region
from ilms_sdmx.findings import Finding, Place, find
from ilms_sdmx.mapping.document import MappingDocument
from ilms_sdmx.tables.cells import Cell, Kind


def find_unpinned_titles(regions: Iterable[Region], mapping: MappingDocument) -> list[Finding]:
    """Findings of tables above which there are words, and that pin none, one each.

    A text that says a period or a unit is named before the others.
    """
    area = mapping.source.get("area", "")
    findings: dict[str, Finding] = {}
    for region in regions:
        layout = region.layout
        if layout.read is not None and layout.read.texts:
            continue
        if layout.name in findings:
            continue
        cells = list(_cells_above(region))
        meaning = [cell for cell in cells if bears_on_meaning(cell.text, area)]
        if cells:
            findings[layout.name] = _unpinned(region, (meaning or cells)[0])
    return list(findings.values())


def _cells_above(region: Region) -> Iterator[Cell]:
    """Cells above the header of a table, up to the table above it."""
    first_row, _ = region.begin
    last_row = max(region.top, first_row)
    for row in range(region.above, last_row):
        for column in region.grid.filled.get(row, ()):
            cell = region.grid.cells[row, column]
            if cell.kind is Kind.TEXT:
                yield cell


def _unpinned(region: Region, cell: Cell) -> Finding:
    """Finding of a text above a table."""
    table = region.layout.name
    sheet = region.grid.name
    place = Place(sheet=sheet, cell=cell.address)
    affects = f"the next edition of the table {table!r}"
    line = region.layout.line
    return find(
        "title-unpinned",
        place,
        read=cell.text,
        affects=affects,
        table=table,
        line=line,
    )
