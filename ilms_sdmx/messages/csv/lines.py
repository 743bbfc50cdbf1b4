"""Lines: the bytes of a CSV file on their way to the parser, checked for quotes the parser would forgive."""

from __future__ import annotations

import codecs
import re
from collections import deque
from typing import IO, TYPE_CHECKING

from ilms_sdmx.errors import MessageError

if TYPE_CHECKING:
    import numpy as np

_QUOTE, _NEWLINE, _RETURN = b'"\n\r'


class Lines:
    """File object over `stream` that refuses misplaced quotes and knows the line of what it gave last.

    The CSV parser takes `"a"b"` for `ab` and an open quote at the end of the file for a closed one: both
    would change data silently. Between two quotes anything goes; outside, a quote may only stand beside a
    separator, a line end or another quote.
    """

    closed = False

    def __init__(self, stream: IO[bytes], separator: str, name: str) -> None:
        self._stream, self._name = stream, name
        self._beside = [ord(separator), _QUOTE, _NEWLINE, _RETURN]
        self._inside, self._last, self._given, self._opened = False, _NEWLINE, 0, 0
        self._decoder = codecs.getincrementaldecoder("utf-8")()
        self._recent: deque[tuple[int, bytes]] = deque(maxlen=4)

    def read(self, size: int = -1) -> bytes:
        """At most `size` bytes; the last line gets its line end if it has none."""
        data = self._filled(size)
        self._recent.append((self._given, data))
        self._check(data)
        self._given += data.count(b"\n")
        return data

    def _filled(self, size: int) -> bytes:
        """As many bytes as asked for, fewer only at the end: there an open quote or line is noticed."""
        parts, missing = [], size
        while missing and (part := self._stream.read(missing)):
            parts.append(part)
            missing -= len(part)
        data = b"".join(parts)
        ends = data[-1] if data else self._last
        return data + b"\n" if missing and ends not in (_NEWLINE, _RETURN) else data

    def _check(self, data: bytes) -> None:
        self._decode(data)
        if b'"' in data or self._last == _QUOTE:
            self._quotes(data)
        if data:
            self._last = data[-1]
        elif self._inside:
            raise MessageError(f"{self._name}: line {self._opened}: a quoted field is never closed")

    def _quotes(self, data: bytes) -> None:
        """Each quote that opens has its neighbour before it, each that closes the one after it."""
        import numpy as np

        text = np.frombuffer(data, np.uint8)
        beside = np.isin(np.arange(256), self._beside)
        if self._last == _QUOTE and not self._inside and len(text) and not beside[text[0]]:
            raise self._misplaced(data, 0)
        quotes = np.flatnonzero(text == _QUOTE)
        start = int(self._inside)  # the first quote closes when the block before ended inside
        opening, closing = quotes[start::2], quotes[1 - start :: 2]
        self._refuse(data, opening, _before(text, opening, self._last), beside)
        closing = closing[closing < len(text) - 1]
        self._refuse(data, closing, text[closing + 1], beside)
        self._inside = (len(quotes) + start) % 2 == 1
        if self._inside and len(opening):
            self._opened = self._line(data, int(opening[-1]))

    def _refuse(self, data: bytes, quotes: np.ndarray, neighbours: np.ndarray, beside: np.ndarray) -> None:
        wrong = quotes[~beside[neighbours]]
        if len(wrong):
            raise self._misplaced(data, int(wrong[0]))

    def _misplaced(self, data: bytes, position: int) -> MessageError:
        line = self._line(data, position)
        return MessageError(
            f"{self._name}: line {line}: a quote in the middle of a field; expected the field to be quoted "
            'as a whole and its quotes doubled (RFC 4180): "5"" pipe"'
        )

    def _line(self, data: bytes, position: int) -> int:
        return self._given + data.count(b"\n", 0, position) + 1

    def _decode(self, data: bytes) -> None:
        """Refuse what is not UTF-8: the parser would only say in which block."""
        try:
            self._decoder.decode(data, final=not data)
        except UnicodeDecodeError as error:
            line = self._line(data, error.start)
            mend = "convert it, or mark its encoding by a byte order mark"
            raise MessageError(f"{self._name}: line {line}: not UTF-8; {mend}") from None

    def line_of(self, record: str) -> int | None:
        """Line at which the text of a record starts, None if it is not among what was given last."""
        wanted = re.compile(rb"^" + re.escape(record.encode()) + rb"(?=[\r\n]|$)", re.MULTILINE)
        for before, data in self._recent:
            if match := wanted.search(data):
                return before + data.count(b"\n", 0, match.start()) + 1
        return None

    def readable(self) -> bool:
        """Whether bytes can be read: always."""
        return True

    def writable(self) -> bool:
        """Whether bytes can be written: never."""
        return False

    def seekable(self) -> bool:
        """Whether the position can be changed: never."""
        return False

    def close(self) -> None:
        """Leave the stream open: who opened it closes it."""


def _before(text: np.ndarray, positions: np.ndarray, last: int) -> np.ndarray:
    """Byte before each position; `last` stands before the first."""
    before: np.ndarray = text[positions - 1]
    if len(positions) and positions[0] == 0:
        before[0] = last
    return before
