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

#: Figures of one sum that are searched; beyond that several would do by chance.
_MEMBERS = 60
_FACTORS = (10.0, 100.0, 1000.0, 0.1, 0.01, 0.001)


class Cause(NamedTuple):
    """Likely cause of a broken sum in words, how to fix it, and all broken sums it explains.

    All are empty where no cause is known. One that is not sure is worded so.
    """

    cause: str = ""
    fix: str = ""
    explained: frozenset[tuple[int, int]] = frozenset()
    is_sure: bool = True


def possible(cause: Cause, reason: str) -> Cause:
    """Cause that may be, in the words of a phrase that says why it is not more than that."""
    words = phrase(reason, cause=cause.cause)
    return cause._replace(cause=words, is_sure=False)


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

    def of(self, index: int, group: int) -> Cause:
        """Cause of a broken group of relation `index`; empty where none or several would do."""
        rows = self.members(index, group)
        if len(rows) > _MEMBERS:
            return Cause()
        if self._would_fit_by_chance(rows, index, group):
            return Cause()
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
            of_both = [frozenset(self._agreement.broken(one.values)) for one in working]
            explained = frozenset.intersection(*of_both)
            return Cause(either, first.fix, explained, is_sure=False)
        if len(working) != 1:
            return Cause()
        correction = working[0]
        explained = frozenset(self._agreement.broken(correction.values))
        cause = correction.cause()._replace(explained=explained)
        reason = ""
        if len(explained) <= 1:
            reason = "lone-sum"
        if self._agreement.leaves_broken(correction.values):
            reason = "stays-broken"
        return possible(cause, reason) if reason else cause

    def _of_misplacement(self, index: int, group: int) -> Cause:
        """Cause that is a whole row or column in the wrong place."""
        found = self._misplacements.of(index, group)
        if found is None:
            return Cause()
        fix = phrase("misplaced-fix")
        cause = Cause(found.cause, fix, found.explained)
        if len(found.explained) > 1:
            return cause
        return possible(cause, "lone-sum")

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
        for row, others in self._fitting(rows, index, group):
            for other in others:
                if other != row:
                    yield self._swapped_cells(row, other)

    def _would_fit_by_chance(self, rows: list[int], index: int, group: int) -> bool:
        """Whether more figures of another sum would fit in a place than say anything."""
        fitting = self._fitting(rows, index, group)
        return any(len(others) > _MEMBERS for _, others in fitting)

    def _fitting(
        self, rows: list[int], index: int, group: int
    ) -> Iterator[tuple[int, list[int]]]:
        """Rows of this sum, each with those of another sum that would make this one agree."""
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
                yield row, others[agrees(gain - needed, tolerance)].tolist()

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
