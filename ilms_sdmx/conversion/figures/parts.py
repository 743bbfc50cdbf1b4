"""Parts of a cell: a figure without the marks around it, and several figures in one cell."""

from __future__ import annotations

import re
from collections.abc import Collection, Mapping
from typing import Any

from ilms_sdmx.conversion.figures.appearance import MARKED, MARKED_WAYS, has_mark
from ilms_sdmx.conversion.figures.model import Figures, mapped
from ilms_sdmx.conversion.layout.marks import either_of
from ilms_sdmx.mapping.buckets import Bucket
from ilms_sdmx.mapping.layout import Conventions, Labels, SeveralInOne, TableLayout, column

#: Text to the match of the expression that takes it apart.
Matches = Mapping[str, re.Match[str]]


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
    around = _around(conventions)
    for text in texts:
        plain = text.strip()
        if plain and plain in conventions.markers:
            markers[text] = plain
            continue
        match = around.fullmatch(plain) if around and plain not in kept else None
        if match and (match["before"] or match["after"]):
            marked[text] = match
    if marked:
        result = _with_marks_apart(result, readable, typed, marked)
    if markers:
        result = _with_marks(result, result.text.isin(markers) & typed, markers, ["marks"])
    return result


def _with_marks_apart(figures: Figures, readable: Any, typed: Any, matches: Matches) -> Figures:
    """Figures whose texts are taken apart into digits and marks."""
    digits = {}
    marks = {}
    explained = []
    for text, match in matches.items():
        digits[text] = match["digits"]
        marks[text] = " ".join(filter(None, match.group("before", "after")))
        if not has_mark(match["digits"]):
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


def _around(conventions: Conventions) -> re.Pattern[str] | None:
    """Expression of a number between declared marks.

    Flags may be before it, in brackets too.
    """
    flags = either_of(conventions.flags)
    notes = conventions.footnotes.pattern if conventions.footnotes else ""
    several = [f"(?:{part})" for part in (flags, notes) if part]
    if not several:
        return None
    every = "|".join(several)
    before = rf"(?P<before>\(?(?:{flags})\)?)" if flags else "(?P<before>)"
    # A digit right before a mark that begins with one could belong to either.
    after = rf"(?:(?<!\d)|(?=\D))(?P<after>\(?(?:{every})/?\)?)"
    return re.compile(rf"{before}?\s*(?P<digits>.*?\d.*?)\s*(?:{after})?", re.DOTALL)


def taken_apart(figures: Figures, layout: TableLayout) -> Figures:
    """Figures of which each holds one number: a cell with several becomes several figures.

    `part` counts the figures of a cell from 0; `digits` becomes the text of this figure alone.
    """
    result = figures.with_columns({"part": 0})
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
    texts = {text: match.group(number + 1) for text, match in matches.items()}
    columns: dict[str, Any] = {"part": number}
    for name, label in labels.items():
        if name != "bucket":
            columns[column(name)] = label
    columns["digits"] = mapped(figures.digits, texts)
    part = figures.with_columns(columns)
    if "bucket" in labels:
        observed = part.in_bucket(Bucket.OBSERVATION)
        part = part.with_values("bucket", observed, labels["bucket"])
    return part


def _in_reading_order(pieces: list[Figures]) -> Figures:
    """Figures of several pieces by their place, the parts of a cell in their order."""
    import pandas as pd

    whole = pd.concat([piece.frame for piece in pieces])
    ordered = whole.sort_values(["row", "column_number", "part"], kind="stable")
    return Figures(ordered)
