"""Parts of a cell: a figure without the marks around it, and several figures in one cell."""

from __future__ import annotations

import re
from collections.abc import Collection, Mapping
from dataclasses import dataclass
from typing import Any

from ilms_sdmx.conversion.figures.appearance import MARKED, MARKED_WAYS, has_mark
from ilms_sdmx.conversion.figures.model import Figures, mapped
from ilms_sdmx.conversion.layout.marks import either_of
from ilms_sdmx.mapping.expressions import Expression, Match
from ilms_sdmx.mapping.layout import Conventions, Labels, SeveralInOne, TableLayout, column

#: Text to the match of the expression that takes it apart.
Matches = Mapping[str, Match]
#: A digit of any script.
_DIGIT = re.compile(r"\d")


def without_marks(figures: Figures, conventions: Conventions, kept: Collection[str]) -> Figures:
    """Figures with `digits`, their text without the declared marks around it.

    The marks join those of the figure: `1,234 p` is 1,234 with p, whether p is in the cell or
    its number format shows it. A text that is all marker is its mark, if a legend says so.

    Parameters
    ----------
    kept
        Texts that stay as they are.
    """
    result = figures.with_columns({"digits": figures.text})
    typed = figures.number.isna()
    readable = typed | figures.shown.isin(MARKED_WAYS)
    texts = [str(text) for text in figures.text[readable].unique()]
    marked = {}
    markers = {}
    declared = _DeclaredMarks(conventions)
    for text in texts:
        plain = text.strip()
        if plain and plain in conventions.markers:
            markers[text] = plain
            continue
        if not declared.any or plain in kept:
            continue
        apart = declared.apart(plain)
        if apart:
            marked[text] = apart
    if marked:
        result = _with_marks_apart(result, readable, typed, marked)
    if markers:
        result = _with_marks(result, result.text.isin(markers) & typed, markers, ["marks"])
    return result


def _with_marks_apart(
    figures: Figures, readable: Any, typed: Any, matches: Mapping[str, _Apart]
) -> Figures:
    """Figures whose texts are taken apart into digits and marks."""
    digits = {}
    marks = {}
    explained = []
    for text, apart in matches.items():
        digits[text] = apart.digits
        marks[text] = apart.marks
        if not has_mark(apart.digits):
            explained.append(text)
    rows = figures.text.isin(matches) & readable
    digits_of_texts = mapped(figures.text[rows], digits)
    result = figures.with_values("digits", rows, digits_of_texts)
    result = _with_marks(result, rows, marks, ["footnote", "marks"])
    are_explained = result.text.isin(explained) & readable
    rows = are_explained & ~typed
    shown = result.shown[rows].str.removesuffix(MARKED)
    return result.with_values("shown", rows, shown.str.strip())


def _with_marks(
    figures: Figures, rows: Any, marks: Mapping[str, str], names: list[str]
) -> Figures:
    """Figures whose texts put their marks before those that the figures have already."""
    own_marks = mapped(figures.text[rows], marks)
    for name in names:
        joined = own_marks + " " + figures.frame.loc[rows, name]
        figures = figures.with_values(name, rows, joined.str.strip())
    return figures


@dataclass(frozen=True, slots=True)
class _Apart:
    """Text of a figure in three parts: a mark, the figure, a mark; a mark may be empty."""

    before: str
    digits: str
    after: str

    @property
    def marks(self) -> str:
        """The marks, one after another."""
        return " ".join(filter(None, (self.before, self.after)))


class _DeclaredMarks:
    """Marks of the conventions: flags before or after a number, footnotes after it."""

    def __init__(self, conventions: Conventions) -> None:
        flags = either_of(conventions.flags)
        notes = conventions.footnotes.text if conventions.footnotes else ""
        marks = filter(None, (flags, notes))
        several = [f"(?:{part})" for part in marks]
        every = "|".join(several)
        after = rf"\(?(?:{every})/?\)?"
        self.any = bool(several)
        self.before = Expression(rf"^\(?(?:{flags})\)?") if flags else None
        self.after = Expression(after)
        self.end = Expression(f"{after}$")

    def apart(self, text: str) -> _Apart | None:
        """Number of a text without the marks around it, None where there are none."""
        match = self.before.search(text) if self.before else None
        before = str(match.group()) if match else ""
        rest = text.removeprefix(before).lstrip()
        digit = _DIGIT.search(rest)
        if digit is None:
            return None
        after = self._mark_at_end(rest, digit.end())
        if not before and not after:
            return None
        end = len(rest) - len(after)
        digits = rest[:end].rstrip()
        return _Apart(before, digits, after)

    def _mark_at_end(self, text: str, start: int) -> str:
        """Longest mark at the end of a text, behind a place; empty where there is none.

        A digit right before a mark that begins with one could belong to either.
        """
        if self.end.search(text) is None:
            return ""
        for place in range(start, len(text)):
            could_be_either = text[place - 1].isdecimal() and text[place].isdecimal()
            tail = text[place:]
            if not could_be_either and self.after.fullmatch(tail) is not None:
                return tail
        return ""


def taken_apart(figures: Figures, layout: TableLayout) -> Figures:
    """Figures of which each holds one number: a cell with several becomes several figures.

    `part` counts the figures of a cell from 0; `digits` becomes the text of this figure alone;
    `part_bucket` is the bucket that the part names, empty for none.
    """
    result = figures.with_columns({"part": 0, "part_bucket": ""})
    for several in layout.cells:
        result = _with_parts(result, several)
    return Figures(result.frame.reset_index(drop=True))


def _with_parts(figures: Figures, several: SeveralInOne) -> Figures:
    """Figures of which those whose text an expression fits become several."""
    matches = {}
    for text in map(str, figures.digits.unique()):
        match = several.text.fullmatch(text.strip())
        if match:
            matches[text] = match
    rows = figures.digits.isin(matches) & (figures.kind == "text")
    if not rows.any():
        return figures
    pieces = [figures.only(~rows)]
    whole = figures.only(rows)
    for number, labels in enumerate(several.parts):
        pieces.append(_part(whole, number, labels, matches))
    return _in_reading_order(pieces)


def _part(figures: Figures, number: int, labels: Labels, matches: Matches) -> Figures:
    """One part of the text of each figure, with the labels of the part."""
    group = number + 1
    texts = {text: match.group(group) for text, match in matches.items()}
    columns: dict[str, Any] = {"part": number}
    for name, label in labels.items():
        if name != "bucket":
            heading_column = column(name)
            columns[heading_column] = label
    columns["digits"] = mapped(figures.digits, texts)
    columns["part_bucket"] = labels.get("bucket", "")
    return figures.with_columns(columns)


def _in_reading_order(pieces: list[Figures]) -> Figures:
    """Figures of several pieces by their place, the parts of a cell in their order."""
    import pandas as pd

    whole = pd.concat([piece.frame for piece in pieces])
    ordered = whole.sort_values(["row", "column_number", "part"], kind="stable")
    return Figures(ordered)
