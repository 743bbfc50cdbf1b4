"""Levels: the objects and arrays at one depth of a JSON text, checked and cut into pieces.

All objects (or arrays) at one depth are looked at together. The tokens that matter there are
their brackets, the separators between their members, and the outermost brackets of their
members' values; which may follow which is one table. Between two of them is a name, a value, or
nothing but blanks: so every byte of the text is accounted for.
"""

from __future__ import annotations

from dataclasses import dataclass
from functools import cache
from typing import TYPE_CHECKING

from ilms_sdmx.errors import MessageError
from ilms_sdmx.messages.json.tokens import (
    CLOSE_ARRAY,
    CLOSE_OBJECT,
    COLON,
    OPEN_ARRAY,
    OPEN_OBJECT,
    Tokens,
)

if TYPE_CHECKING:
    import numpy as np
    import pyarrow as pa

#: Roles of tokens at a level: its brackets, separators, brackets of a member's value.
_OPEN, _CLOSE, _COLON, _COMMA, _CHILD, _CHILD_END = range(6)
_FOLLOWS_IN_OBJECT = {
    _OPEN: (_COLON, _CLOSE),
    _COLON: (_CHILD, _COMMA, _CLOSE),
    _CHILD: (_CHILD_END,),
    _CHILD_END: (_COMMA, _CLOSE),
    _COMMA: (_COLON,),
    _CLOSE: (_OPEN,),
}
_FOLLOWS_IN_ARRAY = {
    _OPEN: (_COMMA, _CHILD, _CLOSE),
    _COMMA: (_COMMA, _CHILD, _CLOSE),
    _CHILD: (_CHILD_END,),
    _CHILD_END: (_COMMA, _CLOSE),
    _CLOSE: (_OPEN,),
}


class Spans:
    """Pieces of one text in order: where each starts and ends."""

    def __init__(self, text: bytes, start: np.ndarray, end: np.ndarray) -> None:
        self.text = text
        self.start = start
        self.end = end

    @classmethod
    def trimmed(cls, text: bytes, start: np.ndarray, end: np.ndarray) -> Spans:
        """Pieces without the white space around each."""
        import numpy as np

        data = np.frombuffer(text, np.uint8)
        blank = np.isin(np.arange(256), list(b" \t\r\n"))
        more = blank[data[start]] & (start < end)
        while more.any():
            start = start + more
            more = blank[data[start]] & (start < end)
        more = blank[data[end - 1]] & (start < end)
        while more.any():
            end = end - more
            more = blank[data[end - 1]] & (start < end)
        return cls(text, start, end)

    def __len__(self) -> int:
        return len(self.start)

    def chosen(self, which: np.ndarray) -> Spans:
        """Pick some of the pieces, in order."""
        return Spans(self.text, self.start[which], self.end[which])

    def first_bytes(self) -> set[int]:
        """First bytes of the pieces; every piece has one."""
        import numpy as np

        data = np.frombuffer(self.text, np.uint8)
        return set(data[self.start].tolist())

    def strings(self) -> pa.Array:
        """Text of each piece."""
        import numpy as np
        import pyarrow as pa

        if not len(self):
            return pa.array([], pa.string())
        bounds = np.empty(2 * len(self), np.int32)
        bounds[0::2] = self.start
        bounds[1::2] = self.end
        buffers = [None, pa.py_buffer(bounds), pa.py_buffer(self.text)]
        # By turns the pieces and what is between them.
        texts = pa.Array.from_buffers(pa.utf8(), len(bounds) - 1, buffers)
        places = np.arange(0, len(bounds), 2, dtype=np.int32)
        return texts.take(pa.array(places))

    def unquoted(self) -> Spans:
        """Insides of strings, refused if one is none."""
        import numpy as np

        data = np.frombuffer(self.text, np.uint8)
        quoted = self.end - self.start >= 2
        quoted &= data[self.start] == ord('"')
        quoted &= data[self.end - 1] == ord('"')
        if not quoted.all():
            raise MessageError("expected a name in quotes before each colon")
        return Spans(self.text, self.start + 1, self.end - 1)


@dataclass(frozen=True)
class TokenLevel:
    """Tokens of the objects or arrays at one depth.

    Parameters
    ----------
    text
        The whole text.
    token, at, role
        Index of each token among all tokens, its position, and its role at this level.
    owner
        Which of the containers it belongs to.
    count
        Number of containers.
    """

    text: bytes
    token: np.ndarray
    at: np.ndarray
    role: np.ndarray
    owner: np.ndarray
    count: int


@dataclass(frozen=True)
class Members:
    """Members of objects.

    Parameters
    ----------
    owner
        Object of each.
    names
        Their names, without quotes.
    opener
        Token that opens the value, -1 for a scalar.
    """

    owner: np.ndarray
    names: Spans
    opener: np.ndarray


@dataclass(frozen=True)
class Items:
    """Items of arrays.

    Parameters
    ----------
    count
        Number of arrays.
    owner, place
        Array of each item, and its place in it.
    values
        Texts of the items.
    """

    count: int
    owner: np.ndarray
    place: np.ndarray
    values: Spans


def level(
    text: bytes, tokens: Tokens, depth: int, openers: np.ndarray, bracket: int
) -> TokenLevel:
    """Look at the containers that the tokens `openers` open, all at one depth.

    Raises
    ------
    MessageError
        One is no object or array as `bracket` says, or its tokens do not follow the grammar.
    """
    import numpy as np

    near, role = _chosen(tokens, depth, openers)
    if (tokens.kind[openers] != bracket).any():
        raise MessageError(
            f"expected {chr(bracket)!r} at each place where observations or attributes open"
        )
    closing = near[role == _CLOSE]
    # A bracket that closes is two after the one that opens, in ASCII: [] and {}.
    if (tokens.kind[closing] != bracket + 2).any():
        raise MessageError("brackets do not match")
    is_object = bracket == OPEN_OBJECT
    _check(role, _FOLLOWS_IN_OBJECT if is_object else _FOLLOWS_IN_ARRAY)
    at = tokens.at[near]
    _check_blank(text, at, role, is_object=is_object)
    owner = np.cumsum(role == _OPEN, dtype=np.int32) - 1
    return TokenLevel(text, near, at, role, owner, len(openers))


def _chosen(tokens: Tokens, depth: int, openers: np.ndarray) -> tuple[np.ndarray, np.ndarray]:
    """Tokens of the containers that `openers` open, by index, and their roles."""
    import numpy as np

    before = tokens.before == depth
    near = np.flatnonzero(before | (tokens.depth == depth))
    kind = np.add(tokens.kind[near], before[near] * 256, dtype=np.int16)
    role = _roles()[kind]
    opens = role == _OPEN
    if np.count_nonzero(opens) == len(openers):
        return near, role
    wanted = np.isin(near[opens], openers)
    if not len(wanted):
        return near[:0], role[:0]
    owner = np.cumsum(opens) - 1
    chosen = wanted[owner]
    return near[chosen], role[chosen]


@cache
def _roles() -> np.ndarray:
    """Role of a token by its byte, and from 256 on if the nesting before it is the level's."""
    import numpy as np

    role = np.full(512, _COMMA, np.int8)
    role[[COLON, 256 + COLON]] = _COLON
    role[[OPEN_OBJECT, OPEN_ARRAY]] = _OPEN
    role[[CLOSE_OBJECT, CLOSE_ARRAY]] = _CHILD_END
    role[[256 + OPEN_OBJECT, 256 + OPEN_ARRAY]] = _CHILD
    role[[256 + CLOSE_OBJECT, 256 + CLOSE_ARRAY]] = _CLOSE
    return role


def _check(role: np.ndarray, follows: dict[int, tuple[int, ...]]) -> None:
    """Refuse tokens that do not follow each other as the table says."""
    import numpy as np

    allowed = np.zeros(64, bool)
    for first, seconds in follows.items():
        for second in seconds:
            allowed[first * 8 + second] = True
    ended = not len(role) or role[-1] == _CLOSE
    pairs = role[:-1] * 8 + role[1:]
    if not ended or not allowed[pairs].all():
        raise MessageError("brackets, colons and commas do not follow each other as in JSON")


def _check_blank(text: bytes, at: np.ndarray, role: np.ndarray, *, is_object: bool) -> None:
    """Refuse text where JSON has none: before an opening bracket, after a closing one."""
    import numpy as np

    before = role[:-1]
    after = role[1:]
    blank = (after == _CHILD) | (before == _CHILD_END)
    if is_object:
        blank |= (before == _OPEN) & (after == _CLOSE)
    apart = at[1:] - at[:-1] > 1
    chosen = np.flatnonzero(blank & apart)
    gaps = Spans.trimmed(text, at[chosen] + 1, at[chosen + 1])
    wrong = np.flatnonzero(gaps.start < gaps.end)
    if len(wrong):
        start = int(gaps.start[wrong[0]])
        end = int(gaps.end[wrong[0]])
        unexpected = text[start:end][:30].decode(errors="replace")
        raise MessageError(f"unexpected text {unexpected!r}")


def members(level: TokenLevel) -> Members:
    """Members of the objects of a level."""
    import numpy as np

    colon = np.flatnonzero(level.role == _COLON)
    names = Spans.trimmed(level.text, level.at[colon - 1] + 1, level.at[colon])
    after = colon + 1
    opens = level.role[after] == _CHILD
    opener = np.where(opens, level.token[after], -1)
    return Members(level.owner[colon], names.unquoted(), opener)


def items(level: TokenLevel) -> Items:
    """Items of the arrays of a level."""
    import numpy as np

    # The brackets of the arrays and commas; colons do not occur.
    bounds = np.flatnonzero(level.role <= _COMMA)
    at = level.at[bounds]
    role = level.role[bounds]
    starts = np.flatnonzero(role != _CLOSE)
    owner = level.owner[bounds][starts]
    opening = np.flatnonzero(role == _OPEN)
    place = starts - opening[owner]
    values = Spans.trimmed(level.text, at[starts] + 1, at[starts + 1])
    blank = values.start == values.end
    if not blank.any():
        return Items(level.count, owner, place, values)
    empty_array = (role[starts] == _OPEN) & (role[starts + 1] == _CLOSE)
    if (blank & ~empty_array).any():
        raise MessageError("a comma without a value next to it")
    present = np.flatnonzero(~blank)
    return Items(level.count, owner[present], place[present], values.chosen(present))
