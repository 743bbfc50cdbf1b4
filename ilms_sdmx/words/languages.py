"""Languages of the region: the script of each, and how a text shows that it is in one."""

from __future__ import annotations

import csv
import re
import unicodedata
from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass
from functools import lru_cache

from ilms_sdmx._files import dsd
from ilms_sdmx.words.search import says
from ilms_sdmx.words.vocabulary import of_kind

#: Letters of Vietnamese that French and Portuguese have as well.
_SHARED_LETTERS = frozenset("âêô")
#: Letters of a text that are looked at for common words: they show its language.
_SAMPLE = 20_000


@dataclass(frozen=True, slots=True)
class Language:
    """A language that tables of the region are written in.

    Parameters
    ----------
    language
        Its code of two or three letters, as in `words.csv`.
    name
        Its English name.
    script
        The script as Unicode names its letters: `Latin`, `Thai`, `Myanmar`.
    direction
        The direction of a line: `left to right` or `right to left`.
    spaces
        Whether words have spaces between them (`yes`); where not, a word may be inside others.
    letters
        Letters that no other language of the region has.
    areas
        ISO codes of the states whose tables are in this language, where letters do not tell.
    review
        Who has checked the labels and words: `tables` for rows that published tables have,
        `none` where no native speaker has seen them; empty for a language in which no office of
        the region publishes.
    note
        What else a reader of the row must know.
    """

    language: str
    name: str
    script: str
    direction: str
    spaces: str
    letters: str
    areas: str
    review: str
    note: str


@lru_cache(maxsize=1)
def all_languages() -> tuple[Language, ...]:
    """All languages; the source is `dsd/labels/languages.csv`."""
    path = dsd() / "labels" / "languages.csv"
    languages = []
    with path.open(encoding="utf-8", newline="") as stream:
        for row in csv.DictReader(stream):
            languages.append(Language(**row))
    return tuple(languages)


def languages_of(texts: Sequence[str], area: str) -> tuple[str, ...]:
    """Languages of texts by their scripts, letters and common words, and by the country.

    English comes last. Malay and Indonesian share their common words: the country decides.

    >>> languages_of(["Jumlah pekerja", "ไทย"], "MYS")
    ('th', 'ms', 'en')
    """
    whole = " ".join(texts)
    scripts = {script_of(letter) for letter in set(whole) if not letter.isascii()}
    by_script = []
    by_letters = []
    by_area = []
    for each in all_languages():
        if each.script in scripts and each.spaces == "no":
            by_script.append(each.language)
        if _has_letters(whole, each):
            by_letters.append(each.language)
        if _is_language_of(each, area):
            by_area.append(each.language)
    by_words = _by_common_words(whole, area)
    languages = [*by_script, *by_letters, *by_words, *by_area, "en"]
    without_repeats = dict.fromkeys(languages)
    return tuple(without_repeats)


def language_of(text: str, area: str = "") -> str:
    """Language of one text, by the script it begins with or mostly has, and by its words.

    English where nothing shows another: its letters and words are those of no other alone.

    Parameters
    ----------
    text
        A title, a source, a note.
    area
        Code of the country it comes from, which decides between Malay and Indonesian.

    Examples
    --------
    >>> language_of("กระทรวงแรงงาน (MOL)"), language_of("Labour Force Survey", "THA")
    ('th', 'en')
    >>> language_of("xuất khẩu lao động"), language_of("Enquête emploi, Genève")
    ('vi', 'en')
    """
    letters = filter(str.isalpha, text)
    scripts = list(map(script_of, letters))
    most_common = Counter(scripts).most_common(1)
    for script in (*scripts[:1], *dict(most_common)):
        for each in all_languages():
            if each.script == script and each.spaces == "no":
                return each.language
    for each in all_languages():
        own_letters = set(each.letters) - _SHARED_LETTERS
        if own_letters & set(text.lower()):
            return each.language
    by_words = _by_common_words(text, area)
    return by_words[0] if by_words else "en"


def _by_common_words(text: str, area: str) -> list[str]:
    """Languages that share the common words of a text: the country's, else those of none."""
    if not says(text[:_SAMPLE], "common"):
        return []
    of_country = []
    of_no_country = []
    for each in all_languages():
        if each.language not in _with_common_words():
            continue
        if area in each.areas.split():
            of_country.append(each.language)
        elif not each.areas:
            of_no_country.append(each.language)
    return of_country or of_no_country


@lru_cache(maxsize=1)
def _with_common_words() -> frozenset[str]:
    languages = [word.language for word in of_kind("common")]
    return frozenset(languages)


def _is_language_of(language: Language, area: str) -> bool:
    """Whether tables of a country are read in a language although no word of them shows it."""
    if language.language in _with_common_words():
        return False
    return area in language.areas.split()


def _has_letters(text: str, language: Language) -> bool:
    if not language.letters:
        return False
    letters = re.compile(f"[{language.letters}]", re.IGNORECASE)
    return letters.search(text) is not None


@lru_cache(maxsize=4096)
def script_of(letter: str) -> str:
    """Script of a letter as Unicode names it: `Latin`, `Thai`; empty for what has no name.

    >>> script_of("ก"), script_of("đ")
    ('Thai', 'Latin')
    """
    name = unicodedata.name(letter, "")
    first, _, _ = name.partition(" ")
    return first.capitalize()
