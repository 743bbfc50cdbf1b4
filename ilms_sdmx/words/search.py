"""Search for words of a kind in a text: in any language, whole words where it has spaces."""

from __future__ import annotations

import re
from collections.abc import Iterable
from functools import lru_cache

from ilms_sdmx.words.text import clean, is_joined, one_look, western_digits
from ilms_sdmx.words.vocabulary import Word, all_words, of_kinds

_LETTER = r"[^\W\d_]"


def searchable(text: str) -> str:
    """Text as words are looked for in it: cleaned, digits western, in small letters."""
    line = clean(western_digits(text))
    return one_look(line).casefold()


@lru_cache(maxsize=65536)
def words_in(text: str, *kinds: str) -> tuple[Word, ...]:
    """Words of some kinds in a text, in their order; the longest where several begin together.

    Words of one letter are not looked for. A word does not count inside a longer one that the
    vocabulary knows: there is no estimate (`ประมาณ`, `anggaran`) in a budget year
    (`ปีงบประมาณ`, `tahun anggaran`).

    >>> [word.value for word in words_in("ชาย หญิง", "sex")]
    ['M', 'F']
    >>> words_in("ปีงบประมาณ 2566", "status")
    ()
    """
    words = []
    for match in _pattern(kinds).finditer(searchable(text)):
        word = _word_of(match.group(), kinds)
        if word is not None:
            words.append(word)
    return tuple(words)


def first_word(text: str, *kinds: str) -> Word | None:
    """First word of some kinds in a text, None where there is none."""
    words = words_in(text, *kinds)
    return words[0] if words else None


def says(text: str, *kinds: str) -> bool:
    """Whether a text has a word of some kinds.

    >>> says("Tỷ lệ lao động nữ", "rate"), says("corporate", "rate")
    (True, False)
    """
    return bool(words_in(text, *kinds))


def leading_word(text: str, *kinds: str) -> Word | None:
    """Word of some kinds with which a text begins; in every script no letter may follow it.

    >>> leading_word("จำนวน (คน)", "count").word, leading_word("จำนวนวัน", "count")
    ('จำนวน', None)
    """
    expression = rf"{alternation(*kinds)}(?!{_LETTER})"
    match = re.match(expression, searchable(text))
    if match is None:
        return None
    return _word_of(match.group(), kinds)


@lru_cache(maxsize=64)
def alternation(*kinds: str) -> str:
    """Expression of any word of some kinds, for expressions of what is around the words."""
    words = of_kinds(*kinds).values()
    return f"(?:{_choices(words)})"


def _choices(words: Iterable[Word]) -> str:
    expressions = map(_expression, words)
    return "|".join(expressions)


@lru_cache(maxsize=64)
def _pattern(kinds: tuple[str, ...]) -> re.Pattern[str]:
    """Expression for words of some kinds, and for longer words in which they do not count."""
    words = []
    forms = set()
    for form, word in of_kinds(*kinds).items():
        if not _is_letter(form):
            words.append(word)
            forms.add(form)
    for word in all_words():
        if _hides(word.word, forms):
            words.append(word)
    words.sort(key=_length, reverse=True)
    return re.compile(_choices(words))


def _length(word: Word) -> int:
    return len(word.word)


def _is_letter(form: str) -> bool:
    return len(form) == 1 and form.isalpha()


def _hides(longer: str, forms: set[str]) -> bool:
    """Whether a word contains one of others and is none of them."""
    if longer in forms:
        return False
    return any(form in longer for form in forms)


def _expression(word: Word) -> str:
    """Expression of a word that is no part of another where its script has spaces."""
    form = re.escape(word.word)
    first = word.word[0]
    last = word.word[-1]
    if is_joined(first):
        return form
    if first.isalpha():
        form = f"(?<!{_LETTER}){form}"
    if word.is_stem:
        return f"{form}{_LETTER}*"
    if last.isalpha():
        form = f"{form}(?!{_LETTER})"
    return form


def _word_of(form: str, kinds: tuple[str, ...]) -> Word | None:
    """Word of some kinds that a form is, or begins with where its row gives a beginning."""
    words = of_kinds(*kinds)
    if form in words:
        return words[form]
    for word in words.values():
        if word.is_stem and form.startswith(word.word):
            return word
    return None
