"""Numbers as people type them, read strictly.

One lexical value, or the reason why there is none.
"""

from __future__ import annotations

import re
from dataclasses import dataclass, replace
from decimal import Decimal
from functools import lru_cache

from ilms_sdmx.findings import phrase
from ilms_sdmx.tables.separators import TOKEN, Separators, prepared, strict
from ilms_sdmx.words.text import clean, is_joined
from ilms_sdmx.words.vocabulary import Word, by_first_letter

_MINUS = "−–—‐‑‒―﹣－-"
_WORDS = ("multiplier", "approximate", "unit", "sex", "percent", "only", "in_all")
_SIGNED = re.compile(
    rf"(?P<open>\()?\s*(?P<sign>(?<!\d)[+{_MINUS}]\s?(?=\d))?(?P<token>{TOKEN.pattern})"
)
_PIECE = re.compile(r"\A[\s;,:/()\[\]|&]*")
_STRANGE = re.compile(r"[^\s;,:/()\[\]|&]+")
#: Where the words between two numbers part: those before belong to the first, those behind to
#: the second.
_HALVES = re.compile(r"[(/;\[]|,\s")


@dataclass(frozen=True, slots=True)
class Number:
    """One number of a cell.

    Parameters
    ----------
    value
        Lexical form, decimals as typed: `1.10` stays `1.10`; empty where it cannot be read.
    text
        The digits as they are in the cell.
    approximate
        `over`, `under` or `about`, from a word such as *more than* or *khoảng*; empty for an
        exact number.
    sex
        `M` or `F` from a word next to the number, or from a `letter` where a pair explains it
        (`71M/100F`).
    """

    value: str
    text: str
    percent: bool = False
    bracketed: bool = False
    approximate: str = ""
    sex: str = ""
    unit: str = ""
    multiplier: str = ""
    letter: str = ""


@dataclass(frozen=True, slots=True)
class NumberReading:
    """What a text says as a number.

    Parameters
    ----------
    numbers
        Every number in it, in order.
    remainder
        Words that mean nothing next to a number.
    reason
        Why it is not taken for a single number, empty where it is.
    candidates
        Values that may have been meant where the digits are malformed; never applied.
    """

    numbers: tuple[Number, ...]
    remainder: str = ""
    reason: str = ""
    candidates: tuple[str, ...] = ()

    @property
    def value(self) -> str:
        """Lexical value of the only number, empty where there is a reason against it."""
        if self.numbers and not self.reason:
            return self.numbers[0].value
        return ""


def read_number(text: str, separators: Separators, *, brackets: str = "") -> NumberReading:
    """Value of a text under declared or inferred separators, never under a locale's.

    Parameters
    ----------
    brackets
        What `(123)` means where it is alone: `negative`, `plain`, or empty for undeclared.

    Examples
    --------
    >>> read_number("1.22 million", Separators(".", ",")).value
    '1220000'
    >>> read_number("2,508 900", Separators(".", ",")).reason
    "'2,508 900' is not a number with '.' before the fraction, ',' between thousands"
    >>> [n.value for n in read_number("53.610 (20.250)", Separators(",", ".")).numbers]
    ['53610', '20250']
    """
    shown = prepared(text).strip()
    plain = strict(shown, separators)
    if plain:
        return NumberReading((Number(plain, shown),))
    is_open = shown.count("(") != shown.count(")")
    if is_open or shown.endswith("/"):
        return NumberReading((), clean(text), phrase("list-mark"))
    tokens = list(_SIGNED.finditer(shown))
    if not tokens:
        reason = phrase("no-digit" if shown else "empty")
        return NumberReading((), clean(text), reason)
    numbers, remainder = _with_words(shown, tokens, separators)
    remainder = remainder or _lone_letter(numbers)
    for number in numbers:
        if not number.value:
            way = str(separators)
            reason = phrase("not-a-number-with", read=repr(number.text), separators=way)
            return NumberReading(numbers, remainder, reason, _meant(number.text))
    return _judged(numbers, remainder, brackets)


def _lone_letter(numbers: tuple[Number, ...]) -> str:
    """Letter that is a sex in `71M/100F`, and any flag (`1,234p`) where no pair explains it."""
    sexes = {number.sex for number in numbers}
    if sexes == {"M", "F"}:
        return ""
    letters = (number.letter for number in numbers if number.letter)
    return next(letters, "")


def _judged(numbers: tuple[Number, ...], remainder: str, brackets: str) -> NumberReading:
    """Reading of numbers that have values: of one number, or the reason why it is not taken."""
    if remainder:
        reason = phrase("unknown-word-next-to-it", word=repr(remainder))
        return NumberReading(numbers, remainder, reason)
    if len(numbers) > 1:
        shown = " and ".join(number.text for number in numbers)
        reason = phrase("several-numbers", count=len(numbers), numbers=shown)
        return NumberReading(numbers, "", reason)
    only = numbers[0]
    if not only.bracketed or brackets == "plain":
        return NumberReading(numbers)
    if brackets == "negative":
        value = only.value.removeprefix("-")
        return NumberReading((replace(only, value=f"-{value}"),))
    return NumberReading(numbers, "", phrase("brackets"))


def _with_words(
    shown: str, tokens: list[re.Match[str]], separators: Separators
) -> tuple[tuple[Number, ...], str]:
    """Numbers of a text with the words around each, and the words that nobody knows."""
    numbers = []
    strange: list[str] = []
    end = 0
    for index, token in enumerate(tokens):
        is_last = index + 1 == len(tokens)
        before = shown[end : token.start()]
        if index:
            before = _second_half(before)
        behind = shown[token.end() :]
        if not is_last:
            behind = _first_half(shown[token.end() : tokens[index + 1].start()])
        known, unknown = _explain(before, behind)
        head = shown[: token.start("token")]
        is_bracketed = head.count("(") > head.count(")")
        number = _number(token, known, separators)
        numbers.append(replace(number, bracketed=is_bracketed))
        strange += unknown
        end = token.end()
    return tuple(numbers), " ".join(strange)


def _first_half(between: str) -> str:
    """Words between two numbers that belong to the first: those before a bracket or a slash."""
    return _HALVES.split(between)[0]


def _second_half(between: str) -> str:
    """Words between two numbers that belong to the second."""
    halves = _HALVES.split(between, maxsplit=1)
    if len(halves) > 1:
        return halves[1]
    return ""


def _number(token: re.Match[str], known: list[Word], separators: Separators) -> Number:
    """Number of digits with what the known words around them say."""
    word_of: dict[str, Word] = {}
    for word in known:
        word_of.setdefault(word.kind, word)
    digits = token["token"].strip()
    value = strict(digits, separators)
    multiplier = _value_of("multiplier", word_of)
    if value and multiplier:
        value = _scaled(value, multiplier)
    if value.strip("0.") and _has_minus(token):
        value = f"-{value}"
    unit = ""
    if "unit" in word_of:
        unit = word_of["unit"].word
    text = token.group().strip(" (")
    return Number(
        value,
        text,
        percent="percent" in word_of,
        approximate=_value_of("approximate", word_of),
        sex=_value_of("sex", word_of),
        unit=unit,
        multiplier=multiplier,
        letter=_letter_of_sex(known),
    )


def _value_of(kind: str, word_of: dict[str, Word]) -> str:
    if kind not in word_of:
        return ""
    return word_of[kind].value


def _has_minus(token: re.Match[str]) -> bool:
    sign = (token["sign"] or "").strip()
    return bool(sign) and sign in _MINUS


def _letter_of_sex(known: list[Word]) -> str:
    """Letter next to a number that may mean a sex (`71M`), empty for none."""
    for word in known:
        if word.kind == "sex" and len(word.word) == 1 and word.word.isascii():
            return word.word
    return ""


def _scaled(value: str, multiplier: str) -> str:
    text = format(Decimal(value) * Decimal(multiplier), "f")
    if "." not in text:
        return text
    return text.rstrip("0").rstrip(".")


def _explain(before: str, behind: str) -> tuple[list[Word], list[str]]:
    """Known words before and behind a number, and the pieces that are no known word."""
    known: list[Word] = []
    unknown: list[str] = []
    for part in f"{before}\n{behind}".split("\n"):
        words, strange = _explained(clean(part).casefold())
        known += words
        unknown += strange
    return known, unknown


@lru_cache(maxsize=8192)
def _explained(text: str) -> tuple[tuple[Word, ...], tuple[str, ...]]:
    """Known words of a text, the longest first, and the strange pieces between them."""
    words: list[Word] = []
    strange: list[str] = []
    rest = _without_signs(text)
    while rest:
        word = _word_at_start(rest)
        if word is not None:
            words.append(word)
            rest = _without_signs(rest[len(word.word) :])
            continue
        piece = _STRANGE.match(rest)
        assert piece is not None
        strange.append(piece.group())
        rest = _without_signs(rest[piece.end() :])
    return tuple(words), tuple(strange)


def _without_signs(text: str) -> str:
    """Text without the blanks, brackets and signs at its beginning that say nothing."""
    return _PIECE.sub("", text, count=1)


def _word_at_start(text: str) -> Word | None:
    words = by_first_letter(*_WORDS).get(text[0], {})
    for form, word in words.items():
        if text.startswith(form) and _ends(text, form):
            return word
    return None


def _ends(text: str, form: str) -> bool:
    """Whether a word ends where the form does; scripts without spaces need no boundary."""
    following = text[len(form) : len(form) + 1]
    last = form[-1]
    if not following or is_joined(last):
        return True
    return not (following.isalpha() and last.isalpha())


def _meant(token: str) -> tuple[str, ...]:
    """Values that malformed digits may mean: all digits together, and with a last fraction."""
    digits = re.sub(r"\D", "", token)
    if not digits:
        return ()
    return (digits.lstrip("0") or "0",)
