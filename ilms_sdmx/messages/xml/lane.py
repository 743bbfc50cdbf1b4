"""Fast lane: regular stretches of a data set read column by column instead of tag by tag.

The one idea: between quotes stand values, outside them stands structure. Cut at every quote, encode
all pieces as one dictionary, and a record is a short row of codes. Records with equal structure have one
*shape*, which a real XML parser reads once with place-holders for its values (`shapes`); each distinct value
is checked once. So every byte is covered, and what comes out is what the parser would have given. A stretch
with anything unusual is refused as a whole and left to the ordinary reader.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from typing import Any

import numpy as np
import pyarrow as pa

from ilms_sdmx.messages.xml.pieces import Codes, Pieces, Unusual, cut, decoded, structure_texts
from ilms_sdmx.messages.xml.rows import Chunk, Columns, Series, Sink
from ilms_sdmx.messages.xml.shapes import Origin, Shape, Shapes

#: More shapes than this in one stretch, and it is not regular.
_SHAPES = 64
_IDENTIFIER = re.compile(r"\s(id|concept|xml:lang)\s*=\s*[\"']$")


class FastLane:
    """Reader of regular stretches of one data set.

    Parameters
    ----------
    shapes
        Spellings of the data set.
    prefix
        Namespace prefix of `Obs` and `Series` as written, with its colon.
    sink
        Sink of the ordinary reader: a series may begin there and go on here, and the other way round.
    """

    def __init__(self, shapes: Shapes, prefix: bytes, sink: Sink) -> None:
        self.shapes, self._sink = shapes, sink
        self._tags = (b"<" + prefix + b"Obs", b"<" + prefix + b"Series")
        self._marker = re.compile(f"<{re.escape(prefix.decode())}(?:Obs|Series)(?=[\\s/>])")

    def cut(self, data: bytes) -> int:
        """Where the last record begins: what is before is a stretch of whole records."""
        return max(self._last(data, tag) for tag in self._tags)

    def _last(self, data: bytes, tag: bytes) -> int:
        end = len(data)
        while (at := data.rfind(tag, 0, end)) > 0:
            if data[at + len(tag) : at + len(tag) + 1] in (
                b" ",
                b">",
                b"/",
                b"\n",
                b"\t",
                b"\r",
            ):
                return at
            end = at
        return 0

    def read(self, data: bytes, size: int) -> Chunk | None:
        """Rows of the first bytes of data, which begin and end at a record; None if they are unusual."""
        try:
            pieces = cut(data, size)
            records = _Records(pieces, self._marker, self.shapes)
            return records.chunk(self._sink)
        except Unusual:
            return None


class _Records:
    """Records of a stretch, each with its shape."""

    def __init__(self, pieces: Pieces, marker: re.Pattern[str], shapes: Shapes) -> None:
        self._pieces, self._shapes = pieces, shapes
        self._texts = structure_texts(pieces)
        found = {code: marker.search(text) for code, text in self._texts.items()}
        self._mark = {code: match.start() for code, match in found.items() if match}
        self._naming = [code for code, text in self._texts.items() if _IDENTIFIER.search(text)]
        starting = np.zeros(len(pieces.texts), bool)
        starting[list(self._mark)] = True
        self._starts = np.flatnonzero(starting[pieces.structure])
        first = int(pieces.structure[0])
        if not len(self._starts) or self._starts[0] or self._mark.get(first) != 0:
            raise Unusual
        self._ends = np.append(self._starts[1:], len(pieces.values))
        self._extra: list[str] = []
        self._parts = list(self._shaped())

    def _shaped(self) -> Iterator[tuple[Any, Shape]]:
        """Positions of the records of each shape, and the shape."""
        lengths = self._ends - self._starts
        budget = _SHAPES
        for length in np.flatnonzero(np.bincount(lengths)):
            rows = np.flatnonzero(lengths == length)
            keys = self._keys(rows, int(length))
            while len(rows):
                budget -= 1
                if budget < 0:
                    raise Unusual
                same = (keys == keys[0]).all(axis=1)
                yield rows[same], self._shape(keys[0], int(length))
                rows, keys = rows[~same], keys[~same]

    def _keys(self, rows: Any, length: int) -> Any:
        """Codes of the structure of records, and of values that name a component."""
        at = self._starts[rows][:, None] + np.arange(length + 1)
        structure = self._pieces.structure[at]
        if not self._naming:
            return structure
        naming = np.zeros(len(self._pieces.texts), bool)
        naming[self._naming] = True
        names = np.where(naming[structure[:, :-1]], self._pieces.values[at[:, :-1]], -1)
        return np.concatenate([structure, names], axis=1)

    def _shape(self, key: Any, length: int) -> Shape:
        """Read the shape of records with some key."""
        structure, names = key[: length + 1], key[length + 1 :]
        first = int(structure[0])
        parts = [self._texts[first][self._mark[first] :]]
        places = []
        for i in range(length):
            name = int(names[i]) if len(names) else -1
            if name >= 0:
                parts.append(self._pieces.texts[name].as_py())
            else:
                parts.append(f"v{i}v")
                places.append(i)
            after = int(structure[i + 1])
            end = self._mark.get(after) if i == length - 1 else None
            parts.append(self._texts[after][:end] if i == length - 1 else self._texts[after])
        shape = self._shapes.read("".join(parts).encode(), places)
        if shape is None:
            raise Unusual
        return shape

    def chunk(self, sink: Sink) -> Chunk:
        """Rows of all records; the sink learns which series is open, and of series without observations."""
        opens, closes, inside, rows = self._flags()
        before = (
            (sink.current is not None) + np.cumsum(opens) - np.cumsum(closes) - opens + closes
        )
        if (
            ((before != inside) & (inside >= 0)).any()
            or (before < 0).any()
            or (before > 1).any()
        ):
            raise Unusual
        carried = sink.current
        owner = np.where(before + opens > 0, np.cumsum(opens) - (carried is None), -1)[
            rows
        ].astype(np.int32)
        observations = self._codes(rows, "observation")
        series = self._codes(opens, "series")
        if carried is not None:
            series = self._with_carried(series, carried, int(opens.sum()))
        texts = decoded(self._pieces, self._extra)
        chunk = Chunk(
            int(rows.sum()), _columns(observations, texts), _columns(series, texts), owner
        )
        still_open = bool(before[-1] + opens[-1] - closes[-1])
        _take_series(
            sink, chunk, int(opens.sum()) + (carried is not None), still_open=still_open
        )
        return chunk

    def _flags(self) -> tuple[Any, Any, Any, Any]:
        count = len(self._starts)
        opens, closes, inside = (np.zeros(count, np.int32) for _ in range(3))
        rows = np.zeros(count, bool)
        for at, shape in self._parts:
            opens[at], closes[at], rows[at] = (
                shape.opens,
                shape.closes,
                shape.observation is not None,
            )
            inside[at] = -1 if shape.inside is None else shape.inside
        return opens, closes, inside, rows

    def _codes(self, chosen: Any, level: str) -> dict[str, Codes]:
        """Codes of each component at some level, for the records chosen."""
        place = np.cumsum(chosen) - 1
        count = int(place[-1]) + 1
        found: dict[str, Codes] = {}
        for at, shape in self._parts:
            origins: dict[str, Origin] = getattr(shape, level) or {}
            for name, origin in origins.items():
                if name not in found:
                    found[name] = np.full(count, -1, np.int32)
                found[name][place[at]] = self._origin(at, origin)
        return found

    def _origin(self, at: Any, origin: Origin) -> Any:
        if isinstance(origin, int):
            return self._pieces.values[self._starts[at] + origin]
        return self._constant(origin)

    def _constant(self, text: str) -> int:
        """Code of a text that is not among the values."""
        if text not in self._extra:
            self._extra.append(text)
        return len(self._pieces.texts) + self._extra.index(text)

    def _with_carried(
        self, series: dict[str, Codes], carried: Series, count: int
    ) -> dict[str, Codes]:
        """Series with the one that was open before put first."""
        absent = np.full(count, -1, np.int32)
        names = dict.fromkeys([*carried.values, *series])
        first = {
            n: self._constant(carried.values[n]) if n in carried.values else -1 for n in names
        }
        return {
            n: np.concatenate([[first[n]], series.get(n, absent)]).astype(np.int32)
            for n in names
        }


def _columns(codes: dict[str, Codes], texts: pa.Array) -> Columns:
    return {name: _column(own, texts) for name, own in codes.items()}


def _column(codes: Codes, texts: pa.Array) -> pa.Array:
    """Column of codes as a dictionary of the texts it uses, or as texts where most are different."""
    used = np.zeros(len(texts) + 1, bool)
    used[codes] = True  # -1 is the extra place at the end
    distinct = np.flatnonzero(used[:-1])
    absent = codes < 0
    mask = absent if absent.any() else None
    if len(distinct) * 4 > len(codes):
        return texts.take(pa.array(codes, mask=mask))
    lookup = np.zeros(len(texts) + 1, np.min_scalar_type(-len(distinct) - 1))
    lookup[distinct] = np.arange(len(distinct))
    return pa.DictionaryArray.from_arrays(
        pa.array(lookup[codes], mask=mask), texts.take(pa.array(distinct))
    )


def _take_series(sink: Sink, chunk: Chunk, count: int, *, still_open: bool) -> None:
    """Tell the sink which series goes on, and which ended without observations."""
    carried = sink.current
    counts = np.bincount(chunk.owner[chunk.owner >= 0], minlength=count)
    if carried is not None:
        counts[0] += carried.count
    for row in np.flatnonzero(counts[: count - still_open] == 0):
        sink.empty.append(_series_values(chunk, int(row)))
    sink.current = (
        Series(_series_values(chunk, count - 1), int(counts[-1])) if still_open else None
    )


def _series_values(chunk: Chunk, row: int) -> dict[str, str]:
    values = {name: array[row].as_py() for name, array in chunk.series.items()}
    return {name: value for name, value in values.items() if value is not None}
