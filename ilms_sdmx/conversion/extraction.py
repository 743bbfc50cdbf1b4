"""Extraction: from the sheets of a workbook to figures with headings, buckets and values."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from ilms_sdmx.conversion.checks.sums import run_checks
from ilms_sdmx.conversion.figures.appearance import PERCENT, otherwise
from ilms_sdmx.conversion.figures.gathering import FIXED, figures
from ilms_sdmx.conversion.figures.misread import (
    corrected,
    headless,
    inferred,
    malformed,
    without_head,
)
from ilms_sdmx.conversion.figures.rounding import units
from ilms_sdmx.conversion.figures.rules import apply_rules, unused
from ilms_sdmx.conversion.figures.suspects import merged, suspects
from ilms_sdmx.conversion.figures.values import Value, read_text, separators, take_apart
from ilms_sdmx.conversion.layout.heads import heads
from ilms_sdmx.conversion.layout.marks import split_off
from ilms_sdmx.conversion.layout.regions import Region
from ilms_sdmx.findings import Finding
from ilms_sdmx.mapping.buckets import Bucket
from ilms_sdmx.mapping.document import Correction, MappingDocument
from ilms_sdmx.mapping.layout import Pattern, TableLayout, any_matches
from ilms_sdmx.tables.addresses import position
from ilms_sdmx.tables.separators import Inference

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
            findings += [*without_head(region, found, file), *suspects(region, found, file)]
        if own:
            texts = [c.text for c in mapping.corrections]
            frame = split_off(figures(own, mapping.headings, file), layout.conventions, texts)
            findings += unused(frame, layout, file)
            frame = take_apart(apply_rules(frame, layout), layout)
            read, problems = _with_values(frame, layout, mapping, file)
            shared = [f for region, found in own for f in merged(region, found, file)]
            frames.append(read)
            findings += [*problems, *_refused(read, shared)]
    whole = (
        pd.concat(frames, ignore_index=True)
        if frames
        else pd.DataFrame(columns=NOTHING, dtype="str")
    )
    return Extraction(whole.drop(columns=[*READING]), labels, tuple(findings))


def _refused(figures: pd.DataFrame, findings: list[Finding]) -> list[Finding]:
    """Keep the findings about figures that are not ignored, and write none of these figures."""
    kept = []
    for finding in findings:
        here = (figures["sheet"] == finding.place.sheet) & (
            figures["cell"] == finding.place.cell
        )
        here &= figures["bucket"] != Bucket.IGNORE.value
        if here.any():
            figures.loc[here, "bucket"] = Bucket.FINDING.value
            kept.append(finding)
    return kept


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
    wrong = (
        kept
        & (how == "number")
        & (result["value"].isna() | ~frame["kind"].isin(["number", "text"]))
    )
    notes = wrong & result["text"].map(lambda t: _is_note(str(t), mapping.notes)).astype("bool")
    result, how, wrong = result[~notes], how[~notes], wrong[~notes]
    result.loc[wrong, "bucket"] = Bucket.FINDING.value
    result.loc[wrong, "value"] = None
    findings = inferred(way, result, layout, file)
    findings += [malformed(row, read, file) for row in result[wrong].to_dict("records")]
    findings += corrected(result[how == "correction"], wanted, file)
    orphan = headless(result, layout, file)
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
    result["value"] = frame["number"].fillna(
        _map(told, {t: v.value or None for t, v in read.items()})
    )
    said = _map(told, {t: v.status or None for t, v in read.items()})
    result["status"] = said.fillna(frame["status"])
    how = _map(told, {t: v.how for t, v in read.items()}).fillna("number")
    kept = frame["bucket"] != Bucket.IGNORE.value
    result.loc[kept & (how == "marker") & result["value"].isna(), "bucket"] = (
        Bucket.MISSING.value
    )
    result["unit"] = units(result, how)
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
        verdicts = run_checks(_valued(frame, read)[0], (layout,))
        if verdicts.agree and all(verdicts.agree.values()):
            agreeing[way] = len(verdicts.agree)
    if len(agreeing) != 1:
        return open_
    ((way, number),) = agreeing.items()
    return Inference(way, f"{number} sums agree under this reading only: {way}")


def _map(texts: pd.Series[str], values: dict[str, str | None]) -> pd.Series[str]:
    """Value of each text, missing for those that are not among them."""
    import pandas as pd

    codes, distinct = pd.factorize(texts)
    found = pd.array([values.get(str(t)) for t in distinct.tolist()] + [None], dtype="str")
    return pd.Series(found.take(codes), index=texts.index)
