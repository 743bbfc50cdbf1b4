"""Growing: a column put together chunk by chunk; nothing but its result waits in memory."""

from __future__ import annotations

from typing import Any, Protocol

import numpy as np
import pandas as pd
import pyarrow as pa

#: Rows that show whether the texts of a column come again.
_SOME = 5_000


class Growing(Protocol):
    """Column that grows; rows between what it was given are absent."""

    def add(self, chunks: pa.ChunkedArray, before: int) -> None:
        """Take further rows, texts or a dictionary of texts; the first is number `before`."""

    def whole(self, rows: int) -> Any:
        """Column of so many rows."""


class GrowingCodes:
    """Categorical whose categories are in the order in which they first occur."""

    def __init__(self) -> None:
        self._places: dict[str, int] = {}
        self._parts: list[np.ndarray[Any, Any]] = []
        self._rows = 0

    def add(self, chunks: pa.ChunkedArray, before: int) -> None:
        """Take further rows."""
        self._skip(before)
        for chunk in chunks.chunks:
            encoded = chunk if pa.types.is_dictionary(chunk.type) else chunk.dictionary_encode()
            self._parts.append(self._codes(encoded))
            self._rows += len(chunk)

    def _codes(self, encoded: pa.DictionaryArray) -> np.ndarray[Any, Any]:
        """Codes of rows among all categories so far, -1 where absent."""
        places = self._places
        # One entry a distinct text of each chunk: of keys that are texts there are many.
        lookup = [
            places.setdefault(text, len(places)) for text in encoded.dictionary.to_pylist()
        ]
        lookup.append(-1)
        indices = encoded.indices
        if encoded.null_count:
            indices = indices.fill_null(-1)
        narrow = np.min_scalar_type(-len(places) - 1)
        codes: np.ndarray[Any, Any] = np.array(lookup, narrow).take(indices.to_numpy())
        return codes

    def _skip(self, rows: int) -> None:
        """Let rows be absent up to a number of them."""
        if rows > self._rows:
            absent = np.full(rows - self._rows, -1, np.int8)
            self._parts.append(absent)
            self._rows = rows

    def texts(self) -> pa.ChunkedArray:
        """Rows so far as texts."""
        codes = np.concatenate([np.empty(0, np.int8), *self._parts])
        indices = pa.array(codes, mask=codes < 0)
        texts = pa.array(list(self._places), pa.string())
        return pa.chunked_array([texts.take(indices)])

    def whole(self, rows: int) -> pd.Categorical:
        """Column of so many rows."""
        self._skip(rows)
        categories = pd.Index(list(self._places), dtype="str")
        codes = np.concatenate([np.empty(0, np.int8), *self._parts])
        return pd.Categorical.from_codes(codes, categories)


class GrowingAttribute:
    """Codes with their texts once, or texts as they are from where most of them differ."""

    def __init__(self) -> None:
        self._codes: GrowingCodes | None = GrowingCodes()
        self._texts = GrowingTexts()

    def add(self, chunks: pa.ChunkedArray, before: int) -> None:
        """Take further rows."""
        if self._codes is not None and any(map(_differs, chunks.chunks)):
            self._texts.add(self._codes.texts(), 0)
            self._codes = None
        column = self._texts if self._codes is None else self._codes
        column.add(chunks, before)

    def whole(self, rows: int) -> Any:
        """Column of so many rows."""
        column = self._texts if self._codes is None else self._codes
        return column.whole(rows)


def _differs(chunk: pa.Array) -> bool:
    """Whether most texts of a chunk of some size are different."""
    if len(chunk) < _SOME:
        return False
    if not pa.types.is_dictionary(chunk.type):
        return True
    return len(chunk.dictionary) * 4 > len(chunk)


class GrowingTexts:
    """Column of texts as they are, without looking for repetition."""

    def __init__(self) -> None:
        self._parts: list[pa.Array] = []
        self._rows = 0

    def add(self, chunks: pa.ChunkedArray, before: int) -> None:
        """Take further rows."""
        self._skip(before)
        self._parts += chunks.cast(pa.string()).chunks
        self._rows += len(chunks)

    def _skip(self, rows: int) -> None:
        """Let rows be absent up to a number of them."""
        if rows > self._rows:
            absent = pa.nulls(rows - self._rows, pa.string())
            self._parts.append(absent)
            self._rows = rows

    def whole(self, rows: int) -> Any:
        """Column of so many rows."""
        self._skip(rows)
        chunks = pa.chunked_array(self._parts, pa.string())
        text_type = pd.StringDtype("pyarrow", na_value=pd.NA)
        return pd.array(chunks, dtype=text_type)
