"""Tokens: rows of a frame turned into text by taking from a pool of ready pieces.

Every distinct value is escaped once and wrapped once (` SEX="SEX_T"`); a row is then a short list of indices
into the pool, and `take` writes the text of fifty thousand rows into one buffer.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any, TypeAlias

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc

from ilms_sdmx.errors import MessageError

if TYPE_CHECKING:
    import pandas as pd

_SPECIAL = r'[&<>"\x00-\x1f\x{fffe}\x{ffff}]'
_REFUSED = re.compile("[\0-\x08\x0b\x0c\x0e-\x1f\ufffe\uffff\ud800-\udfff]")
_ESCAPES = str.maketrans(
    {
        "&": "&amp;",
        "<": "&lt;",
        ">": "&gt;",
        '"': "&quot;",
        "\t": "&#9;",
        "\n": "&#10;",
        "\r": "&#13;",
    }
)
#: A categorical with more categories than this is encoded slice by slice.
_MANY = 50_000
Wrap: TypeAlias = Callable[[pa.Array], pa.Array]


def escape(text: str) -> str:
    """Text as it stands between double quotes; raises MessageError for what XML cannot hold."""
    if found := _REFUSED.search(text):
        raise MessageError(f"XML cannot carry the character {found[0]!a} in {text[:60]!a}")
    return text.translate(_ESCAPES)


def escape_all(values: pa.Array) -> pa.Array:
    """Escape each text of an array."""
    hits = pc.match_substring_regex(values, _SPECIAL)
    if not pc.any(hits).as_py():
        return values
    texts = [
        escape(v) if hit else v
        for v, hit in zip(values.to_pylist(), hits.to_pylist(), strict=True)
    ]
    return pa.array(texts, values.type)


@dataclass(frozen=True)
class Encoded:
    """Rows of one column: distinct texts, and for each row the index of its text, -1 where absent."""

    texts: pa.Array
    indices: np.ndarray[Any, np.dtype[np.int32]]

    def text(self, row: int) -> str | None:
        """Text of one row."""
        index = int(self.indices[row])
        return None if index < 0 else self.texts[index].as_py()


class Column:
    """One column of a frame, ready to be encoded slice by slice."""

    def __init__(self, series: pd.Series[Any]) -> None:
        import pandas as pd

        self._series = series
        self._texts: pa.Array | None = None
        if isinstance(series.dtype, pd.CategoricalDtype):
            self._codes = series.cat.codes.to_numpy()
            self._texts = pa.array(series.cat.categories.astype("object"), pa.string())

    def slice(self, start: int, stop: int) -> Encoded:
        """Encode some rows."""
        if self._texts is None:
            coded = _strings(self._series.iloc[start:stop]).dictionary_encode()
        else:
            codes = self._codes[start:stop].astype(np.int32)
            if len(self._texts) <= _MANY:
                return Encoded(self._texts, codes)
            coded = self._texts.take(pa.array(codes, mask=codes < 0)).dictionary_encode()
        return Encoded(
            coded.dictionary, coded.indices.fill_null(-1).to_numpy(zero_copy_only=False)
        )


def _strings(series: pd.Series[Any]) -> pa.Array:
    text = (
        series
        if series.dtype == "string"
        else series.astype("object").where(series.notna(), None)
    )
    return pa.chunked_array([pa.array(text, pa.string(), from_pandas=True)]).combine_chunks()


@dataclass(frozen=True)
class Slot:
    """Place of one column's text in a row, wrapped; nothing where the value is absent."""

    name: str
    wrap: Wrap


@dataclass(frozen=True)
class Choice:
    """Text that stands where any of some columns has a value, and another where none has."""

    names: tuple[str, ...]
    present: str
    absent: str = ""


Template: TypeAlias = Sequence["str | Slot | Choice"]


def between(before: str, after: str) -> Wrap:
    """Wrap that escapes a value and puts it between two texts."""

    def wrap(values: pa.Array) -> pa.Array:
        parts = (pa.scalar(before), escape_all(values), pa.scalar(after), pa.scalar(""))
        return pc.binary_join_element_wise(*parts)

    return wrap


class Renderer:
    """Rows of one template; wrapped texts of a column are kept as long as the column's texts are the same."""

    def __init__(self, template: Template) -> None:
        self._template = template
        self._kept: dict[int, tuple[pa.Array, pa.Array]] = {}

    def grid(
        self, columns: Mapping[str, Encoded], rows: Any, more: Sequence[Any] = ()
    ) -> tuple[Any, Any]:
        """Pool of texts, and one row of indices into it for each of `rows`.

        `more` are pairs (array of texts, index of one for each row or -1), put before the template.
        """
        pool, grid = [pa.array([""], pa.string())], []
        size = 1
        for texts, indices in [*more, *self._pairs(columns, rows)]:
            if len(texts):
                grid.append(np.where(indices < 0, 0, indices + size).astype(np.int32))
                pool.append(texts)
                size += len(texts)
        return pa.concat_arrays(pool), np.stack(grid, axis=1)

    def buffer(
        self, columns: Mapping[str, Encoded], rows: Any, more: Sequence[Any] = ()
    ) -> memoryview:
        """Text of the rows, one after the other."""
        pool, grid = self.grid(columns, rows, more)
        taken = pool.take(pa.array(grid.ravel()))
        end = int(np.frombuffer(taken.buffers()[1], np.int32)[len(taken)])
        return memoryview(taken.buffers()[2])[:end]

    def texts(self, columns: Mapping[str, Encoded], rows: Any) -> pa.Array:
        """Text of each row by itself."""
        pool, grid = self.grid(columns, rows)
        offsets = np.arange(len(grid) + 1, dtype=np.int32) * grid.shape[1]
        pieces = pa.ListArray.from_arrays(pa.array(offsets), pool.take(pa.array(grid.ravel())))
        return pc.binary_join(pieces, "")

    def _pairs(self, columns: Mapping[str, Encoded], rows: Any) -> list[tuple[pa.Array, Any]]:
        return [self._pair(i, part, columns, rows) for i, part in enumerate(self._template)]

    def _pair(
        self, i: int, part: Any, columns: Mapping[str, Encoded], rows: Any
    ) -> tuple[pa.Array, Any]:
        count = len(rows) if isinstance(rows, np.ndarray) else rows.stop - rows.start
        if isinstance(part, str):
            return pa.array([part]), np.zeros(count, np.int32)
        if isinstance(part, Choice):
            absent = np.ones(count, bool)
            for name in part.names:
                absent &= columns[name].indices[rows] < 0
            return pa.array([part.present, part.absent]), absent.astype(np.int32)
        column = columns[part.name]
        kept = self._kept.get(i)
        if kept is None or kept[0] is not column.texts:
            self._kept[i] = kept = (column.texts, part.wrap(column.texts))
        return kept[1], column.indices[rows]
