"""Design of a sample: strata, sampling units of one or two stages, and how many there are."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Any, TypeAlias

from ilms_sdmx.errors import MappingError

if TYPE_CHECKING:
    import numpy as np
    from numpy.typing import NDArray

    Numbers: TypeAlias = NDArray[np.float64]
    Codes: TypeAlias = NDArray[np.int64]

#: What is done where a stratum has one sampling unit: `adjust` centres its total on 0 (as R's
#: survey does), `average` gives it the mean variance of the others, `remove` and `certainty`
#: count it as without error, `fail` stops.
LONELY = ("adjust", "average", "remove", "certainty", "fail")


@dataclass(frozen=True, eq=False)
class Stage:
    """Units of one stage: of each unit its stratum, of each stratum its size and fraction.

    Parameters
    ----------
    units
        Unit of each record.
    strata
        Stratum of each unit.
    sizes
        Units of each stratum that are in the sample.
    fractions
        Share of the units of each stratum that are in the sample, 0 where nobody says it.
    """

    units: Codes
    strata: Codes
    sizes: Numbers
    fractions: Numbers


class Design:
    """Design of a sample, made before any record is left out.

    Parameters
    ----------
    weights
        Weight of each record.
    strata, psu
        Stratum and primary sampling unit of each record, numbers or texts; by default one
        stratum, and each record a unit. Units of different strata are different.
    fpc
        Units that the stratum of each record has in all, or None.
    ssu, fpc2
        Unit of the second stage of each record, and how many its first unit has, or None.
    lonely
        What is done where a stratum has one unit, one of `LONELY`.

    Raises
    ------
    MappingError
        There is a stratum with one unit and `lonely` is `fail`, or fewer units in all than in
        the sample.

    Examples
    --------
    >>> design = Design([10.0, 10.0, 30.0, 30.0], strata=["a", "a", "b", "b"])
    >>> design.df, design.lonely_strata
    (2, 0)
    """

    def __init__(
        self,
        weights: Any,
        strata: Any = None,
        psu: Any = None,
        fpc: Any = None,
        ssu: Any = None,
        fpc2: Any = None,
        lonely: str = "adjust",
    ) -> None:
        import numpy as np

        if lonely not in LONELY:
            known = ", ".join(LONELY)
            raise MappingError(f"expected one of {known} for a lonely unit, found {lonely!r}.")
        self.weights: Numbers = np.asarray(weights, dtype="float64")
        count = len(self.weights)
        self.lonely = lonely
        strata = np.zeros(count, dtype="int64") if strata is None else _coded(strata)
        units = np.arange(count) if psu is None else _coded(psu)
        units = _nested(strata, units)
        self.first = _stage(units, strata, fpc)
        self.second: Stage | None = None
        if ssu is not None:
            below = _nested(units, _coded(ssu))
            self.second = _stage(below, units, fpc2)
        elif fpc2 is not None:
            below = np.arange(count)
            self.second = _stage(below, units, fpc2)
        if lonely == "fail" and self.lonely_strata:
            raise MappingError(
                f"{self.lonely_strata} stratum(s) have one sampling unit: join them with a"
                " neighbour, or choose `lonely: adjust` in the design."
            )

    @property
    def df(self) -> int:
        """Degrees of freedom: units less strata."""
        return len(self.first.strata) - len(self.first.sizes)

    @property
    def lonely_strata(self) -> int:
        """Strata with one unit."""
        return int((self.first.sizes == 1).sum())


def _coded(values: Any) -> Codes:
    import numpy as np

    _, places = np.unique(np.asarray(values), return_inverse=True)
    codes: Codes = places.astype("int64")
    return codes


def _nested(outer: Codes, inner: Codes) -> Codes:
    """Units that are different where the outer ones are."""
    count = int(inner.max()) + 1 if len(inner) else 1
    return _coded(outer * count + inner)


def _stage(units: Codes, strata: Codes, population: Any) -> Stage:
    """Stage of the records' units, their strata, and how many units there are in all."""
    import numpy as np

    count = int(units.max()) + 1 if len(units) else 0
    stratum_of_unit: Codes = np.zeros(count, dtype="int64")
    stratum_of_unit[units] = strata
    groups = int(strata.max()) + 1 if len(strata) else 0
    sizes = np.bincount(stratum_of_unit, minlength=groups).astype("float64")
    fractions = np.zeros(groups)
    if population is not None:
        in_all = np.zeros(groups)
        in_all[strata] = np.asarray(population, dtype="float64")
        if (in_all < sizes).any():
            raise MappingError(
                "the finite population (fpc) is smaller than the sample in a stratum:"
                " expected the number of sampling units that the stratum has in all."
            )
        fractions = sizes / in_all
    return Stage(units, stratum_of_unit, sizes, fractions)
