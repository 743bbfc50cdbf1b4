"""Reading of the figures: what their texts say, and which of them are no numbers."""

from __future__ import annotations

from typing import TYPE_CHECKING

from ilms_sdmx.conversion.figures.appearance import PERCENT
from ilms_sdmx.conversion.figures.model import Figures, mapped
from ilms_sdmx.conversion.figures.rounding import units
from ilms_sdmx.conversion.figures.values import Values
from ilms_sdmx.mapping.buckets import Bucket
from ilms_sdmx.mapping.patterns import Pattern, any_matches

if TYPE_CHECKING:
    import pandas as pd

#: Letters up to which a text may still be a marker, and no word.
_MOST_LETTERS = 3


def texts_to_read(figures: Figures) -> list[str]:
    """Texts of the figures that are no number cells and not ignored, each once."""
    is_ignored = figures.in_bucket(Bucket.IGNORE)
    is_text = figures.number.isna()
    texts = figures.digits[is_text & ~is_ignored]
    return list(map(str, texts.unique()))


def with_values(figures: Figures, values: Values) -> Figures:
    """Figures with `value`, `status`, `role`, `unit` and `how`, read from their texts.

    A marker without a value puts a figure into the bucket of what is missing.
    """
    is_text = figures.number.isna()
    texts = figures.digits.where(is_text)
    value_of_text = {}
    status_of_text = {}
    how_of_text = {}
    bound_of_text = {}
    for text, value in values.items():
        value_of_text[text] = value.value or None
        status_of_text[text] = value.status or None
        how_of_text[text] = value.how
        bound_of_text[text] = value.bound
    how = mapped(texts, how_of_text).fillna("number")
    values_of_texts = mapped(texts, value_of_text)
    statuses = mapped(texts, status_of_text)
    columns = {"role": figures.bucket, "how": how}
    columns["bound"] = mapped(texts, bound_of_text).fillna("")
    columns["value"] = figures.number.fillna(values_of_texts)
    columns["status"] = statuses.fillna(figures.status)
    read = figures.with_columns(columns)
    is_ignored = read.in_bucket(Bucket.IGNORE)
    without_value = (how == "marker") & ~read.has_value
    missing = without_value & ~is_ignored
    read = read.with_bucket(missing, Bucket.MISSING, why="a marker says that there is none")
    steps = units(read, how)
    return read.with_columns({"unit": steps})


def not_numbers(figures: Figures) -> pd.Series[bool]:
    """Which figures, of those that are not ignored, are no numbers."""
    is_ignored = figures.in_bucket(Bucket.IGNORE)
    is_known_kind = figures.kind.isin(["number", "text"])
    is_read = is_known_kind & figures.has_value
    is_printed_number = figures.how == "number"
    not_explained = ~is_read & is_printed_number
    return not_explained & ~is_ignored


def are_notes(
    figures: Figures, rows: pd.Series[bool], notes: tuple[Pattern, ...]
) -> pd.Series[bool]:
    """Which of some figures are words that the mapping declares a note."""
    declared = []
    for text in figures.text[rows].unique():
        if _is_note(str(text), notes):
            declared.append(text)
    return rows & figures.text.isin(declared)


def _is_note(text: str, notes: tuple[Pattern, ...]) -> bool:
    """Whether a text is a declared note and mostly letters."""
    letters = sum(map(str.isalpha, text))
    digits = sum(map(str.isdigit, text))
    if letters <= max(_MOST_LETTERS, digits):
        return False
    return any_matches(notes, text)


def with_percents_shown(figures: Figures) -> Figures:
    """Figures of which those printed with a percent sign are shown as percents."""
    return figures.with_values("shown", figures.how == "percent", PERCENT)
