"""Marks of footnotes: raised type, and signs at the end of labels and figures, all written one way."""

from __future__ import annotations

import re
from collections.abc import Collection
from dataclasses import dataclass
from functools import lru_cache
from typing import TYPE_CHECKING

from ilms_sdmx.conversion.figures.appearance import MARKED, MARKED_WAYS, has_mark
from ilms_sdmx.mapping.layout import Conventions
from ilms_sdmx.tables.richtext import RAISED
from ilms_sdmx.words.text import clean

if TYPE_CHECKING:
    import pandas as pd

#: Sign at the end of a label that may be the mark of a footnote: `1/`, `(1)`, `**`, `†`.
_TAIL = re.compile(r"(?:\d{1,2}/|\(\d{1,2}\)|\*{1,4}|[†‡§]+)$")
_BETWEEN = re.compile(r"[\s,;]+")
_PLAIN = str.maketrans(RAISED)


@dataclass(frozen=True, slots=True)
class Marks:
    """Marks at one place: those that are certain, as printed, and those that a legend has to confirm."""

    certain: tuple[str, ...] = ()
    perhaps: tuple[str, ...] = ()

    def __add__(self, other: Marks) -> Marks:
        return Marks(
            tuple(dict.fromkeys(self.certain + other.certain)),
            tuple(dict.fromkeys(self.perhaps + other.perhaps)),
        )

    def __bool__(self) -> bool:
        return bool(self.certain or self.perhaps)


NONE = Marks()


def marks_of(text: str, raised: str, conventions: Conventions) -> Marks:
    """Find the marks of a label: raised, matched by the conventions, or standing at its end."""
    certain = [m for m in _BETWEEN.split(raised) if m]
    perhaps: list[str] = []
    if text:
        shown = clean(text)
        declared = conventions.footnotes
        certain += [m.group().strip() for m in declared.finditer(shown)] if declared else []
        flag = flag_tail(tuple(conventions.flags)).search(shown) if conventions.flags else None
        certain += [flag[1]] if flag else []
        tail = _TAIL.search(shown)
        perhaps = (
            [tail.group()] if tail and tail.start() and tail.group() not in certain else []
        )
    return Marks(tuple(certain), tuple(perhaps)) if certain or perhaps else NONE


@lru_cache(maxsize=64)
def flag_tail(flags: tuple[str, ...]) -> re.Pattern[str]:
    """Expression of a flag at the end of a label, after a digit or in brackets: `2023 p/`, `Japan (p)`."""
    every = "|".join(re.escape(flag) for flag in sorted(flags, key=len, reverse=True))
    return re.compile(rf"(?:(?<=\d)\s*\(?|\s\()({every})/?\)?$")


def same(mark: str) -> str:
    """Mark in the form by which figures and legend meet: `1/`, `(1)`, `¹` and `1` are one.

    Examples
    --------
    >>> [same(mark) for mark in ("1/", "(1)", "¹", "a)", "**")]
    ['1', '1', '1', 'a', '**']
    """
    return plain(mark).strip("/().:, ").casefold()


def plain(text: str) -> str:
    """Text whose raised characters of Unicode are ordinary ones."""
    return text.translate(_PLAIN)


def split_off(
    figures: pd.DataFrame, conventions: Conventions, kept: Collection[str]
) -> pd.DataFrame:
    """Figures with `digits`, their text without the declared marks around it: `1,234 p` is 1,234 with p.

    The marks join those of the figure, whether they stand in the cell or its number format shows them. Texts
    in `kept` stay as they are; a text that is all marker is its own mark, if a legend says so.
    """
    result = figures.assign(digits=figures["text"])
    typed = figures["number"].isna()
    open_ = typed | figures["shown"].isin(MARKED_WAYS)
    texts = [str(t) for t in figures.loc[open_, "text"].unique()]
    alone = {t: t.strip() for t in texts if t.strip() in conventions.markers and t.strip()}
    around = _around(conventions)
    found = {
        t: m
        for t in texts
        if t.strip() not in kept and around and (m := around.fullmatch(t.strip()))
    }
    found = {t: m for t, m in found.items() if t not in alone and (m["before"] or m["after"])}
    if found:
        marks = {t: " ".join(filter(None, (m["before"], m["after"]))) for t, m in found.items()}
        rows = result["text"].isin(found) & open_
        result.loc[rows, "digits"] = result.loc[rows, "text"].map(
            {t: m["digits"] for t, m in found.items()}
        )
        _join(result, rows, marks, "footnote", "marks")
        said = [t for t, m in found.items() if not has_mark(m["digits"])]
        rows = result["text"].isin(said) & ~typed & open_
        result.loc[rows, "shown"] = (
            result.loc[rows, "shown"].str.removesuffix(MARKED).str.strip()
        )
    if alone:
        _join(result, result["text"].isin(alone) & typed, alone, "marks")
    return result


def _join(
    figures: pd.DataFrame, rows: pd.Series[bool], marks: dict[str, str], *names: str
) -> None:
    """Put the marks of texts before those that the figures have already."""
    for name in names:
        own = figures.loc[rows, "text"].map(marks) + " " + figures.loc[rows, name]
        figures.loc[rows, name] = own.str.strip()


def _around(conventions: Conventions) -> re.Pattern[str] | None:
    """Expression of a number between declared marks; flags may stand before it, in brackets too."""
    flags = "|".join(
        re.escape(flag) for flag in sorted(conventions.flags, key=len, reverse=True)
    )
    notes = conventions.footnotes.pattern if conventions.footnotes else ""
    every = "|".join(f"(?:{part})" for part in (flags, notes) if part)
    if not every:
        return None
    before = rf"(?P<before>\(?(?:{flags})\)?)" if flags else "(?P<before>)"
    # A digit right before a mark that begins with one could belong to either.
    after = rf"(?:(?<!\d)|(?=\D))(?P<after>\(?(?:{every})/?\)?)"
    return re.compile(rf"{before}?\s*(?P<digits>.*?\d.*?)\s*(?:{after})?", re.DOTALL)
