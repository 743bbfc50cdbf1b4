"""Joining of data sets of one dataflow that several parts of a mapping fill."""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING

from ilms_sdmx.datasets import Dataset
from ilms_sdmx.findings import Finding, Place
from ilms_sdmx.mapping.application import Applied
from ilms_sdmx.mapping.duplicates import settle

if TYPE_CHECKING:
    import pandas as pd


def join(
    applied: list[Applied], figures: pd.DataFrame, file: str
) -> tuple[tuple[Dataset, ...], list[Finding]]:
    """One data set for each dataflow, in the order of the mapping; keys that meet are settled as within one.

    The outcome of figures that are not written for that reason changes in `applied`.
    """
    by_flow: dict[str, list[Applied]] = {}
    for one in applied:
        by_flow.setdefault(one.dataset.dataflow, []).append(one)
    datasets, findings = [], []
    for group in by_flow.values():
        dataset, found = (
            (group[0].dataset, []) if len(group) == 1 else _join(group, figures, file)
        )
        findings += found
        if len(dataset):
            datasets.append(_of_file(dataset, file))
    return tuple(datasets), findings


def _of_file(dataset: Dataset, file: str) -> Dataset:
    """Let the provenance of a data set say the file too."""
    if dataset.provenance is None:
        return dataset
    return replace(dataset, provenance=dataset.provenance.assign(file=file))


def _join(
    group: list[Applied], figures: pd.DataFrame, file: str
) -> tuple[Dataset, list[Finding]]:
    import pandas as pd

    first = group[0].dataset
    written = [a.dataset.observations for a in group]
    keys = pd.concat([w.astype("str") for w in written], ignore_index=True)
    own = figures.loc[[i for w in written for i in w.index]].reset_index(drop=True)
    outcome = pd.Series("written", index=keys.index, dtype="str")

    def place(position: int) -> Place:
        row = own.iloc[position]
        return Place(file, str(row["sheet"]), str(row["cell"]), first.dataflow)

    findings = settle(keys, outcome, first.components, own, place)
    start = 0
    for one, part in zip(group, written, strict=True):
        one.outcome.loc[part.index] = outcome.iloc[start : start + len(part)].to_numpy()
        start += len(part)
    kept = outcome == "written"
    provenance = own.loc[kept, ["sheet", "cell", "text"]]
    return replace(first, observations=keys[kept], provenance=provenance), findings
