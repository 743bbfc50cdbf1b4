"""What the label files know in each language, and which rows no native speaker has seen."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from functools import lru_cache

from ilms_sdmx.labels.lines import Label, label_lines
from ilms_sdmx.labels.matching import match_label
from ilms_sdmx.words.languages import Language, all_languages
from ilms_sdmx.words.vocabulary import all_words

#: Codes that each kind of label must have in each language; the kind of a label line, and its
#: codes.
EXPECTED: dict[str, tuple[str, tuple[str, ...]]] = {
    "sex": ("sex", ("SEX_M", "SEX_F", "SEX_T")),
    "total": ("total", ("TOTAL",)),
    "others": ("residual", ("X",)),
    "education": ("education", tuple(f"EDU_ISCED11_{level}" for level in "12367")),
    "status": ("status", tuple(f"STE_ICSE93_{group}" for group in "1235")),
    "occupation": ("occupation", tuple(f"OCU_ISCO08_{group}" for group in "0123456789")),
    "industry": (
        "industry",
        tuple(f"ECO_ISIC4_{section}" for section in "ABCDEFGHIJKLMNOPQRSTU"),
    ),
}
#: Values that each kind of word must have in each language.
EXPECTED_WORDS: dict[str, tuple[str, ...]] = {
    "month": tuple(str(month) for month in range(1, 13)),
    "quarter": ("",),
    "half": ("",),
    "multiplier": ("1000", "1000000"),
}
#: Languages that number the months: a word for month must be there, no names.
_NUMBERED_MONTHS = frozenset({"vi"})
#: Territories of CLDR that have no ISO code of three letters, and their code at ILO.
_WITHOUT_ISO = {"XK": "KOS"}


@dataclass(frozen=True, slots=True)
class Coverage:
    """What is known of one kind in one language.

    Parameters
    ----------
    language
        Code of the language.
    kind
        `country`, `sex`, `education`, `month` and others.
    known
        How many of the expected names or codes have a label.
    expected
        How many should have one.
    missing
        The names or codes without one, and for names the reason.
    """

    language: str
    kind: str
    known: int
    expected: int
    missing: tuple[str, ...]


def coverage() -> list[Coverage]:
    """Coverage of each kind in each language of the region, countries against CLDR."""
    rows: list[Coverage] = []
    for language in region_languages():
        code = language.language
        if code in _locales():
            rows.append(_of_countries(code))
        rows.extend(_of_codes(code))
        rows.extend(_of_words(code))
    return rows


def region_languages() -> list[Language]:
    """Languages in which offices of the region publish."""
    return [each for each in all_languages() if each.review]


def unseen_rows() -> dict[str, int]:
    """Rows of labels and words that no native speaker has checked, by language."""
    rows_of = {}
    for each in all_languages():
        if each.review == "none":
            rows_of[each.language] = 0
    languages = [line.language for line in label_lines()]
    languages += [word.language for word in all_words()]
    for language in languages:
        if language in rows_of:
            rows_of[language] += 1
    return rows_of


@lru_cache(maxsize=1)
def _locales() -> frozenset[str]:
    """Languages that CLDR has names in."""
    from babel import localedata

    return frozenset(localedata.locale_identifiers())


def country_names(locale: str) -> Iterator[tuple[str, str]]:
    """ISO codes of three letters and CLDR's names in one language, of ILO's areas."""
    from babel import Locale

    names = Locale.parse(locale).territories
    for area, territory in _territories().items():
        if territory in names:
            yield area, names[territory]


@lru_cache(maxsize=1)
def _territories() -> dict[str, str]:
    """CLDR's codes of two letters by ILO's codes of areas."""
    from babel.core import get_global

    areas = set()
    for line in label_lines():
        if line.file == "territories":
            areas.add(line.code)
    territory_of = {}
    for territory, area in _WITHOUT_ISO.items():
        territory_of[area] = territory
    for alias, territories in get_global("territory_aliases").items():
        if alias in areas and len(territories) == 1:
            territory_of[alias] = territories[0]
    return territory_of


def _of_countries(language: str) -> Coverage:
    """Coverage of the names of countries by CLDR."""
    names = list(country_names(language))
    refused: list[str] = []
    for area, name in names:
        match = match_label(name, "", languages=(language,))
        if match.code == area:
            continue
        reason = match.reason or f"{name!r} is {match.code}"
        refused.append(reason)
    count = len(names)
    known = count - len(refused)
    return Coverage(language, "country", known, count, tuple(refused))


def _of_codes(language: str) -> Iterator[Coverage]:
    """Coverage of each kind of codes by labels in a language."""
    codes_of = _codes_of(language)
    for kind, (line_kind, codes) in EXPECTED.items():
        known_codes = codes_of.get(line_kind, set())
        missing = []
        for code in codes:
            if code not in known_codes:
                missing.append(code)
        count = len(codes)
        known = count - len(missing)
        yield Coverage(language, kind, known, count, tuple(missing))


def _codes_of(language: str) -> dict[str, set[str]]:
    """Codes that labels in a language have, by the kind of the label."""
    codes_of: dict[str, set[str]] = {}
    for line in label_lines():
        if _is_in(line, language):
            codes = codes_of.setdefault(line.kind, set())
            codes.add(line.code)
    return codes_of


def _is_in(line: Label, language: str) -> bool:
    """Whether a line is of a language; some lines of Indonesian are Malay too and say so."""
    return line.language == language or f"also {language}" in line.note


def _of_words(language: str) -> Iterator[Coverage]:
    """Coverage of each kind of words in a language."""
    values_of: dict[str, set[str]] = {}
    for word in all_words():
        if word.language == language:
            values = values_of.setdefault(word.kind, set())
            values.add(word.value)
    for kind, expected in EXPECTED_WORDS.items():
        if kind == "month" and language in _NUMBERED_MONTHS:
            kind, expected = "monthword", ("",)
        known_values = values_of.get(kind, set())
        missing = []
        for value in expected:
            if value not in known_values:
                missing.append(value or kind)
        count = len(expected)
        known = count - len(missing)
        yield Coverage(language, kind, known, count, tuple(missing))
