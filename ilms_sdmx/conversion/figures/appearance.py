"""Appearance of figures: number cells whose page shows another number than they hold, or a percent."""

from __future__ import annotations

import re
from decimal import Decimal
from typing import TYPE_CHECKING

from ilms_sdmx.findings import Finding, Place, Severity
from ilms_sdmx.mapping.buckets import Bucket
from ilms_sdmx.tables.cells import PLAIN, Cell, Kind
from ilms_sdmx.tables.formats import shows_digits
from ilms_sdmx.tables.markers import flags_line

if TYPE_CHECKING:
    import pandas as pd

PERCENT, SCALED, VEILED, MARKED = "percent", "scaled", "veiled", "marked"
#: Letters and signs of marks beside digits; those of an exponent are none.
_MARK = re.compile(r"(?!(?<=\d)E[+-]?\d)[^\W\d_]|[*†‡§#!?]")
#: Ways of showing a number that put a mark beside it.
MARKED_WAYS = tuple(f"{kind} {MARKED}".strip() for kind in ("", PERCENT, SCALED, VEILED))
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
    MARKED: (
        "shown-with-mark",
        "{n} of the table {table!r} {is_are} shown with letters or signs by the format of the cell.",
        "the number that the cell holds, {value}, and nothing that the page says of it",
        "add to conventions:  {flags}  if it says a status, else  footnotes: '{mark}'",
        "written without what the page shows beside them",
    ),
}


def appearance(cell: Cell) -> str:
    """How the page shows a number: empty where it shows what the cell holds and no more."""
    if cell.kind is not Kind.NUMBER or (cell.style is PLAIN and cell.extra.text is None):
        return ""
    shown = cell.style.format
    assert isinstance(cell.value, Decimal)
    veiled = cell.value != 0 and not shows_digits(cell.value, cell.style.number_format)
    kind = PERCENT if shown.percent else SCALED if shown.thousands else VEILED if veiled else ""
    return f"{kind} {MARKED}".strip() if has_mark(cell.text) else kind


def has_mark(text: str) -> bool:
    """Whether letters or signs stand beside the digits of a printed number.

    >>> [has_mark(text) for text in ("1,234 p", "12*", "(1,234)", "-5.0%", "1.2E+05")]
    [True, True, False, False, False]
    """
    return _MARK.search(text) is not None


def otherwise(figures: pd.DataFrame, table: str, file: str) -> list[Finding]:
    """Say once a table and kind which figures the page shows otherwise than they are written."""
    findings = []
    ways = [str(s) for s in figures["shown"].dropna().unique()]
    for kind in _SAID:
        shown = figures["shown"].isin([s for s in ways if kind in s.split()])
        rows = figures[shown & figures["value"].notna()]
        rows = rows[~rows["role"].isin(_SHARES if kind == PERCENT else [Bucket.IGNORE.value])]
        if len(rows):
            findings.append(_finding(kind, rows, table, file))
    return findings


def _finding(kind: str, rows: pd.DataFrame, table: str, file: str) -> Finding:
    rule, message, expected, fix, affects = _SAID[kind]
    first, one = rows.iloc[0], len(rows) == 1
    number = f"{len(rows)} figure{'' if one else 's'}"
    mark = "".join(_MARK.findall(str(first["text"])))
    words = {
        "n": number,
        "is_are": "is" if one else "are",
        "table": table,
        "value": first["value"],
    }
    words |= {"flags": flags_line(mark), "mark": re.escape(mark)}
    return Finding(
        rule,
        Severity.WARNING,
        message.format(**words),
        place=Place(file, str(first["sheet"]), str(first["cell"])),
        component="OBS_VALUE",
        read=str(first["text"]),
        expected=expected.format(**words),
        fix=fix.format(**words),
        affects=f"{number}, {affects}",
    )
