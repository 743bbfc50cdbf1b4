"""Explained sums: which cause each broken sum of a table has, and which share one."""

from __future__ import annotations

import heapq
from collections import defaultdict
from collections.abc import Mapping, Sequence
from functools import cached_property

from ilms_sdmx.validation.arithmetic.causes import Cause, Causes, possible
from ilms_sdmx.validation.arithmetic.evaluated import Sums
from ilms_sdmx.validation.coded.table import Coded

#: Broken sums of one table that are searched for a cause; with more the whole table is wrong.
_SEARCHED = 400


class ExplainedSums:
    """Causes of the broken sums of one table.

    A cause holds for every sum that it explains, for those too which alone would have several.
    Where two causes explain one sum, both are only possible.

    Parameters
    ----------
    coded
        The table.
    sums
        All its relations, evaluated.
    """

    def __init__(self, coded: Coded, sums: Sequence[Sums]) -> None:
        self._sums = sums
        self._causes = Causes(coded, sums)

    def cause_of(self, index: int, group: int) -> Cause:
        """Cause of a broken group of relation `index`; empty where none or several would do."""
        return self._known.get((index, group), Cause())

    def members(self, index: int, group: int) -> list[int]:
        """Rows that one relation adds up in one group, with the total."""
        return self._causes.members(index, group)

    @cached_property
    def _known(self) -> Mapping[tuple[int, int], Cause]:
        """Cause of each broken sum that has one."""
        found = {}
        for sum_ in self._broken():
            cause = self._causes.of(*sum_)
            if cause.cause:
                found[sum_] = cause
        known: dict[tuple[int, int], Cause] = {}
        for sum_, claims in _claims(found).items():
            chosen = _chosen(found.get(sum_), claims)
            if chosen is not None:
                known[sum_] = chosen
        return known

    def _broken(self) -> list[tuple[int, int]]:
        """The first broken sums in the order of their totals."""
        broken: list[tuple[int, int, int]] = []
        for index, sums in enumerate(self._sums):
            rows = sums.row[sums.broken].tolist()
            groups = sums.broken.tolist()
            numbers = [index] * len(rows)
            broken += zip(rows, numbers, groups, strict=True)
        first = heapq.nsmallest(_SEARCHED, broken)
        return [(index, group) for _, index, group in first]


def _claims(
    found: Mapping[tuple[int, int], Cause],
) -> dict[tuple[int, int], dict[str, Cause]]:
    """Causes that explain each sum, by their words."""
    claims: dict[tuple[int, int], dict[str, Cause]] = defaultdict(dict)
    for sum_, cause in found.items():
        for explained in {sum_, *cause.explained}:
            claims[explained][cause.cause] = cause
    return claims


def _chosen(own: Cause | None, claims: Mapping[str, Cause]) -> Cause | None:
    """The cause of a sum: what is sure, else what its own search found, else the only one."""
    sure = []
    for cause in claims.values():
        if cause.is_sure:
            sure.append(cause)
    if len(sure) == 1:
        return sure[0]
    if own is not None and sure:
        if own in sure:
            return possible(own, "also-explained")
        return own
    if own is not None:
        return own
    if len(claims) == 1:
        (only,) = claims.values()
        return only
    return None
