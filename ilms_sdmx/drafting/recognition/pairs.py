"""Cells with two figures: a count with its share, or a number with another in brackets."""

from __future__ import annotations

import re
from collections.abc import Iterable

from ilms_sdmx.words.text import western_digits

#: A number with its separators, blanks too.
_DIGITS = r"[\d.,]+(?:[ \u00a0\u202f][\d.,]+)*"
_NUMBER = rf"(?=\d){_DIGITS}"
#: A number in brackets behind another.
PAIR_GROUPS = r"([\d.,]+)\s*\(([\d.,]+)\)"
_PAIR = re.compile(r"\s*[\d.,\s]*\d\s*\([\d.,\s]*\d\)\s*")
#: A count, at most some words, and a percent.
_COUNT_AND_SHARE = re.compile(rf"\s*{_NUMBER}(?P<between>[^\d%]{{1,40}}){_NUMBER}\s*%\s*\)?\s*")
#: What a count or a share is taken from, as the mapping writes it.
_COUNT_GROUP, _SHARE_GROUP = rf"({_DIGITS})", r"([\d.,]+)\s*%\)?"


def has_count_and_share(text: str) -> bool:
    """Whether a text is a count with its share in percent, whatever words are between them.

    >>> has_count_and_share("12,400 or 49.6%"), has_count_and_share("9.1% of 640")
    (True, False)
    >>> has_count_and_share("67 547 (100,0%)")
    True
    """
    return _COUNT_AND_SHARE.fullmatch(western_digits(text)) is not None


def is_pair(text: str) -> bool:
    """Whether a text is one number and another in brackets.

    >>> is_pair("53.610 (20.250)"), is_pair("12,400 (49.6%)")
    (True, False)
    """
    return _PAIR.fullmatch(western_digits(text)) is not None


def share_groups(texts: Iterable[str]) -> str:
    """Expression of the counts and shares in some texts, empty where no text has both."""
    betweens: dict[str, None] = {}
    for text in texts:
        match = _COUNT_AND_SHARE.fullmatch(western_digits(text))
        if match is not None:
            words = re.split(r"\s+", match["between"])
            betweens[r"\s*".join(map(re.escape, words))] = None
    if not betweens:
        return ""
    between = "|".join(betweens)
    return rf"{_COUNT_GROUP}(?:{between}){_SHARE_GROUP}"
