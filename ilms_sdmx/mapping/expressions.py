"""Regular expressions of a mapping, matched in a time that grows with the text and no faster.

They are written as Python's; the engine is RE2, which has no way to run away.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import dataclass
from functools import cached_property, lru_cache
from typing import Any

from ilms_sdmx.errors import MappingError
from ilms_sdmx.words.text import western_digits

#: Beginning of a look-ahead: words that the text must not begin with.
_NOT = "(?!"
#: Classes of characters as Python reads them, for a place of their own and for a place in
#: brackets. RE2 by itself knows only the letters and digits of English.
_LETTERS = r"\pL\pN_"
_OTHERS = r"\pM\pS\pZ\pC\p{Pd}\p{Ps}\p{Pe}\p{Pi}\p{Pf}\p{Po}\x{203F}\x{2040}\x{2054}"
_BLANKS = r"\t\n\v\f\r \x1c-\x1f\x{85}\pZ"
_INK = r"\pL\pM\pN\pP\pS\p{Cf}\p{Co}\x00-\x08\x0e-\x1b\x7f-\x{84}\x{86}-\x{9F}"
_ALONE = {
    "d": r"\p{Nd}",
    "D": r"\P{Nd}",
    "w": f"[{_LETTERS}]",
    "W": f"[^{_LETTERS}]",
    "s": f"[{_BLANKS}]",
    "S": f"[^{_BLANKS}]",
    "Z": r"\z",
}
_IN_BRACKETS = {
    "d": r"\p{Nd}",
    "D": r"\P{Nd}",
    "w": _LETTERS,
    "W": _OTHERS,
    "s": _BLANKS,
    "S": _INK,
    "b": r"\x08",
}
#: Other letters that mean something behind a backslash.
_KNOWN = frozenset("AbBafnrtvxpP")
_DIGITS_OF_CODE = {"u": 4, "U": 8}
#: What is said of an expression that cannot be read.
_EXPECTED = (
    "a regular expression (without look-ahead, look-behind and references to groups, which "
    "have no bound in time; `except:` leaves words out)"
)
_UP_TO = re.compile(r"\{,(?=\d+\})")
_EDGE = re.compile(r"\\[bB]")


class ExpressionError(MappingError):
    """An expression that cannot be read: what was expected, and what was found."""

    def __init__(self, expected: str, found: str) -> None:
        self.expected = expected
        self.found = found
        super().__init__(f"expected {expected}, found {found}.")


@dataclass(frozen=True)
class Expression:
    """A regular expression of a mapping.

    At its beginning, after `^`, it may say with `(?!words)` what the text must not begin with.

    Parameters
    ----------
    text
        The expression as it is written.
    ignore_case
        Whether capital and small letters are the same.
    """

    text: str
    ignore_case: bool = False

    def check(self) -> None:
        """Refuse an expression that cannot be read.

        Raises
        ------
        ExpressionError
            What is wrong with it.
        """
        _ = self._engine

    @cached_property
    def _engine(self) -> _Engine:
        return _engine(self.text, self.ignore_case)

    def __getstate__(self) -> dict[str, Any]:
        """State without the engine, which is of this process."""
        return {"text": self.text, "ignore_case": self.ignore_case}

    @property
    def groups(self) -> int:
        """Number of its groups in brackets."""
        number: int = self._engine.positive.groups
        return number

    def search(self, text: str) -> Match | None:
        """First place of a text that fits, None if there is none."""
        if not self._engine.allows(text):
            return None
        return _match(self._engine.positive.search(self._engine.seen(text)), text)

    def fullmatch(self, text: str) -> Match | None:
        """Match of the whole of a text, None if it does not fit."""
        if not self._engine.allows(text):
            return None
        return _match(self._engine.positive.fullmatch(self._engine.seen(text)), text)

    def finditer(self, text: str) -> Iterator[Match]:
        """Every place of a text that fits."""
        if not self._engine.allows(text):
            return
        for found in self._engine.positive.finditer(self._engine.seen(text)):
            yield Match(found, text)

    def without(self, text: str) -> str:
        """Text with a blank in place of all that fits."""
        kept = []
        end = 0
        for match in self.finditer(text):
            kept.append(text[end : match.start()])
            end = match.end()
        kept.append(text[end:])
        return " ".join(kept)


@dataclass(frozen=True, eq=False)
class Match:
    """A place of a text that fits an expression."""

    found: Any
    text: str

    def group(self, number: int = 0) -> str | None:
        """Text of a group, None where it took no part; of the whole for 0."""
        start, end = self.found.span(number)
        return None if start < 0 else self.text[start:end]

    def start(self) -> int:
        """Where it begins."""
        begin: int = self.found.start()
        return begin

    def end(self) -> int:
        """Where it ends."""
        finish: int = self.found.end()
        return finish


def _match(found: Any, text: str) -> Match | None:
    """Match of an engine, in the words of its text."""
    return None if found is None else Match(found, text)


@dataclass(frozen=True, eq=False)
class _Engine:
    """Compiled parts of an expression.

    Parameters
    ----------
    positive
        What must fit.
    negative
        What the text must not begin with.
    has_edges
        Whether it asks for the edges of words.
    """

    positive: Any
    negative: tuple[Any, ...]
    has_edges: bool

    def allows(self, text: str) -> bool:
        """Whether a text does not begin with what it must not begin with."""
        return not any(part.match(text) for part in self.negative)

    def seen(self, text: str) -> str:
        """Text in which the edges of words of every script can be seen, place by place."""
        if not self.has_edges or text.isascii():
            return text
        return "".join(map(_seen_letter, western_digits(text)))


def _seen_letter(character: str) -> str:
    """Letter of English for a letter: RE2 sees the edges of no other words."""
    if character.isascii() or not character.isalnum():
        return character
    return "_"


@lru_cache(maxsize=2048)
def _engine(text: str, ignore_case: bool) -> _Engine:
    """Compiled parts of an expression."""
    has_edges = _EDGE.search(text.replace("\\\\", "")) is not None
    if has_edges and not text.isascii():
        expected = r"an expression of English letters only where it has \b"
        raise ExpressionError(expected, repr(text))
    unwanted, rest = _parts(text)
    negative = tuple(_compiled(part, ignore_case) for part in unwanted)
    return _Engine(_compiled(rest, ignore_case), negative, has_edges)


def _parts(text: str) -> tuple[list[str], str]:
    """What a text must not begin with, and what it must fit."""
    if not text.startswith(f"^{_NOT}"):
        return [], text
    rest = text.removeprefix("^")
    unwanted = []
    while rest.startswith(_NOT):
        end = _closing_bracket(rest)
        if end == len(rest):
            return [], text
        unwanted.append(rest[len(_NOT) : end])
        rest = rest[end + 1 :]
    return unwanted, f"^(?:{rest})"


def _closing_bracket(text: str) -> int:
    """Place of the bracket that closes the first one; the end where none does."""
    depth = 0
    for place, piece, in_brackets in _pieces(text):
        if in_brackets:
            continue
        if piece == "(":
            depth += 1
        elif piece == ")":
            depth -= 1
            if not depth:
                return place
    return len(text)


def _compiled(text: str, ignore_case: bool) -> Any:
    """Expression of the engine."""
    import re2

    options = re2.Options()
    options.log_errors = False
    options.case_sensitive = not ignore_case
    try:
        return re2.compile(_translated(text), options)
    except re2.error as error:
        reason = error.args[0]
        words = reason.decode("utf-8", "replace") if isinstance(reason, bytes) else reason
        raise ExpressionError(_EXPECTED, f"{text!r} ({words})") from None


def _translated(text: str) -> str:
    """Expression of Python in the signs of RE2."""
    several = []
    for _, piece, in_brackets in _pieces(_UP_TO.sub("{0,", text)):
        several.append(_translated_piece(piece, in_brackets))
    return "".join(several)


def _translated_piece(piece: str, in_brackets: bool) -> str:
    """One sign of an expression."""
    if not piece.startswith("\\") or len(piece) == 1:
        return piece
    letter = piece[1]
    if letter in _DIGITS_OF_CODE:
        return rf"\x{{{piece[2:]}}}"
    if not letter.isascii():
        return letter
    meaning = (_IN_BRACKETS if in_brackets else _ALONE).get(letter)
    if meaning is None and letter.isalpha() and letter not in _KNOWN:
        raise ExpressionError("a regular expression", f"{piece!r}, which means nothing")
    return meaning or piece


def _pieces(text: str) -> Iterator[tuple[int, str, bool]]:
    """Signs of an expression with their places, and whether they are in a class."""
    place = 0
    in_brackets = False
    while place < len(text):
        piece = _piece(text, place, in_brackets)
        yield place, piece, in_brackets
        in_brackets = _goes_on_in_brackets(piece, in_brackets)
        place += len(piece)


def _goes_on_in_brackets(piece: str, in_brackets: bool) -> bool:
    """Whether what comes after a sign is in a class of characters."""
    return piece != "]" and (in_brackets or piece.startswith("["))


def _piece(text: str, place: int, in_brackets: bool) -> str:
    """Sign of an expression at a place: one character, or several that belong together."""
    if text[place] == "\\":
        letter = text[place + 1 : place + 2]
        size = 2 + _DIGITS_OF_CODE.get(letter, 0)
        return text[place : place + size]
    if text[place] != "[":
        return text[place]
    if in_brackets:
        return "["
    for beginning in ("[^]", "[]", "[^"):
        if text.startswith(beginning, place):
            return beginning
    return "["
