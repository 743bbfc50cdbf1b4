"""Findings about the reading of figures: malformed, corrected, without a label, read by inference."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from ilms_sdmx.conversion.figures.values import DECLARED, UNSURE, Value
from ilms_sdmx.conversion.layout.head_labels import Heads
from ilms_sdmx.conversion.layout.regions import Region
from ilms_sdmx.findings import Finding, Place, Severity
from ilms_sdmx.mapping.buckets import Bucket
from ilms_sdmx.mapping.document import Correction
from ilms_sdmx.mapping.layout import TableLayout, column
from ilms_sdmx.tables.addresses import column_letters
from ilms_sdmx.tables.separators import Inference

if TYPE_CHECKING:
    import pandas as pd


def without_head(region: Region, found: Heads, file: str) -> list[Finding]:
    """Tell of row headings whose labels stand nowhere."""
    missing = [h for h in region.layout.rows if h.name not in found.stubs]
    return [
        Finding(
            "heading-not-found",
            Severity.ERROR,
            f"No labels of {h.name!r} stand in column {column_letters(h.column)}."
            if h.column
            else f"No header says {str(h.header)!r} in the table {region.layout.name!r}.",
            place=Place(file, region.grid.name, _address(region)),
            expected=f"labels in column {column_letters(h.column)}"
            if h.column
            else str(h.header),
            fix=f"correct header of the row heading {h.name!r} in the mapping",
            affects=f"the labels {h.name!r} of the table",
        )
        for h in missing
    ]


def _address(region: Region) -> str:
    """Where a table begins, or its figures."""
    cell = region.grid.cells.get(region.begin)
    return cell.address if cell else str(region.area or "")


def inferred(
    way: Inference, figures: pd.DataFrame, layout: TableLayout, file: str
) -> list[Finding]:
    """Say on what evidence the separators of a table stand where the mapping declares none."""
    if way.separators is None or way.evidence == DECLARED:
        return []
    texts = figures[figures["number"].isna()]
    marked = texts[texts["digits"].str.contains(r"\d[.,'\s]\s?\d", na=False)]
    if marked.empty:
        return []
    first = marked.iloc[0]
    return [
        Finding(
            "inferred-separators",
            Severity.NOTE,
            f"The numbers of the table {layout.name!r} are read with {way.separators}.",
            place=Place(file, str(first["sheet"]), str(first["cell"])),
            read=str(first["text"]),
            cause=way.evidence,
            fix="declare  decimal  and  group  under conventions",
        )
    ]


def malformed(row: dict[Any, Any], read: dict[str, Value], file: str) -> Finding:
    """Tell of a text that is no number, and of the line that would let it be read."""
    value = read.get(str(row["digits"]), Value())
    kind = {
        "date": "a date",
        "boolean": "a truth value",
        "error": "an error",
        "uncached": "a formula without result",
    }
    reason = f"it is {kind[row['kind']]}" if row["kind"] in kind else value.reason
    text = str(row["text"])
    return Finding(
        "malformed-number",
        Severity.ERROR,
        f"{text!r} stands where a figure should: {reason}.",
        place=Place(file, row["sheet"], row["cell"]),
        component="OBS_VALUE",
        read=text,
        expected=value.expected or "a number",
        cause=f"perhaps {' or '.join(value.candidates)} was meant (not applied)"
        if value.candidates
        else "",
        fix=_fix(text, value),
        affects="1 figure, not written",
    )


def _fix(text: str, value: Value) -> str:
    """Line that would let a text be read, or leave it out."""
    if value.expected == UNSURE:
        return "add to conventions:  decimal: '.', group: ','  or  decimal: ',', group: '.'"
    line = f"add to corrections:  {{text: {text!r}, value: ?, why: ?}}  or declare it under markers"
    words = not any(c.isdigit() for c in text)
    return (
        f"{line}; where the table ends above it, say end; where its column holds words, ignore it by a rule"
        if words and len(text) > 3
        else line
    )


def corrected(
    rows: pd.DataFrame, corrections: dict[str, Correction], file: str
) -> list[Finding]:
    """Tell of the texts that a person has read for the machine."""
    return [
        Finding(
            "corrected-figure",
            Severity.WARNING,
            f"{text!r} is not read as printed: {corrections[text.strip()].why}.",
            place=Place(file, sheet, cell),
            component="OBS_VALUE",
            read=text,
            expected=value if value == value else "no value",
            cause="decided by a person in corrections of the mapping",
        )
        for sheet, cell, text, value in rows[["sheet", "cell", "digits", "value"]].itertuples(
            index=False
        )
    ]


def headless(figures: pd.DataFrame, layout: TableLayout, file: str) -> list[Finding]:
    """Figures in a row or column without any label, which nothing can say what they are."""
    stubs = [column(h.name) for h in layout.rows if column(h.name) in figures.columns]
    found = []
    kept = figures["bucket"] != Bucket.IGNORE.value
    bare = kept & (figures[stubs] == "").all(axis=1) if stubs else kept & False
    above = [column(n) for n in (layout.columns or ("column",)) if n]
    above = [n for n in above if n in figures.columns]
    if above and (layout.header or layout.column_labels or layout.column_rows):
        bare |= kept & (figures[above] == "").all(axis=1)
    for row in figures[bare].to_dict("records"):
        found.append(
            Finding(
                "figure-without-heading",
                Severity.ERROR,
                f"{row['text']!r} stands in a row or column without a label.",
                place=Place(file, row["sheet"], row["cell"]),
                read=row["text"],
                expected="a label beside and above every figure",
                fix=f"name it in the source, or ignore it by a rule of the table {row['table']!r}",
                affects="1 figure, not written",
            )
        )
    figures.loc[bare, "bucket"] = Bucket.FINDING.value
    return found
