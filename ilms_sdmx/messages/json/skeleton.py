"""Skeleton: a message without its bulk, parsed strictly, and where in the file the bulk is.

The bulk of a data message are the objects `series` and `observations` of its data sets.
Everything else is small and parsed by the standard library with every number kept as its text
and every repeated name refused.
"""

from __future__ import annotations

import json
from collections.abc import Iterator
from dataclasses import dataclass, field, replace
from typing import IO, Any

from ilms_sdmx.errors import MessageError
from ilms_sdmx.messages.json.tokens import (
    CLOSE_ARRAY,
    CLOSE_OBJECT,
    DEEPEST,
    OPEN_ARRAY,
    OPEN_OBJECT,
    Tokens,
    tokens_of,
)

#: Bytes that are looked at at once: few enough that what is known of them stays in the
#: processor's cache.
BLOCK = 1 << 20
#: Most bytes outside the bulk, or in one entry of it.
LARGEST = 256 << 20
BULK = frozenset({"series", "observations"})
#: Brackets below this depth are never looked at one by one; above it no message has as many as
#: this.
_SHALLOW = 5
_MANY = 250_000
#: Most bytes from a bracket back to the start of the name before it.
_FAR = 4096


class Number(str):
    """Number as it is written in the message."""

    __slots__ = ()


@dataclass(frozen=True)
class Region:
    """Bulk object of a data set.

    Parameters
    ----------
    dataset
        Position of the data set.
    name
        `series` or `observations`.
    start, end
        The bytes between its braces.
    nested
        Whether it has lists or maps as values.
    """

    dataset: int
    name: str
    start: int
    end: int
    nested: bool = False


@dataclass
class Skeleton:
    """Message without its bulk.

    Parameters
    ----------
    document
        Its parsed object.
    regions
        Regions of its bulk in file order.
    """

    document: dict[str, Any]
    regions: list[Region]


def strict(text: str | bytes) -> Any:
    """Value of a JSON text: numbers as `Number`, repeated names refused.

    Raises
    ------
    json.JSONDecodeError, MessageError
        The text is no JSON; an object has two members of one name.
    """
    return _DECODER.decode(text if isinstance(text, str) else text.decode())


def parsed(piece: str) -> Any:
    """Value of one piece of a message, as of `strict`; what is no JSON raises MessageError."""
    try:
        return strict(piece)
    except json.JSONDecodeError:
        raise MessageError(f"expected a JSON value, found {piece[:40]!r}") from None
    except RecursionError:
        raise MessageError("a value is nested too deep") from None


def _unique(pairs: list[tuple[str, Any]]) -> dict[str, Any]:
    """Object of its members; a name may be repeated only with the same value."""
    members: dict[str, Any] = {}
    for name, value in pairs:
        if members.setdefault(name, value) != value:
            raise MessageError(
                f"the name {name!r} has two values in one object: "
                "which one holds cannot be known"
            )
    return members


def _refuse(name: str) -> Any:
    raise MessageError(f'{name} is no JSON; expected a number, or the text "{name}"')


_DECODER = json.JSONDecoder(
    object_pairs_hook=_unique, parse_float=Number, parse_int=Number, parse_constant=_refuse
)


def read(stream: IO[bytes], name: str) -> Skeleton:
    """Skeleton of a message; the stream is at its start and is left somewhere else.

    Raises
    ------
    MessageError
        The text is no JSON object, is cut off, or has a repeated name; names the line.
    """
    scan = _Scan()
    for piece in _pieces(stream, name):
        scan.take(piece)
    return Skeleton(scan.document(stream, name), scan.regions)


@dataclass(frozen=True)
class _Piece:
    """Piece of the file: where it starts, its text, its brackets."""

    start: int
    text: bytes
    tokens: Tokens


def _pieces(stream: IO[bytes], name: str) -> Iterator[_Piece]:
    """Text in pieces that end after a closing bracket, with their offsets and brackets."""
    start = 0
    text = b""
    block = stream.read(BLOCK)
    while block:
        text += block
        tokens = tokens_of(text, brackets=True)
        count = _cut(tokens)
        if count:
            end = int(tokens.at[count - 1]) + 1
            _check_utf8(stream, name, start, text[:end])
            yield _Piece(start, text[:end], tokens.first(count))
            start += end
            text = text[end:]
        elif len(text) > LARGEST:
            size = f"{LARGEST >> 20} MB"
            raise MessageError(f"{name}: a text longer than {size} at byte {start}: refused")
        # A text longer than a block is looked at rarely: each time it is twice as long.
        block = stream.read(max(BLOCK, len(text)))
    _check_utf8(stream, name, start, text)
    yield _Piece(start, text, tokens_of(text, brackets=True))


def _check_utf8(stream: IO[bytes], name: str, start: int, text: bytes) -> None:
    """Refuse a text that is not UTF-8."""
    try:
        text.decode()
    except UnicodeDecodeError as error:
        place = f"line {line(stream, start + error.start)}"
        raise MessageError(f"{name}: {place}: not UTF-8") from None


def _cut(tokens: Tokens) -> int:
    """Count the tokens up to the last closing bracket; what opens belongs to what follows."""
    import numpy as np

    closing = np.isin(tokens.kind, [CLOSE_ARRAY, CLOSE_OBJECT])
    ends = np.flatnonzero(closing)
    return int(ends[-1]) + 1 if len(ends) else 0


@dataclass
class _Open:
    """Container that is open.

    Parameters
    ----------
    kind
        Its bracket.
    name
        Name that it has in its parent.
    children
        How many containers in it came so far.
    """

    kind: int
    name: str
    children: int = 0


@dataclass(frozen=True)
class _Bulk:
    """Bulk object that is open: its data set, name, start, and the depth inside it."""

    dataset: int
    name: str
    start: int
    depth: int


@dataclass
class _Scan:
    """State of the search for the bulk, piece by piece.

    Parameters
    ----------
    regions
        Regions that have ended.
    """

    regions: list[Region] = field(default_factory=list)
    _open: list[_Open] = field(default_factory=list)
    _depth: int = 0
    _bulk: _Bulk | None = None
    _deepest: int = 0
    _kept: list[tuple[int, bytes]] = field(default_factory=list)
    _size: int = 0

    def take(self, piece: _Piece) -> None:
        """Look at the next piece of the file."""
        tokens = piece.tokens.first(len(piece.tokens), self._depth)
        if len(tokens) and tokens.depth.max() > DEEPEST:
            raise MessageError(f"nested more than {DEEPEST} deep: no SDMX message is")
        piece = replace(piece, tokens=tokens)
        near = _near(tokens)
        place = 0
        kept_from = 0
        if self._bulk is not None:
            place, kept_from = self._leave(self._bulk, piece, near, 0)
        while place < len(near):
            token = int(near[place])
            place += 1
            if tokens.kind[token] not in (OPEN_OBJECT, OPEN_ARRAY):
                if self._open:
                    self._open.pop()
                continue
            self._enter(piece, token)
            if self._bulk is not None:
                end = int(tokens.at[token]) + 1
                self._keep(piece, kept_from, end)
                place, kept_from = self._leave(self._bulk, piece, near, place)
        if self._bulk is None:
            self._keep(piece, kept_from, len(piece.text))
        if len(tokens):
            self._depth = int(tokens.depth[-1])

    def _enter(self, piece: _Piece, token: int) -> None:
        """Open the container of a token: bulk, or one that is looked into."""
        kind = int(piece.tokens.kind[token])
        at = int(piece.tokens.at[token])
        parent = self._open[-1] if self._open else _Open(0, "")
        parent.children += 1
        if parent.children > _MANY:
            raise MessageError(
                f"more than {_MANY:,} objects in one list of the structure: refused"
            )
        name = _name(at, piece.text) if parent.kind == OPEN_OBJECT else ""
        in_dataset = [container.name for container in self._open[-2:]] == ["dataSets", ""]
        if kind == OPEN_OBJECT and name in BULK and in_dataset:
            dataset = self._open[-2].children - 1
            depth = int(piece.tokens.depth[token])
            self._bulk = _Bulk(dataset, name, piece.start + at + 1, depth)
            self._deepest = 0
            return
        self._open.append(_Open(kind, name))

    def _leave(self, bulk: _Bulk, piece: _Piece, near: Any, place: int) -> tuple[int, int]:
        """Find the end of the bulk, in which the brackets from `near[place]` on are.

        Gives the next place in `near` to look at, and from where on text is kept.
        """
        import numpy as np

        tokens = piece.tokens
        first = int(near[place - 1]) + 1 if place else 0
        before = tokens.before[first:]
        after = tokens.depth[first:]
        closing = np.flatnonzero((before == bulk.depth) & (after == bulk.depth - 1))
        count = int(closing[0]) if len(closing) else len(after)
        deepest = int(after[:count].max(initial=0))
        self._deepest = max(self._deepest, deepest - bulk.depth)
        if not len(closing):
            return len(near), len(piece.text)
        end = first + count
        at = int(tokens.at[end])
        usual = 1 if bulk.name == "observations" else 3
        nested = self._deepest > usual
        region = Region(bulk.dataset, bulk.name, bulk.start, piece.start + at, nested)
        self.regions.append(region)
        self._bulk = None
        return int(np.searchsorted(near, end, side="right")), at

    def _keep(self, piece: _Piece, start: int, end: int) -> None:
        """Keep a part of a piece as text outside the bulk."""
        text = piece.text[start:end]
        self._kept.append((piece.start + start, text))
        self._size += len(text)
        if self._size > LARGEST:
            size = f"{LARGEST >> 20} MB"
            raise MessageError(f"more than {size} outside of series and observations: refused")

    def document(self, stream: IO[bytes], name: str) -> dict[str, Any]:
        """Parse what was kept."""
        text = b"".join(part for _, part in self._kept).decode()
        try:
            document = strict(text)
        except json.JSONDecodeError as error:
            position = len(text[: error.pos].encode())
            place = self._place(stream, position)
            rest = text[error.pos :][:20]
            raise MessageError(
                f"{name}: {place}: no JSON: {error.msg}, found {rest!r}"
            ) from None
        except RecursionError:
            raise MessageError(f"{name}: nested too deep: no SDMX message is") from None
        except MessageError as error:
            raise MessageError(f"{name}: {error}") from None
        if not isinstance(document, dict):
            kind = type(document).__name__
            raise MessageError(f"{name}: line 1: expected a JSON object, found {kind}")
        return document

    def _place(self, stream: IO[bytes], position: int) -> str:
        """Line in the file of a position in the kept text."""
        for start, part in self._kept:
            if position <= len(part):
                return f"line {line(stream, start + position)}"
            position -= len(part)
        return "at the end"


def _near(tokens: Tokens) -> Any:
    """Brackets that are looked at one by one: those that are not deep."""
    import numpy as np

    opens = (tokens.kind == OPEN_OBJECT) | (tokens.kind == OPEN_ARRAY)
    closes = (tokens.kind == CLOSE_OBJECT) | (tokens.kind == CLOSE_ARRAY)
    shallow_open = opens & (tokens.depth <= _SHALLOW)
    shallow_close = closes & (tokens.before <= _SHALLOW)
    return np.flatnonzero(shallow_open | shallow_close)


def _name(end: int, text: bytes) -> str:
    """Name of the member whose value opens at a position; empty if it is not looked for."""
    start = max(0, end - _FAR)
    close = text.rfind(b'"', start, end)
    begin = text.rfind(b'"', start, max(close, start))
    if begin < 0 or text[begin - 1 : begin] == b"\\":
        return ""
    if text[close + 1 : end].strip(b" \t\r\n") != b":":
        return ""
    return text[begin + 1 : close].decode(errors="replace")


def line(stream: IO[bytes], offset: int) -> int:
    """Line of a byte of the file, from 1."""
    stream.seek(0)
    lines = 1
    while offset > 0:
        text = stream.read(min(offset, BLOCK))
        if not text:
            break
        lines += text.count(b"\n")
        offset -= len(text)
    return lines
