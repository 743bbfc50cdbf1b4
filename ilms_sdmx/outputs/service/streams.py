"""Streams: a message that is written while it is sent, in bounded memory."""

from __future__ import annotations

import io
import queue
import threading
from collections.abc import Callable, Iterator
from typing import IO, Any

#: Bytes of a piece, and pieces that wait until the client takes them.
PIECE, _WAITING = 128 * 1024, 4
#: Seconds after which a wait looks whether the other side has gone.
_LOOK = 0.5


class _Pipe(io.RawIOBase):
    """File whose bytes are taken by another thread, a piece at a time."""

    def __init__(self) -> None:
        self.pieces: queue.Queue[bytes | BaseException | None] = queue.Queue(_WAITING)
        self._buffer = bytearray()
        self.has_left = threading.Event()

    def writable(self) -> bool:
        return True

    def write(self, data: Any) -> int:
        self._buffer += data
        if len(self._buffer) >= PIECE:
            self.hand_over()
        return len(data)

    def hand_over(self) -> None:
        """Give what has been written so far to who sends it."""
        if self._buffer:
            self.put(bytes(self._buffer))
            self._buffer.clear()

    def put(self, piece: bytes | BaseException | None) -> None:
        """Wait until there is room for a piece.

        Raises
        ------
        BrokenPipeError
            Who reads has gone.
        """
        while not self.has_left.is_set():
            try:
                self.pieces.put(piece, timeout=_LOOK)
            except queue.Full:
                continue
            return
        raise BrokenPipeError("the client has gone")


class Stream:
    """Bytes of a message that a thread writes; they end early where nobody reads them.

    Parameters
    ----------
    write
        Writes the message into a file that it is given.
    """

    def __init__(self, write: Callable[[IO[bytes]], None]) -> None:
        self._pipe = _Pipe()
        self._write = write
        self._begun: bytes | None = None
        self._has_ended = False
        self._thread = threading.Thread(target=self._run, daemon=True)
        self._thread.start()

    def _run(self) -> None:
        pipe: Any = self._pipe
        end: BaseException | None = None
        try:
            self._write(pipe)
            pipe.hand_over()
        except BrokenPipeError:
            return
        except Exception as error:
            end = error
        try:
            pipe.put(end)
        except BrokenPipeError:
            return

    def begin(self) -> bytes | None:
        """Wait for the first piece; the whole message where there is no other.

        An error of the writer is raised here.
        """
        first = self.next()
        if len(first) < PIECE:
            second = self.next() if first else b""
            if not second:
                return first
            first += second
        self._begun = first
        return None

    def next(self) -> bytes:
        """Next piece, empty at the end; an error of the writer is raised here."""
        if self._begun is not None:
            begun = self._begun
            self._begun = None
            return begun
        if self._has_ended:
            return b""
        piece = self._pipe.pieces.get()
        if isinstance(piece, bytes):
            return piece
        self._has_ended = True
        if piece is not None:
            raise piece
        return b""

    def close(self) -> None:
        """Let the writer end where it is."""
        self._pipe.has_left.set()

    def __iter__(self) -> Iterator[bytes]:
        return iter(self.next, b"")
