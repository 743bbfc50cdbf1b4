"""Observations: the bulk of a JSON message cut into keys and arrays, not into objects."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from typing import IO, TYPE_CHECKING

from ilms_sdmx.errors import MessageError
from ilms_sdmx.messages.json import levels
from ilms_sdmx.messages.json import skeleton as skeletons
from ilms_sdmx.messages.json.levels import Items, Members, Spans
from ilms_sdmx.messages.json.skeleton import Region, parsed
from ilms_sdmx.messages.json.tokens import COMMA, OPEN_ARRAY, OPEN_OBJECT, Tokens, tokens_of

if TYPE_CHECKING:
    import numpy as np


@dataclass(frozen=True)
class Entries:
    """Some entries of a bulk object.

    Parameters
    ----------
    keys, values
        Key and array of each observation.
    series
        For each observation the entry of `series_keys` that it is in; None in a flat data set.
    series_keys, series_values
        Key and attribute array of each series; None in a flat data set.
    """

    keys: Spans
    values: Items
    series: np.ndarray | None = None
    series_keys: Spans | None = None
    series_values: Items | None = None


def read(stream: IO[bytes], region: Region) -> Iterator[Entries]:
    """Entries of a bulk object, about a block of text at a time.

    Raises
    ------
    MessageError
        The text is no JSON, or not what belongs in `series` or `observations`.
    """
    cut = _flat if region.name == "observations" else _series
    for position, text, chunk_tokens in _chunks(stream, region):
        try:
            yield cut(b"{" + text + b"}", chunk_tokens.as_object(len(text)))
        except MessageError as error:
            line = skeletons.line(stream, position)
            raise MessageError(f"line {line} or below: {error}") from None


def _chunks(stream: IO[bytes], region: Region) -> Iterator[tuple[int, bytes, Tokens]]:
    """Whole entries of a region without the comma behind them, with their offset and tokens."""
    position = region.start
    text = b""
    while position + len(text) < region.end:
        text += _next_block(stream, region, position + len(text), len(text))
        chunk_tokens = tokens_of(text)
        if position + len(text) >= region.end:
            yield position, text, chunk_tokens
            return
        count = _last_comma(chunk_tokens)
        if count:
            end = int(chunk_tokens.at[count])
            yield position, text[:end], chunk_tokens.first(count)
            position += end + 1
            text = text[end + 1 :]
        elif len(text) > skeletons.LARGEST:
            raise MessageError(f"an entry longer than {skeletons.LARGEST >> 20} MB: refused")


def _next_block(stream: IO[bytes], region: Region, position: int, size: int) -> bytes:
    """Next bytes of a region: a block, or as many as there are already of one long entry."""
    stream.seek(position)
    wanted = max(skeletons.BLOCK, size)
    return stream.read(min(wanted, region.end - position))


def _last_comma(tokens: Tokens) -> int:
    """Index of the last comma between entries, 0 if there is none."""
    import numpy as np

    between = np.flatnonzero((tokens.kind == COMMA) & (tokens.depth == 0))
    return int(between[-1]) if len(between) else 0


def _flat(text: bytes, tokens: Tokens) -> Entries:
    """`"0:0": [1.5, 0], ...`."""
    entries = _members(text, tokens, 1, _outermost())
    arrays = _items(text, tokens, 2, _opened(entries.opener))
    return Entries(entries.names, arrays)


def _outermost() -> np.ndarray:
    """Openers of the one object around all entries."""
    import numpy as np

    return np.zeros(1, np.int64)


def _members(text: bytes, tokens: Tokens, depth: int, openers: np.ndarray) -> Members:
    """Members of objects at one depth."""
    return levels.members(levels.level(text, tokens, depth, openers, OPEN_OBJECT))


def _items(text: bytes, tokens: Tokens, depth: int, openers: np.ndarray) -> Items:
    """Items of arrays at one depth."""
    return levels.items(levels.level(text, tokens, depth, openers, OPEN_ARRAY))


def _series(text: bytes, tokens: Tokens) -> Entries:
    """`"0:0": {"attributes": [0], "observations": {"0": [1.5, 0], ...}}, ...`."""
    series = _members(text, tokens, 1, _outermost())
    parts = _members(text, tokens, 2, _opened(series.opener))
    names = _Names(parts)
    bulk = names.places("observations")
    observations = _members(text, tokens, 3, parts.opener[bulk])
    arrays = _items(text, tokens, 4, _opened(observations.opener))
    attributes = names.places("attributes")
    attribute_arrays = _items(text, tokens, 3, parts.opener[attributes])
    owner = parts.owner[attributes]
    if (owner[1:] == owner[:-1]).any():
        raise MessageError(
            "a series has two members named 'attributes': which one holds cannot be known"
        )
    values = Items(
        len(series.names),
        owner[attribute_arrays.owner],
        attribute_arrays.place,
        attribute_arrays.values,
    )
    owner_of_rows = parts.owner[bulk][observations.owner]
    return Entries(observations.names, arrays, owner_of_rows, series.names, values)


class _Names:
    """Names of the members of series."""

    def __init__(self, members: Members) -> None:
        encoded = members.names.strings().dictionary_encode()
        self._opens = members.opener >= 0
        self._codes = encoded.indices.to_numpy(zero_copy_only=False)
        self._names = []
        for name in encoded.dictionary.to_pylist():
            self._names.append(parsed(f'"{name}"'))

    def places(self, name: str) -> np.ndarray:
        """Members of a name whose value is an object or array."""
        import numpy as np

        code = self._names.index(name) if name in self._names else -1
        return np.flatnonzero((self._codes == code) & self._opens)


def _opened(opener: np.ndarray) -> np.ndarray:
    """Openers of values, refused where one is a scalar."""
    if (opener < 0).any():
        raise MessageError(
            "expected an object or array as value of each entry, found something else"
        )
    return opener


def indices(keys: Spans, count: int) -> np.ndarray:
    """Numbers in keys such as `0:12:3`: one row a key, one column a dimension.

    Raises
    ------
    MessageError
        A key is not made of `count` numbers.
    """
    import numpy as np
    import pyarrow.compute as pc

    if count == 0 or not len(keys):
        return np.zeros((len(keys), count), np.int32)
    if count == 1:
        return _numbers(np.frombuffer(keys.text, np.uint8), keys.start, keys.end, 1)
    ended = pc.binary_join_element_wise(keys.strings(), "", ":")
    _, offset_buffer, text_buffer = ended.buffers()
    offsets = np.frombuffer(offset_buffer, np.int32)[: len(ended) + 1]
    data = np.frombuffer(text_buffer, np.uint8)[: offsets[-1]]
    ends = np.flatnonzero(data == ord(":"))
    if len(ends) != len(keys) * count:
        raise _no_key(count)
    last_ends = ends[count - 1 :: count]
    if (last_ends != offsets[1:] - 1).any():
        raise _no_key(count)
    starts = np.concatenate(([0], ends[:-1] + 1))
    return _numbers(data, starts, ends, count)


def _no_key(count: int) -> MessageError:
    """Error about a key that is not made of numbers."""
    form = ":".join("0" * count)
    expected = f"expected {count} numbers in each key such as {form!r}"
    return MessageError(f"{expected}, indices of at most nine digits")


def _numbers(data: np.ndarray, starts: np.ndarray, ends: np.ndarray, count: int) -> np.ndarray:
    """Decimal numbers of at most nine digits between positions, `count` in a row."""
    import numpy as np

    widths = ends - starts
    narrowest = widths.min()
    widest = int(widths.max())
    if narrowest < 1 or widest > 9:
        raise _no_key(count)
    value = np.zeros(len(ends), np.int32)
    for place in range(widest):
        # All rows where all are as wide: a slice, which copies nothing.
        wide = slice(None) if narrowest > place else np.flatnonzero(widths > place)
        digits = data[ends[wide] - 1 - place] - np.uint8(ord("0"))
        if digits.max() > 9:
            raise _no_key(count)
        value[wide] += digits * np.int32(10**place)
    return value.reshape(-1, count)
