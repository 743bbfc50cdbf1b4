"""Means and weighted medians of earnings and hours, with their errors."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from ilms_sdmx.microdata.cells import Combination, TableCells, combinations, concatenated
from ilms_sdmx.microdata.counting.leaves import Leaf, added
from ilms_sdmx.microdata.estimation.student import student_quantile
from ilms_sdmx.microdata.records import SCALE, VALUE_SCALE
from ilms_sdmx.microdata.rolling import Roller, inside
from ilms_sdmx.microdata.specifications import TableSpecification

if TYPE_CHECKING:
    import numpy as np
    from numpy.typing import NDArray

    from ilms_sdmx.microdata.estimation.design import Codes, Numbers

#: What rounding may leave of a share of a sum of weights.
_ROUNDING = 1e-12
_LEVEL = 0.95


@dataclass(frozen=True, eq=False)
class Groups:
    """Rows of a leaf in the order of cell and value.

    Parameters
    ----------
    cells
        Cell of each row.
    values
        Value of each row.
    starts
        First row of each cell, and one more.
    """

    cells: Codes
    values: Numbers
    starts: Codes

    @property
    def count(self) -> int:
        """Number of cells."""
        return len(self.starts) - 1

    def means(self, weights: Codes) -> Numbers:
        """Weighted mean of each cell, not a number where no weight is."""
        import numpy as np

        plain = weights / SCALE
        sums = np.bincount(self.cells, weights=plain * self.values, minlength=self.count)
        totals = np.bincount(self.cells, weights=plain, minlength=self.count)
        totals[totals == 0] = np.nan
        found: Numbers = sums / totals
        return found

    def quantiles(self, weights: Codes, shares: Numbers) -> Numbers:
        """Lowest value of each cell at which the weights reach a share of all.

        Weights are whole numbers, so that a half is reached exactly.
        """
        import numpy as np

        reached = np.cumsum(weights)
        before = np.concatenate([[0], reached])[self.starts]
        totals = np.diff(before)
        goals = np.ceil(shares * totals * (1 - _ROUNDING))
        is_half = shares == 0.5
        halves = (totals + 1) // 2
        wanted = np.where(is_half, halves, np.nan_to_num(goals).astype("int64"))
        places = np.searchsorted(reached, before[:-1] + np.maximum(wanted, 1))
        last = np.maximum(self.starts[1:] - 1, 0)
        found = self.values[np.minimum(places, last)] if len(self.values) else shares * np.nan
        return np.where((totals > 0) & ~np.isnan(shares), found, np.nan)


def mean_cells(
    roller: Roller, specification: TableSpecification, leaf: Leaf, contributors: int = 0
) -> tuple[TableCells, TableCells]:
    """Means and medians of the cells of a table; the leaf keeps each value apart.

    Means have so many of the largest contributors to their amounts.
    """
    import numpy as np

    counted = leaf.where(inside(leaf, specification.persons))
    order = np.argsort(counted.columns[specification.value], kind="stable")
    ordered = counted.where(order)
    means = []
    medians = []
    for combination in combinations(specification):
        mean, median = _combined(roller, specification, combination, ordered, contributors)
        means.append(mean)
        medians.append(median)
    count = len(specification.dimensions)
    return concatenated(means, count), concatenated(medians, count)


def _combined(
    roller: Roller,
    specification: TableSpecification,
    combination: Combination,
    leaf: Leaf,
    contributors: int,
) -> tuple[TableCells, TableCells]:
    """Means and medians of one combination of levels."""
    import numpy as np

    columns = [dimension.column for dimension in specification.dimensions]
    numbers = combination.cells(leaf, columns)
    found = np.flatnonzero(numbers >= 0)
    # Rows are in the order of their values already, and a stable order keeps that.
    rows = found[np.argsort(numbers[found], kind="stable")]
    ordered = leaf.where(rows)
    shape = combination.shape
    listed = np.zeros(int(np.prod(shape)), dtype=bool)
    listed[numbers[rows]] = True
    places = np.cumsum(listed) - 1
    cells: Codes = places[numbers[rows]].astype("int64")
    count = int(listed.sum())
    starts: Codes = np.searchsorted(cells, np.arange(count + 1)).astype("int64")
    values = ordered.columns[specification.value] / VALUE_SCALE
    groups = Groups(cells, values, starts)
    half: Numbers = np.full(count, 0.5)
    means = groups.means(ordered.weights)
    medians = groups.quantiles(ordered.weights, half)
    of_means, of_medians = _errors(roller, groups, ordered, means, medians)
    codes = combination.named(listed.reshape(shape))
    counts = added(cells, ordered.counts, count)
    wholes = added(cells, ordered.weights, count)
    largest = _largest(groups, ordered, contributors) if contributors else None
    return (
        TableCells(codes, means, counts, of_means, wholes, largest),
        TableCells(codes, medians, counts, of_medians, wholes),
    )


def _largest(groups: Groups, leaf: Leaf, places: int) -> Numbers:
    """Largest contributions to the amount of each cell, one column a place.

    Of a row of several records the largest weight and the sum are known. The second largest
    weight is then no more than half of the sum, and so on.
    """
    import numpy as np

    assert leaf.largest is not None
    found: Numbers = np.zeros((groups.count, places))
    amounts = []
    for place in range(1, places + 1):
        most = np.minimum(leaf.largest, leaf.weights / place)
        amounts.append(np.where(leaf.counts >= place, groups.values * most / SCALE, 0.0))
    amount = np.concatenate(amounts)
    cells = np.tile(groups.cells, places)
    order = np.lexsort((-amount, cells))
    starts = np.searchsorted(cells[order], np.arange(groups.count + 1))
    for place in range(places):
        rows = starts[:-1] + place
        is_there = rows < starts[1:]
        found[is_there, place] = amount[order[rows[is_there]]]
    return found


def _errors(
    roller: Roller, groups: Groups, leaf: Leaf, means: Numbers, medians: Numbers
) -> tuple[Numbers, Numbers]:
    """Standard errors of means and of medians."""
    import numpy as np

    replicates = roller.design.replicates
    if replicates is not None and leaf.sums:
        half: Numbers = np.full(groups.count, 0.5)
        of_means = [groups.means(sums) for sums in leaf.sums]
        of_medians = [groups.quantiles(sums, half) for sums in leaf.sums]
        return (
            np.sqrt(replicates.variance(means, np.stack(of_means, axis=-1))),
            np.sqrt(replicates.variance(medians, np.stack(of_medians, axis=-1))),
        )
    if leaf.units is None or roller.frame is None:
        nothing: Numbers = np.full(groups.count, np.nan)
        return nothing, nothing
    weights = leaf.weights / SCALE
    totals = np.bincount(groups.cells, weights=weights, minlength=groups.count)
    totals[totals == 0] = np.nan
    shares = weights / totals[groups.cells]
    around = shares * (groups.values - means[groups.cells])
    of_mean = _standard_errors(roller, groups, leaf.units, around)
    return of_mean, _woodruff(roller, groups, leaf, shares, medians)


def _woodruff(
    roller: Roller, groups: Groups, leaf: Leaf, shares: Numbers, medians: Numbers
) -> Numbers:
    """Standard errors of medians: the interval of the share of weights read on the values.

    Not a number where it goes beyond 0 or 1.
    """
    import numpy as np

    assert roller.frame is not None
    assert leaf.units is not None
    if roller.frame.df < 1:
        return np.full(groups.count, np.nan)
    is_below: NDArray[np.bool_] = groups.values <= medians[groups.cells]
    reached = np.bincount(groups.cells, weights=shares * is_below, minlength=groups.count)
    scores = shares * (is_below - reached[groups.cells])
    se = _standard_errors(roller, groups, leaf.units, scores)
    step = student_quantile((1 + _LEVEL) / 2, roller.frame.df)
    low = reached - step * se
    high = reached + step * se
    is_inside = (low >= 0) & (high <= 1)
    lower = groups.quantiles(leaf.weights, low)
    upper = groups.quantiles(leaf.weights, high)
    found: Numbers = np.where(is_inside, (upper - lower) / (2 * step), np.nan)
    return found


def _standard_errors(roller: Roller, groups: Groups, units: Codes, scores: Numbers) -> Numbers:
    import numpy as np

    plain = np.nan_to_num(scores)
    found: Numbers = np.sqrt(roller.variances(groups.cells, units, plain, groups.count))
    found[np.isnan(np.bincount(groups.cells, weights=scores, minlength=groups.count))] = np.nan
    return found
