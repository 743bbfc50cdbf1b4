"""Pieces: a stretch of XML cut at its quotes, each distinct piece once and as a parser would give it."""

from __future__ import annotations

import re
from dataclasses import dataclass
from typing import Any
from xml.parsers import expat

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc

#: Bytes that make a value unusual: control characters, & and <, and the first byte of U+FFFE and U+FFFF.
_UNUSUAL = np.isin(np.arange(256), [*range(0x20), ord("&"), ord("<"), 0xEF])
#: How far into a stretch the first quote is looked for, which is then the one that parts it.
_NEAR = 1 << 12
#: More different pieces of structure than this, and the stretch is not regular.
_STRUCTURES = 1024
Codes = Any  # np.ndarray[Any, np.dtype[np.int32]]: codes of texts, -1 where absent


class Unusual(Exception):  # noqa: N818
    """Raised where a stretch is not regular; never leaves the fast lane."""


@dataclass(frozen=True)
class Pieces:
    """Pieces of a stretch: structure and values by turns, as codes of distinct texts."""

    texts: pa.Array
    structure: Codes
    values: Codes
    quote: str


def cut(data: bytes, size: int) -> Pieces:
    """Cut after every opening and before every closing quote, all as the first is, and encode."""
    first = re.search(b"[\"']", data[:_NEAR])
    quote = first[0] if first else b'"'
    quotes = np.flatnonzero(np.frombuffer(data, np.uint8, size) == quote[0])
    if len(quotes) % 2 or not len(quotes):
        raise Unusual
    offsets = np.empty(len(quotes) + 2, np.int32)
    offsets[0], offsets[1:-1], offsets[-1] = 0, quotes, size
    offsets[1:-1:2] += 1
    buffers = [None, pa.py_buffer(offsets), pa.py_buffer(data)]
    encoded = pa.Array.from_buffers(pa.utf8(), len(offsets) - 1, buffers).dictionary_encode()
    codes = encoded.indices.to_numpy()
    return Pieces(encoded.dictionary, codes[0::2], codes[1::2], quote.decode())


def structure_texts(pieces: Pieces) -> dict[int, str]:
    """Distinct texts of structure by code."""
    used = np.zeros(len(pieces.texts), bool)
    used[pieces.structure] = True
    codes = np.flatnonzero(used)
    if len(codes) > _STRUCTURES:
        raise Unusual
    try:
        return dict(
            zip(codes.tolist(), pieces.texts.take(pa.array(codes)).to_pylist(), strict=True)
        )
    except UnicodeDecodeError:
        raise Unusual from None


def decoded(pieces: Pieces, extra: list[str]) -> pa.Array:
    """Distinct texts as the parser would give them, and further ones."""
    texts = pieces.texts
    try:
        texts.validate(full=True)
    except pa.ArrowInvalid:
        raise Unusual from None
    hits = _unusual(texts)
    used = np.zeros(len(texts), bool)
    used[pieces.values] = True
    hits &= used
    if hits.any():
        meant = [_value(v, pieces.quote) for v in texts.filter(pa.array(hits)).to_pylist()]
        texts = pc.replace_with_mask(texts, pa.array(hits), pa.array(meant, pa.string()))
    return pa.concat_arrays([texts, pa.array(extra, pa.string())])


def _unusual(texts: pa.Array) -> Any:
    """Texts with a byte that a parser might change or refuse."""
    _, offsets, data = texts.buffers()
    ends = np.frombuffer(offsets, np.int32, len(texts) + 1)
    places = np.flatnonzero(_UNUSUAL[np.frombuffer(data, np.uint8, ends[-1])])
    hits = np.zeros(len(texts), bool)
    hits[np.searchsorted(ends, places, "right") - 1] = True
    return hits


def _value(text: str, quote: str) -> str:
    """Value as a parser gives it: references resolved, white space normalised."""
    found: list[str] = []
    parser = expat.ParserCreate("utf-8")
    parser.ordered_attributes = True
    parser.StartElementHandler = lambda _, attributes: found.extend(attributes[1:])
    try:
        parser.Parse(f"<v a={quote}{text}{quote}/>".encode(), True)
    except expat.ExpatError:
        raise Unusual from None
    return found[0]
