"""Extraction: from the sheets of a workbook to figures with headings, buckets and values."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from ilms_sdmx.conversion.figures import FIXED, figures
from ilms_sdmx.conversion.grid import Grid
from ilms_sdmx.conversion.heads import Heads, heads
from ilms_sdmx.conversion.locating import Region
from ilms_sdmx.conversion.rules import apply_rules
from ilms_sdmx.conversion.values import Value, read_text, separators, take_apart
from ilms_sdmx.findings import Finding, Place, Severity
from ilms_sdmx.mapping.document import Correction, MappingDocument
from ilms_sdmx.mapping.layout import Bucket, column

if TYPE_CHECKING:
    import pandas as pd


#: Columns of the figures where there are none.
NOTHING = [
    *FIXED,
    "bucket",
    "rule",
    "role",
    "value",
    "digits",
    "status",
    "multiplier",
    "rounding",
    "unit",
    "share",
]


@dataclass(frozen=True, eq=False)
class Extraction:
    """Figures of all tables.

    Parameters
    ----------
    figures
        One row a figure: `table`, `sheet`, `cell`, `text` as printed, `digits` (this figure's part of it),
        the headings, `bucket` and `role` (its bucket were it not missing), `rule`, `value` (plain decimal
        text, missing where there is none), `status` (SDMX), `multiplier`, `unit` (of rounding, in units of
        one).
    labels
        Sheet and address of the cells that are labels of a table.
    """

    figures: pd.DataFrame
    labels: frozenset[tuple[str, str]]
    findings: tuple[Finding, ...]


def extract(regions: list[Region], mapping: MappingDocument, file: str) -> Extraction:
    """Figures of every region, in the order of the sheets."""
    import pandas as pd

    frames, findings = [], []
    labels: set[tuple[str, str]] = set()
    for region in regions:
        found = heads(region)
        labels |= {
            (region.grid.name, region.grid.cells[at].address)
            for at in found.labels
            if at in region.grid.cells
        }
        findings += _without_head(region, found, file)
        frame = take_apart(
            apply_rules(figures(region, found, mapping.headings), region.layout), region.layout
        )
        read, problems = _with_values(frame, region, mapping.corrections, file)
        frames.append(read)
        findings += problems
    whole = pd.concat(frames, ignore_index=True) if frames else pd.DataFrame(columns=NOTHING, dtype="str")
    return Extraction(whole, frozenset(labels), tuple(findings))


def _without_head(region: Region, found: Heads, file: str) -> list[Finding]:
    missing = [h for h in region.layout.rows if h.name not in found.stubs]
    return [
        Finding(
            "heading-not-found",
            Severity.ERROR,
            f"No header says {str(h.header)!r} in the table {region.layout.name!r}.",
            place=Place(file, region.grid.name, region.grid.cells[region.begin].address),
            expected=str(h.header),
            mend=f"correct header of the row heading {h.name!r} in the mapping",
            affects=f"the labels {h.name!r} of the table",
        )
        for h in missing
    ]


def _with_values(
    frame: pd.DataFrame, region: Region, corrections: tuple[Correction, ...], file: str
) -> tuple[pd.DataFrame, list[Finding]]:
    """Frame with `value`, `role`, `unit`; texts are read once each."""
    import pandas as pd

    wanted = {c.text: c for c in corrections if not c.cell or c.cell.startswith(f"{region.grid.name}!")}
    texts = frame.loc[frame["number"].isna() & (frame["bucket"] != Bucket.IGNORE.value), "digits"]
    way, evidence = separators([str(t) for t in texts.unique()], region.layout.conventions)
    conventions = region.layout.conventions
    read = {str(t): read_text(str(t), way, evidence, conventions, wanted) for t in texts.unique()}
    plain = Value()
    values = [
        read.get(d, plain) if n != n else plain for d, n in zip(frame["digits"], frame["number"], strict=True)
    ]
    result = frame.assign(role=frame["bucket"])
    text_values = pd.Series([v.value or None for v in values], index=frame.index, dtype="str")
    result["value"] = frame["number"].fillna(text_values)
    said = pd.Series([v.status for v in values], index=frame.index, dtype="str")
    result["status"] = said.where(said != "", frame["status"])
    how = pd.Series([v.how for v in values], index=frame.index)
    kept = frame["bucket"] != Bucket.IGNORE.value
    result.loc[kept & (how == "marker") & result["value"].isna(), "bucket"] = Bucket.MISSING.value
    wrong = kept & (how == "number") & (result["value"].isna() | ~frame["kind"].isin(["number", "text"]))
    result.loc[wrong, "bucket"] = Bucket.FINDING.value
    result.loc[wrong, "value"] = None
    result["unit"] = _units(result, how)
    result["how"] = how
    findings = [_malformed(row, read, file) for row in result[wrong].to_dict("records")]
    findings += _corrected(result[how == "correction"], wanted, file)
    orphan = _headless(result, region, file)
    return result, [*findings, *orphan]


def _units(figures: pd.DataFrame, how: pd.Series[str]) -> pd.Series[float]:
    """Units to which figures are rounded, in units of one; 0 for exact counts."""
    import pandas as pd

    decimals = figures["digits"].str.extract(r"[.,](\d{1,2})\D*$", expand=False).str.len().fillna(0)
    powers = figures["multiplier"].astype("float64")
    shown = 10.0 ** (powers - decimals)
    zeros = figures["value"].str.extract(r"(0*)$", expand=False).str.len().fillna(0)
    declared = pd.to_numeric(figures["rounding"], errors="coerce") * 10.0**powers
    percent = figures["role"].isin([Bucket.PERCENT.value, Bucket.RATIO.value, Bucket.RATE.value])
    inexact = percent | (powers > 0) | figures["value"].str.contains(".", regex=False, na=False)
    exact = shown.where(inexact, 0.0).mask(how == "words", 10.0 ** (zeros + powers))
    return declared.fillna(exact)


def _malformed(row: dict[Any, Any], read: dict[str, Value], file: str) -> Finding:
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
        cause=f"perhaps {' or '.join(value.candidates)} was meant (not applied)" if value.candidates else "",
        mend=f"add to corrections:  {{text: {text!r}, value: ?, why: ?}}  or declare it under markers",
        affects="1 figure, not written",
    )


def _corrected(rows: pd.DataFrame, corrections: dict[str, Correction], file: str) -> list[Finding]:
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
        for sheet, cell, text, value in rows[["sheet", "cell", "digits", "value"]].itertuples(index=False)
    ]


def _headless(figures: pd.DataFrame, region: Region, file: str) -> list[Finding]:
    """Figures in a row or column without any label, which nothing can say what they are."""
    stubs = [column(h.name) for h in region.layout.rows if column(h.name) in figures.columns]
    found = []
    kept = figures["bucket"] != Bucket.IGNORE.value
    bare = kept & (figures[stubs] == "").all(axis=1) if stubs else kept & False
    above = [column(n) for n in (region.layout.columns or ("column",)) if n]
    above = [n for n in above if n in figures.columns]
    if above and (region.layout.header or region.layout.column_labels):
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
                mend=f"name it in the source, or ignore it by a rule of the table {row['table']!r}",
                affects="1 figure, not written",
            )
        )
    figures.loc[bare, "bucket"] = Bucket.FINDING.value
    return found


def sheets_of(regions: list[Region]) -> dict[str, Grid]:
    """Grids that hold a table, by name."""
    return {r.grid.name: r.grid for r in regions}
