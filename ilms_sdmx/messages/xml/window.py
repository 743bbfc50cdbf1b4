"""Window: the bytes of a stream from some position on, with the lines before it counted."""

from __future__ import annotations

from typing import IO

_READ = 1 << 20


class Window:
    """Bytes ahead of a position in a stream.

    `start` is the position, `lines` the number of line ends before it.
    """

    def __init__(self, stream: IO[bytes]) -> None:
        self._stream, self._data, self._at = stream, b"", 0
        self.start, self.lines = 0, 0
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
        self.lines += self._data.count(b"\n", self._at, self._at + size)
        self.start += size
        self._at += size

    def _fill(self, size: int) -> None:
        """Have at least `size` bytes ahead, unless the stream ends before."""
        parts, have = [self._data[self._at :]], len(self._data) - self._at
        while have < size and not self._ended:
            part = self._stream.read(
                size - have
            )  # no more: the stretch is then not copied again
            self._ended = not part
            parts.append(part)
            have += len(part)
        self._data, self._at = b"".join(parts), 0
