"""Controlled rounding: every figure to a multiple of a base, and every sum still holds."""

from __future__ import annotations

import numpy as np

from ilms_sdmx.analysis.protection.programme import Programme
from ilms_sdmx.analysis.protection.release import Equations, Release
from ilms_sdmx.errors import ProtectionError
from ilms_sdmx.validation.coded.columns import Array

#: How many multiples of the base a figure may be away, tried one after the other.
_AWAY = (1, 2, 4)


def rounded(release: Release, base: int, seconds: float = 60.0) -> Array:
    """Figures of a release as multiples of a base, with sums that hold.

    A multiple stays as it is, and any other figure becomes one of its two neighbours, the
    nearer one as often as the sums allow. Where they do not allow it at all, figures may go one
    base farther. What is published says of each figure no more than that it is within so many
    bases.

    Parameters
    ----------
    release
        Figures and sums.
    base
        What every figure is a multiple of: 3 or 5.
    seconds
        Time after which the best rounding that was found is taken.

    Returns
    -------
    Array
        Rounded figures; NaN where the release has none.

    Raises
    ------
    ProtectionError
        The base is none, or no rounding was found in which all sums hold.
    """
    if base < 2:
        raise ProtectionError(f"expected a base of 2 or more, found {base}")
    equations, _ = release.agreeing()
    known = np.isfinite(release.value)
    usable = equations.among(equations.count(~known) == 0)
    for away in _AWAY:
        found = _rounding(release.value, known, usable, base, away, seconds)
        if found is not None:
            return found
    raise ProtectionError(
        f"expected a rounding to base {base} in which all sums hold, found none in"
        f" {seconds:g} seconds: give more time (--seconds), or hide figures instead"
    )


def _rounding(
    value: Array, known: Array, equations: Equations, base: int, away: int, seconds: float
) -> Array | None:
    """Rounding in which no figure goes farther than so many bases; None without any."""
    figures = np.flatnonzero(known)
    size = len(figures)
    column = np.full(len(value), -1)
    column[figures] = np.arange(size)
    exact = value[figures] / base
    below = np.floor(exact)
    is_multiple = exact == below
    spread = away - 1
    lower = np.maximum(below - spread, 0.0)
    upper = np.where(is_multiple, below + spread, below + away)
    terms = _with_distance(equations, column, size)
    count = len(equations)
    row_lower = np.concatenate([np.zeros(count), exact, -exact])
    row_upper = np.concatenate(
        [np.where(equations.is_limit, np.inf, 0.0), np.full(2 * size, np.inf)]
    )
    programme = Programme(
        terms,
        np.concatenate([lower, np.zeros(size)]),
        np.concatenate([upper, np.full(size, np.inf)]),
        row_lower,
        row_upper,
        integers=size,
    )
    programme.cost(np.concatenate([np.zeros(size), np.ones(size)]))
    programme.limit_time(seconds)
    solution = programme.best_so_far()
    if solution is None:
        return None
    result = np.full(len(value), np.nan)
    result[figures] = np.round(solution[:size]) * base
    return result


def _with_distance(equations: Equations, column: Array, size: int) -> Equations:
    """Equations over the columns, and two rows a figure: its distance is no less than it is.

    The distance from the exact figure is a column of its own: multiple + distance >= exact and
    distance - multiple >= -exact.
    """
    count = len(equations)
    numbers = np.arange(size)
    distance = numbers + size
    ones = np.ones(size)
    above = numbers + count
    under = above + size
    return Equations(
        np.concatenate([equations.equation, above, above, under, under]),
        np.concatenate([column[equations.figure], numbers, distance, numbers, distance]),
        np.concatenate([equations.sign, ones, ones, -ones, ones]),
        np.concatenate([equations.is_limit, np.ones(2 * size, dtype=bool)]),
    )
