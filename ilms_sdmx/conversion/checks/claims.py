"""Claims: figures that the same source states elsewhere too, compared with those of its tables."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING

from ilms_sdmx.conversion.figures.rules import chosen
from ilms_sdmx.conversion.figures.values import read_text, separators
from ilms_sdmx.findings import Finding, Place, Severity
from ilms_sdmx.mapping.document import Claim, MappingDocument
from ilms_sdmx.tables.cells import Workbook
from ilms_sdmx.words.text import clean

if TYPE_CHECKING:
    import pandas as pd


def run_claims(
    figures: pd.DataFrame, mapping: MappingDocument, workbook: Workbook
) -> list[Finding]:
    """Every claim against the figures with its headings; equal ones say nothing."""
    return [f for claim in mapping.claims for f in _run(claim, figures, mapping, workbook)]


def _run(
    claim: Claim, figures: pd.DataFrame, mapping: MappingDocument, workbook: Workbook
) -> list[Finding]:
    printed, where = (claim.printed, Place()) if claim.printed else _find(claim.text, workbook)
    rows = (
        figures[chosen(figures, claim.where) & figures["value"].notna()]
        if len(figures)
        else figures
    )
    words = claim.source or str(where)
    if not printed or not len(rows):
        what = (
            f"The text {claim.text!r} is not found"
            if not printed
            else f"No figure is meant by the claim of {words}"
        )
        return [
            Finding("claim-not-found", Severity.WARNING, f"{what}.", place=Place(workbook.name))
        ]
    way = separators([printed, *rows["digits"]], mapping.conventions)
    stated = read_text(printed, way, mapping.conventions, {})
    if not stated.value:
        return [
            Finding(
                "claim-not-found", Severity.WARNING, f"{printed!r} in {words} is no number."
            )
        ]
    return [
        Finding(
            "stated-otherwise",
            Severity.WARNING,
            f"The table prints {row['text']}, {words} states {printed}.",
            place=Place(workbook.name, row["sheet"], row["cell"]),
            read=row["text"],
            expected=printed,
            cause=f"the same figure is stated in {words}",
            fix="ask the publisher which is right",
            affects="1 figure, written as the table prints it",
        )
        for row in rows.to_dict("records")
        if float(row["value"]) * 10 ** int(row["multiplier"]) != float(stated.value)
    ]


def _find(text: str, workbook: Workbook) -> tuple[str, Place]:
    """First group of an expression in the cells of a workbook, and where it stands."""
    pattern = re.compile(text, re.IGNORECASE)
    for sheet in workbook:
        for cell in sheet:
            if found := pattern.search(clean(cell.text)):
                return found.group(1), Place(workbook.name, sheet.name, cell.address)
    return "", Place()
