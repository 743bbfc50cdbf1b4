"""Units that a sheet says in words: figures in thousands, of which the mapping knows nothing."""

from __future__ import annotations

from typing import TYPE_CHECKING

from ilms_sdmx.findings import Finding, Place, Severity
from ilms_sdmx.mapping.buckets import Bucket
from ilms_sdmx.mapping.layout import TableLayout
from ilms_sdmx.tables.cells import Cell, Kind, Sheet, Workbook
from ilms_sdmx.words import power_of

if TYPE_CHECKING:
    import pandas as pd

#: Buckets of figures that count persons.
_COUNTS = (Bucket.OBSERVATION.value, Bucket.TOTAL.value, Bucket.OF_WHICH.value)


def unsaid(
    figures: pd.DataFrame, layouts: tuple[TableLayout, ...], workbook: Workbook
) -> list[Finding]:
    """Tell of sheets that say thousands while no figure on them has a multiplier.

    A table that says `multiplier: 0` has been looked at by a person.
    """
    findings = []
    decided = {layout.name for layout in layouts if layout.multiplier is not None}
    for sheet in workbook:
        words = _words(sheet)
        if not words or not len(figures):
            continue
        own = figures[figures["sheet"] == sheet.name]
        counts = own[own["role"].isin(_COUNTS) & ~own["table"].isin(decided)]
        taken = set(own[["row", "column_number"]].itertuples(index=False, name=None))
        said = next(
            ((cell, power) for cell, power in words if (cell.row, cell.column) not in taken),
            None,
        )
        if said and len(counts) and not (own["multiplier"].astype("int64") != 0).any():
            findings.append(_finding(workbook.name, sheet.name, *said, len(counts)))
    return findings


def _words(sheet: Sheet) -> list[tuple[Cell, int]]:
    """Cells that say a power of ten, and the power."""
    texts = [cell for cell in sheet if cell.kind is Kind.TEXT]
    powers = [(cell, power_of(cell.text)) for cell in texts]
    return [(cell, power) for cell, power in powers if power]


def _finding(file: str, sheet: str, cell: Cell, power: int, count: int) -> Finding:
    return Finding(
        "multiplier-unsaid",
        Severity.WARNING,
        f"The sheet says {cell.text!r}, and the mapping has no multiplier for its figures.",
        place=Place(file, sheet, cell.address),
        component="UNIT_MULT",
        read=cell.text,
        expected=f"multiplier: {power}, of the table or by a rule",
        fix=f"add multiplier: {power} to the table, or multiplier: 0 if the words mean something else",
        affects=f"{count} figure{'s' * (count > 1)}, written as printed",
    )
