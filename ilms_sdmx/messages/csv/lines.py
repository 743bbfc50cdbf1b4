"""Lines: a CSV file cut into pieces of whole records, checked for quotes that the parser would forgive."""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import dataclass
from typing import IO, TypeAlias

import numpy as np
import numpy.typing as npt
import pyarrow as pa

from ilms_sdmx.errors import MessageError

Places: TypeAlias = npt.NDArray[np.intp]
Allowed: TypeAlias = npt.NDArray[np.bool_]
_QUOTE, _NEWLINE, _RETURN = b'"\n\r'
#: Bytes that are read at once: small enough that memory is used again instead of asked for.
PIECE = 2 << 20
#: No record may be longer.
LONGEST = 4 << 20


@dataclass(frozen=True)
class Piece:
    """Whole records, the last with its line end; `line` is the number of the first line."""

    data: bytes
    line: int

    @property
    def lines(self) -> int:
        """Number of line ends; where they are frequent, many times faster than `bytes.count`."""
        return int(np.count_nonzero(np.frombuffer(self.data, np.uint8) == _NEWLINE))

    def line_at(self, position: int) -> int:
        """Line of a byte of the piece."""
        return self.line + self.data.count(b"\n", 0, position)

    def line_of(self, record: str) -> int | None:
        """Line at which the text of a record starts, None if it is not in the piece."""
        wanted = re.compile(rb"^" + re.escape(record.encode()) + rb"(?=[\r\n]|$)", re.MULTILINE)
        match = wanted.search(self.data)
        return self.line_at(match.start()) if match else None


def pieces(stream: IO[bytes], separator: str, name: str, size: int = PIECE) -> Iterator[Piece]:
    """Pieces of a file, each valid UTF-8 and with quotes only where they belong.

    The CSV parser takes `"a"b"` for `ab` and an open quote at the end of the file for a closed one: both
    would change data silently. Between two quotes anything goes; outside, a quote may only stand beside a
    separator, a line end or another quote.

    Raises
    ------
    MessageError
        A quote in the middle of a field or never closed, a byte that is not UTF-8, or a record longer than
        `LONGEST`.
    """
    beside = _beside(separator)
    line, rest = 1, b""
    while block := stream.read(size):
        rest += block
        quotes = _places(rest, _QUOTE)
        end = _end(rest, quotes)
        piece = Piece(rest[:end], line)
        _check(piece, quotes[: np.searchsorted(quotes, end)], beside, name)
        if end:
            yield piece
            line, rest = line + piece.lines, rest[end:]
        if len(rest) > LONGEST:
            raise _too_long(Piece(rest, line), beside, name)
    if rest:
        yield _last(
            Piece(rest if rest[-1] in (_NEWLINE, _RETURN) else rest + b"\n", line), beside, name
        )


def _beside(separator: str) -> Allowed:
    """Which bytes may stand outside a quote, beside it."""
    return np.isin(np.arange(256), [ord(separator), _QUOTE, _NEWLINE, _RETURN])


def _places(data: bytes, byte: int) -> Places:
    """Positions of a byte."""
    return np.flatnonzero(np.frombuffer(data, np.uint8) == byte)


def _end(data: bytes, quotes: Places) -> int:
    r"""Where the last record ends that is there whole; a `\r` at the very end may be half of a line end."""
    end = len(data) - data.endswith(b"\r")
    while (at := max(data.rfind(b"\n", 0, end), data.rfind(b"\r", 0, end))) >= 0:
        before = int(np.searchsorted(quotes, at))
        if before % 2 == 0:
            return at + 1
        end = int(quotes[before - 1])
    return 0


def _last(piece: Piece, beside: Allowed, name: str) -> Piece:
    """Piece at the end of the file, where no quoted field may be open."""
    quotes = _places(piece.data, _QUOTE)
    _check(piece, quotes, beside, name)
    if len(quotes) % 2:
        line = piece.line_at(int(quotes[-1]))
        raise MessageError(f"{name}: line {line}: a quoted field is never closed")
    return piece


def _too_long(piece: Piece, beside: Allowed, name: str) -> MessageError:
    """Complaint about a record without end: often a quote in the wrong place is why it does not end."""
    _neighbours(piece, _places(piece.data, _QUOTE), beside, name)
    what = f"a record is longer than {LONGEST >> 20} MB, or a quote is never closed"
    return MessageError(f"{name}: line {piece.line}: {what}")


def _check(piece: Piece, quotes: Places, beside: Allowed, name: str) -> None:
    _decode(piece, name)
    if len(quotes):
        _neighbours(piece, quotes, beside, name)


def _decode(piece: Piece, name: str) -> None:
    """Refuse what is not UTF-8: the parser would only say in which block."""
    offsets = pa.array([0, len(piece.data)], pa.int32()).buffers()[1]
    try:
        pa.Array.from_buffers(pa.utf8(), 1, [None, offsets, pa.py_buffer(piece.data)]).validate(
            full=True
        )
    except pa.ArrowInvalid:
        try:
            piece.data.decode()
        except UnicodeDecodeError as error:
            line = piece.line_at(error.start)
            fix = "convert it, or mark its encoding by a byte order mark"
            raise MessageError(f"{name}: line {line}: not UTF-8; {fix}") from None


def _neighbours(piece: Piece, quotes: Places, beside: Allowed, name: str) -> None:
    """Each quote that opens has its neighbour before it, each that closes the one after it."""
    text = np.frombuffer(piece.data, np.uint8)
    opening, closing = quotes[0::2], quotes[1::2]
    opening, closing = opening[opening > 0], closing[closing < len(text) - 1]
    wrong = np.concatenate(
        [opening[~beside[text[opening - 1]]], closing[~beside[text[closing + 1]]]]
    )
    if len(wrong):
        line = piece.line_at(int(wrong.min()))
        raise MessageError(
            f"{name}: line {line}: a quote in the middle of a field; expected the field to be quoted "
            'as a whole and its quotes doubled (RFC 4180): "5"" pipe"'
        )
