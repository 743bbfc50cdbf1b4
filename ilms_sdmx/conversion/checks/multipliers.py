"""Units that a sheet says in words: figures in thousands, of which the mapping knows nothing."""

from __future__ import annotations

import re
from functools import lru_cache
from typing import TYPE_CHECKING

from ilms_sdmx.findings import Finding, Place, Severity
from ilms_sdmx.mapping.layout import Bucket, TableLayout
from ilms_sdmx.tables.cells import Cell, Kind, Sheet, Workbook
from ilms_sdmx.tables.text import clean

if TYPE_CHECKING:
    import pandas as pd

#: Words that say a power of ten of the figures around them, in the languages of the region.
_SAID = {
    3: re.compile(
        r"['’‘`´]000|\b(?:in|dalam|em) (?:thousands?|ribu(?:an)?|milhares)\b|^\W*thousands?\W*$|\(ribu\)|"
        r"\bthous(?:and|\.)? (?:of )?(?:persons?|workers|people)|\bribu (?:orang|jiwa)|\bmil pessoas|"
        r"(?:nghìn|ngàn) (?:người|lao động)|พันคน|ພັນຄົນ|ពាន់នាក់",
        re.IGNORECASE,
    ),
    6: re.compile(
        r"\bin millions?\b|^\W*millions?\W*$|\bjuta (?:orang|jiwa)|triệu người|ล้านคน|\bmilhões de pessoas",
        re.IGNORECASE,
    ),
}
#: A number before the words: they belong to it, as in *7 thousand persons*.
_COUNTED = re.compile(r"\d\s*$")
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
    texts = (c for c in sheet if c.kind is Kind.TEXT and not c.text[:1].isdigit())
    return [(cell, power) for cell in texts if (power := _power(clean(cell.text)))]


@lru_cache(maxsize=4096)
def _power(text: str) -> int:
    """Power of ten that a text says, 0 for none."""
    for power, words in _SAID.items():
        if any(not _COUNTED.search(text[: m.start()]) for m in words.finditer(text)):
            return power
    return 0


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
