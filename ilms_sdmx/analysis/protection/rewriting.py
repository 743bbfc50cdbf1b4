"""Rewriting: tables as data sets whose figures are hidden, or others."""

from __future__ import annotations

from dataclasses import replace
from decimal import Decimal

import numpy as np

from ilms_sdmx.datasets import OBSERVATION, Dataset
from ilms_sdmx.validation.arithmetic.relations import countable
from ilms_sdmx.validation.coded.columns import Array
from ilms_sdmx.validation.coded.pool import signs
from ilms_sdmx.validation.coded.table import Coded

_STATUS = "OBS_STATUS"
#: Status of a figure that is not for publication.
CONFIDENTIAL = "C"


def of_same_persons(table: Coded, hidden: Array, hidden_signs: set[int]) -> Array:
    """Mask of the rates and means of the persons of a hidden figure: they would tell of it."""
    is_derived = ~countable(table) & table.first
    if not is_derived.any():
        return np.zeros(len(table), dtype=bool)
    of_rows = signs(table)
    is_same = np.isin(of_rows, np.array(sorted(hidden_signs), dtype=np.uint64))
    same: Array = is_derived & is_same & ~hidden
    return same


def without_figures(table: Coded, statuses: Array) -> Dataset:
    """Data set of a table whose rows with a status have no figure, and that status."""
    import pandas as pd

    dataset = table.dataset
    observations = dataset.observations.copy()
    of_rows = table.as_came(statuses)
    is_hidden = of_rows != ""
    for measure in dataset.components.measures:
        if measure in observations:
            texts = observations[measure].astype("str")
            observations[measure] = texts.mask(is_hidden, pd.NA)
    components = dataset.components
    if _STATUS in observations:
        status = observations[_STATUS].astype("str")
    else:
        status = pd.Series(pd.NA, index=observations.index, dtype="str")
        attributes = {**components.attributes, _STATUS: OBSERVATION}
        components = replace(components, attributes=attributes)
    given = pd.Series(of_rows, index=observations.index, dtype="str")
    observations[_STATUS] = status.mask(is_hidden, given)
    return replace(dataset, observations=observations, components=components, provenance=None)


def with_values(table: Coded, figures: Array, values: Array) -> Coded:
    """Table with other figures."""
    dataset = table.dataset
    observations = dataset.observations.copy()
    texts = observations[table.measure].astype("str").to_list()
    scale = table.as_came(table.figures.scale)
    figure_of_row = table.as_came(figures)
    for row in np.flatnonzero(figure_of_row >= 0).tolist():
        value = values[figure_of_row[row]]
        if np.isfinite(value):
            texts[row] = _text(value, float(scale[row]))
    observations[table.measure] = texts
    changed = replace(dataset, observations=observations, provenance=None)
    return Coded(changed, table.definition, table.file)


def _text(value: float, scale: float) -> str:
    """Lexical form of a whole number of persons in the unit of its row."""
    scaled = Decimal(round(value)) / Decimal(str(scale))
    return format(scaled.normalize(), "f")
