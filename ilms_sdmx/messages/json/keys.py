"""Keys: where series begin in rows of codes, and which of them have been met, in a few bytes a series."""

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

    Two keys share a number about once in 10^19 pairs; a series would then be refused, never lost.
    """

    def __init__(self) -> None:
        self._sorted: list[Codes] = []

    def add(self, columns: Sequence[Codes]) -> bool:
        """Take the keys in the rows of some columns; whether all are new and different."""
        keys = np.sort(_numbers(columns))
        new = not (keys[1:] == keys[:-1]).any() and not any(
            _common(s, keys) for s in self._sorted
        )
        while self._sorted and len(self._sorted[-1]) <= len(
            keys
        ):  # so that there are but a few arrays
            keys = np.sort(np.concatenate([self._sorted.pop(), keys]))
        self._sorted.append(keys)
        return new


def _numbers(columns: Sequence[Codes]) -> Codes:
    found = np.zeros(len(columns[0]), np.uint64)
    for column in columns:
        found = (found ^ column.astype(np.int64).view(np.uint64)) * _ODD
        found ^= found >> np.uint64(32)
    return found


def _common(known: Codes, keys: Codes) -> bool:
    places = np.minimum(np.searchsorted(known, keys), len(known) - 1)
    return len(known) > 0 and bool((known[places] == keys).any())


def changes(columns: Sequence[Codes]) -> Codes:
    """Whether each row differs from the one before in any column; the first one does."""
    found = np.zeros(len(columns[0]), bool)
    found[:1] = True
    for column in columns:
        found[1:] |= column[1:] != column[:-1]
    return found


def _runs(columns: Sequence[Codes]) -> Iterator[tuple[slice, Codes]]:
    """Pieces of the rows, each with the last row of the piece before, and where keys begin in it."""
    for rows in pool.chunks(len(columns[0])):
        piece = slice(max(rows.start - 1, 0), rows.stop)
        begins = changes([c[piece] for c in columns])
        begins[0] = rows.start == 0
        yield piece, begins


def together(columns: Sequence[Codes]) -> bool:
    """Whether the rows of each key stand together."""
    met = Met()
    return all(met.add([c[piece][begins] for c in columns]) for piece, begins in _runs(columns))


def constant(attribute: Codes, columns: Sequence[Codes]) -> bool:
    """Whether an attribute stays the same from row to row while the key does."""
    return not any(
        (changes([attribute[piece]]) & ~begins)[1:].any() for piece, begins in _runs(columns)
    )


def order(columns: Sequence[Codes]) -> Codes:
    """Rows of each key put together, keys in the order in which they first occur."""
    import pandas as pd

    combined = np.zeros(len(columns[0]), np.int64)
    for column in columns:
        size = int(column.max(initial=0)) + 2
        combined = pd.factorize(combined * size + column)[0]
    return np.argsort(combined, kind="stable")
