"""Leaves: records counted by the numbers of some columns, and which of them are asked for."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, replace
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from ilms_sdmx.microdata.estimation.design import Codes, Numbers

#: Roles that concern the employed alone: unknown values of others do not matter.
OF_EMPLOYED = frozenset({"industry", "occupation", "employment_status", "sector"})
#: Columns that concern the employed alone.
OF_JOBS = frozenset({"eco", "ocu", "ste", "sec"})
#: Rows that a leaf which serves several tables may have.
LARGE = 1_500_000
#: Numbers up to which a place for each is cheaper than sorting.
_DENSE = 4_000_000
#: Products of numbers beyond which they are counted anew.
_LIMIT = 2**62


@dataclass(frozen=True)
class LeafRequest:
    """What records are counted by.

    Parameters
    ----------
    population
        `records` (all), `persons` (of working age), `employed`, `abroad`, `stock` or `inflow`.
    columns
        Columns of the view.
    with_units
        Whether sampling units stay apart, and replicate weights are added up.
    value
        `ear` or `how` where each value of earnings or hours stays apart, else empty.
    """

    population: str
    columns: frozenset[str]
    with_units: bool = False
    value: str = ""

    def holds(self, other: LeafRequest) -> bool:
        """Whether the leaf of this request has all that another needs."""
        if self.population != other.population or self.value != other.value:
            return False
        is_enough = self.with_units or not other.with_units
        return is_enough and self.columns >= other.columns

    def joined(self, other: LeafRequest) -> LeafRequest:
        """Request with the columns of both."""
        return replace(self, columns=self.columns | other.columns)


@dataclass(frozen=True, eq=False)
class Leaf:
    """Records counted by some columns, in the order of their numbers.

    Parameters
    ----------
    columns
        Numbers of each column, one entry a row of the leaf.
    weights
        Sums of weights, whole numbers of 1 / SCALE.
    counts
        Records.
    units
        Sampling unit of each row, None without a design.
    sums
        Further sums: replicate weights.
    largest
        Largest weight of a record of each row, where each value stays apart.
    """

    columns: Mapping[str, Codes]
    weights: Codes
    counts: Codes
    units: Codes | None = None
    sums: tuple[Codes, ...] = ()
    largest: Codes | None = None

    def __len__(self) -> int:
        return len(self.weights)

    def of(self, columns: Sequence[str], *, with_units: bool = True) -> Leaf:
        """Leaf by some of the columns: rows that are alike in them are added up.

        The rows are in the order of their numbers, whatever the order was before, so that sums
        of fractions are the same for the same records.
        """
        names = list(columns)
        by = [self.columns[name] for name in names]
        units = self.units if with_units else None
        if units is not None:
            by.append(units)
        rows, places = distinct_rows(by, len(self))
        kept = {name: self.columns[name][rows] for name in names}
        count = len(rows)
        return Leaf(
            kept,
            added(places, self.weights, count),
            added(places, self.counts, count),
            None if units is None else units[rows],
            tuple(added(places, sums, count) for sums in self.sums),
            None if self.largest is None else _largest(places, self.largest, count),
        )

    def where(self, inside: Any) -> Leaf:
        """Leaf with some of the rows: a mask, or their places."""
        return Leaf(
            {name: numbers[inside] for name, numbers in self.columns.items()},
            self.weights[inside],
            self.counts[inside],
            None if self.units is None else self.units[inside],
            tuple(sums[inside] for sums in self.sums),
            None if self.largest is None else self.largest[inside],
        )


@dataclass(frozen=True, eq=False)
class UnitFrame:
    """Sampling units of a design, of the whole file.

    Parameters
    ----------
    strata
        Stratum of each unit.
    sizes, fractions
        Units of each stratum, and their share of all.
    first
        Primary unit of each unit, where units are of the second stage.
    second_sizes, second_fractions
        Second units of each primary unit, and their share of all.
    """

    strata: Codes
    sizes: Numbers
    fractions: Numbers
    first: Codes | None = None
    second_sizes: Numbers | None = None
    second_fractions: Numbers | None = None

    @property
    def df(self) -> int:
        """Degrees of freedom: primary units less strata."""
        return int(self.sizes.sum()) - len(self.sizes)

    @property
    def lonely(self) -> int:
        """Strata with one unit."""
        return int((self.sizes == 1).sum())

    @property
    def count(self) -> int:
        """Number of units of the last stage."""
        return len(self.strata) if self.first is None else len(self.first)


def _largest(places: Codes, numbers: Codes, count: int) -> Codes:
    """Largest number at each place."""
    import numpy as np

    found: Codes = np.zeros(count, dtype="int64")
    np.maximum.at(found, places, numbers)
    return found


def planned(
    requests: Iterable[LeafRequest], sizes: Mapping[str, int], rows: int
) -> list[LeafRequest]:
    """Few requests that have all that many need: one scan of the records each.

    Parameters
    ----------
    requests
        What tables and checks need.
    sizes
        About how many numbers each column has; of `unit` how many units there are.
    rows
        Records.

    Examples
    --------
    >>> age = LeafRequest("persons", frozenset({"sex", "band"}))
    >>> born = LeafRequest("persons", frozenset({"sex", "b3"}))
    >>> [found] = planned([age, born], {"sex": 3, "band": 17, "b3": 3}, 1000)
    >>> sorted(found.columns)
    ['b3', 'band', 'sex']
    """
    wanted = list(dict.fromkeys(requests))
    wanted.sort(key=lambda each: (-_cells(each, sizes), sorted(each.columns)))
    # Those with units first: one without them may be served by one that has them.
    wanted.sort(key=lambda each: not each.with_units)
    plan: list[LeafRequest] = []
    for request in wanted:
        if any(known.holds(request) for known in plan):
            continue
        for place, known in enumerate(plan):
            joined = known.joined(request)
            is_like = replace(request, columns=joined.columns) == joined
            if is_like and min(_cells(joined, sizes), rows) <= LARGE:
                plan[place] = joined
                break
        else:
            plan.append(request)
    return plan


def _cells(request: LeafRequest, sizes: Mapping[str, int]) -> int:
    """Most cells that the leaf of a request can have."""
    count = 1
    for name in request.columns:
        count *= sizes[name]
    return count * (sizes["unit"] if request.with_units else 1)


def packed(columns: Sequence[Codes], count: int) -> Codes:
    """One number for each row of several columns, in the order of the rows' numbers."""
    import numpy as np

    number: Codes = np.zeros(count, dtype="int64")
    if not count:
        return number
    so_far = 1
    for column in columns:
        least = int(column.min())
        size = int(column.max()) - least + 1
        if so_far * size > _LIMIT:
            _, number = distinct(number)
            so_far = int(number.max()) + 1
        if so_far * size > _LIMIT:
            _, column = distinct(column)
            least, size = 0, int(column.max()) + 1
        number = number * size + (column - least)
        so_far *= size
    return number


def distinct_rows(columns: Sequence[Codes], count: int) -> tuple[Codes, Codes]:
    """Place of one row of each kind, in order, and the kind of each row."""
    import numpy as np

    kinds, places = distinct(packed(columns, count))
    rows: Codes = np.zeros(len(kinds), dtype="int64")
    rows[places] = np.arange(count)
    return rows, places


def distinct(numbers: Codes) -> tuple[Codes, Codes]:
    """Distinct numbers in order, and the place of each among them."""
    import numpy as np

    highest = int(numbers.max()) + 1 if len(numbers) else 0
    lowest = int(numbers.min()) if len(numbers) else 0
    if lowest < 0 or highest > min(_DENSE, 16 * len(numbers) + 1000):
        found, places = np.unique(numbers, return_inverse=True)
        return found, places.astype("int64")
    is_there = np.zeros(highest, dtype=bool)
    is_there[numbers] = True
    place_of = np.cumsum(is_there) - 1
    return np.flatnonzero(is_there).astype("int64"), place_of[numbers].astype("int64")


def added(places: Codes, values: Any, count: int) -> Codes:
    """Sums of whole numbers, exact."""
    import numpy as np

    sums: Codes = np.zeros(count, dtype="int64")
    np.add.at(sums, places, values)
    return sums
