"""Skeleton: a message without its bulk, parsed strictly, and where in the file the bulk stands.

The bulk of a data message are the objects `series` and `observations` of its data sets. Everything else is
small and parsed by the standard library with every number kept as its text and every repeated name refused.
"""

from __future__ import annotations

import json
from collections.abc import Iterator
from dataclasses import dataclass, field
from typing import IO, Any

from ilms_sdmx.errors import MessageError
from ilms_sdmx.messages.json.tokens import (
    CLOSE_ARRAY,
    CLOSE_OBJECT,
    DEEPEST,
    OPEN_ARRAY,
    OPEN_OBJECT,
    Tokens,
    tokens,
)

#: Bytes that are looked at at once: few enough that all that is known of them stays in the processor's cache.
BLOCK = 1 << 20
#: What may stand outside the bulk, or in one entry of it.
LARGEST = 256 << 20
BULK = frozenset({"series", "observations"})
#: Brackets below this depth are never looked at one by one; above it no message has as many as this.
_SHALLOW = 5
_MANY = 250_000
#: Longest way from a bracket back to the start of the name before it.
_FAR = 4096


class Number(str):
    """Number as it stands in the message."""

    __slots__ = ()


@dataclass(frozen=True)
class Region:
    """Bulk object of a data set: its name, and the bytes between its braces."""

    dataset: int
    name: str
    start: int
    end: int
    nested: bool = False


@dataclass
class Skeleton:
    """Message without its bulk (`document`) and the regions of its bulk in file order."""

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
    """Value of one piece of a message, as `strict` gives it; what is no JSON raises MessageError."""
    try:
        return strict(piece)
    except json.JSONDecodeError:
        raise MessageError(f"expected a JSON value, found {piece[:40]!r}") from None
    except RecursionError:
        raise MessageError("a value is nested too deep") from None


def _unique(pairs: list[tuple[str, Any]]) -> dict[str, Any]:
    """Object of its members; a name may be repeated only with the same value."""
    found: dict[str, Any] = {}
    for name, value in pairs:
        if found.setdefault(name, value) != value:
            raise MessageError(
                f"the name {name!r} has two values in one object: which one holds cannot be known"
            )
    return found


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
    for start, text, found in _pieces(stream, name):
        scan.piece(start, text, found)
    return Skeleton(scan.document(stream, name), scan.regions)


def _pieces(stream: IO[bytes], name: str) -> Iterator[tuple[int, bytes, Tokens]]:
    """Text in pieces that end after a closing bracket, with their offsets and brackets."""
    start, text = 0, b""
    while more := stream.read(
        max(BLOCK, len(text))
    ):  # what is longer than a block is looked at rarely
        text += more
        found = tokens(text, brackets=True)
        count = _cut(found)
        if count:
            end = int(found.at[count - 1]) + 1
            _check_utf8(stream, name, start, text[:end])
            yield start, text[:end], found.first(count)
            start, text = start + end, text[end:]
        elif len(text) > LARGEST:
            raise MessageError(
                f"{name}: a text longer than {LARGEST >> 20} MB at byte {start}: refused"
            )
    _check_utf8(stream, name, start, text)
    yield start, text, tokens(text, brackets=True)


def _check_utf8(stream: IO[bytes], name: str, start: int, text: bytes) -> None:
    try:
        text.decode()
    except UnicodeDecodeError as error:
        raise MessageError(
            f"{name}: line {line(stream, start + error.start)}: not UTF-8"
        ) from None


def _cut(found: Tokens) -> int:
    """Count the tokens up to the last closing bracket; what opens belongs to what follows."""
    import numpy as np

    ends = np.flatnonzero(np.isin(found.kind, [CLOSE_ARRAY, CLOSE_OBJECT]))
    return int(ends[-1]) + 1 if len(ends) else 0


@dataclass
class _Open:
    """Container that is open: its bracket, the name it has in its parent, and how many children came."""

    kind: int
    name: str
    children: int = 0


@dataclass
class _Scan:
    """State of the search for the bulk, piece by piece."""

    regions: list[Region] = field(default_factory=list)
    _open: list[_Open] = field(default_factory=list)
    _depth: int = 0
    _bulk: tuple[int, str, int, int] | None = None  # data set, name, start, depth inside
    _deepest: int = 0
    _kept: list[tuple[int, bytes]] = field(default_factory=list)
    _size: int = 0

    def piece(self, start: int, text: bytes, found: Tokens) -> None:
        """Look at the next piece of the file."""
        import numpy as np

        found = found.first(len(found), self._depth)
        if len(found) and found.depth.max() > DEEPEST:
            raise MessageError(f"nested more than {DEEPEST} deep: no SDMX message is")
        before = found.before
        opens = (found.kind == OPEN_OBJECT) | (found.kind == OPEN_ARRAY)
        closes = (found.kind == CLOSE_OBJECT) | (found.kind == CLOSE_ARRAY)
        near = np.flatnonzero(
            (opens & (found.depth <= _SHALLOW)) | (closes & (before <= _SHALLOW))
        )
        kept_from = 0 if self._bulk is None else len(text)
        skip_to = 0
        if self._bulk is not None:
            skip_to, kept_from = self._leave(0, near, found, before, start, len(text))
        i = skip_to
        while i < len(near):
            at = int(near[i])
            if opens[at]:
                if self._enter(at, found, text, start):
                    self._keep(start + kept_from, text[kept_from : int(found.at[at]) + 1])
                    i, kept_from = self._leave(i + 1, near, found, before, start, len(text))
                    continue
            elif self._open:
                self._open.pop()
            i += 1
        if self._bulk is None:
            self._keep(start + kept_from, text[kept_from:])
        if len(found):
            self._depth = int(found.depth[-1])

    def _enter(self, at: int, found: Tokens, text: bytes, start: int) -> bool:
        """Open a container; whether it is bulk."""
        kind = int(found.kind[at])
        parent = self._open[-1] if self._open else _Open(0, "")
        name = _name(int(found.at[at]), text) if parent.kind == OPEN_OBJECT else ""
        number = parent.children
        parent.children += 1
        if parent.children > _MANY:
            raise MessageError(
                f"more than {_MANY:,} objects in one list of the structure: refused"
            )
        inside = [o.name for o in self._open[-2:]]
        if (
            kind == OPEN_OBJECT
            and name in BULK
            and len(inside) == 2
            and inside == ["dataSets", ""]
        ):
            number = self._open[-2].children - 1
            self._bulk = (number, name, start + int(found.at[at]) + 1, int(found.depth[at]))
            self._deepest = 0
            return True
        self._open.append(_Open(kind, name))
        return False

    def _leave(
        self, i: int, near: Any, found: Tokens, before: Any, start: int, length: int
    ) -> tuple[int, int]:
        """Find the end of the bulk: index of the next bracket to look at, and from where text is kept."""
        import numpy as np

        assert self._bulk is not None
        number, name, begin, depth = self._bulk
        first = int(near[i - 1]) if i else -1
        closing = np.flatnonzero(
            (before[first + 1 :] == depth) & (found.depth[first + 1 :] == depth - 1)
        )
        end = first + 1 + int(closing[0]) if len(closing) else len(found)
        within = found.depth[first + 1 : end]
        self._deepest = max(self._deepest, int(within.max()) - depth if len(within) else 0)
        if not len(closing):
            return len(near), length
        finish = start + int(found.at[end])
        usual = 1 if name == "observations" else 3
        self.regions.append(Region(number, name, begin, finish, self._deepest > usual))
        self._bulk = None
        return int(np.searchsorted(near, end, side="right")), int(found.at[end])

    def _keep(self, start: int, text: bytes) -> None:
        self._kept.append((start, text))
        self._size += len(text)
        if self._size > LARGEST:
            raise MessageError(
                f"more than {LARGEST >> 20} MB outside of series and observations: refused"
            )

    def document(self, stream: IO[bytes], name: str) -> dict[str, Any]:
        """Parse what was kept."""
        text = b"".join(part for _, part in self._kept)
        try:
            document = strict(text.decode())
        except json.JSONDecodeError as error:
            place = self._place(stream, len(text.decode()[: error.pos].encode()))
            found = text.decode()[error.pos :][:20]
            raise MessageError(
                f"{name}: {place}: no JSON: {error.msg}, found {found!r}"
            ) from None
        except RecursionError:
            raise MessageError(f"{name}: nested too deep: no SDMX message is") from None
        except MessageError as error:
            raise MessageError(f"{name}: {error}") from None
        if not isinstance(document, dict):
            raise MessageError(
                f"{name}: line 1: expected a JSON object, found {type(document).__name__}"
            )
        return document

    def _place(self, stream: IO[bytes], position: int) -> str:
        """Line in the file of a position in the kept text."""
        for start, part in self._kept:
            if position <= len(part):
                return f"line {line(stream, start + position)}"
            position -= len(part)
        return "at the end"


def _name(end: int, text: bytes) -> str:
    """Name of the member whose value opens at a position; empty if that is none that is looked for."""
    start = max(0, end - _FAR)
    close = text.rfind(b'"', start, end)
    begin = text.rfind(b'"', start, max(close, start))
    if (
        begin < 0
        or text[begin - 1 : begin] == b"\\"
        or text[close + 1 : end].strip(b" \t\r\n") != b":"
    ):
        return ""
    return text[begin + 1 : close].decode(errors="replace")


def line(stream: IO[bytes], offset: int) -> int:
    """Line of a byte of the file, from 1."""
    stream.seek(0)
    lines, left = 1, offset
    while left > 0 and (text := stream.read(min(left, BLOCK))):
        lines += text.count(b"\n")
        left -= len(text)
    return lines
