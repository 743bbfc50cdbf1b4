"""Releases: the figures of tables that go out together, and the equations that join them."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass, replace

import numpy as np

from ilms_sdmx.sums import allowance
from ilms_sdmx.validation.arithmetic.identities import Identity, known_identities
from ilms_sdmx.validation.arithmetic.relations import Relation, countable, relations_of
from ilms_sdmx.validation.coded.columns import Array
from ilms_sdmx.validation.coded.pool import Pool, hashed
from ilms_sdmx.validation.coded.table import Coded
from ilms_sdmx.validation.rules.disclosure import withheld


@dataclass(frozen=True, eq=False)
class Equations:
    """Equations between figures: in each, totals less parts make zero.

    Parameters
    ----------
    equation, figure
        Number of the equation and of the figure of each term.
    sign
        1 for a total, -1 for a part.
    is_limit
        One entry an equation: whether the parts may be less than the total, for something else
        belongs to it that is in no table.
    """

    equation: Array
    figure: Array
    sign: Array
    is_limit: Array

    def __len__(self) -> int:
        return len(self.is_limit)

    def sums(self, value: Array) -> Array:
        """Totals less parts of each equation."""
        terms = self.sign * value[self.figure]
        added: Array = np.bincount(self.equation, weights=terms, minlength=len(self))
        return added

    def count(self, mask: Array) -> Array:
        """Number of marked figures in each equation."""
        is_marked = mask[self.figure]
        counts: Array = np.bincount(self.equation[is_marked], minlength=len(self))
        return counts

    def groups(self, size: int) -> Array:
        """Number of the group of each of so many figures: no equation joins two groups.

        A figure that is in no equation is a group of its own.
        """
        group = np.arange(size)
        while True:
            least = np.full(len(self), size)
            np.minimum.at(least, self.equation, group[self.figure])
            joined = group.copy()
            np.minimum.at(joined, self.figure, least[self.equation])
            # The group of the group is a group too: long chains end in few rounds.
            joined = joined[joined]
            if np.array_equal(joined, group):
                return group
            group = joined

    def among_figures(self, mask: Array) -> Equations:
        """The same equations with the terms of marked figures alone."""
        kept = mask[self.figure]
        return replace(
            self,
            equation=self.equation[kept],
            figure=self.figure[kept],
            sign=self.sign[kept],
        )

    def among(self, kept: Array) -> Equations:
        """Those equations that a mask marks."""
        number = np.cumsum(kept) - 1
        is_kept = kept[self.equation]
        equation = number[self.equation[is_kept]]
        return Equations(
            equation, self.figure[is_kept], self.sign[is_kept], self.is_limit[kept]
        )


@dataclass(frozen=True, eq=False)
class Release:
    """Figures of linked tables, each once in whatever tables it is printed.

    Parameters
    ----------
    tables
        The tables.
    identity
        Number of 64 bits of each figure, the same in every table and every vintage.
    table, row, figure
        One entry a row that counts persons: number of its table, its row, number of its figure.
    value
        Value of each figure; NaN where no table gives it.
    step
        Rounding step of each figure.
    withheld
        Whether the status of a figure says that it is not for publication.
    contributors
        Persons behind each figure, unweighted; NaN where nobody says it.
    equations
        Sums of the tables and identities between them.
    printed
        One entry a row that counts persons: its own value, which another vintage may have
        changed.
    """

    tables: tuple[Coded, ...]
    identity: Array
    table: Array
    row: Array
    figure: Array
    value: Array
    step: Array
    withheld: Array
    contributors: Array
    equations: Equations
    printed: Array

    @classmethod
    def of(cls, tables: Sequence[Coded], contributors: Sequence[Array] = ()) -> Release:
        """Release of some tables.

        Parameters
        ----------
        tables
            At least one table.
        contributors
            Persons behind each row of each table, NaN where unknown; by default a figure in
            whole persons is the number of its persons.
        """
        all_tables = tuple(tables)
        masks = [countable(table) for table in all_tables]
        pool = Pool.of(all_tables, masks)
        identity, figure = np.unique(_identities(pool), return_inverse=True)
        size = len(identity)
        is_withheld = np.zeros(size, dtype=bool)
        is_withheld[figure[_of_entries(pool, [withheld(table) for table in all_tables])]] = True
        value = _first(pool.value, figure, size)
        step = _first(np.where(np.isfinite(pool.value), pool.unit, np.nan), figure, size)
        persons = _persons(value, step)
        if contributors:
            known = _of_entries(pool, contributors)
            persons = _first(known, figure, size)
        equations = _equations(pool, figure)
        return cls(
            all_tables,
            identity,
            pool.table,
            pool.row,
            figure,
            value,
            np.nan_to_num(step),
            is_withheld,
            persons,
            equations,
            pool.value,
        )

    def __len__(self) -> int:
        return len(self.value)

    def parts(self) -> Iterator[tuple[Array, Release]]:
        """Figures of each group that the equations join, and the release of these alone.

        The years of a release have no equation in common, so that each is a part. Parts have
        figures and equations, and no tables.
        """
        group = self.equations.groups(len(self))
        order = np.argsort(group, kind="stable")
        starts = np.flatnonzero(np.diff(group[order], prepend=-1))
        group_of_equation = np.zeros(len(self.equations), dtype=np.int64)
        group_of_equation[self.equations.equation] = group[self.equations.figure]
        by_group = np.argsort(group_of_equation, kind="stable")
        sorted_groups = group_of_equation[by_group]
        for figures in np.split(order, starts[1:]):
            if len(figures) == 1:
                continue
            number = group[figures[0]]
            first, last = np.searchsorted(sorted_groups, [number, number + 1])
            yield figures, self._of_figures(figures, by_group[first:last])

    def _of_figures(self, figures: Array, equations: Array) -> Release:
        kept = np.zeros(len(self.equations), dtype=bool)
        kept[equations] = True
        among = self.equations.among(kept)
        column = np.full(len(self), -1)
        column[figures] = np.arange(len(figures))
        nothing = np.array([], dtype=np.int64)
        return Release(
            (),
            self.identity[figures],
            nothing,
            nothing,
            nothing,
            self.value[figures],
            self.step[figures],
            self.withheld[figures],
            self.contributors[figures],
            replace(among, figure=column[among.figure]),
            np.array([]),
        )

    def rows_of(self, marked: Array) -> list[Array]:
        """Mask of the rows of each table whose figures are marked."""
        masks = []
        for number, table in enumerate(self.tables):
            mask = np.zeros(len(table), dtype=bool)
            is_of_table = self.table == number
            rows = self.row[is_of_table]
            mask[rows] = marked[self.figure[is_of_table]]
            masks.append(mask)
        return masks

    def figures_of_rows(self, number: int) -> Array:
        """Figure of each row of a table; -1 where the row counts no persons."""
        figures = np.full(len(self.tables[number]), -1)
        is_of_table = self.table == number
        figures[self.row[is_of_table]] = self.figure[is_of_table]
        return figures

    def entry_of(self, figure: int) -> tuple[Coded, int]:
        """Table and row in which a figure is printed first."""
        entry = int(np.flatnonzero(self.figure == figure)[0])
        return self.tables[int(self.table[entry])], int(self.row[entry])

    def agreeing(self) -> tuple[Equations, Array]:
        """Equations that the known figures do not contradict, and what rounding leaves open.

        Whole persons are exact, unless a sum of nothing but whole persons misses its total by
        what rounding explains: then all figures that hang together with it are rounded.
        """
        known = np.isfinite(self.value)
        equations = self.equations
        is_whole = equations.count(~known) == 0
        value = np.nan_to_num(self.value)
        difference = equations.sums(value)
        allowed = self._allowed(equations, self.step)
        is_over = difference < -allowed
        is_under = (difference > allowed) & ~equations.is_limit
        is_broken = is_whole & (is_over | is_under)
        kept = equations.among(~is_broken)
        coarse = np.where(self.step > 1, self.step, 0.0)
        is_exact = is_whole & ~is_broken & ~equations.is_limit
        is_missed = is_exact & (difference != 0)
        if np.any(is_missed):
            group = equations.groups(len(self))
            is_of_missed = is_missed[equations.equation]
            rounded_groups = np.unique(group[equations.figure[is_of_missed]])
            coarse = np.where(np.isin(group, rounded_groups), self.step, coarse)
        return kept, self._allowed(kept, coarse)

    def _allowed(self, equations: Equations, step: Array) -> Array:
        """What rounding of the known figures allows in each equation."""
        known_step = np.where(np.isfinite(self.value), step, 0.0)
        steps = np.bincount(
            equations.equation, weights=known_step[equations.figure], minlength=len(equations)
        )
        allowed: Array = allowance(steps)
        return allowed


def _identities(pool: Pool) -> Array:
    """Identity of each entry: its sign, and its measure or else its table."""
    identity = pool.sign.copy()
    for number, table in enumerate(pool.tables):
        of_table = np.flatnonzero(pool.table == number)
        measures = pool.measure[of_table]
        if "MEASURE" in table.dimensions:
            of_measure = hashed([f"MEASURE={measure}" for measure in pool.measures])
            identity[of_table] += of_measure[measures]
        else:
            identity[of_table] += hashed([f"TABLE={table.name}"])[0]
    return identity


def _of_entries(pool: Pool, columns: Sequence[Array]) -> Array:
    """Entries of a column of each table."""
    parts = []
    for number, column in enumerate(columns):
        rows = pool.row[pool.table == number]
        parts.append(column[rows])
    return np.concatenate(parts)


def _first(of_entries: Array, figure: Array, size: int) -> Array:
    """First known number of each figure; NaN where there is none."""
    numbers = np.full(size, np.nan)
    known = np.flatnonzero(np.isfinite(of_entries))
    last_to_first = known[::-1]
    numbers[figure[last_to_first]] = of_entries[last_to_first]
    return numbers


def _persons(value: Array, step: Array) -> Array:
    """Whole persons as their own number; NaN for what is rounded to more."""
    is_whole = (step <= 1) & (np.nan_to_num(value) % 1 == 0)
    persons: Array = np.where(is_whole, value, np.nan)
    return persons


@dataclass(frozen=True, eq=False)
class _Terms:
    """Equations of one relation or identity, as in `Equations`."""

    equation: Array
    figure: Array
    sign: Array
    is_limit: Array


def _equations(pool: Pool, figure: Array) -> Equations:
    """Equations of all tables, each once."""
    terms: list[_Terms] = []
    for number, table in enumerate(pool.tables):
        figure_of_row = np.full(len(table), -1)
        is_of_table = pool.table == number
        figure_of_row[pool.row[is_of_table]] = figure[is_of_table]
        for relation in relations_of(table):
            terms.append(_of_relation(table, relation, figure_of_row))
    terms += _of_identities(pool, figure)
    return _joined(terms)


def _of_relation(table: Coded, relation: Relation, figure_of_row: Array) -> _Terms:
    """Equations of one relation in every group of rows that differ in its dimension alone."""
    group, size = table.others(relation.dimension)
    is_figure = figure_of_row >= 0
    is_total = is_figure & table.having(relation.dimension, [relation.total])
    is_part = is_figure & table.having(relation.dimension, relation.parts)
    is_open = np.zeros(size, dtype=bool)
    for code, members in relation.groups:
        is_group = is_figure & table.having(relation.dimension, [code])
        is_member = is_figure & table.having(relation.dimension, members)
        has_members = np.bincount(group[is_member], minlength=size) > 0
        if members:
            is_part |= is_group & ~has_members[group]
            is_group &= has_members[group]
        is_open[group[is_group]] = True
    has_total = np.bincount(group[is_total], minlength=size) > 0
    has_parts = np.bincount(group[is_part], minlength=size) > 0
    is_sum = has_total & has_parts
    is_limit = is_open | ~_is_complete(table, relation, is_part, group, size)
    rows = np.flatnonzero((is_total | is_part) & is_sum[group])
    number = np.cumsum(is_sum) - 1
    sign = np.where(is_total[rows], 1.0, -1.0)
    return _Terms(number[group[rows]], figure_of_row[rows], sign, is_limit[is_sum])


def _is_complete(
    table: Coded, relation: Relation, is_part: Array, group: Array, size: int
) -> Array:
    """Whether nothing belongs to the total of a group but its parts."""
    if relation.bound:
        return np.zeros(size, dtype=bool)
    needed = [relation.residual] if relation.partners else list(relation.essential)
    if not all(needed):
        return np.zeros(size, dtype=bool)
    is_needed = is_part & table.having(relation.dimension, needed)
    count = np.bincount(group[is_needed], minlength=size)
    complete: Array = count == len(needed)
    return complete


def _of_identities(pool: Pool, figure: Array) -> Iterator[_Terms]:
    """Equations between measures, where all that they join is in the tables."""
    if len(pool.measures) < 2:
        return
    for identity in known_identities():
        if identity.operator == "/":
            continue
        columns = pool.matched(identity.operands)
        if len(columns[0]):
            yield _of_identity(identity, columns, figure)


def _of_identity(identity: Identity, columns: Sequence[Array], figure: Array) -> _Terms:
    count = len(columns[0])
    is_order = identity.operator == "<="
    # In an order the smaller is first.
    first_sign = -1.0 if is_order else 1.0
    signs = [first_sign, *[-first_sign] * (len(columns) - 1)]
    equation = np.tile(np.arange(count), len(columns))
    figures = figure[np.concatenate(columns)]
    sign = np.repeat(signs, count)
    is_limit = np.full(count, is_order)
    return _Terms(equation, figures, sign, is_limit)


def _joined(terms: Sequence[_Terms]) -> Equations:
    """All equations under one numbering, without those that say the same twice."""
    seen: set[bytes] = set()
    equation: list[Array] = []
    figure: list[Array] = []
    sign: list[Array] = []
    is_limit: list[bool] = []
    for some in terms:
        if not len(some.is_limit):
            continue
        order = np.lexsort((some.figure, some.equation))
        ends = np.cumsum(np.bincount(some.equation, minlength=len(some.is_limit)))
        for number, of_equation in enumerate(np.split(order, ends[:-1])):
            figures = some.figure[of_equation]
            signs = some.sign[of_equation]
            limit = bool(some.is_limit[number])
            if _is_idle(figures):
                continue
            name = figures.tobytes() + signs.tobytes() + bytes([limit])
            if name in seen:
                continue
            seen.add(name)
            equation.append(np.full(len(figures), len(is_limit)))
            figure.append(figures)
            sign.append(signs)
            is_limit.append(limit)
    if not is_limit:
        nothing = np.array([], dtype=np.int64)
        return Equations(nothing, nothing, np.array([]), np.array([], dtype=bool))
    limits = np.array(is_limit, dtype=bool)
    return Equations(
        np.concatenate(equation), np.concatenate(figure), np.concatenate(sign), limits
    )


def _is_idle(figures: Array) -> bool:
    """Whether an equation says nothing, as where a total and its only part are one figure."""
    return len(np.unique(figures)) < len(figures) or len(figures) < 2
