"""How a sheet says that its figures are in thousands, millions or another power of ten."""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator
from functools import lru_cache

from ilms_sdmx.words.search import alternation, searchable
from ilms_sdmx.words.text import JOINED
from ilms_sdmx.words.vocabulary import of_kinds

#: A thousand and its powers in digits, `1,000`, `1.000.000`, `000`.
_DIGITS = r"(?<![\d.,])(?P<digits>1(?:[ .,]?000)+|000(?:[ .,]000)*)(?![\d.,]*\d)"
#: Zeros behind an apostrophe, `'000`: they mean thousands wherever they are printed.
_ZEROS = r"(?<!\d)'(?P<digits>000(?:[ ,.']000)*)(?!\d)"
#: A text that is longer is a sentence: a word at its end says nothing of the figures.
_HEADING_LENGTH = 60


@lru_cache(maxsize=65536)
def power_of(text: str) -> int:
    """Power of ten that a text says of the figures around it, 0 for none.

    >>> power_of("หน่วย : พันราย"), power_of("Pekerja (juta)"), power_of("7 thousand persons")
    (3, 6, 0)
    """
    shown = searchable(text)
    if _any_power().search(shown) is None:
        return 0
    for statement in _statements(len(shown) > _HEADING_LENGTH):
        for match in statement.finditer(shown):
            start = match.start(match.lastgroup or 0)
            text_before = shown[:start]
            if not _counted().search(text_before):
                return _power(match)
    return 0


def any_power(texts: Iterable[str]) -> bool:
    """Whether one of several texts may say a power of ten; where false, none of them does.

    >>> any_power(["Nepal", "Fiji"]), any_power(["Nepal", "in thousands"])
    (False, True)
    """
    shown = searchable(" ; ".join(texts))
    return _any_power().search(shown) is not None


def is_unit_line(text: str) -> bool:
    """Whether a text only says in what figures are counted: `Unit: persons`, `Ribu orang`.

    >>> is_unit_line("Đơn vị: người"), is_unit_line("in thousands"), is_unit_line("Thailand")
    (True, True, False)
    """
    shown = searchable(text)
    return _unit_lines().match(shown) is not None


def _power(match: re.Match[str]) -> int:
    """Power of ten of the word or the digits of a statement."""
    groups = match.groupdict()
    if "digits" in groups:
        return groups["digits"].count("0")
    multiplier = of_kinds("multiplier")[groups["word"]]
    return len(multiplier.value) - 1


@lru_cache(maxsize=1)
def _any_power() -> re.Pattern[str]:
    """Expression of what every statement has: a word for a power of ten, or its zeros."""
    multiplier = alternation("multiplier")
    return re.compile(f"000|{multiplier}")


@lru_cache(maxsize=1)
def _counted() -> re.Pattern[str]:
    """Expression of what makes a word behind it no statement: *7 thousand*, *per thousand*."""
    per = alternation("per")
    return re.compile(rf"(?:\d|{per})\s*$")


@lru_cache(maxsize=2)
def _statements(in_sentence: bool) -> tuple[re.Pattern[str], ...]:
    """Forms of a statement, the surest first; some only in a heading, not in a long text."""
    multiplier = alternation("multiplier")
    word = f"(?P<word>{multiplier})"
    spaced = rf"(?![{JOINED}]){word}"
    forms = [*_forms_of_words(word, spaced), *_forms_of_digits()]
    if not in_sentence:
        forms.append(rf"(?:^|[\s,:;/-]){word}\W*$")
        forms.append(rf"^\W*{spaced}(?: \w+){{1,3}}\W*$")
    return tuple(map(re.compile, forms))


def _forms_of_words(word: str, spaced: str) -> Iterator[str]:
    """Forms of a statement with a word, in a heading or a long text."""
    counted = alternation("unit", "currency")
    scaled_in = alternation("scaled_in")
    unit = alternation("unit_label")
    yield rf"{word}(?: of)? ?{counted}"
    yield rf"{scaled_in} {word}"
    yield rf"{unit}\W*(?:{scaled_in} )?{word}"
    yield rf"[(\[]\W*{word}\W*[)\]]"
    yield rf"[(\[]\W*{spaced}[^)\]\d]*[)\]]"


def _forms_of_digits() -> Iterator[str]:
    """Forms of a statement with digits, in a heading or a long text."""
    counted = alternation("unit", "currency")
    unit = alternation("unit_label")
    yield rf"{unit}\s*[:=(-]\s*'?{_DIGITS}"
    yield rf"{unit}\W*'?{_DIGITS}\s*{counted}"
    yield rf"[(\[]\s*'?{_DIGITS} ?{counted}"
    yield r"[(\[]\s*(?P<digits>000(?:[ ,.]000)*)s?\s*[)\]]"
    yield _ZEROS


@lru_cache(maxsize=1)
def _unit_lines() -> re.Pattern[str]:
    """Forms of a line that says the unit: a word of it, a multiplier, persons in brackets."""
    unit = alternation("unit_label")
    word = alternation("multiplier")
    counted = alternation("unit", "currency")
    scaled_in = alternation("scaled_in")
    scaled = rf"(?:{scaled_in} )?(?:(?![{JOINED}]){word}|'000)"
    joined = rf"{word} ?(?:{counted}|\W*$)"
    return re.compile(rf"\W*(?:{unit}|{scaled}|{joined}|\(?000\))|\W*\({counted}\)")
