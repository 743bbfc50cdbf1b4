"""Extraction: from the sheets of a workbook to figures with headings, buckets and values."""

from __future__ import annotations

import re
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from ilms_sdmx.conversion.appearance import PERCENT, otherwise
from ilms_sdmx.conversion.checks import run_checks
from ilms_sdmx.conversion.figures import FIXED, figures
from ilms_sdmx.conversion.heads import Heads, heads
from ilms_sdmx.conversion.locating import Region
from ilms_sdmx.conversion.marks import split_off
from ilms_sdmx.conversion.rules import apply_rules, unused
from ilms_sdmx.conversion.suspects import merged, suspects
from ilms_sdmx.conversion.values import DECLARED, UNSURE, Value, read_text, separators, take_apart
from ilms_sdmx.findings import Finding, Place, Severity
from ilms_sdmx.mapping.document import Correction, MappingDocument
from ilms_sdmx.mapping.layout import Bucket, Pattern, TableLayout, any_matches, column
from ilms_sdmx.tables.cells import column_letters, position
from ilms_sdmx.tables.separators import Inference

if TYPE_CHECKING:
    import pandas as pd


_FRACTION = re.compile(r"[.,](\d{1,2})\D*$")
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
    "note",
]


#: Columns that only the reading of the figures needs.
READING = ("number", "kind", "shown", "rounding")


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
        Sheet to the places (row and column, as the workbook counts) of the labels of its tables.
    """

    figures: pd.DataFrame
    labels: dict[str, set[tuple[int, int]]]
    findings: tuple[Finding, ...]


def extract(regions: list[Region], mapping: MappingDocument, file: str) -> Extraction:
    """Figures of every region, table by table."""
    import pandas as pd

    frames, findings = [], []
    labels: dict[str, set[tuple[int, int]]] = {}
    for layout in mapping.tables:
        own = [(r, heads(r)) for r in regions if r.layout is layout]
        for region, found in own:
            cells = region.grid.cells
            places = {(cells[at].row, cells[at].column) for at in found.labels if at in cells}
            places |= {position(h.cell) for h in mapping.headings if h.cell}
            labels.setdefault(region.grid.name, set()).update(places)
            findings += [*_without_head(region, found, file), *suspects(region, found, file)]
        if own:
            texts = [c.text for c in mapping.corrections]
            frame = split_off(figures(own, mapping.headings, file), layout.conventions, texts)
            findings += unused(frame, layout, file)
            frame = take_apart(apply_rules(frame, layout), layout)
            read, problems = _with_values(frame, layout, mapping, file)
            shared = [f for region, found in own for f in merged(region, found, file)]
            frames.append(read)
            findings += [*problems, *_refused(read, shared)]
    whole = pd.concat(frames, ignore_index=True) if frames else pd.DataFrame(columns=NOTHING, dtype="str")
    return Extraction(whole.drop(columns=[*READING]), labels, tuple(findings))


def _refused(figures: pd.DataFrame, findings: list[Finding]) -> list[Finding]:
    """Keep the findings about figures that are not ignored, and write none of these figures."""
    kept = []
    for finding in findings:
        here = (figures["sheet"] == finding.place.sheet) & (figures["cell"] == finding.place.cell)
        here &= figures["bucket"] != Bucket.IGNORE.value
        if here.any():
            figures.loc[here, "bucket"] = Bucket.FINDING.value
            kept.append(finding)
    return kept


def _without_head(region: Region, found: Heads, file: str) -> list[Finding]:
    missing = [h for h in region.layout.rows if h.name not in found.stubs]
    return [
        Finding(
            "heading-not-found",
            Severity.ERROR,
            f"No labels of {h.name!r} stand in column {column_letters(h.column)}."
            if h.column
            else f"No header says {str(h.header)!r} in the table {region.layout.name!r}.",
            place=Place(file, region.grid.name, _address(region)),
            expected=f"labels in column {column_letters(h.column)}" if h.column else str(h.header),
            mend=f"correct header of the row heading {h.name!r} in the mapping",
            affects=f"the labels {h.name!r} of the table",
        )
        for h in missing
    ]


def _address(region: Region) -> str:
    """Where a table begins, or its figures."""
    cell = region.grid.cells.get(region.begin)
    return cell.address if cell else str(region.area or "")


def _with_values(
    frame: pd.DataFrame, layout: TableLayout, mapping: MappingDocument, file: str
) -> tuple[pd.DataFrame, list[Finding]]:
    """Frame with `value`, `role`, `unit`; texts are read once each, and notes among the figures left out."""
    wanted = {c.text: c for c in mapping.corrections}
    kept = frame["bucket"] != Bucket.IGNORE.value
    texts = [str(t) for t in frame.loc[frame["number"].isna() & kept, "digits"].unique()]
    way = separators(texts, layout.conventions)
    if way.separators is None:
        way = _by_sums(frame, layout, wanted, texts, way, file)
    read = {t: read_text(t, way, layout.conventions, wanted) for t in texts}
    result, how = _valued(frame, read)
    wrong = kept & (how == "number") & (result["value"].isna() | ~frame["kind"].isin(["number", "text"]))
    notes = wrong & result["text"].map(lambda t: _is_note(str(t), mapping.notes)).astype("bool")
    result, how, wrong = result[~notes], how[~notes], wrong[~notes]
    result.loc[wrong, "bucket"] = Bucket.FINDING.value
    result.loc[wrong, "value"] = None
    findings = _inferred(way, result, layout, file)
    findings += [_malformed(row, read, file) for row in result[wrong].to_dict("records")]
    findings += _corrected(result[how == "correction"], wanted, file)
    orphan = _headless(result, layout, file)
    result.loc[how == "percent", "shown"] = PERCENT
    return result, [*findings, *orphan, *otherwise(result, layout.name, file)]


def _is_note(text: str, notes: tuple[Pattern, ...]) -> bool:
    """Whether a text among the figures is words that the mapping declares a note: mostly letters."""
    letters, digits = sum(c.isalpha() for c in text), sum(c.isdigit() for c in text)
    return letters > max(3, digits) and any_matches(notes, text)


def _valued(frame: pd.DataFrame, read: dict[str, Value]) -> tuple[pd.DataFrame, pd.Series[str]]:
    """Frame with what was read of the texts, and how each value came about."""
    told = frame["digits"].where(frame["number"].isna())
    result = frame.assign(role=frame["bucket"])
    result["value"] = frame["number"].fillna(_map(told, {t: v.value or None for t, v in read.items()}))
    said = _map(told, {t: v.status or None for t, v in read.items()})
    result["status"] = said.fillna(frame["status"])
    how = _map(told, {t: v.how for t, v in read.items()}).fillna("number")
    kept = frame["bucket"] != Bucket.IGNORE.value
    result.loc[kept & (how == "marker") & result["value"].isna(), "bucket"] = Bucket.MISSING.value
    result["unit"] = _units(result, how)
    return result, how


def _by_sums(
    frame: pd.DataFrame,
    layout: TableLayout,
    wanted: dict[str, Correction],
    texts: list[str],
    open_: Inference,
    file: str,
) -> Inference:
    """Separators under which all totals agree that can be compared, where they are the only ones."""
    agreeing = {}
    for way in open_.candidates if layout.checks else ():
        trial = Inference(way, "")
        read = {t: read_text(t, trial, layout.conventions, wanted) for t in texts}
        verdicts = run_checks(_valued(frame, read)[0], (layout,), file)
        if verdicts.agree and all(verdicts.agree.values()):
            agreeing[way] = len(verdicts.agree)
    if len(agreeing) != 1:
        return open_
    ((way, number),) = agreeing.items()
    return Inference(way, f"{number} sums agree under this reading only: {way}")


def _inferred(way: Inference, figures: pd.DataFrame, layout: TableLayout, file: str) -> list[Finding]:
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
            mend="declare  decimal  and  group  under conventions",
        )
    ]


def _map(texts: pd.Series[str], values: dict[str, str | None]) -> pd.Series[str]:
    """Value of each text, missing for those that are not among them."""
    import pandas as pd

    codes, distinct = pd.factorize(texts)
    found = pd.array([values.get(str(t)) for t in distinct.tolist()] + [None], dtype="str")
    return pd.Series(found.take(codes), index=texts.index)


def _units(figures: pd.DataFrame, how: pd.Series[str]) -> pd.Series[float]:
    """Units to which figures are rounded, in units of one; 0 for exact counts."""
    import numpy as np
    import pandas as pd

    digits = figures["digits"]
    numbers, distinct = pd.factorize(digits)
    decimals = np.array([*(_decimals(str(t)) for t in distinct), 0], "float64").take(numbers)
    powers = figures["multiplier"].astype("float64")
    shown = 10.0 ** (powers - decimals)
    declared = pd.to_numeric(figures["rounding"], errors="coerce") * 10.0**powers
    percent = figures["role"].isin([Bucket.PERCENT.value, Bucket.RATIO.value, Bucket.RATE.value])
    inexact = percent | (powers > 0) | figures["value"].str.contains(".", regex=False, na=False)
    exact = shown.where(inexact, 0.0)
    words = how == "words"
    exact[words] = 10.0 ** (figures.loc[words, "value"].map(_zeros).astype("float64") + powers[words])
    return declared.fillna(exact)


def _decimals(text: str) -> int:
    """Count the digits after the last separator where they can be a fraction."""
    found = _FRACTION.search(text)
    return len(found.group(1)) if found else 0


def _zeros(value: str) -> int:
    """Count the zeros at the end of a value."""
    return len(value) - len(value.rstrip("0"))


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
        mend=_mend(text, value),
        affects="1 figure, not written",
    )


def _mend(text: str, value: Value) -> str:
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


def _headless(figures: pd.DataFrame, layout: TableLayout, file: str) -> list[Finding]:
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
                mend=f"name it in the source, or ignore it by a rule of the table {row['table']!r}",
                affects="1 figure, not written",
            )
        )
    figures.loc[bare, "bucket"] = Bucket.FINDING.value
    return found
