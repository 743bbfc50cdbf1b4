"""Levels: the objects and arrays at one depth of a JSON text, checked for grammar and cut into pieces.

All objects (or arrays) at one depth are looked at together. The tokens that matter there are their own
brackets, the separators between their members, and the outermost brackets of their members' values; which may
follow which is one table. What stands between two of them is a name, a value, or must be blank: so every byte
of the text is accounted for.
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

#: Roles of tokens at a level: own brackets, separators, brackets of a member's value.
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
        self.text, self.start, self.end = text, start, end

    @classmethod
    def trimmed(cls, text: bytes, start: np.ndarray, end: np.ndarray) -> Spans:
        """Pieces without the white space around each."""
        return cls(text, *_trimmed(text, start, end))

    def __len__(self) -> int:
        return len(self.start)

    def chosen(self, which: np.ndarray) -> Spans:
        """Pick some of the pieces, in order."""
        return Spans(self.text, self.start[which], self.end[which])

    def first(self) -> np.ndarray:
        """First byte of each piece; every piece has one."""
        import numpy as np

        found: np.ndarray = np.frombuffer(self.text, np.uint8)[self.start]
        return found

    def strings(self) -> pa.Array:
        """Text of each piece."""
        import numpy as np
        import pyarrow as pa

        if not len(self):
            return pa.array([], pa.string())
        bounds = np.empty(2 * len(self), np.int32)
        bounds[0::2], bounds[1::2] = self.start, self.end
        between = pa.Array.from_buffers(
            pa.utf8(), len(bounds) - 1, [None, pa.py_buffer(bounds), pa.py_buffer(self.text)]
        )
        return between.take(pa.array(np.arange(0, len(bounds), 2, dtype=np.int32)))

    def unquoted(self) -> Spans:
        """Insides of strings, refused if one is none."""
        import numpy as np

        data = np.frombuffer(self.text, np.uint8)
        quote = ord('"')
        wide = self.end - self.start >= 2
        if not (
            wide.all()
            and (data[self.start] == quote).all()
            and (data[self.end - 1] == quote).all()
        ):
            raise MessageError("expected a name in quotes before each colon")
        return Spans(self.text, self.start + 1, self.end - 1)


def _trimmed(text: bytes, start: np.ndarray, end: np.ndarray) -> tuple[np.ndarray, np.ndarray]:
    import numpy as np

    data = np.frombuffer(text, np.uint8)
    blank = np.isin(np.arange(256), list(b" \t\r\n"))
    while (more := blank[data[start]] & (start < end)).any():
        start = start + more
    while (more := blank[data[end - 1]] & (start < end)).any():
        end = end - more
    return start, end


@dataclass(frozen=True)
class Level:
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
    """Members of objects: `owner` says of which; `opener` opens the value, -1 for a scalar."""

    owner: np.ndarray
    names: Spans
    opener: np.ndarray


@dataclass(frozen=True)
class Items:
    """Items of arrays: which array each is in (`owner`), and at which place of it."""

    count: int
    owner: np.ndarray
    place: np.ndarray
    values: Spans


def level(text: bytes, tokens: Tokens, depth: int, openers: np.ndarray, bracket: int) -> Level:
    """Look at the containers that the tokens `openers` open, all at one depth.

    Raises
    ------
    MessageError
        One is no object or array as `bracket` says, or its tokens do not follow the grammar.
    """
    import numpy as np

    before = tokens.before == depth
    near = np.flatnonzero(before | (tokens.depth == depth))
    role = _roles()[np.add(tokens.kind[near], before[near] * 256, dtype=np.int16)]
    own = role == _OPEN
    if np.count_nonzero(own) != len(openers):
        wanted = np.isin(near[own], openers)
        owner = np.cumsum(own) - 1
        chosen = wanted[owner] if len(wanted) else np.zeros(0, bool)
        near, role = near[chosen], role[chosen]
    if (tokens.kind[openers] != bracket).any():
        raise MessageError(
            f"expected {chr(bracket)!r} at each place where observations or attributes open"
        )
    if (
        tokens.kind[near[role == _CLOSE]] != bracket + 2
    ).any():  # as far apart in ASCII: [] and {}
        raise MessageError("brackets do not match")
    _check(role, _FOLLOWS_IN_OBJECT if bracket == OPEN_OBJECT else _FOLLOWS_IN_ARRAY)
    at = tokens.at[near]
    _check_blank(text, at, role, is_object=bracket == OPEN_OBJECT)
    owner = np.cumsum(role == _OPEN, dtype=np.int32) - 1
    return Level(text, near, at, role, owner, len(openers))


@cache
def _roles() -> np.ndarray:
    """Role of a token by its byte, and from 256 on if the nesting before it is that of the level."""
    import numpy as np

    role = np.full(512, _COMMA, np.int8)
    role[[COLON, 256 + COLON]] = _COLON
    role[[OPEN_OBJECT, OPEN_ARRAY]] = _OPEN
    role[[CLOSE_OBJECT, CLOSE_ARRAY]] = _CHILD_END
    role[[256 + OPEN_OBJECT, 256 + OPEN_ARRAY]] = _CHILD
    role[[256 + CLOSE_OBJECT, 256 + CLOSE_ARRAY]] = _CLOSE
    return role


def _check(role: np.ndarray, follows: dict[int, tuple[int, ...]]) -> None:
    import numpy as np

    allowed = np.zeros(64, bool)
    for first, then in follows.items():
        allowed[[first * 8 + second for second in then]] = True
    if not allowed[role[:-1] * 8 + role[1:]].all() or (len(role) and role[-1] != _CLOSE):
        raise MessageError("brackets, colons and commas do not follow each other as in JSON")


def _check_blank(text: bytes, at: np.ndarray, role: np.ndarray, *, is_object: bool) -> None:
    """Refuse text between tokens where JSON has none: before a bracket that opens, after one that closes."""
    import numpy as np

    blank = (role[1:] == _CHILD) | (role[:-1] == _CHILD_END)
    if is_object:
        blank |= (role[:-1] == _OPEN) & (role[1:] == _CLOSE)
    chosen = np.flatnonzero(blank & (at[1:] - at[:-1] > 1))
    gaps = Spans.trimmed(text, at[chosen] + 1, at[chosen + 1])
    wrong = np.flatnonzero(gaps.start < gaps.end)
    if len(wrong):
        found = text[int(gaps.start[wrong[0]]) : int(gaps.end[wrong[0]])][:30]
        raise MessageError(f"unexpected text {found.decode(errors='replace')!r}")


def members(found: Level) -> Members:
    """Members of the objects of a level."""
    import numpy as np

    colon = np.flatnonzero(found.role == _COLON)
    names = Spans.trimmed(found.text, found.at[colon - 1] + 1, found.at[colon])
    opens = found.role[colon + 1] == _CHILD
    opener = np.where(opens, found.token[colon + 1], -1)
    return Members(found.owner[colon], names.unquoted(), opener)


def items(found: Level) -> Items:
    """Items of the arrays of a level."""
    import numpy as np

    bounds = np.flatnonzero(
        found.role <= _COMMA
    )  # own brackets and commas; colons do not occur
    at, role, owner = found.at[bounds], found.role[bounds], found.owner[bounds]
    starts = np.flatnonzero(role != _CLOSE)
    place = starts - np.flatnonzero(role == _OPEN)[owner[starts]]
    values = Spans.trimmed(found.text, at[starts] + 1, at[starts + 1])
    blank = values.start == values.end
    alone = (role[starts] == _OPEN) & (role[starts + 1] == _CLOSE)
    if (blank & ~alone).any():
        raise MessageError("a comma without a value beside it")
    if not blank.any():
        return Items(found.count, owner[starts], place, values)
    there = np.flatnonzero(~blank)
    return Items(found.count, owner[starts][there], place[there], values.chosen(there))
