"""Lines: a CSV file cut into pieces of whole records, with every quote checked."""

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
    """Whole records, the last with its line end.

    Parameters
    ----------
    data
        Their bytes.
    line
        Number of the first line.
    """

    data: bytes
    line: int

    @property
    def lines(self) -> int:
        """Number of line ends; where there are many, far faster than `bytes.count`."""
        data = np.frombuffer(self.data, np.uint8)
        return int(np.count_nonzero(data == _NEWLINE))

    def line_at(self, position: int) -> int:
        """Line of a byte of the piece."""
        return self.line + self.data.count(b"\n", 0, position)

    def line_of(self, record: str) -> int | None:
        """Line at which the text of a record starts, None if it is not in the piece."""
        text = re.escape(record.encode())
        match = re.search(rb"^" + text + rb"(?=[\r\n]|$)", self.data, re.MULTILINE)
        return self.line_at(match.start()) if match else None


def pieces(
    stream: IO[bytes], separator: str, name: str, size: int = PIECE, *, line: int = 1
) -> Iterator[Piece]:
    """Pieces of a file from some line on, valid UTF-8 and with quotes only where they belong.

    The CSV parser takes `"a"b"` for `ab` and an open quote at the end of the file for a closed
    one: both would change data silently. Between two quotes anything goes; outside, a quote may
    only be next to a separator, a line end or another quote.

    Raises
    ------
    MessageError
        A quote in the middle of a field or never closed, a byte that is not UTF-8, or a record
        longer than `LONGEST`.
    """
    allowed = _allowed(separator)
    rest = b""
    while block := stream.read(size):
        rest = rest + block if rest else block
        quotes = _places(rest, _QUOTE)
        end = _end(rest, quotes)
        piece = Piece(rest[:end], line)
        _check(piece, quotes[: np.searchsorted(quotes, end)], allowed, name)
        if end:
            yield piece
            line += piece.lines
            rest = rest[end:]
        if len(rest) > LONGEST:
            raise _too_long(Piece(rest, line), allowed, name)
    if rest:
        if rest[-1] not in (_NEWLINE, _RETURN):
            rest += b"\n"
        yield _last(Piece(rest, line), allowed, name)


def _allowed(separator: str) -> Allowed:
    """Which bytes may be next to a quote, outside of it."""
    return np.isin(np.arange(256), [ord(separator), _QUOTE, _NEWLINE, _RETURN])


def _places(data: bytes, byte: int) -> Places:
    """Positions of a byte; that there are none is found in no time."""
    if byte not in data:
        return np.empty(0, np.int64)
    return np.flatnonzero(np.frombuffer(data, np.uint8) == byte)


def _end(data: bytes, quotes: Places) -> int:
    r"""Where the last whole record ends; a `\r` at the very end may be half of a line end."""
    end = len(data) - data.endswith(b"\r")
    while True:
        place = max(data.rfind(b"\n", 0, end), data.rfind(b"\r", 0, end))
        if place < 0:
            return 0
        before = int(np.searchsorted(quotes, place))
        if before % 2 == 0:
            return place + 1
        # The line end is inside quotes: go on before the one that opens.
        end = int(quotes[before - 1])


def _last(piece: Piece, allowed: Allowed, name: str) -> Piece:
    """Piece at the end of the file, where no quoted field may be open."""
    quotes = _places(piece.data, _QUOTE)
    _check(piece, quotes, allowed, name)
    if len(quotes) % 2:
        line = piece.line_at(int(quotes[-1]))
        raise MessageError(f"{name}: line {line}: a quoted field is never closed")
    return piece


def _too_long(piece: Piece, allowed: Allowed, name: str) -> MessageError:
    """Error about a record without end: often a quote in the wrong place is why."""
    _neighbours(piece, _places(piece.data, _QUOTE), allowed, name)
    what = f"a record is longer than {LONGEST >> 20} MB, or a quote is never closed"
    return MessageError(f"{name}: line {piece.line}: {what}")


def _check(piece: Piece, quotes: Places, allowed: Allowed, name: str) -> None:
    """Refuse a piece that is not UTF-8 or has a quote where none belongs."""
    _decode(piece, name)
    if len(quotes):
        _neighbours(piece, quotes, allowed, name)


def _decode(piece: Piece, name: str) -> None:
    """Refuse what is not UTF-8: the parser would only say in which block."""
    offsets = pa.array([0, len(piece.data)], pa.int32()).buffers()[1]
    buffers = [None, offsets, pa.py_buffer(piece.data)]
    text = pa.Array.from_buffers(pa.utf8(), 1, buffers)
    try:
        text.validate(full=True)
    except pa.ArrowInvalid:
        _refuse_bytes(piece, name)


def _refuse_bytes(piece: Piece, name: str) -> None:
    """Name the line of the first byte that is not UTF-8."""
    try:
        piece.data.decode()
    except UnicodeDecodeError as error:
        line = piece.line_at(error.start)
        fix = "convert it, or mark its encoding by a byte order mark"
        raise MessageError(f"{name}: line {line}: not UTF-8; {fix}") from None


def _neighbours(piece: Piece, quotes: Places, allowed: Allowed, name: str) -> None:
    """Refuse a quote that opens or closes in the middle of a field.

    An opening one has its neighbour before it, a closing one behind it.
    """
    text = np.frombuffer(piece.data, np.uint8)
    opening = quotes[0::2]
    opening = opening[opening > 0]
    closing = quotes[1::2]
    closing = closing[closing < len(text) - 1]
    wrong_opening = opening[~allowed[text[opening - 1]]]
    wrong_closing = closing[~allowed[text[closing + 1]]]
    wrong = np.concatenate([wrong_opening, wrong_closing])
    if len(wrong):
        line = piece.line_at(int(wrong.min()))
        raise MessageError(
            f"{name}: line {line}: a quote in the middle of a field; expected the field to be "
            'quoted as a whole and its quotes doubled (RFC 4180): "5"" pipe"'
        )
