"""Figures in the structure they are kept in, checked as all others are."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import replace
from typing import TYPE_CHECKING

from ilms_sdmx import structures
from ilms_sdmx.errors import StructureError
from ilms_sdmx.findings import Finding, Place, Report, find, phrase
from ilms_sdmx.mapping.duplicates import settle
from ilms_sdmx.mapping.scaling import are_numbers
from ilms_sdmx.records import Harmonised

if TYPE_CHECKING:
    import numpy as np
    import pandas as pd

_REASONS = {
    "malformed": "no number",
    "unmapped": "a code that its list does not have",
    "repeated": "the key occurs again with the same value",
    "conflict": "the key occurs again with another value",
}


def codelists_of(dataflow: str) -> dict[str, frozenset[str]]:
    """Codes by dimension of one of our dataflows; nothing of any other."""
    try:
        structure = structures.dataflow(dataflow).structure
    except StructureError:
        return {}
    codelists = {}
    for dimension in structure.dimensions:
        represented = dimension.local_representation
        if represented is not None and represented.enumerated is not None:
            codes = structures.codes(represented.enumerated.id)["code"]
            codelists[dimension.id] = frozenset(codes)
    return codelists


def harmonise_native(
    part: Harmonised, codelists: Mapping[str, frozenset[str]] | None = None
) -> Harmonised:
    """Part of which every observation has a number, known codes and a key of its own.

    Parameters
    ----------
    part
        Observations as they came, in the structure of their source.
    codelists
        Codes by dimension, of those dimensions whose list is known.

    Returns
    -------
    Harmonised
        The other observations are in `rest` with the reason; the report says why.
    """
    import pandas as pd

    observations = part.dataset.observations
    measure = part.dataset.components.measures[0]
    outcome = pd.Series("written", index=observations.index, dtype="str")
    is_malformed = _are_malformed(observations[measure])
    outcome[is_malformed] = "malformed"
    findings = list(_find_malformed(part, is_malformed))
    for dimension, codes in (codelists or {}).items():
        is_unknown = ~observations[dimension].astype("str").isin(codes).to_numpy()
        outcome[is_unknown] = "unmapped"
        findings += _find_unknown_codes(part, dimension, is_unknown)
    findings += _find_repetitions(part, outcome)
    is_written = (outcome == "written").to_numpy()
    if is_written.all():
        return part
    warnings = Report.of(findings).without_errors()
    return _without(part, is_written, outcome, warnings)


def _are_malformed(values: pd.Series[str]) -> np.ndarray:
    """Whether a value is there and is no number."""
    texts = values.astype("str").fillna("").to_numpy(dtype=object)
    is_there = texts != ""
    malformed: np.ndarray = is_there & ~are_numbers(texts)
    return malformed


def _place_of(part: Harmonised, row: int) -> Place:
    """Place of an observation: its data set and its key."""
    dataset = part.dataset
    dimensions = list(dataset.components.dimensions)
    cells = dataset.observations[dimensions].iloc[row]
    key = {dimension: str(cells[dimension]) for dimension in dimensions}
    return Place(dataflow=dataset.dataflow, key=key)


def _find_malformed(part: Harmonised, is_malformed: np.ndarray) -> Iterable[Finding]:
    """Findings of the values that are no numbers, one a text, with the first key."""
    dataset = part.dataset
    measure = dataset.components.measures[0]
    texts = dataset.observations[measure].astype("str")
    for text, rows in _rows_by_text(texts, is_malformed).items():
        place = _place_of(part, rows[0])
        count = len(rows)
        affects = phrase("observations-not-written", count=count)
        yield find("malformed-number", place, read=text, affects=affects, component=measure)


def _find_unknown_codes(
    part: Harmonised, dimension: str, is_unknown: np.ndarray
) -> list[Finding]:
    """Findings of the codes that their list does not have, one a code."""
    column = part.dataset.observations[dimension]
    codes = column.astype("str").fillna("")
    findings = []
    for code, rows in _rows_by_text(codes, is_unknown).items():
        place = _place_of(part, rows[0])
        count = len(rows)
        finding = find(
            "unknown-label",
            place,
            read=code,
            component=dimension,
            affects=phrase("observations-not-written", count=count),
            codelist=phrase("the-list", name=dimension),
        )
        findings.append(finding)
    return findings


def _rows_by_text(texts: pd.Series[str], is_chosen: np.ndarray) -> dict[str, list[int]]:
    """Numbers of the chosen rows by their text."""
    rows_by_text: dict[str, list[int]] = {}
    for row in is_chosen.nonzero()[0]:
        rows_by_text.setdefault(str(texts.iloc[row]), []).append(int(row))
    return rows_by_text


def _find_repetitions(part: Harmonised, outcome: pd.Series[str]) -> list[Finding]:
    """Findings of keys that occur twice; `outcome` says which of them are not written."""
    dataset = part.dataset
    keys = dataset.observations[dataset.components.columns]
    losses = settle(keys, outcome, dataset.components, keys, lambda row: _place_of(part, row))
    return [finding for finding, _ in losses]


def _without(
    part: Harmonised, is_written: np.ndarray, outcome: pd.Series[str], report: Report
) -> Harmonised:
    """Part with the observations that are written; the others are in its rest."""
    dataset = part.dataset
    observations = dataset.observations
    measure = dataset.components.measures[0]
    unwritten = observations[~is_written].rename(columns={measure: "text"})
    left = unwritten.astype("str")
    left["reason"] = outcome[~is_written].map(_REASONS)
    written = observations[is_written].reset_index(drop=True)
    kept = replace(dataset, observations=written)
    records = part.records[is_written].reset_index(drop=True)
    rest = joined_rest([part.rest, left])
    told = part.report + report
    return replace(part, dataset=kept, records=records, rest=rest, report=told)


def joined_rest(rests: list[pd.DataFrame]) -> pd.DataFrame:
    """Figures without a place of several answers, one table."""
    import pandas as pd

    filled = [rest for rest in rests if len(rest)]
    return pd.concat(filled, ignore_index=True) if filled else rests[0]
