"""Numerators and denominators of many percents at once, for the bases that may fit them."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from decimal import Decimal

import numpy as np
import numpy.typing as npt

from ilms_sdmx.drafting.arithmetic.counts import Counts, Percent, SideKey, is_percent_of
from ilms_sdmx.drafting.arithmetic.results import Basis, Labels

#: Difference of two computations of one percent, by decimals and by binary numbers.
_BINARY = 1e-6

Floats = npt.NDArray[np.float64]


class Sides:
    """Numerators and denominators of percents, each computed once.

    Parameters
    ----------
    counts
        Figures that are no percents.
    percents
        Percents under one label.
    """

    def __init__(self, counts: Counts, percents: Sequence[Percent]) -> None:
        self.counts = counts
        self.percents = percents
        self._values = np.array([float(percent.value) for percent in percents])
        self._unit = float(percents[0].unit)
        self._amounts: dict[SideKey, list[Decimal | None]] = {}
        self._floats: dict[SideKey, Floats] = {}

    def _amounts_of(self, labels: Labels) -> list[Decimal | None]:
        """Amounts of one side, one for each percent."""
        side = tuple(labels.items())
        if side not in self._amounts:
            amounts: list[Decimal | None] = []
            for percent in self.percents:
                amounts.append(self.counts.amount(percent.key, labels))
            self._amounts[side] = amounts
        return self._amounts[side]

    def _floats_of(self, labels: Labels) -> Floats:
        """Amounts of one side as binary numbers, not a number where one is not there."""
        side = tuple(labels.items())
        if side not in self._floats:
            amounts = self._amounts_of(labels)
            self._floats[side] = np.array(amounts, dtype=np.float64)
        return self._floats[side]

    def promising(self, candidates: Sequence[Basis], least_part: float) -> Iterator[Basis]:
        """Bases with one numerator under which about enough percents come out.

        It is computed with binary numbers, for many bases at once: what it lets through must be
        counted exactly.
        """
        if not candidates or candidates[0].is_left:
            yield from candidates
            return
        upper = self._floats_of(candidates[0].of)
        lowers: list[Floats] = []
        changes: list[list[float]] = []
        for basis in candidates:
            lowers.append(self._floats_of(basis.base))
            changes.append([100.0 * basis.is_change])
        lower = np.stack(lowers)
        has_both = ~np.isnan(upper) & ~np.isnan(lower)
        is_compared = has_both & (lower != 0)
        with np.errstate(all="ignore"):
            computed = 100 * upper / lower - np.array(changes)
        comes_out = self._come_out(computed) & is_compared
        agree = comes_out.sum(axis=1)
        least = least_part * is_compared.sum(axis=1) - _BINARY
        enough = (agree > 1) & (agree >= least)
        for number in np.flatnonzero(enough).tolist():
            yield candidates[number]

    def _come_out(self, computed: Floats) -> npt.NDArray[np.bool_]:
        """Whether computed percents are about the printed ones."""
        with np.errstate(all="ignore"):
            allowed = self._unit + _BINARY + _BINARY * np.abs(computed)
            difference = np.abs(computed - self._values)
            come_out: npt.NDArray[np.bool_] = difference <= allowed
        return come_out

    def counted(self, basis: Basis) -> Basis:
        """Return the basis with the number of percents that come out, exactly."""
        agree = compared = 0
        for number, percent in enumerate(self.percents):
            sides = self._sides(basis, number)
            if sides is not None:
                compared += 1
                agree += is_percent_of(percent, sides, basis)
        return basis.counted(agree, compared)

    def _sides(self, basis: Basis, number: int) -> tuple[Decimal, Decimal] | None:
        """Both sides of one percent; None where one is not there, or the lower is nothing."""
        if basis.is_left:
            return self.counts.sides(basis, self.percents[number])
        upper = self._amounts_of(basis.of)[number]
        lower = self._amounts_of(basis.base)[number]
        if upper is None or not lower:
            return None
        return (upper, lower)

    def are_differences(self, basis: Basis) -> bool:
        """Whether all figures are the numerator less the earlier figure."""
        uppers = self._amounts_of(basis.of)
        lowers = self._amounts_of(basis.base)
        for percent, upper, lower in zip(self.percents, uppers, lowers, strict=True):
            if upper is None or lower is None or upper - lower != percent.value:
                return False
        return True
