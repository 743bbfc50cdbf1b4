"""Totals, means, ratios and shares of a sample with their standard errors."""

from __future__ import annotations

import math
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from ilms_sdmx.microdata.estimation.student import student_quantile
from ilms_sdmx.microdata.estimation.variance import cell_variances

if TYPE_CHECKING:
    from ilms_sdmx.microdata.estimation.design import Design, Numbers, Stage


@dataclass(frozen=True)
class Estimate:
    """An estimate with its error.

    Parameters
    ----------
    value, se
        Estimate and its standard error.
    n
        Records that it rests on.
    df
        Degrees of freedom of the design.
    """

    value: float
    se: float
    n: int
    df: float

    @property
    def cv(self) -> float:
        """Standard error as a share of the estimate; not a number where that is 0."""
        return self.se / abs(self.value) if self.value else math.nan

    def interval(self, level: float = 0.95) -> tuple[float, float]:
        """Interval that holds the true value with a probability, by Student's distribution."""
        if self.df < 1:
            return math.nan, math.nan
        reach = student_quantile((1 + level) / 2, self.df) * self.se
        return self.value - reach, self.value + reach


def total(design: Design, values: Any = 1.0, domain: Any = None) -> Estimate:
    """Total of a variable, or of persons, in a domain.

    Parameters
    ----------
    design
        Design of the whole sample: leave no record out before it is made.
    values
        Value of each record; missing ones (not a number) are outside.
    domain
        Whether each record is inside; by default all are.

    Examples
    --------
    >>> from ilms_sdmx.microdata.estimation import Design
    >>> persons = total(Design([10.0, 10.0, 30.0, 30.0], strata=[1, 1, 2, 2]), [1, 0, 1, 0])
    >>> persons.value, round(persons.se, 6)
    (40.0, 31.622777)
    """
    value, inside = _inside(design, values, domain)
    scores = design.weights * value
    n = int(inside.sum())
    return Estimate(float(scores.sum()), _standard_error(design, scores), n, design.df)


def ratio(design: Design, numerator: Any, denominator: Any, domain: Any = None) -> Estimate:
    """Ratio of two totals in a domain: a rate, a share, or a mean."""
    above, is_above = _inside(design, numerator, domain)
    below, is_below = _inside(design, denominator, domain)
    inside = is_above & is_below
    weights = design.weights * inside
    whole = float((weights * below).sum())
    if whole == 0:
        return Estimate(math.nan, math.nan, int(inside.sum()), design.df)
    value = float((weights * above).sum()) / whole
    scores = weights * (above - value * below) / whole
    return Estimate(value, _standard_error(design, scores), int(inside.sum()), design.df)


def mean(design: Design, values: Any, domain: Any = None) -> Estimate:
    """Mean of a variable in a domain; of a condition, its share.

    Examples
    --------
    >>> from ilms_sdmx.microdata.estimation import Design
    >>> hours = mean(Design([1.0] * 4), [30, 40, 50, 40])
    >>> hours.value, round(hours.se, 6), hours.n
    (40.0, 4.082483, 4)
    """
    return ratio(design, values, 1.0, domain)


def _inside(design: Design, values: Any, domain: Any) -> tuple[Numbers, Any]:
    """Values with 0 outside the domain, and which records are inside."""
    import numpy as np

    value = np.broadcast_to(np.asarray(values, dtype="float64"), design.weights.shape)
    inside = ~np.isnan(value)
    if domain is not None:
        inside = inside & np.asarray(domain, dtype=bool)
    return np.where(inside, value, 0.0), inside


def _standard_error(design: Design, scores: Numbers) -> float:
    """Standard error of the sum of scores over the stages of a design."""
    variance = _of_stage(design.first, scores, design.lonely, None)
    if design.second is not None:
        fractions = design.first.fractions[design.first.strata]
        variance += _of_stage(design.second, scores, design.lonely, fractions)
    return math.sqrt(variance)


def _of_stage(stage: Stage, scores: Numbers, lonely: str, factors: Numbers | None) -> float:
    import numpy as np

    sums = np.zeros(len(stage.strata))
    np.add.at(sums, stage.units, scores)
    one = np.zeros(len(sums), dtype="int64")
    found = cell_variances(
        one,
        stage.strata,
        sums,
        stage.sizes,
        stage.fractions,
        count=1,
        lonely=lonely,
        factors=factors,
    )
    return float(found[0])
