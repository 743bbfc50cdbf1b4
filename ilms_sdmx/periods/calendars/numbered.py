"""Eras whose years count from a reign or a founding: Reiwa 2 is 2020, Minguo 107 is 2018."""

from __future__ import annotations

import re
from functools import lru_cache

from ilms_sdmx.findings import phrase
from ilms_sdmx.words.vocabulary import of_kind


def with_common_years(text: str) -> tuple[str, list[str]]:
    """Text in small letters with years of the common era, and sentences that say how.

    A year that the era did not have stays as it is.

    >>> with_common_years("平成30年"), with_common_years("平成35年")
    (('2018年', ['平成30 is 2018']), ('平成35年', []))
    """
    evidence: list[str] = []

    def common_year(match: re.Match[str]) -> str:
        year = _common_year(match.group("era"), match.group("number"))
        if not year:
            return match.group()
        evidence.append(phrase("year-of-an-era", label=match.group(), year=year))
        return str(year)

    return _numbered_year().sub(common_year, text), evidence


def _common_year(era: str, number: str) -> int:
    """Year of the common era; 0 where the era has no such year."""
    first, last = _eras()[era]
    count = 1
    if number.isdigit():
        count = int(number)
    year = first + count - 1
    if count < 1 or year > last:
        return 0
    return year


@lru_cache(maxsize=1)
def _eras() -> dict[str, tuple[int, int]]:
    """Name of an era to its first and last year; one that goes on has no last."""
    eras: dict[str, tuple[int, int]] = {}
    for word in of_kind("numbered_era"):
        first, _, last = word.value.partition("-")
        eras[word.word] = int(first), int(last or 9999)
    return eras


@lru_cache(maxsize=1)
def _numbered_year() -> re.Pattern[str]:
    """Expression of an era with the number of a year."""
    eras = "|".join(map(re.escape, _eras()))
    first_years = "|".join(re.escape(word.word) for word in of_kind("first_year"))
    return re.compile(rf"(?P<era>{eras})\s*(?P<number>{first_years}|\d{{1,3}})(?!\d)")
