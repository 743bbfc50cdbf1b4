"""Search for words of a kind in a text: in any language, as whole words where a script has spaces."""

from __future__ import annotations

import re
from functools import lru_cache

from ilms_sdmx.words.text import clean, is_joined, western_digits
from ilms_sdmx.words.vocabulary import Word, all_words, of_kinds

_LETTER = r"[^\W\d_]"


def searchable(text: str) -> str:
    """Text as words are looked for in it: cleaned, digits western, in small letters."""
    return clean(western_digits(text)).casefold()


@lru_cache(maxsize=65536)
def words_in(text: str, *kinds: str) -> tuple[Word, ...]:
    """Words of some kinds in a text, in their order, the longest where several begin at one place.

    Words of one letter are not looked for. A word does not count inside a longer one that the vocabulary
    knows: there is no estimate (`ประมาณ`, `anggaran`) in a budget year (`ปีงบประมาณ`, `tahun anggaran`).

    >>> [word.value for word in words_in("ชายและหญิง", "sex")]
    ['M', 'F']
    >>> words_in("ปีงบประมาณ 2566", "status")
    ()
    """
    matches = _pattern(kinds).finditer(searchable(text))
    words = [_word_of(match.group(), kinds) for match in matches]
    return tuple(word for word in words if word is not None)


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
    """Word of some kinds with which a text begins; in every script it must end where letters end.

    >>> leading_word("จำนวน (คน)", "count").word, leading_word("จำนวนวัน", "count")
    ('จำนวน', None)
    """
    shown = searchable(text)
    match = re.match(rf"{alternation(*kinds)}(?!{_LETTER})", shown)
    return _word_of(match.group(), kinds) if match else None


@lru_cache(maxsize=64)
def alternation(*kinds: str) -> str:
    """Expression that finds any word of some kinds, for expressions of what is around the words."""
    forms = [_expression(word) for word in of_kinds(*kinds).values()]
    return f"(?:{'|'.join(forms)})"


@lru_cache(maxsize=64)
def _pattern(kinds: tuple[str, ...]) -> re.Pattern[str]:
    """Expression for words of some kinds, and for longer words in which they do not count."""
    wanted = [word for word in of_kinds(*kinds).values() if not _is_letter(word.word)]
    forms = {word.word for word in wanted}
    hiding = [word for word in all_words() if _hides(word.word, forms)]
    longest_first = sorted([*wanted, *hiding], key=lambda word: -len(word.word))
    return re.compile("|".join(map(_expression, longest_first)))


def _is_letter(form: str) -> bool:
    return len(form) == 1 and form.isalpha()


def _hides(longer: str, forms: set[str]) -> bool:
    """Whether a word contains one of others and is none of them."""
    return longer not in forms and any(form in longer for form in forms)


def _expression(word: Word) -> str:
    """Expression of a word that is no part of another where its script puts spaces between words."""
    form = re.escape(word.word).replace(r"\ ", " ")
    if is_joined(word.word[0]):
        return form
    before = rf"(?<!{_LETTER})" if word.word[0].isalpha() else ""
    if word.is_stem:
        return f"{before}{form}{_LETTER}*"
    after = rf"(?!{_LETTER})" if word.word[-1].isalpha() else ""
    return f"{before}{form}{after}"


def _word_of(form: str, kinds: tuple[str, ...]) -> Word | None:
    """Word of some kinds that a form is, or begins with where its row gives a beginning."""
    words = of_kinds(*kinds)
    if form in words:
        return words[form]
    stems = (word for word in words.values() if word.is_stem and form.startswith(word.word))
    return next(stems, None)
