"""Causes: the one slip of the pen, if exactly one, that would make every broken sum agree."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator, Sequence
from functools import partial
from itertools import combinations, pairwise
from typing import NamedTuple

import numpy as np

from ilms_sdmx.findings import phrase
from ilms_sdmx.sums import agrees
from ilms_sdmx.validation.arithmetic.agreement import Agreement
from ilms_sdmx.validation.arithmetic.evaluated import Sums
from ilms_sdmx.validation.arithmetic.misplaced import MisplacementSearch
from ilms_sdmx.validation.coded.table import Coded
from ilms_sdmx.validation.rules.listing import number

#: Broken sums of one table that are searched for a cause; with more the whole table is wrong.
_SEARCHED = 400
#: Figures of one sum that are searched; beyond that several would do by chance.
_MEMBERS = 60
_FACTORS = (10.0, 100.0, 1000.0, 0.1, 0.01, 0.001)


class Cause(NamedTuple):
    """Likely cause of a broken sum in words, and how to fix it; both empty where unknown."""

    cause: str = ""
    fix: str = ""


class Correction(NamedTuple):
    """New values of some rows, and what the cause would then be."""

    values: dict[int, float]
    cause: Callable[[], Cause]


class Causes:
    """Search for the likely cause of broken sums.

    A cause is named only when exactly one candidate makes every relation agree that touches the
    changed figures: two digits swapped, two cells swapped (a sex, neighbours in a list), a
    factor of ten, or failing those the one cell that several broken sums agree upon.

    Parameters
    ----------
    coded
        The table.
    sums
        All its relations, evaluated.
    """

    def __init__(self, coded: Coded, sums: Sequence[Sums]) -> None:
        self._coded = coded
        self._agreement = Agreement(coded, sums)
        self._misplacements = MisplacementSearch(self._agreement)
        self._sums = sums
        self._values = coded.figures.value
        self._left = _SEARCHED

    def of(self, index: int, group: int) -> Cause:
        """Cause of a broken group of relation `index`; empty where none or several would do."""
        rows = self.members(index, group)
        if self._left <= 0:
            return Cause()
        if len(rows) > _MEMBERS:
            return Cause()
        self._left -= 1
        corrections = self._slips(rows, index, group)
        working = self._working(corrections)
        if not working:
            cells = self._cells(rows)
            working = self._working(cells)
        if not working:
            return self._of_misplacement(index, group)
        if len(working) == 2 and all(map(self._swaps_sexes, working)):
            causes = [correction.cause() for correction in working]
            first, second = sorted(causes, key=lambda cause: cause.cause)
            either = phrase("one-of-two", first=first.cause, second=second.cause)
            return Cause(either, first.fix)
        if len(working) != 1:
            return Cause()
        correction = working[0]
        cause = correction.cause()
        if self._agreement.leaves_broken(correction.values):
            return Cause(phrase("stays-broken", cause=cause.cause), cause.fix)
        still_broken = self._agreement.broken(correction.values)
        if len(still_broken) > 1:
            return cause
        return Cause(phrase("lone-sum", cause=cause.cause), cause.fix)

    def _of_misplacement(self, index: int, group: int) -> Cause:
        """Cause that is a whole row or column in the wrong place."""
        found = self._misplacements.of(index, group)
        if found is None:
            return Cause()
        fix = phrase("misplaced-fix")
        if len(found.explained) > 1:
            return Cause(found.cause, fix)
        return Cause(phrase("lone-sum", cause=found.cause), fix)

    def members(self, index: int, group: int) -> list[int]:
        """Rows that one relation adds up in one group, with the total."""
        return self._agreement.members(index, group)

    def _working(self, corrections: Iterable[Correction]) -> list[Correction]:
        """Corrections that make every sum agree, of equal ones the last."""
        working = {}
        for correction in corrections:
            values = correction.values
            if self._agreement.is_possible(values) and self._agreement.fixes(values):
                working[frozenset(values.items())] = correction
        return list(working.values())

    def _slips(self, rows: list[int], index: int, group: int) -> Iterator[Correction]:
        for row in rows:
            yield from self._swapped_digits(row)
            yield from self._factors(row)
        for one, other in combinations(rows, 2):
            if self._values[one] != self._values[other]:
                yield self._swapped_cells(one, other)
        yield from self._swaps_with_others(rows, index, group)

    def _swaps_with_others(
        self, rows: list[int], index: int, group: int
    ) -> Iterator[Correction]:
        """Figures of this sum that change places with one of another sum."""
        difference = float(self._sums[index].difference[group])
        tolerance = float(self._sums[index].tolerance[group])
        total = int(self._sums[index].row[group])
        for row in rows:
            needed = -difference if row == total else difference
            for other_index, other_group in self._agreement.sums_of(row):
                if other_index == index:
                    continue
                members = self.members(other_index, other_group)
                others = np.array(members)
                values_of_others = self._values[others]
                gain = values_of_others - self._values[row]
                fitting = others[agrees(gain - needed, tolerance)]
                for other in fitting[:_MEMBERS].tolist():
                    if other != row:
                        yield self._swapped_cells(row, other)

    def _text(self, row: int) -> str:
        return self._coded.printed(row)

    def _name(self, row: int) -> str:
        return ".".join(self._coded.key(row).values())

    def _swapped_digits(self, row: int) -> Iterator[Correction]:
        """Two neighbouring digits in the wrong order."""
        text = self._text(row)
        figures = self._coded.figures
        scale = float(figures.scale[row])
        places = []
        for place, character in enumerate(text):
            if character.isdigit():
                places.append(place)
        for left, right in pairwise(places):
            if text[left] == text[right]:
                continue
            characters = list(text)
            characters[left] = text[right]
            characters[right] = text[left]
            swapped = "".join(characters)
            value = float(swapped) * scale
            in_words = partial(self._of_digits, row, swapped)
            yield Correction({row: value}, in_words)

    def _of_digits(self, row: int, swapped: str) -> Cause:
        text = self._text(row)
        name = self._name(row)
        cause = phrase("digits-swapped", figure=name, read=text, meant=swapped)
        fix = phrase("digits-swapped-fix", read=text, meant=swapped)
        return Cause(cause, fix)

    def _factors(self, row: int) -> Iterator[Correction]:
        value = float(self._values[row])
        for factor in _FACTORS:
            in_words = partial(self._of_factor, row, factor)
            yield Correction({row: value * factor}, in_words)

    def _of_factor(self, row: int, factor: float) -> Cause:
        name = self._name(row)
        times = max(factor, 1 / factor)
        value = float(self._values[row]) * factor
        right = number(value, self._coded, row)
        id = "times-too-small" if factor > 1 else "times-too-large"
        cause = phrase(id, figure=name, times=f"{times:.0f}", meant=right)
        return Cause(cause, phrase("times-fix"))

    def _swapped_cells(self, row: int, other_row: int) -> Correction:
        one, other = sorted((row, other_row))
        value = float(self._values[one])
        value_of_other = float(self._values[other])
        values = {one: value_of_other, other: value}
        return Correction(values, partial(self._of_swap, one, other))

    def _of_swap(self, one: int, other: int) -> Cause:
        # By their names: the order of rows decides nothing.
        in_order = sorted((one, other), key=self._name)
        first, second = map(self._cell_in_words, in_order)
        differ_in_sex_alone = self._differ_in_sex_alone(one, other)
        id = "sexes-swapped" if differ_in_sex_alone else "cells-swapped"
        cause = phrase(id, first=first, second=second)
        return Cause(cause, phrase("swapped-fix"))

    def _cell_in_words(self, row: int) -> str:
        name = self._name(row)
        text = self._text(row)
        return phrase("figure-in-brackets", figure=name, read=text)

    def _swaps_sexes(self, correction: Correction) -> bool:
        """Whether a correction changes the places of two figures that differ in sex alone."""
        rows = list(correction.values)
        if len(rows) != 2:
            return False
        return self._differ_in_sex_alone(*rows)

    def _differ_in_sex_alone(self, one: int, other: int) -> bool:
        key = self._coded.key(one)
        other_key = self._coded.key(other)
        differing = []
        for dimension in key:
            if key[dimension] != other_key[dimension]:
                differing.append(dimension)
        return differing == ["SEX"]

    def _cells(self, rows: list[int]) -> Iterator[Correction]:
        """Value of one cell that every relation around it implies, where several are broken."""
        for row in rows:
            broken = self._broken_sums_of(row)
            if len(broken) >= 2:
                value = self._agreement.implied(row, *broken[0])
                in_words = partial(self._of_cell, row, value)
                yield Correction({row: value}, in_words)

    def _broken_sums_of(self, row: int) -> list[tuple[int, int]]:
        """Complete relations and groups of a row that do not agree."""
        broken = []
        for index, group in self._agreement.sums_of(row):
            if self._sums[index].complete[group] and not self._agreement.agrees(
                index, group, {}
            ):
                broken.append((index, group))
        return broken

    def _of_cell(self, row: int, value: float) -> Cause:
        right = number(value, self._coded, row)
        read = self._text(row)
        name = self._name(row)
        cause = phrase("one-cell", figure=name, meant=right, read=read)
        return Cause(cause, phrase("one-cell-fix", read=read))
