"""Rolling up of leaves: cells of all versions and margins, sums exact, errors by the design."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from itertools import product
from typing import TYPE_CHECKING, Any

from ilms_sdmx.microdata.classes import Level
from ilms_sdmx.microdata.estimation.variance import cell_variances
from ilms_sdmx.microdata.leaves import Leaf, UnitFrame
from ilms_sdmx.microdata.mapping.model import SampleDesign
from ilms_sdmx.microdata.records import SCALE
from ilms_sdmx.microdata.specifications import PersonsCounted, TableSpecification

if TYPE_CHECKING:
    import numpy as np
    from numpy.typing import NDArray

    from ilms_sdmx.microdata.estimation.design import Codes, Numbers


@dataclass(frozen=True)
class TableCell:
    """One cell of a table.

    Parameters
    ----------
    codes
        Code of each dimension of the table.
    value
        Estimate: persons, a rate in per cent, a mean.
    n
        Persons of the sample that it rests on; of a rate those of its first volume.
    se
        Standard error in the unit of the value, not a number where none is known.
    whole
        Sum of weights as a whole number of 1 / SCALE; of a rate that of its first volume.
    """

    codes: tuple[str, ...]
    value: float
    n: int
    se: float
    whole: int


@dataclass(frozen=True, eq=False)
class Rolled:
    """Sums of one combination of levels: `cells` in order, and what is in each of them."""

    cells: Codes
    above: Codes
    below: Codes
    counts: Codes
    rows: Codes
    places: Codes


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

    def cells(self, specification: TableSpecification, leaf: Leaf) -> Iterator[TableCell]:
        """Cells of a table of totals or rates, each key once."""
        above = _inside(leaf, specification.persons)
        below = above
        if specification.base is not None:
            below = _inside(leaf, specification.base)
        seen: set[tuple[str, ...]] = set()
        versions = [dimension.versions for dimension in specification.dimensions]
        for chosen in product(*versions):
            for combination in product(*chosen):
                for cell in self._combined(specification, leaf, combination, above, below):
                    if cell.codes not in seen:
                        seen.add(cell.codes)
                        yield cell

    def _combined(
        self,
        specification: TableSpecification,
        leaf: Leaf,
        combination: Sequence[Level],
        above: NDArray[np.bool_],
        below: NDArray[np.bool_],
    ) -> list[TableCell]:
        """Cells of one combination of levels, with the empty ones between filled margins."""
        import numpy as np

        inside = below.copy()
        number: Codes = np.zeros(len(leaf), dtype="int64")
        for dimension, level in zip(specification.dimensions, combination, strict=True):
            target = np.asarray(level.target, dtype="int64")
            found = target[leaf.columns[dimension.column]]
            inside &= found >= 0
            number = number * len(level.codes) + found
        rolled = _rolled(leaf, number, inside, above)
        errors = self._errors(specification, leaf, rolled, above)
        is_rate = specification.base is not None
        made = {}
        for place, cell in enumerate(rolled.cells.tolist()):
            whole = int(rolled.above[place])
            value = whole / SCALE / self.divisor
            if is_rate:
                persons = int(rolled.below[place])
                value = 100 * whole / persons if persons else float("nan")
            n = int(rolled.counts[place])
            made[cell] = (value, n, float(errors[place]), whole)
        return list(_named(made, combination, is_rate=is_rate))

    def _errors(
        self,
        specification: TableSpecification,
        leaf: Leaf,
        rolled: Rolled,
        above: NDArray[np.bool_],
    ) -> Numbers:
        """Standard errors of the cells of one combination."""
        import numpy as np

        count = len(rolled.cells)
        if self.design.replicates is not None and leaf.sums:
            return self._replicated(leaf, rolled, above, is_rate=specification.base is not None)
        if leaf.units is None or self.frame is None:
            return np.full(count, np.nan)
        scale = float(SCALE * self.divisor)
        weights = leaf.weights[rolled.rows]
        inside = above[rolled.rows]
        scores = np.where(inside, weights, 0).astype("float64") / scale
        if specification.base is not None:
            whole = rolled.below.astype("float64") / scale
            whole[whole == 0] = np.nan
            share = rolled.above.astype("float64") / scale / whole
            rest = share[rolled.places] * weights / scale
            scores = 100 * (scores - rest) / whole[rolled.places]
        variances = self.variances(rolled.places, leaf.units[rolled.rows], scores, count)
        return np.sqrt(variances)

    def _replicated(
        self, leaf: Leaf, rolled: Rolled, above: NDArray[np.bool_], *, is_rate: bool
    ) -> Numbers:
        import numpy as np

        replicates = self.design.replicates
        assert replicates is not None
        full = _estimate(rolled.above, rolled.below, self.divisor, is_rate=is_rate)
        columns = []
        count = len(rolled.cells)
        inside = above[rolled.rows]
        for sums in leaf.sums:
            weights = sums[rolled.rows]
            numerator = _added(rolled.places, np.where(inside, weights, 0), count)
            denominator = _added(rolled.places, weights, count)
            columns.append(_estimate(numerator, denominator, self.divisor, is_rate=is_rate))
        found: Numbers = np.sqrt(replicates.variance(full, np.stack(columns, axis=-1)))
        return found

    def variances(self, cells: Codes, units: Codes, scores: Numbers, count: int) -> Numbers:
        """Variance of the sum of scores of each cell over the stages of the design."""
        frame = self.frame
        assert frame is not None
        lonely = self.design.lonely
        primary = units if frame.first is None else frame.first[units]
        first = _summed(cells, primary, scores, len(frame.strata))
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
        second = _summed(cells, units, scores, len(frame.first))
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


def _inside(leaf: Leaf, persons: PersonsCounted) -> NDArray[np.bool_]:
    """Rows of a leaf that are of persons who are counted."""
    import numpy as np

    inside: NDArray[np.bool_] = np.ones(len(leaf), dtype=bool)
    if "st" in leaf.columns:
        inside = np.isin(leaf.columns["st"], list(persons.statuses))
    for column, numbers in persons.columns.items():
        inside &= np.isin(leaf.columns[column], list(numbers))
    return inside


def _rolled(
    leaf: Leaf, number: Codes, inside: NDArray[np.bool_], above: NDArray[np.bool_]
) -> Rolled:
    """Sums of the rows of a leaf by a number, in whole numbers."""
    import numpy as np

    rows: Codes = np.flatnonzero(inside).astype("int64")
    cells, places = _distinct(number[rows])
    weights = leaf.weights[rows]
    counted = np.where(above[rows], 1, 0)
    return Rolled(
        cells,
        _added(places, weights * counted, len(cells)),
        _added(places, weights, len(cells)),
        _added(places, leaf.counts[rows] * counted, len(cells)),
        rows,
        places,
    )


def _distinct(numbers: Codes) -> tuple[Codes, Codes]:
    """Distinct numbers in order, and the place of each among them."""
    import numpy as np

    highest = int(numbers.max()) + 1 if len(numbers) else 0
    if highest > _DENSE:
        distinct, places = np.unique(numbers, return_inverse=True)
        return distinct, places.astype("int64")
    is_there = np.zeros(highest, dtype=bool)
    is_there[numbers] = True
    place_of = np.cumsum(is_there) - 1
    return np.flatnonzero(is_there).astype("int64"), place_of[numbers].astype("int64")


def _added(places: Codes, values: Any, count: int) -> Codes:
    """Sums of whole numbers, exact."""
    import numpy as np

    sums: Codes = np.zeros(count, dtype="int64")
    np.add.at(sums, places, values)
    return sums


def _summed(
    cells: Codes, units: Codes, scores: Numbers, count: int
) -> tuple[Codes, Codes, Numbers]:
    """Sums of scores by cell and unit, in the order of both."""
    import numpy as np

    keys, places = _distinct(cells * count + units)
    sums = np.bincount(places, weights=scores, minlength=len(keys)).astype("float64")
    return keys // max(count, 1), keys % max(count, 1), sums


def _estimate(above: Codes, below: Codes, divisor: int, *, is_rate: bool) -> Numbers:
    import numpy as np

    if not is_rate:
        totals: Numbers = above.astype("float64") / SCALE / divisor
        return totals
    persons = below.astype("float64")
    persons[persons == 0] = np.nan
    rates: Numbers = 100 * above / persons
    return rates


def _named(
    made: dict[int, tuple[float, int, float, int]],
    combination: Sequence[Level],
    *,
    is_rate: bool,
) -> Iterator[TableCell]:
    """Cells with their codes; those between filled margins that nobody is in are 0."""
    lengths = [len(level.codes) for level in combination]
    used: list[set[int]] = [set() for _ in combination]
    for number, (_, n, _, _) in made.items():
        if not n and not is_rate:
            continue
        for place, digit in enumerate(_digits(number, lengths)):
            used[place].add(digit)
    is_short = all(length <= _FEW for length in lengths)
    nothing = (0.0, 0, 0.0, 0)
    for digits in product(*map(sorted, used)):
        number = 0
        for length, digit in zip(lengths, digits, strict=True):
            number = number * length + digit
        if number not in made and (is_rate or not is_short):
            continue
        codes = []
        for level, digit in zip(combination, digits, strict=True):
            codes.append(level.codes[digit])
        yield TableCell(tuple(codes), *made.get(number, nothing))


#: Numbers up to which a place for each is cheaper than sorting.
_DENSE = 20_000_000
#: Codes of a level up to which cells that nobody is in are written: not those of countries.
_FEW = 60


def _digits(number: int, lengths: Sequence[int]) -> list[int]:
    digits = []
    for length in reversed(lengths):
        number, digit = divmod(number, length)
        digits.append(digit)
    return digits[::-1]
