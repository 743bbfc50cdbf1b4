"""Legends on a sheet: what its texts say of marks in place of figures and behind them."""

from __future__ import annotations

import re
from collections.abc import Iterable
from dataclasses import dataclass

from ilms_sdmx.tables.markers import as_marker
from ilms_sdmx.words import alternation, words_in
from ilms_sdmx.words.text import clean

_SIGN = r"-{1,2}|[\u2013\u2014]|\.{2,3}|\u2026|\*{1,3}|#|:|0\*|xx?|s|c|" + alternation("marker")
_FLAG = r"[preubf]"
#: A mark at the beginning of a clause, in brackets or quotes, and what follows it.
_CLAUSE = re.compile(
    rf"^[\s(\[\"\u201c\u2018'\xab]*({_SIGN}|{_FLAG})[)\]\"\u201d\u2019'\xbb/]*\s*"
    rf"(?:=|:|\u2013|\u2014|-|\s{alternation('means')}\s|\s)"
    r"\s*(.{2,160})$",
    re.IGNORECASE,
)
_BETWEEN = re.compile(r"[;\n|]|,\s+(?=[(\"'*.\-\u2013\u2026])|(?<=\w)\.\s+(?=\W)")
_HEAD = re.compile(rf"^{alternation('legend')}\s*[:\-]?\s*", re.IGNORECASE)
#: Statuses that words may say of a mark; of several in one text the first here counts.
_STATUSES = ("O", "M", "Q", "N", "P", "U", "E", "B", "A", "zero")
#: Spellings of a mark to the one by which a legend is looked up.
_SPELLINGS = {"...": "…", "n.a": "n.a.", "na": "n.a.", "n/a": "n.a."}
#: Most letters of an explanation in which a meaning is looked for.
_LONGEST_MEANING = 60


@dataclass(frozen=True)
class Legend:
    """What a text says of a mark.

    Parameters
    ----------
    status
        SDMX status, or `zero`.
    text
        Whole text.
    """

    status: str
    text: str


def legends(texts: Iterable[str]) -> dict[str, Legend]:
    """Marks that texts explain, each with what is said of it.

    >>> explained = legends(["Note: - nil; … not available"])
    >>> {mark: legend.status for mark, legend in explained.items()}
    {'-': 'zero', '…': 'O'}
    """
    explained: dict[str, Legend] = {}
    for text in dict.fromkeys(map(clean, texts)):
        without_head = _HEAD.sub("", text)
        for clause in _BETWEEN.split(without_head):
            match = _CLAUSE.match(clause)
            status = ""
            if match:
                status = _status(match.group(2))
            if match and status:
                mark = looked_up(match.group(1))
                explained.setdefault(mark, Legend(status, text))
    return explained


def _status(text: str) -> str:
    """Status that words mean, empty where they say none of a mark."""
    words = words_in(text[:_LONGEST_MEANING], "status")
    statuses = {word.value for word in words}
    for status in _STATUSES:
        if status in statuses:
            return status
    return ""


def looked_up(mark: str) -> str:
    """Mark by which a legend is looked up: dashes and dots of all kinds alike."""
    plain = as_marker(mark) or mark.casefold()
    return _SPELLINGS.get(plain, plain)
