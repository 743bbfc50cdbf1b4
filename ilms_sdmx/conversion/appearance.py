"""Appearance of figures: number cells whose page shows another number than they hold, or a percent."""

from __future__ import annotations

from decimal import Decimal
from typing import TYPE_CHECKING

from ilms_sdmx.findings import Finding, Place, Severity
from ilms_sdmx.mapping.layout import Bucket
from ilms_sdmx.tables.cells import PLAIN, Cell, Kind
from ilms_sdmx.tables.formats import shows_digits

if TYPE_CHECKING:
    import pandas as pd

PERCENT, SCALED, VEILED = "percent", "scaled", "veiled"
#: Buckets in which a percent is what it should be.
_SHARES = (Bucket.PERCENT.value, Bucket.RATIO.value, Bucket.RATE.value, Bucket.IGNORE.value)
_SAID = {
    PERCENT: (
        "percent-as-figure",
        "{n} shown as percent {is_are} taken for counts in the table {table!r}.",
        "a count, or the bucket percent or rate",
        "give the percents their bucket by a rule:  {{where: {{...}}, bucket: percent}}",
        "written as the page shows them: 12.3 for 12.3 %",
    ),
    SCALED: (
        "shown-in-thousands",
        "{n} of the table {table!r} {is_are} shown in thousands or millions by the format of the cell.",
        "the number that the cell holds, {value}, and no multiplier for what the page shows",
        "if the table has a multiplier for what is shown, take it away: the cell holds every digit",
        "written as the cells hold them, not as the page shows them",
    ),
    VEILED: (
        "shown-without-digits",
        "{n} of the table {table!r} {is_are} shown as words or nothing by the format of the cell.",
        "what the page shows, or the number that the cell holds: {value}",
        "if the page is right, put its text into the cell and declare it under markers",
        "written as the cells hold them",
    ),
}


def appearance(cell: Cell) -> str:
    """How the page shows a number: empty where it shows what the cell holds."""
    if cell.kind is not Kind.NUMBER or cell.style is PLAIN:
        return ""
    shown = cell.style.format
    if shown.percent:
        return PERCENT
    if shown.thousands:
        return SCALED
    assert isinstance(cell.value, Decimal)
    veiled = cell.value != 0 and not shows_digits(cell.value, cell.style.number_format)
    return VEILED if veiled else ""


def otherwise(figures: pd.DataFrame, table: str, file: str) -> list[Finding]:
    """Say once a table and kind which figures the page shows otherwise than they are written."""
    findings = []
    for kind, (rule, message, expected, mend, affects) in _SAID.items():
        rows = figures[(figures["shown"] == kind) & figures["value"].notna()]
        rows = rows[~rows["role"].isin(_SHARES if kind == PERCENT else [Bucket.IGNORE.value])]
        if rows.empty:
            continue
        first, one = rows.iloc[0], len(rows) == 1
        number = f"{len(rows)} figure{'' if one else 's'}"
        words = {"n": number, "is_are": "is" if one else "are", "table": table, "value": first["value"]}
        findings.append(
            Finding(
                rule,
                Severity.WARNING,
                message.format(**words),
                place=Place(file, str(first["sheet"]), str(first["cell"])),
                component="OBS_VALUE",
                read=str(first["text"]),
                expected=expected.format(**words),
                mend=mend.format(**words),
                affects=f"{number}, {affects}",
            )
        )
    return findings
