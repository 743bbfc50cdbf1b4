"""The attacker: what anybody can work out about a hidden figure from all that is published."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace

import numpy as np

from ilms_sdmx.analysis.protection.programme import TOLERANCE, Programme
from ilms_sdmx.analysis.protection.release import Release
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
        self._known = known & np.isfinite(release.value)
        hidden = np.flatnonzero(~self._known)
        largest = np.nanmax(release.value, initial=1.0, where=np.isfinite(release.value))
        #: More than any figure that something bounds.
        self._most = _BEYOND * float(largest)
        self._equations, self._allowed = release.agreeing()
        value = np.where(self._known, np.nan_to_num(release.value), 0.0)
        self._rest = -self._equations.sums(value)
        self._unknown = self._equations.among_figures(~self._known)
        self._group = self._unknown.groups(len(release))
        order = np.argsort(self._group[hidden], kind="stable")
        self._hidden = hidden[order]
        self._programmes: dict[int, tuple[Array, Programme]] = {}

    def interval(self, figure: int) -> Interval | None:
        """What a figure can be; None where the published figures contradict each other."""
        if self._known[figure]:
            value = float(self._release.value[figure])
            return Interval(figure, value, value)
        figures, programme = self._programme_around(figure)
        column = int(np.searchsorted(figures, figure))
        lower = self._end(programme, len(figures), column, 1.0)
        upper = self._end(programme, len(figures), column, -1.0)
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

    def _programme_around(self, figure: int) -> tuple[Array, Programme]:
        """Hidden figures that a figure hangs together with, in order, and their programme."""
        number = int(self._group[figure])
        if number not in self._programmes:
            first, last = np.searchsorted(self._group[self._hidden], [number, number + 1])
            figures = np.sort(self._hidden[first:last])
            self._programmes[number] = (figures, self._programme(figures))
        return self._programmes[number]

    def _programme(self, figures: Array) -> Programme:
        """Programme over some hidden figures; what is known is on the other side."""
        is_of_group = np.zeros(len(self._release), dtype=bool)
        is_of_group[figures] = True
        is_useful = self._unknown.count(is_of_group) > 0
        useful = self._unknown.among(is_useful)
        terms = replace(useful, figure=np.searchsorted(figures, useful.figure))
        row_lower = self._rest[is_useful] - self._allowed[is_useful]
        row_upper = self._rest[is_useful] + self._allowed[is_useful]
        row_upper = np.where(useful.is_limit, np.inf, row_upper)
        nothing = np.zeros(len(figures))
        most = np.full(len(figures), self._most)
        return Programme(terms, nothing, most, row_lower, row_upper)

    def _end(
        self, programme: Programme, size: int, column: int, direction: float
    ) -> float | None:
        """Least value of a column by direction 1, greatest by -1."""
        cost = np.zeros(size)
        cost[column] = direction
        programme.cost(cost)
        if programme.solve() is None:
            return None
        end = direction * programme.objective
        return np.inf if end >= self._most else end
