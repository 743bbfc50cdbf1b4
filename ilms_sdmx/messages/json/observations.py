"""Observations: the bulk of a JSON message cut into keys and arrays, without an object for each of them."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from typing import IO, TYPE_CHECKING

from ilms_sdmx.errors import MessageError
from ilms_sdmx.messages.json import levels
from ilms_sdmx.messages.json import skeleton as skeletons
from ilms_sdmx.messages.json.levels import Items, Spans
from ilms_sdmx.messages.json.skeleton import Region, parsed
from ilms_sdmx.messages.json.tokens import COMMA, OPEN_ARRAY, OPEN_OBJECT, Tokens, tokens

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
        For each observation the entry of `series_keys` that it stands in; None in a flat data set.
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
        The text is no JSON, or not what stands in `series` or `observations`.
    """
    cut = _flat if region.name == "observations" else _series
    for position, text, found in _chunks(stream, region):
        try:
            yield cut(b"{" + text + b"}", found.as_object(len(text)))
        except MessageError as error:
            raise MessageError(
                f"line {skeletons.line(stream, position)} or below: {error}"
            ) from None


def _chunks(stream: IO[bytes], region: Region) -> Iterator[tuple[int, bytes, Tokens]]:
    """Whole entries of a region without the comma behind them, with their offset and tokens."""
    position, text = region.start, b""
    while (here := position + len(text)) < region.end:
        stream.seek(here)
        text += stream.read(min(max(skeletons.BLOCK, len(text)), region.end - here))
        found = tokens(text)
        if position + len(text) >= region.end:
            yield position, text, found
            return
        if count := _last_comma(found):
            end = int(found.at[count])
            yield position, text[:end], found.first(count)
            position, text = position + end + 1, text[end + 1 :]
        elif len(text) > skeletons.LARGEST:
            raise MessageError(f"an entry longer than {skeletons.LARGEST >> 20} MB: refused")


def _last_comma(found: Tokens) -> int:
    """Index of the last comma between entries, 0 if there is none."""
    import numpy as np

    between = np.flatnonzero((found.kind == COMMA) & (found.depth == 0))
    return int(between[-1]) if len(between) else 0


def _flat(text: bytes, found: Tokens) -> Entries:
    """`"0:0": [1.5, 0], ...`."""
    import numpy as np

    entries = levels.members(levels.level(text, found, 1, np.array([0]), OPEN_OBJECT))
    arrays = levels.level(text, found, 2, _opened(entries.opener), OPEN_ARRAY)
    return Entries(entries.names, levels.items(arrays))


def _series(text: bytes, found: Tokens) -> Entries:
    """`"0:0": {"attributes": [0], "observations": {"0": [1.5, 0], ...}}, ...`."""
    import numpy as np

    each = levels.members(levels.level(text, found, 1, np.array([0]), OPEN_OBJECT))
    parts = levels.members(levels.level(text, found, 2, _opened(each.opener), OPEN_OBJECT))
    names = parts.names.strings().dictionary_encode()
    known = [parsed(f'"{name}"') for name in names.dictionary.to_pylist()]
    name = names.indices.to_numpy(zero_copy_only=False)

    def those(wanted: str) -> np.ndarray:
        return np.flatnonzero(
            (name == (known.index(wanted) if wanted in known else -1)) & (parts.opener >= 0)
        )

    bulk, attributes = those("observations"), those("attributes")
    observations = levels.members(levels.level(text, found, 3, parts.opener[bulk], OPEN_OBJECT))
    arrays = levels.level(text, found, 4, _opened(observations.opener), OPEN_ARRAY)
    series_arrays = levels.items(
        levels.level(text, found, 3, parts.opener[attributes], OPEN_ARRAY)
    )
    owner = parts.owner[attributes]
    if (owner[1:] == owner[:-1]).any():
        raise MessageError(
            "a series has two members named 'attributes': which one holds cannot be known"
        )
    return Entries(
        observations.names,
        levels.items(arrays),
        parts.owner[bulk][observations.owner],
        each.names,
        Items(
            len(each.names),
            owner[series_arrays.owner],
            series_arrays.place,
            series_arrays.values,
        ),
    )


def _opened(opener: np.ndarray) -> np.ndarray:
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
    offsets = np.frombuffer(ended.buffers()[1], np.int32)[: len(ended) + 1]
    data = np.frombuffer(ended.buffers()[2], np.uint8)[: offsets[-1]]
    ends = np.flatnonzero(data == ord(":"))
    if len(ends) != len(keys) * count or (ends[count - 1 :: count] != offsets[1:] - 1).any():
        raise _no_key(count)
    starts = np.concatenate(([0], ends[:-1] + 1))
    return _numbers(data, starts, ends, count)


def _no_key(count: int) -> MessageError:
    form = ":".join("0" * count)
    return MessageError(
        f"expected {count} numbers in each key such as {form!r}, indices of at most nine digits"
    )


def _numbers(data: np.ndarray, starts: np.ndarray, ends: np.ndarray, count: int) -> np.ndarray:
    """Decimal numbers of at most nine digits between positions, `count` in a row."""
    import numpy as np

    widths = ends - starts
    known = widths.min() >= 1 and widths.max() <= 9
    value = np.zeros(len(ends), np.int32)
    for place in range(int(widths.max()) if known else 0):
        there = slice(None) if widths.min() > place else np.flatnonzero(widths > place)
        digits = data[ends[there] - 1 - place] - np.uint8(ord("0"))
        known = known and digits.max() <= 9
        value[there] += digits * np.int32(10**place)
    if not known:
        raise _no_key(count)
    return value.reshape(-1, count)
