"""Sections of a number format: which one a number takes, and the words and signs that it puts around it."""

from __future__ import annotations

import re
from collections.abc import Callable
from dataclasses import dataclass
from decimal import Decimal
from functools import lru_cache
from operator import eq, ge, gt, le, lt, ne

_TOKEN = re.compile(r'"[^"]*"|\\.|[_*].|\[[^\]]*\]|general|.', re.IGNORECASE | re.DOTALL)
_CONDITION = re.compile(r"\[(<=|>=|<>|<|>|=)\s*(-?\d+(?:\.\d+)?)\]")
_COMPARE: dict[str, Callable[[Decimal, Decimal], bool]] = {
    "<": lt,
    ">": gt,
    "=": eq,
    "<=": le,
    ">=": ge,
    "<>": ne,
}
_DIGITS = frozenset("0#?@")
#: Characters of a format that stand for no text of their own.
_SILENT = frozenset(".,%")


@dataclass(frozen=True, slots=True)
class Section:
    """One section of a number format.

    Parameters
    ----------
    before, after
        Text that it shows around the digits; padding and symbols of currencies are left out.
    condition
        Comparison that a number has to meet, with the number compared to; empty for none.
    digits
        Whether it shows any digit; of a zero, `#` and `?` show none.
    """

    before: str = ""
    after: str = ""
    condition: tuple[str, Decimal] | None = None
    digits: bool = False
    zero: bool = False


@lru_cache(maxsize=4096)
def sections(code: str) -> tuple[Section, ...]:
    """Sections of a number format code, at least one.

    >>> [(s.before, s.after) for s in sections('0" p";"n.a. "0')]
    [('', ' p'), ('n.a. ', '')]
    """
    parts: list[list[str]] = [[]]
    for token in _TOKEN.findall(code):
        if token == ";":
            parts.append([])
        else:
            parts[-1].append(token)
    return tuple(_section(part) for part in parts)


def section_of(value: Decimal, code: str) -> tuple[int, Section]:
    """Section that a number takes, with its position: by its condition, else by its sign."""
    every = sections(code)
    if any(s.condition for s in every):
        found = (n for n, s in enumerate(every) if s.condition and _meets(value, s.condition))
        others = (n for n, s in enumerate(every) if not s.condition)
        number = next(found, next(others, len(every) - 1))
    else:
        positive = value > 0 or len(every) < 2 or (value == 0 and len(every) < 3)
        number = 0 if positive else 1 if value < 0 else 2
    return number, every[number]


def around(value: Decimal, code: str) -> tuple[str, str]:
    """Text that a number format shows before and after the digits of a number, without its sign."""
    number, section = section_of(value, code)
    if not section.digits or (value == 0 and not section.zero):
        return "", ""
    before, after = section.before, section.after
    if value < 0 and (number or section.condition):
        if "(" in before and ")" in after:
            before, after = before.replace("(", "", 1), after.replace(")", "", 1)
        before = before.replace("-", "", 1)
    return before, after


def _meets(value: Decimal, condition: tuple[str, Decimal]) -> bool:
    return _COMPARE[condition[0]](value, condition[1])


def _section(tokens: list[str]) -> Section:
    digits = [n for n, t in enumerate(tokens) if t in _DIGITS or t.lower() == "general"]
    conditions = (m for t in tokens if (m := _CONDITION.fullmatch(t)))
    condition = next(((m[1], Decimal(m[2])) for m in conditions), None)
    if not digits:
        return Section(condition=condition)
    before = "".join(map(_shown, tokens[: digits[0]]))
    after = "".join(map(_shown, tokens[digits[-1] + 1 :]))
    zero = any(tokens[n] not in "#?" for n in digits)
    return Section(before, after, condition, True, zero)


def _shown(token: str) -> str:
    """Text of one token outside the digits."""
    if token[0] == '"':
        return token[1:-1] if len(token) > 1 else ""
    if token[0] == "\\":
        return token[1:]
    if token[0] in "_*" and len(token) > 1:
        return " " if token[0] == "_" else ""
    return "" if token[0] == "[" or token in _SILENT else token
