"""Fast lane: regular stretches of a data set read column by column instead of tag by tag.

The one idea: values are between quotes, structure is outside them. Cut at every quote, encode
all pieces as one dictionary, and a record is a short row of codes. Records with equal structure
have one *shape*, which a real XML parser reads once with place-holders for its values
(`shapes`); each distinct value is checked once. So every byte is covered, and what comes out is
what the parser would have given. A stretch with anything unusual is refused as a whole and left
to the ordinary reader.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any

import numpy as np
import pyarrow as pa

from ilms_sdmx.messages.xml.pieces import Codes, Pieces, Unusual, cut, decoded
from ilms_sdmx.messages.xml.rows import Chunk, Columns, Series, Sink
from ilms_sdmx.messages.xml.shapes import Origin, Shape, Shapes

#: More shapes than this in one stretch, or more than one odd record in so many, and it is not
#: regular.
_SHAPES = 64
_REGULAR = 100
#: As many kinds of values as are taken as they are.
_DIFFERING = 4
_IDENTIFIER = re.compile(r"\s(id|concept|xml:lang)\s*=\s*[\"']$")
_TAG_ENDS = (b" ", b">", b"/", b"\n", b"\t", b"\r")


@dataclass(frozen=True)
class _Flags:
    """What each record does, one entry a record.

    Parameters
    ----------
    opens, closes
        1 where it begins, and where it ends, a series.
    inside
        1 where it is in an open series, 0 where it is not, -1 where it may be either.
    rows
        Whether it has an observation.
    """

    opens: Any
    closes: Any
    inside: Any
    rows: Any

    def open_before(self, carried: Series | None) -> Any:
        """Count the open series before each record; `carried` is open at the start.

        Raises
        ------
        Unusual
            A record is not where its shape belongs.
        """
        opened = np.cumsum(self.opens) - self.opens
        closed = np.cumsum(self.closes) - self.closes
        before = (carried is not None) + opened - closed
        misplaced = (before != self.inside) & (self.inside >= 0)
        if misplaced.any() or (before < 0).any() or (before > 1).any():
            raise Unusual
        return before


class FastLane:
    """Reader of regular stretches of one data set.

    Parameters
    ----------
    shapes
        Spellings of the data set.
    prefix
        Namespace prefix of `Obs` and `Series` as written, with its colon.
    sink
        Sink of the ordinary reader: a series may begin there and go on here, and the reverse.
    """

    def __init__(self, shapes: Shapes, prefix: bytes, sink: Sink) -> None:
        self.shapes = shapes
        self.prefix = prefix
        self._sink = sink
        self._tags = (b"<" + prefix + b"Obs", b"<" + prefix + b"Series")
        #: Structures before values most of which differ, and of how many values this is known.
        self._differing: list[bytes] = []
        self._learnt = 0
        escaped_prefix = re.escape(prefix.decode())
        self._marker = re.compile(f"<{escaped_prefix}(?:Obs|Series)(?=[\\s/>])")

    def last_record(self, data: bytes) -> int:
        """Where the last record begins: what is before is a stretch of whole records."""
        last = 0
        for tag in self._tags:
            # What is looked for next is looked for only behind what was found.
            last = max(last, _last_tag(data, tag, last))
        return last

    def read(self, data: bytes, size: int) -> Chunk | None:
        """Rows of the first `size` bytes, which are whole records; None if they are unusual."""
        try:
            pieces = cut(data, size, self._differing)
            records = _Records(pieces, self._marker, self.shapes)
            chunk = records.chunk(self._sink)
        except (Unusual, UnicodeDecodeError):
            # The ordinary reader reads it, or says where it is no UTF-8.
            return None
        if len(pieces.values) > 2 * self._learnt:
            self._learn(pieces)
        return chunk

    def _learn(self, pieces: Pieces) -> None:
        """Learn before which structures values differ; names of components are compared."""
        differing = []
        for text in pieces.differing():
            if not _IDENTIFIER.search(text):
                differing.append(text.encode())
        self._differing = differing[:_DIFFERING]
        self._learnt = len(pieces.values)


def _last_tag(data: bytes, tag: bytes, start: int) -> int:
    """Where the last whole tag of a name from `start` on begins, 0 where there is none."""
    place = data.rfind(tag, start)
    while place > 0:
        after = place + len(tag)
        if data[after : after + 1] in _TAG_ENDS:
            return place
        place = data.rfind(tag, start, place)
    return 0


class _Records:
    """Records of a stretch, each with its shape.

    A record whose spelling has no regular shape is odd: a parser reads it by itself, and its
    shape has its values as they are.
    """

    def __init__(self, pieces: Pieces, marker: re.Pattern[str], shapes: Shapes) -> None:
        self._pieces = pieces
        self._shapes = shapes
        self._texts = pieces.structures
        self._mark: dict[int, int] = {}
        self._naming: list[int] = []
        for code, text in enumerate(self._texts):
            match = marker.search(text)
            if match:
                self._mark[code] = match.start()
            if _IDENTIFIER.search(text):
                self._naming.append(code)
        self._starts = self._record_starts()
        self._ends = np.append(self._starts[1:], len(pieces.values))
        self._extra: dict[str, int] = {}
        self._odd = 0
        self._parts = list(self._shaped())

    def _record_starts(self) -> Any:
        """Positions of the pieces of structure in which a record begins."""
        structure = self._pieces.structure
        starting = np.zeros(len(self._texts), bool)
        starting[list(self._mark)] = True
        starts = np.flatnonzero(starting.take(structure))
        first = int(structure[0])
        if not len(starts) or starts[0] or self._mark.get(first) != 0:
            raise Unusual
        return starts

    def _shaped(self) -> Iterator[tuple[Any, Shape]]:
        """Positions of the records of each shape, and the shape."""
        numbers = self._numbers()
        count = int(numbers.max()) + 1
        if count > _SHAPES:
            raise Unusual
        for number in range(count):
            rows = np.flatnonzero(numbers == number)
            shape = self._shape(int(rows[0]))
            if shape is None:
                yield from self._alone(rows)
            else:
                yield rows, shape

    def _numbers(self) -> Any:
        """Number of the spelling of each record, equal where its structure and its names are.

        A record is its first piece of structure and what comes after it, up to and with the
        piece in which the next one begins.
        """
        keys = self._keys()
        width = keys.itemsize
        ends = (np.append(self._starts + 1, len(keys)) * width).astype(np.int32)
        buffers = [None, pa.py_buffer(ends), pa.py_buffer(keys)]
        rest = pa.Array.from_buffers(pa.binary(), len(self._starts), buffers)
        encoded = rest.dictionary_encode()
        first = keys.take(self._starts).astype(np.int64)
        numbers = first * len(encoded.dictionary) + encoded.indices.to_numpy()
        return pa.array(numbers).dictionary_encode().indices.to_numpy()

    def _keys(self) -> Any:
        """Code of each piece of structure, another one for each name behind it."""
        structure = self._pieces.structure
        if not self._naming:
            return structure
        naming = np.zeros(len(self._texts), bool)
        naming[self._naming] = True
        names = self._pieces.values + len(self._texts)
        before = structure[:-1]
        keys = np.where(naming.take(before), names, before)
        return np.append(keys, structure[-1]).astype(np.int32)

    def _alone(self, rows: Any) -> Iterator[tuple[Any, Shape]]:
        """Odd records, each with its own shape; with too many the stretch is not regular."""
        self._odd += len(rows)
        if self._odd > max(1, len(self._starts) // _REGULAR):
            raise Unusual
        for row in rows.tolist():
            yield np.array([row]), self._shapes.alone(self._bytes(row))

    def _bytes(self, record: int) -> bytes:
        """Bytes of a record, with what is between it and the next one."""
        start = self._begins(int(self._starts[record]))
        end = self._pieces.size
        if record + 1 < len(self._starts):
            end = self._begins(int(self._starts[record + 1]))
        return self._pieces.data[start:end]

    def _begins(self, place: int) -> int:
        """Byte at which the record begins whose first piece of structure is at a place."""
        code = int(self._pieces.structure[place])
        before = self._texts[code][: self._mark[code]]
        return int(self._pieces.offsets[place]) + len(before.encode())

    def _shape(self, record: int) -> Shape | None:
        """Shape of a record, None where it is odd."""
        start = int(self._starts[record])
        end = int(self._ends[record])
        structure = self._pieces.structure[start : end + 1].tolist()
        first = structure[0]
        parts = [self._texts[first][self._mark[first] :]]
        places = []
        for place, code in enumerate(structure[:-1]):
            if code in self._naming:
                value = int(self._pieces.values[start + place])
                parts.append(self._pieces.texts[value].as_py())
            else:
                parts.append(f"v{place}v")
                places.append(place)
            parts.append(self._texts[structure[place + 1]])
        if end > start:
            # The last piece of structure ends where the next record begins.
            next_record = self._mark.get(structure[-1])
            parts[-1] = parts[-1][:next_record]
        text = "".join(parts)
        return self._shapes.read(text.encode(), places)

    def chunk(self, sink: Sink) -> Chunk:
        """Rows of all records.

        The sink learns which series is open, and of series without observations.
        """
        flags = self._flags()
        carried = sink.current
        before = flags.open_before(carried)
        observations = self._codes(flags.rows, "observation")
        series = self._codes(flags.opens, "series")
        count = int(flags.opens.sum())
        if carried is not None:
            series = self._with_carried(series, carried, count)
            count += 1
        row_of_series = np.cumsum(flags.opens) - (carried is None)
        owner = np.where(before + flags.opens > 0, row_of_series, -1)
        owner_of_rows = owner[flags.rows].astype(np.int32)
        texts = decoded(self._pieces, list(self._extra))
        chunk = Chunk(
            int(flags.rows.sum()),
            _columns(observations, texts),
            _columns(series, texts),
            owner_of_rows,
        )
        still_open = before[-1] + flags.opens[-1] - flags.closes[-1]
        _take_series(sink, chunk, count, still_open=bool(still_open))
        return chunk

    def _flags(self) -> _Flags:
        """All records' flags."""
        count = len(self._starts)
        opens = np.zeros(count, np.int32)
        closes = np.zeros(count, np.int32)
        inside = np.zeros(count, np.int32)
        rows = np.zeros(count, bool)
        for places, shape in self._parts:
            opens[places] = shape.opens
            closes[places] = shape.closes
            inside[places] = -1 if shape.inside is None else shape.inside
            rows[places] = shape.observation is not None
        return _Flags(opens, closes, inside, rows)

    def _codes(self, chosen: Any, level: str) -> dict[str, Codes]:
        """Codes of each component at some level, for the records chosen."""
        row_of_record = np.cumsum(chosen) - 1
        count = int(row_of_record[-1]) + 1
        columns: dict[str, Codes] = {}
        # The fullest record comes first: in it names are in the order of the message.
        fullest = sorted(self._parts, key=lambda part: -len(getattr(part[1], level) or ()))
        for places, shape in fullest:
            origins: dict[str, Origin] = getattr(shape, level) or {}
            rows = row_of_record.take(places)
            for name, origin in origins.items():
                if name not in columns:
                    columns[name] = np.full(count, -1, np.intp)
                columns[name][rows] = self._origin(places, origin)
        return columns

    def _origin(self, at: Any, origin: Origin) -> Any:
        if isinstance(origin, int):
            return self._pieces.values.take(self._starts.take(at) + origin)
        return self._constant(origin)

    def _constant(self, text: str) -> int:
        """Code of a text that is not among the values."""
        place = self._extra.setdefault(text, len(self._extra))
        return len(self._pieces.texts) + place

    def _with_carried(
        self, series: dict[str, Codes], carried: Series, count: int
    ) -> dict[str, Codes]:
        """Series with the one that was open before put first."""
        absent = np.full(count, -1, np.intp)
        columns = {}
        for name in dict.fromkeys([*carried.values, *series]):
            first = -1
            if name in carried.values:
                first = self._constant(carried.values[name])
            codes = [[first], series.get(name, absent)]
            columns[name] = np.concatenate(codes)
        return columns


def _columns(codes: dict[str, Codes], texts: pa.Array) -> Columns:
    """Columns of texts from columns of codes."""
    return {name: _column(codes_of_name, texts) for name, codes_of_name in codes.items()}


def _column(codes: Codes, texts: pa.Array) -> pa.Array:
    """Column of codes as a dictionary of its texts; plain texts where most are different."""
    used = np.zeros(len(texts) + 1, bool)
    used[codes] = True  # -1 is the extra place at the end
    distinct = np.flatnonzero(used[:-1])
    absent = codes < 0
    mask = absent if absent.any() else None
    if len(distinct) * 4 > len(codes):
        return texts.take(pa.array(codes, mask=mask))
    # A text may have several codes, one for each structure before it.
    encoded = texts.take(pa.array(distinct)).dictionary_encode()
    narrow = np.min_scalar_type(-len(encoded.dictionary) - 1)
    lookup = np.zeros(len(texts) + 1, narrow)
    lookup[distinct] = encoded.indices.to_numpy()
    indices = pa.array(lookup.take(codes), mask=mask)
    return pa.DictionaryArray.from_arrays(indices, encoded.dictionary)


def _take_series(sink: Sink, chunk: Chunk, count: int, *, still_open: bool) -> None:
    """Tell the sink which series goes on, and which ended without observations."""
    owners = chunk.owner[chunk.owner >= 0]
    observations = np.bincount(owners, minlength=count)
    if sink.current is not None:
        observations[0] += sink.current.count
    ended = observations[: count - still_open]
    for row in np.flatnonzero(ended == 0):
        sink.empty.append(_series_values(chunk, int(row)))
    sink.current = None
    if still_open:
        values = _series_values(chunk, count - 1)
        sink.current = Series(values, int(observations[-1]))


def _series_values(chunk: Chunk, row: int) -> dict[str, str]:
    """Values of one series of a chunk."""
    values = {}
    for name, array in chunk.series.items():
        value = array[row].as_py()
        if value is not None:
            values[name] = value
    return values
