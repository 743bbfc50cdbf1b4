"""Variance of totals over the sampling units of strata, of many cells at once."""

from __future__ import annotations

from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from ilms_sdmx.microdata.estimation.design import Codes, Numbers


def cell_variances(
    cells: Codes,
    strata: Codes,
    values: Numbers,
    sizes: Numbers,
    fractions: Numbers,
    *,
    count: int,
    lonely: str = "adjust",
    factors: Numbers | None = None,
) -> Numbers:
    """Variance of the total of each cell, by Taylor linearisation with replacement.

    Parameters
    ----------
    cells, strata, values
        One entry for each unit that has a record in a cell: cell, stratum, and the sum of the
        (linearised, weighted) values. Units of the sample that have none in the cell need no
        entry: they count as 0.
    sizes, fractions
        Units of each stratum in the sample, and their share of all units of the stratum.
    count
        Number of cells.
    lonely
        What is done with strata of one unit.
    factors
        What the part of each stratum is multiplied by, for a second stage.

    Notes
    -----
    V = sum over strata of (1 - f) n / (n - 1) (sum of squares about the mean of the n units).
    Squares are of differences from one of the values, so that equal values give 0 and not what
    rounding leaves.

    Examples
    --------
    >>> import numpy as np
    >>> one = np.zeros(3, dtype="int64")
    >>> sums = np.array([1.0, 2.0, 6.0])
    >>> cell_variances(one, one, sums, np.array([3.0]), np.zeros(1), count=1)
    array([21.])
    """
    import numpy as np

    if not len(values):
        return np.zeros(count)
    cell, stratum, value = _in_order(cells, strata, values)
    is_first = np.ones(len(value), dtype=bool)
    is_first[1:] = (cell[1:] != cell[:-1]) | (stratum[1:] != stratum[:-1])
    starts = np.flatnonzero(is_first)
    present = np.diff(np.append(starts, len(value))).astype("float64")
    size = sizes[stratum[starts]]
    is_whole = present == size
    reference = np.where(is_whole, value[starts], 0.0)
    shifted = value - np.repeat(reference, present.astype("int64"))
    sums = np.add.reduceat(shifted, starts)
    squares = np.add.reduceat(shifted * shifted, starts)
    about_mean = np.maximum(squares - sums * sums / size, 0.0)
    parts = np.where(size > 1, size / np.maximum(size - 1, 1) * about_mean, 0.0)
    is_lonely = size == 1
    if lonely == "adjust":
        alone = value[starts]
        parts = np.where(is_lonely, alone * alone, parts)
    parts = parts * (1 - fractions[stratum[starts]])
    if factors is not None:
        parts = parts * factors[stratum[starts]]
    variances: Numbers = np.zeros(count)
    np.add.at(variances, cell[starts], parts)
    if lonely == "average":
        alone_count = int((sizes == 1).sum())
        others = len(sizes) - alone_count
        if alone_count and others:
            variances = variances * (len(sizes) / others)
    return variances


def _in_order(cells: Codes, strata: Codes, values: Numbers) -> tuple[Codes, Codes, Numbers]:
    """Entries in the order of cell and stratum."""
    import numpy as np

    is_later = (cells[1:] > cells[:-1]) | (
        (cells[1:] == cells[:-1]) & (strata[1:] >= strata[:-1])
    )
    if is_later.all():
        return cells, strata, values
    order = np.lexsort((strata, cells))
    return cells[order], strata[order], values[order]
