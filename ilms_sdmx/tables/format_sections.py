"""Sections of a number format.

Which one a number takes, and the words and signs that it puts around it.
"""

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
#: Characters of a format that mean no text of their own.
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
    if any(section.condition for section in every):
        number = _by_condition(value, every)
    else:
        number = _by_sign(value, len(every))
    return number, every[number]


def _by_condition(value: Decimal, every: tuple[Section, ...]) -> int:
    """Position of the first section whose condition a number meets, or of one without any."""
    without = []
    for number, section in enumerate(every):
        if section.condition is None:
            without.append(number)
        elif _meets(value, section.condition):
            return number
    if without:
        return without[0]
    return len(every) - 1


def _by_sign(value: Decimal, count: int) -> int:
    """Position of the section for positive numbers, negative numbers or zero."""
    if value > 0 or count < 2:
        return 0
    if value < 0:
        return 1
    if count < 3:
        return 0
    return 2


def around(value: Decimal, code: str) -> tuple[str, str]:
    """Text that a format shows before and after the digits of a number, without its sign."""
    number, section = section_of(value, code)
    if not section.digits:
        return "", ""
    if value == 0 and not section.zero:
        return "", ""
    shows_sign = value < 0 and (number or section.condition)
    if shows_sign:
        return _without_sign(section.before, section.after)
    return section.before, section.after


def _without_sign(before: str, after: str) -> tuple[str, str]:
    """Text around a negative number without the brackets or the minus that say so."""
    if "(" in before and ")" in after:
        before = before.replace("(", "", 1)
        after = after.replace(")", "", 1)
    return before.replace("-", "", 1), after


def _meets(value: Decimal, condition: tuple[str, Decimal]) -> bool:
    sign, limit = condition
    compare = _COMPARE[sign]
    return compare(value, limit)


def _section(tokens: list[str]) -> Section:
    condition = _condition(tokens)
    places: list[int] = []
    shows_zero = False
    for place, token in enumerate(tokens):
        if _is_digit(token):
            places.append(place)
            shows_zero |= token not in "#?"
    if not places:
        return Section(condition=condition)
    end = places[-1] + 1
    before = "".join(map(_shown, tokens[: places[0]]))
    after = "".join(map(_shown, tokens[end:]))
    return Section(before, after, condition, True, shows_zero)


def _is_digit(token: str) -> bool:
    if token in _DIGITS:
        return True
    return token.lower() == "general"


def _condition(tokens: list[str]) -> tuple[str, Decimal] | None:
    """First comparison among the tokens of a section."""
    for token in tokens:
        comparison = _CONDITION.fullmatch(token)
        if comparison:
            return comparison[1], Decimal(comparison[2])
    return None


def _shown(token: str) -> str:
    """Text of one token outside the digits."""
    first = token[0]
    if first == '"':
        return token[1:-1]
    if first == "\\":
        return token[1:]
    if first == "_" and len(token) > 1:
        return " "
    if first == "*" and len(token) > 1:
        return ""
    if first == "[" or token in _SILENT:
        return ""
    return token
