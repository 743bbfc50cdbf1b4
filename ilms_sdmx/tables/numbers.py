"""Numbers as people type them, read strictly: one lexical value, or the reason why there is none."""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import dataclass, replace
from decimal import Decimal
from functools import lru_cache

from ilms_sdmx.tables.separators import TOKEN, Separators, prepared, strict
from ilms_sdmx.words.text import clean
from ilms_sdmx.words.vocabulary import Word, of_kinds

_MINUS = "−–—‐‑‒―﹣－-"
_WORDS = ("multiplier", "approximate", "unit", "sex", "percent")
_SIGNED = re.compile(
    rf"(?P<open>\()?\s*(?P<sign>(?<!\d)[+{_MINUS}]\s?(?=\d))?(?P<token>{TOKEN.pattern})"
)
_PIECE = re.compile(r"[\s;,:/()\[\]|&]*")


@dataclass(frozen=True, slots=True)
class Number:
    """One number of a cell.

    Parameters
    ----------
    value
        Lexical form, decimals as typed: `1.10` stays `1.10`; empty where it cannot be read.
    text
        The digits as they stood.
    approximate
        `over`, `under` or `about`, from a word such as *more than* or *khoảng*; empty for an exact number.
    sex
        `M` or `F` from a word beside the number, or from a `letter` where a pair explains it (`71M/100F`).
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
        Words that mean nothing beside a number.
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
        return self.numbers[0].value if self.numbers and not self.reason else ""


def read_number(text: str, separators: Separators, *, brackets: str = "") -> NumberReading:
    """Value of a text under declared or inferred separators, never under a locale's.

    Parameters
    ----------
    brackets
        What `(123)` means where it stands alone: `negative`, `plain`, or empty for undeclared.

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
    if plain := strict(shown, separators):
        return NumberReading((Number(plain, shown),))
    if shown.endswith("/") or shown.count("(") != shown.count(")"):
        return NumberReading((), clean(text), "it looks like a footnote or list mark")
    found = list(_SIGNED.finditer(shown))
    if not found:
        return NumberReading(
            (), clean(text), "there is no digit in it" if shown else "it is empty"
        )
    numbers, remainder = _with_words(shown, found, separators)
    remainder = remainder or _lone_letter(numbers)
    for number in numbers:
        if not number.value:
            reason = f"{number.text!r} is not a number with {separators}"
            return NumberReading(numbers, remainder, reason, _meant(number.text))
    return _judged(numbers, remainder, brackets)


def _lone_letter(numbers: tuple[Number, ...]) -> str:
    """Letter that would be a sex in `71M/100F` but may be any flag (`1,234p`) where no pair explains it."""
    letters = [n.letter for n in numbers if n.letter]
    return "" if not letters or {n.sex for n in numbers} == {"M", "F"} else letters[0]


def _judged(numbers: tuple[Number, ...], remainder: str, brackets: str) -> NumberReading:
    if remainder:
        return NumberReading(
            numbers,
            remainder,
            f"beside the number stands {remainder!r}, which is no known word",
        )
    if len(numbers) > 1:
        return NumberReading(
            numbers, "", f"there are {len(numbers)} numbers in it: {_shown(numbers)}"
        )
    if numbers[0].bracketed:
        if brackets == "negative":
            value = numbers[0].value.removeprefix("-")
            return NumberReading((replace(numbers[0], value=f"-{value}"),))
        if brackets != "plain":
            return NumberReading(
                numbers, "", "brackets may mean a negative number or a remark: declare which"
            )
    return NumberReading(numbers)


def _shown(numbers: tuple[Number, ...]) -> str:
    return " and ".join(n.text for n in numbers)


def _with_words(
    shown: str, found: list[re.Match[str]], separators: Separators
) -> tuple[tuple[Number, ...], str]:
    numbers, strange = [], []
    ends = [0, *(m.end() for m in found)]
    for index, match in enumerate(found):
        after = found[index + 1].start() if index + 1 < len(found) else len(shown)
        before = (
            shown[ends[index] : match.start()]
            if index == 0
            else _second_half(shown[ends[index] : match.start()])
        )
        behind = (
            shown[match.end() : after]
            if index + 1 == len(found)
            else _first_half(shown[match.end() : after])
        )
        known, unknown = _explain(before + " \n " + behind)
        head = shown[: match.start("token")]
        number = _number(match, known, separators)
        numbers.append(replace(number, bracketed=head.count("(") > head.count(")")))
        strange += unknown
    return tuple(numbers), " ".join(strange)


def _first_half(between: str) -> str:
    """Words between two numbers that belong to the first: those before an opening bracket or a slash."""
    return re.split(r"[(/;\[]|,\s", between)[0]


def _second_half(between: str) -> str:
    parts = re.split(r"[(/;\[]|,\s", between, maxsplit=1)
    return parts[1] if len(parts) > 1 else ""


def _number(match: re.Match[str], known: list[Word], separators: Separators) -> Number:
    facts = {w.kind: w for w in reversed(known)}
    token = match["token"].strip()
    value = strict(token, separators)
    multiplier = facts["multiplier"].value if "multiplier" in facts else ""
    if value and multiplier:
        value = _scaled(value, multiplier)
    if value and (match["sign"] or "").strip() in set(_MINUS) - {""} and value.strip("0."):
        value = f"-{value}"
    return Number(
        value,
        match.group().strip(" ("),
        percent="percent" in facts,
        approximate=facts["approximate"].value if "approximate" in facts else "",
        sex=facts["sex"].value if "sex" in facts else "",
        unit=facts["unit"].word if "unit" in facts else "",
        multiplier=multiplier,
        letter=next(
            (
                w.word
                for w in known
                if w.kind == "sex" and len(w.word) == 1 and w.word.isascii()
            ),
            "",
        ),
    )


def _scaled(value: str, multiplier: str) -> str:
    text = format(Decimal(value) * Decimal(multiplier), "f")
    return text.rstrip("0").rstrip(".") if "." in text else text


@lru_cache(maxsize=8192)
def _explained(text: str) -> tuple[tuple[Word, ...], tuple[str, ...]]:
    return tuple(_known(text)), tuple(_unknown(text))


def _explain(text: str) -> tuple[list[Word], list[str]]:
    known: list[Word] = []
    unknown: list[str] = []
    for part in text.split("\n"):
        found, strange = _explained(clean(part).casefold())
        known += found
        unknown += strange
    return known, unknown


def _pieces(text: str) -> Iterator[tuple[Word | None, str]]:
    """Known words of a text and the strange pieces between them, the longest known word first."""
    known = of_kinds(*_WORDS)
    while text := _PIECE.sub("", text, count=1) if _PIECE.match(text) else text:
        word = next(
            (w for form, w in known.items() if text.startswith(form) and _ends(text, form)),
            None,
        )
        if word:
            yield word, ""
            text = text[len(word.word) :]
        else:
            strange = re.match(r"[^\s;,:/()\[\]|&]+", text)
            assert strange is not None
            yield None, strange.group()
            text = text[strange.end() :]


def _ends(text: str, form: str) -> bool:
    """Whether a word ends where the form does; scripts without spaces need no boundary."""
    rest = text[len(form) : len(form) + 1]
    return not rest or not (rest.isalpha() and form[-1].isalpha()) or ord(form[-1]) >= 0x0E00


def _known(text: str) -> Iterator[Word]:
    return (word for word, _ in _pieces(text) if word)


def _unknown(text: str) -> Iterator[str]:
    return (strange for word, strange in _pieces(text) if word is None)


def _meant(token: str) -> tuple[str, ...]:
    """Values that malformed digits may stand for: all digits together, and with a last fraction."""
    digits = re.sub(r"\D", "", token)
    return (digits.lstrip("0") or "0",) if digits else ()
