"""Tokens: rows of a frame turned into text by taking from a pool of ready pieces.

Every distinct value is escaped once and wrapped once (` SEX="SEX_T"`); a row is then a short
list of indices into the pool, and `take` writes the text of fifty thousand rows into one
buffer.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any, TypeAlias

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc

from ilms_sdmx.errors import MessageError
from ilms_sdmx.messages import pool

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
    """Text as written between double quotes; raises MessageError for what XML cannot hold."""
    refused = _REFUSED.search(text)
    if refused:
        raise MessageError(f"XML cannot carry the character {refused[0]!a} in {text[:60]!a}")
    return text.translate(_ESCAPES)


def escape_all(values: pa.Array) -> pa.Array:
    """Escape each text of an array."""
    special = pc.match_substring_regex(values, _SPECIAL)
    if not pc.any(special).as_py():
        return values
    texts = values.to_pylist()
    for place in np.flatnonzero(special.fill_null(False).to_numpy(zero_copy_only=False)):
        texts[place] = escape(texts[place])
    return pa.array(texts, values.type)


@dataclass(frozen=True)
class Encoded:
    """Rows of one column.

    Parameters
    ----------
    texts
        Distinct texts.
    indices
        For each row the index of its text, -1 where absent.
    """

    texts: pa.Array
    indices: np.ndarray[Any, np.dtype[np.int32]]

    @classmethod
    def of_texts(cls, texts: pa.Array) -> Encoded:
        """Encode an array with one text or nothing a row."""
        encoded = texts.dictionary_encode()
        indices = encoded.indices.fill_null(-1)
        return cls(encoded.dictionary, indices.to_numpy(zero_copy_only=False))

    def text(self, row: int) -> str | None:
        """Text of one row."""
        index = int(self.indices[row])
        return None if index < 0 else self.texts[index].as_py()


class FrameColumn:
    """One column of a frame, ready to be encoded slice by slice."""

    def __init__(self, series: pd.Series[Any]) -> None:
        import pandas as pd

        self._series = series
        self._texts: pa.Array | None = None
        if isinstance(series.dtype, pd.CategoricalDtype):
            self._codes, self._texts = pool.distinct(series)

    def slice(self, start: int, stop: int) -> Encoded:
        """Encode some rows."""
        if self._texts is None:
            return Encoded.of_texts(_strings(self._series.iloc[start:stop]))
        codes = self._codes[start:stop].astype(np.int32)
        if len(self._texts) <= _MANY:
            return Encoded(self._texts, codes)
        indices = pa.array(codes, mask=codes < 0)
        return Encoded.of_texts(self._texts.take(indices))


def _strings(series: pd.Series[Any]) -> pa.Array:
    """Texts of a series as one array, missing ones as null."""
    if series.dtype != "string":
        series = series.astype("object").where(series.notna(), None)
    array = pa.array(series, pa.string(), from_pandas=True)
    return pa.chunked_array([array]).combine_chunks()


@dataclass(frozen=True)
class Slot:
    """Place of one column's text in a row; nothing where the value is absent.

    Parameters
    ----------
    name
        Column.
    wrap
        Makes the texts as written from the values.
    """

    name: str
    wrap: Wrap


@dataclass(frozen=True)
class Choice:
    """Text that depends on whether some columns have a value.

    Parameters
    ----------
    names
        Columns.
    present
        Text where any of them has a value.
    absent
        Text where none has.
    """

    names: tuple[str, ...]
    present: str
    absent: str = ""


Template: TypeAlias = Sequence["str | Slot | Choice"]


def between(before: str, after: str) -> Wrap:
    """Wrap that escapes a value and puts it between two texts."""
    start = pa.scalar(before)
    end = pa.scalar(after)

    def wrap(values: pa.Array) -> pa.Array:
        return pc.binary_join_element_wise(start, escape_all(values), end, pa.scalar(""))

    return wrap


class Renderer:
    """Rows of one template.

    Wrapped texts of a column are kept as long as the column's texts are the same.
    """

    def __init__(self, template: Template) -> None:
        self._template = template
        self._kept: dict[int, tuple[pa.Array, pa.Array]] = {}

    def grid(
        self, columns: Mapping[str, Encoded], rows: Any, more: Sequence[Encoded] = ()
    ) -> tuple[Any, Any]:
        """Pool of texts, and one row of indices into it for each of `rows`.

        `more` are ready texts for each row, put before the template.
        """
        pool = [pa.array([""], pa.string())]
        grid = []
        size = 1
        for part in [*more, *self._parts(columns, rows)]:
            count = len(part.texts)
            if count:
                # Place 0 is the empty text, for what is absent.
                places = np.where(part.indices < 0, 0, part.indices + size)
                grid.append(places.astype(np.int32))
                pool.append(part.texts)
                size += count
        return pa.concat_arrays(pool), np.stack(grid, axis=1)

    def buffer(
        self, columns: Mapping[str, Encoded], rows: Any, more: Sequence[Encoded] = ()
    ) -> memoryview:
        """Text of the rows, one after the other."""
        pool, grid = self.grid(columns, rows, more)
        taken = pool.take(pa.array(grid.ravel()))
        _, offsets, text = taken.buffers()
        end = np.frombuffer(offsets, np.int32)[len(taken)]
        return memoryview(text)[: int(end)]

    def texts(self, columns: Mapping[str, Encoded], rows: Any) -> pa.Array:
        """Text of each row by itself."""
        pool, grid = self.grid(columns, rows)
        taken = pool.take(pa.array(grid.ravel()))
        offsets = np.arange(len(grid) + 1, dtype=np.int32) * grid.shape[1]
        texts_of_rows = pa.ListArray.from_arrays(pa.array(offsets), taken)
        return pc.binary_join(texts_of_rows, "")

    def _parts(self, columns: Mapping[str, Encoded], rows: Any) -> Iterator[Encoded]:
        """Texts for each row of each part of the template."""
        count = len(rows) if isinstance(rows, np.ndarray) else rows.stop - rows.start
        for place, part in enumerate(self._template):
            if isinstance(part, str):
                yield Encoded(pa.array([part]), np.zeros(count, np.int32))
            elif isinstance(part, Choice):
                yield _chosen(part, columns, rows, count)
            else:
                column = columns[part.name]
                texts = self._wrapped(place, part, column.texts)
                yield Encoded(texts, column.indices[rows])

    def _wrapped(self, place: int, slot: Slot, texts: pa.Array) -> pa.Array:
        """Texts of a column as written in a slot, made once for the same texts."""
        kept = self._kept.get(place)
        if kept is None or kept[0] is not texts:
            kept = (texts, slot.wrap(texts))
            self._kept[place] = kept
        return kept[1]


def _chosen(choice: Choice, columns: Mapping[str, Encoded], rows: Any, count: int) -> Encoded:
    """Texts for each row of a choice."""
    absent = np.ones(count, bool)
    for name in choice.names:
        absent &= columns[name].indices[rows] < 0
    texts = pa.array([choice.present, choice.absent])
    return Encoded(texts, absent.astype(np.int32))
