"""Marks of footnotes: raised type, and signs at the end of labels, all written in one form."""

from __future__ import annotations

import re
from collections.abc import Iterable
from dataclasses import dataclass
from functools import lru_cache

from ilms_sdmx.mapping.layout import Conventions
from ilms_sdmx.tables.richtext import RAISED
from ilms_sdmx.words.text import clean

#: Sign at the end of a label that may be the mark of a footnote: `1/`, `(1)`, `**`, `†`.
_TAIL = re.compile(r"(?:\d{1,2}/|\(\d{1,2}\)|\*{1,4}|[†‡§]+)$")
_ENDS_OF_TAILS = ("/", ")", "*")
_BETWEEN = re.compile(r"[\s,;]+")
_ORDINARY = str.maketrans(RAISED)
_NUMBERING = re.compile(r"^\s*(\d{1,3}|[ivxlc]{1,6}|[a-z])[.)]\s+(?=\S)", re.IGNORECASE)


@dataclass(frozen=True, slots=True)
class Marks:
    """Marks at one place.

    Parameters
    ----------
    certain
        Marks that are certain, as printed.
    perhaps
        Marks that a legend has to confirm.
    """

    certain: tuple[str, ...] = ()
    perhaps: tuple[str, ...] = ()

    def __add__(self, other: Marks) -> Marks:
        every_certain = self.certain + other.certain
        every_perhaps = self.perhaps + other.perhaps
        certain = dict.fromkeys(every_certain)
        perhaps = dict.fromkeys(every_perhaps)
        return Marks(tuple(certain), tuple(perhaps))

    def __bool__(self) -> bool:
        return bool(self.certain or self.perhaps)


NONE = Marks()


def joined_marks(several: Iterable[Marks]) -> Marks:
    """Marks of several places, each once."""
    return sum(several, NONE)


def marks_of(text: str, raised: str, conventions: Conventions) -> Marks:
    """Marks of a label: raised, matched by the conventions, or at its end.

    Parameters
    ----------
    text
        The label; empty where only what is raised counts.
    raised
        The raised type of its cell.
    """
    if not raised and not _may_have_marks(text, conventions):
        return NONE
    certain = [mark for mark in _BETWEEN.split(raised) if mark]
    if not text:
        return Marks(tuple(certain)) if certain else NONE
    shown = clean(text)
    certain += _declared_marks(shown, conventions)
    tail = _TAIL.search(shown)
    if tail and tail.start() and tail.group() not in certain:
        return Marks(tuple(certain), (tail.group(),))
    return Marks(tuple(certain)) if certain else NONE


def _may_have_marks(text: str, conventions: Conventions) -> bool:
    """Whether a label may have marks; most have none, and need not be looked at any further."""
    if not text:
        return False
    if conventions.footnotes or conventions.flags or not text.isascii():
        return True
    return text.rstrip().endswith(_ENDS_OF_TAILS)


def _declared_marks(shown: str, conventions: Conventions) -> list[str]:
    """Marks of a label that the conventions declare."""
    marks = []
    if conventions.footnotes:
        for match in conventions.footnotes.finditer(shown):
            marks.append(str(match.group()).strip())
    if conventions.flags:
        flag = flag_tail(tuple(conventions.flags)).search(shown)
        if flag:
            marks.append(flag[1])
    return marks


@lru_cache(maxsize=64)
def flag_tail(flags: tuple[str, ...]) -> re.Pattern[str]:
    """Expression of a flag at the end of a label, after a digit or in brackets.

    It fits `2023 p/` and `Japan (p)`.
    """
    every = either_of(flags)
    return re.compile(rf"(?:(?<=\d)\s*\(?|\s\()({every})/?\)?$")


def either_of(flags: Iterable[str]) -> str:
    """Expression of any of several flags, the longest first."""
    longest_first = sorted(flags, key=len, reverse=True)
    return "|".join(map(re.escape, longest_first))


def same(mark: str) -> str:
    """Mark in the form by which figures and legend meet: `1/`, `(1)`, `¹` and `1` are one.

    Examples
    --------
    >>> [same(mark) for mark in ("1/", "(1)", "¹", "a)", "**")]
    ['1', '1', '1', 'a', '**']
    """
    return not_raised(mark).strip("/().:, ").casefold()


def not_raised(text: str) -> str:
    """Text whose raised characters of Unicode are ordinary ones."""
    return text.translate(_ORDINARY)


def plain_label(label: str, conventions: Conventions) -> str:
    """Label on one line, without the numbering, footnote marks and flags that are declared."""
    text = clean(label)
    if conventions.footnotes:
        text = clean(conventions.footnotes.without(text))
    if conventions.flags:
        text = flag_tail(tuple(conventions.flags)).sub("", text)
    if conventions.numbering:
        text = _NUMBERING.sub("", text, count=1)
    return text
