"""Columns of a frame as integers into lists of distinct texts, and groups of rows by them."""

from __future__ import annotations

import json
from collections.abc import Collection, Iterable, Iterator, Sequence
from typing import Any, TypeAlias

import numpy as np
import pandas as pd
import pyarrow as pa
import pyarrow.compute as pc

Array: TypeAlias = np.ndarray[Any, np.dtype[Any]]

#: Texts that SDMX 3.1 writes for a value that does not apply or is not available.
UNAVAILABLE = ("", "~", "#N/A")
#: Mixed radix numbers stay below this, so that one more digit cannot overflow 64 bits unseen.
_ROOM = 2**62


class EncodedColumns:
    """Columns of observations as codes; each is encoded when it is first asked for.

    Rows are in the order of the texts of some columns, and codes in the order in which rows
    have them, so that nothing depends on how rows came.

    Parameters
    ----------
    observations
        The frame.
    composite
        Columns whose texts are JSON of several texts, as in `Components.composite`.
    key
        Columns that give the order of rows, the first of them first; of rows that agree in all
        of them, as they came.
    """

    def __init__(
        self,
        observations: pd.DataFrame,
        composite: Collection[str] = frozenset(),
        key: Sequence[str] = (),
    ) -> None:
        self._observations = observations
        self._names = frozenset(observations.columns)
        self._composite = composite
        self._encoded: dict[str, tuple[Array, pa.Array]] = {}
        self._levels: dict[str, list[str]] = {}
        self._ranks: dict[str, Array] = {}
        self._groups: dict[tuple[str, ...], tuple[Array, int]] = {}
        #: Number of each row in the observations; None where they are in order.
        self.origin = self._in_order(key)
        as_came = self._encoded
        self._encoded = {column: self._reordered(*as_came[column]) for column in as_came}
        self._ranks.clear()

    def __len__(self) -> int:
        return len(self._observations)

    def has(self, column: str) -> bool:
        """Whether the frame has a column."""
        return column in self._names

    def codes(self, column: str) -> Array:
        """Code of each row: the place of its text in `levels`; -1 where it has none."""
        codes, _ = self._encode(column)
        return codes

    def distinct(self, column: str) -> pa.Array:
        """Distinct texts of a column as Arrow, for columns with as many as there are rows."""
        _, distinct = self._encode(column)
        return distinct

    def levels(self, column: str) -> list[str]:
        """Distinct texts of a column."""
        if column not in self._levels:
            distinct = self.distinct(column)
            self._levels[column] = distinct.to_pylist()
        return self._levels[column]

    def ranks(self, column: str) -> Array:
        """Place of each of `levels` in the order of texts, and -1 for a row without one."""
        if column not in self._ranks:
            levels = self.distinct(column)
            in_order = pc.sort_indices(levels).to_numpy()
            ranks = np.full(len(levels) + 1, -1, dtype=np.int64)
            ranks[in_order] = np.arange(len(levels))
            self._ranks[column] = ranks
        return self._ranks[column]

    def values(self, column: str) -> list[list[str]]:
        """Plain texts that each of `levels` holds: several where the component is composite."""
        levels = self.levels(column)
        if column not in self._composite:
            return [[level] for level in levels]
        values = []
        for level in levels:
            content = ""
            if level:
                content = json.loads(level)
            plain_texts = _plain_texts(content)
            values.append(list(plain_texts))
        return values

    def texts(self, column: str, rows: Array) -> list[str]:
        """Text of some rows, empty where absent."""
        codes, distinct = self._encode(column)
        texts = []
        for code in codes[rows].tolist():
            texts.append(distinct[code].as_py() if code >= 0 else "")
        return texts

    def text(self, column: str, row: int) -> str:
        """Text of one row, empty where absent."""
        if not self.has(column):
            return ""
        codes, distinct = self._encode(column)
        code = int(codes[row])
        if code < 0:
            return ""
        return str(distinct[code].as_py())

    def having(self, column: str, texts: Iterable[str]) -> Array:
        """Mask of the rows whose column holds one of `texts`."""
        wanted = set(texts)
        levels = self.levels(column)
        marked = []
        for level in levels:
            marked.append(level in wanted)
        return self.where(column, marked)

    def where(self, column: str, marked: Sequence[bool], absent: bool = False) -> Array:
        """Mask of the rows whose level is marked; `absent` is for rows without the component.

        Parameters
        ----------
        column
            Name of a column.
        marked
            One entry for each of `levels`.
        absent
            Entry for rows that have no text.
        """
        table = np.array([*marked, absent], dtype=bool)
        return table[self.codes(column)]

    def numbers(self, column: str) -> Array | None:
        """Numbers of a column, NaN where a text is none; None where there is no such column."""
        if not self.has(column):
            return None
        levels = self.levels(column)
        texts = pd.Series([*levels, ""], dtype="str")
        parsed = pd.to_numeric(texts, errors="coerce")
        numbers = parsed.to_numpy(dtype=np.float64)
        return numbers[self.codes(column)]

    def groups(self, columns: Sequence[str]) -> tuple[Array, int]:
        """Dense number of each row's combination of columns, and how many there are."""
        key = tuple(columns)
        if key not in self._groups:
            combined = self.combined(columns)
            numbers, uniques = pd.factorize(combined)
            self._groups[key] = (numbers, len(uniques))
        return self._groups[key]

    def combined(self, columns: Sequence[str]) -> Array:
        """One integer a row that is equal for equal combinations of columns."""
        number = np.zeros(len(self), dtype=np.int64)
        size = 1
        for column in columns:
            levels = self.levels(column)
            base = len(levels) + 1
            if size * base > _ROOM:
                number, uniques = pd.factorize(number)
                number = number.astype(np.int64)
                size = len(uniques)
            codes = self.codes(column)
            digit = codes + 1
            number = number * base + digit
            size *= base
        return number

    def as_came(self, values: Array) -> Array:
        """Values of rows in the order of the observations."""
        if self.origin is None:
            return values
        restored = np.empty_like(values)
        restored[self.origin] = values
        return restored

    def _in_order(self, key: Sequence[str]) -> Array | None:
        """Numbers of the rows in the order of the texts of a key; None where they are in it."""
        place = np.zeros(len(self), dtype=np.int64)
        size = 1
        for column in key:
            self._encoded[column] = _encoded(self._observations[column])
            levels = self.distinct(column)
            base = len(levels) + 1
            if size * base > _ROOM:
                distinct, place = np.unique(place, return_inverse=True)
                size = len(distinct)
            ranks = self.ranks(column)
            codes = self.codes(column)
            digit = ranks[codes] + 1
            place = place * base + digit
            size *= base
        before = place[:-1]
        after = place[1:]
        if np.all(before <= after):
            return None
        return np.argsort(place, kind="stable")

    def _encode(self, column: str) -> tuple[Array, pa.Array]:
        if column not in self._encoded:
            codes, texts = _encoded(self._observations[column])
            self._encoded[column] = self._reordered(codes, texts)
        return self._encoded[column]

    def _reordered(self, codes: Array, texts: pa.Array) -> tuple[Array, pa.Array]:
        """Code of each row in order, numbered as rows have them."""
        if self.origin is not None:
            codes = codes[self.origin]
        has_text = codes >= 0
        numbers, used = pd.factorize(codes[has_text])
        ordered = np.full(len(codes), -1, dtype=np.int32)
        ordered[has_text] = numbers
        return ordered, texts.take(pa.array(used, type=pa.int32()))


def _encoded(series: pd.Series[Any]) -> tuple[Array, pa.Array]:
    """Code of each row and the distinct texts."""
    if isinstance(series.dtype, pd.CategoricalDtype):
        codes = series.cat.codes.to_numpy()
        levels = series.cat.categories
    else:
        codes, levels = pd.factorize(series)
    texts = pa.array(levels, from_pandas=True)
    if not isinstance(texts, pa.ChunkedArray):
        texts = pa.chunked_array([texts])
    strings = texts.cast(pa.string())
    return codes.astype(np.int32), strings.combine_chunks()


def _plain_texts(content: Any) -> Iterator[str]:
    """Texts of a composite value: a list, a map of languages, or a list of such maps."""
    if isinstance(content, dict):
        content = list(content.values())
    if not isinstance(content, list):
        yield str(content)
        return
    for inner in content:
        yield from _plain_texts(inner)
