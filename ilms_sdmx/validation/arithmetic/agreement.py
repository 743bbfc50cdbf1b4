"""Agreement: whether sums would agree with other figures in some of their rows."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from functools import cached_property

import numpy as np

from ilms_sdmx.sums import agrees
from ilms_sdmx.validation.arithmetic.evaluated import Sums
from ilms_sdmx.validation.coded.columns import Array
from ilms_sdmx.validation.coded.table import Coded


class Agreement:
    """Sums of one table, asked what new values of some rows would do to them.

    A sum is the number of a relation and that of a group in it.

    Parameters
    ----------
    coded
        The table.
    sums
        All its relations, evaluated.
    """

    def __init__(self, coded: Coded, sums: Sequence[Sums]) -> None:
        self.coded = coded
        self.sums = sums
        self.values = coded.figures.value

    def members(self, index: int, group: int) -> list[int]:
        """Rows that one relation adds up in one group, with the total."""
        order, starts = self._orders[index]
        start = starts[group]
        end = starts[group + 1]
        members: list[int] = order[start:end].tolist()
        return members

    @cached_property
    def _orders(self) -> list[tuple[Array, Array]]:
        """Rows of each relation sorted by group, and where each group starts."""
        orders = []
        for sums in self.sums:
            rows = np.flatnonzero(sums.touched)
            by_group = np.argsort(sums.groups[rows], kind="stable")
            order = rows[by_group]
            group_count = len(sums.row) + 1
            numbers = np.arange(group_count)
            starts = np.searchsorted(sums.groups[order], numbers)
            orders.append((order, starts))
        return orders

    def sums_of(self, row: int) -> Iterator[tuple[int, int]]:
        """Relations and groups that a row takes part in."""
        for index, sums in enumerate(self.sums):
            if sums.touched[row]:
                yield index, int(sums.groups[row])

    def affected(self, values: Mapping[int, float]) -> set[tuple[int, int]]:
        """Sums that some rows belong to."""
        affected: set[tuple[int, int]] = set()
        for row in values:
            affected.update(self.sums_of(row))
        return affected

    def broken(self, values: Mapping[int, float]) -> list[tuple[int, int]]:
        """Sums that some rows belong to and that do not agree as they are."""
        affected = self.affected(values)
        return [sum_ for sum_ in sorted(affected) if not self.agrees(*sum_, {})]

    def fixes(self, values: Mapping[int, float]) -> bool:
        """Whether every sum that the changed rows belong to agrees with their new values."""
        affected = self.affected(values)
        return all(self.agrees(*sum_, values) for sum_ in affected)

    def leaves_broken(self, values: Mapping[int, float]) -> bool:
        """Whether a sum next to those that the changed rows explain stays broken.

        Sums are next to each other where they share a row: what breaks one may break the other.
        """
        affected = self.affected(values)
        for sum_ in self.broken(values):
            members = self.members(*sum_)
            near = dict.fromkeys(members, 0.0)
            broken = self.broken(near)
            if not affected.issuperset(broken):
                return True
        return False

    def is_possible(self, values: Mapping[int, float]) -> bool:
        """Whether no new figure is below zero where the figure itself is not."""
        return all(value >= 0 or self.values[row] < 0 for row, value in values.items())

    def agrees(self, index: int, group: int, values: Mapping[int, float]) -> bool:
        """Whether one sum agrees with the new values of some rows."""
        sums = self.sums[index]
        difference = sums.difference[group]
        if values:
            difference += self._change(index, group, values)
        allowed = sums.tolerance[group]
        if agrees(difference, allowed):
            return True
        return bool(difference > 0 and not sums.complete[group])

    def _change(self, index: int, group: int, values: Mapping[int, float]) -> float:
        """Change of the difference of one sum that the new values of some rows make."""
        sums = self.sums[index]
        total = int(sums.row[group])
        change = 0.0
        for row, value in values.items():
            if row == total:
                change += value - self.values[row]
            elif sums.touched[row] and sums.groups[row] == group:
                change -= value - self.values[row]
        return change

    def implied(self, row: int, index: int, group: int) -> float:
        """Value of a row that makes one sum agree."""
        sums = self.sums[index]
        difference = float(sums.difference[group])
        if row == sums.row[group]:
            difference = -difference
        return float(self.values[row]) + difference

    def name(self, row: int) -> str:
        """Key of a row on one line."""
        return ".".join(self.coded.key(row).values())
