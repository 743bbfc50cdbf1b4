"""Words of the region's languages and what they mean, by kind and language; the only list.

The rows are in `dsd/labels/words.csv`; what a language is written in is in
`dsd/labels/languages.csv`.
"""

from __future__ import annotations

import csv
from collections.abc import Iterator
from dataclasses import dataclass, replace
from functools import lru_cache

from ilms_sdmx._files import dsd
from ilms_sdmx.words.text import clean, one_look


@dataclass(frozen=True, slots=True)
class Word:
    """A word that has a meaning next to a number, in a title, a heading or a legend.

    Parameters
    ----------
    word
        The word, cleaned and in small letters; without the `*` that ends a beginning of words.
    language
        Two or three letters (`th`, `fil`), `mul` for signs that are the same in all languages.
    kind
        What the word is for: `month`, `multiplier`, `unit`, `percent`, `status`.
    value
        What the word says: `9` of September, `1000` of thousand, `P` of provisional; empty
        where the kind says all.
    is_stem
        Whether the row gives only a beginning (`provisóri*`), which any letters may follow.
    note
        What a reader of the row must know.
    """

    word: str
    language: str
    kind: str
    value: str
    is_stem: bool = False
    note: str = ""


@lru_cache(maxsize=1)
def all_words() -> tuple[Word, ...]:
    """All words in the order of the file, then other spellings that are compared."""
    path = dsd() / "labels" / "words.csv"
    with path.open(encoding="utf-8", newline="") as stream:
        rows = csv.DictReader(stream)
        words = tuple(map(_word, rows))
    return words + _other_spellings(words)


def _other_spellings(words: tuple[Word, ...]) -> tuple[Word, ...]:
    """Words in the one spelling for their look, where the file has another."""
    spelled = {(word.word, word.language, word.kind) for word in words}
    others: list[Word] = []
    for word in words:
        form = one_look(word.word)
        key = form, word.language, word.kind
        if key not in spelled:
            spelled.add(key)
            others.append(replace(word, word=form))
    return tuple(others)


def _word(row: dict[str, str]) -> Word:
    """Word of a row; `provisóri*` is the beginning of words."""
    line = clean(row["word"])
    printed = line.casefold()
    form = printed.removesuffix("*")
    is_stem = bool(form) and form != printed
    language = row["language"]
    kind = row["kind"]
    return Word(form, language, kind, row["value"], is_stem, row["note"])


@lru_cache(maxsize=64)
def of_kinds(*kinds: str) -> dict[str, Word]:
    """First word of each form among the given kinds, longest forms first."""
    by_form: dict[str, Word] = {}
    for word in all_words():
        if word.kind in kinds:
            by_form.setdefault(word.word, word)
    forms = sorted(by_form, key=len, reverse=True)
    return {form: by_form[form] for form in forms}


@lru_cache(maxsize=64)
def by_first_letter(*kinds: str) -> dict[str, dict[str, Word]]:
    """First letter to the words of the given kinds that begin with it, longest forms first."""
    by_letter: dict[str, dict[str, Word]] = {}
    for form, word in of_kinds(*kinds).items():
        words = by_letter.setdefault(form[:1], {})
        words[form] = word
    return by_letter


def of_kind(kind: str) -> Iterator[Word]:
    """Words of one kind, every language and row of the file."""
    for word in all_words():
        if word.kind == kind:
            yield word
