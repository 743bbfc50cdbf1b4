"""Cells of a table as columns: codes, estimates, sample counts, errors."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from itertools import product
from typing import TYPE_CHECKING

from ilms_sdmx.microdata.classes import Level

if TYPE_CHECKING:
    from collections.abc import Iterator

    import numpy as np
    from numpy.typing import NDArray

    from ilms_sdmx.microdata.counting.leaves import Leaf
    from ilms_sdmx.microdata.estimation.design import Codes, Numbers
    from ilms_sdmx.microdata.specifications import TableSpecification


@dataclass(frozen=True, eq=False)
class TableCells:
    """Cells of a table, one entry a cell.

    Parameters
    ----------
    codes
        Codes of each dimension.
    estimates
        Persons, a rate in per cent, a mean.
    counts
        Persons of the sample that each rests on; of a rate those of its first volume.
    errors
        Standard errors in the unit of the estimates, not a number where none is known.
    wholes
        Sums of weights as whole numbers of 1 / SCALE; of a rate those of its first volume.
    largest
        Largest contributions to the amount behind each mean, one column a place, where asked
        for: no contributor adds more.
    """

    codes: tuple[NDArray[np.object_], ...]
    estimates: Numbers
    counts: Codes
    errors: Numbers
    wholes: Codes
    largest: Numbers | None = None

    def __len__(self) -> int:
        return len(self.estimates)


@dataclass(frozen=True, eq=False)
class Combination:
    """One level of each dimension of a table.

    Parameters
    ----------
    levels
        The levels.
    slices
        Where their codes are among those of all levels of the dimension.
    """

    levels: tuple[Level, ...]
    slices: tuple[slice, ...]

    @property
    def shape(self) -> tuple[int, ...]:
        """Number of codes of each level."""
        return tuple(len(level.codes) for level in self.levels)

    def cells(self, leaf: Leaf, columns: Sequence[str]) -> Codes:
        """Number of the cell of each row of a leaf, -1 where it is in none."""
        import numpy as np

        number: Codes = np.zeros(len(leaf), dtype="int64")
        inside = np.ones(len(leaf), dtype=bool)
        for column, level in zip(columns, self.levels, strict=True):
            # The last place is that of a column whose number is not known: -1.
            target = np.asarray([*level.target, -1], dtype="int64")
            found = target[leaf.columns[column]]
            inside &= found >= 0
            number = number * len(level.codes) + found
        number[~inside] = -1
        return number

    def named(self, listed: NDArray[np.bool_]) -> tuple[NDArray[np.object_], ...]:
        """Codes of the cells that are listed, in the order of their numbers."""
        import numpy as np

        codes = []
        for level, places in zip(self.levels, np.nonzero(listed), strict=True):
            codes.append(np.array(level.codes, dtype=object)[places])
        return tuple(codes)


def combinations(specification: TableSpecification) -> Iterator[Combination]:
    """Combinations of one level of each dimension."""
    placed = []
    for dimension in specification.dimensions:
        start = 0
        of_dimension = []
        for level in dimension.levels:
            stop = start + len(level.codes)
            of_dimension.append((level, slice(start, stop)))
            start = stop
        placed.append(of_dimension)
    for chosen in product(*placed):
        yield Combination(tuple(each[0] for each in chosen), tuple(each[1] for each in chosen))


def concatenated(parts: Sequence[TableCells], dimensions: int) -> TableCells:
    """Cells of several combinations as one."""
    import numpy as np

    codes = []
    for place in range(dimensions):
        codes.append(np.concatenate([part.codes[place] for part in parts]))
    return TableCells(
        tuple(codes),
        np.concatenate([part.estimates for part in parts]),
        np.concatenate([part.counts for part in parts]),
        np.concatenate([part.errors for part in parts]),
        np.concatenate([part.wholes for part in parts]),
        _stacked(parts),
    )


def _stacked(parts: Sequence[TableCells]) -> Numbers | None:
    import numpy as np

    largest = [part.largest for part in parts if part.largest is not None]
    return np.concatenate(largest) if len(largest) == len(parts) else None
