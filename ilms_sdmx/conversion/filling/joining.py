"""Joining of data sets of one dataflow that several parts of a mapping fill."""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING, Any

from ilms_sdmx.conversion.figures.model import Figures
from ilms_sdmx.datasets import Dataset
from ilms_sdmx.findings import Place
from ilms_sdmx.mapping.application import Applied
from ilms_sdmx.mapping.duplicates import Loss, settle

if TYPE_CHECKING:
    import pandas as pd


def joined(
    applied: list[Applied], figures: Figures, file: str
) -> tuple[list[Applied], tuple[Dataset, ...], list[Loss]]:
    """One data set for each dataflow, in the order of the mapping.

    Keys that meet are settled as within one data set: what is given back first says what became
    of each figure after that.
    """
    by_flow: dict[str, list[int]] = {}
    for position, one in enumerate(applied):
        by_flow.setdefault(one.dataset.dataflow, []).append(position)
    settled = list(applied)
    datasets = []
    findings = []
    for positions in by_flow.values():
        parts = [applied[position] for position in positions]
        dataset = parts[0].dataset
        if len(parts) > 1:
            dataset, parts, repetitions = _join(parts, figures, file)
            findings += repetitions
            for position, part in zip(positions, parts, strict=True):
                settled[position] = part
        if len(dataset):
            datasets.append(_with_file(dataset, file))
    return settled, tuple(datasets), findings


def _join(
    parts: list[Applied], figures: Figures, file: str
) -> tuple[Dataset, list[Applied], list[Loss]]:
    """One data set of several parts, and the parts after their keys have met."""
    import pandas as pd

    first = parts[0].dataset
    written = [part.dataset.observations for part in parts]
    texts = [part.astype("str") for part in written]
    keys = pd.concat(texts, ignore_index=True)
    numbers: list[Any] = []
    for part in written:
        numbers += list(part.index)
    figures_written = figures.frame.loc[numbers]
    cells = figures_written.reset_index(drop=True)
    outcome = pd.Series("written", index=keys.index, dtype="str")

    def place(position: int) -> Place:
        row = cells.iloc[position]
        sheet = str(row["sheet"])
        cell = str(row["cell"])
        return Place(file, sheet, cell, first.dataflow)

    losses = settle(keys, outcome, first.components, cells, place)
    figure_numbers = pd.Index(numbers)
    losses = [(finding, figure_numbers[rows]) for finding, rows in losses]
    kept = outcome == "written"
    provenance = cells.loc[kept, ["sheet", "cell", "text"]]
    dataset = replace(first, observations=keys[kept], provenance=provenance)
    return dataset, _with_outcomes(parts, outcome), losses


def _with_outcomes(parts: list[Applied], outcome: pd.Series[str]) -> list[Applied]:
    """Parts whose outcomes say what became of their figures among all, in their order."""
    settled = []
    start = 0
    for part in parts:
        written = part.dataset.observations.index
        end = start + len(written)
        changed = part.outcome.copy()
        changed.loc[written] = outcome.iloc[start:end].to_numpy()
        settled.append(replace(part, outcome=changed))
        start = end
    return settled


def _with_file(dataset: Dataset, file: str) -> Dataset:
    """Data set whose provenance says the file too."""
    if dataset.provenance is None:
        return dataset
    return replace(dataset, provenance=dataset.provenance.assign(file=file))
