"""Growing: a column that is put together chunk by chunk, so that nothing but its result waits in memory."""

from __future__ import annotations

from typing import Any, Protocol

import numpy as np
import pandas as pd
import pyarrow as pa


class Growing(Protocol):
    """Column that grows; rows between what it was given are absent."""

    def add(self, chunks: pa.ChunkedArray, before: int) -> None:
        """Take further rows, strings or a dictionary of strings, the first of which is number `before`."""

    def whole(self, rows: int) -> Any:
        """Column of so many rows."""


class Codes:
    """Categorical whose categories are in the order in which they first occur."""

    def __init__(self) -> None:
        self._seen: dict[str, int] = {}
        self._parts: list[np.ndarray[Any, Any]] = []
        self._rows = 0

    def add(self, chunks: pa.ChunkedArray, before: int) -> None:
        """Take further rows."""
        self._skip(before)
        for chunk in chunks.chunks:
            encoded = chunk if pa.types.is_dictionary(chunk.type) else chunk.dictionary_encode()
            lookup = [
                self._seen.setdefault(value, len(self._seen))
                for value in encoded.dictionary.to_pylist()
            ]
            places = encoded.indices.fill_null(-1) if encoded.null_count else encoded.indices
            narrow = np.min_scalar_type(-len(self._seen) - 1)
            self._parts.append(np.array([*lookup, -1], narrow)[places.to_numpy()])
            self._rows += len(chunk)

    def _skip(self, rows: int) -> None:
        if rows > self._rows:
            self._parts.append(np.full(rows - self._rows, -1, np.int8))
            self._rows = rows

    def whole(self, rows: int) -> pd.Categorical:
        """Column of so many rows."""
        self._skip(rows)
        codes = np.concatenate(self._parts) if self._parts else np.empty(0, np.int8)
        return pd.Categorical.from_codes(codes, pd.Index(list(self._seen), dtype="str"))


class Texts:
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
        if rows > self._rows:
            self._parts.append(pa.nulls(rows - self._rows, pa.string()))
            self._rows = rows

    def whole(self, rows: int) -> Any:
        """Column of so many rows."""
        self._skip(rows)
        chunks = pa.chunked_array(self._parts, pa.string())
        return pd.array(chunks, dtype=pd.StringDtype("pyarrow", na_value=pd.NA))
