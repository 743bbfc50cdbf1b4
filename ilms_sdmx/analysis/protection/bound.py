"""Least loss: what the protection of a release costs at least, whatever one hides."""

from __future__ import annotations

import time
from collections.abc import Sequence

import numpy as np

from ilms_sdmx.analysis.protection.programme import TOLERANCE, Programme
from ilms_sdmx.analysis.protection.release import Equations
from ilms_sdmx.validation.coded.columns import Array

#: The search ends after so many rounds that raise the bound by less than this factor.
_IDLE_ROUNDS = 2
_RISE = 1.005
#: Programmes that are solved for the bound.
_MOST_TRIES = 500


class LeastLoss:
    """Lower bound of the loss, by cuts.

    One programme says what share of each figure to hide, another how far a figure can then
    move. Where it cannot move far enough, its prices give an inequality that every protection
    obeys, and the first programme gets it as a row more.

    Parameters
    ----------
    equations
        Sums of the release.
    less, more
        How far each figure can move where it is hidden.
    left
        What is left of each equation: 0, but for limits.
    cost
        What each figure costs to hide.
    is_primary
        Mask of the figures that are hidden by a rule.
    """

    def __init__(
        self,
        equations: Equations,
        less: Array,
        more: Array,
        left: Array,
        cost: Array,
        is_primary: Array,
    ) -> None:
        self._equations = equations
        self._less = less
        self._more = more
        self._cost = cost
        self._tries = 0
        self._size = len(cost)
        self._share_programme = self._shares_of(is_primary)
        row_upper = np.where(equations.is_limit, np.inf, 0.0)
        self._movement = Programme(equations, -less, more, -left, row_upper)
        self._left = left

    def search(self, cases: Sequence[tuple[int, float, bool]], end: float) -> float:
        """Bound for figures that need some room up or down, found until the time ends."""
        self._cut_sums(cases)
        least = self._cheapest_shares()
        idle_rounds = 0
        while time.monotonic() < end and idle_rounds < _IDLE_ROUNDS:
            shares = self._share_programme.solve()
            if shares is None or not self._cut(cases, shares, end):
                break
            raised = self._cheapest_shares()
            idle_rounds = idle_rounds + 1 if raised < least * _RISE else 0
            least = max(least, raised)
        return least

    def _cheapest_shares(self) -> float:
        self._share_programme.solve()
        return self._share_programme.objective

    def _shares_of(self, is_primary: Array) -> Programme:
        """Programme of the shares to hide; without cuts it hides what the rules say."""
        nothing = np.array([], dtype=np.int64)
        no_equation = Equations(nothing, nothing, np.array([]), np.array([], dtype=bool))
        lower = np.where(is_primary, 1.0, 0.0)
        programme = Programme(
            no_equation, lower, np.ones(len(lower)), np.array([]), np.array([])
        )
        programme.cost(self._cost)
        return programme

    def _cut_sums(self, cases: Sequence[tuple[int, float, bool]]) -> None:
        """Add what each sum of a figure says: another figure of it moves with it."""
        equations = self._equations
        order = np.argsort(equations.figure, kind="stable")
        starts = np.searchsorted(equations.figure[order], np.arange(self._size + 1))
        by_equation = np.argsort(equations.equation, kind="stable")
        counts = np.bincount(equations.equation, minlength=len(equations))
        ends = np.cumsum(counts)
        for figure, room, _ in cases:
            for term in order[starts[figure] : starts[figure + 1]].tolist():
                number = int(equations.equation[term])
                if equations.is_limit[number]:
                    continue
                of_equation = by_equation[ends[number] - counts[number] : ends[number]]
                others = equations.figure[of_equation]
                others = others[others != figure]
                most = np.maximum(self._less[others], self._more[others])
                self._share_programme.add_row(others, np.minimum(most, room), room)

    def _cut(self, cases: Sequence[tuple[int, float, bool]], shares: Array, end: float) -> bool:
        """Add an inequality for each figure that moves too little; whether there was one."""
        is_cut = False
        for figure, room, up in cases:
            if time.monotonic() > end or self._tries > _MOST_TRIES:
                return is_cut
            self._tries += 1
            coefficients = self._prices(figure, room, up, shares)
            if coefficients is not None:
                columns = np.flatnonzero(coefficients > TOLERANCE)
                self._share_programme.add_row(columns, coefficients[columns], 1.0)
                is_cut = True
        return is_cut

    def _prices(self, figure: int, room: float, up: bool, shares: Array) -> Array | None:
        """Share of its room that each hidden figure gives at most; None where it has enough."""
        columns = np.arange(self._size)
        self._movement.bound(columns, -self._less * shares, self._more * shares)
        cost = np.zeros(self._size)
        # The programme looks for the least.
        cost[figure] = -1.0 if up else 1.0
        self._movement.cost(cost)
        if self._movement.solve() is None:
            return None
        if -self._movement.objective >= room - TOLERANCE:
            return None
        duals = self._movement.duals
        reduced = cost - self._priced(duals)
        gain = np.where(reduced < 0, -reduced * self._more, reduced * self._less)
        # A limit that is used up gives what is left of it, hidden or not.
        given = float(np.abs(duals) @ self._left)
        if given >= room - TOLERANCE:
            return None
        # Whole figures are hidden: no one can give more than all the room.
        return np.minimum(gain / (room - given), 1.0)

    def _priced(self, duals: Array) -> Array:
        """Prices of the equations on each column."""
        equations = self._equations
        weights = equations.sign * duals[equations.equation]
        priced: Array = np.bincount(equations.figure, weights=weights, minlength=self._size)
        return priced
