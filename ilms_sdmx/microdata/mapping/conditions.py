"""Conditions on the variables of a file: read from a text, said as SQL of any engine.

A missing value fulfils no comparison, so that its opposite holds: `not (CONWR in (1, 3))` keeps
who was not asked.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from typing import NoReturn, TypeAlias

from ilms_sdmx.errors import MappingError
from ilms_sdmx.microdata.counting.engine import name_of, text_of
from ilms_sdmx.microdata.files.variables import Variable

#: Gives the variable of a name, and the name of its column.
Resolver: TypeAlias = Callable[[str], Variable]

_TOKEN = re.compile(
    r"\s*(?:(?P<text>'[^']*'|\"[^\"]*\")|(?P<quoted>`[^`]+`)|(?P<code>\.[a-zA-Z]\b)"
    r"|(?P<number>-?\d+(?:\.\d+)?)|(?P<sign><=|>=|!=|<>|=|<|>|\(|\)|,)"
    r"|(?P<word>[^\W\d]\w*))"
)
_WORDS = frozenset({"and", "or", "not", "in", "is", "missing", "present", "between", "all"})
_SIGNS = {"=": "=", "!=": "=", "<>": "=", "<": "<", ">": ">", "<=": "<=", ">=": ">="}
#: Brackets in each other that no condition needs.
_DEPTH = 40


@dataclass(frozen=True)
class _Piece:
    kind: str
    text: str


@dataclass(frozen=True)
class Condition:
    """A condition on variables.

    Parameters
    ----------
    text
        As it was written.
    names
        Names of the variables that it looks at, in order.

    Examples
    --------
    >>> Condition.read("WORKED = 1 or ABSENT in (1, 2)").names
    ('WORKED', 'ABSENT')
    """

    text: str
    names: tuple[str, ...]

    @classmethod
    def read(cls, text: str) -> Condition:
        """Condition of a text.

        Raises
        ------
        MappingError
            It is none; the message says what was expected where.
        """
        reader = _ConditionReader(text, _named)
        reader.whole()
        return cls(text, tuple(dict.fromkeys(reader.names)))

    def sql(self, resolve: Resolver) -> str:
        """Condition in SQL, true or false and never unknown."""
        reader = _ConditionReader(self.text, resolve)
        return reader.whole()


def _named(name: str) -> Variable:
    return Variable(name)


class _ConditionReader:
    """One condition on its way from text to SQL, by descent."""

    def __init__(self, text: str, resolve: Resolver) -> None:
        self.text = text
        self.resolve = resolve
        self.names: list[str] = []
        self.pieces = list(_pieces(text))
        self.place = 0
        self.depth = 0

    def whole(self) -> str:
        found = self._any()
        if self.place < len(self.pieces):
            self._fail("and, or, or the end")
        return found

    def _any(self) -> str:
        parts = [self._every()]
        while self._take("word", "or"):
            parts.append(self._every())
        return parts[0] if len(parts) == 1 else f"({' OR '.join(parts)})"

    def _every(self) -> str:
        parts = [self._one()]
        while self._take("word", "and"):
            parts.append(self._one())
        return parts[0] if len(parts) == 1 else f"({' AND '.join(parts)})"

    def _one(self) -> str:
        if self._take("word", "not"):
            return f"(NOT {self._one()})"
        if self._take("word", "all"):
            return "(1 = 1)"
        if not self._take("sign", "("):
            return self._comparison()
        self.depth += 1
        if self.depth > _DEPTH:
            self._fail(f"at most {_DEPTH} brackets in each other")
        inside = self._any()
        if not self._take("sign", ")"):
            self._fail("a closing bracket")
        self.depth -= 1
        return inside

    def _comparison(self) -> str:
        variable = self.resolve(self._name())
        if self._take("word", "is"):
            return self._presence(variable)
        if self._take("word", "between"):
            low = self._literal()
            if not self._take("word", "and"):
                self._fail("and")
            high = self._literal()
            above = _compared(variable, ">=", low)
            return f"({above} AND {_compared(variable, '<=', high)})"
        is_not = self._take("word", "not")
        if self._take("word", "in"):
            found = self._listed(variable)
            return f"(NOT {found})" if is_not else found
        piece = self._next()
        if is_not or piece is None or piece.text not in _SIGNS:
            self._fail("=, !=, <, <=, >, >=, in, not in, between, is missing or is present")
        self.place += 1
        found = _compared(variable, _SIGNS[piece.text], self._literal())
        return f"(NOT {found})" if piece.text in ("!=", "<>") else found

    def _presence(self, variable: Variable) -> str:
        is_not = self._take("word", "not")
        is_missing = self._take("word", "missing")
        if not is_missing and not self._take("word", "present"):
            self._fail("missing or present")
        column = name_of(variable.name)
        wanted = is_missing != is_not
        return f"({column} IS NULL)" if wanted else f"({column} IS NOT NULL)"

    def _listed(self, variable: Variable) -> str:
        if not self._take("sign", "("):
            self._fail("an opening bracket")
        parts = [_compared(variable, "=", self._literal())]
        while self._take("sign", ","):
            parts.append(_compared(variable, "=", self._literal()))
        if not self._take("sign", ")"):
            self._fail("a comma or a closing bracket")
        return f"({' OR '.join(parts)})"

    def _name(self) -> str:
        piece = self._next()
        if piece is None or piece.kind not in ("word", "quoted"):
            self._fail("the name of a variable")
        if piece.kind == "word" and piece.text.casefold() in _WORDS:
            self._fail("the name of a variable")
        self.place += 1
        name = piece.text.strip("`")
        self.names.append(name)
        return name

    def _literal(self) -> _Piece:
        piece = self._next()
        if piece is None or piece.kind not in ("number", "text", "code"):
            self._fail("a number, or a text in quotation marks")
        self.place += 1
        return piece

    def _next(self) -> _Piece | None:
        return self.pieces[self.place] if self.place < len(self.pieces) else None

    def _take(self, kind: str, text: str) -> bool:
        piece = self._next()
        if piece is None or piece.kind != kind or piece.text.casefold() != text:
            return False
        self.place += 1
        return True

    def _fail(self, expected: str) -> NoReturn:
        piece = self._next()
        found = repr(piece.text) if piece else "the end"
        raise MappingError(f"expected {expected}, found {found} in {self.text!r}")


def _pieces(text: str) -> Iterator[_Piece]:
    place = 0
    while place < len(text.rstrip()):
        match = _TOKEN.match(text, place)
        if match is None:
            rest = text[place:].strip()[:20]
            raise MappingError(f"expected a condition, found {rest!r} in {text!r}")
        kind = str(match.lastgroup)
        yield _Piece(kind, match[kind])
        place = match.end()


def _compared(variable: Variable, sign: str, literal: _Piece) -> str:
    """Comparison with a value; false where there is none."""
    column = name_of(variable.name)
    if literal.kind == "code":
        if not variable.has_codes:
            return "(1 = 0)"
        codes = name_of(variable.codes_column)
        return f"COALESCE({codes} {sign} {text_of(literal.text.lower())}, 1 = 0)"
    if literal.kind == "text":
        text = text_of(literal.text[1:-1])
        if variable.kind == "date":
            return f"COALESCE({column} {sign} CAST({text} AS DATE), 1 = 0)"
        if variable.kind == "number":
            column = f"CAST({column} AS STRING)"
        return f"COALESCE({column} {sign} {text}, 1 = 0)"
    if variable.kind == "text":
        column = f"TRY_CAST({column} AS DOUBLE)"
    return f"COALESCE({column} {sign} {literal.text}, 1 = 0)"
