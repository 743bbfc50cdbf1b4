"""Weighted quantiles, and their errors by Woodruff's method."""

from __future__ import annotations

import math
from typing import TYPE_CHECKING, Any

from ilms_sdmx.microdata.estimation.estimates import Estimate, mean
from ilms_sdmx.microdata.estimation.student import student_quantile

if TYPE_CHECKING:
    from ilms_sdmx.microdata.estimation.design import Design

#: What rounding may leave of a sum of weights.
_ROUNDING = 1e-12
_LEVEL = 0.95


def weighted_quantile(values: Any, weights: Any, share: float = 0.5) -> float:
    """Lowest value at which the weights of it and those below reach a share of all.

    Examples
    --------
    >>> weighted_quantile([10, 20, 30, 40], [1, 1, 1, 1])
    20.0
    """
    import numpy as np

    value = np.asarray(values, dtype="float64")
    weight = np.asarray(weights, dtype="float64")
    if not len(value) or weight.sum() <= 0:
        return math.nan
    order = np.argsort(value, kind="stable")
    reached = np.cumsum(weight[order])
    goal = share * reached[-1] * (1 - _ROUNDING)
    place = int(np.searchsorted(reached, goal, side="left"))
    return float(value[order][min(place, len(value) - 1)])


def quantile(design: Design, values: Any, share: float = 0.5, domain: Any = None) -> Estimate:
    """Quantile of a variable in a domain with its standard error.

    The interval of the share of records at or below the quantile is read back on the values
    (Woodruff 1952); the standard error is the length of that interval over twice the quantile
    of Student's distribution.

    Examples
    --------
    >>> from ilms_sdmx.microdata.estimation import Design
    >>> quantile(Design([1.0] * 5), [10, 20, 30, 40, 50]).value
    30.0
    """
    import numpy as np

    value = np.broadcast_to(np.asarray(values, dtype="float64"), design.weights.shape)
    inside = ~np.isnan(value)
    if domain is not None:
        inside = inside & np.asarray(domain, dtype=bool)
    found = value[inside]
    weights = design.weights[inside]
    middle = weighted_quantile(found, weights, share)
    if math.isnan(middle) or design.df < 1:
        return Estimate(middle, math.nan, len(found), design.df)
    below = np.where(inside, value <= middle, np.nan)
    reached = mean(design, below)
    se = woodruff(found, weights, reached.value, reached.se, design.df)
    return Estimate(middle, se, len(found), design.df)


def woodruff(values: Any, weights: Any, reached: float, se: float, df: float) -> float:
    """Standard error of a quantile, of the share of weights at or below it and its error.

    Not a number where the interval of the share goes beyond 0 or 1.
    """
    step = student_quantile((1 + _LEVEL) / 2, df)
    low, high = reached - step * se, reached + step * se
    if low < 0 or high > 1:
        return math.nan
    lower = weighted_quantile(values, weights, low)
    upper = weighted_quantile(values, weights, high)
    return (upper - lower) / (2 * step)
