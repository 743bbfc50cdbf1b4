"""Titles of tables that a mapping has not pinned."""

from __future__ import annotations

from collections.abc import Sequence

from ilms_sdmx.conversion.figures.pinned import bears_on_meaning
from ilms_sdmx.conversion.figures.suspects import is_figure
from ilms_sdmx.conversion.layout.above import cells_above, rows_of_figures
from ilms_sdmx.conversion.layout.regions import Region
from ilms_sdmx.findings import Finding, Place, find, phrase
from ilms_sdmx.mapping.document import MappingDocument
from ilms_sdmx.tables.cells import Cell


def find_unpinned_titles(regions: Sequence[Region], mapping: MappingDocument) -> list[Finding]:
    """Findings of tables above which there are words, and that pin none, one each.

    A text that says a period or a unit is named before the others.
    """
    area = mapping.source.get("area", "")
    rows = rows_of_figures(regions)
    findings: dict[str, Finding] = {}
    for region in regions:
        layout = region.layout
        if layout.read is not None and layout.read.texts:
            continue
        if layout.name in findings:
            continue
        cells = [cell for cell in cells_above(region, rows) if not is_figure(cell.text)]
        meaning = [cell for cell in cells if bears_on_meaning(cell.text, area)]
        if cells:
            findings[layout.name] = _unpinned(region, (meaning or cells)[0])
    return list(findings.values())


def _unpinned(region: Region, cell: Cell) -> Finding:
    """Finding of a text above a table."""
    table = region.layout.name
    sheet = region.grid.name
    place = Place(sheet=sheet, cell=cell.address)
    affects = phrase("next-edition", table=repr(table))
    line = region.layout.line
    return find(
        "title-unpinned",
        place,
        read=cell.text,
        affects=affects,
        table=table,
        line=line,
    )
