"""Quantiles of Student's distribution, for intervals of few degrees of freedom."""

from __future__ import annotations

import math
from functools import lru_cache
from statistics import NormalDist

#: Degrees of freedom from which the normal distribution is the same to all digits shown.
_MANY = 1e7
_TINY = 1e-300
_STEPS = 200


@lru_cache(maxsize=256)
def student_quantile(probability: float, df: float) -> float:
    """Value below which Student's t lies with a probability.

    Examples
    --------
    >>> round(student_quantile(0.975, 14), 10)
    2.1447866879
    >>> round(student_quantile(0.975, float("inf")), 10)
    1.9599639845
    """
    if df >= _MANY:
        return NormalDist().inv_cdf(probability)
    if probability < 0.5:
        return -student_quantile(1 - probability, df)
    low, high = 0.0, 1.0
    while _below(high, df) < probability:
        high *= 2
    for _ in range(_STEPS):
        middle = (low + high) / 2
        if middle in (low, high):
            break
        if _below(middle, df) < probability:
            low = middle
        else:
            high = middle
    return (low + high) / 2


def _below(value: float, df: float) -> float:
    """Probability that t is below a value that is not negative."""
    part = df / (df + value * value)
    return 1 - _incomplete_beta(df / 2, 0.5, part) / 2


def _incomplete_beta(a: float, b: float, x: float) -> float:
    """Regularised incomplete beta function, by its continued fraction."""
    if x <= 0:
        return 0.0
    if x >= 1:
        return 1.0
    logarithm = math.lgamma(a + b) - math.lgamma(a) - math.lgamma(b)
    logarithm += a * math.log(x) + b * math.log1p(-x)
    front = math.exp(logarithm)
    if x < (a + 1) / (a + b + 2):
        return front * _fraction(a, b, x) / a
    return 1 - front * _fraction(b, a, 1 - x) / b


def _fraction(a: float, b: float, x: float) -> float:
    """Continued fraction of the incomplete beta function, by Lentz's method."""
    c = 1.0
    d = 1 / _kept(1 - (a + b) * x / (a + 1))
    product = d
    for step in range(1, _STEPS):
        twice = 2 * step
        even = step * (b - step) * x / ((a - 1 + twice) * (a + twice))
        d = 1 / _kept(1 + even * d)
        c = _kept(1 + even / c)
        product *= d * c
        odd = -(a + step) * (a + b + step) * x / ((a + twice) * (a + 1 + twice))
        d = 1 / _kept(1 + odd * d)
        c = _kept(1 + odd / c)
        factor = d * c
        product *= factor
        if abs(factor - 1) < 1e-16:
            break
    return product


def _kept(value: float) -> float:
    return value if abs(value) > _TINY else _TINY
