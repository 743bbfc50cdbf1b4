"""Tokens: where the brackets, colons and commas of JSON text are, for a whole block at once."""

from __future__ import annotations

from dataclasses import dataclass
from functools import cached_property
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    import numpy as np

QUOTE, BACKSLASH, COLON, COMMA = b'"\\:,'
OPEN_OBJECT, CLOSE_OBJECT, OPEN_ARRAY, CLOSE_ARRAY = b"{}[]"
#: Deeper nesting than any message has; the place where recursion would be attacked.
DEEPEST = 64
_ALL = bytes(int(chr(c) in '{}[]:,"') for c in range(256))
_BRACKETS = bytes(int(chr(c) in '{}[]"') for c in range(256))


@dataclass(frozen=True)
class Tokens:
    """Structural characters of a piece of JSON text, strings skipped.

    Parameters
    ----------
    at
        Their positions in the text.
    kind
        Their bytes.
    depth
        Nesting after each of them, counted from the start of the text: of eight bits, so right
        only where it nowhere exceeds `DEEPEST`. It steps by one, so a text that exceeds it has
        a depth that shows it.
    """

    at: np.ndarray
    kind: np.ndarray
    depth: np.ndarray

    def __len__(self) -> int:
        return len(self.at)

    @cached_property
    def before(self) -> np.ndarray:
        """Nesting before each token: that of a separator, and of a bracket outside it."""
        nesting: np.ndarray = self.depth - _steps()[self.kind]
        return nesting

    def first(self, count: int, depth: int = 0) -> Tokens:
        """Return the first tokens, of a text that starts at the nesting `depth`."""
        return Tokens(self.at[:count], self.kind[:count], self.depth[:count] + depth)

    def as_object(self, end: int) -> Tokens:
        """Return the tokens of the same text between braces: `{` before it, `}` at its end."""
        import numpy as np

        last = self.depth[-1:] if len(self) else [0]
        at = np.concatenate(([0], self.at + 1, [end + 1]))
        kind = np.concatenate(([OPEN_OBJECT], self.kind, [CLOSE_OBJECT]))
        depth = np.concatenate(([1], self.depth + 1, last))
        return Tokens(at.astype(np.int32), kind.astype(np.uint8), depth.astype(np.int8))


def tokens_of(text: bytes, *, brackets: bool = False) -> Tokens:
    """Find the tokens of a text that starts outside any string, or its brackets only."""
    import numpy as np

    marks = text.translate(_BRACKETS if brackets else _ALL)
    at = np.flatnonzero(np.frombuffer(marks, bool)).astype(np.int32)
    kind = np.frombuffer(text, np.uint8)[at]
    if b"\\" in text:
        escaped = _escaped(text, at, kind)
        at = np.delete(at, escaped)
        kind = np.delete(kind, escaped)
    quotes = kind == QUOTE
    # Counted in eight bits: what wraps at 256 stays even or odd.
    outside = np.cumsum(quotes, dtype=np.uint8) & 1 == 0
    structural = outside & ~quotes
    at = at[structural]
    kind = kind[structural]
    nesting = np.cumsum(_steps()[kind], dtype=np.int8)
    return Tokens(at, kind, nesting)


def _escaped(text: bytes, at: np.ndarray, kind: np.ndarray) -> list[int]:
    """Marks that are quotes which an odd number of backslashes makes part of a string."""
    import numpy as np

    data = np.frombuffer(text, np.uint8)
    quotes = np.flatnonzero((kind == QUOTE) & (at > 0))
    suspects = quotes[data[at[quotes] - 1] == BACKSLASH]
    escaped = []
    for mark in suspects.tolist():
        if _run(text, int(at[mark])) % 2:
            escaped.append(mark)
    return escaped


def _run(text: bytes, end: int) -> int:
    """Count the backslashes right before a position."""
    start = end
    while start and text[start - 1] == BACKSLASH:
        start -= 1
    return end - start


_STEPS: list[np.ndarray] = []


def _steps() -> np.ndarray:
    """Change of nesting by byte."""
    import numpy as np

    if not _STEPS:
        steps = np.zeros(256, np.int8)
        steps[[OPEN_OBJECT, OPEN_ARRAY]] = 1
        steps[[CLOSE_OBJECT, CLOSE_ARRAY]] = -1
        _STEPS.append(steps)
    return _STEPS[0]
