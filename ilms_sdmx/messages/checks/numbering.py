"""Numbering: a number for each key, made of the codes of its columns."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    import numpy as np

#: Largest space of keys that is marked key by key; a byte each.
_MARKED = 1 << 27
_NARROW = 1 << 31
_WIDE = 1 << 62


@dataclass(frozen=True)
class Numbers:
    """Number of each row, equal for rows of one key.

    Parameters
    ----------
    values
        Numbers, from 0.
    space
        How many there may be.
    """

    values: Any
    space: int = 1

    @classmethod
    def same(cls, rows: int) -> Numbers:
        """Numbers of rows that all have one key, which no column tells apart."""
        import numpy as np

        return cls(np.zeros(rows, np.int32))

    def told_apart(self, codes: np.ndarray, size: int) -> Numbers:
        """Numbers of the same keys with one more column, of `size` different codes."""
        import numpy as np

        values = self.values
        space = self.space
        if space * size > _WIDE:
            _, values = np.unique(values, return_inverse=True)
            space = len(values) + 1
        # Most keys fit narrow numbers, which are added up twice as fast.
        kind = np.int32 if space * size < _NARROW else np.int64
        longer = values.astype(kind)
        longer *= size
        np.add(longer, codes, out=longer, casting="unsafe")
        return Numbers(longer, space * size)

    def chosen(self, rows: np.ndarray) -> Numbers:
        """Numbers of some rows."""
        return Numbers(self.values[rows], self.space)

    @property
    def all_different(self) -> bool:
        """Whether no key repeats."""
        values = self.values
        if len(values) < 2 or bool((values[1:] > values[:-1]).all()):
            return True
        return self.count == len(values)

    @property
    def count(self) -> int:
        """Number of different keys."""
        import numpy as np

        if not len(self.values):
            return 0
        if self.space <= _MARKED:
            marks = np.zeros(self.space, bool)
            marks[self.values] = True
            return int(np.count_nonzero(marks))
        ordered = np.sort(self.values)
        return 1 + int(np.count_nonzero(ordered[1:] != ordered[:-1]))
