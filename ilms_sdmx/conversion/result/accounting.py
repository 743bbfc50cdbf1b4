"""Accounting: every non-empty cell of the workbook in one bucket, with the rule that put it there."""

from __future__ import annotations

from collections.abc import Mapping
from typing import TYPE_CHECKING, Any

from ilms_sdmx.conversion.extraction import Extraction
from ilms_sdmx.conversion.figures.suspects import is_figure
from ilms_sdmx.conversion.layout.grid import is_blank, printed
from ilms_sdmx.findings import Finding, Place, Severity
from ilms_sdmx.mapping.buckets import Bucket
from ilms_sdmx.mapping.document import Ignored, MappingDocument
from ilms_sdmx.mapping.layout import any_matches
from ilms_sdmx.tables.cells import Cell, Kind, Sheet, Workbook

if TYPE_CHECKING:
    import pandas as pd

#: Rule, in the provenance, of a cell that the mapping says nothing about.
UNEXPLAINED = "unexplained"

#: Columns of the provenance before the components.
FIRST = ("file", "sheet", "cell", "bucket", "rule", "text", "value", "dataflow")


def account(
    workbook: Workbook,
    extraction: Extraction,
    mapping: MappingDocument,
    legend: Mapping[str, Mapping[tuple[int, int], str]],
) -> tuple[pd.DataFrame, list[Finding]]:
    """Rows for the cells that are no figures, in the columns of `FIRST`, and findings for the unexplained.

    `legend` holds, by sheet, the places of the footnotes that figures refer to, with their marks.
    """
    import pandas as pd

    known = extraction.figures.groupby("sheet", sort=False).indices
    rows: list[tuple[Any, ...]] = []
    findings: list[Finding] = []
    for sheet in workbook:
        unexplained = []
        labels = extraction.labels.get(sheet.name, set())
        own = extraction.figures[["row", "column_number"]].iloc[known.get(sheet.name, [])]
        figures = set(own.itertuples(index=False, name=None))
        for place, cell in sheet.cells.items():
            if place in figures or is_blank(cell):
                continue
            mark = legend.get(sheet.name, {}).get(place, "")
            bucket, rule = _bucket(cell, sheet, place in labels, mark, mapping)
            rows.append(
                (
                    workbook.name,
                    sheet.name,
                    cell.address,
                    bucket,
                    rule,
                    printed(cell),
                    "",
                    "",
                    *place,
                )
            )
            if bucket == Bucket.FINDING.value:
                unexplained.append(cell)
        findings += _unexplained(workbook.name, sheet, unexplained)
    frame = pd.DataFrame(rows, columns=[*FIRST, "row", "column_number"])
    return frame.astype(dict.fromkeys(FIRST, "str")), findings


def _bucket(
    cell: Cell, sheet: Sheet, label: bool, mark: str, mapping: MappingDocument
) -> tuple[str, str]:
    """Bucket and rule of a cell that is no figure."""
    if mapping.conventions.hidden == "ignore" and sheet.is_hidden(cell.row, cell.column):
        return Bucket.IGNORE.value, "hidden"
    if label:
        return Bucket.LABEL.value, "label of a table"
    text = cell.text
    left_out = (i for i in mapping.ignore if _covers(i, sheet.name, cell))
    if ignored := next((i for i in left_out if i.text.matches(text)), None):
        return Bucket.IGNORE.value, ignored.why
    if note := next((n for n in mapping.notes if n.matches(text)), None):
        return Bucket.NOTE.value, f"note: {note}"
    if mark:
        return Bucket.NOTE.value, f"footnote {mark}"
    for table in mapping.tables:
        if (table.title and table.begin and table.begin.matches(text)) or any_matches(
            table.labels, text
        ):
            return Bucket.LABEL.value, f"label of {table.name}"
    outside = (h.text for h in mapping.headings if not h.cell)
    if cell.kind is Kind.TEXT and any(p.search(text) for p in outside if p):
        return Bucket.LABEL.value, "heading outside the table"
    return Bucket.FINDING.value, UNEXPLAINED


def _covers(ignored: Ignored, sheet: str, cell: Cell) -> bool:
    """Whether a rule reaches to the place of a cell."""
    if ignored.sheets and not any_matches(ignored.sheets, sheet):
        return False
    return not ignored.cells or any((cell.row, cell.column) in area for area in ignored.cells)


def _unexplained(file: str, sheet: Sheet, cells: list[Cell]) -> list[Finding]:
    """One finding a cell, or one for a sheet that no table and no rule knows."""
    if len(cells) > 50 and len(cells) > len(sheet) // 2:
        return [
            Finding(
                "unexplained-sheet",
                Severity.ERROR,
                f"{len(cells)} cells of the sheet belong to no table of the mapping.",
                place=Place(file, sheet.name),
                expected="a table, a note or a reason to ignore for every cell",
                fix="add a table for it, or  ignore: [{text: /./, sheets: "
                + sheet.name
                + ", why: ...}]",
                affects=f"{len(cells)} cells",
            )
        ]
    return [_one(file, sheet.name, cell) for cell in cells]


def _one(file: str, sheet: str, cell: Cell) -> Finding:
    number = cell.kind is not Kind.TEXT or is_figure(cell.text)
    return Finding(
        "unexplained-cell",
        Severity.ERROR if number else Severity.WARNING,
        f"{cell.text[:80]!r} belongs to no table and no rule of the mapping.",
        place=Place(file, sheet, cell.address),
        read=cell.text,
        expected="a table, a note or a reason to ignore for every cell",
        fix=f"add to notes:  {cell.text[:60]!r}",
        affects="1 cell",
    )
