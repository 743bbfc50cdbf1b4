"""The attacker: what anybody can work out about a hidden figure from all that is published."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np

from ilms_sdmx.analysis.protection.programme import TOLERANCE, Programme
from ilms_sdmx.analysis.protection.release import Equations, Release
from ilms_sdmx.validation.coded.columns import Array

#: A hidden figure that can be so many times the largest known one is bounded by nothing.
_BEYOND = 16.0


@dataclass(frozen=True)
class Interval:
    """What a hidden figure can be, given all that is published.

    Parameters
    ----------
    figure
        Number of the figure in its release.
    lower, upper
        Least and greatest value that it can have; `upper` is infinite where nothing bounds it.
    """

    figure: int
    lower: float
    upper: float

    @property
    def width(self) -> float:
        """Distance between the two ends."""
        return self.upper - self.lower

    @property
    def is_exact(self) -> bool:
        """Whether only one value is possible."""
        return self.width <= TOLERANCE * max(1.0, abs(self.lower))


class Attacker:
    """Somebody who knows every published figure of a release, and what adds up to what.

    Parameters
    ----------
    release
        The release.
    known
        Mask of the figures that he knows: those that are published, and those that he is part
        of.
    """

    def __init__(self, release: Release, known: Array) -> None:
        self._release = release
        self._column = np.full(len(release), -1)
        hidden = np.flatnonzero(~known)
        self._size = len(hidden)
        self._column[hidden] = np.arange(self._size)
        largest = np.nanmax(release.value, initial=1.0, where=np.isfinite(release.value))
        #: More than any figure that something bounds.
        self._most = _BEYOND * float(largest)
        equations, allowed = release.agreeing()
        self._programme = self._of(equations, allowed, known)

    def interval(self, figure: int) -> Interval | None:
        """What a figure can be; None where the published figures contradict each other."""
        column = int(self._column[figure])
        if column < 0:
            value = float(self._release.value[figure])
            return Interval(figure, value, value)
        lower = self._end(column, 1.0)
        upper = self._end(column, -1.0)
        if lower is None or upper is None:
            return None
        return Interval(figure, max(lower, 0.0), upper)

    def intervals(self, figures: Sequence[int]) -> list[Interval]:
        """What some figures can be; without those of which nothing can be said."""
        intervals = []
        for figure in figures:
            interval = self.interval(figure)
            if interval is not None:
                intervals.append(interval)
        return intervals

    def _of(self, equations: Equations, allowed: Array, known: Array) -> Programme:
        """Programme over the hidden figures; what is known is on the other side."""
        value = np.where(known, np.nan_to_num(self._release.value), 0.0)
        rest = -equations.sums(value)
        is_useful = equations.count(~known) > 0
        useful = equations.among(is_useful)
        is_hidden = ~known[useful.figure]
        hidden_terms = Equations(
            useful.equation[is_hidden],
            self._column[useful.figure[is_hidden]],
            useful.sign[is_hidden],
            useful.is_limit,
        )
        row_lower = rest[is_useful] - allowed[is_useful]
        row_upper = rest[is_useful] + allowed[is_useful]
        row_upper = np.where(useful.is_limit, np.inf, row_upper)
        return Programme(
            hidden_terms,
            np.zeros(self._size),
            np.full(self._size, self._most),
            row_lower,
            row_upper,
        )

    def _end(self, column: int, direction: float) -> float | None:
        """Least value of a column by direction 1, greatest by -1."""
        cost = np.zeros(self._size)
        cost[column] = direction
        self._programme.cost(cost)
        if self._programme.solve() is None:
            return None
        end = direction * self._programme.objective
        return np.inf if end >= self._most else end
