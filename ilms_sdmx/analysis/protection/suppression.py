"""Suppression: which figures to hide, so that the hidden ones cannot be worked out again."""

from __future__ import annotations

import time
from collections.abc import Collection, Iterator
from dataclasses import dataclass

import numpy as np

from ilms_sdmx.analysis.protection.bound import LeastLoss
from ilms_sdmx.analysis.protection.programme import TOLERANCE, Programme
from ilms_sdmx.analysis.protection.release import Equations, Release
from ilms_sdmx.analysis.protection.rules import Primary
from ilms_sdmx.validation.coded.columns import Array

#: How much dearer a figure of no persons is: that nobody is there is often known.
_EMPTY = 10.0
#: Programmes that are solved to publish again what was hidden for nothing.
_MOST_TRIES = 1000
#: Figures of a release that are searched all at once; of more those around come first.
_SMALL = 300
#: How many figures of each sum are tried, before all are.
_WIDTHS = (7, 14, 40)
#: How many times figures that close circles are added: once for each dimension of a table.
_CLOSINGS = 3
#: What a figure costs that is hidden already: a little, so that few figures move.
_ALREADY = 0.01
#: Seconds that hiding whole sums takes at least.
_LEAST_SECONDS = 60.0
#: Share of the time that is kept for taking back what was hidden for nothing, and the bound.
_KEPT = 0.3


@dataclass(frozen=True, eq=False)
class Suppression:
    """Figures to hide.

    Parameters
    ----------
    hidden
        Mask of the figures, those of the rules and those that protect them.
    unprotected
        Figures that stay open to the attacker while what must be published is.
    cost
        What each figure costs to hide.
    least
        What any protection costs at least; NaN where the time did not suffice to say.
    is_hasty
        Whether the time ended, so that whole sums were hidden around the last figures.
    """

    hidden: Array
    unprotected: tuple[int, ...]
    cost: Array
    least: float
    is_hasty: bool

    @property
    def loss(self) -> float:
        """What the hidden figures cost together."""
        return float(self.cost[self.hidden].sum())

    @property
    def gap(self) -> float:
        """Loss above the least that is possible, as a share of the loss; NaN where unknown."""
        if not self.loss:
            return 0.0
        return (self.loss - self.least) / self.loss


@dataclass(frozen=True)
class _Case:
    """A figure that must be able to be more (up) or less, for one who knows another figure.

    Parameters
    ----------
    figure
        Number of the figure.
    room
        By how much.
    up
        Whether it must be able to be more.
    insider
        Number of a figure that somebody knows because it is his own; -1 for anybody.
    """

    figure: int
    room: float
    up: bool
    insider: int


@dataclass(frozen=True, eq=False)
class _Movement:
    """Change of some figures under which every sum still holds.

    Parameters
    ----------
    figures
        Their numbers.
    change
        By how much each is more.
    """

    figures: Array
    change: Array


class _Movements:
    """Movements that are possible with what is hidden, found by the figures that they move."""

    def __init__(self) -> None:
        self._members: list[frozenset[int]] = []
        self._of_figure: dict[int, list[tuple[int, float]]] = {}
        self._forgotten: set[int] = set()

    def add(self, movement: _Movement) -> int:
        """Keep a movement; its number."""
        number = len(self._members)
        figures = movement.figures.tolist()
        self._members.append(frozenset(figures))
        for figure, change in zip(figures, movement.change.tolist(), strict=True):
            self._of_figure.setdefault(figure, []).append((number, change))
        return number

    def fitting(self, case: _Case, without: Collection[int] = ()) -> int | None:
        """Number of a movement that gives the figure of a case its room; None without one."""
        for number, change in self._of_figure.get(case.figure, ()):
            if number in without or number in self._forgotten:
                continue
            room = change if case.up else -change
            if room < case.room - TOLERANCE:
                continue
            if case.insider not in self._members[number]:
                return number
        return None

    def moving(self, figure: int) -> set[int]:
        """Numbers of the movements that move a figure."""
        return {number for number, _ in self._of_figure.get(figure, ())}

    def forget(self, figure: int) -> None:
        """Give no more movements that move a figure, which is published."""
        self._forgotten |= self.moving(figure)


class _Incidence:
    """Which equations each figure is in, and which figures each equation has.

    Parameters
    ----------
    equations
        The equations.
    size
        Number of figures.
    """

    def __init__(self, equations: Equations, size: int) -> None:
        by_equation = np.argsort(equations.equation, kind="stable")
        self._figures = equations.figure[by_equation]
        self._signs = equations.sign[by_equation]
        counts = np.bincount(equations.equation, minlength=len(equations))
        self._figure_starts = np.concatenate([[0], np.cumsum(counts)])
        by_figure = np.argsort(equations.figure, kind="stable")
        self._equations = equations.equation[by_figure]
        counts = np.bincount(equations.figure, minlength=size)
        self._equation_starts = np.concatenate([[0], np.cumsum(counts)])
        self._size = size

    def figures_of(self, equation: int) -> Array:
        """Figures of an equation."""
        start, end = self._figure_starts[equation : equation + 2]
        figures: Array = self._figures[start:end]
        return figures

    def signs_of(self, equation: int) -> Array:
        """Sign of each figure of an equation, in the order of `figures_of`."""
        start, end = self._figure_starts[equation : equation + 2]
        signs: Array = self._signs[start:end]
        return signs

    def equations_of(self, figure: int) -> Array:
        """Equations of a figure."""
        start, end = self._equation_starts[figure : figure + 2]
        equations: Array = self._equations[start:end]
        return equations

    def around(self, figure: int, rank: Array, movable: Array, width: int) -> Array:
        """Mask of a figure, the best of its sums, and what closes circles with them.

        From each sum of the figure so many are taken, the first by rank. Then come, three
        times, the figures that are in two sums of those that are taken.
        """
        taken = np.zeros(self._size, dtype=bool)
        taken[figure] = True
        for equation in self.equations_of(figure).tolist():
            others = self.figures_of(equation)
            candidates = others[movable[others]]
            best = candidates[np.argsort(rank[candidates], kind="stable")[:width]]
            taken[best] = True
        for _ in range(_CLOSINGS):
            count = np.zeros(self._size, dtype=np.int64)
            touched = [self.equations_of(number) for number in np.flatnonzero(taken).tolist()]
            for equation in np.unique(np.concatenate(touched)).tolist():
                count[self.figures_of(equation)] += 1
            taken |= movable & (count >= 2)
        return taken & movable


def suppress(
    release: Release,
    primary: Primary,
    must: Array,
    seconds: float = 60.0,
    free: Array | None = None,
) -> Suppression:
    """Hide figures so that those of the rules keep their room.

    For each figure a linear programme looks for the cheapest way in which it could be less, or
    more, and all sums still hold; the figures that move with it are hidden too. Afterwards what
    was hidden for nothing is published again, dearest first.

    Parameters
    ----------
    release
        Figures and sums.
    primary
        Figures that must be hidden.
    must
        Mask of the figures that must be published.
    seconds
        Time after which whole sums are hidden instead; with 0 they are at once.
    free
        Mask of the figures that are not published in any case: they hide others for nothing.
    """
    if free is None:
        free = np.zeros(len(release), dtype=bool)
    start = time.monotonic()
    hidden = np.zeros(len(release), dtype=bool)
    hidden[primary.figures] = True
    hidden &= _movable(release, must)
    hidden |= free
    cost = np.where(release.value == 0, _EMPTY, 1.0)
    cost[free] = _ALREADY
    unprotected: list[int] = []
    least = float(cost[hidden].sum())
    is_hasty = False
    parts = [part for part in release.parts() if np.any(primary.reason[part[0]] != "")]
    left = sum(len(figures) for figures, _ in parts)
    in_parts = np.zeros(len(release), dtype=bool)
    for figures, part in parts:
        spent = time.monotonic() - start
        share = len(figures) / left
        left -= len(figures)
        in_parts[figures] = True
        search = _Search(part, primary.of(figures), must[figures], free[figures])
        found = search.run((seconds - spent) * share)
        hidden[figures] = found.hidden
        least += found.least - float(found.cost[search.given].sum())
        unprotected += figures[list(found.unprotected)].tolist()
        is_hasty = is_hasty or found.is_hasty
    alone = np.flatnonzero((primary.reason != "") & ~in_parts & ~_movable(release, must))
    unprotected += alone.tolist()
    return Suppression(hidden, tuple(unprotected), cost, least, is_hasty)


def _movable(release: Release, must: Array) -> Array:
    """Mask of the figures that can be hidden."""
    movable: Array = np.isfinite(release.value) & ~must
    return movable


class _Search:
    """Search for the figures to hide.

    The programme has two columns for each figure, what it is more and what it is less, and one
    for what is left of each limit.
    """

    def __init__(self, release: Release, primary: Primary, must: Array, free: Array) -> None:
        self._release = release
        self._primary = primary
        self._equations = _exact(release)
        self._size = len(release)
        value = np.nan_to_num(release.value)
        room = np.maximum(primary.down, primary.up).max(initial=0.0)
        is_free = _movable(release, must)
        self._free = is_free
        self.less = np.where(is_free, value, 0.0)
        self.more = np.where(is_free, np.maximum(value, 2 * room), 0.0)
        self.cost = np.where(value == 0, _EMPTY, 1.0)
        self.cost[free] = _ALREADY
        self._hidden = np.zeros(self._size, dtype=bool)
        self._hidden[primary.figures] = True
        self._hidden |= free
        self._hidden &= is_free
        #: What is hidden before anything is searched.
        self.given = self._hidden.copy()
        self._known = _Movements()
        self._basis: dict[_Case, int] = {}
        self._tries = 0
        self._incidence = _Incidence(self._equations, self._size)
        limits = self._equations.is_limit
        left = self._equations.sums(value)
        #: What is left of each limit: it may be less by that, and more by anything.
        self._left = np.where(limits, np.maximum(left, 0.0), 0.0)

    def run(self, seconds: float) -> Suppression:
        start = time.monotonic()
        end = start + seconds * (1 - _KEPT)
        unprotected: list[int] = []
        waiting: list[_Case] = []
        for case in self._cases():
            if not self._free[case.figure]:
                unprotected.append(case.figure)
                continue
            if time.monotonic() >= end:
                waiting.append(case)
            elif not self._protect(case):
                unprotected.append(case.figure)
        if waiting:
            unprotected += self._hide_around(waiting, end + max(seconds, _LEAST_SECONDS))
        else:
            self._take_back(start + seconds * (1 - _KEPT / 2))
        least = self._least(start + seconds)
        distinct = tuple(dict.fromkeys(unprotected))
        return Suppression(self._hidden, distinct, self.cost, least, bool(waiting))

    def _cases(self) -> Iterator[_Case]:
        """Cases of all figures of the rules, the one that needs most room first."""
        for figure in self._primary.figures.tolist():
            parts = self._parts_of(figure)
            for insider in (-1, *self._insiders(figure)):
                up = float(self._primary.up[figure])
                down = float(self._primary.down[figure])
                if up > TOLERANCE:
                    yield _Case(figure, up, True, insider)
                if insider in parts:
                    # He knows that he is there.
                    down -= float(self._release.value[insider])
                if down > TOLERANCE:
                    yield _Case(figure, down, False, insider)

    def _insiders(self, figure: int) -> list[int]:
        """Hidden figures of one person each that are in a sum with a figure.

        A total of one person and the part that is all of it are the same person, who learns
        nothing about others.
        """
        persons = self._release.contributors
        insiders: set[int] = set()
        same: set[int] = set()
        for equation in self._incidence.equations_of(figure).tolist():
            figures = self._incidence.figures_of(equation)
            signs = self._incidence.signs_of(equation)
            is_hidden = self._primary.reason[figures] != ""
            is_single = is_hidden & (persons[figures] == 1)
            insiders.update(figures[is_single].tolist())
            if persons[figure] == 1:
                sign = signs[figures == figure][0]
                same.update(figures[is_single & (signs != sign)].tolist())
        return sorted(insiders - same - {figure})

    def _parts_of(self, figure: int) -> set[int]:
        """Figures that add up to a figure."""
        parts: set[int] = set()
        for equation in self._incidence.equations_of(figure).tolist():
            figures = self._incidence.figures_of(equation)
            signs = self._incidence.signs_of(equation)
            if signs[figures == figure][0] > 0:
                parts.update(figures[signs < 0].tolist())
        return parts

    def _protect(self, case: _Case) -> bool:
        """Hide the cheapest figures that give a figure its room; whether there are any."""
        known = self._known.fitting(case)
        if known is None:
            movement = self._cheapest(case)
            if movement is None:
                return False
            self._hidden[movement.figures] = True
            known = self._known.add(movement)
        self._basis[case] = known
        return True

    def _cheapest(self, case: _Case) -> _Movement | None:
        """Cheapest movement for a case among the figures around it, of all if need be."""
        cost = np.where(self._hidden, _ALREADY, self.cost)
        rank = self._rank(cost, case.room)
        for width in _WIDTHS if self._size > _SMALL else ():
            near = self._incidence.around(case.figure, rank, self._free, width)
            movement = self._movement(case, cost, near)
            if movement is not None:
                return movement
        return self._movement(case, cost, self._free)

    def _rank(self, cost: Array, room: float) -> Array:
        """Place of each figure in the order in which it is tried.

        What is hidden comes first, then the smallest figure that is large enough.
        """
        is_too_small = self.less < room
        order = np.lexsort((self.less, is_too_small, cost))
        rank = np.empty(self._size, dtype=np.int64)
        rank[order] = np.arange(self._size)
        return rank

    def _movement(self, case: _Case, cost: Array, movable: Array) -> _Movement | None:
        """Cheapest movement of movable figures that gives that of a case its room."""
        movable = movable.copy()
        movable[case.figure] = True
        if case.insider >= 0:
            movable[case.insider] = False
        figures = np.flatnonzero(movable)
        size = len(figures)
        less = self.less[figures]
        more = self.more[figures]
        least = np.zeros(2 * size)
        place = int(np.searchsorted(figures, case.figure))
        more[place] = case.room if case.up else 0.0
        less[place] = 0.0 if case.up else case.room
        least[place] = more[place]
        least[place + size] = less[place]
        column = np.full(self._size, -1)
        column[figures] = np.arange(size)
        terms, row_lower = self._terms_of(movable, column, size)
        row_upper = np.where(terms.is_limit, np.inf, 0.0)
        most = np.concatenate([more, less])
        programme = Programme(terms, least, most, row_lower, row_upper)
        cost_of_figures = cost[figures]
        programme.cost(np.concatenate([cost_of_figures, cost_of_figures]))
        solution = programme.solve()
        if solution is None:
            return None
        net = solution[:size] - solution[size:]
        is_moved = np.abs(net) > TOLERANCE
        return _Movement(figures[is_moved], net[is_moved])

    def _terms_of(self, movable: Array, column: Array, size: int) -> tuple[Equations, Array]:
        """Equations of the movable figures over what each is more and less; what is left."""
        equations = self._equations
        is_touched = equations.count(movable) > 0
        touched = equations.among(is_touched)
        is_moving = movable[touched.figure]
        equation = touched.equation[is_moving]
        columns = column[touched.figure[is_moving]]
        sign = touched.sign[is_moving]
        terms = Equations(
            np.concatenate([equation, equation]),
            np.concatenate([columns, columns + size]),
            np.concatenate([sign, -sign]),
            touched.is_limit,
        )
        return terms, -self._left[is_touched]

    def _take_back(self, end: float) -> None:
        """Publish again what was hidden for nothing, the dearest first."""
        added = np.flatnonzero(self._hidden & ~self.given)
        by_cost = np.lexsort((added, -self._release.value[added], -self.cost[added]))
        for figure in added[by_cost].tolist():
            if time.monotonic() > end or self._tries > _MOST_TRIES:
                return
            self._publish_if_idle(figure)

    def _publish_if_idle(self, figure: int) -> None:
        """Publish a figure where every case finds its room without it."""
        fewer = self._hidden.copy()
        fewer[figure] = False
        equal = np.ones(self._size)
        moving = self._known.moving(figure)
        found: dict[_Case, int] = {}
        for case, number in self._basis.items():
            if number not in moving:
                continue
            known = self._known.fitting(case, moving)
            if known is None:
                self._tries += 1
                movement = self._movement(case, equal, fewer & self._free)
                if movement is None:
                    return
                known = self._known.add(movement)
            found[case] = known
        self._hidden = fewer
        self._basis.update(found)
        self._known.forget(figure)

    def _hide_around(self, waiting: list[_Case], end: float) -> list[int]:
        """Hide whole sums around what is left; the figures that this does not protect.

        After a second time as long as the first, what is not shown to have room counts as open.
        """
        left = waiting
        reached = np.zeros(self._size, dtype=bool)
        reached[[case.figure for case in waiting]] = True
        while left:
            before = int(reached.sum())
            reached |= self._neighbours(reached)
            self._hidden |= reached & self._free
            left = self._without_room(left, end)
            if int(reached.sum()) == before or time.monotonic() > end:
                break
        return [case.figure for case in left]

    def _without_room(self, cases: list[_Case], end: float) -> list[_Case]:
        """Cases that what is hidden gives no room, or is not shown to give it in time."""
        hidden = self._hidden & self._free
        equal = np.ones(self._size)
        rank = self._rank(equal, 0.0)
        without = []
        for case in cases:
            if self._known.fitting(case) is not None:
                continue
            if time.monotonic() > end:
                without.append(case)
                continue
            movement = None
            for width in _WIDTHS:
                near = self._incidence.around(case.figure, rank, hidden, width)
                movement = self._movement(case, equal, near)
                if movement is not None:
                    break
            movement = movement or self._movement(case, equal, hidden)
            if movement is None:
                without.append(case)
            else:
                self._known.add(movement)
        return without

    def _neighbours(self, figures: Array) -> Array:
        """Mask of the figures that share a sum with one of a mask."""
        equations = self._equations
        has_one = equations.count(figures) > 0
        near = np.zeros(self._size, dtype=bool)
        near[equations.figure[has_one[equations.equation]]] = True
        return near

    def _least(self, end: float) -> float:
        """What any protection costs at least, as far as the time goes."""
        cases = []
        for case in self._basis:
            if case.insider < 0:
                cases.append((case.figure, case.room, case.up))
        bound = LeastLoss(
            self._equations,
            self.less,
            self.more,
            self._left,
            self.cost,
            self.given,
        )
        return bound.search(cases, end)


def _exact(release: Release) -> Equations:
    """Equations that the known figures of a release do not contradict."""
    equations, _ = release.agreeing()
    return equations
