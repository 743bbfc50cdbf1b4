"""Pieces: a stretch of XML cut at its quotes, each distinct value as a parser gives it."""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any
from xml.parsers import expat

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc

#: Bytes that make a value unusual: control characters, & and <, and the first byte of U+FFFE
#: and U+FFFF.
_UNUSUAL = np.isin(np.arange(256), [*range(0x20), ord("&"), ord("<"), 0xEF])
#: How far into a stretch the first quote is looked for, which is then the one that parts it.
_NEAR = 1 << 12
#: More different pieces of structure than this, and the stretch is not regular.
_STRUCTURES = 1024
#: Fewer values than this are not worth more than a parser.
_FEW = 200
#: What the parser gives for each reference that XML knows; that of `&` comes last, for what it
#: leaves is no reference.
_REFERENCES = (
    ("&lt;", "<"),
    ("&gt;", ">"),
    ("&quot;", '"'),
    ("&apos;", "'"),
    ("&amp;", "&"),
)
#: Text with these references and nothing else that a parser might change or refuse.
_SIMPLE = r"^([^&<\x00-\x1f\x{fffe}\x{ffff}]|&(amp|lt|gt|quot|apos);)*$"
Codes = Any  # np.ndarray[Any, np.dtype[np.intp]]: codes of texts, -1 where absent


class Unusual(Exception):  # noqa: N818
    """Raised where a stretch is not regular; never leaves the fast lane."""


@dataclass(frozen=True)
class Pieces:
    """Pieces of a stretch: structure and the value behind it, by turns.

    Parameters
    ----------
    texts
        Values as written: one text for each distinct pair of structure and value, then one for
        each value that was taken as it is.
    owners
        For each text the place of the structure before it.
    values
        For each value the place of its text.
    structures
        Distinct texts outside quotes.
    structure
        For each value the place of the structure before it; the last one is behind all values.
    quote
        Quote at which the stretch was cut.
    data
        Bytes of the stretch, and perhaps more behind them.
    size
        How many are of the stretch.
    offsets
        Where the structure before each value begins in them, and that behind all values.
    """

    texts: pa.Array
    owners: Codes
    values: Codes
    structures: list[str]
    structure: Codes
    quote: str
    data: bytes
    size: int
    offsets: Any

    def differing(self) -> list[str]:
        """Structures before values most of which differ: to encode these is of no use."""
        count = len(self.structures)
        values = np.bincount(self.structure[:-1], minlength=count)
        texts = np.bincount(self.owners, minlength=count)
        differing = np.flatnonzero((texts * 2 > values) & (values > 1))
        most_first = sorted(differing.tolist(), key=lambda code: -int(values[code]))
        return [self.structures[code] for code in most_first]


def cut(data: bytes, size: int, differing: Sequence[bytes] = ()) -> Pieces:
    """Cut inside every pair of quotes of the first one's kind, and encode the pieces.

    A value and the structure before it are encoded as one text: these are half as many. Values
    behind structures that are `differing` are taken as they are.
    """
    first_quote = re.search(b"[\"']", data[:_NEAR])
    quote = first_quote[0] if first_quote else b'"'
    stretch = np.frombuffer(data, np.uint8, size)
    quotes = np.flatnonzero(stretch == quote[0])
    if len(quotes) % 2 or not len(quotes):
        raise Unusual
    parts = np.empty(len(quotes) + 1, np.int32)
    parts[0] = 0
    parts[1::2] = quotes[0::2] + 1
    parts[2::2] = quotes[1::2]
    offsets = parts[0::2].copy()
    places, kinds = _differing_places(stretch, parts, differing)
    encoded = _texts(offsets, data, without=places).dictionary_encode()
    structures, texts = _parted(encoded.dictionary, quote)
    raw = _texts(parts, data).take(pa.array(2 * places + 1))
    last = data[int(offsets[-1]) : size]
    more = pa.array([*differing, last], pa.binary()).view(pa.utf8())
    known = pa.concat_arrays([structures, more]).dictionary_encode()
    if len(known.dictionary) > _STRUCTURES:
        raise Unusual
    codes = known.indices.to_numpy().astype(np.int16)
    owners = np.append(codes[: len(texts)], codes.take(len(texts) + kinds))
    # Wide numbers and `take` find their places three times as fast as narrow ones.
    values = encoded.indices.fill_null(0).to_numpy().astype(np.intp)
    values[places] = len(texts) + np.arange(len(places))
    structure = np.append(owners.take(values), codes[-1])
    return Pieces(
        pa.concat_arrays([texts, raw]),
        owners,
        values,
        known.dictionary.to_pylist(),
        structure,
        quote.decode(),
        data,
        size,
        offsets,
    )


def _differing_places(
    stretch: Any, parts: Any, differing: Sequence[bytes]
) -> tuple[Codes, Codes]:
    """Places of the values behind some structures, and which of these is before each."""
    starts = parts[0:-1:2]
    lengths = parts[1::2] - starts
    found = [np.empty(0, np.intp)]
    kinds = [np.empty(0, np.intp)]
    for kind, text in enumerate(differing):
        places = np.flatnonzero(lengths == len(text))
        at = starts.take(places).astype(np.intp)
        same = places > 0
        for byte in text:
            same &= stretch.take(at) == byte
            at += 1
        found.append(places[same])
        kinds.append(np.full(len(found[-1]), kind))
    return np.concatenate(found), np.concatenate(kinds)


def _texts(offsets: Any, data: Any, without: Codes | None = None) -> pa.Array:
    """Array of the texts between offsets, null at some places."""
    bits = None
    if without is not None and len(without):
        present = np.ones(len(offsets) - 1, bool)
        present[without] = False
        bits = pa.py_buffer(np.packbits(present, bitorder="little"))
    buffers = [bits, pa.py_buffer(offsets), pa.py_buffer(data)]
    return pa.Array.from_buffers(pa.utf8(), len(offsets) - 1, buffers)


def _parted(pairs: pa.Array, quote: bytes) -> tuple[pa.Array, pa.Array]:
    """Structure and value of distinct pairs.

    The first pair has one quote, at the end of its structure; all others begin with another.
    """
    _, ends_of_pairs, data = pairs.buffers()
    ends = np.frombuffer(ends_of_pairs, np.int32, len(pairs) + 1)
    quotes = np.flatnonzero(np.frombuffer(data, np.uint8, ends[-1]) == quote[0])
    offsets = np.empty(2 * len(pairs) + 1, np.int32)
    offsets[0::2] = ends
    offsets[1::2] = quotes[0::2] + 1
    parts = _texts(offsets, data)
    places = np.arange(0, len(parts), 2)
    return parts.take(pa.array(places)), parts.take(pa.array(places + 1))


def decoded(pieces: Pieces, extra: list[str]) -> pa.Array:
    """Texts of values as the parser would give them, and further ones."""
    texts = pieces.texts
    try:
        texts.validate(full=True)
    except pa.ArrowInvalid:
        raise Unusual from None
    unusual = pa.array(_unusual(texts))
    parsed = _parsed(texts.filter(unusual), pieces.quote)
    if len(parsed):
        texts = pc.replace_with_mask(texts, unusual, parsed)
    return pa.concat_arrays([texts, pa.array(extra, pa.string())])


def _unusual(texts: pa.Array) -> Any:
    """Texts with a byte that a parser might change or refuse."""
    _, offsets, data = texts.buffers()
    ends = np.frombuffer(offsets, np.int32, len(texts) + 1)
    text_bytes = np.frombuffer(data, np.uint8, ends[-1])
    places = np.flatnonzero(_UNUSUAL[text_bytes])
    owners = np.searchsorted(ends, places, "right") - 1
    unusual = np.zeros(len(texts), bool)
    unusual[owners] = True
    return unusual


def _parsed(texts: pa.Array, quote: str) -> pa.Array:
    """Values as a parser gives them: those with nothing but the five references at once."""
    if len(texts) < _FEW:
        return pa.array(_values(texts.to_pylist(), quote), pa.string())
    simple = pc.match_substring_regex(texts, _SIMPLE)
    resolved = texts.filter(simple)
    for reference, sign in _REFERENCES:
        resolved = pc.replace_substring(resolved, reference, sign)
    others = _values(texts.filter(pc.invert(simple)).to_pylist(), quote)
    parsed = pc.replace_with_mask(texts, simple, resolved)
    return pc.replace_with_mask(parsed, pc.invert(simple), pa.array(others, pa.string()))


def _values(texts: list[str], quote: str) -> list[str]:
    """Values as a parser gives them: references resolved, white space normalised.

    None has a quote in it, at which the stretch was cut: each is one value whatever it holds.
    """
    values: list[str] = []
    parser = expat.ParserCreate("utf-8")
    parser.ordered_attributes = True
    parser.StartElementHandler = lambda _, attributes: values.extend(attributes[1:])
    elements = f"{quote}/><v a={quote}".join(texts)
    try:
        parser.Parse(f"<r><v a={quote}{elements}{quote}/></r>".encode(), True)
    except expat.ExpatError:
        raise Unusual from None
    if len(values) != max(len(texts), 1):
        raise Unusual
    return values[: len(texts)]
