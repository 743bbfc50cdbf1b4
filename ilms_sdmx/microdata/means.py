"""Means and weighted medians of earnings and hours, with their errors."""

from __future__ import annotations

import math
from collections.abc import Iterator
from dataclasses import replace
from itertools import product
from typing import TYPE_CHECKING

from ilms_sdmx.microdata.classes import Level
from ilms_sdmx.microdata.estimation.quantiles import weighted_quantile, woodruff
from ilms_sdmx.microdata.leaves import Leaf
from ilms_sdmx.microdata.records import SCALE, VALUE_SCALE
from ilms_sdmx.microdata.rolling import Roller, TableCell
from ilms_sdmx.microdata.specifications import DimensionLevels, TableSpecification

if TYPE_CHECKING:
    import numpy as np
    from numpy.typing import NDArray

    from ilms_sdmx.microdata.estimation.design import Codes


def mean_cells(
    roller: Roller, specification: TableSpecification, leaf: Leaf
) -> Iterator[tuple[TableCell, TableCell]]:
    """Mean and median of each cell of a table; the leaf keeps each value apart."""
    seen: set[tuple[str, ...]] = set()
    versions = [dimension.versions for dimension in specification.dimensions]
    for chosen in product(*versions):
        for combination in product(*chosen):
            named = zip(specification.dimensions, combination, strict=True)
            for codes, inside in _groups(leaf, list(named)):
                if codes not in seen:
                    seen.add(codes)
                    yield _both(roller, specification.value, leaf, codes, inside)


def _groups(
    leaf: Leaf, named: list[tuple[DimensionLevels, Level]]
) -> Iterator[tuple[tuple[str, ...], NDArray[np.bool_]]]:
    """Codes of each combination, and the rows of the leaf that are in it."""
    import numpy as np

    masks: list[list[tuple[str, NDArray[np.bool_]]]] = []
    for dimension, level in named:
        target = np.asarray(level.target, dtype="int64")
        found = target[leaf.columns[dimension.column]]
        of_level = []
        for place, code in enumerate(level.codes):
            of_level.append((code, found == place))
        masks.append(of_level)
    for combination in product(*masks):
        inside = np.ones(len(leaf), dtype=bool)
        for _, mask in combination:
            inside &= mask
        if inside.any():
            yield tuple(code for code, _ in combination), inside


def _both(
    roller: Roller,
    column: str,
    leaf: Leaf,
    codes: tuple[str, ...],
    inside: NDArray[np.bool_],
) -> tuple[TableCell, TableCell]:
    """Mean and median of the rows of a leaf."""
    values = leaf.columns[column][inside] / VALUE_SCALE
    whole = leaf.weights[inside]
    weights = whole / SCALE
    n = int(leaf.counts[inside].sum())
    total = float(weights.sum())
    if not total:
        nothing = TableCell(codes, math.nan, n, math.nan, 0)
        return nothing, nothing
    mean = float((weights * values).sum()) / total
    middle = weighted_quantile(values, weights)
    units = leaf.units[inside] if leaf.units is not None else None
    scores = weights * (values - mean) / total
    se = _standard_error(roller, units, scores)
    below = values <= middle
    reached = float(weights[below].sum()) / total
    share_se = _standard_error(roller, units, weights * (below - reached) / total)
    middle_se = math.nan
    if roller.frame is not None and not math.isnan(share_se) and roller.frame.df > 0:
        middle_se = woodruff(values, weights, reached, share_se, roller.frame.df)
    found = TableCell(codes, mean, n, se, int(whole.sum()))
    return found, replace(found, value=middle, se=middle_se)


def _standard_error(roller: Roller, units: Codes | None, scores: NDArray[np.float64]) -> float:
    import numpy as np

    if units is None or roller.frame is None:
        return math.nan
    one: Codes = np.zeros(len(scores), dtype="int64")
    variance = roller.variances(one, units, scores, 1)
    return math.sqrt(float(variance[0]))
