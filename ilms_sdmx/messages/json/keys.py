"""Keys: where series begin in rows of codes, and which of them have been met."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from typing import Any, TypeAlias

import numpy as np

from ilms_sdmx.messages import pool

#: Codes of one column, -1 where absent.
Codes: TypeAlias = "np.ndarray[Any, Any]"
_ODD = np.uint64(0x9E3779B97F4A7C15)


class Met:
    """Keys that have been met, each as a number of 64 bits.

    Two keys share a number about once in 10^19 pairs; a series would then be refused, never
    lost.
    """

    def __init__(self) -> None:
        self._sorted: list[Codes] = []

    def add(self, columns: Sequence[Codes]) -> bool:
        """Take the keys in the rows of some columns; whether all are new and different."""
        numbers = np.sort(_numbers(columns))
        repeated = bool((numbers[1:] == numbers[:-1]).any())
        for known in self._sorted:
            repeated = repeated or _common(known, numbers)
        # Arrays are joined as they come, so that there are but a few of them.
        while self._sorted and len(self._sorted[-1]) <= len(numbers):
            joined = np.concatenate([self._sorted.pop(), numbers])
            numbers = np.sort(joined)
        self._sorted.append(numbers)
        return not repeated


def _numbers(columns: Sequence[Codes]) -> Codes:
    """Number of each row, the same for equal keys."""
    numbers = np.zeros(len(columns[0]), np.uint64)
    for column in columns:
        codes = column.astype(np.int64).view(np.uint64)
        numbers = (numbers ^ codes) * _ODD
        numbers ^= numbers >> np.uint64(32)
    return numbers


def _common(known: Codes, numbers: Codes) -> bool:
    """Whether any number is among those known, which are sorted."""
    if not len(known):
        return False
    places = np.searchsorted(known, numbers)
    nearest = known[np.minimum(places, len(known) - 1)]
    return bool((nearest == numbers).any())


def changes(columns: Sequence[Codes]) -> Codes:
    """Whether each row differs from the one before in any column; the first one does."""
    changed = np.zeros(len(columns[0]), bool)
    changed[:1] = True
    for column in columns:
        changed[1:] |= column[1:] != column[:-1]
    return changed


def _runs(columns: Sequence[Codes]) -> Iterator[tuple[slice, Codes]]:
    """Pieces of the rows, each with the row before it, and where keys begin in them."""
    for rows in pool.chunks(len(columns[0])):
        piece = slice(max(rows.start - 1, 0), rows.stop)
        begins = changes([column[piece] for column in columns])
        begins[0] = rows.start == 0
        yield piece, begins


def together(columns: Sequence[Codes]) -> bool:
    """Whether the rows of each key are next to each other."""
    met = Met()
    for piece, begins in _runs(columns):
        keys_of_piece = [column[piece][begins] for column in columns]
        if not met.add(keys_of_piece):
            return False
    return True


def constant(attribute: Codes, columns: Sequence[Codes]) -> bool:
    """Whether an attribute stays the same from row to row while the key does."""
    for piece, begins in _runs(columns):
        changes_inside = changes([attribute[piece]]) & ~begins
        if changes_inside[1:].any():
            return False
    return True


def order(columns: Sequence[Codes]) -> Codes:
    """Rows of each key put together, keys in the order in which they first occur."""
    import pandas as pd

    combined = np.zeros(len(columns[0]), np.int64)
    for column in columns:
        size = int(column.max(initial=0)) + 2
        combined = pd.factorize(combined * size + column)[0]
    return np.argsort(combined, kind="stable")
