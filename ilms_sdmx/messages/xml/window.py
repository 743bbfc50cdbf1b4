"""Window: the bytes of a stream from some position on, with the lines before it counted."""

from __future__ import annotations

from typing import IO

import numpy as np

_READ = 1 << 20
#: From so many bytes on line ends are counted all at once, far faster than one by one.
_MANY = 1 << 12
#: Bytes that are compared at once: they stay in the cache until they are counted.
_PIECE = 1 << 17


class Window:
    """Bytes ahead of a position in a stream.

    Parameters
    ----------
    stream
        Where the bytes come from.

    Attributes
    ----------
    start
        Position of the next byte.
    lines
        Number of line ends before it.
    """

    def __init__(self, stream: IO[bytes]) -> None:
        self.start = 0
        self.lines = 0
        self._stream = stream
        self._data = b""
        self._at = 0
        self._ended = False

    def block(self, size: int) -> bytes:
        """Next bytes, at most `size`; empty only at the end of the stream."""
        if self._at == len(self._data):
            self._fill(_READ)
        return self._data[self._at : self._at + size]

    def ahead(self, size: int) -> bytes:
        """Next bytes, `size` of them unless the stream ends before."""
        if len(self._data) - self._at < size:
            self._fill(size)
        return self._data[self._at : self._at + size]

    def drop(self, size: int) -> None:
        """Move on."""
        end = self._at + size
        self.lines += _line_ends(self._data, self._at, size)
        self.start += size
        self._at = end

    def _fill(self, size: int) -> None:
        """Have at least `size` bytes ahead, unless the stream ends before."""
        rest = self._data[self._at :]
        parts = [rest]
        missing = size - len(rest)
        while missing > 0 and not self._ended:
            # No more than is missing: the stretch is then not copied again.
            part = self._stream.read(missing)
            self._ended = not part
            parts.append(part)
            missing -= len(part)
        self._data = b"".join(parts)
        self._at = 0


def _line_ends(data: bytes, start: int, size: int) -> int:
    """Number of line ends among some bytes."""
    if size < _MANY:
        return data.count(b"\n", start, start + size)
    part = np.frombuffer(data, np.uint8, size, start)
    count = 0
    for begin in range(0, size, _PIECE):
        piece = part[begin : begin + _PIECE]
        count += int(np.count_nonzero(piece == ord("\n")))
    return count
