"""Watching: which doubtful names tell keys apart that are equal without them."""

from __future__ import annotations

import re
from collections.abc import Iterable, Sequence
from typing import Any

import numpy as np

from ilms_sdmx.messages.checks.numbering import Numbers
from ilms_sdmx.messages.xml.rows import Columns

#: Rows that are watched; a message that repeats keys shows it long before.
_MOST_ROWS = 1_000_000
_CODE = re.compile(r"[A-Za-z0-9_@$\-.]+")


class Watch:
    """Codes of series, or of observations, column by column."""

    def __init__(self) -> None:
        self.rows = 0
        self._places: dict[str, dict[str, int]] = {}
        self._codes: dict[str, list[Any]] = {}

    def add(self, columns: Columns) -> None:
        """Take further rows of the columns that no row lacks so far."""
        if self.rows >= _MOST_ROWS or not columns:
            return
        if not self.rows:
            self._codes = {name: [] for name in columns}
        for name in list(self._codes):
            array = columns.get(name)
            if array is None or array.null_count:
                del self._codes[name]
                continue
            self._codes[name].append(self._coded(name, array))
        self.rows += len(next(iter(columns.values())))

    def _coded(self, name: str, array: Any) -> Any:
        """Numbers of the texts of a column, the same for equal texts of all chunks."""
        encoded = array if hasattr(array, "dictionary") else array.dictionary_encode()
        places = self._places.setdefault(name, {})
        numbers = []
        for text in encoded.dictionary.to_pylist():
            numbers.append(places.setdefault(text, len(places)))
        return np.array(numbers, np.int32)[encoded.indices.to_numpy()]

    def telling(self, known: Sequence[str], doubtful: Iterable[str]) -> list[str]:
        """Doubtful names that must be part of the key, so that no key comes twice.

        One whose values are words is no dimension, whatever it tells apart.
        """
        keys = self._keys(known)
        if keys.all_different:
            return []
        candidates = [name for name in doubtful if self._is_coded(name)]
        wanted = self._keys(candidates, keys).count
        names = []
        for name in candidates:
            before = keys.count
            if before == wanted:
                break
            longer = self._keys([name], keys)
            if longer.count > before:
                names.append(name)
                keys = longer
        return names

    def repeated(self, known: Sequence[str], doubtful: Sequence[str]) -> int:
        """Number of keys that come again with other values of the doubtful names."""
        keys = self._keys(known)
        if keys.all_different:
            return 0
        watched = [name for name in doubtful if name in self._codes]
        return self._keys(watched, keys).count - keys.count

    def _is_coded(self, name: str) -> bool:
        """Whether a column is watched and all its values are codes."""
        return name in self._codes and all(map(_CODE.fullmatch, self._places[name]))

    def _keys(self, names: Iterable[str], start: Numbers | None = None) -> Numbers:
        """Number of each row: equal for rows that have the same values of some names."""
        keys = Numbers.same(self.rows) if start is None else start
        for name in names:
            if name in self._codes:
                codes = np.concatenate(self._codes[name])
                keys = keys.told_apart(codes, len(self._places[name]))
        return keys
