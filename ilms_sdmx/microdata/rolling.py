"""Rolling up of leaves: cells of all versions and margins, sums exact, errors by the design."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING

from ilms_sdmx.microdata.cells import Combination, TableCells, combinations, concatenated
from ilms_sdmx.microdata.classes import Level
from ilms_sdmx.microdata.counting.leaves import Leaf, UnitFrame, added, distinct
from ilms_sdmx.microdata.estimation.variance import cell_variances
from ilms_sdmx.microdata.mapping.model import SampleDesign
from ilms_sdmx.microdata.records import SCALE
from ilms_sdmx.microdata.specifications import PersonsCounted, TableSpecification

if TYPE_CHECKING:
    import numpy as np
    from numpy.typing import NDArray

    from ilms_sdmx.microdata.estimation.design import Codes, Numbers

#: Cells times units up to which a place for each is cheaper than sorting.
_DENSE = 4_000_000
#: Codes of a level up to which cells that nobody is in are written: not those of countries.
_FEW = 60


@dataclass(frozen=True, eq=False)
class Cube:
    """Sums of all codes of all levels of each dimension, whole numbers.

    Parameters
    ----------
    above, below
        Weights of the persons that are counted, and of those that a rate is a share of.
    counts, rows
        Records of the same.
    replicates
        As `above` and `below` of each replicate weight.
    """

    above: Codes
    below: Codes
    counts: Codes
    rows: Codes
    replicates: tuple[tuple[Codes, Codes], ...]


class Roller:
    """Makes the cells of tables from leaves.

    Parameters
    ----------
    design
        Design of the mapping.
    frame
        Sampling units, None without a design.
    divisor
        By what sums are divided: a year of quarters is their mean.
    """

    def __init__(self, design: SampleDesign, frame: UnitFrame | None, divisor: int) -> None:
        self.design = design
        self.frame = frame
        self.divisor = divisor

    def cells(self, specification: TableSpecification, leaf: Leaf) -> TableCells:
        """Cells of a table of totals or rates, each key once."""
        above = inside(leaf, specification.persons)
        below = above
        if specification.base is not None:
            below = inside(leaf, specification.base)
        cube = _cube(specification, leaf, above, below)
        parts = []
        for combination in combinations(specification):
            part = self._combined(specification, combination, cube, leaf, above, below)
            parts.append(part)
        return concatenated(parts, len(specification.dimensions))

    def _combined(
        self,
        specification: TableSpecification,
        combination: Combination,
        cube: Cube,
        leaf: Leaf,
        above: NDArray[np.bool_],
        below: NDArray[np.bool_],
    ) -> TableCells:
        """Cells of one combination of levels, with the empty ones between filled margins."""
        counts = cube.counts[combination.slices]
        rows = cube.rows[combination.slices]
        wholes = cube.above[combination.slices]
        persons = cube.below[combination.slices]
        is_rate = specification.is_rate
        listed = _listed(rows, combination, is_rate=is_rate)
        values = self._estimate(wholes, persons, is_rate=is_rate)[listed]
        if self.design.replicates is not None and cube.replicates:
            errors = self._replicated(combination, cube, values, listed, is_rate=is_rate)
        elif leaf.units is None or self.frame is None:
            errors = values * float("nan")
        else:
            numbers = combination.cells(leaf, _columns(specification))
            numbers[~below] = -1
            share = self._estimate(wholes, persons, is_rate=is_rate).ravel()
            whole = persons.ravel() if is_rate else None
            errors = self._errors(numbers, leaf, above, share, whole)[listed.ravel()]
        errors[rows[listed] == 0] = 0.0
        codes = combination.named(listed)
        return TableCells(codes, values, counts[listed], errors, wholes[listed])

    def _estimate(self, above: Codes, below: Codes, *, is_rate: bool) -> Numbers:
        import numpy as np

        if not is_rate:
            totals: Numbers = above / SCALE / self.divisor
            return totals
        persons = below.astype("float64")
        persons[persons == 0] = np.nan
        rates: Numbers = 100 * above / persons
        return rates

    def _errors(
        self,
        numbers: Codes,
        leaf: Leaf,
        above: NDArray[np.bool_],
        estimates: Numbers,
        whole: Codes | None,
    ) -> Numbers:
        """Standard errors of the cells of one combination; of rates where `whole` is given."""
        import numpy as np

        assert leaf.units is not None
        scale = float(SCALE * self.divisor)
        rows = np.flatnonzero(numbers >= 0)
        cells = numbers[rows]
        weights = leaf.weights[rows] / scale
        scores = np.where(above[rows], weights, 0.0)
        if whole is not None:
            persons = whole / scale
            persons[persons == 0] = np.nan
            shares = estimates / 100
            scores = 100 * (scores - shares[cells] * weights) / persons[cells]
        variances = self.variances(cells, leaf.units[rows], scores, len(estimates))
        return np.sqrt(variances)

    def _replicated(
        self,
        combination: Combination,
        cube: Cube,
        values: Numbers,
        listed: NDArray[np.bool_],
        *,
        is_rate: bool,
    ) -> Numbers:
        import numpy as np

        replicates = self.design.replicates
        assert replicates is not None
        columns = []
        for above, below in cube.replicates:
            of_cells = above[combination.slices], below[combination.slices]
            columns.append(self._estimate(*of_cells, is_rate=is_rate)[listed])
        found: Numbers = np.sqrt(replicates.variance(values, np.stack(columns, axis=-1)))
        return found

    def variances(self, cells: Codes, units: Codes, scores: Numbers, count: int) -> Numbers:
        """Variance of the sum of scores of each cell over the stages of the design."""
        frame = self.frame
        assert frame is not None
        lonely = self.design.lonely
        primary = units if frame.first is None else frame.first[units]
        first = _summed(cells, primary, scores, len(frame.strata), count)
        variances = cell_variances(
            first[0],
            frame.strata[first[1]],
            first[2],
            frame.sizes,
            frame.fractions,
            count=count,
            lonely=lonely,
        )
        if frame.first is None or frame.second_sizes is None:
            return variances
        assert frame.second_fractions is not None
        second = _summed(cells, units, scores, len(frame.first), count)
        below = cell_variances(
            second[0],
            frame.first[second[1]],
            second[2],
            frame.second_sizes,
            frame.second_fractions,
            count=count,
            lonely=lonely,
            factors=frame.fractions[frame.strata],
        )
        return variances + below


def inside(leaf: Leaf, persons: PersonsCounted) -> NDArray[np.bool_]:
    """Rows of a leaf that are of persons who are counted."""
    import numpy as np

    found: NDArray[np.bool_] = np.ones(len(leaf), dtype=bool)
    if "st" in leaf.columns:
        found = np.isin(leaf.columns["st"], list(persons.statuses))
    for column, numbers in persons.columns.items():
        found &= np.isin(leaf.columns[column], list(numbers))
    return found


def _columns(specification: TableSpecification) -> list[str]:
    return [dimension.column for dimension in specification.dimensions]


def _cube(
    specification: TableSpecification,
    leaf: Leaf,
    above: NDArray[np.bool_],
    below: NDArray[np.bool_],
) -> Cube:
    """Sums of a leaf by all codes of all levels."""
    import numpy as np

    dimensions = specification.dimensions
    shape = tuple(len(dimension.levels[0].target) for dimension in dimensions)
    number: Codes = np.zeros(len(leaf), dtype="int64")
    is_known = np.ones(len(leaf), dtype=bool)
    for dimension, size in zip(dimensions, shape, strict=True):
        column = leaf.columns[dimension.column]
        is_known &= column >= 0
        number = number * size + column
    count = int(np.prod(shape))
    steps = [_step(dimension.levels) for dimension in dimensions]

    def summed(values: Codes, rows: NDArray[np.bool_]) -> Codes:
        wanted = rows & is_known
        sums = added(number[wanted], values[wanted], count).reshape(shape)
        return _rolled(sums, steps)

    rates = specification.is_rate
    weights = summed(leaf.weights, above)
    counts = summed(leaf.counts, above)
    replicates = []
    for sums in leaf.sums:
        of_some = summed(sums, above)
        replicates.append((of_some, summed(sums, below) if rates else of_some))
    return Cube(
        weights,
        summed(leaf.weights, below) if rates else weights,
        counts,
        summed(leaf.counts, below) if rates else counts,
        tuple(replicates),
    )


def _step(levels: Sequence[Level]) -> Codes:
    """Which numbers of a base are in each code of all levels: 1 or 0."""
    import numpy as np

    parts = []
    for level in levels:
        target = np.asarray(level.target, dtype="int64")
        codes = np.arange(len(level.codes))
        parts.append((target[np.newaxis, :] == codes[:, np.newaxis]).astype("int64"))
    return np.concatenate(parts)


def _rolled(sums: Codes, steps: Sequence[Codes]) -> Codes:
    """Sums by base numbers added up to all codes of each dimension."""
    import numpy as np

    found = sums
    for step in steps:
        # The first axis is used up, and comes back as the last one.
        found = np.tensordot(found, step, axes=(0, 1))
    return found


def _listed(rows: Codes, combination: Combination, *, is_rate: bool) -> NDArray[np.bool_]:
    """Cells that are written: those that somebody is in, and those between filled margins."""
    import numpy as np

    filled: NDArray[np.bool_] = rows > 0
    is_short = all(length <= _FEW for length in combination.shape)
    if is_rate or not is_short:
        return filled
    listed = np.ones(rows.shape, dtype=bool)
    for axis in range(rows.ndim):
        others = tuple(each for each in range(rows.ndim) if each != axis)
        used = filled.any(axis=others)
        shape = [1] * rows.ndim
        shape[axis] = -1
        listed &= used.reshape(shape)
    return listed


def _summed(
    cells: Codes, units: Codes, scores: Numbers, of_units: int, of_cells: int
) -> tuple[Codes, Codes, Numbers]:
    """Sums of scores by cell and unit, in the order of both."""
    import numpy as np

    keys = cells * of_units + units
    size = of_cells * of_units
    if size <= min(_DENSE, 64 * len(keys)):
        whole = np.bincount(keys, weights=scores, minlength=size).astype("float64")
        found: Codes = np.flatnonzero(whole).astype("int64")
        return found // of_units, found % of_units, whole[found]
    kinds, places = distinct(keys)
    sums = np.bincount(places, weights=scores, minlength=len(kinds)).astype("float64")
    return kinds // max(of_units, 1), kinds % max(of_units, 1), sums
