"""Causes: the one slip of the pen, if there is exactly one, that would make every broken sum agree."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from functools import cached_property, partial
from itertools import combinations, pairwise
from typing import TYPE_CHECKING, TypeAlias

import numpy as np

from ilms_sdmx.sums import agrees
from ilms_sdmx.validation.raising import number

if TYPE_CHECKING:
    from ilms_sdmx.validation.coded import Array, Coded
    from ilms_sdmx.validation.sums import Sums

#: A correction: new values of some rows, and how to say it: the cause in words and how to fix it.
Change: TypeAlias = tuple[dict[int, float], Callable[[], tuple[str, str]]]

#: Broken sums of one table that are searched for a cause; beyond that the table is wrong as a whole.
_SEARCHED = 400
_FACTORS = (10.0, 100.0, 1000.0, 0.1, 0.01, 0.001)
_NONE = ("", "")


class Causes:
    """Search for the likely cause of broken sums.

    A cause is named only when exactly one candidate makes every relation agree that touches the changed
    figures: two digits swapped, two cells swapped (a sex, neighbours in a list), a factor of ten, or failing
    those the one cell that several broken sums agree upon.
    """

    def __init__(self, coded: Coded, sums: list[Sums]) -> None:
        self._coded = coded
        self._sums = sums
        self._values = coded.figures.value
        self._left = _SEARCHED

    def of(self, index: int, group: int) -> tuple[str, str]:
        """Cause and fix of a broken group of relation `index`; empty where none, or several, would do."""
        rows = self.members(index, group)
        if self._left <= 0 or len(rows) > 60:
            return _NONE
        self._left -= 1
        for candidates in (self._slips(rows), self._cells(rows)):
            working = {
                frozenset(change.items()): said
                for change, said in candidates
                if self._fixes(change)
            }
            if len(working) == 1:
                return next(iter(working.values()))()
            if working:
                return _NONE
        return _NONE

    @cached_property
    def _orders(self) -> list[tuple[Array, Array]]:
        """Rows of each relation sorted by group, and where each group starts."""
        found = []
        for sums in self._sums:
            rows = np.flatnonzero(sums.touched)
            order = rows[np.argsort(sums.groups[rows], kind="stable")]
            found.append(
                (order, np.searchsorted(sums.groups[order], np.arange(len(sums.row) + 1)))
            )
        return found

    def members(self, index: int, group: int) -> list[int]:
        """Rows that one relation adds up in one group, the total among them."""
        order, starts = self._orders[index]
        members: list[int] = order[starts[group] : starts[group + 1]].tolist()
        return members

    def _around(self, row: int) -> Iterator[tuple[int, int]]:
        """Relations and groups that a row takes part in."""
        for index, sums in enumerate(self._sums):
            if sums.touched[row]:
                yield index, int(sums.groups[row])

    def _fixes(self, change: dict[int, float]) -> bool:
        """Whether every relation that touches the changed figures agrees with them."""
        around = {pair for row in change for pair in self._around(row)}
        return all(self._agrees(index, group, change) for index, group in around)

    def _agrees(self, index: int, group: int, change: dict[int, float]) -> bool:
        sums = self._sums[index]
        total = int(sums.row[group])
        members = self.members(index, group)
        delta = sum(
            change[row] - self._values[row] for row in members if row in change and row != total
        )
        moved = change.get(total, self._values[total]) - self._values[total]
        difference = sums.difference[group] + moved - delta
        within = agrees(difference, sums.tolerance[group])
        return bool(within or (difference > 0 and not sums.complete[group]))

    def _slips(self, rows: list[int]) -> Iterator[Change]:
        for row in rows:
            yield from self._digits(row)
            yield from self._factors(row)
        for one, other in combinations(rows, 2):
            yield from self._swap(one, other)

    def _text(self, row: int) -> str:
        return self._coded.text(self._coded.dataset.components.measures[0], row)

    def _name(self, row: int) -> str:
        return ".".join(self._coded.key(row).values())

    def _digits(self, row: int) -> Iterator[Change]:
        """Two neighbouring digits in the wrong order."""
        text = self._text(row)
        places = [i for i, character in enumerate(text) if character.isdigit()]
        for left, right in pairwise(places):
            if text[left] == text[right]:
                continue
            swapped = (
                text[:left]
                + text[right]
                + text[left + 1 : right]
                + text[left]
                + text[right + 1 :]
            )
            value = float(swapped) * float(self._coded.figures.scale[row])
            yield {row: value}, partial(self._say_digits, row, swapped)

    def _say_digits(self, row: int, swapped: str) -> tuple[str, str]:
        text = self._text(row)
        cause = f"two digits swapped: {self._name(row)} reads {text}, {swapped} makes every sum agree"
        return cause, f"Correct {text} to {swapped} if the source confirms it."

    def _factors(self, row: int) -> Iterator[Change]:
        for factor in _FACTORS:
            yield (
                {row: float(self._values[row]) * factor},
                partial(self._say_factor, row, factor),
            )

    def _say_factor(self, row: int, factor: float) -> tuple[str, str]:
        size = f"{max(factor, 1 / factor):.0f} times too {'small' if factor > 1 else 'large'}"
        right = number(float(self._values[row]) * factor, self._coded, row)
        cause = f"{self._name(row)} is {size}: {right} makes every sum agree"
        return cause, "Check unit, decimal point and footnote marks of the cell."

    def _swap(self, one: int, other: int) -> Iterator[Change]:
        if self._values[one] == self._values[other]:
            return
        change = {one: float(self._values[other]), other: float(self._values[one])}
        yield change, partial(self._say_swap, one, other)

    def _say_swap(self, one: int, other: int) -> tuple[str, str]:
        names = f"{self._name(one)} ({self._text(one)}) and {self._name(other)} ({self._text(other)})"
        differ = {d for d, c in self._coded.key(one).items() if self._coded.key(other)[d] != c}
        what = "sexes" if differ == {"SEX"} else "cells"
        cause = f"two {what} swapped: {names} change places and every sum agrees"
        return cause, "Swap the two figures if the source confirms it."

    def _cells(self, rows: list[int]) -> Iterator[Change]:
        """Value of one cell that every relation around it implies, where several are broken."""
        for row in rows:
            pairs = [(i, g) for i, g in self._around(row) if self._sums[i].complete[g]]
            broken = [(i, g) for i, g in pairs if not self._agrees(i, g, {})]
            if len(broken) < 2:
                continue
            value = self._implied(row, *broken[0])
            yield {row: value}, partial(self._say_cell, row, value)

    def _say_cell(self, row: int, value: float) -> tuple[str, str]:
        text, read = number(value, self._coded, row), self._text(row)
        cause = f"only {self._name(row)} need change: {text} instead of {read} makes every sum agree"
        return cause, f"Check {read} against the source."

    def _implied(self, row: int, index: int, group: int) -> float:
        sums = self._sums[index]
        difference = float(sums.difference[group])
        return float(self._values[row]) + (
            -difference if row == sums.row[group] else difference
        )
